#!/usr/bin/env bash
# Guess: DAS's shortest segment and longest gap to fill hold wherever in a recording a segment lies.
# Seen, das 0.32.13, NumPy 1.26.4: a segment that touches the recording's first or last sample is no segment to either rule. 5 samples of
#   it stay where 50 are asked for, and the gap of 5 samples beside it is not filled where 10 are: recordings that were cut within a
#   song get one-sample syllables at their ends. In between, a gap of just the length asked for stays, one sample less is filled.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
# of what DAS needs, its module for segments needs this alone
"$work/venv/bin/pip" install -q --no-deps das==0.32.13 numpy==1.26.4
"$work/venv/bin/python" - <<'PY'
import numpy as np
from das.segment_utils import fill_gaps, remove_short


def after(rule, *segments, **samples):
    song = np.zeros(1000, int)
    for start, stop in segments:
        song[start:stop] = 1
    edges = np.diff(np.concatenate([[0], rule(song, **samples), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist()))


short = after(remove_short, (0, 5), (100, 105), (300, 400), (995, 1000), min_len=50)
print(f"5 samples at the start, within and at the end, at least 50 asked for: {short} stay")
begun = after(fill_gaps, (0, 200), (205, 300), (305, 400), gap_dur=10)
ended = after(fill_gaps, (500, 600), (605, 700), (705, 1000), gap_dur=10)
print(f"gaps of 5 samples, 10 asked for: song from the start becomes {begun}, song to the end {ended}")
just = after(fill_gaps, (100, 200), (210, 300), gap_dur=10), after(fill_gaps, (100, 200), (209, 300), gap_dur=10)
print(f"a gap of 10, and of 9: {just}")
assert short == [(0, 5), (300, 400), (995, 1000)], "this has changed"
assert (begun, ended) == ([(0, 200), (205, 400)], [(500, 700), (705, 1000)]), "this has changed"
assert just == ([(100, 200), (210, 300)], [(100, 300)]), "this has changed"
PY
