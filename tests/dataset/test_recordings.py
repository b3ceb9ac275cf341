"""Recordings: every format gives [samples, channels] floats, whole or in blocks, or an error that says what is wrong."""

import pickle
import threading
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import open_recording, register_recording_format
from dss_widgets.dataset.recordings.array_files import recording_of
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.dataset.recordings.recording import Recording, to_float32
from dss_widgets.errors import DataError
from dss_widgets.roots import VARIABLE

SOUND_FORMATS = [
    ("wav", "PCM_U8", 1 / 100), ("wav", "PCM_16", 1e-4), ("wav", "PCM_24", 1e-6), ("wav", "PCM_32", 1e-6),
    ("wav", "FLOAT", 1e-6), ("wav", "DOUBLE", 1e-6), ("flac", "PCM_16", 1e-4), ("flac", "PCM_24", 1e-6),
    ("aiff", "PCM_16", 1e-4), ("w64", "PCM_16", 1e-4), ("caf", "PCM_16", 1e-4), ("au", "PCM_16", 1e-4),
    ("ogg", "VORBIS", 1.5), ("mp3", "MPEG_LAYER_III", 0.5),
]  # fmt: skip


@pytest.fixture
def audio() -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, (5000, 2))


def save_npz(path: Path, data: np.ndarray, samplerate: object = 1000, *, compressed: bool = False) -> Path:
    (np.savez_compressed if compressed else np.savez)(path, data=data, samplerate=samplerate)
    return path


def save_h5(path: Path, data: np.ndarray, samplerate: object = 1000, **options: object) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=data, **options).attrs["samplerate"] = samplerate
    return path


# --- sound files


@pytest.mark.parametrize(("ending", "subtype", "precision"), SOUND_FORMATS)
def test_sound_files_of_all_kinds_are_read(tmp_path, audio, ending, subtype, precision):
    path = tmp_path / f"rec.{ending}"
    soundfile.write(path, audio, 8000, subtype=subtype)

    recording = open_recording(path)

    assert (recording.samplerate_hz, recording.n_channels) == (8000.0, 2)
    assert recording.n_samples == pytest.approx(5000, abs=0 if ending != "mp3" else 2500)
    if ending != "mp3":
        np.testing.assert_allclose(recording.read(), audio, atol=precision)


@pytest.mark.parametrize("format_", ["RF64", "WAVEX"])
def test_large_and_extensible_wav_files_are_read(tmp_path, audio, format_):
    path = tmp_path / "rec.wav"
    soundfile.write(path, audio, 8000, format=format_, subtype="PCM_16")
    np.testing.assert_allclose(open_recording(path).read(), audio, atol=1e-4)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff", "caf"])
def test_a_block_of_a_sound_file_equals_that_part_of_the_whole(tmp_path, audio, ending):
    path = tmp_path / f"rec.{ending}"
    soundfile.write(path, np.tile(audio, (4, 1)), 8000)
    recording = open_recording(path)
    np.testing.assert_allclose(recording.read(7000, 9001), recording.read()[7000:9001], atol=1e-5)


def test_float_audio_beyond_one_is_not_clipped(tmp_path):
    path = tmp_path / "rec.wav"
    soundfile.write(path, np.array([0.0, 3.5, -7.0]), 1000, subtype="FLOAT")
    assert open_recording(path).read()[:, 0].tolist() == [0.0, 3.5, -7.0]


def test_the_case_of_the_ending_does_not_matter(tmp_path, audio):
    soundfile.write(tmp_path / "rec.WAV", audio, 8000, format="WAV")
    assert is_recording(tmp_path / "rec.WAV")
    assert not is_recording(tmp_path / "rec_probabilities.h5"), "it was made of a recording"
    assert open_recording(tmp_path / "rec.WAV").n_samples == 5000


@pytest.mark.parametrize("name", ["rec[1].wav", "été ñ 日本.wav", "a b;c.wav", "rec.1.2.wav"])
def test_odd_file_names_are_no_obstacle(tmp_path, audio, name):
    soundfile.write(tmp_path / name, audio, 8000)
    assert open_recording(tmp_path / name).read().shape == (5000, 2)


