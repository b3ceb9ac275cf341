"""The split preview shows the plan: every stretch, every annotation, every second."""

import re
import zlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dss_widgets.dataset.splits.plan import plan_splits
from dss_widgets.dataset.survey import survey
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import SplitPreview
from dss_widgets.panels.assembly.close_up import read_excerpt
from dss_widgets.panels.assembly.split_preview import split_table
from dss_widgets.panels.assembly.timeline import merged, shortened, timeline
from dss_widgets.panels.sound.signals import coloured, envelope, png, spectrogram
from dss_widgets.panels.style.palette import ON_SPLIT_COLOURS, SONG_COLOURS, SPLIT_COLOURS, song_colours
from dss_widgets.panels.style.plots import nice_step


@pytest.fixture
def plan(bird):
    return plan_splits(survey(bird), AssemblyOptions(data_folder=str(bird), seed=1, event_width_seconds=0.002))


def test_without_a_plan_it_says_what_to_do_first():
    assert "Choose a folder" in SplitPreview()._empty.value


def test_every_stretch_is_a_band_in_its_splits_colour_and_name(plan):
    drawn = timeline(plan)
    for split, words in (("train", "train"), ("val", "validation"), ("test", "test")):
        n = len(plan.of_split(split))
        assert len(re.findall(rf'background:{SPLIT_COLOURS[split]};color:#\w+" title="{words}: ', drawn)) == n


def test_sums_of_one_column_are_told_in_one_unit(plan):
    told = re.findall(r" · ([\d.]+ \w+) <", split_table(plan))
    assert any(words.startswith("0.") for words in told)
    assert all(words.endswith(" s") for words in told)


def test_every_recording_has_a_row_with_its_name(plan):
    drawn = timeline(plan)
    assert all(f'title="{entry.name}"' in drawn for entry in plan.survey.recordings)


def test_seconds_shares_and_counts_stand_beside_the_bars(plan):
    preview = SplitPreview(plan)
    assert "60%" in preview._legend.value
    for row in plan.table():
        assert f">{row['count']:,}" in preview._table.value


def test_warnings_of_the_plan_are_shown(bird):
    plan = plan_splits(survey(bird), AssemblyOptions(data_folder=str(bird), seed=1, train_fraction=0.5))
    assert "go to no split" in SplitPreview(plan)._problems.value


def test_song_types_keep_their_colour_and_noise_takes_none():
    assert song_colours(["noise", "a", "b"]) == {**song_colours(["a", "b"])}
    assert len(set(song_colours([str(i) for i in range(12)]).values())) == 13


def test_colours_of_splits_and_song_types_can_be_seen_on_white_and_on_black():
    for colour in (*SONG_COLOURS, *SPLIT_COLOURS.values()):
        assert min(contrast(colour, "#ffffff"), contrast(colour, "#16191d")) >= 3, colour


def contrast(one, other):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_a_closer_look_shows_audio_and_targets_as_they_will_be_written(plan):
    entry = plan.survey.recordings[0]
    look = read_excerpt(plan, entry.name, 0.5, 0.25)
    assert len(look.audio) == len(look.targets) == round(0.25 * plan.samplerate_hz)
    np.testing.assert_allclose(look.targets.sum(axis=1), 1)
    np.testing.assert_array_equal(look.audio, entry.recording.read(16_000, 24_000)[:, 0])


def test_a_closer_look_beyond_the_end_shows_what_there_is(plan):
    entry = plan.survey.recordings[0]
    assert 1 <= len(read_excerpt(plan, entry.name, 1e6, 0.25).audio) <= round(0.25 * plan.samplerate_hz)


def test_the_plots_are_made_when_they_are_asked_for_and_follow_the_choice(plan):
    preview = SplitPreview(plan)
    assert not preview.close_up._body.children
    preview.close_up._open.click()
    assert len(preview.close_up.plots._wave.x) > 100
    old = preview.close_up.plots._picture.image
    preview.close_up.pager.start = 1.0
    assert preview.close_up.plots._x.min == pytest.approx(1.0)
    assert preview.close_up.plots._picture.image is not old, "bqplot repaints only for a new Image"
    assert old.comm is None, "and the old one is closed"


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 5)), min_size=1), st.floats(0, 1))
def test_merging_marks_covers_the_same_time_with_fewer_marks(marks, gap):
    starts, stops = np.array([a for a, _ in marks]), np.array([a + b for a, b in marks])
    joined = merged(starts, stops, gap)
    assert all(a < b for a, b in joined)
    assert all(after[0] > before[1] + gap for before, after in pairwise(joined))
    assert all(any(a <= start and stop <= b for a, b in joined) for start, stop in zip(starts, stops, strict=True))


