#!/usr/bin/env bash
# Guess: DAS's event_dist_max leaves out every event whose neighbours are farther away, and of two closer than event_dist_min keeps one.
# Seen, das 0.32.13, NumPy 1.26.4: the first event of a recording is kept however lonely it is (its distance to nothing counts as minus
#   infinity), the last is not. Of two that are too close both go, of three in a row all three, but if one of them is the first event:
#   that one stays. So what is left depends on where a recording begins, and a doubled detection deletes the pulse itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
# of what DAS needs, its module for events needs these alone
"$work/venv/bin/pip" install -q --no-deps das==0.32.13 numpy==1.26.4 scipy==1.11.4 PeakUtils==1.3.5
"$work/venv/bin/python" - <<'PY'
import numpy as np
from das.event_utils import event_interval_filter


def kept(*seconds, **distances):
    return np.array(seconds)[event_interval_filter(np.array(seconds), **distances)].tolist()


lonely = kept(1.0, 5.0, 5.04, 5.08, 9.0, event_dist_max=0.1)
print(f"1 s and 9 s are 4 s from a train of three, and 0.1 s is the most: {lonely} are kept")
pairs = kept(1.0, 2.0, 2.002, 3.0, 4.0, 4.001, 4.002, 5.0, event_dist_min=0.01)
first = kept(1.0, 1.002, 3.0, event_dist_min=0.01)
print(f"a pair and a triple within 2 ms, and 10 ms is the least: {pairs} are kept; the pair at the beginning: {first}")
assert lonely == [1.0, 5.0, 5.04, 5.08], "this has changed"
assert (pairs, first) == ([1.0, 3.0, 5.0], [1.0, 3.0]), "this has changed"
PY
