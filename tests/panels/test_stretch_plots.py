"""Plots of a stretch: how high the spectrogram goes is chosen, for a fly's song is the lowest tenth of its recording."""

import numpy as np
import pytest

from dss_widgets.panels.sound.stretch_plots import Excerpt, StretchPlots


def a_look(samplerate_hz):
    audio = np.random.default_rng(1).normal(size=4000)
    return Excerpt(2.0, 2.0 + 4000 / samplerate_hz, samplerate_hz, audio, np.zeros((4000, 0)), ())


def words(plots):
    return [told for told, _ in plots.top.options]


def drawn_khz(plots):
    assert plots._khz.max == pytest.approx(plots._picture.y[1]), "the axis ends where the picture does"
    return float(plots._khz.max)


@pytest.mark.parametrize(
    ("samplerate_hz", "offered"),
    [
        (10_000, ["5 kHz (all)", "2 kHz", "1 kHz", "0.5 kHz"]),
        (32_000, ["16 kHz (all)", "10 kHz", "5 kHz", "2 kHz"]),
        (250_000, ["125 kHz (all)", "100 kHz", "50 kHz", "20 kHz"]),
        (2_000, ["1 kHz (all)", "0.5 kHz", "0.2 kHz", "0.1 kHz"]),
    ],
)
def test_all_frequencies_are_drawn_and_fewer_offered(samplerate_hz, offered):
    plots = StretchPlots(targets="")
    plots.draw(a_look(samplerate_hz))
    assert words(plots) == offered
    assert drawn_khz(plots) == samplerate_hz / 2000


def test_what_is_chosen_is_drawn_and_stays_while_paging():
    plots = StretchPlots(targets="")
    plots.draw(a_look(10_000))
    whole = plots._picture.image.value
    plots.top.value = 1.0
    assert drawn_khz(plots) == 1.0
    assert plots._picture.image.value != whole
    plots.draw(a_look(10_000))
    assert drawn_khz(plots) == 1.0


def test_a_recording_without_that_frequency_is_drawn_whole():
    plots = StretchPlots(targets="")
    plots.draw(a_look(250_000))
    plots.top.value = 50.0
    plots.draw(a_look(10_000))
    assert drawn_khz(plots) == 5.0