@given(arrays(np.float32, st.integers(1, 20_000), elements=st.floats(-1, 1, width=32)))
def test_an_envelope_keeps_the_extremes_with_few_points(audio):
    places, values = envelope(audio, 500)
    assert len(places) == len(values) <= max(1000, 0) or len(audio) <= 1000
    assert (values.min(), values.max()) == (audio.min(), audio.max())


def test_one_sample_is_a_line_with_two_ends():
    places, values = envelope(np.array([0.5]))
    assert (places.tolist(), values.tolist()) == ([0, 1], [0.5, 0.5])


def test_a_pure_tone_is_a_line_at_its_pitch():
    tone = np.sin(2 * np.pi * 4000 * np.arange(32_000) / 32_000)
    decibels = spectrogram(tone, window=512, columns=50)
    assert decibels.shape == (257, 50)
    assert np.all(decibels.argmax(axis=0) == 4000 / 32_000 * 512)
    assert decibels.max() == 0


@given(st.integers(1, 5000), st.floats(0, 1, exclude_max=True), st.sampled_from([32, 256, 512]))
def test_a_click_is_drawn_where_it_is_heard(n, place, window):
    audio = np.zeros(n)
    at = int(place * n)
    audio[at] = 1
    loudness = spectrogram(audio, window=window, columns=600).max(axis=0)
    loudest = np.flatnonzero(loudness == loudness.max())
    per_frame = n / len(loudness)
    assert abs((loudest.mean() + 0.5) * per_frame - (at + 0.5)) <= 1 + per_frame


@pytest.mark.parametrize("n", [0, 1, 10])
def test_silence_and_shortness_have_a_spectrogram_too(n):
    assert np.isfinite(spectrogram(np.zeros(n), window=64)).all()


def test_a_picture_is_a_png_with_the_pixels_given():
    pixels = coloured(np.arange(12.0).reshape(3, 4))
    data = png(pixels)
    start = data.index(b"IDAT") + 4
    rows = np.frombuffer(zlib.decompress(data[start : data.index(b"IEND") - 8]), np.uint8).reshape(3, 13)
    np.testing.assert_array_equal(rows[:, 1:].reshape(3, 4, 3), pixels)
    assert tuple(pixels[0, 0]) < tuple(pixels[-1, -1])


@given(st.floats(1e-3, 1e5), st.integers(2, 12))
def test_steps_of_an_axis_are_round_and_few(span, most):
    step = nice_step(span, most)
    assert span / step <= most * 1.01
    assert f"{step:e}"[0] in "125"


def test_words_on_the_bands_can_be_read():
    for split, colour in SPLIT_COLOURS.items():
        assert contrast(colour, ON_SPLIT_COLOURS[split]) >= 4.5, split


def test_long_names_keep_what_tells_them_apart():
    assert shortened("gy6or6_baseline_230312_0808.138.wav").endswith("0808.138.wav")
    assert len(shortened("x" * 99)) == 24
    assert shortened("rec.wav") == "rec.wav"


def test_errors_of_the_recordings_are_counted_here_and_told_where_they_were_found(bird):
    (bird / "bird-A_01_annotations.csv").unlink()
    (bird / "bird-A_01_annotations.csv").write_text("name,start_seconds,stop_seconds\na,1,0.5\n")
    preview = SplitPreview(plan_splits(survey(bird), AssemblyOptions(data_folder=str(bird), seed=1)))
    assert "1 error in this folder" in preview._problems.value
    assert "before it starts" not in preview._problems.value


def test_a_part_of_the_band_is_drawn_as_finely_as_all_of_it():
    tone = np.sin(2 * np.pi * 300 * np.arange(10_000) / 10_000)
    whole, low = (spectrogram(tone, window=256, columns=40, share=share) for share in (1.0, 0.1))
    assert low.shape == (206, 40), "a tenth of 5 kHz, 2.4 Hz apart: padded sixteenfold"
    assert low[:, 20].argmax() * 10_000 / 4096 == pytest.approx(300, abs=3)
    assert whole[:, 20].argmax() * 10_000 / 256 == pytest.approx(300, abs=20)
