"""What a job came to, as a terminal tells it, for every kind of work."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from dss_widgets.cli.output import duration, table
from dss_widgets.cli.report import report_text
from dss_widgets.dataset import open_dataset
from dss_widgets.errors import DataError
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs import Job, JobStatus, Run, RunStatus
from dss_widgets.jobs.status import BatchStatus
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS
from dss_widgets.options.learning_curve import LearningCurveOptions
from dss_widgets.options.training import EARLY_STOPPING_PATIENCE
from dss_widgets.results import read_results
from dss_widgets.results.networks import Network
from dss_widgets.results.rounds import Round
from dss_widgets.results.summary import Summary, summed
from dss_widgets.results.training_sweep import CSV_NAME, VALIDATION, Spread, SweepResult

NO_BETTER = f"{EARLY_STOPPING_PATIENCE} epochs in a row brought no better validation loss. The best network is kept."

Ending = Callable[[Job, JobStatus, bool], str]
"""Takes a job that has ended, its status, and whether JSON is wanted; returns what to print, or ''."""


def _of_training(job: Job, status: JobStatus, as_json: bool) -> str:
    del as_json
    assert isinstance(job, Run)
    assert isinstance(status, RunStatus)
    lines = []
    if status.macro_f1 is not None:
        try:
            lines = [report_text(read_results(job.results_path)), ""]
        except DataError:
            lines = [f"macro F1 {status.macro_f1:.3f}", ""]
    if status.ended_well:
        if status.state == "finished" and 0 < status.epoch < status.epochs:
            lines.append(f"stopped early after {status.epoch} of {status.epochs} epochs: {NO_BETTER}")
        lines.append(f"{status.state} after {duration(status.seconds)}: {job.stem}")
    return "\n".join(lines)


def _of_each_training(job: Job, status: JobStatus, as_json: bool) -> str:
    del as_json
    if not status.outcome.get("networks"):
        return ""
    networks = job.outcome()
    rows = [[name, stem.name, Network(stem).macro_f1] for name, stem in networks.items()]
    together = shlex.join(["dss-widgets", "predict", *map(str, networks.values())])
    return f"{table(rows, ['song type', 'network', 'macro F1'])}\n\nUse them together: {together} RECORDING"


def _of_test(job: Job, status: JobStatus, as_json: bool) -> str:
    if status.state != "finished":
        return ""
    results = job.outcome()
    if as_json:
        scores = results.scores.as_dict() if results.scores is not None else {}
        return _json({**scores, "results": str(results.path)})
    return f"{report_text(results)}\n\nWritten to {results.path}"


def _of_annotation(job: Job, status: JobStatus, as_json: bool) -> str:
    del job, as_json
    assert isinstance(status, BatchStatus)
    summary = summary_text(summed(status.recordings.values()), status.outcome.get("summary"))
    return "\n".join([*status.files(), *(["", summary] if summary and len(status.recordings) > 1 else [])])


def summary_text(sums: Summary, path: str | None) -> str:
    """Return the sums over recordings as a short table, and where the whole one lies; '' where there are none."""
    if not sums.outcomes:
        return ""
    rows = [[name, sums.recordings[name], sums.counts[name], round(sums.seconds.get(name, 0.0), 3)] for name in sums.song_types]
    found = [table(rows, ["song type", "recordings", "count", "seconds"])] if rows else []
    outcomes = ", ".join(f"{number:,} {outcome}" for outcome, number in sums.outcomes.items())
    return "\n".join([*found, f"recordings: {outcomes}", *([f"each of them: {path}"] if path else [])])


def _of_assembly(job: Job, status: JobStatus, as_json: bool) -> str:
    del as_json
    if status.state != "finished":
        return ""
    store = job.outcome()
    if status.outcome.get("unchanged"):
        return f"{store}: is up to date: same recordings, annotations and options; nothing was written"
    dataset = open_dataset(store)
    told = ", ".join(f"{SPLIT_WORDS[split]} {dataset.split(split).n_samples / dataset.samplerate_hz:.1f} s" for split in SPLITS)
    return f"{store}: {told}; seed {status.outcome.get('seed')}"


def _of_measurement(job: Job, status: JobStatus, as_json: bool) -> str:
    del as_json
    return _json(status.outcome) if status.state == "finished" and job else ""


def _of_review(job: Job, status: JobStatus, as_json: bool) -> str:
    return _stretches(job, status, as_json, "Nothing is worth a look: the network is sure of all that was not reviewed yet.")


def _of_label_check(job: Job, status: JobStatus, as_json: bool) -> str:
    return _stretches(job, status, as_json, "The networks contradict no label.")


def _stretches(job: Job, status: JobStatus, as_json: bool, if_none: str) -> str:
    if status.state != "finished":
        return ""
    found = job.outcome()
    if as_json:
        return _json([asdict(stretch) for stretch in found])
    if not found:
        return if_none
    rows = [[Path(s.recording).name, s.start_seconds, s.stop_seconds, s.worth, s.reason] for s in found]
    return table(rows, ["recording", "from (s)", "to (s)", "worth", "because"])


def _of_verification(job: Job, status: JobStatus, as_json: bool) -> str:
    if not status.outcome or not (as_json or status.ended_well):  # of one that failed, the error tells the same
        return ""
    return _json(status.outcome) if as_json else str(job.outcome().words)


def _of_curve(job: Job, status: JobStatus, as_json: bool) -> str:
    if status.state != "finished":
        return ""
    curve, target = job.outcome(), cast(LearningCurveOptions, job.options()).target
    if as_json:
        return _json({**curve.as_dict(), "words": curve.words(target)})
    rows = [
        [f"{p.seconds:.1f}", f"{p.fraction:.0%}", p.repeat + 1, p.macro_f1]
        for p in sorted(curve.points, key=lambda p: p.seconds)
    ]
    return "\n".join([table(rows, ["seconds", "of the data", "training", "macro F1"]), "", *curve.words(target)])


def _of_cross_validation(job: Job, status: JobStatus, as_json: bool) -> str:
    if status.state != "finished":
        return ""
    found = job.outcome()
    if as_json:
        return _json({**found.as_dict(), "words": found.words()})
    names = found.score_names
    rows = [[", ".join(f.held_out), f.recordings, f.seconds, *(f.scores.get(name) for name in names)] for f in found.folds]
    rows.append(["mean", "", "", *(found.spread(name)[0] for name in names)])
    header = ["never heard", "recordings", "seconds", *(name.replace("_", " ") for name in names)]
    return "\n".join([table(rows, header), "", *found.words()])


def _of_sweep(job: Job, status: JobStatus, as_json: bool) -> str:
    if not status.ended_well or not status.outcome.get("done"):
        return ""
    found: SweepResult = job.outcome()
    if as_json:
        return _json({**found.as_dict(), "words": found.words()})
    rows = []
    for row in found.rows:
        spreads = [row.spread(name) for name in found.score_names]
        values = [row.values[name] for name in found.varied]
        rows.append([*values, row.n_done, *(s and s.mean for s in spreads), *_range(row.spread(VALIDATION))])
    header = [*found.varied, "networks", *(name.replace("_", " ") for name in found.score_names), "validation from", "to"]
    lines = [*found.words(), f"Each of them: {Path(found.trainings[0].stem).parent / CSV_NAME}"]
    if found.best is not None:
        store, params = job.options().as_dict()["store_folder"], f"{found.best.stem}{PARAMS_SUFFIX}"
        lines.append(f"Train one like it: {shlex.join(['dss-widgets', 'train', store, '--config', params])}")
    return "\n".join([table(rows, header), "", *lines])


def _range(spread: Spread | None) -> list[float | None]:
    return [spread.lowest, spread.highest] if spread else [None, None]


def _of_false_alarms(job: Job, status: JobStatus, as_json: bool) -> str:
    if status.state != "finished":
        return ""
    found = job.outcome()
    rates = {rate.name: (rate.n, rate.per_hour, *rate.interval) for rate in found.rates()}
    if as_json:
        told = {name: dict(zip(("n", "per_hour", "low", "high"), values, strict=True)) for name, values in rates.items()}
        return _json({"hours": found.hours, "false_alarms": told, "recordings": found.by_recording})
    rows = [[name, n, f"{per_hour:.1f}", f"{low:.1f} to {high:.1f}"] for name, (n, per_hour, low, high) in rates.items()]
    n_recordings = f"{len(found.by_recording)} recordings" if len(found.by_recording) > 1 else "1 recording"
    return f"{table(rows, ['song type', 'false alarms', 'per hour', '95 %'])}\n\nin {60 * found.hours:.1f} min, {n_recordings}"


def _of_card(job: Job, status: JobStatus, as_json: bool) -> str:
    del as_json
    return str(job.outcome()) if status.state == "finished" else ""


def _of_learning(job: Job, status: JobStatus, as_json: bool) -> str:
    if status.state != "finished":
        return ""
    stem, rounds = job.outcome()
    if as_json:
        return _json({"network": str(stem), "store": status.outcome.get("store"), "rounds": [r.as_dict() for r in rounds]})
    return f"{rounds_text(rounds)}\n\n{stem}: learned from {status.outcome.get('store')}"


_SCORES = {"macro_f1": "macro F1", "segment_f1": "segment F1", "syllable_error_rate": "syllable error"}
_STARTS = {"weights": "from its weights", "anew": "anew", "": "-"}


def rounds_text(rounds: Sequence[Round]) -> str:
    """Return the rounds as a table; where the test data changed, it says so."""
    told = [name for name in _SCORES if any(name in r.scores for r in rounds)]
    others = [
        before is not None and before.test != this.test for before, this in zip([None, *rounds[:-1]], rounds, strict=True)
    ]
    rows = []
    for this, is_other in zip(rounds, others, strict=True):
        amounts = (this.minutes, this.minutes_without_song, this.labels, this.changed) if this.start else (None,) * 4
        row = [this.number, this.network, *amounts, _STARTS[this.start], *(this.scores.get(s) for s in told)]
        rows.append([*row, *(["other test data" if is_other else ""] if any(others) else [])])
    header = ["round", "network", "minutes", "without song", "labels", "changed", "learned", *(_SCORES[s] for s in told)]
    return table(rows, [*header, *([""] if any(others) else [])])


def _json(document: Any) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, default=str)


ENDINGS: Mapping[str, Ending] = {
    "train": _of_training,
    "train_each": _of_each_training,
    "evaluate": _of_test,
    "predict": _of_annotation,
    "assemble": _of_assembly,
    "measure": _of_measurement,
    "review": _of_review,
    "learn": _of_learning,
    "check_labels": _of_label_check,
    "verify": _of_verification,
    "card": _of_card,
    "curve": _of_curve,
    "cross_validate": _of_cross_validation,
    "false_alarms": _of_false_alarms,
    "sweep": _of_sweep,
}
"""What tells the outcome of every kind of work."""
