"""Sound files: whatever their format, a block is that part of the whole, and headers that tell too little lose nothing."""

import os
import pickle
import struct
import tempfile
import threading
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from dss_widgets.dataset import open_recording
from dss_widgets.dataset.recordings import one_way
from dss_widgets.dataset.recordings.one_way import SEGMENT, Decoded, OneWayFile, opened_sound
from dss_widgets.errors import DataError
from dss_widgets.roots import VARIABLE

N_SAMPLES = 2 * SEGMENT + 12_345

FORMATS = [  # ending, libsndfile's names, most channels
    ("wav", "WAV", "PCM_U8", 3), ("wav", "WAV", "PCM_16", 3), ("wav", "WAV", "PCM_24", 3), ("wav", "WAV", "PCM_32", 3),
    ("wav", "WAV", "FLOAT", 3), ("wav", "WAV", "DOUBLE", 3), ("wav", "WAV", "ULAW", 3), ("wav", "WAV", "ALAW", 3),
    ("wav", "WAV", "IMA_ADPCM", 2), ("wav", "WAV", "MS_ADPCM", 2), ("wav", "WAV", "GSM610", 1), ("wav", "WAV", "G721_32", 1),
    ("wav", "WAV", "NMS_ADPCM_16", 1), ("wav", "WAV", "NMS_ADPCM_32", 1), ("wav", "WAVEX", "PCM_24", 3),
    ("w64", "W64", "PCM_24", 3), ("w64", "W64", "IMA_ADPCM", 2), ("w64", "W64", "MS_ADPCM", 2), ("w64", "W64", "GSM610", 1),
    ("flac", "FLAC", "PCM_16", 3), ("flac", "FLAC", "PCM_24", 3), ("ogg", "OGG", "VORBIS", 3), ("opus", "OGG", "OPUS", 3),
    ("mp3", "MP3", "MPEG_LAYER_III", 2), ("caf", "CAF", "ALAC_16", 1), ("caf", "CAF", "PCM_24", 3),
    ("rf64", "RF64", "PCM_16", 3), ("aiff", "AIFF", "PCM_16", 3),
    ("aiff", "AIFF", "IMA_ADPCM", 2), ("aiff", "AIFF", "GSM610", 1), ("aifc", "AIFF", "FLOAT", 3), ("au", "AU", "PCM_16", 3),
    ("au", "AU", "G721_32", 1), ("au", "AU", "G723_24", 1), ("au", "AU", "G723_40", 1), ("sph", "NIST", "PCM_16", 3),
    ("voc", "VOC", "PCM_16", 2), ("sds", "SDS", "PCM_16", 1), ("paf", "PAF", "PCM_24", 3), ("pvf", "PVF", "PCM_16", 3),
    ("sd2", "SD2", "PCM_16", 3), ("ircam", "IRCAM", "FLOAT", 3), ("avr", "AVR", "PCM_16", 2), ("htk", "HTK", "PCM_16", 1),
    ("8svx", "SVX", "PCM_16", 1),
]  # fmt: skip

QUICK = ("PCM_16", "VORBIS", "MPEG_LAYER_III", "IMA_ADPCM")
"""Encodings that a quick run tries, too."""


def song(n_samples: int, n_channels: int = 1, *, silent: bool = True) -> np.ndarray:
    """Return calls with pauses between them, digitally silent or noisy."""
    random, t = np.random.default_rng(0), np.arange(700)
    audio = np.zeros((n_samples, n_channels)) if silent else 0.01 * random.standard_normal((n_samples, n_channels))
    for start in range(500, n_samples - 1500, 2500):
        first = start + int(random.integers(0, 800))
        call = 0.3 * np.sin(t * random.uniform(0.1, 1.5)) * np.hanning(len(t))
        audio[first : first + len(t)] += call[:, None] + 0.02 * random.standard_normal((len(t), n_channels))
    return audio


