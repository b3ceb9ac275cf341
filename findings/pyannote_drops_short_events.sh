#!/usr/bin/env bash
# Guess: a detector that finds none of 100 pulses, labelled as points in time, has a recall of 0 in pyannote.metrics, or the points are refused.
#   And where Segment.set_precision(3) rounds times to milliseconds, clicks of 1 ms are kept.
# Seen, pyannote.core 6.1.0, pyannote.metrics 4.2.0, NumPy 2.4.6, pandas 3.1.1: annotation[Segment(t, t)] = "pulse" keeps nothing and says nothing
#   (tracks are not empty, its documentation says); Annotation.from_records keeps the points as tracks, and their timeline is empty. Either way,
#   the detector that finds none has an error of 0.0 and a recall of 1.0, as has the one that finds all; also beside a song that is found.
#   With set_precision(3), what is not longer than 1 ms is dropped, and of a click of 1 ms the last bit of a float decides: of 100 in the first
#   seconds of a recording 52 are kept, after 1000 s 20. Without it all are.
# What it means: give points a length above the precision, and count the segments of an annotation's timeline before a score is believed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q pyannote.core==6.1.0 pyannote.metrics==4.2.0 numpy==2.4.6 pandas==3.1.1
"$work/venv/bin/python" - <<'PY'
from pyannote.core import Annotation, Segment, Timeline
from pyannote.metrics.detection import DetectionErrorRate, DetectionRecall


def assigned(times, label):
    annotation = Annotation()
    for track, (start, stop) in enumerate(times):
        annotation[Segment(start, stop), track] = label
    return annotation


def recorded(times, label):
    return Annotation.from_records((Segment(*pair), track, label) for track, pair in enumerate(times))


def scores(reference, found):
    whole = Timeline([Segment(0, 10)])
    return DetectionErrorRate()(reference, found, uem=whole), DetectionRecall()(reference, found, uem=whole)


def clicks(first, length):
    """Times of 100 clicks in seconds, 35 ms apart, of ``length`` ms from ``first`` ms."""
    return [(ms / 1000, (ms + length) / 1000) for ms in range(first, first + 3500, 35)]


pulses, song = clicks(100, 0), [(5.0, 6.0)]
seen = {}
for name, make in (("assigned", assigned), ("from records", recorded)):
    nothing, points, both = make([], "pulse"), make(pulses, "pulse"), make(pulses + song, "event")
    tracks = len(list(points.itertracks())), len(points.get_timeline())
    seen[name] = tracks, scores(points, nothing), scores(points, points), scores(both, make(song, "event"))
    print(f"{name}: tracks and segments in the timeline of 100 points {tracks}; error and recall of a detector that finds none", end=" ")
    print(f"{seen[name][1]}, all {seen[name][2]}, none but a song {seen[name][3]}")
exact = [len(assigned(clicks(first, 1), "click")) for first in (100, 1_000_000)]
Segment.set_precision(3)
rounded = [len(assigned(clicks(first, 1), "click")) for first in (100, 1_000_000)]
longer = [len(assigned(clicks(first, 2), "click")) for first in (100, 1_000_000)]
print(f"of 100 clicks of 1 ms from 0.1 and from 1000 s, kept: {exact}, with set_precision(3): {rounded}, of 2 ms: {longer}")
faultless = [(0.0, 1.0)] * 3
assert seen == {"assigned": ((0, 0), *faultless), "from records": ((100, 0), *faultless)}, "this has changed"
assert (exact, rounded, longer) == ([100, 100], [52, 20], [100, 100]), "this has changed"
PY
