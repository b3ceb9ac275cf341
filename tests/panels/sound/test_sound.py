"""What the sound view is served: extremes, spectrograms and what is played, against the samples themselves."""

import itertools
import tracemalloc

import numpy as np
import pytest
import soundfile
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.errors import DataError
from dss_widgets.panels.sound.playing import PIECE, PLAYED_HZ, Playing, played
from dss_widgets.panels.sound.pyramid import COLUMNS, Pyramid
from dss_widgets.panels.sound.sound import Curves, Sound
from dss_widgets.panels.sound.spectrum import FRAMES, STEP_DECIBELS, grid, spectrum_tile
from dss_widgets.panels.sound.tiles import MOST_BYTES, Tiles, Wanted
from dss_widgets.panels.sound.view import sound_piece

RATE = 32_000


def noise(n_samples, n_channels=1, seed=1):
    return np.random.default_rng(seed).uniform(-1, 1, (n_samples, n_channels)).astype(np.float32)


def of(audio, rate=RATE):
    return Sound.of_array(np.asarray(audio, dtype=np.float32).reshape(len(audio), -1), rate)


def silence(hours=10):
    """A recording of ten hours that costs nothing."""
    return Sound(RATE, int(hours * 3600 * RATE), 1, lambda start, stop: np.zeros((stop - start, 1), np.float32))


# --- extremes


