"""Colours: told apart, readable, and the same for a song type everywhere."""

import itertools

import numpy as np
import pytest

from dss_widgets.panels.style.palette import (
    NOISE_COLOUR,
    RUN_STYLES,
    SONG_COLOURS,
    SPLIT_COLOURS,
    ink_on,
    run_style,
    song_colours,
)


def linear(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(colour):
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


WITHOUT_GREEN = ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0))
WITHOUT_RED = ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0))
ALL_CONES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
"""Linear RGB as seen by deuteranopes, protanopes (Vienot, Brettel and Mollon 1999) and others."""


def lab(colour, eyes):
    """CIELAB of a colour as some eyes see it, for D65."""
    seen = np.clip(np.array(eyes) @ linear(colour), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    scaled = xyz / (0.9505, 1.0, 1.089)
    x, y, z = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def least_difference(colours, eyes):
    return min(float(np.linalg.norm(lab(a, eyes) - lab(b, eyes))) for a, b in itertools.combinations(colours, 2))


@pytest.mark.parametrize("colour", [*SONG_COLOURS, *SPLIT_COLOURS.values(), NOISE_COLOUR])
def test_words_on_every_colour_can_be_read(colour):
    assert contrast(colour, ink_on(colour)) >= 4.5


@pytest.mark.parametrize("eyes", [ALL_CONES, WITHOUT_GREEN, WITHOUT_RED], ids=["all cones", "no green", "no red"])
def test_splits_and_the_first_song_types_stay_apart_for_all_eyes(eyes):
    assert least_difference(SPLIT_COLOURS.values(), eyes) > 25
    assert least_difference(SONG_COLOURS[:4], eyes) > 16
    assert least_difference(SONG_COLOURS[:8], eyes) > 9


def test_a_song_type_has_one_colour_whatever_else_is_there():
    assert song_colours(["noise", "a", "b"]) == song_colours(["a", "b", "noise"])
    assert song_colours(["a"])["a"] == song_colours(["noise", "a", "b"])["a"]


def test_runs_are_told_apart_by_stroke_as_well_as_by_colour():
    assert len({(colour, stroke) for colour, stroke, _ in RUN_STYLES}) == len(RUN_STYLES)
    assert all(run_style(i)[1] != run_style(i + 1)[1] for i in range(len(RUN_STYLES) - 1))
    assert run_style(len(RUN_STYLES)) == run_style(0)
