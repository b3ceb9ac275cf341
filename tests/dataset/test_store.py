"""Reading datasets: ours, DAS's, damaged ones, and those that somebody made to run code."""

import json
import os
import pickle
import subprocess
import sys

import h5py
import numpy as np
import pytest
import zarr

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.stores.npy_files import read_attributes
from dss_widgets.errors import DataError

ATTRS = {
    "samplerate_x_Hz": 10_000,
    "samplerate_y_Hz": 10_000,
    "class_names": ["noise", "sine"],
    "class_types": ["segment", "segment"],
}


def write_store(path, attrs=ATTRS, *, n: int = 100, n_classes: int = 2):
    """Write a dataset as DAS does: np.save of everything, a pickled dict of attributes."""
    for split in ("train", "val", "test"):
        (path / split).mkdir(parents=True)
        np.save(path / split / "x.npy", np.zeros((n, 1), np.float16))
        y = np.zeros((n, n_classes), np.float16)
        y[:, 0] = 1
        np.save(path / split / "y.npy", y)
    np.save(path / "attrs.npy", dict(attrs), allow_pickle=True)
    return path


def write_pickle(path, pickled: bytes):
    holder = np.lib.format.magic(1, 0)
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    header += b" " * (63 - (len(header) + 10) % 64) + b"\n"
    (path / "attrs.npy").write_bytes(holder + len(header).to_bytes(2, "little") + header + pickled)


# --- datasets made by DAS


def test_a_dataset_made_by_das_is_read(tmp_path):
    dataset = open_dataset(write_store(tmp_path / "das.npy"))
    assert dataset.samplerate_hz == 10_000
    assert dataset.class_names == ["noise", "sine"]
    assert dataset.n_channels == 1
    assert dataset.split("train").n_samples == 100
    assert dataset.shares("train") == {"noise": 1.0, "sine": 0.0}


@pytest.mark.parametrize("protocol", [0, 2, 3, 4, 5])
def test_numpy_scalars_and_arrays_in_the_pickle_become_plain_values(tmp_path, protocol):
    attrs = {
        **ATTRS,
        "samplerate_x_Hz": np.float64(1000.5),
        "class_names": np.array(["noise", "sine"]),
        "n": np.int64(3),
        "flag": np.bool_(True),
        "name": np.str_("é"),
        "table": {"a": (1, np.float32(0.5))},
        "objects": np.array(["a", 1], dtype=object),
    }
    store = write_store(tmp_path / "das.npy")
    write_pickle(store, pickle.dumps(np.array(attrs, dtype=object), protocol=protocol))
    found = open_dataset(store).attrs
    assert found["samplerate_x_Hz"] == 1000.5
    assert found["class_names"] == ["noise", "sine"]
    assert (found["n"], found["flag"], found["name"]) == (3, True, "é")
    assert found["table"] == {"a": [1, 0.5]}
    assert found["objects"] == ["a", 1]


@pytest.mark.parametrize("module", [b"numpy.core.multiarray", b"numpy._core.multiarray"])
def test_pickles_of_numpy_1_and_2_are_read(tmp_path, module):
    store = write_store(tmp_path / "das.npy")
    pickled = pickle.dumps(np.array(ATTRS, dtype=object), protocol=2)
    for other in (b"numpy._core.multiarray", b"numpy.core.multiarray"):
        pickled = pickled.replace(b"c" + other + b"\n", b"c" + module + b"\n")
    write_pickle(store, pickled)
    assert open_dataset(store).class_names == ["noise", "sine"]


def test_missing_class_types_are_taken_for_segments(tmp_path):
    attrs = {name: value for name, value in ATTRS.items() if name != "class_types"}
    assert open_dataset(write_store(tmp_path / "das.npy", attrs)).class_types == ["segment", "segment"]


def test_a_split_that_is_not_there_has_zero_samples(tmp_path):
    store = write_store(tmp_path / "das.npy")
    for file in ("x.npy", "y.npy"):
        (store / "test" / file).unlink()
    (store / "test").rmdir()
    assert open_dataset(store).split("test").n_samples == 0


# --- pickles that would run code


