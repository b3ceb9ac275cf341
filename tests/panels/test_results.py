"""Results: rows are annotated, columns predicted, and what is missed is said."""

import re

import numpy as np
import pytest

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.jobs import Run
from dss_widgets.panels import Monitor, ResultsPanel
from dss_widgets.panels.results.scores import (
    annotation_facts,
    confusion_table,
    match_table,
    match_words,
    never_found,
    score_table,
    verdict,
)
from dss_widgets.results.matching import annotation_scores
from dss_widgets.results.params_file import write_params
from dss_widgets.results.results_file import ResultsWriter
from dss_widgets.results.scores import Scores

NAMES = ["noise", "a", "b"]
MATRIX = np.array([[90, 8, 2], [1, 19, 0], [5, 0, 0]])


def cells(table):
    return [re.findall(r">([^<>]*)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", table) if "<td" in row]


def test_a_row_of_the_confusion_matrix_is_what_one_annotated_class_was_taken_for():
    assert cells(confusion_table(MATRIX, NAMES, as_counts=True)) == [["90", "8", "2"], ["1", "19", "0"], ["5", "0", "0"]]
    assert cells(confusion_table(MATRIX, NAMES)) == [["90%", "8%", "2%"], ["5%", "95%", "0"], ["100%", "0", "0"]]


def test_rows_and_columns_are_named_and_the_axes_told():
    table = confusion_table(MATRIX, NAMES)
    assert "predicted →<br>annotated ↓" in table
    assert table.count('scope="row"') == 3
    assert "noise predicted as a: 8 samples, 8.00%" in table


def test_a_class_that_is_never_annotated_does_not_divide_by_zero():
    assert cells(confusion_table([[5, 0], [0, 0]], ["noise", "a"])) == [["100%", "0"], ["0", "0"]]


def test_scores_of_a_class_without_annotations_are_left_blank():
    scores = Scores.of(["noise", "a"], np.array([[5, 0], [0, 0]])).as_dict()
    assert score_table(scores["per_class"], scores["class_names"]).count("–") == 3


def test_names_cannot_act_as_markup():
    assert "<script" not in confusion_table([[1, 0], [0, 1]], ["noise", "<script>"])


def test_a_song_type_that_is_never_found_is_told():
    assert never_found(Scores.of(NAMES, MATRIX).as_dict()) == ["b"]


def test_without_a_run_it_says_what_to_do_first():
    assert "Train a network" in ResultsPanel()._empty.value


def test_the_results_appear_by_themselves_when_the_run_is_tested(pretend):
    run = pretend()
    panel = ResultsPanel(run.run)
    assert "Still running" in panel._empty.value
    run.end()
    assert not panel.tick()
    assert "dss-off" not in panel._body._dom_classes
    assert "0.552" in panel._summary.value or "Macro F1" in panel._summary.value
    assert "never finds ‘b’" in panel._summary.value
    panel._switch.value = True
    assert ">19</td>" in panel._matrix.value


def test_a_run_that_failed_says_so_instead_of_scores(pretend):
    run = pretend()
    run.tell("state", state="failed", message="The disk is full.")
    run.drop_lock()
    assert "The disk is full." in ResultsPanel(run.run)._empty.value


def test_a_row_of_scores_of_a_segment_type_has_both_time_errors():
    matches = annotation_scores(
        Annotations.of([("a", 0.0, 0.1), ("p", 0.5, 0.5)]),
        Annotations.of([("a", 0.002, 0.104), ("p", 0.501, 0.501)]),
        ["noise", "a", "p"], ["segment", "segment", "event"],
    )  # fmt: skip
    table = match_table(matches, ["noise", "a", "p"])
    assert [row[-2:] for row in cells(table)] == [["1.00 / 1.00", "–"], ["2.00 / 2.00", "4.00 / 4.00"]]
    assert table.count("error (ms)") == 2
    events_alone = match_table({**matches, "segments": {}}, ["noise", "a", "p"])
    assert events_alone.count("error (ms)") == 1, "events have no offset"
    told = match_words({**matches, "farthest_seconds": 0.25})
    assert "In the predictions, events without another one within 250 ms are left out, as found in training." in told


