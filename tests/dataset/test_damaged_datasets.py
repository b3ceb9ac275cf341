"""Datasets that are damaged, or claim what their files do not hold: the package's own error, at once, in little memory."""

import os
import pickle
import tracemalloc

import h5py
import numpy as np
import pytest
import zarr

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.stores.npy_files import MOST_ATTRIBUTE_BYTES, load_array, npy_header
from dss_widgets.errors import DataError

from .test_store import ATTRS, fill, write_pickle, write_store


@pytest.fixture
def little_memory():
    """Fail where more than 50 MB were taken."""
    tracemalloc.start()
    yield
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6


# --- arrays


@pytest.fixture
def array(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((100, 2), np.float16))
    return tmp_path / "x.npy"


@pytest.mark.parametrize("n_bytes", [0, 5, 9, 40, 127, 128, 300])
def test_an_array_that_is_cut_short_anywhere_is_told(array, n_bytes):
    os.truncate(array, n_bytes)
    with pytest.raises(DataError, match=r"x\.npy: is not a readable array"):
        load_array(array)


@pytest.mark.parametrize("shape", [(10**12, 2), (101, 2), (2**62, 2**62), (-1, 2)])
def test_an_array_that_claims_more_than_its_file_holds_is_told(array, shape, little_memory):
    array.write_bytes(npy_header(shape, np.dtype("f2")) + bytes(400))
    with pytest.raises(DataError, match=r"x\.npy: is not a readable array"):
        load_array(array)


def test_a_header_that_claims_to_be_gigabytes_long_is_told(array, little_memory):
    array.write_bytes(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr': ")
    with pytest.raises(DataError, match=r"x\.npy: is not a readable array"):
        load_array(array)


@pytest.mark.parametrize("values", [np.zeros(5, "U3"), np.zeros(5, "c8"), np.zeros(5, "M8[s]"), np.zeros(5, "i4,f4")])
def test_an_array_that_holds_no_numbers_is_told(array, values):
    np.save(array, values)
    with pytest.raises(DataError, match="not numbers"):
        load_array(array)


@pytest.mark.parametrize("shape", [(0, 1), (0, 3), (0,), (5, 0)])
def test_an_empty_array_keeps_its_shape(array, shape):
    np.save(array, np.zeros(shape))
    assert load_array(array).shape == shape


def test_an_array_in_fortrans_order_is_mapped(array):
    np.save(array, np.asfortranarray(np.arange(6).reshape(3, 2)))
    assert load_array(array).tolist() == [[0, 1], [2, 3], [4, 5]]


def test_an_array_that_a_link_leads_to_outside_of_the_roots_is_not_read(tmp_path, monkeypatch):
    store = write_store(tmp_path / "inside" / "das.npy")
    outside = tmp_path / "secret.npy"
    np.save(outside, np.zeros((100, 1)))
    (store / "train" / "x.npy").unlink()
    (store / "train" / "x.npy").symlink_to(outside)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "inside"))
    with pytest.raises(DataError, match="lies outside of the folders"):
        open_dataset(store)


# --- attributes


def _state_of_array(shape: bytes, kind: bytes, data: bytes) -> bytes:
    """Return a pickle of an array whose state is made up."""
    made = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntU\x01btR"
    return b"\x80\x02" + made + b"(I1\n" + shape + b"cnumpy\ndtype\n(" + kind + b"tRI00\n" + data + b"tb."


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x02}r\xff\xff\xff\x7f.",  # an object with the number 2**31
        b"}p99999999999\n.",
        b"\x80\x04\x8e\x00\x00\x00\x00\x00\x01\x00\x00abc.",  # a terabyte of text
        b"\x80\x05\x96\x00\x00\x00\x00\x00\x01\x00\x00abc.",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f}.",
        _state_of_array(b"(I1000000000000\nt", b"U\x02f8", b"U\x00"),
        _state_of_array(b"(I1000000000\nt", b"U\x02O8", b"]"),
        _state_of_array(b"(I1000000000\nI0\nt", b"U\x02f8", b"U\x00"),
        _state_of_array(b"(I1\nt", b"U\x0dU100000000000", b"U\x00"),
        b"\x80\x02cnumpy\nndarray\n(I1000000000000\nt\x85R.",
        b"\x80\x02]q\x00" + b"".join(b"]q%c(" % i + b"h%c" % (i - 1) * 9 + b"e" for i in range(1, 60)) + b".",  # 9**59 values
        b"\x80\x02]q\x00h\x00a.",  # a list that holds itself
        b"(" * 100_000 + b".",
        b"]" * 5000 + b"a" * 4999 + b".",
    ],
)
def test_attributes_that_claim_more_than_they_hold_are_told(tmp_path, pickled, little_memory):
    store = write_store(tmp_path / "bad.npy")
    write_pickle(store, pickled)
    with pytest.raises(DataError, match=r"attrs\.npy"):
        open_dataset(store)