def test_an_empty_sound_file_has_no_samples(tmp_path):
    soundfile.write(tmp_path / "rec.wav", np.zeros((0, 1)), 8000)
    recording = open_recording(tmp_path / "rec.wav")
    assert recording.n_samples == 0
    assert recording.read().shape == (0, 1)


def test_a_file_of_one_sample_is_read(tmp_path):
    soundfile.write(tmp_path / "rec.wav", np.array([0.5]), 8000)
    assert open_recording(tmp_path / "rec.wav").read().tolist() == [[0.5]]


def test_a_damaged_file_is_an_error_that_names_it(tmp_path):
    (tmp_path / "rec.wav").write_bytes(b"RIFF not really a wav file")
    with pytest.raises(DataError, match=r"rec\.wav: is not a readable wav file .*Convert it again"):
        open_recording(tmp_path / "rec.wav")


def test_a_file_that_ends_before_its_header_says_is_an_error(tmp_path, audio):
    path = tmp_path / "rec.wav"
    soundfile.write(path, audio, 8000)
    recording = open_recording(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match=r"rec\.wav: (ends before|samples)"):
        recording.read()


@pytest.mark.parametrize(
    ("ending", "kind"), [("wav", "WAV"), ("wav", "WAVEX"), ("wav", "RF64"), ("w64", "W64"), ("aiff", "AIFF"), ("au", "AU")]
)
def test_a_copy_that_was_cut_off_is_remarked_and_a_whole_one_is_not(tmp_path, ending, kind):
    path = tmp_path / f"rec.{ending}"
    soundfile.write(path, np.zeros(4000), 1000, format=kind)
    assert not open_recording(path).remark
    path.write_bytes(path.read_bytes()[:4200])
    cut = open_recording(path)
    assert cut.n_samples < 2100
    assert cut.remark.startswith("is cut off: 5")


def test_a_wav_file_written_to_a_pipe_whose_header_knows_no_length_is_not_cut_off(tmp_path):
    path = tmp_path / "rec.wav"
    soundfile.write(path, np.zeros(4000), 1000)
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert not open_recording(path).remark


def test_nan_in_audio_is_told_with_its_time(tmp_path):
    audio = np.zeros(5000)
    audio[2500] = np.nan
    soundfile.write(tmp_path / "rec.wav", audio, 1000, subtype="FLOAT")
    with pytest.raises(DataError, match=r"NaN or infinite values, first at 2\.500 s"):
        open_recording(tmp_path / "rec.wav").read()


def test_an_unknown_ending_lists_the_known_ones(tmp_path):
    (tmp_path / "rec.xyz").write_bytes(b"")
    with pytest.raises(DataError, match=r"\.xyz is no known audio format \(.*\.wav"):
        open_recording(tmp_path / "rec.xyz")


# --- npz and h5


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("samplerate", [1000, [1000.0], np.float32(1000)])
def test_npz_files_are_read_with_a_scalar_or_an_array_of_one_as_rate(tmp_path, audio, compressed, samplerate):
    recording = open_recording(save_npz(tmp_path / "rec.npz", audio, samplerate, compressed=compressed))
    assert recording.samplerate_hz == 1000.0
    np.testing.assert_array_equal(recording.read(), audio.astype(np.float32))


@pytest.mark.parametrize("save", [save_npz, save_h5])
def test_one_dimensional_audio_is_one_channel(tmp_path, audio, save):
    path = save(tmp_path / ("rec.npz" if save is save_npz else "rec.h5"), audio[:, 0])
    assert open_recording(path).read(10, 20).shape == (10, 1)


@pytest.mark.parametrize("data", [np.zeros((0,)), np.zeros((0, 3))])
@pytest.mark.parametrize("save", [save_npz, save_h5])
def test_empty_arrays_have_no_samples(tmp_path, data, save):
    recording = open_recording(save(tmp_path / ("rec.npz" if save is save_npz else "rec.h5"), data))
    assert recording.n_samples == 0
    assert len(recording.read()) == 0


