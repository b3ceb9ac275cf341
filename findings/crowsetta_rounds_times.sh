#!/usr/bin/env bash
# Guess: crowsetta gives the times that stand in a file, whatever its format: they are numbers, and annotations come and go between formats through it.
# Seen, crowsetta 5.1.2: boundaries of a Praat TextGrid and of an Audacity label file come back with three decimals (0.123456 s as 0.123 s),
#   without a word; those of a generic-seq file with the same numbers come back as they stand.
# What it means: unless one asks with round_times=False, labels move by up to half a millisecond, several samples, as long as pulses may lie apart.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q crowsetta==5.1.2
cd "$work"
"$work/venv/bin/python" - <<'PY'
import crowsetta

start, stop = 0.123456, 0.987654
with open("a.TextGrid", "w") as file:
    file.write(
        f'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 2\ntiers? <exists>\nsize = 1\nitem []:\n'
        f'    item [1]:\n        class = "IntervalTier"\n        name = "song"\n        xmin = 0\n        xmax = 2\n'
        f'        intervals: size = 3\n'
        + "".join(
            f'        intervals [{i}]:\n            xmin = {a}\n            xmax = {b}\n            text = "{name}"\n'
            for i, (a, b, name) in enumerate([(0, start, ""), (start, stop, "a"), (stop, 2, "")], 1)
        )
    )
with open("a.txt", "w") as file:
    file.write(f"{start}\t{stop}\ta\n")
with open("a.csv", "w") as file:
    file.write("label,onset_s,offset_s,notated_path,annot_path,sequence,annotation\n" f"a,{start},{stop},a.wav,a.csv,0,0\n")

seen = {}
textgrid = crowsetta.formats.by_name("textgrid").from_file("a.TextGrid").to_seq()
textgrid = textgrid[0] if isinstance(textgrid, list) else textgrid
audacity = crowsetta.formats.by_name("aud-seq").from_file("a.txt").to_seq()
generic = crowsetta.formats.by_name("generic-seq").from_file("a.csv").to_annot()
generic = (generic[0] if isinstance(generic, list) else generic).seq
for name, sequence in (("textgrid", textgrid), ("aud-seq", audacity), ("generic-seq", generic)):
    i = list(sequence.labels).index("a")
    seen[name] = (float(sequence.onsets_s[i]), float(sequence.offsets_s[i]))
    print(name, *seen[name])
assert seen["textgrid"] == seen["aud-seq"] == (0.123, 0.988), "this has changed"
assert seen["generic-seq"] == (start, stop), "this has changed"
PY
