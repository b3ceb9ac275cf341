"""The annotation formats that can be written, beside DAS's own tables; those that can be read are in ``formats``.

One format is one file of ``writers`` with one declared :class:`WrittenFormat`, and a line here. What is written must be read
back by the package's own readers with the same names, and times to 1 ms (``tests/dataset/test_export.py`` holds this).
"""

from __future__ import annotations

from collections.abc import Mapping

from dss_widgets.dataset.annotations.writers import audacity, generic_seq, raven, textgrid
from dss_widgets.dataset.annotations.writers.written_format import WrittenFormat

WRITTEN: Mapping[str, WrittenFormat] = {
    "raven": raven.RAVEN,
    "audacity": audacity.AUDACITY,
    "textgrid": textgrid.TEXTGRID,
    "generic-seq": generic_seq.GENERIC_SEQ,
}
"""By the word that chooses them."""
