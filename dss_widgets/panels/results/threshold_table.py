"""What thresholds do, as a table: on the validation data, on which they are chosen, and on the test data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.words import duration, escape, swatch
from dss_widgets.results.no_song import Rate
from dss_widgets.results.threshold_curves import Effect, ThresholdCurves, summed
from dss_widgets.results.thresholds import NetworkThresholds, effects

_COLUMNS = ("Missed", "False alarms", "Recall", "Precision", "F1")
_NOTHING = Effect(0, 0, 0)
_SPLITS = {"validation": ("Validation data", "chosen by these"), "test": ("Test data", "for an honest look")}


def effect_table(known: NetworkThresholds, thresholds: Mapping[str, float]) -> str:
    """Return misses, false alarms and scores of every song type as an HTML table, the splits side by side.

    Args:
        known: of the network.
        thresholds: by kind.
    """
    splits = known.splits()
    told = {split: effects(curves, thresholds) for split, curves in splits.items()}
    rates = {} if known.no_song is None else {rate.name: rate for rate in known.no_song.rates(thresholds)}
    colours = song_colours([str(name) for name in known.params.get("class_names") or []])
    rows = []
    for kind in thresholds:
        names = list(dict.fromkeys(name for by_kind in told.values() for name in by_kind[kind]))
        for name in names:
            label = swatch(colours.get(name, "var(--dss-line)"), name)
            rows.append(_row(label, [by_kind[kind].get(name, _NOTHING) for by_kind in told.values()], rates, name))
        if len(names) > 1:
            together = [summed(list(by_kind[kind].values())) for by_kind in told.values()]
            rows.append(_row(f"<b>all {kind}</b>", together, rates, ""))
    return (
        f'<table class="dss-table dss-effects">{_head(splits, rates, known)}<tbody>{"".join(rows)}</tbody></table>'
    )  # fmt: skip


def _head(splits: Mapping[str, ThresholdCurves], rates: Mapping[str, Rate], known: NetworkThresholds) -> str:
    above = "".join(
        f'<th class="dss-effects-split" colspan="{len(_COLUMNS)}">{words}, {duration(splits[split].seconds)} '
        f'<span class="dss-muted">({quiet})</span></th>'
        for split, (words, quiet) in _SPLITS.items()
        if split in splits
    )
    columns = "".join(
        f'<th class="dss-number{" dss-effects-first" if not i else ""}">{name}</th>'
        for _ in splits
        for i, name in enumerate(_COLUMNS)
    )
    if rates and known.no_song is not None:
        above += f'<th class="dss-effects-split">Without song, {duration(3600 * known.no_song.hours)}</th>'
        columns += '<th class="dss-number dss-effects-first">False alarms per hour</th>'
    return f"<thead><tr><th></th>{above}</tr><tr><th>Song type</th>{columns}</tr></thead>"


def _row(label: str, of_splits: Sequence[Effect], rates: Mapping[str, Rate], name: str) -> str:
    cells = "".join(_cells(effect) for effect in of_splits)
    if rates:
        rate = rates.get(name)
        told = f'<span title="{rate.n:,} in all">{rate.per_hour:,.1f}</span>' if rate is not None else ""
        cells += f'<td class="dss-number dss-effects-first">{told}</td>'
    return f'<tr><td class="dss-name">{label}</td>{cells}</tr>'


def _cells(effect: Effect) -> str:
    if not effect.n_annotated and not effect.n_predicted:
        return '<td class="dss-number dss-muted dss-effects-first">none</td>' + '<td class="dss-number dss-muted">–</td>' * 4
    values: list[Any] = [
        f"{effect.misses:,} of {effect.n_annotated:,}", f"{effect.false_alarms:,}",
        *(f"{value:.3f}" for value in (effect.recall, effect.precision, effect.f1)),
    ]  # fmt: skip
    return "".join(
        f'<td class="dss-number{" dss-effects-first" if not i else ""}">{escape(value)}</td>' for i, value in enumerate(values)
    )