def test_attributes_that_are_far_too_large_are_not_read(tmp_path, little_memory):
    store = write_store(tmp_path / "bad.npy")
    os.truncate(store / "attrs.npy", MOST_ATTRIBUTE_BYTES + 1)
    with pytest.raises(DataError, match=r"attrs\.npy.* is larger than 128 MB"):
        open_dataset(store)


@pytest.mark.parametrize("value", [1j, np.complex64(1), np.datetime64("2020-01-01")])
def test_values_that_are_not_plain_are_refused(tmp_path, value):
    store = write_store(tmp_path / "das.npy")
    write_pickle(store, pickle.dumps({**ATTRS, "odd": value}, protocol=2))
    with pytest.raises(DataError, match="refused"):
        open_dataset(store)


@pytest.mark.parametrize("name", ["a" * 300, "\x00", "../../x", ""])
def test_song_types_that_can_be_no_file_have_no_individual_targets(tmp_path, name):
    assert open_dataset(write_store(tmp_path / "das.npy", {**ATTRS, "class_names": ["noise", name]})).song_types == []


def test_halves_of_letters_become_question_marks(tmp_path):
    assert open_dataset(write_store(tmp_path / "das.npy", {**ATTRS, "who": "\ud800a"})).attrs["who"] == "?a"


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"class_types": ["segment"]}, "class_types do not say of each of its 2 classes"),
        ({"class_types": "segment"}, "class_types do not say"),
        ({"class_types": [1, 2]}, "class_types do not say"),
        ({"class_names": "ab"}, "class_names are no list"),
        ({"class_names": []}, "class_names are no list"),
        ({"class_names": [["noise"], None]}, "class_names are no list"),
        ({"samplerate_x_Hz": "fast"}, "sample rate .* is 'fast'"),
        ({"samplerate_x_Hz": -1}, "sample rate"),
        ({"samplerate_x_Hz": float("nan")}, "sample rate"),
        ({"samplerate_x_Hz": 10**400}, "sample rate"),
        ({"samplerate_x_Hz": None}, "sample rate"),
    ],
)
def test_attributes_that_do_not_fit_are_told(tmp_path, changed, told):
    with pytest.raises(DataError, match=told):
        open_dataset(write_store(tmp_path / "bad.npy", {**ATTRS, **changed}))


GOOD = {"file": "a.wav", "first_sample": 0, "last_sample": 99, "split": "train", "position": 0}


@pytest.mark.parametrize(
    "changed",
    [
        {"file": 3},
        {"first_sample": "0"},
        {"last_sample": 100},
        {"split": "else"},
        {"split": []},
        {"position": 1},
        {"position": None},
    ],
)
def test_a_dataset_whose_stretches_do_not_fit_does_not_tell_where_its_audio_comes_from(tmp_path, changed):
    assert open_dataset(write_store(tmp_path / "good.npy", {**ATTRS, "stretches": [GOOD]})).stretches == [GOOD]
    assert open_dataset(write_store(tmp_path / "bad.npy", {**ATTRS, "stretches": [GOOD, {**GOOD, **changed}]})).stretches == []
    assert open_dataset(write_store(tmp_path / "less.npy", {**ATTRS, "stretches": [{"file": "a.wav"}]})).stretches == []


@pytest.mark.parametrize("cuts", [[1, 2], [["a", "b"]], [[0, float("inf")]], 7, [[-1, 99]], [[5, 1]]])
def test_cuts_of_das_that_are_none_tell_nothing(tmp_path, cuts):
    attrs = {**ATTRS, "data_splits": {"rec0": {"train": cuts, "val": cuts}}}
    assert open_dataset(write_store(tmp_path / "das.npy", attrs)).stretches == []


def test_targets_of_a_type_alone_that_do_not_fit_are_told(tmp_path):
    store = write_store(tmp_path / "bad.npy")
    np.save(store / "train" / "y_sine.npy", np.zeros((100, 3)))
    with pytest.raises(DataError, match="3 columns, not noise and 'sine'"):
        open_dataset(store).shares("train", "sine")


@pytest.mark.parametrize("shape", [(100,), (100, 0), (10, 2, 5), ()])
def test_audio_of_another_shape_is_told(tmp_path, shape):
    store = write_store(tmp_path / "bad.npy")
    np.save(store / "train" / "x.npy", np.zeros(shape))
    with pytest.raises(DataError, match=r"not \[samples, channels\]"):
        open_dataset(store)


