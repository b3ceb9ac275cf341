"""The report of a test as text: per sample, per event, per segment, and how training went."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dss_widgets.cli.output import printable, scores_table, table
from dss_widgets.results import Results
from dss_widgets.results.boundaries import error_words, errors_in, errors_mean
from dss_widgets.results.intervals import drawn_words, interval_of


def report_text(results: Results) -> str:
    """Return what a results file says, for people."""
    parts = [_training(results)]
    if results.scores is None:
        return "\n\n".join(filter(None, [*parts, "There was no test data, so there are no scores."]))
    parts += [scores_table(results.scores.as_dict()), _intervals(results.more_scores.get("intervals") or {})]
    annotations = results.more_scores.get("annotations")
    if isinstance(annotations, Mapping):
        parts += _annotations(annotations)
    return "\n\n".join(filter(None, parts))


def _training(results: Results) -> str:
    losses = results.history.get("val_loss", [])
    known = [(value, i) for i, value in enumerate(losses, start=1) if not math.isnan(value)]
    if not known:
        return ""
    least, epoch = min(known)
    return f"Trained for {len(losses)} epochs; the network of epoch {epoch} was kept (validation loss {least:.4f})."


def _intervals(told: Mapping[str, Any]) -> str:
    """Return between what bounds F1 likely lies, of all classes and of each."""
    whole = interval_of(told, "macro_f1")
    if not whole:
        return ""
    by_class = [f"{printable(name)} {bounds}" for name in told["f1"] if (bounds := interval_of(told, "f1", name))]
    return f"95 % interval of macro F1, {drawn_words(told)}: {whole} ({'; '.join(by_class)})"


def _annotations(told: Mapping[str, Any]) -> list[str]:
    """Return the tables of events and segments, and the rates of errors."""
    parts, tolerance = [], 1000 * float(told["tolerance_seconds"])
    for kind, offsets in (("events", False), ("segments", True)):
        scores = told.get(kind) or {}
        if not scores:
            continue
        rows = [_row(name, row, errors_in(told, name), offsets=offsets) for name, row in scores.items()]
        if offsets and told.get("all_segments"):
            rows.append(_row("all", told["all_segments"], None, offsets=True))
        header = [
            "",
            "annotated",
            "predicted",
            "matched",
            "precision",
            "recall",
            "F1",
            "onset error (ms)" if offsets else "time error (ms)",
        ]
        title = f"{kind.capitalize()} (within {tolerance:g} ms, one to one{', onset and offset' if offsets else ''})"
        parts.append(title + "\n" + table(rows, [*header, *(["offset error (ms)"] if offsets else [])]))
    if parts:
        parts.append(f"Errors: {errors_mean(told)}.")
    if told.get("syllable_error_rate") is not None:
        parts.append(f"syllable error rate {told['syllable_error_rate']:.3f}")
    rules = [
        f"{words} {value:g}{unit}"
        for name, words, unit in (
            ("event_threshold", "event threshold", ""), ("segment_threshold", "segment threshold", ""),
            ("fill_gap_seconds", "gaps filled up to", " s"), ("minimum_duration_seconds", "shortest segment", " s"),
            ("farthest_seconds", "no event farther from the next than", " s"),
        )
        if (value := told.get(name)) is not None
    ]  # fmt: skip
    return [*parts, "Annotations were made with: " + ", ".join(rules) + "."] if rules else parts


def _row(name: str, row: Mapping[str, Any], errors: Mapping[str, Any] | None, *, offsets: bool) -> list[Any]:
    return [
        printable(name), row["n_annotated"], row["n_predicted"], row["n_matched"], row["precision"], row["recall"], row["f1"],
        *(error_words(errors, end) for end in ("onset", *(["offset"] if offsets else []))),
    ]  # fmt: skip
