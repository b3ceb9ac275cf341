"""Counts of what is annotated: seen, drawn, taken along as tables and in other tools' formats."""

import csv
import io
import zipfile

import numpy as np
import pytest

from dss_widgets.dataset import survey
from dss_widgets.dataset.counts import measure_song
from dss_widgets.panels.counts.histogram import histogram
from dss_widgets.panels.counts.panel import SongCounts

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def counts(bird):
    found = SongCounts()
    found.folder = str(bird)
    return found


def test_nothing_is_read_before_it_is_opened_and_then_everything_is_counted(counts, bird):
    assert counts.survey is None
    counts.toggle()
    found = survey(bird)
    n = sum(len(entry.annotations) for entry in found.recordings)
    rows = list(csv.DictReader(io.StringIO(counts.counts_file.content.decode("utf-8-sig"))))
    assert sum(int(row["count"]) for row in rows) == n == len(measure_song(found).names)
    assert "from,to" in counts.transitions_file.content.decode()
    assert all(f">{song_type.name}<" in counts._counts.value for song_type in found.song_types)
    durations, silence = counts._plots
    assert durations._bars.y.sum() == n
    assert silence._bars.y.sum() > 0


def test_one_recording_and_one_song_type_can_be_looked_at(counts, bird):
    counts.toggle()
    first = survey(bird).recordings[0]
    counts.recording.value = first.name
    counts.song_type.value = "a"
    assert counts._plots[0]._bars.y.sum() == (first.annotations.names == "a").sum()
    assert "times" in counts._transitions.value


def test_what_was_annotated_since_is_counted_again(counts, bird):
    counts.toggle()
    for table in bird.glob("*_annotations.csv"):
        table.write_text(f"name,start_seconds,stop_seconds\n{MARKUP},1,2\n")
    for table in bird.glob("*_definitions.csv"):
        table.unlink()
    counts.again.click()
    assert "&lt;img" in counts._counts.value
    assert MARKUP not in counts._counts.value + counts._transitions.value
    counts.make.click()
    assert zipfile.ZipFile(io.BytesIO(counts.exported.content)).namelist()


@pytest.mark.parametrize(("name", "n_files"), [("raven", 3), ("audacity", 3), ("textgrid", 3), ("generic-seq", 0)])
def test_other_programs_get_their_files(counts, name, n_files):
    counts.toggle()
    counts.format.value = name
    counts.make.click()
    content = counts.exported.content
    if n_files:
        assert len(zipfile.ZipFile(io.BytesIO(content)).namelist()) == n_files
    else:
        assert content.decode().startswith("label,")


def test_a_folder_that_may_not_be_read_or_holds_nothing_says_so(counts, tmp_path, monkeypatch):
    counts.toggle()
    counts.folder = ""
    assert "Nothing to count" in counts._said.value
    (tmp_path / "root").mkdir()
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
    counts.folder = str(tmp_path / "bird")
    assert "Nothing to count" in counts._said.value
    counts.make.click()
    assert counts.exported.content == b""


def test_gaps_are_silence_until_the_next_label_of_whatever_type(bird):
    for table in bird.glob("*_annotations.csv"):
        table.write_text("name,start_seconds,stop_seconds\nb,1.5,3\na,0,1\na,2,2.5\n")
    measured = measure_song(survey(bird), survey(bird).recordings[0].name)
    assert measured.names.tolist() == ["a", "b", "a"]
    np.testing.assert_allclose(measured.durations, [1, 1.5, 0.5])
    np.testing.assert_array_equal(np.isfinite(measured.gaps), [True, False, False])


def test_a_histogram_has_bars_of_round_width_and_leaves_out_what_is_far_off():
    at, counts, width = histogram(np.array([*np.linspace(0.05, 0.1, 200), 9.0, np.nan]))
    assert (width, int(counts.sum())) == (5.0, 200)
    assert at[-1] < 200
    assert len(histogram(np.array([np.nan]))[0]) == 0
    assert histogram(np.full(5, 0.08))[1].sum() == 5
