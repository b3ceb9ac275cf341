"""The split preview shows the plan: every stretch, every annotation, every second."""

import re
import zlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset.splits.plan import plan_splits
from dss_widgets.dataset.survey import survey
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import SplitPreview
from dss_widgets.panels.assembly.close_up import sound_of
from dss_widgets.panels.assembly.split_preview import split_table
from dss_widgets.panels.assembly.timeline import merged, shortened, timeline
from dss_widgets.panels.sound.png import png
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
    sound, labels = sound_of(plan, entry.name)
    assert sound.curves.names == tuple(plan.class_names)
    np.testing.assert_allclose(sound.curves.read(16_000, 24_000).sum(axis=1), 1)
    np.testing.assert_array_equal(sound.read(16_000, 24_000), entry.recording.read(16_000, 24_000))
    assert labels.labels is entry.annotations


def test_the_plots_are_made_when_they_are_asked_for_and_follow_the_choice(plan):
    preview = SplitPreview(plan)
    assert not preview.close_up._body.children
    preview.close_up._open.click()
    view, close_up = preview.close_up.view, preview.close_up
    assert view.sound.n_samples == plan.survey.recordings[0].recording.n_samples
    close_up.recording.value = plan.survey.recordings[1].name
    first = plan.survey.recordings[1].annotations.start_seconds.min()
    assert view.place[0] == pytest.approx(max(0, first - 0.1 * view.seconds)), "where there is something to see"


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 5)), min_size=1), st.floats(0, 1))
def test_merging_marks_covers_the_same_time_with_fewer_marks(marks, gap):
    starts, stops = np.array([a for a, _ in marks]), np.array([a + b for a, b in marks])
    joined = merged(starts, stops, gap)
    assert all(a < b for a, b in joined)
    assert all(after[0] > before[1] + gap for before, after in pairwise(joined))
    assert all(any(a <= start and stop <= b for a, b in joined) for start, stop in zip(starts, stops, strict=True))


def test_a_picture_is_a_png_with_the_pixels_given():
    pixels = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)
    data = png(pixels)
    start = data.index(b"IDAT") + 4
    rows = np.frombuffer(zlib.decompress(data[start : data.index(b"IEND") - 8]), np.uint8).reshape(3, 13)
    np.testing.assert_array_equal(rows[:, 1:].reshape(3, 4, 3), pixels)


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
