"""MATLAB's files: numbers and text of every level are read as scipy reads them, and damage is an error."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.io import savemat

from dss_widgets.dataset.annotations.readers.mat_file import read_mat

LEVELS = [{"format": "4"}, {"format": "5"}, {"format": "5", "do_compression": True}]
NUMBERS = st.sampled_from(["f8", "f4", "i4", "i2", "u2", "u1"])


def saved(level, **variables):
    file = BytesIO()
    savemat(file, variables, **level)
    return file.getvalue()


@pytest.mark.parametrize("level", LEVELS, ids=str)
@given(data=st.data())
def test_numbers_and_text_are_those_that_were_saved(level, data):
    times = data.draw(hnp.arrays(data.draw(NUMBERS), st.integers(1, 40).map(lambda n: (n, 1))))
    labels = data.draw(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40))
    found = read_mat(saved(level, onsets=times, labels=labels, other=np.eye(3)), ("onsets", "labels"))
    assert set(found) == {"onsets", "labels"}
    np.testing.assert_array_equal(found["onsets"].astype("f8"), times.ravel().astype("f8"))
    assert "".join(chr(int(code)) for code in found["labels"]) == labels


def test_what_is_neither_numbers_nor_text_is_passed_over():
    content = saved(LEVELS[1], cells=np.array([[1, "a"]], dtype=object), complex=np.array([1 + 2j]), onsets=np.array([1.0]))
    assert set(read_mat(content, ("cells", "complex", "onsets"))) == {"onsets"}


@settings(max_examples=5 * settings().max_examples)
@given(st.sampled_from(LEVELS), st.data())
def test_a_damaged_file_is_an_error_or_still_numbers(level, data):
    content = bytearray(saved(level, onsets=np.arange(20.0)[:, None], labels="abcdefghij" * 2))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        found = read_mat(content, ("onsets", "labels"))
    except ValueError:
        return
    assert all(values.dtype.kind in "iuf" for values in found.values())


@pytest.mark.parametrize("content", [b"", b"\0" * 20, b"MATLAB 7.3", b"\x89HDF\r\n" * 30])
def test_what_is_no_such_file_is_an_error(content):
    with pytest.raises(ValueError, match="no MATLAB file"):
        read_mat(content, ("onsets",))
