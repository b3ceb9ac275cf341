#!/usr/bin/env bash
# Guess: soxr makes silence of silence whatever the type of the samples, and blocks given one by one to a ResampleStream come out as
#   the whole would, as they do in float32.
# Seen, soxr 1.1.0, NumPy 2.4.6: of int16 zeros about a quarter come back as 1 or -1: 16-bit output is dithered, which its docstrings do
#   not say and no argument turns off. Blocks and whole differ by up to 2, as their dither does. float32, float64
#   and int32 give zeros, and in float32 blocks and whole are equal to the bit.
# What it means: pauses of a recording that were gated to zero are not zero any more after resampling in int16; float32 keeps them.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q soxr==1.1.0 numpy==2.4.6
"$work/venv/bin/python" - <<'PY'
import numpy as np
import soxr

for kind in ("float32", "float64", "int32", "int16"):
    out = soxr.resample(np.zeros(44_100, kind), 44_100, 22_050)
    share, largest = np.mean(out != 0), np.abs(out).max()
    print(f"silence in {kind}: {share:.0%} of the samples are not 0, at most {largest}")
    assert (0.15 < share < 0.35 and largest == 1) if kind == "int16" else largest == 0, "this has changed"
for kind in ("float32", "int16"):
    sound = (3000 * np.random.default_rng(0).standard_normal(44_100)).astype(kind)
    stream = soxr.ResampleStream(44_100, 32_000, 1, dtype=kind)
    blocks = [stream.resample_chunk(sound[i : i + 1234], last=i + 1234 >= len(sound)) for i in range(0, len(sound), 1234)]
    off = np.abs(np.concatenate(blocks).astype(float) - soxr.resample(sound, 44_100, 32_000)).max()
    print(f"blocks and whole in {kind}: off by {off:g} at most")
    assert (1 <= off <= 3) if kind == "int16" else off == 0, "this has changed"
PY
