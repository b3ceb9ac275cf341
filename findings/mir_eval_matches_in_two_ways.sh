#!/usr/bin/env bash
# Guess: two matchers of one library, given the same times and the same tolerance, find the same pairs.
# Seen, mir_eval 0.8.2, NumPy 2.4.6: of 2,000 events on the samples of a 10 kHz recording, each answered exactly 10 ms later (100 samples),
#   util.match_events and onset.f_measure pair 1,672 at a tolerance of 10 ms: the others miss it by the last bit of a float.
#   transcription.match_note_onsets rounds differences to 0.1 ms first and pairs all 2,000, and also all that come 10.04 ms later.
# What it means: a recall of 84 or 100 % of the same detections; and tolerances of a few samples at ultrasonic rates are blurred by 50 µs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q mir_eval==0.8.2 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import numpy as np
from mir_eval import onset, transcription, util

rate, tolerance = 10_000, 0.01
samples = np.arange(1, 2001) * 1000 + np.random.default_rng(0).integers(0, 300, 2000)


def pairs(reference, estimated):
    notes = [np.column_stack([times, times + 0.02]) for times in (reference, estimated)]
    return (
        len(util.match_events(reference, estimated, tolerance)),
        round(2000 * onset.f_measure(reference, estimated, window=tolerance)[2]),
        len(transcription.match_note_onsets(*notes, onset_tolerance=tolerance)),
    )


exactly = pairs(samples / rate, (samples + 100) / rate)
beyond = pairs(samples / rate, (samples + 100.4) / rate)
print(f"pairs by match_events, onset.f_measure, match_note_onsets: 10 ms later {exactly}, 10.04 ms later {beyond}")
assert exactly == (1672, 1672, 2000), "this has changed"
assert beyond == (0, 0, 2000), "this has changed"
PY
