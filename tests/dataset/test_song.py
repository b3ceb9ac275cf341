"""Demo song: recognisable, exactly annotated, and the same for the same seed."""

import csv
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset.song import KINDS, bird_song, fly_song, make_song, mouse_song, multichannel_song
from dss_widgets.dataset.song.kinds import Song
from dss_widgets.dataset.survey import survey
from dss_widgets.errors import DataError

SONGS: dict[str, Callable[..., Song]] = {
    "fly": fly_song,
    "bird": bird_song,
    "mouse": mouse_song,
    "multichannel": multichannel_song,
}
every_kind = pytest.mark.parametrize("kind", list(KINDS))
kinds_with_pulses = pytest.mark.parametrize("kind", ["fly", "multichannel"])


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def samples(kind: str, seconds: float) -> int:
    """Return the sample at `seconds`, after checking that it lies on one."""
    place = seconds * KINDS[kind].samplerate_hz
    assert place == pytest.approx(round(place), abs=1e-6)
    return round(place)


def level(audio: np.ndarray, samplerate_hz: int, band_hz: tuple[float, float]) -> float:
    """Return the power per sample within a band of frequencies."""
    spectrum = np.abs(np.fft.rfft(audio)) ** 2 / len(audio) ** 2
    frequencies_hz = np.fft.rfftfreq(len(audio), 1 / samplerate_hz)
    return float(spectrum[(frequencies_hz >= band_hz[0]) & (frequencies_hz <= band_hz[1])].sum())


# --- the same seed, the same bytes


@every_kind
def test_the_same_seed_gives_the_same_bytes(tmp_path, kind):
    for name in ("one", "two"):
        make_song(tmp_path / name, kind, n_files=2, seconds=4, seed=3)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@every_kind
def test_another_seed_gives_other_song(kind):
    (audio, annotations), (other_audio, other_annotations) = (SONGS[kind](4, seed) for seed in (0, 1))
    assert not np.array_equal(audio, other_audio)
    assert annotations != other_annotations


def test_a_recording_is_the_same_however_many_are_made(tmp_path):
    make_song(tmp_path / "few", "bird", n_files=2, seconds=3)
    make_song(tmp_path / "many", "bird", n_files=5, seconds=3)
    few, many = contents(tmp_path / "few"), contents(tmp_path / "many")
    assert few == {name: many[name] for name in few}


def test_recordings_of_one_seed_differ(tmp_path):
    recordings = make_song(tmp_path, "bird", n_files=4, seconds=3)
    assert len({path.read_bytes() for path in recordings}) == 4


@every_kind
def test_song_in_memory_is_what_is_written(tmp_path, kind):
    recording = make_song(tmp_path, kind, n_files=2, seconds=4, seed=5)[1]
    written, samplerate_hz = soundfile.read(recording, dtype="float32", always_2d=True)
    audio, annotations = SONGS[kind](4, seed=5, index=1)
    np.testing.assert_array_equal(audio, written)
    assert samplerate_hz == KINDS[kind].samplerate_hz
    with recording.with_name(f"{recording.stem}_annotations.csv").open(newline="") as file:
        rows = [(row["name"], float(row["start_seconds"]), float(row["stop_seconds"])) for row in csv.DictReader(file)]
    assert rows == annotations


def test_the_individuals_of_a_seed_differ_more_than_the_recordings_of_one():
    def durations(index: int) -> np.ndarray:
        _, annotations = bird_song(20, index=index)
        return np.array(
            [
                np.mean([mark.stop_seconds - mark.start_seconds for mark in annotations if mark.name == name])
                for name in "abcdef"
            ]
        )

    first, first_again, second = (durations(index) for index in (0, 1, 2))
    assert np.abs(first - second).mean() > 2 * np.abs(first - first_again).mean()


# --- what is heard


@every_kind
def test_audio_has_the_promised_shape_and_stays_within_full_scale(kind):
    seconds = KINDS[kind].seconds
    audio, _ = SONGS[kind]()
    assert audio.dtype == np.float32
    assert audio.shape == (round(seconds * KINDS[kind].samplerate_hz), KINDS[kind].n_channels)
    assert 0.1 < np.abs(audio).max() < 1


@every_kind
@pytest.mark.parametrize("seed", range(8))
def test_every_song_type_occurs_even_in_the_shortest_recording(kind, seed):
    _, annotations = SONGS[kind](KINDS[kind].min_seconds, seed)
    assert {mark.name for mark in annotations} == set(KINDS[kind].song_types)


