#!/usr/bin/env bash
# Guess: a lossless file gives back all the frames that were written, whatever the number of channels.
# Seen, soundfile 0.14.0 with libsndfile 1.2.2, NumPy 2.4.6: Ensoniq PARIS (.paf), 24 bit: with one, two and four channels all of 882,000 frames
#   come back, with three channels 881,140, and the header says so too; writing told no error.
# What it means: a format is not to be tried with one and two channels alone; recordings of three microphones exist.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q soundfile==0.14.0 numpy==2.4.6
"$work/venv/bin/python" - "$work" <<'PY'
import sys
import numpy as np
import soundfile as sf

assert sf.__libsndfile_version__ == "1.2.2", sf.__libsndfile_version__
written, got = 882_000, {}
for channels in (1, 2, 3, 4):
    sound = np.zeros((written, channels), dtype="float32")
    path = f"{sys.argv[1]}/{channels}.paf"
    sf.write(path, sound, 22050, format="PAF", subtype="PCM_24")
    got[channels] = len(sf.read(path)[0])
print(f"frames written {written}, read back by channels {got}")
assert got == {1: written, 2: written, 3: 881_140, 4: written}, "this has changed"
PY
