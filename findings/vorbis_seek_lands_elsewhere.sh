#!/usr/bin/env bash
# Guess: after seek(n) in an Ogg Vorbis file the next samples are those from n on, to the bit, as in the file read from its start.
# Seen, soundfile 0.14.0 with libsndfile 1.2.2, NumPy 2.4.6: of 400 random seeks in a minute of noisy tones a few per cent give other sound, by
#   more than a hundredth of full scale, and go on doing so as long as one reads on. No error, and tell() says n.
# What it means: labels and sound part by some hundred samples, and which reads are wrong depends on where one seeks.
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
rate, rng = 22050, np.random.default_rng(1)
tones = 0.3 * np.sin(np.cumsum(rng.uniform(100, 8000, 60 * rate)) / rate) + 0.1 * rng.standard_normal(60 * rate)
packed = io.BytesIO()
sf.write(packed, tones.astype("float32"), rate, format="OGG", subtype="VORBIS")
whole = sf.read(io.BytesIO(packed.getvalue()), dtype="float32")[0]
file = sf.SoundFile(io.BytesIO(packed.getvalue()))
wrong = 0
for start in rng.integers(0, len(whole) - 3000, 400):
    file.seek(int(start))
    assert file.tell() == start
    wrong += np.abs(file.read(2000, dtype="float32") - whole[start : start + 2000]).max() > 0.01
print(f"{wrong} of 400 seeks gave other sound")
assert 4 <= wrong <= 60, "this has changed"
PY