@every_kind
@pytest.mark.parametrize("seed", range(3))
def test_every_song_type_occurs_in_each_half_of_a_recording_of_default_length(kind, seed):
    """So any demo dataset can be split by samples."""
    _, annotations = SONGS[kind](seed=seed)
    middle = KINDS[kind].seconds / 2
    assert {mark.name for mark in annotations if mark.stop_seconds < middle} == set(KINDS[kind].song_types)
    assert {mark.name for mark in annotations if mark.start_seconds > middle} == set(KINDS[kind].song_types)


def test_a_long_recording_is_rendered_as_a_short_one():
    """Sounds that lie across the borders of blocks are whole."""
    audio, annotations = bird_song(30, background=False)
    lengths = [
        np.count_nonzero(audio[samples("bird", mark.start_seconds) : samples("bird", mark.stop_seconds)])
        / (mark.stop_seconds - mark.start_seconds)
        for mark in annotations
    ]
    assert min(lengths) > 0.95 * KINDS["bird"].samplerate_hz


# --- annotations


@every_kind
def test_annotations_are_sorted_within_the_recording_and_do_not_overlap(kind):
    _, annotations = SONGS[kind](KINDS[kind].seconds, seed=1)
    assert all(0 < mark.start_seconds <= mark.stop_seconds < KINDS[kind].seconds for mark in annotations)
    assert all(mark.stop_seconds < after.start_seconds for mark, after in pairwise(annotations))


@every_kind
def test_events_are_points_and_segments_last(kind):
    for mark in SONGS[kind]()[1]:
        is_event = KINDS[kind].song_types[mark.name] == "event"
        assert (mark.start_seconds == mark.stop_seconds) == is_event


@every_kind
def test_outside_the_annotated_segments_there_is_no_song_and_inside_there_is(kind):
    audio, annotations = SONGS[kind](seed=2, background=False)
    is_song = np.zeros(len(audio), dtype=bool)
    for mark in annotations:
        if mark.start_seconds == mark.stop_seconds:  # a pulse is heard 15 ms before and after its peak
            peak, n_around = samples(kind, mark.start_seconds), round(0.015 * KINDS[kind].samplerate_hz)
            is_song[peak - n_around : peak + n_around] = True
        else:
            segment = slice(samples(kind, mark.start_seconds), samples(kind, mark.stop_seconds))
            is_song[segment] = True
            assert np.count_nonzero(audio[segment].any(axis=1)) > 0.9 * (segment.stop - segment.start)
    assert not audio[~is_song].any()


@kinds_with_pulses
def test_the_annotation_of_a_pulse_is_its_largest_sample(kind):
    audio, annotations = SONGS[kind](seed=2, background=False)
    for mark in annotations:
        if mark.name == "pulse":
            peak, n_around = samples(kind, mark.start_seconds), round(0.012 * KINDS[kind].samplerate_hz)
            loudest_channel = np.abs(audio[peak]).argmax()
            around = np.abs(audio[peak - n_around : peak + n_around + 1, loudest_channel])
            assert around.argmax() == n_around


@pytest.mark.parametrize(
    ("kind", "name", "band_hz", "least_ratio"),
    [
        ("fly", "sine", (130, 170), 10),
        *[("bird", name, (1_000, 10_000), 10) for name in "abcdefi"],
        ("mouse", "usv", (45_000, 100_000), 2),
    ],
)
def test_song_stands_out_from_the_background_in_its_band(kind, name, band_hz, least_ratio):
    rate = KINDS[kind].samplerate_hz
    audio, annotations = SONGS[kind](seed=4)
    song, _ = SONGS[kind](seed=4, background=False)
    ratios = []
    for mark in annotations:
        if mark.name == name:
            segment = slice(samples(kind, mark.start_seconds), samples(kind, mark.stop_seconds))
            background = (audio - song)[segment, 0]
            ratios.append(level(audio[segment, 0], rate, band_hz) / level(background, rate, band_hz))
    assert np.median(ratios) > least_ratio


# --- what a biologist expects


def test_pulses_of_a_train_follow_every_36_ms():
    _, annotations = fly_song(60)
    pulses = np.array([mark.start_seconds for mark in annotations if mark.name == "pulse"])
    intervals = np.diff(pulses)
    assert np.median(intervals) == pytest.approx(0.036, abs=0.004)
    assert intervals.min() > 0.02


def test_a_bout_of_bird_song_is_introduced_and_its_motifs_keep_their_order():
    _, annotations = bird_song(60)
    names = "".join(mark.name for mark in annotations)
    assert names.startswith("ii")
    assert names.count("abcdef") > 3
    after_a = [after for name, after in pairwise(names) if name == "a"]
    assert after_a.count("b") > 0.7 * len(after_a)


