"""Whether recordings sound like those that a network learned from: other microphones, rooms, levels and rates."""

import json

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from dss_widgets.cli import main
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.dataset.recordings.sound_profile import SoundProfile, sound_profile
from dss_widgets.dataset.song import make_song
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.results.params_file import write_params
from dss_widgets.results.sound_check import MOST_RECORDINGS, check_sound


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    folder = tmp_path_factory.mktemp("learned") / "bird"
    make_song(folder, "bird", n_files=2, seconds=6, seed=1)
    return sorted(folder.glob("*.wav"))


@pytest.fixture(scope="module")
def sound(song):
    recording = open_recording(song[0])
    return sound_profile(recording.read, recording.n_samples, recording.samplerate_hz)


@pytest.fixture
def network(sound, tmp_path):
    """Return a function that writes the params of a network that learned from the song."""

    def write(known=sound, **changes):
        told = {"samplerate_x_Hz": sound.samplerate_hz, "nb_freq": 1, "nb_pre_conv": 0, "augmentations": []}
        own = {} if known is None else {"dss_widgets": {"sound": known.as_dict()}}
        return write_params(tmp_path / "net_params.yaml", {**told, **own, **changes})

    return write


@pytest.fixture
def changed(song, tmp_path):
    """Return a function that writes the second recording, changed, and returns its path."""

    def write(change=lambda audio: audio, rate_factor=1, name="other.wav"):
        audio, rate = soundfile.read(song[1])
        soundfile.write(tmp_path / name, change(audio), round(rate * rate_factor), subtype="FLOAT")
        return tmp_path / name

    return write


def band(audio, low, high):
    """Return audio with only what lies between two shares of half the sample rate."""
    spectrum = np.fft.rfft(audio)
    at = np.linspace(0, 1, len(spectrum))
    return np.fft.irfft(spectrum * ((at >= low) & (at < high)), len(audio))


def with_noise(audio, level):
    return audio + np.random.default_rng(1).normal(0, level, len(audio))


def kinds(check):
    return [difference.kind for difference in check.differences]


def test_other_song_of_the_same_kind_fits(network, song):
    check = check_sound(network(), song)
    assert check.fits
    assert check.sentences() == [
        "Level, background and spectrum of all recordings are as in those that the network learned from."
    ]
    assert check.learned_from is not None


OTHERS = {
    "missing": (lambda audio: band(audio, 0, 0.1), "weaker than in what the network learned from: another microphone"),
    "missing ": (lambda audio: band(audio, 0.5, 1), "weaker than in what the network learned from: another microphone"),
    "background": (lambda audio: with_noise(audio, 0.03), "louder than in what the network learned from: wind"),
    "level": (lambda audio: audio / 30, "30 dB quieter than what the network learned from"),
    "weak": (lambda audio: with_noise(np.zeros_like(audio), 0.002), "hardly any song in here?"),
    "clipped": (lambda audio: np.clip(4 * audio / np.abs(audio).max(), -1, 1), "cut off at full scale"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_differs_is_told_with_how_much(network, changed, song, kind):
    change, words = OTHERS[kind]
    check = check_sound(network(), [changed(change), song[1]])
    difference = next(one for one in check.differences if one.kind == kind.strip())
    assert words in difference.words
    assert [path.name for path in difference.recordings] == ["other.wav"]
    assert any(sentence.startswith("other.wav: ") and words in sentence for sentence in check.sentences())
    assert "learn on from them" in check.sentences()[-1]


def test_level_means_nothing_to_a_spectrogram_and_less_to_a_network_that_heard_it_varied(network, changed):
    quieter = changed(lambda audio: audio / 6)
    assert kinds(check_sound(network(), [quieter])) == ["level"]
    assert kinds(check_sound(network(nb_pre_conv=4), [quieter])) == []
    assert kinds(check_sound(network(augmentations=["gain"]), [quieter])) == []


def test_a_lower_rate_is_told_where_the_network_knows_sound_above_it(network, changed, sound):
    low = changed(lambda audio: band(audio, 0, 0.2)[::5], 0.2)
    told = check_sound(network(), [low])
    assert kinds(told)[0] == "rate"
    assert f"sampled at {sound.samplerate_hz / 5000:g} kHz" in told.differences[0].words
    nothing_high = sound_profile(
        lambda a, b: band(open_recording(low).read()[:, 0], 0, 0.3)[a:b, None], 1000, sound.samplerate_hz
    )
    assert "rate" not in kinds(check_sound(network(known=nothing_high), [changed(rate_factor=0.6)]))


def test_what_cannot_be_annotated_is_told_and_holds_up_nothing(network, song, tmp_path):
    audio, rate = soundfile.read(song[1])
    soundfile.write(tmp_path / "stereo.wav", np.stack([audio, audio], 1), rate)
    (tmp_path / "damaged.wav").write_bytes(b"RIFF")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), rate)
    names = ["stereo.wav", "damaged.wav", "empty.wav", "gone.wav"]
    check = check_sound(network(), [*(tmp_path / name for name in names), song[1]])
    told = {difference.kind: difference for difference in check.differences}
    assert set(told) == {"channels", "unreadable"}
    assert told["channels"].words.startswith("2 channels, but the network knows 1")
    assert [path.name for path in told["unreadable"].recordings] == names[1:]
    assert check.warnings() == []


