#!/usr/bin/env bash
# Guess: times that are those of samples, n / rate, are turned back into these samples by libraries that cut recordings by seconds: a clip from
#   sample 1000 to 5000 has 4000, and clips of one length all have as many samples.
# Seen, soundevent 2.10.0, vocalpy 0.10.3, librosa 0.11.0, NumPy 2.4.6, at 44.1 kHz: products and differences of floats are cut to whole numbers,
#   not rounded. Of 500 segments with the exact times of their samples, 253 are one sample short and 31 begin a sample early, the same ones in
#   soundevent's load_clip, librosa.load and vocalpy's Segments.from_csv. Of 20 s, soundevent's segment_clip makes 199 clips of 0.1 s, not 200;
#   129 of them have 4409 samples and 70 have 4410. Of 500 clips of 40 ms 307 are short. At 32 and 250 kHz about as many are short.
# What it means: clips of one length do not fit into one array, and annotations that go through seconds and back shrink.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q soundevent[audio]==2.10.0 vocalpy==0.10.3 librosa==0.11.0 soundfile==0.14.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" -W ignore - <<'PY'
from collections import Counter

import librosa
import numpy as np
import soundfile as sf
import vocalpy
from soundevent import audio, data
from soundevent.operations import segment_clip

rate, seconds = 44_100, 20
rng = np.random.default_rng(0)
# each sample tells which one it is
sf.write("a.wav", np.arange(rate * seconds, dtype="int32") << 8, rate, subtype="PCM_24")
first = np.arange(500) * 1600 + rng.integers(0, 1000, 500)
last = first + rng.integers(900, 13_000, 500)
with open("a.csv", "w") as file:
    file.write("start_s,stop_s\n" + "".join(f"{a!r},{b!r}\n" for a, b in zip((first / rate).tolist(), (last / rate).tolist())))
recording = data.Recording.from_file("a.wav")


def by_soundevent(start, stop):
    return audio.load_clip(data.Clip(recording=recording, start_time=start, end_time=stop)).values[:, 0]


def by_librosa(start, stop):
    return librosa.load("a.wav", sr=None, offset=start, duration=stop - start, dtype=np.float64)[0]


off = {}
for name, cut in (("soundevent", by_soundevent), ("librosa", by_librosa)):
    clips = [cut(a / rate, b / rate) for a, b in zip(first.tolist(), last.tolist())]
    off[name] = np.array([(round(clip[0] * 2**23), len(clip)) for clip in clips])
segments = vocalpy.Segments.from_csv("a.csv", rate)
off["vocalpy"] = np.column_stack([segments.start_inds, segments.lengths])
for name in off:
    off[name] = off[name] - np.column_stack([first, last - first])
    starts, lengths = (Counter(column.tolist()) for column in off[name].T)
    print(f"{name}: of 500, starts off by {dict(starts)}, lengths by {dict(lengths)}")
    assert starts == {0: 469, -1: 31} and lengths == {0: 247, -1: 253}, "this has changed"
    assert np.array_equal(off[name], off["soundevent"]), "this has changed"

whole = data.Clip(recording=recording, start_time=0, end_time=seconds)
sizes = {}
for duration in (0.1, 0.04):
    sizes[duration] = Counter(len(audio.load_clip(clip)) for clip in segment_clip(whole, duration=duration))
print(f"clips of 0.1 and 0.04 s by their samples: {sizes}")
assert sizes == {0.1: {4409: 129, 4410: 70}, 0.04: {1763: 307, 1764: 193}}, "this has changed"
PY
