"""evsonganaly's .not.mat files."""

import numpy as np
import pytest
from scipy.io import savemat


def save(folder, **variables) -> None:
    savemat(folder.path / "rec.wav.not.mat", {"Fs": 1000, **variables})


@pytest.mark.parametrize("labels", ["a", "abb", "-0a"])
@pytest.mark.parametrize("as_column", [True, False])
def test_syllables_are_read_a_character_each(rec, labels, as_column):
    onsets = np.arange(1.0, len(labels) + 1) * 1000
    onsets = onsets[:, None] if as_column else onsets
    save(rec, onsets=onsets, offsets=onsets + 500, labels=labels)
    assert rec.entries() == [(label, i + 1.0, i + 1.5) for i, label in enumerate(labels)]


def test_song_without_syllables_is_empty(rec):
    save(rec, onsets=[], offsets=[], labels="")
    assert rec.entries() == []


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"onsets": [1.0, 2.0], "offsets": [2.0, 3.0], "labels": "a"}, "has 1 labels, 2 onsets and 2 offsets"),
        ({"onsets": [1.0], "offsets": [2.0]}, "holds no labels"),
    ],
)
def test_what_does_not_fit_together_is_one_error(rec, variables, told):
    save(rec, **variables)
    (error,) = rec.errors()
    assert told in error


@pytest.mark.parametrize("content", ["", "no matlab", "\x89HDF\r\n\x1a\n" + "x" * 1000])
def test_a_damaged_file_is_one_error(rec, content):
    rec.text("rec.wav.not.mat", content, "latin-1")
    (error,) = rec.errors()
    assert "cannot be read as a .not.mat" in error