def test_of_many_recordings_some_are_listened_to(network, song):
    check = check_sound(network(), [song[1]] * (3 * MOST_RECORDINGS))
    assert len(check.listened) == MOST_RECORDINGS
    assert f"{MOST_RECORDINGS} of the {3 * MOST_RECORDINGS} recordings" in check.sentences()[0]
    with pytest.raises(Cancelled):
        check_sound(network(), song, should_stop=lambda: True)


@pytest.mark.parametrize("known", [None, {"loud": [1]}, {"sound": "?"}, {"sound": {"loud": [float("nan")] * 20}}, 7])
def test_of_a_network_that_does_not_tell_rate_and_channels_are_compared(network, song, changed, known):
    path = network(None, dss_widgets=known)
    check = check_sound(path, [song[1]])
    assert check.fits
    assert check.sentences()[-1].startswith("Only channels and sample rate were compared")
    assert kinds(check_sound(path, [changed(lambda audio: audio[::2], 0.5)])) == ["rate"]


def test_params_that_are_none_are_an_error(tmp_path, song):
    with pytest.raises(DataError, match="do not tell the sound"):
        check_sound(write_params(tmp_path / "net_params.yaml", {"class_names": ["noise"]}), song)


@settings(max_examples=30)
@given(st.integers(1, 6000), st.floats(100, 300_000), st.integers(1, 3), st.floats(0, 100))
def test_a_profile_of_any_audio_survives_its_file(n_samples, rate, n_channels, level):
    audio = np.random.default_rng(n_samples).normal(0, level, (n_samples, n_channels))
    profile = sound_profile(lambda start, stop: audio[start:stop], n_samples, rate)
    again = SoundProfile.from_dict(json.loads(json.dumps(profile.as_dict())))
    assert np.allclose(again.loud, profile.loud, atol=0.051)
    assert (profile.loud >= profile.background).all()
    assert (profile.most_background >= profile.background).all()


def test_the_level_of_a_band_is_that_of_its_sound():
    time = np.arange(48_000) / 48_000
    tone = 0.1 * np.sin(2 * np.pi * 6000 * time)[:, None]
    profile = sound_profile(lambda start, stop: tone[start:stop], len(tone), 48_000)
    loudest = int(np.argmax(profile.loud))
    assert profile.edges_hz[loudest] <= 6000 <= profile.edges_hz[loudest + 1]
    assert profile.loud[loudest] == pytest.approx(20 * np.log10(0.1 / np.sqrt(2)), abs=0.5)


def test_the_command_tells_it_and_fails_where_something_differs(network, song, changed, capsys):
    path = str(network())
    assert main(["fits", path, str(song[1])]) == 0
    assert capsys.readouterr().out.startswith("Level, background and spectrum")
    assert main(["fits", path, str(changed(lambda audio: audio / 30)), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["fits"] is False
    assert [one["kind"] for one in told["differences"]] == ["level"]
    assert len(told["learned_from"]["loud"]) == len(told["heard"]["loud"])
