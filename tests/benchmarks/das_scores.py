"""Train DAS and this program on the same dataset, test both on the same split with the same rules, and print the table.

usage: python tests/benchmarks/das_scores.py DAS_PYTHON STORE.npy [--das-epochs 40] [--epochs E ...] [--seeds S ...]
           [--das1-command DAS] [--das1-epochs 12] [-- TRAIN_FLAGS ...]

DAS_PYTHON is the python of an environment with das 0.32.13, trained with its dialog's defaults; ``--das1-command`` the ``das``
of one with das 1.0a4 (conformer, mel frontend). Assemble STORE with a test split by files. Seconds are of the whole process
that trains: imports, training, test, files. ``--epochs`` names how long this program trains, once for each number; without it
the defaults. What follows ``--`` goes to ``dss-widgets train``, such as ``--preset mouse``.

Scores: macro F1 over the classes (noise included) per sample, from the probabilities' largest; segments whose label is right
and whose onset and offset are within 10 ms; syllable error rate. DAS 1.0 gives annotations instead of probabilities, so
its samples are those that its annotations cover. Both DAS are judged by the code that judges this program.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from dss_widgets.dataset import Annotations, open_dataset, read_annotations
from dss_widgets.dataset.annotations.song_types import SongType
from dss_widgets.dataset.targets import RecordingTargets, TargetRules
from dss_widgets.results.matching import annotation_scores
from dss_widgets.results.results_file import read_results
from dss_widgets.results.scores import Scores, confusion_matrix

DAS = """
import json, sys
import das.train
options = {"nb_hist": 1024, "nb_filters": 32, "kernel_size": 16, "nb_conv": 3, "nb_pre_conv": 4, "pre_nb_dft": 64,
           "learning_rate": 1e-4, "batch_size": 32, "seed": 1, "nb_epoch": int(sys.argv[3])}
das.train.train(data_dir=sys.argv[1], save_dir=sys.argv[2], model_name="tcn", verbose=0, version_data=False,
                ignore_boundaries=True, use_separable=[False] * 3, **options)
"""
QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}


def timed(command: list[str]) -> float:
    """Run a command to its end; return its seconds."""
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, env=QUIET, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - started


def row(name: str, seconds: float, macro_f1: float, annotations: dict) -> None:
    """Print one line of the table."""
    events = {kind: round(scores["f1"], 3) for kind, scores in annotations["events"].items()}
    segments = annotations["all_segments"]
    told = f"{segments['f1']:10.3f} {annotations['syllable_error_rate']:8.3f}" if segments else f"{'-':>10} {'-':>8}"
    print(f"{name:42} {seconds:8.0f} {macro_f1:9.3f} {told}  {events or ''}", flush=True)


def judged(name: str, seconds: float, stem: Path, store: Path) -> None:
    """Test a network on a dataset and print its line."""
    command = [sys.executable, "-m", "dss_widgets", "evaluate", str(stem), "--dataset", str(store), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=QUIET, check=True)
    own, other = (stem.with_name(f"{stem.name}_results{end}.h5") for end in ("", f"_{store.stem}"))
    results = read_results(other if other.is_file() else own)
    row(name, seconds, json.loads(done.stdout)["macro_f1"], results.more_scores["annotations"])


def stem_in(folder: Path) -> Path:
    """Return the stem of the one network in a folder."""
    (path,) = folder.glob("*_model.h5")
    return path.with_name(path.name.removesuffix("_model.h5"))


def das1(command: str, store: Path, epochs: int, folder: Path) -> None:
    """Train DAS 1.0, let it annotate the test split, and print its line."""
    out = folder / "das1"
    seconds = timed(
        [command, "train", "--data-dir", str(store), "--output-dir", str(out), "--encoder", "conformer", "--frontend", "mel",
         "--num-epochs", str(epochs), "--accelerator", "cpu", "--seed", "1"]
    )  # fmt: skip
    checkpoints = sorted(out.rglob("*.ckpt"), key=lambda path: ("last" in path.name, path.stat().st_mtime))
    dataset = open_dataset(store)
    split, rate = dataset.split("test"), dataset.samplerate_hz
    audio = folder / "audio"
    audio.mkdir()
    soundfile.write(audio / "test.wav", np.asarray(split.x, dtype=np.float32), round(rate), subtype="FLOAT")
    timed([command, "predict", "--data-dir", str(audio), "--checkpoint", str(checkpoints[0]), "--accelerator", "cpu"])
    (path,) = audio.glob("*_annotations.csv")
    found, wanted = read_annotations(path)[0], read_annotations(split.folder / "x_annotations.csv")[0]
    names, kinds = dataset.classes("")
    row(f"DAS 1.0a4, conformer, {epochs} epochs", seconds, covered_f1(found, split, rate, names, kinds),
        annotation_scores(wanted, found, names, kinds))  # fmt: skip


def covered_f1(found: Annotations, split, rate: float, names: list[str], kinds: list[str]) -> float:
    """Return the macro F1 per sample of annotations."""
    types = [SongType(name, kind) for name, kind in zip(names[1:], kinds[1:], strict=True)]
    targets = RecordingTargets(found, types, rate, split.n_samples, TargetRules())
    wanted, labelled = np.argmax(np.asarray(split.y(""), dtype=np.float32), axis=1), np.argmax(
        targets.block(0, split.n_samples), axis=1
    )  # fmt: skip
    return Scores.of(names, confusion_matrix(wanted, labelled, len(names))).macro_f1


def main() -> None:
    """Train all that is asked for, and print the table as it comes."""
    own, _, passed_on = " ".join(sys.argv[1:]).partition(" -- ")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("das_python")
    parser.add_argument("store", type=Path)
    parser.add_argument("--das-epochs", type=int, default=40)
    parser.add_argument("--epochs", type=int, nargs="*", default=[])
    parser.add_argument("--seeds", type=int, nargs="*", default=[1])
    parser.add_argument("--das1-command")
    parser.add_argument("--das1-epochs", type=int, default=12)
    told = parser.parse_args(own.split())
    print(f"{'':42} {'seconds':>8} {'macro F1':>9} {'segments':>10} {'SER':>8}  events", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if told.das_epochs:
            seconds = timed([told.das_python, "-c", DAS, str(told.store), str(folder / "das"), str(told.das_epochs)])
            judged(f"DAS 0.32.13, {told.das_epochs} epochs", seconds, stem_in(folder / "das"), told.store)
        for seed in told.seeds:
            for epochs in told.epochs or [None]:
                place = folder / f"ours_{seed}_{epochs}"
                more = [] if epochs is None else ["--epochs", str(epochs)]
                command = [sys.executable, "-m", "dss_widgets", "train", str(told.store), "--save-folder", str(place)]
                seconds = timed([*command, "--seed", str(seed), *passed_on.split(), *more])
                name = " ".join(["dss_widgets", *passed_on.split(), *more, f"seed {seed}"])
                judged(name, seconds, stem_in(place), told.store)
        if told.das1_command:
            das1(told.das1_command, told.store, told.das1_epochs, folder)


if __name__ == "__main__":
    main()