class WriteFile:
    """What a pickle of this runs when it is loaded: it writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


class Evaluate(WriteFile):
    def __reduce__(self):
        return eval, (f"open({str(self.path)!r}, 'w').close()",)


class Subprocess(WriteFile):
    def __reduce__(self):
        return subprocess.call, ([sys.executable, "-c", f"open({str(self.path)!r}, 'w')"],)


class ThroughNumpy(WriteFile):
    def __reduce__(self):
        return np.fromfile, (str(self.path),)


@pytest.mark.parametrize("kind", [WriteFile, Evaluate, Subprocess])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_the_exploits_of_this_test_do_work_when_loaded_carelessly(tmp_path, kind, protocol):
    pickle.loads(pickle.dumps(kind(tmp_path / "written"), protocol=protocol))
    assert (tmp_path / "written").exists()


@pytest.mark.parametrize("kind", [WriteFile, Evaluate, Subprocess, ThroughNumpy])
@pytest.mark.parametrize("protocol", [0, 2, 4])
@pytest.mark.parametrize("deep", [False, True])
def test_a_pickle_that_would_run_code_is_refused_and_runs_nothing(tmp_path, kind, protocol, deep):
    store = write_store(tmp_path / "evil.npy")
    exploit = kind(tmp_path / "written")
    value = np.array({**ATTRS, "x": [exploit]}, dtype=object) if deep else exploit
    write_pickle(store, pickle.dumps(value, protocol=protocol))
    with pytest.raises(DataError, match=r"attrs\.npy: refused, because it holds .* could run somebody's code"):
        open_dataset(store)
    assert not (tmp_path / "written").exists()


@pytest.mark.parametrize(
    "pickled",
    [
        b"cbuiltins\ngetattr\n.",
        b"\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x8c\x06system\x93.",
        b"(S'touch /tmp/x'\nios\nsystem\n.",
        b"cnumpy\nload\n.",
        b"cnumpy.core.multiarray\n_reconstruct\n}S'__code__'\nI1\ns\x86b.",
        b"Pfile\n.",
    ],
)
def test_other_ways_to_name_functions_are_refused(tmp_path, pickled):
    store = write_store(tmp_path / "evil.npy")
    write_pickle(store, pickled)
    with pytest.raises(DataError):
        open_dataset(store)


def test_the_functions_that_are_let_through_cannot_be_changed_by_a_pickle(tmp_path):
    store = write_store(tmp_path / "evil.npy")
    # gives the scalar maker new defaults: BUILD with a state for attributes
    write_pickle(store, b"\x80\x02cnumpy.core.multiarray\nscalar\nN}U\x0c__defaults__K\x05\x85s\x86b.")
    with pytest.raises(DataError):
        open_dataset(store)
    write_pickle(store, pickle.dumps(np.array({**ATTRS, "n": np.int64(3)}, dtype=object), protocol=2))
    assert open_dataset(store).attrs["n"] == 3


# --- damaged ones


def test_what_is_no_dataset_is_told(tmp_path):
    with pytest.raises(DataError, match="is not a folder"):
        open_dataset(tmp_path / "nothing.npy")
    (tmp_path / "empty.npy").mkdir()
    with pytest.raises(DataError, match=r"is not a dataset \(it has no attrs\.npy\)"):
        open_dataset(tmp_path / "empty.npy")


@pytest.mark.parametrize("content", [b"", b"not numpy at all", b"\x93NUMPY\x01\x00"])
def test_damaged_attributes_are_told(tmp_path, content):
    store = write_store(tmp_path / "bad.npy")
    (store / "attrs.npy").write_bytes(content)
    with pytest.raises(DataError, match=r"attrs\.npy"):
        read_attributes(store)


@pytest.mark.parametrize("pickled", [b"", b"\x80", pickle.dumps([1, 2]), pickle.dumps({"a": "b"})[:-3]])
def test_a_damaged_pickle_is_told(tmp_path, pickled):
    store = write_store(tmp_path / "bad.npy")
    write_pickle(store, pickled)
    with pytest.raises(DataError, match=r"attrs\.npy"):
        open_dataset(store)


def test_missing_attributes_are_named(tmp_path):
    with pytest.raises(DataError, match="lack samplerate_x_Hz, class_names"):
        open_dataset(write_store(tmp_path / "bad.npy", {"a": 1}))


def test_targets_that_do_not_fit_the_classes_are_told(tmp_path):
    with pytest.raises(DataError, match="3 columns for 2 classes"):
        open_dataset(write_store(tmp_path / "bad.npy", n_classes=3))


def test_targets_that_do_not_fit_the_audio_are_told(tmp_path):
    store = write_store(tmp_path / "bad.npy")
    np.save(store / "train" / "y.npy", np.zeros((7, 2)))
    with pytest.raises(DataError, match=r"\(7, 2\) targets for \(100, 1\) audio"):
        open_dataset(store)


def test_a_truncated_array_is_told(tmp_path):
    store = write_store(tmp_path / "bad.npy")
    content = (store / "train" / "x.npy").read_bytes()
    (store / "train" / "x.npy").write_bytes(content[:-50])
    with pytest.raises(DataError, match=r"x\.npy: is not a readable array"):
        open_dataset(store)


def test_an_array_of_objects_is_not_loaded(tmp_path):
    store = write_store(tmp_path / "bad.npy")
    np.save(store / "train" / "x.npy", np.array([["a"]], dtype=object), allow_pickle=True)
    with pytest.raises(DataError, match=r"x\.npy: is not a readable array"):
        open_dataset(store)


# --- individual targets, fingerprint


def test_targets_of_a_type_without_individual_targets_list_those_there_are(tmp_path):
    store = write_store(tmp_path / "das.npy")
    np.save(store / "train" / "y_sine.npy", np.zeros((100, 2)))
    dataset = open_dataset(store)
    assert dataset.song_types == ["sine"]
    assert dataset.classes("sine") == (["noise", "sine"], ["segment", "segment"])
    with pytest.raises(DataError, match=r"no individual targets for 'ine' \(it has: sine\)"):
        dataset.classes("ine")


def test_the_fingerprint_changes_with_what_the_dataset_is_made_of(folder):
    folder.many(2, 2)
    one = folder.assemble().fingerprint
    assert folder.assemble(overwrite=True).fingerprint == one
    assert folder.assemble(overwrite=True, seed=2).fingerprint != one
    folder.audio("rec00.wav", 2, seed=77)
    assert folder.assemble(overwrite=True).fingerprint != one


def test_datasets_of_others_have_a_fingerprint_too(tmp_path):
    one, other = (open_dataset(write_store(tmp_path / f"{n}.npy", n=n)).fingerprint for n in (100, 101))
    assert one != other


# --- DAS's other containers


def fill(group) -> None:
    """Fill an HDF5 or Zarr group as DAS does."""
    for name in ("train", "val"):
        split = group.create_group(name)
        for array, values in (("x", np.ones((100, 1), "f2")), ("y", np.eye(2, dtype="f2")[np.arange(100) % 2])):
            put(split, array, values)
        put(split, "y_sine", np.eye(2, dtype="f2")[np.arange(100) % 2])
    for key, value in ATTRS.items():
        group.attrs[key] = value


def put(group, name: str, values: np.ndarray) -> None:
    create = getattr(group, "create_array", None) or group.create_dataset
    create(name, data=values)


def check_contents(dataset) -> None:
    assert dataset.class_names == ["noise", "sine"]
    assert dataset.song_types == ["sine"]
    assert (dataset.n_channels, dataset.split("test").n_samples) == (1, 0)
    assert dataset.split("train").x[10:20].tolist() == [[1.0]] * 10
    assert dataset.split("val").y("sine")[:2].tolist() == [[1, 0], [0, 1]]
    assert dataset.shares("train") == {"noise": 0.5, "sine": 0.5}


def test_a_dataset_in_an_h5_file_is_read(tmp_path):
    with h5py.File(tmp_path / "das.h5", "w") as file:
        fill(file)
    check_contents(open_dataset(tmp_path / "das.h5"))


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_a_dataset_in_a_zarr_store_is_read(tmp_path, zarr_format):
    fill(zarr.create_group(str(tmp_path / "das.zarr"), zarr_format=zarr_format))
    check_contents(open_dataset(tmp_path / "das.zarr"))


def test_a_zarr_store_that_is_packed_by_pickle_is_refused(tmp_path):
    fill(zarr.create_group(str(tmp_path / "evil.zarr"), zarr_format=2))
    metadata = tmp_path / "evil.zarr" / "train" / "x" / ".zarray"
    metadata.write_text(json.dumps({**json.loads(metadata.read_text()), "filters": [{"id": "pickle", "protocol": 4}]}))
    chunk = next(path for path in metadata.parent.iterdir() if path.name[0].isdigit())
    chunk.write_bytes(pickle.dumps(WriteFile(tmp_path / "written")))
    with pytest.raises(DataError, match="refused, because it is packed by pickle"):
        open_dataset(tmp_path / "evil.zarr")
    assert not (tmp_path / "written").exists()


def test_a_damaged_h5_file_is_told(tmp_path):
    (tmp_path / "bad.h5").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"bad\.h5: is not a readable HDF5 file"):
        open_dataset(tmp_path / "bad.h5")


def test_audio_without_targets_is_told(tmp_path):
    store = write_store(tmp_path / "bad.npy")
    (store / "val" / "y.npy").unlink()
    with pytest.raises(DataError, match=r"has audio, but no targets"):
        open_dataset(store)
