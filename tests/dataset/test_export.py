"""Annotations in other tools' formats, read back; and tables of what was found."""

import csv
import itertools
import shutil

import numpy as np
import pytest
import soundfile
from hypothesis import example, given
from hypothesis import strategies as st

from dss_widgets.dataset import open_recording, survey
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.written_formats import WRITTEN
from dss_widgets.dataset.counts import count_song, count_transitions, write_counts
from dss_widgets.dataset.export import export_annotations, write_survey
from dss_widgets.dataset.survey import survey_recordings
from dss_widgets.errors import DataError

SECONDS = 20
PLAIN = st.sampled_from(
    ["a", "b", "01", "NA", "nan", "a,b", 'say "a"', '"', "a;b", "1,5", "a@", "=1+1", "\u0283\u02d0", "-", "\\x", "# a"]
)
TIMES = st.integers(0, 2000 * SECONDS).map(lambda n: n / 2000)
SEGMENTS = st.lists(st.tuples(PLAIN, TIMES, st.integers(4, 4000)), min_size=1, max_size=8)
EVENTS = st.lists(st.tuples(st.sampled_from(["pulse", "click 2"]), TIMES), max_size=4)


@pytest.fixture(scope="module")
def wavs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recordings")
    for name in ("bird 1.wav", "bird.2.wav"):
        soundfile.write(folder / name, np.zeros(1000 * SECONDS), 1000)
    return folder


def labelled(folder, segments, events):
    """A survey of a recording that is annotated so, and one where the first annotation is all there is."""
    rows = [(name, start, min(start + n / 2000, SECONDS)) for name, start, n in segments if start < SECONDS - 0.002]
    rows += [(name, time, time) for name, time in events]
    rows = rows or [("a", 1.0, 2.0)]
    found = [Annotations.of(rows), Annotations.of(rows[:1])]
    return survey_recordings(
        [(open_recording(path), marked) for path, marked in zip(sorted(folder.iterdir()), found, strict=True)]
    )


def all_rows(found):
    return [
        sorted(zip(e.annotations.names, e.annotations.start_seconds, e.annotations.stop_seconds, strict=True))
        for e in found.recordings
    ]


@pytest.mark.parametrize("to", WRITTEN)
@given(segments=SEGMENTS, events=EVENTS)
@example(segments=[("a", SECONDS, 4)], events=[("pulse", SECONDS)])  # at the very end of both recordings
def test_what_is_written_is_read_back(to, tmp_path_factory, wavs, segments, events):
    found = labelled(wavs, segments, events)
    out = tmp_path_factory.mktemp("out")
    write_survey(found, to, out)
    back = survey(out, recordings=wavs)
    for one, other in zip(all_rows(found), all_rows(back), strict=True):
        assert [row[0] for row in one] == [row[0] for row in other]
        np.testing.assert_allclose([row[1:] for row in one], [row[1:] for row in other], atol=1e-3)
    categories = {song_type.name: song_type.category for song_type in found.song_types}
    assert categories == {song_type.name: song_type.category for song_type in back.song_types}