def test_compressed_npz_files_are_read_in_any_order_and_by_several_threads(tmp_path):
    data = np.random.default_rng(0).standard_normal((20_000, 2)).astype(np.float32)
    recording = open_recording(save_npz(tmp_path / "rec.npz", data, compressed=True))
    starts = [0, 12_000, 3000, 19_999, 3000, 0, 15_000]
    found: dict[int, np.ndarray] = {}

    def read(i: int) -> None:
        found[i] = recording.read(starts[i], min(20_000, starts[i] + 4000))

    threads = [threading.Thread(target=read, args=(i,)) for i in range(len(starts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, start in enumerate(starts):
        np.testing.assert_array_equal(found[i], data[start : start + 4000])


def test_fortran_ordered_npz_files_are_read_right(tmp_path):
    data = np.asfortranarray(np.arange(12.0).reshape(6, 2))
    np.testing.assert_array_equal(open_recording(save_npz(tmp_path / "rec.npz", data)).read(2, 5), data[2:5])


def test_big_endian_arrays_are_read_right(tmp_path):
    data = np.arange(6, dtype=">f4")
    np.testing.assert_array_equal(open_recording(save_npz(tmp_path / "rec.npz", data)).read()[:, 0], np.arange(6))


def test_compressed_h5_files_are_read(tmp_path, audio):
    recording = open_recording(save_h5(tmp_path / "rec.h5", audio, compression="gzip", chunks=(256, 2)))
    np.testing.assert_array_equal(recording.read(1000, 1300), audio[1000:1300].astype(np.float32))


def test_the_rate_of_an_h5_file_may_be_the_files_own_attribute(tmp_path, audio):
    with h5py.File(tmp_path / "rec.h5", "w") as file:
        file["data"] = audio
        file.attrs["samplerate"] = [2000]
    assert open_recording(tmp_path / "rec.h5").samplerate_hz == 2000.0


def test_h5_files_without_rate_or_data_say_what_is_missing(tmp_path, audio):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = audio
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["song"] = audio
    with pytest.raises(DataError, match="no attribute 'samplerate'"):
        open_recording(tmp_path / "a.h5")
    with pytest.raises(DataError, match="no dataset 'data', only song"):
        open_recording(tmp_path / "b.h5")


@pytest.mark.parametrize("samplerate", [0, -1, np.nan, [1, 2], "fast"])
def test_a_rate_that_is_no_number_above_zero_is_refused(tmp_path, audio, samplerate):
    with pytest.raises(DataError, match="not a number of Hz above 0"):
        open_recording(save_npz(tmp_path / "rec.npz", audio, samplerate))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros((2, 3, 4)), r"shape \(2, 3, 4\)"),
        (np.zeros((2, 5000)), "Transpose it"),
        (np.zeros(5, complex), "complex128, not numbers"),
        (np.array(["a"]), "not numbers"),
    ],
)
def test_arrays_that_cannot_be_audio_are_refused(tmp_path, data, message):
    with pytest.raises(DataError, match=message):
        open_recording(save_npz(tmp_path / "rec.npz", data))


def test_an_npz_file_with_pickled_objects_is_refused_without_loading_them(tmp_path):
    data = np.array([{"a": 1}], dtype=object)
    np.savez(tmp_path / "rec.npz", data=data, samplerate=1000)
    with pytest.raises(DataError):
        open_recording(tmp_path / "rec.npz")


# --- damage, claims and places


def member(header: dict[str, object], data: bytes = b"") -> bytes:
    """Return an ``.npy`` file whose header may say anything."""
    text = repr(header).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data


