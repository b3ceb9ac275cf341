"""Label tracks of Audacity: two times and a label a row, between tabs."""

from __future__ import annotations

from dss_widgets.dataset.annotations.writers.written_format import (
    Labelled,
    WrittenFormat,
    not_on_one_line,
    one_each,
    seconds_text,
)


def _text(labelled: Labelled) -> str:
    return "".join(f"{seconds_text(start)}\t{seconds_text(stop)}\t{name}\n" for name, start, stop in labelled.rows())


AUDACITY = WrittenFormat("Audacity", one_each(".txt", _text), not_on_one_line)