@given(st.integers(1, 700_000), st.integers(1, 3), st.integers(0, 20), st.data())
def test_the_extremes_of_a_column_are_those_of_its_samples(n_samples, n_channels, level, data):
    audio = noise(n_samples, n_channels, seed=n_samples)
    pyramid = Pyramid(lambda start, stop: audio[start:stop], n_samples, n_channels)
    index = data.draw(st.integers(0, (n_samples - 1) // (COLUMNS << level)))
    tile = pyramid.tile(level, index)
    first = index * COLUMNS << level
    assert len(tile) == min(COLUMNS, -(-(n_samples - first) // (1 << level)))
    for column in {0, len(tile) - 1, data.draw(st.integers(0, len(tile) - 1))}:
        samples = audio[first + (column << level) : first + (column + 1 << level)]
        np.testing.assert_array_equal(tile[column, :, 0], samples.min(axis=0))
        np.testing.assert_array_equal(tile[column, :, 1], samples.max(axis=0))


@pytest.mark.parametrize(("n_samples", "n_channels", "most"), [(3_000_000, 1, 2**14), (300_000, 7, 100), (5000, 3, 1)])
def test_many_channels_are_read_in_blocks_of_a_bounded_size(n_samples, n_channels, most, monkeypatch):
    monkeypatch.setattr("dss_widgets.panels.sound.pyramid._MOST_VALUES", most)
    audio, read = noise(n_samples, n_channels), []
    pyramid = Pyramid(lambda a, b: read.append((b - a) * n_channels) or audio[a:b], n_samples, n_channels)
    tile = pyramid.tile(12, 0)
    np.testing.assert_array_equal(tile[0, :, 1], audio[:4096].max(axis=0))
    np.testing.assert_array_equal(tile[-1, :, 0], audio[min(len(tile), COLUMNS) * 4096 - 4096 : len(tile) * 4096].min(axis=0))
    assert max(read) <= max(most, n_channels)


@given(st.integers(1, 500_000), st.integers(8, 14))
def test_an_estimate_holds_nothing_that_does_not_occur(n_samples, level):
    audio = noise(n_samples)
    pyramid = Pyramid(lambda start, stop: audio[start:stop], n_samples, 1)
    guess, exact = pyramid.estimate(level, 0), pyramid.tile(level, 0)
    assert guess.shape == exact.shape
    assert guess[..., 0].min() >= exact[..., 0].min()
    assert guess[..., 1].max() <= exact[..., 1].max()


def test_what_is_far_is_estimated_at_once_and_learned_little_by_little():
    sound = silence()
    sound = Sound(RATE, sound.n_samples, 1, lambda start, stop: np.full((stop - start, 1), 0.5, np.float32))
    tiles, all_of_it = Tiles(sound), Wanted("wave", 0, 22, 0, 0)
    first = tiles.tile(all_of_it)
    assert first.is_estimate
    assert not tiles.learn(all_of_it), "there is much to read"
    assert sum(1 for _ in itertools.takewhile(lambda known: not known, iter(lambda: tiles.learn(all_of_it), None))) > 100
    last = tiles.tile(all_of_it)
    assert not last.is_estimate
    np.testing.assert_array_equal(last.values, np.full_like(first.values, 0.5))


def test_ten_hours_are_opened_without_being_read_or_held():
    read = []
    sound = silence()
    sound = Sound(
        RATE, sound.n_samples, 1, lambda start, stop: read.append(stop - start) or np.zeros((stop - start, 1), np.float32)
    )
    tracemalloc.start()
    tiles = Tiles(sound)
    for number in range(4):
        tiles.tile(Wanted("wave", 0, 5, 1000 + number, 0))
        tiles.tile(Wanted("power", 0, 6, 1000 + number, 0))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(read) < 10 * RATE
    assert peak < 30e6


def test_tiles_that_are_kept_stay_within_bounds():
    tiles = Tiles(silence())
    for number in range(400):
        tiles.tile(Wanted("power", 0, 8, number, 0))
    assert MOST_BYTES / 2 < tiles.n_bytes <= MOST_BYTES


def test_curves_are_served_as_the_waveform_is():
    audio, targets = noise(5000), np.abs(noise(5000, 3))
    sound = Sound(
        RATE, 5000, 1, lambda a, b: audio[a:b], curves=Curves("Targets", ("noise", "a", "b"), lambda a, b: targets[a:b])
    )
    values = Tiles(sound).tile(Wanted("curves", 0, 2, 1, 0)).values
    np.testing.assert_array_equal(values[7, :, 1], targets[2048 + 28 : 2048 + 32].max(axis=0))


@pytest.mark.parametrize(
    "told", [["wave", 0, 1, 2], ["else", 0, 0, 0, 0], ["wave", 0, -1, 0, 0], ["wave", 0, 99, 0, 0], ["wave", "0", 0, 0, 0], []]
)  # fmt: skip
def test_what_names_no_tile_is_refused(told):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are for developers
        Wanted.parse(told)


@pytest.mark.parametrize(
    "wanted",
    [Wanted("wave", 0, 0, 99, 0), Wanted("wave", 1, 0, 0, 0), Wanted("power", 0, 0, 99, 0), Wanted("curves", 0, 0, 0, 0)],
)
def test_tiles_that_there_are_not_are_refused(wanted):
    with pytest.raises(ValueError, match=r"there (is|are) no"):
        Tiles(of(noise(1000))).tile(wanted)


# --- spectrograms


@given(st.floats(0.03, 0.95), st.integers(0, 10), st.integers(0, 5), st.sampled_from([10_000, 32_000, 250_000]))
def test_a_tone_lies_at_its_frequency(share, level, fold, rate):
    frequency = share * rate / 2 / 2**fold
    audio = 0.5 * np.sin(2 * np.pi * frequency * np.arange(FRAMES * 2**level + 600) / rate)
    tile = spectrum_tile(of(audio, rate), 0, level, 0, fold, top_decibels=0.0)
    window, padded, rows = grid(rate, level, fold)
    assert tile.shape == (rows, FRAMES)
    assert rows >= 128
    middle = tile[:, FRAMES // 2].astype(float)
    found = middle.argmax() * rate / padded
    if 3 * rate / window < frequency < rate / 2 - 3 * rate / window:  # a window cannot tell others from their mirror image
        assert abs(found - frequency) <= max(rate / window / 4, rate / padded), "as sharply as the window allows"
        assert (middle.max() - 255) * STEP_DECIBELS == pytest.approx(-6.02, abs=1.6), "half of full scale"


@given(st.integers(0, 8), st.data())
def test_a_click_is_drawn_where_it_is_heard(level, data):
    n_samples = data.draw(st.integers(FRAMES, FRAMES * 2**level + FRAMES))
    at = data.draw(st.integers(0, n_samples - 1))
    audio = np.zeros(n_samples, np.float32)
    audio[at] = 1
    hop = 1 << level
    tiles = [spectrum_tile(of(audio), 0, level, i, 0, top_decibels=0.0) for i in range(-(-n_samples // (hop * FRAMES)))]
    loud = np.concatenate(tiles, axis=1).max(axis=0).astype(int)
    loudest = np.flatnonzero(loud == loud.max())
    assert abs((loudest.mean() + 0.5) * hop - (at + 0.5)) <= 2 + hop


@pytest.mark.parametrize("n_samples", [1, 10, 257])
def test_shortness_and_silence_have_a_spectrogram_too(n_samples):
    assert spectrum_tile(of(np.zeros(n_samples)), 0, 0, 0, 0, top_decibels=0.0).max() == 0


def test_levels_are_told_of_the_recording_where_that_is_not_of_full_scale():
    assert of(noise(9000)).top_decibels() == 0
    assert of(1000 * noise(9000)).top_decibels() == pytest.approx(72, abs=0.1)


# --- what cannot be read


def test_a_recording_that_is_gone_or_no_longer_allowed_is_told(tmp_path, monkeypatch):
    file = tmp_path / "song.wav"
    soundfile.write(file, noise(1000), RATE)
    sound = Sound.of(open_recording(file))
    assert sound.read(0, 10).shape == (10, 1)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "elsewhere"))
    with pytest.raises(DataError, match="outside"):
        sound.read(0, 10)
    monkeypatch.delenv("DSS_WIDGETS_ROOTS")
    file.unlink()
    with pytest.raises(DataError, match=r"song.wav: samples 0 to 10 cannot be read"):
        sound.read(0, 10)


# --- what is played


def pieces(sound, how, start, stop):
    found = []
    for piece in itertools.count():
        told, data = sound_piece(sound, how, (start, stop), piece, {})
        assert "fault" not in told
        found.append(np.frombuffer(data, "<f4"))
        rate = told["rate"]
        if sum(map(len, found)) >= told["samples"]:
            break
    return np.concatenate(found), rate


def test_what_browsers_can_play_is_played_as_it_is():
    audio = noise(3 * PIECE + 17, 2)
    heard, rate = pieces(of(audio), Playing(channel=1), 11, 3 * PIECE + 7)
    assert rate == RATE
    np.testing.assert_array_equal(heard, audio[11 : 3 * PIECE + 7, 1])


def test_ultrasound_slowed_down_is_played_as_it_is():
    audio = noise(50_000)
    heard, rate = pieces(of(audio, 250_000), Playing(slowed=8), 1000, 40_000)
    assert rate == 31_250
    np.testing.assert_array_equal(heard, audio[1000:40_000, 0])


@pytest.mark.parametrize(("rate", "slowed"), [(250_000, 1), (10_000, 1), (10_000, 32), (32_000, 4)])
def test_what_they_cannot_is_resampled_and_its_pieces_fit(rate, slowed):
    audio = noise(30_000)
    heard, played_hz = pieces(of(audio, rate), Playing(slowed=slowed), 0, len(audio))
    assert played_hz == PLAYED_HZ
    whole = soxr.resample(audio[:, 0], rate / slowed, PLAYED_HZ, quality="HQ")
    n = min(len(heard), len(whole))
    assert abs(len(heard) - len(whole)) <= 1
    np.testing.assert_allclose(heard[: n - 1], whole[: n - 1], atol=2e-4)


@settings(max_examples=15)
@given(st.integers(0, 100_000), st.integers(1, 60_000))
def test_frequencies_that_are_not_shown_are_not_heard_wherever_it_begins(start, length):
    from scipy.signal import butter, sosfiltfilt  # imported late: a second that collecting the tests need not spend

    audio = noise(160_000)
    sections = butter(4, [2000, 8000], "bandpass", fs=RATE, output="sos")
    whole = sosfiltfilt(sections, audio[:, 0].astype(float), padtype=None)
    heard = played(of(audio), Playing(low_hz=2000, high_hz=8000)).read(start, start + length)[:, 0]
    np.testing.assert_allclose(heard, whole[start : start + length], atol=1e-4)


@pytest.mark.parametrize(("place", "how"), [((9, 9), Playing()), ((0, 9), Playing(channel=1)), ((0, 9), Playing(slowed=1e9))])
def test_what_cannot_be_played_is_told(place, how):
    told, data = sound_piece(of(noise(100)), how, place, 0, {"take": 1})
    assert told["fault"]
    assert not data