def save_members(path: Path, compression: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


RATE = member({"descr": "<f8", "fortran_order": False, "shape": ()}, np.float64(1000).tobytes())


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("shape", [(10**12,), (10**9, 2), (2**62, 4), (-5,)])
def test_an_npz_file_that_claims_more_than_it_has_room_for_is_refused(tmp_path, compression, shape):
    data = member({"descr": "<f4", "fortran_order": False, "shape": shape}, bytes(4000))
    with pytest.raises(DataError, match=r"rec\.npz: .*(more than the file has room for|not a readable npz)"):
        open_recording(save_members(tmp_path / "rec.npz", compression, data=data, samplerate=RATE))


def test_a_sample_rate_as_large_as_a_recording_is_refused_before_it_is_read(tmp_path):
    rate = member({"descr": "<f8", "fortran_order": False, "shape": (10**6,)}, bytes(8 * 10**6))
    data = member({"descr": "<f4", "fortran_order": False, "shape": (1000,)}, bytes(4000))
    with pytest.raises(DataError, match="should be one number"):
        open_recording(save_members(tmp_path / "rec.npz", zipfile.ZIP_DEFLATED, data=data, samplerate=rate))


def test_a_header_as_large_as_a_recording_is_refused_before_it_is_read(tmp_path):
    data = b"\x93NUMPY\x02\x00" + (2**31).to_bytes(4, "little") + bytes(10**6)
    with pytest.raises(DataError, match=r"header of its array data\.npy is 2147483648 bytes long"):
        open_recording(save_members(tmp_path / "rec.npz", zipfile.ZIP_DEFLATED, data=data, samplerate=RATE))


def test_an_npz_file_packed_in_another_way_is_refused(tmp_path):
    data = member({"descr": "<f4", "fortran_order": False, "shape": (1000,)}, bytes(4000))
    with pytest.raises(DataError, match=r"packed in a way that NumPy does not write\. Save it again"):
        open_recording(save_members(tmp_path / "rec.npz", zipfile.ZIP_LZMA, data=data, samplerate=RATE))


def test_silence_that_is_packed_a_thousandfold_is_read(tmp_path):
    recording = open_recording(save_npz(tmp_path / "rec.npz", np.zeros((500_000, 2)), compressed=True))
    assert not recording.read(400_000, 400_100).any()


@pytest.mark.parametrize("compressed", [False, True])
def test_fortran_ordered_npz_files_are_read_in_any_order(tmp_path, compressed):
    data = np.asfortranarray(np.random.default_rng(0).standard_normal((20_000, 3)).astype(np.float32))
    recording = open_recording(save_npz(tmp_path / "rec.npz", data, compressed=compressed))
    for start in (0, 12_000, 3000, 19_999, 3000):
        np.testing.assert_array_equal(recording.read(start, min(20_000, start + 4000)), data[start : start + 4000])


@pytest.mark.parametrize("kind", ["npz", "compressed", "h5", "packed h5"])
def test_wrong_bytes_anywhere_are_the_packages_own_error_or_other_values(tmp_path, audio, kind):
    path, random = tmp_path / f"rec.{kind[-2:] if 'h5' in kind else 'npz'}", np.random.default_rng(0)
    if "h5" in kind:
        save_h5(path, audio, **({"compression": "gzip", "chunks": (1000, 1)} if "packed" in kind else {}))
    else:
        save_npz(path, audio, compressed=kind == "compressed")
    whole, errors = np.frombuffer(path.read_bytes(), np.uint8), []
    for i in range(150):
        damaged = whole[: random.integers(1, len(whole)) if i % 5 == 0 else None].copy()
        ends = np.r_[0 : min(600, len(damaged)), max(0, len(damaged) - 400) : len(damaged)]  # where headers lie
        where = random.choice(ends, 3) if i % 2 else random.integers(0, len(damaged), 3)
        damaged[where] = random.integers(0, 256, 3)
        path.write_bytes(damaged.tobytes())
        try:
            recording = open_recording(path)
            recording.read(0, min(recording.n_samples, 6000))
        except DataError as error:
            errors.append(str(error))
    assert errors
    assert all(error.startswith(f"{path}: ") for error in errors)


@pytest.mark.parametrize("way", ["external link", "soft link", "external storage", "virtual"])
def test_h5_files_whose_audio_lies_elsewhere_are_refused(tmp_path, audio, way):
    secret, path = save_h5(tmp_path / "secret.h5", audio), tmp_path / "rec.h5"
    audio.tofile(tmp_path / "secret.bin")
    with h5py.File(path, "w") as file:
        file.attrs["samplerate"] = 1000
        if way == "external link":
            file["data"] = h5py.ExternalLink(str(secret), "/data")
        elif way == "soft link":
            file["other"] = h5py.ExternalLink(str(secret), "/")
            file["data"] = h5py.SoftLink("/other/data")
        elif way == "external storage":
            file.create_dataset("data", audio.shape, "f8", external=[(str(tmp_path / "secret.bin"), 0, audio.nbytes)])
        else:
            layout = h5py.VirtualLayout(audio.shape, "f8")
            layout[:] = h5py.VirtualSource(str(secret), "data", audio.shape)
            file.create_virtual_dataset("data", layout)
    with pytest.raises(DataError, match="Save the values themselves in the file"):
        open_recording(path)


def test_an_h5_file_whose_audio_comes_to_lie_elsewhere_is_refused_when_it_is_read(tmp_path, audio):
    secret, path = save_h5(tmp_path / "secret.h5", audio), save_h5(tmp_path / "rec.h5", audio)
    recording = open_recording(path)
    with h5py.File(path, "a") as file:
        del file["data"]
        file["data"] = h5py.ExternalLink(str(secret), "/data")
    with pytest.raises(DataError, match="is a link"):
        recording.read(0, 100)


@pytest.mark.parametrize("kind", ["npz", "compressed", "h5", "cbin"])
def test_a_link_that_is_put_in_a_recordings_place_leads_nowhere(tmp_path, audio, monkeypatch, kind):
    (tmp_path / "in").mkdir()
    suffix = {"compressed": "npz"}.get(kind, kind)
    inside, outside = tmp_path / "in" / f"rec.{suffix}", tmp_path / f"secret.{suffix}"
    for path in (inside, outside):
        if kind == "cbin":
            audio.astype(">i2").tofile(path)
            path.with_suffix(".rec").write_text("ADFREQ = 1000\nChans = 2\n")
        elif kind == "h5":
            save_h5(path, audio)
        else:
            save_npz(path, audio, compressed=kind == "compressed")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "in"))
    recording = open_recording(inside)
    inside.unlink()
    inside.symlink_to(outside)
    with pytest.raises(DataError, match="outside of the folders"):
        recording.read(100, 200)
    with pytest.raises(DataError, match="outside of the folders"):
        open_recording(inside)


