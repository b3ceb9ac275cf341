"""The generic sequences of crowsetta: one table for all recordings."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from dss_widgets.dataset.annotations.writers.written_format import Files, Labelled, WrittenFormat, seconds_text, space_around

_FILE = "generic-seq.csv"
_COLUMNS = (
    "label", "onset_s", "offset_s", "onset_sample", "offset_sample", "notated_path", "annot_path", "sequence", "annotation"
)  # fmt: skip


def _files(recordings: Sequence[Labelled]) -> Files:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    annotated = [labelled for labelled in recordings if len(labelled.annotations)]
    for number, labelled in enumerate(annotated):
        for name, start, stop in labelled.rows():
            samples = [round(seconds * labelled.samplerate_hz) for seconds in (start, stop)]
            times = [seconds_text(start), seconds_text(stop)]
            writer.writerow([name, *times, *samples, labelled.recording, labelled.annotations.file or _FILE, 0, number])
    return {_FILE: text.getvalue()}


def _why_not(name: str) -> str | None:
    return "holds the end of a line" if "\r" in name or "\n" in name else space_around(name)


GENERIC_SEQ = WrittenFormat("generic-seq", _files, _why_not)
