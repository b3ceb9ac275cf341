#!/usr/bin/env bash
# Guess: a TextGrid of Praat that pympi makes an ELAN document of, and a TextGrid again, has as many labels as it had, or an error says why not.
# Seen, pympi-ling 1.71: to_eaf makes an interval of 100 ms of every point of a point tier, as ELAN has no points (pointlength=0.1, documented),
#   also where the next point is nearer: 100 pulses 35 ms apart become 100 annotations, of which up to three overlap on a single tier.
#   Eaf.to_textgrid leaves out what overlaps an interval before it, without a word (any error of it is passed over): 34 pulses come back, of
#   pulses 50 ms apart 50, of pulses 100 ms apart all. With to_eaf(pointlength=0.001) all 100 come back in each case.
# What it means: pulses or clicks that went through ELAN's format this way are fewer and seem slower (every third: 105 ms apart instead of 35).
#   Give a pointlength shorter than the shortest interval between points, and count labels before and after.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pympi-ling==1.71
cd "$work"
"$work/venv/bin/python" - <<'PY'
import pympi


def through_elan(gap, **options):
    """How many of 100 points ``gap`` ms apart are in the ELAN document and in the TextGrid made of it, and the first there in seconds."""
    grid = pympi.TextGrid(xmax=15)
    tier = grid.add_tier("pulses", "TextTier")
    for number in range(100):
        tier.add_point((100 + gap * number) / 1000, "pulse")
    grid.to_file("praat.TextGrid")
    read = pympi.TextGrid("praat.TextGrid")
    assert len(list(read.get_tier("pulses").get_intervals())) == 100
    read.to_eaf(**options).to_file("elan.eaf")
    document = pympi.Eaf("elan.eaf")
    document.to_textgrid().to_file("again.TextGrid")
    again = pympi.TextGrid("again.TextGrid").get_tier("pulses")
    named = [(start, stop) for start, stop, label in again.get_intervals() if label]
    return len(document.get_annotation_data_for_tier("pulses")), len(named), named[:3]


seen = {gap: through_elan(gap) for gap in (35, 50, 100)}
short = {gap: through_elan(gap, pointlength=0.001) for gap in (35, 50, 100)}
for word, found in (("", seen), (", pointlength=0.001", short)):
    for gap, (inside, back, first) in found.items():
        print(f"100 points {gap} ms apart{word}: {inside} in the ELAN document, {back} in the TextGrid made of it, from {first}")
assert {gap: counts for gap, (*counts, _) in seen.items()} == {35: [100, 34], 50: [100, 50], 100: [100, 100]}, "this has changed"
assert seen[35][2] == [(0.1, 0.2), (0.205, 0.305), (0.31, 0.41)], "this has changed"
assert all(counts == [100, 100] for *counts, _ in short.values()), "this has changed"
PY
