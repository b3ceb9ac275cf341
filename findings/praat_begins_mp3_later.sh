#!/usr/bin/env bash
# Guess: where sound begins in an MP3 that tells of its padding (the tag that LAME writes) is the same for all programs: they leave the padding out.
# Seen, Praat 6.1.38 (praat-parselmouth 0.4.7) beside soundfile 0.14.0, miniaudio 1.71 and PyAV 18.1.0, NumPy 2.4.6: the last three give
#   what was written, from its first sample on. Praat keeps the frame of the tag as silence, and 480 samples of the decoder's delay: all sound
#   comes 1,632 samples later at 32 to 48 kHz (37 ms at 44.1 kHz) and 1,056 at lower rates (48 ms at 22.05 kHz, 132 ms at 8 kHz).
# What it means: a TextGrid that was made in Praat on an MP3 does not fit the same MP3 elsewhere, by several tolerances of a match. Its
#   last time, Praat's length of the sound, is longer than others' and tells of it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q praat-parselmouth==0.4.7 soundfile==0.14.0 miniaudio==1.71 av==18.1.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import av
import miniaudio
import numpy as np
import parselmouth
import soundfile as sf

rng = np.random.default_rng(0)


def by_miniaudio(path, rate):
    kind = miniaudio.SampleFormat.FLOAT32
    return np.array(miniaudio.decode_file(path, output_format=kind, nchannels=1, sample_rate=rate).samples)


def by_av(path, rate):
    with av.open(path) as file:
        return np.concatenate([frame.to_ndarray().mean(axis=0) for frame in file.decode(audio=0)])


readers = {
    "soundfile": lambda path, rate: sf.read(path)[0],
    "miniaudio": by_miniaudio,
    "PyAV": by_av,
    "Praat": lambda path, rate: parselmouth.Sound(path).values[0],
}
for rate, expected in ((8000, 1056), (22050, 1056), (44100, 1632), (48000, 1632)):
    sound = np.convolve(0.1 * rng.standard_normal(5 * rate), np.ones(4) / 4, "same")
    sf.write("a.mp3", sound, rate, format="MP3", subtype="MPEG_LAYER_III")
    found = {}
    for name, read in readers.items():
        other = read("a.mp3", rate)
        both = np.fft.irfft(np.fft.rfft(other, 2**20) * np.fft.rfft(sound, 2**20).conj())
        found[name] = (len(other) - len(sound), int(both.argmax()))
    print(f"{rate} Hz, (longer, later) by samples: {found}")
    assert found.pop("Praat")[1] == expected, "this has changed"
    assert set(found.values()) == {(0, 0)}, "this has changed"
PY
