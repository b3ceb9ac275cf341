#!/usr/bin/env bash
# Guess: a FLAC file whose header leaves its length open (0 samples in STREAMINFO: "unknown", as encoders write that send to a pipe) is read
#   to its end by sf.read and sf.blocks, as every FLAC player does; soundfile says that it does not know the length.
# Seen, soundfile 0.14.0 with libsndfile 1.2.2, NumPy 2.4.6: sf.info tells 9,223,372,036,854,775,807 frames (13 million years at 22.05 kHz), and
#   sf.read raises ValueError, "array is too big". sf.blocks gives all full blocks and raises LibsndfileError, "psf_fseek() failed", in place of
#   the last one: after each read soundfile seeks to where it is, and the end of such a file cannot be sought.
# What it means: recordings that were streamed look damaged, and read as far as it goes they lose their last block.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q soundfile==0.14.0 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import io
import numpy as np
import soundfile as sf

assert sf.__libsndfile_version__ == "1.2.2", sf.__libsndfile_version__
sound = (3000 * np.random.default_rng(0).standard_normal(110_250)).astype("int16")
file = io.BytesIO()
sf.write(file, sound, 22_050, format="FLAC")
packed = bytearray(file.getvalue())
packed[21] &= 0xF0  # the length: 36 bits that end with the 26th byte, in the first block of metadata
packed[22:26] = bytes(4)
told = sf.info(io.BytesIO(packed)).frames
try:
    said = len(sf.read(io.BytesIO(packed))[0])
except ValueError as error:
    said = str(error)
blocks = sf.blocks(io.BytesIO(packed), 4096, dtype="int16")
whole = [next(blocks) for _ in range(len(sound) // 4096)]
try:
    last = str(len(next(blocks)))
except sf.LibsndfileError as error:
    last = str(error)
print(f"written {len(sound)}, told {told}, sf.read: {said}; sf.blocks: {sum(map(len, whole))}, then: {last}")
assert told == 2**63 - 1 and "too big" in str(said) and "psf_fseek" in last, "this has changed"
assert np.array_equal(np.concatenate(whole), sound[: len(sound) // 4096 * 4096]), "this has changed"
PY
