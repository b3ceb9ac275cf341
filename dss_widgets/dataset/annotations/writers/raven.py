"""Selection tables of Raven, one a recording. A selection has frequencies: here, all that the recording can hold."""

from __future__ import annotations

from dss_widgets.dataset.annotations.writers.written_format import (
    Labelled,
    WrittenFormat,
    not_on_one_line,
    one_each,
    seconds_text,
)

_COLUMNS = (
    "Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)", "Begin File",
    "Annotation",
)  # fmt: skip


def _text(labelled: Labelled) -> str:
    highest = seconds_text(labelled.samplerate_hz / 2)
    lines = ["\t".join(_COLUMNS)]
    for number, (name, start, stop) in enumerate(labelled.rows(), 1):
        times = (seconds_text(start), seconds_text(stop))
        lines.append("\t".join((str(number), "Spectrogram 1", "1", *times, "0.0", highest, labelled.recording, name)))
    return "\n".join(lines) + "\n"


RAVEN = WrittenFormat("Raven", one_each(".Table.1.selections.txt", _text), not_on_one_line)
