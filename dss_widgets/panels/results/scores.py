"""Scores as tables: the confusion matrix, every class sample by sample, and events and segments with a tolerance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets as t
from ipywidgets import HTML, BoundedFloatText, Box, VBox

from dss_widgets.panels.background import Latest
from dss_widgets.panels.results.outcome import Outcome, OutcomeLabels
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, heading, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import count, duration, escape, listing, swatch
from dss_widgets.results.boundaries import error_words, errors_in, errors_mean
from dss_widgets.results.intervals import drawn_words, interval_of
from dss_widgets.results.matching import TOLERANCE_SECONDS

_SCORES = ("precision", "recall", "f1")


def confusion_table(matrix: Sequence[Sequence[int]], names: Sequence[str], *, as_counts: bool = False) -> str:
    """Return a confusion matrix as an HTML table: rows annotated, columns predicted, darker for more of its row.

    Args:
        matrix: samples, ``[annotated, predicted]``.
        names: the classes.
        as_counts: whether cells hold samples, not the share of their row.
    """
    counts = np.asarray(matrix, dtype=float)
    shares = counts / np.maximum(1, counts.sum(axis=1, keepdims=True))
    colours = song_colours(names)
    heads = "".join(f'<th scope="col" title="{escape(name)}">{swatch(colours[name], name)}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row" title="{escape(name)}">{swatch(colours[name], name)}</th>'
        + "".join(_cell(shares[i, j], counts[i, j], f"{name} predicted as {other}", as_counts) for j, other in enumerate(names))
        + "</tr>"
        for i, name in enumerate(names)
    )
    return (
        '<div class="dss-matrix-frame"><table class="dss-matrix"><thead><tr>'
        '<th class="dss-axis" scope="col">predicted →<br>annotated ↓</th>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _cell(share: float, count: float, words: str, as_counts: bool) -> str:
    told = f"{count:,.0f}" if as_counts else (f"{share:.0%}" if share >= 0.005 else ("<1%" if count else "0"))
    most = share > 0.5  # between the two ranges of strength, neither light nor dark words could be read
    strength = round(88 + 24 * (share - 0.5)) if most else round(50 * (2 * share) ** 0.7)
    colour = "var(--dss-accent-text)" if most else ("var(--dss-text)" if count else "var(--dss-muted)")
    return (
        f'<td style="background:color-mix(in srgb, var(--dss-accent) {strength}%, var(--dss-sunken));color:{colour}" '
        f'title="{escape(words)}: {count:,.0f} samples, {share:.2%}">{escape(told)}</td>'
    )


def score_table(
    per_class: Mapping[str, Mapping[str, Any]], names: Sequence[str], intervals: Mapping[str, Any] | None = None
) -> str:
    """Return precision, recall and F1 of every class as an HTML table, with the interval of F1 where it is known."""
    colours, told = song_colours(names), intervals or {}
    rows = "".join(
        f'<tr><td class="dss-name">{swatch(colours[name], name)}</td>'
        f"{''.join(_class_score(per_class[name], key) for key in _SCORES)}"
        f"{_interval_cell(told, name)}"
        f'<td class="dss-number">{per_class[name]["support"]:,}</td></tr>'
        for name in names
        if name in per_class
    )
    over = escape(f"Of tests drawn {drawn_words(told)}, 95 % come out between these")
    interval_head = f'<th class="dss-number" title="{over}">F1, 95 %</th>' if told else ""
    return (
        '<table class="dss-table dss-scores"><thead><tr><th>Class</th><th class="dss-number">Precision</th>'
        '<th class="dss-number">Recall</th><th class="dss-number">F1</th>'
        f"{interval_head}"
        '<th class="dss-number">Samples</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _class_score(scores: Mapping[str, Any], key: str) -> str:
    value = scores.get(key)
    if value is None or not scores["support"]:
        return '<td class="dss-number dss-muted">–</td>'
    bar = f'<div class="dss-bar"><span style="width:{100 * value:.1f}%;background:var(--dss-accent)"></span></div>'
    return f'<td class="dss-number">{value:.3f}{bar}</td>'


def _interval_cell(told: Mapping[str, Any], name: str) -> str:
    bounds = interval_of(told, "f1", name).replace(" to ", "–") or "–"
    return f'<td class="dss-number dss-muted">{bounds}</td>' if told else ""


def never_found(scores: Mapping[str, Any]) -> list[str]:
    """Return the annotated classes that the network never finds."""
    return [
        name
        for name, of_class in scores["per_class"].items()
        if of_class["support"] and not of_class["recall"] and name != "noise"
    ]


class MatchingView(VBox):
    """Precision, recall, F1 and time errors of events and segments; worked out again as the tolerance changes.

    Attributes:
        outcome: the test; None, or one without such scores, shows nothing.
        tolerance_ms: largest time error of a match, in milliseconds.
    """

    outcome = t.Instance(Outcome, allow_none=True)
    tolerance_ms = t.Float(1000 * TOLERANCE_SECONDS)

    def __init__(self) -> None:
        self._latest = Latest()
        self._labels: OutcomeLabels | None = None
        self._table: HTML = text("", "dss-match-table")
        self._field = BoundedFloatText(
            description="Tolerance (ms)", min=0.1, max=10_000, step=1, value=self.tolerance_ms, layout=plain_layout()
        )
        self._told: HTML = text("", "dss-match-told")
        classed(self._field, "dss-tolerance")
        head = Box([text(heading("Events and segments")), self._field], layout=plain_layout())
        super().__init__([classed(head, "dss-row", "dss-spread"), self._table, self._told], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-matching")
        t.link((self, "tolerance_ms"), (self._field, "value"))
        self.observe(self._new_outcome, "outcome")
        self.observe(self._match, "tolerance_ms")
        self._new_outcome()

    def _new_outcome(self, _change: Any = None) -> None:
        """Show the scores that were stored; where others are wanted, work them out."""
        outcome = self.outcome
        self._latest.drop()
        self._labels = outcome.labels if outcome is not None else None
        show(self, outcome is not None and bool(outcome.matches or self._labels))
        self._field.disabled = self._labels is None
        if outcome is None:
            return
        if self._labels is None and outcome.matches:
            self.tolerance_ms = 1000 * outcome.matches["tolerance_seconds"]
        if outcome.matches and abs(1000 * outcome.matches["tolerance_seconds"] - self.tolerance_ms) < 1e-6:
            self._show(outcome.matches)
        else:
            self._match()

    def _match(self, _change: Any = None) -> None:
        labels, tolerance = self._labels, self.tolerance_ms / 1000
        if labels is not None:
            put(self._told, '<p class="dss-muted dss-small">Matching…</p>')
            self._latest.run(lambda: labels.match(tolerance), self._show, self._failed)

    def _failed(self, error: Exception) -> None:
        put(self._told, f'<p class="dss-error"><b>Error:</b> {escape(error)}</p>')

    def _show(self, matches: Mapping[str, Any]) -> None:
        assert self.outcome is not None
        put(self._table, scrolling(match_table(matches, self.outcome.scores["class_names"]), "Scores of events and segments"))
        put(self._told, match_words(matches))


def match_table(matches: Mapping[str, Any], class_names: Sequence[str]) -> str:
    """Return the scores of every event and segment type as an HTML table.

    Args:
        matches: from :func:`~dss_widgets.results.matching.annotation_scores`.
        class_names: all classes in their order, which gives the colours.
    """
    colours = song_colours(class_names)
    rows = [(name, kind, found) for kind in ("events", "segments") for name, found in matches[kind].items()]
    segments = bool(matches["segments"])
    cells = "".join(
        _row(swatch(colours.get(name, "var(--dss-line)"), name), kind[:-1], found, segments, errors_in(matches, name))
        for name, kind, found in rows
    )
    together = matches.get("all_segments")
    if together and len(matches["segments"]) > 1:
        cells += _row("<b>all segments</b>", "segment", together, segments)
    heads = (
        "Annotated",
        "Predicted",
        "Precision",
        "Recall",
        "F1",
        "Onset error (ms)<br>median / 90 %",
        *(["Offset error (ms)<br>median / 90 %"] if segments else []),
    )
    head = "".join(f'<th class="dss-number">{name}</th>' for name in heads)
    return (
        f'<table class="dss-table dss-matches"><thead><tr><th>Song type</th><th>Category</th>{head}</tr></thead>'
        f"<tbody>{cells}</tbody></table>"
    )


def _row(name: str, kind: str, found: Mapping[str, Any], with_offset: bool, errors: Mapping[str, Any] | None = None) -> str:
    counts = "".join(f'<td class="dss-number">{found[key]:,}</td>' for key in ("n_annotated", "n_predicted"))
    applies = found["n_annotated"] or found["n_predicted"]
    scores = "".join(_score(found[key] if applies else None) for key in ("precision", "recall", "f1"))
    ends = ("onset", *(["offset"] if with_offset else []))
    times = "".join(f'<td class="dss-number">{error_words(errors, end)}</td>' for end in ends)
    return f'<tr><td class="dss-name">{name}</td><td>{kind}</td>{counts}{scores}{times}</tr>'


def _score(value: float | None) -> str:
    if value is None:
        return '<td class="dss-number dss-muted">–</td>'
    bar = f'<div class="dss-bar"><span style="width:{100 * value:.1f}%;background:var(--dss-accent)"></span></div>'
    return f'<td class="dss-number">{value:.3f}{bar}</td>'


def annotation_facts(matches: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the scores of all events and of all segments: their names, values, and what they mean."""
    if not matches:
        return []
    within = duration(matches["tolerance_seconds"])
    facts = []
    for words, found, where in (
        ("F1 of events", _pooled(matches["events"].values()), f"found within {within}"),
        ("F1 of segments", _pooled([matches.get("all_segments") or {}]), f"both ends found within {within}"),
    ):
        if found is not None:
            facts.append((words, f"{found:.3f}", f"{where}; 1 is perfect"))
    rate = matches.get("syllable_error_rate")
    if rate is not None:
        facts.append(
            (
                "Syllable error rate",
                f"{rate:.3f}",
                "insertions, deletions and substitutions per annotated segment; 0 is perfect",
            )
        )
    return facts