def decoded_whole(path: Path) -> np.ndarray:
    """Return what libsndfile reads in one go, from the beginning."""
    with OneWayFile(path) as file:
        return file.read(10**7, dtype="float32", always_2d=True)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    """A function that returns a file of a format, and its audio."""
    folder = tmp_path_factory.mktemp("sounds")

    @cache
    def written(which: int, n_channels: int, silent: bool) -> tuple[Path, np.ndarray]:
        ending, kind, encoding, most = FORMATS[which]
        path = folder / f"{which}_{n_channels}_{silent}.{ending}"
        rate = 16_000 if encoding == "OPUS" else 22_050
        soundfile.write(path, song(N_SAMPLES, min(n_channels, most), silent=silent), rate, format=kind, subtype=encoding)
        return path, decoded_whole(path)

    return written


place = st.integers(0, N_SAMPLES)


@pytest.mark.parametrize("which", [
    pytest.param(which, id=f"{kind}-{encoding}", marks=() if encoding in QUICK else pytest.mark.slow)
    for which, (_, kind, encoding, _) in enumerate(FORMATS)
])  # fmt: skip
@settings(max_examples=4)
@given(n_channels=st.integers(1, 3), silent=st.booleans(), places=st.lists(st.tuples(place, place), min_size=1, max_size=8))
def test_every_block_is_that_part_of_the_whole(sounds, which, n_channels, silent, places):
    path, whole = sounds(which, n_channels, silent)
    recording = open_recording(path)
    assert 0 <= len(whole) - recording.n_samples < 2500, "what fills up a last block is no song, and nothing else is left out"
    for pair in places:
        start, stop = sorted(min(at, recording.n_samples) for at in pair)
        np.testing.assert_array_equal(recording.read(start, stop), whole[start:stop])


@pytest.fixture
def decoded_segments(monkeypatch):
    """A list that grows by one with each segment that is decoded."""
    segments, read = [], OneWayFile.read
    monkeypatch.setattr(OneWayFile, "read", lambda file, *wanted, **how: segments.append(1) or read(file, *wanted, **how))
    return segments


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["ogg", "mp3", "opus"])
def test_a_compressed_file_is_not_decoded_for_each_block(tmp_path, decoded_segments, ending):
    path = tmp_path / f"rec.{ending}"
    how = {"format": "OGG", "subtype": "OPUS"} if ending == "opus" else {}
    soundfile.write(path, song(12 * SEGMENT), 16_000, **how)
    for start in np.random.default_rng(0).integers(0, 11 * SEGMENT, 100).tolist():
        open_recording(path).read(start, start + 1000)  # opened again each time, as pages are
    assert len(decoded_segments) <= 2 * 13, "at most once before somebody went back, and once after"


def test_who_reads_on_writes_nothing_and_decodes_once(tmp_path, decoded_segments, monkeypatch):
    path = tmp_path / "rec.ogg"
    soundfile.write(path, song(5 * SEGMENT), 16_000)
    monkeypatch.setattr("tempfile.TemporaryFile", None)
    recording = open_recording(path)
    for start in range(0, recording.n_samples, 20_000):
        recording.read(max(0, start - 5000), min(recording.n_samples, start + 25_000))  # blocks overlap
    assert len(decoded_segments) <= 6


def test_what_is_not_kept_is_decoded_again_and_right(tmp_path):
    path = tmp_path / "rec.ogg"
    soundfile.write(path, song(6 * SEGMENT + 99, 2), 8000)
    whole = decoded_whole(path)
    audio = Decoded(lambda: opened_sound(path, kind=OneWayFile), most_bytes=2 * SEGMENT * 2 * 4)
    for start in np.random.default_rng(0).integers(0, len(whole), 30).tolist():
        np.testing.assert_array_equal(audio.read(start, start + SEGMENT), whole[start : start + SEGMENT])
    assert audio.n_samples() == len(whole)
    assert len(audio.read(len(whole) + 5 * SEGMENT, len(whole) + 6 * SEGMENT)) == 0


