"""Annotation tables as they come out of other hands never lose a row without a word.

Columns are dropped, added, moved and renamed, rows are cut, separators and decimal marks are others.

What must hold: what is read is what a person would read; where it is less, a problem names the file and the row.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dss_widgets.dataset import survey
from dss_widgets.dataset.survey import Survey

RAVEN = ["Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Low Freq (Hz)", "High Freq (Hz)", "Annotation"]
FORMATS = {
    "rec1.txt": RAVEN,
    "rec1.Table.1.selections.txt": RAVEN,
    "rec1.labels.txt": ["", "", ""],  # Audacity's have no header
    "rec1.csv": ["onset_s", "offset_s", "label"],
    "all.csv": ["label", "onset_s", "offset_s", "notated_path"],
    "rec1.tsv": ["Start", "End", "Label"],
    "rec1_annotations.csv": ["name", "start_seconds", "stop_seconds"],
}
STARTS = {"Begin Time (s)", "onset_s", "Start", "start_seconds"}
STOPS = {"End Time (s)", "offset_s", "End", "stop_seconds"}
NAMES = {"Annotation", "label", "Label", "name"}
DECOYS = ["start", "Offset"]
"""Headings of onsets and offsets: beside the real ones what is taken is told; without those a person would read them."""
HEADINGS = ["Call", "Notes", "Peak Freq (Hz)", "ID", "Begin File", "Quelle", "confidence", ""]
WORDS = ["A", "B", "chirp", "01", "tsip tsip", "é"]


@dataclass
class Table:
    """A table before it is written.

    Attributes:
        file: its name.
        header: the headings; only '' for a table without.
        rows: cells; those with times are numbers.
        song: what a person reads in it: (start, stop) of every row, in any order.
    """

    file: str
    header: list[str]
    rows: list[list[str | float]]
    song: Counter = field(default_factory=Counter)


@st.composite
def tables(draw) -> Table:
    """Draw a sound table."""
    file = draw(st.sampled_from(sorted(FORMATS)))
    header = list(FORMATS[file])
    rows, song = [], Counter()
    starts = draw(st.lists(st.integers(0, 90), min_size=1, max_size=8, unique=True))
    for i, tenths in enumerate(starts, 1):
        start, stop = tenths / 10, tenths / 10 + draw(st.sampled_from([0.5, 0.25, 1.0, 0.125]))
        name = draw(st.sampled_from(WORDS))
        song[start, stop] += 1
        cells = {"Selection": str(i), "View": "Spectrogram 1", "Channel": "1", "notated_path": "rec1.wav"}
        times = {**dict.fromkeys(STARTS, start), **dict.fromkeys(STOPS, stop), **dict.fromkeys(NAMES, name)}
        found = {**dict.fromkeys(header, 100.5), **cells, **times}
        rows.append([start, stop, name] if header == ["", "", ""] else [found[heading] for heading in header])
    return Table(file, header, rows, song)


def _drop(draw, table):
    i = draw(st.integers(0, len(table.header) - 1))
    if table.file == "all.csv" and table.header[i] in STARTS | STOPS:
        return  # without times and a recording's name nobody could tell what it is
    if not any(table.header) and i < 2:
        return  # without a header, the times are the first two columns
    for row in [table.header, *table.rows]:
        del row[i]


def _add(draw, table):
    i, heading = draw(st.integers(0, len(table.header))), draw(st.sampled_from([*HEADINGS, *DECOYS]))
    if not any(table.header):
        i, heading = len(table.header), ""
    table.header.insert(i, heading)
    cells = draw(st.sampled_from([["x", "y"], [""], ["7"], [0.25, 0.75], ["rec1.wav"], ["other.wav"], ["good, loud"]]))
    for k, row in enumerate(table.rows):
        row.insert(i, cells[k % len(cells)])


def _move(draw, table):
    if not any(table.header):
        return
    i, k = (draw(st.integers(0, len(table.header) - 1)) for _ in range(2))
    for row in [table.header, *table.rows]:
        row.insert(k, row.pop(i))


def _rename(draw, table):
    if any(table.header):
        i = draw(st.integers(0, len(table.header) - 1))
        old = table.header[i]
        table.header[i] = draw(st.sampled_from([*HEADINGS, old.upper(), old.lower(), f" {old}", old.replace(" (s)", ""), "X"]))


def _cut(draw, table):
    i = draw(st.integers(0, len(table.rows) - 1))
    cut = table.rows[i][: draw(st.integers(1, len(table.rows[i])))]
    if any(cell != "" for cell in cut):  # else there is nothing left of the row that a person could read
        table.rows[i] = cut


def _append(draw, table):
    width = len(table.header)
    table.rows.append((draw(st.sampled_from([["Total"], ["", "12"], ["\0\0"], ["A", "B", "C"]])) + [""] * width)[: width or 1])


WHOLE, ROWS = [_drop, _add, _move, _rename], [_cut, _append]
"""What is done to all rows, and to single ones."""


@st.composite
def mutated(draw) -> tuple[str, bytes, Counter]:
    """Draw a table that went through hands: its name, its bytes, and the times that a person reads in it."""
    table = draw(tables())
    for mutate in draw(st.lists(st.sampled_from(WHOLE), max_size=3)) + draw(st.lists(st.sampled_from(ROWS), max_size=1)):
        if table.header and table.rows:
            mutate(draw, table)
    if table.file == "all.csv":  # otherwise nobody could tell what it is
        assume(set(table.header) & {"notated_path", *STARTS, *STOPS})
    decoyed = set(DECOYS) & set(table.header)
    assume(not decoyed or (set(table.header) & STARTS and set(table.header) & STOPS))
    own = "\t" if table.file.endswith((".txt", ".tsv")) else ","
    separator = draw(st.sampled_from([own, own, "\t", ",", ";"]))
    marks = draw(st.sampled_from([".", ".", ",", "mixed"]))
    quotes = draw(st.booleans())
    if separator == "," and marks != "." and not quotes:  # "0,0" left of "0,0,0,5" is a sound row
        assume(not any(len(row) < len(table.header) for row in table.rows))
    lines = [] if not any(table.header) else [separator.join(_quoted(cell, separator) for cell in table.header)]
    for i, row in enumerate(table.rows):
        mark = "." if marks == "mixed" and i % 2 else "," if marks == "mixed" else marks
        cells = [f"{cell}".replace(".", mark) if isinstance(cell, float) else cell for cell in row]
        lines.append(separator.join(_quoted(cell, separator) if quotes else cell for cell in cells))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    text = end.join(lines) + end
    return table.file, text.encode(encoding), table.song if text.strip(f"{separator}{end}") else Counter()


def _quoted(cell: str, separator: str) -> str:
    return f'"{cell}"' if separator in cell and separator != "\t" else cell


def told(found: Survey, file: str) -> list[str]:
    """Return what is told of a file with a row."""
    problems = [(p.file, p.row, str(p)) for p in found.problems if p.file == file]
    return [text for _, row, text in problems if row or re.search(r"row \d|is left out", text)]


def check(folder: Path, file: str, content: bytes, song: Counter) -> None:
    """Write a table beside ``rec1.wav`` and check what is read of it."""
    path = folder / file
    path.write_bytes(content)
    try:
        found = survey(folder)
    finally:
        path.unlink()
    read = Counter()
    for entry in found.recordings:
        read.update(zip(entry.annotations.start_seconds.tolist(), entry.annotations.stop_seconds.tolist(), strict=True))
    problems = told(found, file)
    assert problems or read == song, f"{file}: {song - read} lost and {read - song} made up without a word, of {content!r}"
    made_up = read - song
    assert not made_up or any(p.is_error or p.row for p in found.problems), f"{made_up} made up, of {content!r}"


@pytest.fixture
def beside(folder):
    """A folder with a recording that tables are put beside, one after the other."""
    folder.audio("rec1.wav", 12, rate=100)
    return folder.path


@settings(max_examples=5 * settings().max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(mutated())
def test_a_mutated_table_is_read_as_a_person_would_or_told_with_file_and_row(beside, table):
    check(beside, *table)