def test_splits_that_differ_in_channels_are_told(tmp_path):
    store = write_store(tmp_path / "bad.npy")
    np.save(store / "val" / "x.npy", np.zeros((100, 2)))
    with pytest.raises(DataError, match="differ in channels"):
        open_dataset(store)


# --- HDF5 and Zarr


@pytest.fixture
def h5(tmp_path):
    with h5py.File(tmp_path / "das.h5", "w") as file:
        fill(file)
    return tmp_path / "das.h5"


def _external(file, path):
    del file["train"]["x"]
    file["train"]["x"] = h5py.ExternalLink(path, "/x")


def _soft(file, _path):
    file["train"]["z"] = file["train"]["x"][()]
    del file["train"]["x"]
    file["train"]["x"] = h5py.SoftLink("/train/z")


def _virtual(file, path):
    del file["train"]["x"]
    layout = h5py.VirtualLayout((100, 1), "f2")
    layout[:] = h5py.VirtualSource(path, "x", (100, 1))
    file["train"].create_virtual_dataset("x", layout)


def _elsewhere(file, path):
    del file["train"]["x"]
    file["train"].create_dataset("x", (100, 1), "f2", external=[(path, 0, 200)])


@pytest.mark.parametrize("lead_away", [_external, _soft, _virtual, _elsewhere])
def test_audio_that_lies_elsewhere_is_not_read(h5, tmp_path, lead_away):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["x"] = np.zeros((100, 1), "f2")
    with h5py.File(h5, "r+") as file:
        lead_away(file, str(tmp_path / "secret.h5"))
    with pytest.raises(DataError, match=r"das\.h5"):
        open_dataset(h5)


def test_an_h5_file_whose_heap_is_damaged_ends_in_an_error(h5):
    content = h5.read_bytes()
    heap = content.index(b"GCOL")
    h5.write_bytes(content[: heap + 8] + b"\xff" * 8 + content[heap + 16 :])  # its own size
    with pytest.raises(DataError, match=r"das\.h5: its attributes cannot be read"):
        open_dataset(h5)


def test_an_h5_dataset_cut_short_is_told(h5):
    os.truncate(h5, h5.stat().st_size - 2000)
    with pytest.raises(DataError, match=r"das\.h5"):
        open_dataset(h5)


@pytest.fixture(params=[2, 3])
def zarr_store(tmp_path, request):
    fill(zarr.create_group(str(tmp_path / "das.zarr"), zarr_format=request.param))
    return tmp_path / "das.zarr"


def _metadata(store):
    return next(path for path in (store / "train" / "x").iterdir() if path.name in (".zarray", "zarr.json"))


@pytest.mark.parametrize(("old", "new"), [('"shape"', '"shade"'), ("100", "1000000000000"), ("{", "["), ("float16", "object")])
def test_a_zarr_store_whose_metadata_are_damaged_is_told(zarr_store, old, new):
    path = _metadata(zarr_store)
    text = path.read_text().replace("<f2", "float16")
    path.write_text(text.replace(old, new))
    with pytest.raises(DataError, match=r"das\.zarr"):
        open_dataset(zarr_store)


def _pieces(store):
    files = (store / "train" / "x").rglob("*")
    return [path for path in files if path.is_file() and path.name[0] != "." and path.name != "zarr.json"]


def test_a_zarr_store_whose_pieces_are_damaged_is_told(zarr_store):
    for path in _pieces(zarr_store):
        path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DataError, match=r"cannot be read|is damaged"):
        np.asarray(open_dataset(zarr_store).split("train").x[:10])


@pytest.mark.parametrize("at", [4, 8, 12])
def test_a_piece_packed_by_blosc_that_tells_wrong_sizes_does_not_crash(tmp_path, at):
    packed = zarr.codecs.BloscCodec(cname="lz4")
    group = zarr.create_group(str(tmp_path / "das.zarr"))
    fill(group)
    del group["train/x"]
    group.create_array("train/x", data=np.ones((100, 1), "f2"), compressors=packed)
    assert open_dataset(tmp_path / "das.zarr").split("train").x[:5].tolist() == [[1]] * 5
    for path in _pieces(tmp_path / "das.zarr"):
        content = path.read_bytes()
        path.write_bytes(content[:at] + b"\xff\xff\xff\x7f" + content[at + 4 :])
    with pytest.raises(DataError, match="is damaged"):
        open_dataset(tmp_path / "das.zarr")


def test_a_zarr_store_with_links_is_not_read_where_there_are_roots(zarr_store, tmp_path, monkeypatch):
    (zarr_store / "val").rename(tmp_path / "elsewhere")
    (zarr_store / "val").symlink_to(tmp_path / "elsewhere")
    assert open_dataset(zarr_store).split("val").n_samples == 100
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path))
    with pytest.raises(DataError, match="is a link"):
        open_dataset(zarr_store)