def test_a_full_disk_costs_time_and_no_sound(tmp_path, monkeypatch):
    class Full:
        """A temporary file on a disk that fills up."""

        def __init__(self, **how: object) -> None:
            self.file, self.n_written = temporary_file(**how), 0

        def write(self, data: bytes) -> int:
            self.n_written += 1
            if self.n_written > 3:
                raise OSError(28, "No space left on device")
            return self.file.write(data)

        def __getattr__(self, name: str) -> object:
            return getattr(self.file, name)

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *error: object) -> None:
            self.file.close()

    temporary_file = tempfile.TemporaryFile
    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    path = tmp_path / "rec.ogg"
    soundfile.write(path, song(12 * SEGMENT), 16_000)
    recording, whole = open_recording(path), decoded_whole(path)
    for start in (11, 0, 5, 10, 2, 0, 11):
        first = start * SEGMENT
        np.testing.assert_array_equal(recording.read(first, first + 1000), whole[first : first + 1000])


def test_an_interrupted_decoder_goes_on_where_it_should(tmp_path, monkeypatch):
    path = tmp_path / "rec.mp3"
    soundfile.write(path, song(4 * SEGMENT), 16_000)
    recording, whole, read = open_recording(path), decoded_whole(path), OneWayFile.read

    def interrupted(file: OneWayFile, *wanted: object, **how: object) -> np.ndarray:
        read(file, *wanted, **how)
        raise KeyboardInterrupt

    recording.read(0, 1000)
    monkeypatch.setattr(OneWayFile, "read", interrupted)
    with pytest.raises(KeyboardInterrupt):
        recording.read(SEGMENT, SEGMENT + 1000)
    monkeypatch.setattr(OneWayFile, "read", read)
    np.testing.assert_array_equal(recording.read(SEGMENT, SEGMENT + 1000), whole[SEGMENT : SEGMENT + 1000])


def test_nothing_is_left_in_the_temporary_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    soundfile.write(tmp_path / "rec.mp3", song(N_SAMPLES), 16_000)
    recording = open_recording(tmp_path / "rec.mp3")
    for start in (SEGMENT, 0, 2 * SEGMENT):
        recording.read(start, start + 1000)
    assert os.listdir(tmp_path / "tmp") == []


def test_a_file_that_is_written_anew_is_decoded_anew(tmp_path):
    path = tmp_path / "rec.ogg"
    for seconds in (1, 2):
        soundfile.write(path, song(seconds * 8000, silent=seconds == 1), 8000)
        np.testing.assert_array_equal(open_recording(path).read(), decoded_whole(path))


def test_threads_share_what_is_decoded(tmp_path):
    path = tmp_path / "rec.mp3"
    soundfile.write(path, song(4 * SEGMENT), 16_000)
    recording, whole, wrong = open_recording(path), decoded_whole(path), []

    def read(seed: int) -> None:
        for start in np.random.default_rng(seed).integers(0, len(whole) - 5000, 20).tolist():
            if not np.array_equal(recording.read(start, start + 5000), whole[start : start + 5000]):
                wrong.append(start)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("ending", ["ogg", "mp3"])
def test_a_compressed_recording_can_be_sent_to_another_process(tmp_path, ending):
    path = tmp_path / f"rec.{ending}"
    soundfile.write(path, song(N_SAMPLES), 16_000)
    recording = open_recording(path)
    recording.read(5000, 6000)
    received = pickle.loads(pickle.dumps(recording))
    np.testing.assert_array_equal(received.read(100, 200), recording.read(100, 200))


# --- how long MP3 files are


def mp3(path: Path, n_samples: int = 60_000, n_channels: int = 1, rate: int = 22_050) -> bytes:
    soundfile.write(path, song(n_samples, n_channels), rate)
    return path.read_bytes()


def first_frame(data: bytes) -> int:
    """Return the length of an MP3 file's first frame: where the next with the same beginning starts."""
    return data.index(data[:2], 20)


