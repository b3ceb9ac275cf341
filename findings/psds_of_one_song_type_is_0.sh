#!/usr/bin/env bash
# Guess: PSDS of a detector that finds every call and nothing else is 1, and that of one that finds half of them 0.5, whether one song type
#   was annotated or several.
# Seen, psds_eval 0.5.3 with pandas 2.2.3, NumPy 1.26.4: with one song type it is 0.0 for a perfect detector, one that finds half and
#   one that finds nothing. One annotation of a second type, found too, makes the perfect one 1.0. False positives that are other types' calls
#   are averaged over the other types; without any this is not a number, and times their weight, 0 by default, it still is none. In the staircase
#   of the default that counts as nothing found; with en_interp=True the perfect one has 1.0. The F-score of the same object is 1.0.
# What it means: detectors of one species or one call, the most common, seem worthless by the default of DCASE's score.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q psds_eval==0.5.3 pandas==2.2.3 numpy==1.26.4
"$work/venv/bin/python" -W ignore - <<'PY'
import pandas as pd
from psds_eval import PSDSEval

columns = ["filename", "onset", "offset", "event_label"]


def scores(annotated, detected):
    hour = pd.DataFrame([["night.wav", 3600.0]], columns=["filename", "duration"])
    tables = [pd.DataFrame(calls, columns=columns) for calls in (annotated, detected)]
    evaluation = PSDSEval(0.5, 0.5, 0.3, ground_truth=tables[0], metadata=hour)
    evaluation.add_operating_point(tables[1])
    psds = [evaluation.psds(max_efpr=100, en_interp=interpolated).value for interpolated in (False, True)]
    return (*(round(float(value), 3) for value in psds), round(float(evaluation.compute_macro_f_score(tables[1])[0]), 3))


calls = [["night.wav", second, second + 1, "call"] for second in (10.0, 50.0, 90.0, 130.0)]
song = [["night.wav", 500.0, 501.0, "song"]]
one = {"all": scores(calls, calls), "half": scores(calls, calls[:2]), "none": scores(calls, song)}
two = {"all": scores(calls + song, calls + song), "half": scores(calls + song, calls[:2] + song)}
print(f"PSDS, PSDS interpolated, F-score of one song type by what is found: {one}")
print(f"the same of two song types: {two}")
assert {found: psds for found, (psds, *_) in one.items()} == {"all": 0, "half": 0, "none": 0}, "this has changed"
assert one["all"] == (0, 1, 1), "this has changed"
assert two["all"] == (1, 1, 1) and two["half"][0] == 0.75, "this has changed"
PY
