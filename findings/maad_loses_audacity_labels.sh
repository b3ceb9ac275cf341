#!/usr/bin/env bash
# Guess: maad.util.read_audacity_annot gives every label of a file that Audacity exported: times as they stand, and frequencies where a label has
#   them. Audacity writes a second line, "\ low high", only for labels that were drawn in the spectrogram: in one file some have it, others not.
# Seen, scikit-maad 1.5.2 with pandas 3.1.1, NumPy 2.4.6: where some labels have frequencies, the table is empty, without a word; where all or
#   none have, it is whole. Times are single precision: 86000.012 s of a day's recording becomes 86000.015625. Beside frequencies, a
#   file whose labels are 1 and 2 gives 1.0 and 2.0.
# What it means: no label found may be a file half drawn in the spectrogram; and after some hours, times step by milliseconds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q scikit-maad==1.5.2 pandas==3.1.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
from maad.util import read_audacity_annot

first, second, heights = "0.5\t0.75\t{}\n", "86000.012\t86001.5\t{}\n", "\\\t1000.0\t4000.0\n"
seen = {}
for word, text, names in (
    ("all have frequencies", first + heights + second + heights, "ab"),
    ("none has", first + second, "ab"),
    ("the first has", first + heights + second, "ab"),
    ("the second has", first + second + heights, "ab"),
    ("all have, numbers", first + heights + second + heights, "12"),
):
    with open("labels.txt", "w") as file:
        file.write(text.format(*names))
    found = read_audacity_annot("labels.txt")
    seen[word] = [(row.label, float(row.min_t)) for row in found.itertuples()]
    print(f"{word}: {seen[word]}")
assert seen["all have frequencies"] == seen["none has"] == [("a", 0.5), ("b", 86000.015625)], "this has changed"
assert seen["the first has"] == seen["the second has"] == [], "this has changed"
assert [label for label, _ in seen["all have, numbers"]] == ["1.0", "2.0"], "this has changed"
PY
