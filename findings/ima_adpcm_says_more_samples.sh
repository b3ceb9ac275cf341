#!/usr/bin/env bash
# Guess: a wav file keeps how many samples were written: for compressed subtypes the "fact" chunk is there to say it, as blocks are padded.
# Seen, soundfile 0.14.0 with libsndfile 1.2.2, NumPy 2.4.6: IMA ADPCM written here says 80,295 for 80,000 samples, in the fact chunk too, and the
#   295 at the end are read as sound; MS ADPCM of the same sound says 80,000 in its fact chunk, and 80,000 are read.
# What it means: the padding of IMA ADPCM cannot be told from song; such recordings seem longer than they are, by up to a block.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q soundfile==0.14.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import struct
import numpy as np
import soundfile as sf

assert sf.__libsndfile_version__ == "1.2.2", sf.__libsndfile_version__
rate, written = 8000, 80_000
sound = 0.3 * np.sin(2 * np.pi * 440 * np.arange(written) / rate)
seen = {}
for subtype in ("IMA_ADPCM", "MS_ADPCM"):
    sf.write(f"{subtype}.wav", sound, rate, subtype=subtype)
    with open(f"{subtype}.wav", "rb") as file:
        raw = file.read()
    (fact,) = struct.unpack_from("<I", raw, raw.index(b"fact") + 8)
    seen[subtype] = (fact, sf.info(f"{subtype}.wav").frames, len(sf.read(f"{subtype}.wav")[0]))
    print(subtype, "fact", seen[subtype][0], "frames", seen[subtype][1], "read", seen[subtype][2])
assert seen == {"IMA_ADPCM": (80_295,) * 3, "MS_ADPCM": (80_000,) * 3}, "this has changed"
PY
