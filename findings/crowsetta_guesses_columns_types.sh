#!/usr/bin/env bash
# Guess: in crowsetta times are numbers and labels are text, so that a table is read alike whichever numbers happen to stand in it.
# Seen, crowsetta 5.1.2: a column's type is taken from the values first. Where all times are whole seconds, a generic-seq, a simple-seq, an
#   Audacity and a Raven file (there, whole Hz too) raise SchemaError, "expected ... float64, got int64". Where all labels look like numbers,
#   "01" comes back as "1" and "1e3" as "1000.0"; beside one label that is none, they stay as they are.
# What it means: write times and frequencies with a decimal point always; and syllables that are numbered "01" are renamed on the way.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q crowsetta==5.1.2
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
import crowsetta

raven = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n"
generic = "label,onset_s,offset_s,notated_path,annot_path,sequence,annotation\n"
rows = {  # how a file begins, and a row of it
    "generic-seq": (generic, "{2},{0},{1},a.wav,a.csv,0,0\n"),
    "simple-seq": ("onset_s,offset_s,label\n", "{0},{1},{2}\n"),
    "aud-seq": ("", "{0}\t{1}\t{2}\n"),
    "raven": (raven, "1\tSpectrogram 1\t1\t{0}\t{1}\t500.5\t8000.5\t{2}\n"),
}


def read(name, entries):
    head, row = rows[name]
    with open("a.txt", "w") as file:
        file.write(head + "".join(row.format(*entry) for entry in entries))
    found = crowsetta.formats.by_name(name).from_file("a.txt")
    if name == "generic-seq":
        found = found.to_annot()
        found = (found[0] if isinstance(found, list) else found).seq
        return list(found.labels)
    return [box.label for box in found.to_bbox()] if name == "raven" else list(found.to_seq().labels)


for name in rows:
    assert read(name, [("1.0", "2.0", "a")]) == ["a"]
    try:
        read(name, [("1", "2", "a")])
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {str(error).splitlines()[0]}")
        assert "float64, got int64" in str(error), "this has changed"
    else:
        raise AssertionError("this has changed")
    if name != "raven":
        numbers = read(name, [("0.1", "0.2", "01")]), read(name, [("0.1", "0.2", "1e3")])
        mixed = read(name, [("0.1", "0.2", "01"), ("0.3", "0.4", "a")])
        print(f"{name}: labels 01 and 1e3 come back as {numbers}, 01 beside a as {mixed}")
        assert numbers == (["1"], ["1000.0"]) and mixed == ["01", "a"], "this has changed"
PY