def test_mouse_calls_are_short_and_some_are_close_to_the_noise():
    audio, annotations = mouse_song(20, background=False)
    durations = [mark.stop_seconds - mark.start_seconds for mark in annotations]
    peaks = [
        np.abs(audio[samples("mouse", mark.start_seconds) : samples("mouse", mark.stop_seconds)]).max() for mark in annotations
    ]
    assert 0.009 < min(durations) < max(durations) < 0.101
    assert min(peaks) < 0.02
    assert max(peaks) > 0.2


def test_the_microphones_hear_one_fly_differently():
    audio, _ = multichannel_song(20, background=False)
    whole, _ = multichannel_song(20)
    background = (whole - audio).T
    assert np.corrcoef(audio.T)[0, 1] > 0.8
    assert abs(np.corrcoef(background)[0, 1]) < 0.2
    loudest = [int(np.abs(part).max(axis=0).argmax()) for part in np.array_split(audio, 20) if part.any()]
    assert len(set(loudest)) > 1


# --- the folder


@every_kind
def test_the_program_finds_nothing_wrong_with_demo_song(tmp_path, kind):
    make_song(tmp_path, kind, n_files=2, seconds=4)
    found = survey(tmp_path)
    assert not found.problems
    assert {song_type.name: song_type.category for song_type in found.song_types} == KINDS[kind].song_types


def test_names_tell_the_individual_and_the_recording(tmp_path):
    recordings = make_song(tmp_path / "new" / "folder", "mouse", n_files=5, seconds=1)
    assert [path.name for path in recordings] == [
        *("mouse-A_01.wav", "mouse-A_02.wav", "mouse-B_01.wav", "mouse-B_02.wav", "mouse-C_01.wav")
    ]
    assert len(list((tmp_path / "new" / "folder").iterdir())) == 3 * 5


def test_number_and_length_of_recordings_are_the_kinds_own_unless_given(tmp_path):
    recordings = make_song(tmp_path, "fly")
    assert len(recordings) == KINDS["fly"].n_files
    assert soundfile.info(recordings[0]).duration == KINDS["fly"].seconds


def test_progress_is_told_before_and_after_every_recording(tmp_path):
    calls: list[tuple[int, int]] = []
    make_song(tmp_path, "fly", n_files=2, seconds=4, progress=lambda done, n_files: calls.append((done, n_files)))
    assert calls == [(0, 2), (1, 2), (2, 2)]


def test_stopping_between_recordings_leaves_whole_ones_only(tmp_path):
    def stop_after_one(done: int, n_files: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_song(tmp_path, "fly", n_files=3, seconds=4, progress=stop_after_one)
    assert list(contents(tmp_path)) == ["fly-A_01.wav", "fly-A_01_annotations.csv", "fly-A_01_definitions.csv"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"kind": "whale"}, "fly, bird, mouse, multichannel"),
        ({"n_files": 0}, "at least 1"),
        ({"n_files": -2}, "at least 1"),
        ({"seed": -1}, "at least 0"),
        ({"kind": "bird", "seconds": 0.5}, "at least 3 s"),
        ({"seconds": float("nan")}, "at least"),
        ({"seconds": float("inf")}, "at least"),
        ({"kind": "mouse", "seconds": 1e5}, "at most 8000 s"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(tmp_path, arguments, says):
    with pytest.raises(DataError, match=says):
        make_song(tmp_path / "song", **arguments)
    assert not (tmp_path / "song").exists()


@pytest.mark.parametrize("name", ["fly-A_02.wav", "fly-A_02_annotations.csv", "fly-A_02_definitions.csv"])
def test_files_that_are_there_already_are_never_touched(tmp_path, name):
    (tmp_path / name).write_text("mine")
    with pytest.raises(DataError, match=name):
        make_song(tmp_path, "fly", n_files=2, seconds=4)
    assert contents(tmp_path) == {name: b"mine"}


def test_files_that_are_there_already_are_replaced_when_asked_for(tmp_path):
    make_song(tmp_path, "fly", n_files=1, seconds=4, seed=0)
    before = contents(tmp_path)
    make_song(tmp_path, "fly", n_files=1, seconds=4, seed=1, overwrite=True)
    after = contents(tmp_path)
    assert after.keys() == before.keys()
    assert after["fly-A_01.wav"] != before["fly-A_01.wav"]


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / "song").write_text("mine")
    with pytest.raises(DataError, match="not a folder"):
        make_song(tmp_path / "song", "fly")
    with pytest.raises(DataError, match="cannot be written"):
        make_song(tmp_path / "song" / "inside", "fly")
    assert (tmp_path / "song").read_text() == "mine"
