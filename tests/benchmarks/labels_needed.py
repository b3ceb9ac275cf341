"""How much corrected song it takes: by ranking, at random, and in the order of the files.

usage: python tests/benchmarks/labels_needed.py DATA_FOLDER [--datasets ...] [--rankings ...] [--seeds 0 1 2] [--out FILE]

A simulated annotator gives the true labels of the stretches that are asked for. It begins, as people do, with the
beginning of a recording, which chance (the seed) puts first. Then come rounds; after each, a network is trained anew and tested
on whole recordings that nothing else has seen. What is told: the score of every round, and the seconds of corrected song
(beyond the beginning) with which 95 % of the score with all labels is reached, between two rounds interpolated. DATA_FOLDER has
bengalese_finch/ and mouse_usv/.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.splits.plan import Stretch as Piece
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.options.amount import batch_for, steps_an_epoch
from dss_widgets.review.rankings import RANKINGS


@dataclass(frozen=True)
class Setting:
    """What is done with one dataset: the recordings for the test, amounts in seconds, and how each network is made and learns.

    Every network takes the same steps of learning, however much it learns from.
    """

    folder: str
    n_test: int
    first: float
    per_round: float
    rounds: int
    stretch: float
    network: dict
    steps: int
    batch: int


_FINCH = {"chunk_duration": 4096, "blocks": 2, "filter_duration": 16, "filters": 32, "downsample_factor": 32}
_MOUSE = {"chunk_duration": 8192, "blocks": 2, "filter_duration": 16, "filters": 16, "downsample_factor": 16}
SETTINGS = {
    "finch": Setting("bengalese_finch", 3, 15.0, 10.0, 4, 1.0, _FINCH, 400, 8),
    "mouse": Setting("mouse_usv", 1, 1.5, 1.0, 4, 0.25, _MOUSE, 800, 4),
}
"""The mouse calls last 21 s in all, so their amounts are a tenth."""


class Annotator:
    """Knows all labels, trains networks on those that were asked for, and tests them."""

    def __init__(self, setting, data, seed, work):
        self.setting, self.seed, self.work = setting, seed, work
        found = survey(data / setting.folder)
        self.plan = plan_splits(found, AssemblyOptions(data_folder=str(found.folder), store_folder=str(work / "x.npy"), seed=1))
        self.rate = self.plan.samplerate_hz
        names = [entry.name for entry in found.recordings]
        self.test = names[-setting.n_test :]
        self.pool = np.random.default_rng(seed).permutation(names[: -setting.n_test]).tolist()
        self.paths = {entry.name: entry.recording.path for entry in found.recordings}
        self.seconds = {entry.name: entry.recording.duration_seconds for entry in found.recordings}
        self.n_trained = 0

    def all_spans(self):
        return [(name, 0.0, self.seconds[name]) for name in self.pool]

    def cut(self):
        """Return all of the pool in stretches of the setting's duration, in the order of the files."""
        step = self.setting.stretch
        return [
            (name, start, min(start + step, self.seconds[name]))
            for name in self.pool
            for start in np.arange(0, self.seconds[name] - step / 2, step).tolist()
        ]

    def train(self, spans):
        """Return the stem of a network that learned from spans, its score, and its segments' F1."""
        from dss_widgets.network.fit import fit
        from dss_widgets.results import read_results

        store = self.work / f"{self.n_trained}.npy"
        self.n_trained += 1
        pieces, at = [], {"train": 0, "test": 0}
        whole = [(name, 0.0, self.seconds[name], "test") for name in self.test]
        for name, start, stop, split in [*((*span, "train") for span in joined(spans)), *whole]:
            first, last = round(start * self.rate), min(round(stop * self.rate), self.plan.lengths[name])
            pieces.append(Piece(name, first, last, split, at[split]))
            at[split] += last - first
        options = self.plan.options.copy(store_folder=str(store))
        assemble(replace(self.plan, stretches=tuple(pieces), options=options))
        values = {"frontend": "stft", "frontend_filter_duration": 64, **self.setting.network}
        values["batch_size"] = batch_for(self.setting.batch, values["chunk_duration"], at["train"])
        steps = steps_an_epoch(at["train"], values["batch_size"] * values["chunk_duration"])
        values["epochs"] = max(1, round(self.setting.steps / steps))
        training = TrainingOptions(**values, store_folder=str(store), validation_from_train=0.15, seed=self.seed)
        stem = self.work / store.stem / "net"
        result = fit(training, stem, run_folder=stem.parent / "net.run", on_event=lambda _e: None, should_stop=lambda: False)
        more = read_results(stem).more_scores["annotations"]
        return stem, result.scores.macro_f1, more["all_segments"]["f1"]


def joined(spans):
    """Return spans in order; those that touch are one."""
    whole = []
    for name, start, stop in sorted(spans):
        if whole and whole[-1][0] == name and start <= whole[-1][2] + 1e-6:
            whole[-1] = (name, whole[-1][1], max(stop, whole[-1][2]))
        else:
            whole.append((name, start, stop))
    return whole


