#!/usr/bin/env bash
# Guess: guano-py adds notes on a bat recording (species, place) to its WAV file, leaves the rest of the file as it is, and finds its notes again.
# Seen, guano 1.0.16, audioio 2.9.0, soundfile 0.14.0, NumPy 2.4.6, Python 3.11: write() keeps sound and notes alone. Calls that were marked within the
#   file (its chunks "cue " and "LIST", where audioio and sound editors keep labels) are gone. Where the sound has an odd number of bytes, as
#   one channel of 24 bits and an odd number of frames, the notes themselves are not found by the next GuanoFile: it is empty, and no error is
#   raised. The byte that WAV wants after an odd chunk is not written, but skipped when reading.
# What it means: to note the species deletes the labels, but for a copy in GUANO_BACKUP; and recordings of 24 bits lose their notes by chance.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q guano==1.0.16 audioio==2.9.0 soundfile==0.14.0 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import audioio
import guano
import numpy as np
import soundfile as sf

rate, rng = 250_000, np.random.default_rng(0)


def note(path):
    """Add a species as the documentation of guano-py shows it; return the notes that are found afterwards."""
    recording = guano.GuanoFile(path)
    recording["GUANO|Version"] = "1.0"
    recording["Species Manual ID"] = "Mylu"
    recording.write(make_backup=False)
    return dict(guano.GuanoFile(path).items())


def marked(path):
    places, labels = audioio.markers(path)
    return [(int(start), str(label)) for (start, _), (label, _) in zip(places, labels)]


sound = 0.1 * rng.standard_normal((rate, 1))
places, labels = np.array([[1000, 300], [5000, 500]]), np.array([["FM", "call"], ["CF", "call"]], dtype=object)
audioio.write_audio("marked.wav", sound, rate, locs=places, labels=labels)
before = marked("marked.wav")
notes = note("marked.wav")
after = marked("marked.wav")
print(f"marked before {before}, after {after}, notes {notes}")
assert before == [(1000, "FM"), (5000, "CF")] and after == [], "this has changed"
assert notes["Species Manual ID"] == "Mylu"

found = {}
for subtype in ("PCM_16", "PCM_24"):
    for frames in (10_000, 10_001):
        sf.write("a.wav", sound[:frames], rate, subtype=subtype)
        found[subtype, frames] = len(note("a.wav"))
        assert sf.info("a.wav").frames == frames
print(f"notes found of the two that were written, by bits and frames: {found}")
assert found.pop(("PCM_24", 10_001)) == 0 and set(found.values()) == {2}, "this has changed"
PY
