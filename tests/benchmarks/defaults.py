"""What a network learns with nothing chosen: datasets by seeds by variants of the suggestion, tested on other recordings.

usage: python tests/benchmarks/defaults.py DATA_FOLDER [--datasets finch mouse ...] [--seeds 1 2 3] [--out FILE.jsonl]
           [--variant NAME OPTION=VALUE ...] ...

DATA_FOLDER has ``bengalese_finch/``, ``mouse_usv/`` and ``fly/``; the demo songs are made. Each dataset is assembled once
(train and validation by samples, test by whole recordings), whatever the seed of the training. A variant is the suggestion with
some options changed, values as on the command line; ``preset=NAME`` stands for a preset instead. The first is always the
suggestion itself, unless ``--only-variants``. A line is printed for each training: macro F1 of samples, F1 of segments (10 ms,
label right), F1 of each event type; then the mean, the spread and the worst over seeds.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from dss_widgets.dataset import assemble, plan_splits, read_annotations, survey
from dss_widgets.dataset.song import make_song
from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.splits.plan import Stretch
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.options import AssemblyOptions, PredictionOptions, TrainingOptions, preset_values
from dss_widgets.options.suggestion import as_options, suggest


@dataclass(frozen=True)
class Recordings:
    """Which recordings make a dataset.

    Attributes:
        folder: in the data folder, or the kind of demo song.
        test: beginnings of the names of those that test.
        others: beginnings of the names of those that train and validate; empty: all others.
        khz: the rate they are resampled to; None: as they are.
    """

    folder: str
    test: tuple[str, ...]
    others: tuple[str, ...] = ()
    khz: float | None = None

    def has(self, name: str) -> bool:
        """Return whether a recording belongs to it."""
        return name.startswith(self.test) or not self.others or name.startswith(self.others)


_DENSE = "20190122T093303a-7", "20190122T132554a-14"
"""The recordings of flies in which all pulses are annotated."""
_FINCH = "gy6or6_baseline_230312_08"
_TESTS = f"{_FINCH}08", f"{_FINCH}20"
DATASETS = {
    "fly7to14": Recordings("fly", _DENSE[1:], _DENSE[:1]),
    "fly14to7": Recordings("fly", _DENSE[:1], _DENSE[1:]),
    "flies": Recordings("fly", _DENSE[1:]),
    "finch": Recordings("bengalese_finch", (f"{_FINCH}08", f"{_FINCH}20")),
    "finch50s": Recordings(
        "bengalese_finch", (f"{_FINCH}08", f"{_FINCH}20"), tuple(f"{_FINCH}{n}" for n in (10, 11, 13, 16, 21))
    ),
    "finch30s": Recordings("bengalese_finch", (f"{_FINCH}08", f"{_FINCH}20"), tuple(f"{_FINCH}{n}" for n in (10, 13, 21))),
    "finch22khz": Recordings("bengalese_finch", (f"{_FINCH}08", f"{_FINCH}20"), (), 22.05),
    "mouse": Recordings("mouse_usv", ("rec_1",)),
    "mouse10s": Recordings("mouse_usv", ("rec_1",), ("rec_2", "rec_3")),
    **{f"demo-{kind}": Recordings(f"demo:{kind}", ()) for kind in ("fly", "bird", "mouse", "multichannel")},
}


def assembled(name: str, data: Path, work: Path) -> Path:
    """Assemble a dataset by its name, with its test recordings in test; return its folder."""
    wanted, folder = DATASETS[name], work / name
    source = data / wanted.folder
    if wanted.folder.startswith("demo:"):
        source = work / f"{name} made"
        make_song(source, wanted.folder.removeprefix("demo:"), seed=1)
    folder.mkdir(parents=True)
    for path in sorted(source.iterdir()):
        if wanted.folder.startswith("demo:") or wanted.has(path.name):
            shutil.copy(path, folder)
    found = survey(folder)
    tests = {entry.name for entry in found.recordings if entry.name.startswith(wanted.test)}
    if wanted.folder.startswith("demo:"):
        tests = {found.recordings[-1].name}
    rate = None if wanted.khz is None else 1000 * wanted.khz
    whole = plan_splits(
        found, AssemblyOptions(data_folder=str(folder), store_folder=str(work / f"{name}.npy"), samplerate_hz=rate)
    )
    others = replace(found, recordings=tuple(entry for entry in found.recordings if entry.name not in tests))
    options = whole.options.copy(seed=1, train_fraction=0.8, val_fraction=0.2, test_fraction=0.0, test_split="samples")
    pieces, position = list(plan_splits(others, options).stretches), 0
    for test in sorted(tests):
        pieces.append(Stretch(test, 0, whole.lengths[test], "test", position))
        position += whole.lengths[test]
    return assemble(replace(whole, stretches=tuple(pieces)))


def options_of(store: Path, variant: dict[str, str], seed: int, folder: Path) -> TrainingOptions:
    """Return the options of a training: the suggestion, or a preset, changed as a variant says."""
    dataset = open_dataset(store)
    values = as_options(suggest(song_facts(dataset)))
    if "preset" in variant:
        values = preset_values(variant["preset"], dataset.split("train").n_samples)
    declared = TrainingOptions.declared()
    values |= {name: declared[name].parse(text) for name, text in variant.items() if name != "preset"}
    return TrainingOptions.from_dict({**values, "store_folder": str(store), "save_folder": str(folder), "seed": seed})


def trained(options: TrainingOptions, folder: Path) -> dict[str, float]:
    """Train, and return the scores of the test by name."""
    from dss_widgets.events import Warned
    from dss_widgets.network.fit import fit
    from dss_widgets.results import read_results

    began = time.monotonic()
    notes: list[str] = []
    result = fit(
        options, folder / "net", run_folder=folder / "net.run", should_stop=lambda: False,
        on_event=lambda event: notes.append(event.message) if isinstance(event, Warned) else None,
    )  # fmt: skip
    results = read_results(folder / "net")
    told = results.more_scores["annotations"]
    scores = {"seconds": time.monotonic() - began, "epoch": float(result.best_epoch), "macro": results.scores.macro_f1}
    if told["all_segments"]:
        scores |= {"segments": told["all_segments"]["f1"], "SER": told["syllable_error_rate"]}
    scores |= {event: values["f1"] for event, values in told["events"].items()}
    scores |= {f"{event}.p": values["precision"] for event, values in told["events"].items()}
    for event in told["events"]:
        scores["threshold"] = told["event_threshold"]
        scores |= {f"{event}.best": best_event_f1(options, results, event)}
    for note in notes:
        print("   ", note, file=sys.stderr)
    return scores


def best_event_f1(options: TrainingOptions, results: Any, event: str) -> float:
    """Return the best F1 that any threshold would have, to tell whether it is the threshold or the network that errs."""
    from dss_widgets.results.labels import Labeller, LabellingRules
    from dss_widgets.results.matching import match_events

    dataset = open_dataset(options.store_path)
    wanted = read_annotations(dataset.split("test").folder / "x_annotations.csv")[0]
    wanted = wanted.start_seconds[wanted.names == event]
    found, rules = [], LabellingRules.of(PredictionOptions(), results.params)
    for threshold in np.arange(0.1, 1.0, 0.1).tolist():
        labeller = Labeller(*dataset.classes(), dataset.samplerate_hz, replace(rules, event_threshold=threshold))
        labeller.add(results.read("y_pred").astype(np.float32))
        said = labeller.finish()
        found.append(match_events(wanted, said.start_seconds[said.names == event]).f1)
    return max(found)


def line(name: str, variant: str, seed: str, scores: dict[str, float]) -> None:
    """Print one line of the table."""
    told = "  ".join(
        f"{what} {value:.0f}" if what in ("seconds", "epoch") else f"{what} {value:.3f}" for what, value in scores.items()
    )
    print(f"{name:14} {variant:24} {seed:>5}  {told}", flush=True)


def main() -> None:
    """Train all that is asked for, and print the table as it comes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--datasets", nargs="+", choices=DATASETS, default=list(DATASETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--variant", nargs="+", action="append", default=[], metavar="NAME OPTION=VALUE")
    parser.add_argument("--only-variants", action="store_true")
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    variants = {} if told.only_variants else {"suggested": {}}
    variants |= {name: dict(change.split("=", 1) for change in changes) for name, *changes in told.variant}
    with tempfile.TemporaryDirectory() as temporary:
        for name in told.datasets:
            store = assembled(name, told.data, Path(temporary))
            for variant, changes in variants.items():
                found: dict[str, list[float]] = defaultdict(list)
                for seed in told.seeds:
                    folder = Path(temporary) / f"{name} {variant} {seed}"
                    scores = trained(options_of(store, changes, seed, folder), folder)
                    line(name, variant, str(seed), scores)
                    for what, value in scores.items():
                        found[what].append(value)
                    if told.out:
                        with told.out.open("a") as file:
                            print(json.dumps({"dataset": name, "variant": variant, "seed": seed, **scores}), file=file)
                    shutil.rmtree(folder)
                if len(told.seeds) > 1:
                    for of, how in (("mean", np.mean), ("sd", np.std), ("worst", np.min)):
                        line(name, variant, of, {what: float(how(values)) for what, values in found.items()})


if __name__ == "__main__":
    main()
