"""What an assembled dataset holds, where a stretch of it comes from, where song is, and how it was made: pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dss_widgets import __version__
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.assembly import SPLIT_WORDS
from dss_widgets.panels.style.palette import SPLIT_COLOURS, song_colours
from dss_widgets.panels.style.theme import scrolling
from dss_widgets.panels.style.words import count, duration, escape, rate, swatch, total

_BLOCK = 2**16
_MOST_BLOCKS = 96
"""Longer splits are not read whole: blocks spread evenly over them say enough."""


@dataclass(frozen=True)
class Shares:
    """How much of a split each class is.

    Attributes:
        of: mean probability by class name.
        estimated: whether only a part of the split was read.
    """

    of: dict[str, float]
    estimated: bool


def shares(dataset: Dataset, split: str, song_type: str = "") -> Shares:
    """Return the classes' shares of a split; a long one is estimated from blocks spread evenly over it."""
    names, _ = dataset.classes(song_type)
    targets = dataset.split(split).y(song_type)
    n_blocks = -(-len(targets) // _BLOCK)
    blocks = np.unique(np.linspace(0, max(0, n_blocks - 1), min(n_blocks, _MOST_BLOCKS)).astype(int))
    sums, n_read = np.zeros(len(names)), 0
    for block in blocks:
        rows = targets[block * _BLOCK : (block + 1) * _BLOCK]
        sums += rows.sum(axis=0, dtype=np.float64)
        n_read += len(rows)
    means = (sums / max(1, n_read)).tolist()
    return Shares(dict(zip(names, means, strict=True)), estimated=len(blocks) < n_blocks)


def share_table(dataset: Dataset, found: dict[str, Shares]) -> str:
    """Return the share of every class in every split as an HTML table with bars."""
    colours = song_colours(dataset.class_names)
    seconds = {name: dataset.split(name).n_samples / dataset.samplerate_hz for name in found}
    head = "".join(
        f'<th class="dss-number">{swatch(SPLIT_COLOURS[s], SPLIT_WORDS[s])} {duration(seconds[s])}</th>' for s in found
    )
    largest = {name: max([v for k, v in of.of.items() if k != "noise"] or [1.0]) or 1.0 for name, of in found.items()}
    rows = "".join(
        f'<tr><td class="dss-name">{swatch(colours[name], name)}</td><td>{"–" if name == "noise" else escape(kind)}</td>'
        + "".join(
            _cell(found[s].of.get(name, 0.0), seconds[s], colours[name], None if name == "noise" else largest[s]) for s in found
        )
        + "</tr>"
        for name, kind in zip(dataset.class_names, dataset.class_types, strict=True)
    )
    how = ", estimated from parts spread evenly" if any(of.estimated for of in found.values()) else ""
    told = f"Share of the samples that each class labels{how}; bars compare the song types"
    return (
        f'<table class="dss-table dss-shares"><caption>{told}</caption>'
        f"<thead><tr><th>Class</th><th>Category</th>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(share: float, seconds: float, colour: str, full: float | None) -> str:
    if not seconds:
        return '<td class="dss-number dss-muted">–</td>'
    told = f"{share:.1%}" if share >= 0.0005 or not share else "<0.1%"
    bar = (
        f'<div class="dss-bar"><span style="width:{100 * share / full:.1f}%;background:{colour}"></span></div>' if full else ""
    )
    return f'<td class="dss-number">{escape(told)} <span class="dss-muted">{escape(total(share * seconds))}</span>{bar}</td>'


@dataclass(frozen=True)
class Source:
    """Where a part of a split comes from.

    Attributes:
        file: the recording.
        start_seconds, stop_seconds: in the recording.
        position_seconds: where in the split it begins.
    """

    file: str
    start_seconds: float
    stop_seconds: float
    position_seconds: float


def sources(dataset: Dataset, split: str, start_seconds: float, stop_seconds: float) -> list[Source]:
    """Return which recordings a part of a split comes from, in order; none where the dataset does not tell."""
    rate = dataset.samplerate_hz
    found = []
    for stretch in dataset.stretches:
        if stretch["split"] != split:
            continue
        position = stretch["position"] / rate
        length = (stretch["last_sample"] + 1 - stretch["first_sample"]) / rate
        first, last = max(start_seconds, position), min(stop_seconds, position + length)
        if last > first:
            shift = stretch["first_sample"] / rate - position
            found.append(Source(str(stretch["file"]), first + shift, last + shift, first))
    return sorted(found, key=lambda source: source.position_seconds)


def source_words(found: Sequence[Source]) -> str:
    """Return sources as a line of HTML."""
    if not found:
        return '<p class="dss-muted dss-small">This dataset does not say which recordings it was made of.</p>'
    parts = [
        f"<b>{escape(source.file)}</b> {source.start_seconds:.3f} to {source.stop_seconds:.3f} s"
        + (f' <span class="dss-muted">(here from {source.position_seconds:.3f} s on)</span>' if i else "")
        for i, source in enumerate(found[:4])
    ]
    more = f" … and {len(found) - 4} more" if len(found) > 4 else ""
    return f'<p class="dss-source">From {", then ".join(parts)}{more}</p>'


def next_song(targets: np.ndarray, columns: Sequence[int], start: int) -> int | None:
    """Return the first sample from ``start`` on at which one of the columns begins to be probable; None if there is none.

    Args:
        targets: ``[samples, classes]``.
        columns: which classes are looked for.
        start: sample to begin at; song that is on there already is passed over.
    """
    on = bool(np.any(targets[start : start + 1][:, columns] > 0.5))
    for begin in range(start, len(targets), _BLOCK):
        song = np.max(targets[begin : begin + _BLOCK][:, columns], axis=1) > 0.5
        onsets = np.flatnonzero(np.diff(song.astype(np.int8), prepend=np.int8(on)) > 0)
        if len(onsets):
            return begin + int(onsets[0])
        on = bool(song[-1])
    return None


_MOST_ROWS = 200


def made_words(dataset: Dataset) -> str:
    """Return how a dataset was made, folded away; '' where it does not tell (as of DAS)."""
    attrs = dataset.attrs
    parts = [
        _folded("Options it was assembled with", ("Option", "Value"), _option_rows(attrs.get("options"))),
        _folded(
            count(len(attrs.get("recordings") or ()), "recording"),
            ("Recording", "Samples", "Annotations"),
            [
                (r.get("file"), f"{r.get('n_samples', 0):,}", f"{r.get('annotations', 0):,}")
                for r in _dicts(attrs, "recordings")
            ],
        ),
        _folded(
            f"{count(len(attrs.get('left_out_rows') or ()), 'annotation')} left out",
            ("File", "Row", "Why"),
            [(r.get("file"), r.get("row"), r.get("message")) for r in _dicts(attrs, "left_out_rows")],
        ),
    ]
    version = attrs.get("dss_widgets_version")
    told = f"Assembled by dss_widgets {version}" if version else "Assembled by another program, such as DAS"
    other = f" (this is {__version__})" if version and version != __version__ else ""
    return f'{"".join(parts)}<p class="dss-muted dss-small">{escape(told + other)}.</p>'


def _dicts(attrs: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [row for row in attrs.get(name) or () if isinstance(row, dict)]


def _option_rows(values: Any) -> list[tuple[str, str]]:
    if not isinstance(values, dict):
        return []
    declared = AssemblyOptions.declared()
    return [
        (declared[name].label, f"{declared[name].format(value) or 'none'} {declared[name].unit}".strip())
        if name in declared
        else (name, str(value))
        for name, value in values.items()
    ]


def _folded(title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[:_MOST_ROWS])
    table = f'<table class="dss-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f"<details><summary>{escape(title)}</summary>{scrolling(table, title)}</details>"


def dataset_words(dataset: Dataset) -> str:
    """Return what a dataset holds, in one sentence of HTML."""
    seconds = {name: split.n_samples / dataset.samplerate_hz for name, split in dataset.splits.items()}
    channels = f"{dataset.n_channels} channels" if dataset.n_channels > 1 else "one channel"
    colours = song_colours(dataset.class_names)
    names = "".join(f"<span>{swatch(colours[name], name)}</span>" for name in dataset.class_names[1:])
    return (
        f"<p>{rate(dataset.samplerate_hz)}, {channels}: {duration(seconds['train'])} train, {duration(seconds['val'])} "
        f"validation, {duration(seconds['test'])} test.</p><div class='dss-legend'>{names}</div>"
    )