class TestFilesAlone:
    """Files of a run that was copied, without its folder."""

    @pytest.fixture
    def stem(self, tmp_path):
        annotated = np.zeros((4000, 2), dtype=np.float32)
        annotated[:, 0] = 1
        annotated[1000:2000] = annotated[3000:3500] = (0, 1)
        found = np.roll(annotated, 30, axis=0)  # 3 ms late, at 10 kHz
        names, kinds = ["noise", "a"], ["segment", "segment"]
        params = {"class_names": names, "class_types": kinds, "samplerate_x_Hz": 10_000.0}
        confusion = np.array([[2440, 60], [60, 1440]])
        stem = tmp_path / "copied" / "20260101_120000"
        stem.parent.mkdir()
        with ResultsWriter(f"{stem}_results.h5", names, params=params, history={"loss": [1.0]}) as results:
            results.add(annotated, found)
            labels = Annotations.of([("a", 0.1, 0.2), ("a", 0.3, 0.35)])
            late = Annotations.of([("a", 0.103, 0.203), ("a", 0.303, 0.353)])
            results.finish(Scores.of(names, confusion), {"annotations": annotation_scores(labels, late, names, kinds)})
        return stem

    def test_scores_and_matches_are_read_from_the_results_file(self, stem):
        panel = ResultsPanel(str(stem))
        assert "97.0%" in panel._summary.value
        assert "within 10 ms" in panel.matching._told.value
        assert '>3.00 / 3.00</td><td class="dss-number">3.00 / 3.00</td>' in panel.matching._table.value

    def test_another_tolerance_matches_the_stored_predictions_anew(self, stem):
        panel = ResultsPanel(str(stem))
        panel.matching._field.value = 2
        assert "within 2 ms" in panel.matching._told.value
        assert ">0.000<" in panel.matching._table.value, "none is found"
        panel.matching._field.value = 4
        assert '>3.00 / 3.00</td><td class="dss-number">3.00 / 3.00</td>' in panel.matching._table.value

    def test_the_tolerance_stays_when_another_run_is_chosen(self, stem, pretend):
        panel = ResultsPanel(str(stem))
        panel.matching._field.value = 4
        panel.run = pretend().run
        assert panel.outcome is None
        panel.run = Run(stem.with_name(f"{stem.name}.run"))
        assert "within 4 ms" in panel.matching._told.value

    def test_a_folder_that_may_not_be_read_is_not(self, stem, monkeypatch, tmp_path):
        (tmp_path / "root").mkdir()
        monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
        assert ResultsPanel(str(stem)).outcome is None

    def test_without_a_results_file_it_says_so(self, tmp_path):
        assert "There are no test results" in ResultsPanel(str(tmp_path / "20260101_120000"))._empty.value

    def test_the_confusion_matrix_of_a_run_of_das_is_read_from_its_params(self, tmp_path):
        write_params(tmp_path / "1_params.yaml", {"class_names": NAMES, "conf_mat": MATRIX.tolist()})
        panel = ResultsPanel(str(tmp_path / "1_params.yaml"))
        assert panel.outcome.scores["per_class"]["a"]["support"] == 20
        assert "dss-off" in panel.matching._dom_classes


def test_events_and_segments_are_summed_up_over_their_types():
    matches = annotation_scores(
        Annotations.of([("p", 0.1, 0.1), ("p", 0.2, 0.2), ("q", 0.3, 0.3), ("a", 0.5, 0.6)]),
        Annotations.of([("p", 0.1, 0.1), ("q", 0.3, 0.3), ("a", 0.5, 0.6)]),
        ["noise", "p", "q", "a"], ["segment", "event", "event", "segment"],
    )  # fmt: skip
    told = {words: value for words, value, _ in annotation_facts(matches)}
    assert told == {"F1 of events": "0.800", "F1 of segments": "1.000", "Syllable error rate": "0.000"}
    assert annotation_facts({}) == []


def matches_of(*, annotated, found, wrong=0, kind="segments"):
    scores = {"n_annotated": annotated, "n_predicted": found + wrong, "recall": found / annotated if annotated else 0.0}
    empty = {"events": {}, "segments": {}, "all_segments": None}
    return {**empty, "all_segments": scores} if kind == "segments" else {**empty, "events": {"pulse": scores}}


@pytest.mark.parametrize(
    ("matches", "words"),
    [
        (matches_of(annotated=106, found=106), "106 of 106 segments found, none wrong."),
        (matches_of(annotated=106, found=98, wrong=5), "98 of 106 segments found, 5 of 103 predictions wrong."),
        (matches_of(annotated=1, found=1, kind="events"), "1 of 1 event found, none wrong."),
        (matches_of(annotated=3, found=0, kind="events"), "0 of 3 events found, none wrong."),
        ({}, "72.7% of the test samples are labelled as annotated."),
    ],
)
def test_the_verdict_is_a_sentence(matches, words):
    scores = {"accuracy": 0.7272}
    assert verdict(scores, matches) == words


def test_the_verdict_comes_first_with_the_runs_and_their_loss_after(pretend):
    run = pretend()
    run.end()
    monitor = Monitor(str(run.run.folder.parent), run.run)
    panels = [child for child in monitor.children if "dss-panel" in child._dom_classes or "dss-columns" in child._dom_classes]
    assert panels[0] is monitor.results
    assert monitor.results._summary.value.index("dss-verdict") < monitor.results._summary.value.index("Macro F1")
