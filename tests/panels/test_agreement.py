"""Annotations are compared with others of the same recordings, where they are counted."""

import csv
import io

import pytest

from dss_widgets.dataset import read_annotations
from dss_widgets.panels import AnnotationPanel
from dss_widgets.panels.counts.panel import SongCounts

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def other(bird, tmp_path):
    """What somebody else would annotate: the first label of the first recording otherwise, all others alike."""
    folder = tmp_path / "other"
    folder.mkdir()
    for i, table in enumerate(sorted(bird.glob("*_annotations.csv"))):
        head, first, *rows = table.read_text().splitlines()
        first = f'"{MARKUP}",{first.partition(",")[2]}' if i == 0 else first
        (folder / table.name).write_text("\n".join([head, first, *rows]))
    return folder


def compared(counts):
    """Open the comparison of what is counted."""
    counts.toggle()
    counts.other_set.toggle()
    return counts.other_set.comparison


def test_it_is_made_when_it_is_opened_and_tells_where_they_differ(bird, other):
    counts = SongCounts()
    counts.folder = str(bird)
    assert counts.other_set.comparison is None
    comparison = compared(counts)
    comparison.compare.click()
    assert comparison.agreement is None, "there is nothing to compare with"
    comparison.field.widget.value = str(other)
    comparison.compare.click()
    n = sum(len(read_annotations(table)[0]) for table in bird.glob("*_annotations.csv"))
    scores = comparison.agreement.together.scores
    assert (scores.n_annotated, scores.n_predicted, scores.n_matched) == (n, n, n - 1)
    shown = "".join(part.value for part in comparison._parts.values())
    assert "&lt;img" in shown
    assert MARKUP not in shown
    rows = list(csv.DictReader(io.StringIO(comparison.table_file.content.decode("utf-8-sig"))))
    assert sum(int(row["matched"]) for row in rows) == n - 1
    comparison.form.fields["tolerance_seconds"].widget.value = "5"
    assert comparison.agreement is None, "what was compared is forgotten with the options it was compared by"


def test_predictions_are_judged_by_what_lies_with_the_recordings(bird, other):
    counts = SongCounts()
    counts.recordings, counts.folder = str(bird), str(other)
    comparison = compared(counts)
    assert comparison.other == str(bird)
    comparison.compare.click()
    assert comparison.agreement.sets.annotated_folder == bird
    assert comparison.agreement.sets.other_folder == other


def test_what_is_wrong_is_told_and_other_folders_stay_closed(bird, other, tmp_path, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", f"{bird}:{other}")
    counts = SongCounts()
    counts.folder = str(bird)
    comparison = compared(counts)
    comparison.other = str(tmp_path)
    comparison.compare.click()
    assert comparison.agreement is None
    table = next(other.glob("*_annotations.csv"))
    table.write_text(table.read_text() + "\na,2.0,1.0\n")
    comparison.other = str(other)
    comparison.compare.click()
    assert f"{table.name}, row" in comparison._said.value


def test_the_places_where_they_differ_are_gone_through(bird, other):
    panel = AnnotationPanel(bird)
    comparison = compared(panel.counts)
    comparison.other = str(other)
    first, *_, last = panel.choice.listed
    panel.show_recording(last)
    assert not comparison.go.allowed
    comparison.compare.click()
    comparison.go.click()
    assert panel.recording == first == panel.choice.value
    [place] = panel.stretches
    label = read_annotations(next(iter(sorted(bird.glob("*_annotations.csv")))))[0]
    assert place.start_seconds < label.start_seconds[0] < place.stop_seconds
    assert f"{MARKUP!r} in the compared set" in place.reason
    assert MARKUP not in panel.walk._told.value
    assert "onset_difference_ms" in comparison.differences_file.content.decode()
    panel.close()
