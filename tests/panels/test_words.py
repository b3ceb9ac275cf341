"""Words of all panels."""

import pytest

from dss_widgets.errors import Problem
from dss_widgets.panels.style.words import capital, sentence


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("needs a dataset.", "Needs a dataset."),
        ("0.5 s are left out.", "0.5 s are left out."),
        ("long.wav: resampled from 16000 Hz", "long.wav: resampled from 16000 Hz"),
        ("bird one.wav: resampled", "bird one.wav: resampled"),
        ("/data/x.npy: is not there", "/data/x.npy: is not there"),
        ("", ""),
    ],
)
def test_sentences_begin_with_a_capital_and_names_of_files_stay(told, shown):
    assert capital(told) == shown
    assert sentence(Problem(told)) == shown
