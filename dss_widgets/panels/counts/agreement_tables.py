"""How well two sets of annotations agree, as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dss_widgets.panels.style.theme import scrolling
from dss_widgets.panels.style.words import aside, count, duration, escape, swatch
from dss_widgets.results.agreement import Agreement, Difference, TypeAgreement

MOST_LISTED = 10
"""Recordings, and pairs of names, that are told."""

_NONE = "–"


def headline(found: Agreement) -> str:
    """Return what is compared, and how well it agrees, in a line or two."""
    sets, together = found.sets, found.together
    told = [f"<b>Cohen's kappa {together.kappa:.2f}</b>"] if together.kappa is not None else []
    if together.f1 is not None:
        told.append(f"<b>F1 {together.f1:.2f}</b>")
    if found.syllable_error_rate is not None:
        told.append(f"syllable error rate {found.syllable_error_rate:.2f}")
    amount = f"in {count(len(found.recordings), 'recording')}, {duration(found.seconds)}"
    sides = f"Reference: {escape(sets.annotated_folder)} · Compared: {escape(sets.other_folder)}"
    return f'<p>{" · ".join(told)} <span class="dss-muted">{amount}</span></p><p class="dss-muted dss-small">{sides}</p>'


def lacking(found: Agreement) -> str:
    """Return what only one set has, as HTML; '' where there is nothing of the kind."""
    told = [f"{words} {_listed(names)}." for names, words in _only(found) if names]
    if found.sets.only_annotated_types and found.sets.only_other_types:
        told.append("Where names differ and mean the same, rename them under ‘Advanced’.")
    return "".join(f'<p class="dss-small">{escape(words)}</p>' for words in told)


def _only(found: Agreement) -> Iterator[tuple[Sequence[str], str]]:
    sets = found.sets
    yield sets.only_annotated, "Annotated in the reference alone:"
    yield sets.only_other, "Annotated in the compared set alone:"
    yield sets.not_looked_through, "Nothing was looked through in both of"
    yield sets.without_recording, "Without a recording, and left out:"
    yield sets.only_annotated_types, "Song types that only the reference has:"
    yield sets.only_other_types, "Song types that only the compared set has:"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more


def agreement_table(found: Agreement, colours: Mapping[str, str]) -> str:
    """Return how well sets agree on every song type, as HTML.

    Args:
        found: the agreement.
        colours: of the song types.
    """
    with_interval, with_offset = found.together.f1_interval is not None, found.together.offset is not None
    heads = ["Reference", "Compared", "Matched", "Precision", "Recall", "F1 (95 %)" if with_interval else "F1", "Kappa"]
    heads += ["Onset (ms)", *(["Offset (ms)"] if with_offset else [])]

    def row(name: str, told: TypeAgreement) -> str:
        scores = told.scores
        cells = [f"{n:,}" for n in (scores.n_annotated, scores.n_predicted, scores.n_matched)]
        cells += [_score(value) for value in (told.precision, told.recall)]
        cells.append(_score(told.f1) + _interval(told.f1_interval))
        cells += [_score(told.kappa), _later(told.onset), *([_later(told.offset)] if with_offset else [])]
        return f'<tr><td class="dss-name">{name}</td>{"".join(map(_number, cells))}</tr>'

    rows = [row(swatch(colours[told.name], told.name), told) for told in found.by_type]
    rows += [row("<strong>All</strong>", found.together)] if len(rows) > 1 else []
    head = "".join(f'<th class="dss-number">{words}</th>' for words in heads)
    table = f'<table class="dss-table"><thead><tr><th>Song type</th>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return scrolling(table, "Agreement by song type") + aside(_how_to_read(found))


def _how_to_read(found: Agreement) -> str:
    told = (
        f"Matched: within {duration(found.tolerance_seconds)}, one to one; of segments, onset and offset. Onset, offset: how "
        "much later the compared ones are, median (middle 90 %) of those that both have, however far off. Kappa: agreement "
        "over time, from 0 (what chance gives) to 1."
    )
    intervals = f" 95 %: interval over {count(len(found.recordings), 'recording')}." if found.together.f1_interval else ""
    return told + intervals


def disagreement_table(found: Agreement, colours: Mapping[str, str]) -> str:
    """Return what the sets call otherwise, most often first, as HTML; '' where there is nothing."""
    differing = found.disagreements
    if not differing:
        return ""

    def name(called: str) -> str:
        return swatch(colours[called], called) if called else '<span class="dss-muted">nothing</span>'

    rows = "".join(
        f'<tr><td class="dss-name">{name(one)}</td><td class="dss-name">{name(other)}</td>{_number(f"{n:,}")}</tr>'
        for one, other, n in differing[:MOST_LISTED]
    )
    n_more = len(differing) - MOST_LISTED
    head = '<th>Reference</th><th>Compared</th><th class="dss-number">Labels</th>'
    table = f'<table class="dss-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return scrolling(table, "Where they differ") + (aside(f"And {n_more} more, which are rarer.") if n_more > 0 else "")


def recordings_table(found: Agreement) -> str:
    """Return the recordings that agree least as HTML; '' where all agree."""
    differing = [each for each in found.recordings if each.differing]
    if not differing:
        return ""
    rows = ""
    for each in differing[:MOST_LISTED]:
        scores = each.together.scores
        cells = [f"{n:,}" for n in (scores.n_annotated, scores.n_predicted, scores.n_matched)]
        cells += [_score(each.f1), _score(each.together.kappa)]
        rows += f'<tr><td class="dss-name">{escape(each.name)}</td>{"".join(map(_number, cells))}</tr>'
    head = "".join(f'<th class="dss-number">{words}</th>' for words in ("Reference", "Compared", "Matched", "F1", "Kappa"))
    n_more = len(differing) - MOST_LISTED
    table = f'<table class="dss-table"><thead><tr><th>Recording</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return scrolling(table, "Recordings that agree least") + (aside(f"And {n_more} more in the table.") if n_more > 0 else "")


def _number(cell: str) -> str:
    return f'<td class="dss-number">{cell}</td>'


def _score(value: float | None) -> str:
    return _NONE if value is None else f"{value:.2f}"


def _interval(bounds: tuple[float, float] | None) -> str:
    return f' <span class="dss-muted dss-small dss-together">({bounds[0]:.2f}–{bounds[1]:.2f})</span>' if bounds else ""


def _later(told: Difference | None) -> str:
    if told is None or told.median_seconds is None or told.low_seconds is None or told.high_seconds is None:
        return _NONE
    median, low, high = (
        f"{round(1000 * seconds, 1) + 0.0:+.1f}".replace("-", "−")
        for seconds in (told.median_seconds, told.low_seconds, told.high_seconds)
    )
    return f'{median} <span class="dss-muted dss-small dss-together">({low} to {high})</span>'
