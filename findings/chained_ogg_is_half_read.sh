#!/usr/bin/env bash
# Guess: two Ogg Vorbis files put one after the other (a chained stream, valid by RFC 3533, and what recorders leave that begin a
#   new stream every minute) are read to their end, or refused. Other players play both.
# Seen, soundfile 0.14.0 with libsndfile 1.2.2, NumPy 2.4.6: only the first stream is read. Length and samples are those of the first
#   alone, and nothing tells that there is more: of 10 s and 20 s joined, 10 s. The same with MP3.
# What it means: song in the later parts is lost without a word, unless whoever reads looks for further streams.
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
rate = 22050
song = (0.3 * np.sin(2 * np.pi * 440 * np.arange(30 * rate) / rate)).astype("float32")
for kind, subtype in (("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")):
    first, second = io.BytesIO(), io.BytesIO()
    sf.write(first, song[: 10 * rate], rate, format=kind, subtype=subtype)
    sf.write(second, song[10 * rate :], rate, format=kind, subtype=subtype)
    joined = first.getvalue() + second.getvalue()
    told, read = sf.info(io.BytesIO(joined)).frames, len(sf.read(io.BytesIO(joined))[0])
    print(f"{kind}: 30 s joined of two, told {told / rate:g} s, read {read / rate:g} s")
    assert told == read == 10 * rate, "this has changed"
PY
