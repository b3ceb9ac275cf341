"""What a choice of options means for a dataset, in words and bars: pure functions from the dry check to HTML."""

from __future__ import annotations

from dss_widgets.dataset.dry_check import DryCheck, gigabytes
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.panels.look.palette import song_colours
from dss_widgets.panels.look.theme import scrolling
from dss_widgets.panels.look.words import duration, escape, rate, swatch


def meaning_table(told: DryCheck) -> str:
    """Return the meaning as HTML: a few numbers with their words."""
    there = told.memory_there
    memory = "while it learns" if there is None else f"of {gigabytes(there)} in this machine"
    facts = [
        ("Chunk", duration(told.chunk_seconds), "what the network sees at once"),
        ("Context", duration(told.context_seconds), "around every moment"),
        ("Time resolution", duration(told.step_seconds), f"working at {rate(told.rate_hz)}"),
        ("Weights", f"{told.n_weights:,}", "numbers to be learned"),
        ("Batches an epoch", f"{told.batches:,}", f"steps of learning, and {told.val_batches:,} of validation"),
        ("Memory", f"about {gigabytes(told.memory_bytes)}", memory),
        ("Disk", f"about {gigabytes(told.disk_bytes)}", f"and {gigabytes(told.disk_free)} are free"),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}<small>{words}</small></dd></div>" for name, value, words in facts)
    return f'<dl class="dss-facts">{rows}</dl>'


def duration_bars(told: DryCheck, class_names: list[str]) -> str:
    """Return bars that compare chunk and context with the song types' typical durations."""
    durations = told.typical_seconds
    if not durations:
        return ""
    colours = song_colours(class_names)
    rows = [("chunk", told.chunk_seconds, "var(--dss-accent)"), ("context", told.context_seconds, "var(--dss-accent)")]
    rows += [(name, seconds, colours[name]) for name, seconds in durations.items()]
    longest = max(seconds for _, seconds, _ in rows)
    cells = "".join(
        f'<tr><td class="dss-name">{escape(name)}</td><td style="width:60%"><div class="dss-bar"><span style="width:'
        f'{max(0.5, 100 * seconds / longest):.1f}%;background:{colour}"></span></div></td>'
        f'<td class="dss-number">{duration(seconds)}</td></tr>'
        for name, seconds, colour in rows
    )
    table = f'<table class="dss-table"><tbody>{cells}</tbody></table>'
    return (
        '<details class="dss-durations"><summary>Compare with the durations of your song types</summary>'
        f"{scrolling(table, 'Durations')}</details>"
    )


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
