"""The few colours of the dashboards: told apart by colour-blind eyes, readable on light and on dark ground."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

SPLIT_COLOURS: Mapping[str, str] = {"train": "#52769e", "val": "#b8860b", "test": "#8e4ec6"}
"""The splits: slate, gold and violet differ in lightness too, so that they stay apart in grey."""

ON_SPLIT_COLOURS: Mapping[str, str] = {"train": "#ffffff", "val": "#17130a", "test": "#ffffff"}
"""The colours of words on them."""

NOISE = "noise"
NOISE_COLOUR = "#8a8a8a"

SONG_COLOURS: Sequence[str] = (
    "#0077bb", "#e0622a", "#009988", "#cc3377", "#997700", "#7a5fd0", "#2b9a3e", "#b5433b", "#2f96c9", "#8c6d5a",
    "#c05fc0", "#5f8a00",
)  # fmt: skip
"""Song types in their order in the dataset (after Tol's *vibrant* and *bright* schemes); they repeat after twelve."""


def song_colours(names: Sequence[str]) -> dict[str, str]:
    """Return a colour for every song type, noise grey; the same names in the same order have the same colours anywhere.

    Args:
        names: song types in the order of the dataset's classes; ``noise`` takes no place in it.
    """
    songs = [name for name in names if name != NOISE]
    colours = {name: SONG_COLOURS[i % len(SONG_COLOURS)] for i, name in enumerate(songs)}
    return {NOISE: NOISE_COLOUR, **colours}


RUN_STYLES: Sequence[tuple[str, str, str]] = (
    ("#009988", "dashed", "6 4"), ("#cc3377", "dotted", "2 3"), ("#7a5fd0", "dash_dotted", "7 3 2 3"),
    ("#5f8a00", "dashed", "6 4"), ("#0077bb", "dotted", "2 3"), ("#8c6d5a", "dash_dotted", "7 3 2 3"),
)  # fmt: skip
"""Runs beside the one that is followed: colour, bqplot's name of the stroke, the same for SVG; they repeat after six."""


def run_style(number: int) -> tuple[str, str, str]:
    """Return colour and strokes (bqplot's, SVG's) of one of many runs."""
    return RUN_STYLES[number % len(RUN_STYLES)]