@pytest.mark.parametrize(("to", "name"), [("raven", "a\tb"), ("audacity", "a\nb"), ("textgrid", " a"), ("generic-seq", "a\rb")])
def test_a_name_that_a_format_cannot_hold_is_told_before_anything_is_written(to, name, wavs, tmp_path):
    found = labelled(wavs, [(name, 1.0, 100)], [])
    with pytest.raises(DataError, match="cannot hold"):
        write_survey(found, to, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_overlapping_segments_get_a_tier_for_every_song_type_and_events_get_points(folder, tmp_path):
    folder.add("rec", [("a", 0.1, 0.3), ("b", 0.2, 0.4), ("a", 0.25, 0.5), ("click", 0.6, 0.6)])
    (path,) = export_annotations(folder.path, "textgrid", tmp_path / "out")
    text = path.read_text(encoding="utf-8")
    assert [line.split('"')[1] for line in text.splitlines() if line.startswith("        name")] == ["a", "a 2", "b", "click"]
    assert text.count('"TextTier"') == 1


def test_raven_gets_the_whole_band_and_the_recording(folder, tmp_path):
    folder.add("rec", [("a", 0.1, 0.3)], rate=8000)
    (path,) = export_annotations(folder.path, "raven", tmp_path / "out")
    (row,) = csv.DictReader(path.open(encoding="utf-8"), delimiter="\t")
    assert (row["Low Freq (Hz)"], row["High Freq (Hz)"], row["Begin File"]) == ("0.0", "4000.0", "rec.wav")


def test_nothing_is_replaced_unasked(folder, tmp_path):
    folder.add("rec")
    (path,) = export_annotations(folder.path, "audacity", tmp_path)
    path.write_text("by hand", encoding="utf-8")
    with pytest.raises(DataError, match="there already"):
        export_annotations(folder.path, "audacity", tmp_path)
    assert path.read_text(encoding="utf-8") == "by hand"
    export_annotations(folder.path, "audacity", tmp_path, overwrite=True)
    assert path.read_text(encoding="utf-8").endswith("\tsine\n")


def test_predictions_in_a_folder_of_their_own_find_their_recordings(folder, tmp_path):
    folder.add("rec", [("by hand", 0.1, 0.2)])
    predicted = tmp_path / "predicted"
    predicted.mkdir()
    shutil.copy(folder.rows("other", [("sine_proposals", 0.5, 0.75)]), predicted / "rec_annotations.csv")
    (path,) = export_annotations(predicted, "audacity", tmp_path / "out", recordings=folder.path)
    assert path.read_text(encoding="utf-8") == "0.5\t0.75\tsine_proposals\n"


def test_recordings_of_one_name_get_files_of_their_own(folder, tmp_path):
    folder.add("rec")
    folder.audio("rec.flac")
    folder.text("rec.flac.txt", "0.5\t0.6\tflac\n")
    folder.text("rec.wav.txt", "0.5\t0.6\twav\n")
    (folder.path / "rec_annotations.csv").unlink()
    names = [path.name for path in export_annotations(folder.path, "textgrid", tmp_path / "out")]
    assert names == ["rec.flac.TextGrid", "rec.wav.TextGrid"]


def test_counts_durations_gaps_and_intervals(folder):
    folder.add("rec1", [("a", 1.0, 1.1), ("b", 1.15, 1.25), ("a", 2.0, 2.3)], seconds=30)
    folder.add("rec2", [("b", 1.0, 1.1)], seconds=30)
    rows = {(row["recording"], row["song_type"]): row for row in count_song(survey(folder.path))}
    a = rows["rec1.wav", "a"]
    assert (a["count"], a["rate_per_minute"], a["total_ms"], a["duration_mean_ms"]) == (2, 4.0, 400.0, 200.0)
    assert (a["duration_min_ms"], a["duration_max_ms"], a["duration_sd_ms"]) == (100.0, 300.0, pytest.approx(141.4214))
    assert (a["gap_mean_ms"], a["gap_sd_ms"], a["interval_mean_ms"]) == (50.0, None, 1000.0)
    assert rows["rec2.wav", "a"]["count"] == 0
    assert rows["rec2.wav", "a"]["duration_mean_ms"] is None


def test_transitions_end_where_a_bout_does(folder):
    folder.add("rec", [("a", 1.0, 1.1), ("b", 1.15, 1.25), ("a", 1.3, 1.4), ("c", 9.0, 9.3)], seconds=10)
    found = survey(folder.path)
    assert [(row["from"], row["to"], row["count"], row["share"]) for row in count_transitions(found)] == [
        ("a", "b", 1, 0.5), ("a", "c", 1, 0.5), ("b", "a", 1, 1.0)
    ]  # fmt: skip
    assert len(count_transitions(found, longest_gap_seconds=2.0)) == 2


def test_counts_are_written_as_two_tables_and_never_over_others(folder, tmp_path):
    folder.add("rec", [('"a,""b"""', 0.1, 0.2)])
    tables = write_counts(survey(folder.path), tmp_path / "counts.csv")
    assert [path.name for path in tables] == ["counts.csv", "counts_transitions.csv"]
    (row,) = csv.DictReader(tables[0].open(encoding="utf-8-sig", newline=""))
    assert row["song_type"] == 'a,"b"'
    with pytest.raises(DataError, match="there already"):
        write_counts(survey(folder.path), tmp_path / "counts.csv")


def test_every_count_adds_up(folder):
    names = list(itertools.islice(itertools.cycle("abcab"), 40))
    folder.add("rec", [(name, i * 0.2, i * 0.2 + 0.1) for i, name in enumerate(names)], seconds=10)
    found = survey(folder.path)
    assert sum(row["count"] for row in count_song(found)) == 40
    assert sum(row["count"] for row in count_transitions(found)) == 39
