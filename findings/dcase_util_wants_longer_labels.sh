#!/usr/bin/env bash
# Guess: sed_eval's event lists, lines of "onset, offset, label" with tabs between them, are read whatever the labels are, at the least those
#   that dcase_util, which reads them for it, has written.
# Seen, sed_eval 0.2.1, dcase_util 0.2.20, NumPy 2.4.6: what a field is, is guessed from how it looks. "song", "ab" and "a1" are labels; one
#   letter is the mark of a source, "01" and "1e3" are numbers: a line with such a label raises OSError, "Unknown row format", and one is
#   enough for the whole file. With a file name before the times, "ab" does so, too. MetaDataContainer.save writes a file of such lines,
#   and load does not read it. As .csv with names of columns, "a" is read, and "01" is the number 1; without names, the first event is
#   taken for them, without a word, and the others have no times.
# What it means: bird syllables are named a, b, c: give them longer names before DCASE's scores are asked, or a .csv with names of columns.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q sed_eval==0.2.1 dcase_util==0.2.20 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import logging

import dcase_util
import sed_eval


def read(text, name="events.txt"):
    if text:
        with open(name, "w") as file:
            file.write(text)
    logging.disable(logging.CRITICAL)  # what is raised is logged, too
    try:
        events = sed_eval.io.load_event_list(name)
    except OSError as error:
        return str(error).partition(": ")[2].partition(" [")[0]
    finally:
        logging.disable(logging.NOTSET)
    return [(event.onset, event.offset, event.event_label) for event in events]


row, columns = "0.5\t0.75\t{}\n", "onset\toffset\tevent_label\n"
for label in ("song", "ab", "a1", "a", "01", "1e3"):
    found = read(row.format(label) * 2)
    print(f"{label}: {found}")
    assert found == ([(0.5, 0.75, label)] * 2 if label in ("song", "ab", "a1") else "Unknown row format"), "this has changed"
mixed = read(row.format("song") * 2 + row.format("a"))
named = {label: read("night.wav\t" + row.format(label)) for label in ("song", "ab", "a")}
print(f"one a after two songs: {mixed}; with a file name: {named}")
assert mixed == "Unknown row format", "this has changed"
assert named == {"song": [(0.5, 0.75, "song")], "ab": "Unknown row format", "a": "Unknown row format"}, "this has changed"

syllables = dcase_util.containers.MetaDataContainer([{"onset": 0.5, "offset": 0.75, "event_label": "a"}])
syllables.save(filename="saved.txt")
with open("saved.txt") as file:
    written = file.read()
again = read(None, "saved.txt")
print(f"saved as {written!r}, read again: {again}")
assert (written, again) == (row.format("a"), "Unknown row format"), "this has changed"

tables = {label: read(columns + row.format(label) * 2, "events.csv") for label in ("a", "01")}
nameless = read(row.format("song") * 2, "events.csv")
print(f".csv with names of columns: {tables}, without: {nameless}")
assert tables == {"a": [(0.5, 0.75, "a")] * 2, "01": [(0.5, 0.75, 1)] * 2}, "this has changed"
assert nameless == [(None, None, None)], "this has changed"
PY
