"""The summary of many recordings: a row for each and song type, and sums that agree with the rows."""

import csv

from dss_widgets.events import RecordingDone, event_of
from dss_widgets.results.summary import summed, write_summary

TOLD = [
    RecordingDone(recording="a/x.wav", file="x.csv", seconds=2.0, counts={"p": 3, "s": 1}, song_seconds={"p": 0.0, "s": 0.5}),
    RecordingDone(recording="b/x.wav", file="y.csv", outcome="skipped", counts={"s": 2}, song_seconds={"s": 1.25}),
    RecordingDone(recording="c, d.wav", outcome="failed", message="c, d.wav: is damaged"),
]


def test_every_recording_and_song_type_has_a_row_and_the_sums_are_those_of_the_rows(tmp_path):
    with open(write_summary(tmp_path / "summary.csv", TOLD), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["recording"], row["song_type"], row["count"], row["total_seconds"], row["problem"]) for row in rows] == [
        ("a/x.wav", "p", "3", "0.0", ""), ("a/x.wav", "s", "1", "0.5", ""), ("b/x.wav", "p", "0", "0.0", ""),
        ("b/x.wav", "s", "2", "1.25", ""), ("c, d.wav", "", "", "", "c, d.wav: is damaged"),
    ]  # fmt: skip
    sums = summed(TOLD)
    assert sums.outcomes == {"done": 1, "skipped": 1, "failed": 1}
    for name in sums.song_types:
        own = [row for row in rows if row["song_type"] == name]
        assert sums.counts[name] == sum(int(row["count"]) for row in own)
        assert sums.seconds[name] == sum(float(row["total_seconds"]) for row in own)
        assert sums.recordings[name] == sum(int(row["count"]) > 0 for row in own)


def test_what_was_told_is_the_same_after_a_file_and_of_an_earlier_version_there_are_no_counts():
    assert [event_of(told.as_dict()) for told in TOLD] == TOLD
    assert event_of({"event": "recording", "recording": "x.wav", "file": "x.csv"}).counts == {}
