#!/usr/bin/env bash
# Guess: MP3 seeks roughly, perhaps, but what is read after seek(n) is at most a frame away from what stands at n.
# Seen, soundfile 0.14.0 with libsndfile 1.2.2 (mpg123 within), NumPy 2.4.6: where a recording has digitally silent pauses, a tenth to a half of
#   400 random seeks begin with wrong sound, for up to thousands of samples, as loud as the calls themselves (0.6 of full scale): the decoder
#   begins in the middle of the bits that a frame borrows from those before it. With noise in the pauses it hardly happens.
# What it means: cleaned recordings (noise gated to zero) are the ones that go wrong.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q soundfile==0.14.0 numpy==2.4.6
"$work/venv/bin/python" - 2>/dev/null <<'PY'
import io
import numpy as np
import soundfile as sf

assert sf.__libsndfile_version__ == "1.2.2", sf.__libsndfile_version__
rate, rng = 22050, np.random.default_rng(1)
calls = 0.3 * np.sin(np.cumsum(rng.uniform(100, 8000, 60 * rate)) / rate) + 0.1 * rng.standard_normal(60 * rate)
for second in range(0, 60, 3):
    calls[second * rate : second * rate + 3 * rate // 2] = 0
packed = io.BytesIO()
sf.write(packed, calls.astype("float32"), rate, format="MP3", subtype="MPEG_LAYER_III")
whole = np.concatenate(list(sf.blocks(io.BytesIO(packed.getvalue()), 10**8, dtype="float32")))
file = sf.SoundFile(io.BytesIO(packed.getvalue()))
off = []
for start in rng.integers(0, len(whole) - 6000, 400):
    file.seek(int(start))
    off.append(np.abs(file.read(5000, dtype="float32") - whole[start : start + 5000]).max())
wrong = int((np.array(off) > 0.001).sum())
print(f"{wrong} of 400 seeks began with other sound, by {max(off):.2f} at most")
assert 40 <= wrong <= 200 and max(off) > 0.3, "this has changed"
PY
