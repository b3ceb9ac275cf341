"""A recording with labels, in files."""

import numpy as np
import pytest
import soundfile

RATE = 8000
SECONDS = 10.0

TABLE = (
    ",name,start_seconds,stop_seconds,bird\n"
    "0,a,1.0,1.50,Bo\n"
    "1,b,2.00,2.25,Bo\n"
    "2,pulse,3.0,3.0,\n"
    '3,"c, d",4.0,4.5,Li\n'
    "4,a,seven,8,Li\n"
    "5,rare,,0.0,\n"
)
"""As a spreadsheet leaves it: an index, a column of its own, a row that cannot be read, a type that does not occur."""


@pytest.fixture
def recording(tmp_path):
    """A recording, ``bird1.wav``, with the labels of ``TABLE``."""
    soundfile.write(tmp_path / "bird1.wav", np.zeros(int(RATE * SECONDS)), RATE)
    (tmp_path / "bird1_annotations.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path / "bird1.wav"