def amount(spans):
    return sum(stop - start for _, start, stop in spans)


def taken(spans, seconds):
    """Return as many spans from the front as make up seconds."""
    some = []
    for span in spans:
        if amount(some) >= seconds - 1e-6:
            break
        some.append(span)
    return some


def asked(how, annotator, stem, spans, rng):
    """Return the spans that are asked for next."""
    setting = annotator.setting
    if how in ("random", "order"):
        free = [span for span in annotator.cut() if not any(overlap(span, other) for other in spans)]
        return taken([free[i] for i in rng.permutation(len(free))] if how == "random" else free, setting.per_round)
    from dss_widgets.network.review import review

    without = {}
    for name, start, stop in spans:
        without.setdefault(str(annotator.paths[name]), []).append((start, stop))
    n = round(setting.per_round / setting.stretch)
    found = review(
        stem, [annotator.paths[name] for name in annotator.pool], by=how, count=n, seconds=setting.stretch, without=without
    )
    return [(Path(s.recording).name, s.start_seconds, s.stop_seconds) for s in found]


def overlap(one, other):
    return one[0] == other[0] and min(one[2], other[2]) - max(one[1], other[1]) > 1e-6


def reached(curve, wanted):
    """Return the seconds at which a curve of (seconds, score) first reaches a score; None if it does not."""
    for (s0, v0), (s1, v1) in pairwise(curve):
        if v0 >= wanted:
            return s0
        if v1 >= wanted:
            return s0 + (s1 - s0) * (wanted - v0) / (v1 - v0)
    return curve[-1][0] if curve[-1][1] >= wanted else None


def one_seed(name, seed, hows, data, tell):
    setting = SETTINGS[name]
    with tempfile.TemporaryDirectory() as place:
        annotator = Annotator(setting, data, seed, Path(place))
        first = taken(annotator.cut(), setting.first)
        _, best, best_segments = annotator.train(annotator.all_spans())
        start = annotator.train(first)
        tell(
            f"{name} seed {seed}: all labels ({amount(annotator.all_spans()):.0f} s) {best:.3f}, segments {best_segments:.3f}; "
            f"beginning ({amount(first):.1f} s) {start[1]:.3f}, {start[2]:.3f}"
        )
        curves = {}
        for how in hows:
            spans, (stem, *_), curve = list(first), start, [(0.0, start[1], start[2])]
            for _ in range(setting.rounds):
                spans += asked(how, annotator, stem, spans, np.random.default_rng([seed, len(spans)]))
                stem, score, segments = annotator.train(spans)
                curve.append((amount(spans) - amount(first), score, segments))
            needed = reached([(s, v) for s, v, _ in curve], 0.95 * best)
            curves[how] = {"curve": curve, "needed": needed}
            told = " ".join(f"{s:.0f}s:{v:.3f}/{g:.3f}" for s, v, g in curve)
            tell(f"{name} seed {seed} {how:12} needs {'more than all rounds' if needed is None else f'{needed:.1f} s'}  {told}")
    return {"dataset": name, "seed": seed, "all": best, "all_segments": best_segments, "by": curves}


def summary(results, hows):
    for name in dict.fromkeys(r["dataset"] for r in results):
        mine = [r for r in results if r["dataset"] == name]
        print(f"\n{name}: seconds of corrected song to 95 % of the score with all labels, {len(mine)} seeds")
        for how in hows:
            needed = [r["by"][how]["needed"] for r in mine]
            curve = np.mean([[point[1] for point in r["by"][how]["curve"]] for r in mine], axis=0)
            told = ", ".join("not reached" if n is None else f"{n:.1f}" for n in needed)
            print(f"  {how:12} {told}   mean scores {' '.join(f'{v:.3f}' for v in curve)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--datasets", nargs="+", default=list(SETTINGS), choices=list(SETTINGS))
    parser.add_argument(
        "--rankings", nargs="+", default=["unsure-rare", "uncertainty", "rare", "mixed"], choices=list(RANKINGS)
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--first", type=float, help="seconds to begin with, instead of the dataset's")
    parser.add_argument("--per-round", type=float, help="seconds of a round, instead of the dataset's")
    parser.add_argument("--rounds", type=int, help="rounds, instead of the dataset's")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    hows = ["random", "order", *args.rankings]
    results, began = [], time.monotonic()

    def tell(text):
        print(f"[{time.monotonic() - began:6.0f} s] {text}", flush=True)

    given = {name: getattr(args, name) for name in ("first", "per_round", "rounds") if getattr(args, name) is not None}
    for name in args.datasets:
        SETTINGS[name] = replace(SETTINGS[name], **given)
        for seed in args.seeds:
            results.append(one_seed(name, seed, hows, args.data, tell))
            if args.out:
                args.out.write_text(json.dumps(results, indent=1))
    summary(results, hows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