def test_a_cbin_whose_rec_file_lies_elsewhere_is_refused(tmp_path, audio, monkeypatch):
    (tmp_path / "in").mkdir()
    audio.astype(">i2").tofile(tmp_path / "in" / "rec.cbin")
    (tmp_path / "secret").write_text("ADFREQ = 1000\nChans = 2\n")
    (tmp_path / "in" / "rec.rec").symlink_to(tmp_path / "secret")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "in"))
    with pytest.raises(DataError, match="outside of the folders"):
        open_recording(tmp_path / "in" / "rec.cbin")


def test_whatever_a_format_of_somebodys_own_raises_names_the_file(tmp_path):
    def read(start: int, stop: int) -> np.ndarray:
        raise KeyError("block")

    recording = Recording(tmp_path / "rec.own", 1000.0, 10, 1, read)
    with pytest.raises(DataError, match=r"rec\.own: samples 0 to 10 cannot be read .*block"):
        recording.read()


# --- integers


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([-32768, 0, 16384], np.int16), [-1, 0, 0.5]),
        (np.array([-128, 0, 64], np.int8), [-1, 0, 0.5]),
        (np.array([0, 128, 192], np.uint8), [-1, 0, 0.5]),
        (np.array([0, 32768, 49152], np.uint16), [-1, 0, 0.5]),
        (np.array([-(2**31), 0, 2**30], np.int32), [-1, 0, 0.5]),
        (np.array([0, 2**31, 3 * 2**30], np.uint32), [-1, 0, 0.5]),
        (np.array([-32768, 0, 16384], np.int64), [-1, 0, 0.5]),
    ],
)
def test_integers_are_scaled_by_their_full_scale(values, expected):
    assert to_float32(values).tolist() == expected