@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (lambda data: data, ""),
        (lambda data: data[first_frame(data) :], ""),
        (lambda data: data[first_frame(data) :] + b"TAG" + bytes(125), ""),
        (lambda data: b"ID3\x04\0\0\0\0\x02\0" + bytes(256) + data, ""),
        (lambda data: data[first_frame(data) :] * 2, ""),
        (lambda data: data + b"TAG" + bytes(125), ""),
        (lambda data: data[: len(data) // 2], "is cut off: "),
        (lambda data: data[first_frame(data) : len(data) // 2], ""),
        (lambda data: data[: len(data) // 2] + data[len(data) // 2 + 5 :], "is damaged: sound is missing somewhere in it"),
        (lambda data: data + data, "holds more than its header says, which is not read: 50% of the file"),
    ],
    ids=["whole", "no tag", "old tag", "new tag", "joined", "tag behind", "cut", "no tag, cut", "gap", "joined with tags"],
)  # fmt: skip
@pytest.mark.parametrize(("rate", "n_channels"), [(22_050, 1), (44_100, 2), (8000, 1)])
def test_mp3_files_are_as_long_as_what_is_decoded(tmp_path, change, remark, rate, n_channels):
    path = tmp_path / "rec.mp3"
    path.write_bytes(change(mp3(path, 60_000, n_channels, rate)))
    recording = open_recording(path)
    assert recording.read().shape == decoded_whole(path).shape
    assert recording.remark.startswith(remark)
    assert bool(recording.remark) == bool(remark)


@settings(max_examples=30)
@given(data=st.data())
def test_an_mp3_file_cut_anywhere_is_as_long_as_what_is_decoded(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("cut") / "rec.mp3"
    whole = mp3(path, 20_000)
    first, last = data.draw(st.integers(0, len(whole) // 2)), data.draw(st.integers(len(whole) // 2 + 500, len(whole)))
    path.write_bytes(whole[first:last])
    try:
        recording = open_recording(path)
    except DataError:
        return  # where libsndfile does not know it for an MP3 file
    assert len(recording.read()) == len(decoded_whole(path))


def test_a_piece_of_an_mp3_file_is_as_long_as_what_is_decoded(tmp_path):
    """Its first frame refers to one that is missing, and libsndfile leaves out more than that."""
    path = tmp_path / "rec.mp3"
    path.write_bytes(mp3(path, 20_000)[2634:4856])
    assert len(open_recording(path).read()) == len(decoded_whole(path))


# --- Ogg files whose pages are not all there


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["VORBIS", "OPUS"])
@pytest.mark.parametrize(
    ("change", "remark"),
    [
        (lambda data: data, ""),
        (lambda data: data + bytes(5000), ""),
        (lambda data: data[: len(data) // 2], "ends without its last page"),
        (
            lambda data: data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :],
            "is damaged at ",
        ),
        (lambda data: data[: data.index(b"OggS", len(data) // 3)] + data[data.rindex(b"OggS", 0, -999) :], "is damaged at "),
        (lambda data: data + data, "holds more than its header says, which is not read: 50%"),
    ],
    ids=["whole", "junk behind", "cut", "wrong byte", "page gone", "joined"],
)
def test_ogg_files_whose_pages_are_not_all_there_are_remarked(tmp_path, encoding, change, remark):
    path = tmp_path / "rec.ogg"
    soundfile.write(path, song(16 * 16_000, silent=False), 16_000, format="OGG", subtype=encoding)
    path.write_bytes(change(path.read_bytes()))
    found = open_recording(path).remark
    assert found.startswith(remark)
    assert bool(found) == bool(remark)


# --- headers that do not tell how long the audio is


def without_size(data: bytes, name: bytes, *, n_bytes: int = 4, value: bytes = b"\0") -> bytes:
    at = data.index(name) + len(name)
    return data[:at] + value * n_bytes + data[at + n_bytes :]


UNFINISHED = [
    ("wav", "WAV", "PCM_16", lambda data: without_size(data, b"data")),
    ("wav", "WAV", "PCM_24", lambda data: without_size(without_size(data, b"data"), b"RIFF")),
    ("wav", "WAVEX", "FLOAT", lambda data: without_size(data, b"data")),
    ("wav", "WAV", "MS_ADPCM", lambda data: without_size(data, b"data")),
    ("wav", "WAV", "GSM610", lambda data: without_size(data, b"data")),
    ("wav", "RF64", "PCM_16", lambda data: without_size(data, b"ds64" + data[16:20], n_bytes=24)),
    ("wav", "RF64", "PCM_16", lambda data: without_size(without_size(data, b"ds64" + data[16:20], n_bytes=24), b"data")),
    ("aiff", "AIFF", "PCM_16", lambda data: without_size(data, b"SSND")),
    ("aiff", "AIFF", "PCM_24", lambda data: without_size(data, b"SSND").replace(b"SSND\0\0\0\0", b"SSND\0\0\0\x08")),
    ("caf", "CAF", "PCM_16", lambda data: without_size(data, b"data", n_bytes=8)),
    ("caf", "CAF", "PCM_16", lambda data: without_size(data, b"data", n_bytes=8, value=b"\xff")),
    ("au", "AU", "PCM_16", lambda data: data[:8] + bytes(4) + data[12:]),
    ("au", "AU", "G721_32", lambda data: data[:8] + bytes(4) + data[12:]),
    ("flac", "FLAC", "PCM_16", lambda data: data[:21] + bytes([data[21] & 0xF0]) + bytes(4) + data[26:]),
]


@pytest.mark.parametrize("unfinished", UNFINISHED, ids=lambda unfinished: "-".join(unfinished[1:3]))
@pytest.mark.parametrize("silent", [False, True])
def test_what_was_never_closed_is_read_to_its_end_with_a_remark(tmp_path, unfinished, silent):
    ending, kind, encoding, change = unfinished
    path = tmp_path / f"rec.{ending}"
    soundfile.write(path, song(16_000, silent=silent), 8000, format=kind, subtype=encoding)
    whole = open_recording(path).read()
    data = path.read_bytes()
    path.write_bytes(change(data))
    assert path.read_bytes() != data

    recording = open_recording(path)

    assert recording.remark.startswith("was not closed by what recorded it")
    assert 0 <= recording.n_samples - len(whole) < 1000, "only what fills up the last block may be more"
    np.testing.assert_array_equal(recording.read()[: len(whole)], whole)
    np.testing.assert_array_equal(recording.read(5000, 9000), whole[5000:9000])


def test_check_tells_of_a_recording_that_was_never_closed_and_takes_it(folder):
    folder.add("a", [("pulse", 1.0, 1.0), ("pulse", 9.0, 9.0)], 10)
    path = folder.path / "a.wav"
    path.write_bytes(without_size(path.read_bytes(), b"data"))
    found = folder.survey()
    assert found.recordings[0].recording.duration_seconds == 10
    assert [str(problem) for problem in found.problems if problem.file == "a.wav"] == [
        "a.wav: was not closed by what recorded it: its header does not say how long it is, and it was read to its end. "
        "Copy or convert it again, or ignore this if nothing is missing."
    ]


@pytest.mark.parametrize("behind", [b"", b"LIST\x04\0\0\0INFO", b"id3 \x05\0\0\0ID3\x04\0\0"])
def test_a_wav_file_without_audio_is_empty_whatever_follows(tmp_path, behind):
    path = tmp_path / "rec.wav"
    soundfile.write(path, np.zeros((0, 1)), 8000)
    path.write_bytes(path.read_bytes() + behind)
    recording = open_recording(path)
    assert (recording.n_samples, recording.remark) == (0, "")


@pytest.mark.parametrize("told", [0, 2**32 - 1, 5 * 10**9 % 2**32])
def test_a_wav_file_that_is_longer_than_its_header_can_tell_is_read_to_its_end(tmp_path, told):
    path, n_bytes = tmp_path / "rec.wav", 5 * 10**9
    soundfile.write(path, np.zeros(0), 8000)
    with path.open("r+b") as file:
        file.seek(40)
        file.write(struct.pack("<I", told))
        file.seek(44 + n_bytes - 2)  # the rest takes no room on the disk
        file.write(struct.pack("<h", 2**14))
    recording = open_recording(path)
    assert recording.n_samples == n_bytes // 2
    assert recording.read(recording.n_samples - 2)[:, 0].tolist() == [0, 0.5]
    assert recording.remark


def test_audio_behind_what_a_header_tells_of_is_told(tmp_path):
    path = tmp_path / "rec.wav"
    soundfile.write(path, song(16_000), 8000)
    data = path.read_bytes()
    path.write_bytes(data[:40] + struct.pack("<I", 8000) + data[44:])
    recording = open_recording(path)
    assert recording.n_samples == 4000
    assert recording.remark.startswith("holds more than its header says, which is not read: 75% of the file")


@pytest.mark.parametrize("encoding", ["IMA_ADPCM", "MS_ADPCM", "GSM610", "G721_32"])
def test_what_fills_up_the_last_block_is_no_song(tmp_path, encoding):
    path = tmp_path / "rec.wav"
    soundfile.write(path, song(10_007), 8000, subtype=encoding)
    data = path.read_bytes()
    at = data.index(b"fact") + 8  # libsndfile itself tells of whole blocks there in ADPCM, other programs of samples
    path.write_bytes(data[:at] + struct.pack("<I", 10_007) + data[at + 4 :])
    recording = open_recording(path)
    assert recording.n_samples == 10_007
    np.testing.assert_array_equal(recording.read(), decoded_whole(path)[:10_007])


@pytest.mark.parametrize("told", [0, 5, 2**32 - 1])
def test_a_number_of_samples_that_cannot_be_right_is_not_believed(tmp_path, told):
    path = tmp_path / "rec.wav"
    soundfile.write(path, song(10_000), 8000, subtype="MS_ADPCM")
    n_samples, data = open_recording(path).n_samples, path.read_bytes()
    at = data.index(b"fact") + 8
    path.write_bytes(data[:at] + struct.pack("<I", told) + data[at + 4 :])
    assert open_recording(path).n_samples == n_samples


# --- claims, damage, places


@pytest.mark.parametrize("change", [lambda data: data[:22] + b"\xff" * 4 + data[26:]])
def test_more_samples_than_a_file_has_room_for_are_refused(tmp_path, change):
    path = tmp_path / "rec.flac"
    soundfile.write(path, song(10_000), 8000)
    path.write_bytes(change(path.read_bytes()[:2000]))
    with pytest.raises(DataError, match=r"rec\.flac: claims to be \d+ samples long"):
        open_recording(path)


@pytest.mark.parametrize("which", range(len(FORMATS)), ids=lambda which: "-".join(FORMATS[which][1:3]))
def test_damage_is_the_packages_own_error_or_none(sounds, tmp_path, which):
    data, random = sounds(which, 1, True)[0].read_bytes(), np.random.default_rng(which)
    path, n_open = (
        tmp_path / f"rec.{FORMATS[which][0]}",
        len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,
    )
    for i in range(8):
        damaged = bytearray(data[: len(data) // 10 if i % 2 else int(random.integers(1, len(data)))])
        for at in random.integers(0, min(len(damaged), 300), 3):
            damaged[at] = random.integers(0, 256)
        path.write_bytes(damaged)
        try:
            recording = open_recording(path)
            recording.read(0, min(recording.n_samples, 5000))
        except DataError as error:
            assert str(error).startswith(str(path))  # noqa: PT017 - that there is one is no must
    one_way._decoded.cache_clear()
    assert not n_open or len(os.listdir("/proc/self/fd")) <= n_open


@pytest.mark.parametrize("ending", ["wav", "ogg", "mp3", "flac", "sd2"])
def test_a_recording_outside_of_the_roots_is_refused_also_after_it_was_opened(tmp_path, monkeypatch, ending):
    (tmp_path / "in").mkdir()
    inside, outside = tmp_path / "in" / f"rec.{ending}", tmp_path / f"secret.{ending}"
    for path in (inside, outside):
        soundfile.write(path, song(20_000), 16_000)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "in"))
    recording = open_recording(inside)
    inside.unlink()
    inside.symlink_to(outside)
    with pytest.raises(DataError, match="outside of the folders"):
        recording.read(100, 200)
    with pytest.raises(DataError, match="outside of the folders"):
        open_recording(inside)


def test_the_other_half_of_a_recording_is_not_read_from_outside_of_the_roots(tmp_path, monkeypatch):
    """The header of Sound Designer's files lies beside them."""
    (tmp_path / "in").mkdir()
    soundfile.write(tmp_path / "in" / "rec.sd2", song(2000), 16_000)
    half = tmp_path / "in" / "._rec.sd2"
    half.rename(tmp_path / "secret")
    half.symlink_to(tmp_path / "secret")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "in"))
    with pytest.raises(DataError, match="outside of the folders"):
        open_recording(tmp_path / "in" / "rec.sd2")
