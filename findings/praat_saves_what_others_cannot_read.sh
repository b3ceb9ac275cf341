#!/usr/bin/env bash
# Guess: a TextGrid that Praat itself saved as text, long or short, is read by the libraries that are made for TextGrids.
# Seen, saved by Praat 6.1.38 (praat-parselmouth 0.4.7): textgrid 1.6.1 reads the points of the long form and raises for those of the short
#   one; tgt 1.5 raises in both forms where a label has a line break, which Praat lets one type and writes as it is. praatio 6.2.2 reads all.
# What it means: pulses marked as points, and labels with a comment on a second line, are where a file that is sound seems damaged.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q praat-parselmouth==0.4.7 tgt==1.5 textgrid==1.6.1 praatio==6.2.2
cd "$work"
"$work/venv/bin/python" - <<'PY'
import parselmouth
import textgrid
import tgt
from parselmouth.praat import call
from praatio import textgrid as praatio_textgrid


def by_praatio(path):
    tiers = praatio_textgrid.openTextgrid(path, includeEmptyIntervals=False).tiers
    return [(entry[0], entry[-1]) for tier in tiers for entry in tier.entries]


def by_textgrid(path):
    tiers = textgrid.TextGrid.fromFile(path)
    found = [(getattr(entry, "minTime", None) or entry.time, entry.mark) for tier in tiers for entry in tier if entry.mark]
    return [(float(time), mark) for time, mark in found]


def by_tgt(path):
    return [(entry.start_time, entry.text) for tier in tgt.io.read_textgrid(path).tiers for entry in tier]


def saved(command, label, *points):
    grid = call("Create TextGrid", 0, 3, "song pulses", "pulses")
    call(grid, "Insert boundary", 1, 0.5)
    call(grid, "Set interval text", 1, 2, label)
    for time in points:
        call(grid, "Insert point", 2, time, "p")
    call(grid, command, "a.TextGrid")
    return [(0.5, label), *((time, "p") for time in points)]


seen = {}
for form in ("text", "short text"):
    for what, label, points in (("usual", "a", ()), ("points", "a", (1.25, 1.5)), ("line break", "a\nfaint", ())):
        expected = saved(f"Save as {form} file", label, *points)
        for name, read in (("tgt", by_tgt), ("textgrid", by_textgrid), ("praatio", by_praatio)):
            try:
                seen[form, what, name] = "read" if read("a.TextGrid") == expected else "otherwise"
            except Exception as error:
                seen[form, what, name] = type(error).__name__
        print(f"{form}, {what}: {({name: seen[form, what, name] for name in ('tgt', 'textgrid', 'praatio')})}")
others = {key: outcome for key, outcome in seen.items() if outcome != "read"}
assert set(others) == {("short text", "points", "textgrid"), ("text", "line break", "tgt"), ("short text", "line break", "tgt")}, "changed"
assert "otherwise" not in others.values(), "this has changed"
PY