def test_integers_survive_float16(tmp_path):
    values = np.array([-32768, -32767, 2049, 32767, 3], dtype=np.int16)
    read = open_recording(save_npz(tmp_path / "rec.npz", values)).read().astype(np.float16).astype(np.float64)
    assert np.isfinite(read).all()
    np.testing.assert_allclose(read[:, 0] * 32768, values, rtol=1 / 2048)


def test_64_bit_integers_keep_their_precision_whatever_their_size():
    values = np.array([1, 1000, 2**23, -(2**40)], dtype=np.int64)
    np.testing.assert_allclose(to_float32(values) * 32768.0, values, rtol=1e-6)


# --- .cbin, own formats, other processes


def test_cbin_files_are_read_with_their_rec_file(tmp_path):
    song = np.arange(-5, 5, dtype=">i2") * 1000
    np.column_stack([song, np.full(10, 7, ">i2")]).astype(">i2").tofile(tmp_path / "bird.cbin")
    (tmp_path / "bird.rec").write_text("File created: today\n\nADFREQ =   32000\nChans = 2\nSamples = 10\n")

    recording = open_recording(tmp_path / "bird.cbin")

    assert (recording.samplerate_hz, recording.n_samples, recording.n_channels) == (32000.0, 10, 1)
    np.testing.assert_allclose(recording.read(2, 8)[:, 0], song[2:8].astype(float) / 32768)


def test_a_cbin_of_less_than_one_channel_is_an_error_that_names_the_rec_file(tmp_path):
    (tmp_path / "a.cbin").write_bytes(b"\0" * 100)
    (tmp_path / "a.rec").write_text("ADFREQ = 1000\nChans = 0.5\n")
    with pytest.raises(DataError, match=r"a\.rec: says that there is less than one channel"):
        open_recording(tmp_path / "a.cbin")


@pytest.mark.parametrize("text", [None, "Chans = 1\n", "ADFREQ = 0\nChans = 1\n"])
def test_a_cbin_without_a_usable_rec_file_is_an_error_that_names_it(tmp_path, text):
    np.zeros(4, ">i2").tofile(tmp_path / "bird.cbin")
    if text is not None:
        (tmp_path / "bird.rec").write_text(text)
    with pytest.raises(DataError, match=r"bird\.rec"):
        open_recording(tmp_path / "bird.cbin")


def test_a_users_own_format_is_one_registered_function(tmp_path):
    def open_numbers(path: Path) -> Recording:
        return recording_of(np.array(path.read_text().split(), float), 100, path.name)

    register_recording_format(".Numbers", open_numbers)
    (tmp_path / "rec.NUMBERS").write_text("0.1 0.2 0.3")

    assert is_recording(tmp_path / "rec.numbers")
    assert open_recording(tmp_path / "rec.NUMBERS").n_samples == 3


def test_an_ending_without_a_dot_is_refused():
    with pytest.raises(ValueError, match="must begin with a dot"):
        register_recording_format("wav", open_recording)


@pytest.mark.parametrize("kind", ["wav", "npz", "compressed", "h5"])
def test_recordings_can_be_sent_to_another_process(tmp_path, audio, kind):
    path = tmp_path / f"rec.{'npz' if kind == 'compressed' else kind}"
    if kind == "wav":
        soundfile.write(path, audio, 1000, subtype="DOUBLE")
    elif kind == "h5":
        save_h5(path, audio)
    else:
        save_npz(path, audio, compressed=kind == "compressed")
    recording = open_recording(path)
    recording.read(0, 100)
    received = pickle.loads(pickle.dumps(recording))
    np.testing.assert_array_equal(received.read(50, 80), recording.read(50, 80))
