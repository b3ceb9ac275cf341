"""HDF5 files of unknown origin: what lies in the file itself is read, what leads elsewhere is refused, damage is told."""

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from dss_widgets.errors import DataError
from dss_widgets.plain_h5 import holds, open_h5, plain_attribute, plain_dataset, plain_group
from dss_widgets.roots import VARIABLE

SECRET = np.arange(50.0)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file elsewhere, in HDF5 and as bare bytes."""
    (tmp_path / "elsewhere").mkdir()
    path = tmp_path / "elsewhere" / "secret.h5"
    with h5py.File(path, "w") as file:
        file["data"] = SECRET
        file["group/data"] = SECRET
    SECRET.tofile(path.with_suffix(".bin"))
    return path


def take(path: Path, *names: str, kinds: str = "fiub") -> h5py.Dataset:
    group = open_h5(path)
    for name in names[:-1]:
        group = plain_group(path, group, name)
    return plain_dataset(path, group, names[-1], kinds)


def refused(path: Path, *names: str, kinds: str = "fiub") -> str:
    with pytest.raises(DataError, match=path.name) as told:
        take(path, *names, kinds=kinds)
    return str(told.value)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunks": (7, 2)},
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"compression": "lzf", "chunks": (50, 1)},
        {"maxshape": (None, 2)},
    ],
)
@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<f2", "i2", "u1", "bool"])
def test_plain_numbers_are_read_whatever_their_layout(tmp_path, options, dtype):
    values = (np.arange(100).reshape(50, 2) % 2).astype(dtype)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("train/x", data=values, **options)
    with open_h5(tmp_path / "a.h5") as file:
        group = plain_group(tmp_path / "a.h5", file, "train")
        np.testing.assert_array_equal(plain_dataset(tmp_path / "a.h5", group, "x")[3:40], values[3:40])
        assert holds(file, "train")
        assert not holds(file, "x")


def test_silence_may_be_packed_a_thousandfold(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("data", data=np.zeros(10**7), compression="gzip", compression_opts=9)
    with open_h5(tmp_path / "a.h5") as file:
        assert plain_dataset(tmp_path / "a.h5", file, "data").shape == (10**7,)


def test_text_of_fixed_length_is_read_where_it_is_wanted_only(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["names"] = np.array([b"song", b"call"])
        file["any"] = ["song", "call"]
    with open_h5(path) as file:
        assert plain_dataset(path, file, "names", "S")[:].tolist() == [b"song", b"call"]
    assert "no plain numbers" in refused(path, "names")
    assert "text of no fixed length" in refused(path, "any", kinds="S")


@pytest.mark.parametrize("link", ["external", "soft", "soft to external", "group"])
def test_links_are_not_followed(tmp_path, secret, link):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        if link == "soft":
            file["other"] = SECRET
            file["data"] = h5py.SoftLink("/other")
        elif link == "soft to external":
            file["other"] = h5py.ExternalLink(str(secret), "/")
            file["data"] = h5py.SoftLink("/other/data")
        else:
            file["data"] = h5py.ExternalLink(str(secret), "/group" if link == "group" else "/data")
    told = refused(path, *(("data", "data") if link == "group" else ("data",)))
    assert "is a link. Save the values themselves in the file." in told


def test_a_link_that_leads_nowhere_is_there_and_is_a_link(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["data"] = h5py.ExternalLink("gone.h5", "/data")
    with open_h5(path) as file:
        assert holds(file, "data")
    assert "is a link" in refused(path, "data")


def test_slashes_lead_nowhere(tmp_path, secret):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["out"] = h5py.ExternalLink(str(secret), "/")
    assert "has no dataset 'out/data'" in refused(path, "out/data")


def test_external_storage_is_refused(tmp_path, secret):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", (50,), "f8", external=[(str(secret.with_suffix(".bin")), 0, 400)])
    assert "lies in other files" in refused(path, "data")


@pytest.mark.parametrize("endless", [False, True])
def test_virtual_datasets_are_refused_without_opening_their_sources(tmp_path, endless):
    path, pipe = tmp_path / "a.h5", tmp_path / "pipe.h5"
    length = h5py.h5s.UNLIMITED if endless else 50
    with h5py.File(path, "w") as file:
        layout = h5py.VirtualLayout((50,), "f8", maxshape=(None,) if endless else None)
        source = h5py.VirtualSource(str(pipe), "data", (50,), "f8", maxshape=(None,) if endless else None)
        layout[:length] = source[:length]
        file.create_virtual_dataset("data", layout)
    os.mkfifo(pipe)  # opening it would wait for ever
    assert "lies in other files" in refused(path, "data")


def test_other_filters_are_not_loaded(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=np.arange(100), scaleoffset=0)
    assert "packed in a way that is not known" in refused(path, "data")


@pytest.mark.parametrize(
    "value", [["a", "b"], np.zeros(3, [("a", "f4")]), np.zeros(3, complex)], ids=["text", "compound", "complex"]
)
def test_what_is_no_plain_number_is_refused(tmp_path, value):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["data"] = value
        file.attrs["rate"] = value
    assert "no plain numbers" in refused(path, "data")
    with open_h5(path) as file, pytest.raises(DataError, match=r"a\.h5: its attribute 'rate' holds no plain numbers"):
        plain_attribute(path, file, "rate")


@pytest.mark.parametrize("options", [{}, {"chunks": (1000,)}, {"chunks": (1000,), "compression": "gzip"}])
def test_more_values_than_the_file_has_room_for_are_refused_before_any_memory_is_taken(tmp_path, options):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", (10**11,), "f8", **options)
    assert "more than the file has room for" in refused(path, "data")


def test_chunks_too_large_to_unpack_are_refused(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", (2**26,), "f8", chunks=(2**26,), compression="gzip")
    assert "chunks of 512 MB" in refused(path, "data")


def test_groups_and_datasets_are_not_taken_for_each_other(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["group/data"] = SECRET
    assert "has no dataset 'group'" in refused(path, "group")
    assert "has no group 'data'" in refused(path, "group", "data", "x")
    assert "has no dataset 'x'" in refused(path, "x")


def test_attributes_are_read_and_missing_ones_are_none(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs.update(rate=8000, two=np.array([1.5, 2.5]), name=np.bytes_(b"bird"))
    with open_h5(path) as file:
        assert plain_attribute(path, file, "rate") == 8000
        assert plain_attribute(path, file, "two").tolist() == [1.5, 2.5]
        assert plain_attribute(path, file, "name", "S") == b"bird"
        assert plain_attribute(path, file, "gone") is None


def test_an_attribute_as_large_as_a_recording_is_refused(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs.create("rate", np.zeros(200_000))
    with open_h5(path) as file, pytest.raises(DataError, match="too large for an attribute"):
        plain_attribute(path, file, "rate")


@pytest.mark.parametrize("content", [b"", b"not HDF5", b"\x89HDF\r\n\x1a\n" + b"\x00" * 200])
def test_what_is_no_hdf5_file_is_an_error_that_names_it(tmp_path, content):
    (tmp_path / "a.h5").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.h5: is not a readable HDF5 file \(.*Copy it again"):
        open_h5(tmp_path / "a.h5")


def test_a_file_outside_of_the_roots_is_refused(tmp_path, secret, monkeypatch):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.h5").symlink_to(secret)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "in"))
    with pytest.raises(DataError, match="outside of the folders"):
        open_h5(tmp_path / "in" / "a.h5")


def test_a_closed_file_is_held_by_nothing(tmp_path, secret):
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    for _ in range(5):
        with open_h5(secret) as file:
            plain_dataset(secret, file, "data")[:]
    after = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else 0
    assert after == before


def test_flipped_bytes_give_values_or_the_packages_own_error(tmp_path):
    path, random = tmp_path / "a.h5", np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        data = file.create_dataset("data", data=random.integers(-99, 99, 500, dtype="i2"), compression="gzip", chunks=(100,))
        data.attrs["samplerate"] = 8000
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    errors = []
    for _ in range(300):
        damaged = whole.copy()
        damaged[random.integers(0, len(whole), 3)] = random.integers(0, 256, 3)
        path.write_bytes(damaged.tobytes())
        try:
            with open_h5(path) as file:
                plain_attribute(path, plain_dataset(path, file, "data"), "samplerate")
        except DataError as error:
            errors.append(str(error))
    assert errors
    assert all(error.startswith(f"{path}: ") for error in errors)


def test_a_file_that_is_still_open_when_python_ends_is_no_harm(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.arange(10.0)
    code = (
        "import ctypes, sys; from dss_widgets.plain_h5 import open_h5\n"
        "values = open_h5(sys.argv[1])['x']\n"
        "ctypes.pythonapi.Py_IncRef(ctypes.py_object(values.id))  # as in a thread that still uses it"
    )
    ended = subprocess.run([sys.executable, "-c", code, tmp_path / "a.h5"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