def verdict(scores: Mapping[str, Any], matches: Mapping[str, Any]) -> str:
    """Return how a test came out, in a sentence or two: ``106 of 106 segments found, none wrong.``

    Args:
        scores: per sample; all that is told where there are no events and segments.
        matches: of events and segments; {} where there are none.
    """
    told = []
    for noun, kinds in (("event", matches.get("events", {}).values()), ("segment", [matches.get("all_segments")])):
        found = [kind for kind in kinds if kind]
        n_annotated, n_predicted = (sum(kind[key] for kind in found) for key in ("n_annotated", "n_predicted"))
        n_hits = sum(round(kind["recall"] * kind["n_annotated"]) for kind in found)
        if n_annotated or n_predicted:
            wrong = f"{n_predicted - n_hits:,} of {n_predicted:,} predictions wrong" if n_predicted > n_hits else "none wrong"
            told.append(f"{n_hits:,} of {count(n_annotated, noun)} found, {wrong}.")
    return " ".join(told) or f"{scores['accuracy']:.1%} of the test samples are labelled as annotated."


def _pooled(scores: Iterable[Mapping[str, Any]]) -> float | None:
    """Return F1 over all that several scores are about; None where nothing was annotated or found."""
    there = [found for found in scores if found]
    n_both = sum(found["n_annotated"] + found["n_predicted"] for found in there)
    hits = sum(found["recall"] * found["n_annotated"] for found in there)
    return 2 * hits / n_both if n_both else None


def match_words(matches: Mapping[str, Any]) -> str:
    """Return how the scores were made, in words."""
    within = duration(matches["tolerance_seconds"])
    told = [f"A match is one to one, of the same song type, and within {within}"]
    if matches["segments"]:
        told.append(" at both on- and offset")
    words = "".join(told) + f". Errors in time: {errors_mean(matches)}."
    gap, shortest = matches.get("fill_gap_seconds"), matches.get("minimum_duration_seconds")
    farthest = matches.get("farthest_seconds")
    if gap or shortest or farthest:
        treated = [f"gaps under {duration(gap)} are filled"] if gap else []
        treated += [f"segments under {duration(shortest)} are left out"] if shortest else []
        treated += [f"events without another one within {duration(farthest)} are left out"] if farthest else []
        words += f" In the predictions, {listing(treated)}, as found in training."
    return f'<p class="dss-muted dss-small">{words}</p>'
