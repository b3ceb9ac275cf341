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
    "#0077bb", "#e0622a", "#00a590", "#d4006a", "#6a4cff", "#2299cc", "#885599", "#449944", "#7788ff", "#557755", "#e65c94",
    "#8a6a00",
)  # fmt: skip
"""Song types in their order in the dataset; they repeat after twelve. The first eight are told apart by eyes without red or
without green cones too, and words on all of them can be read (tests/panels/test_palette.py measures it)."""


def song_colours(names: Sequence[str]) -> dict[str, str]:
    """Return a colour for every song type, noise grey; the same names in the same order have the same colours anywhere.

    Args:
        names: song types in the order of the dataset's classes; ``noise`` takes no place in it.
    """
    songs = [name for name in names if name != NOISE]
    colours = {name: SONG_COLOURS[i % len(SONG_COLOURS)] for i, name in enumerate(songs)}
    return {NOISE: NOISE_COLOUR, **colours}


def ink_on(colour: str) -> str:
    """Return the colour of words that read best on a colour such as ``#0077bb``: nearly black, or white."""
    if not colour.startswith("#"):
        return "#ffffff"
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # relative luminance of WCAG 2.1
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.056 else "#111111"


RUN_STYLES: Sequence[tuple[str, str, str]] = (
    ("#00a590", "dashed", "6 4"), ("#d4006a", "dotted", "2 3"), ("#6a4cff", "dash_dotted", "7 3 2 3"),
    ("#5f8a00", "dashed", "6 4"), ("#0077bb", "dotted", "2 3"), ("#8c6d5a", "dash_dotted", "7 3 2 3"),
)  # fmt: skip
"""Runs beside the one that is followed: colour, bqplot's name of the stroke, the same for SVG; they repeat after six."""


def run_style(number: int) -> tuple[str, str, str]:
    """Return colour and strokes (bqplot's, SVG's) of one of many runs."""
    return RUN_STYLES[number % len(RUN_STYLES)]
