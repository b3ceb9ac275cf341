"""Scores and pictures of a run to take home: a table that a spreadsheet opens, pictures that any program shows."""

import csv
import io
import xml.etree.ElementTree as ET
import zipfile

import numpy as np
import pytest

from dss_widgets.panels.results.archive import parts_of, zip_of
from dss_widgets.panels.results.outcome import Outcome
from dss_widgets.panels.results.take_home import confusion_svg, loss_svg, scores_csv
from dss_widgets.panels.run_history import RunHistory
from dss_widgets.results.results_file import ResultsWriter
from dss_widgets.results.scores import Scores

NAMES = ["noise", "a", "<b>"]
SCORES = Scores.of(NAMES, np.array([[90, 8, 2], [1, 19, 0], [5, 0, 0]]))
MATCHES = {
    "events": {"a": {"n_annotated": 4, "n_predicted": 3, "precision": 1.0, "recall": 0.75, "f1": 0.857,
                     "median_error_seconds": 0.001}},
    "segments": {},
}  # fmt: skip


@pytest.fixture
def outcome():
    return Outcome(SCORES.as_dict(), MATCHES)


def words(svg: bytes) -> str:
    return " ".join(ET.fromstring(svg).itertext())


def test_the_scores_are_a_table_with_a_row_for_every_class(outcome):
    rows = {row["class"]: row for row in csv.DictReader(io.StringIO(scores_csv(outcome).decode()))}
    assert list(rows) == NAMES
    assert float(rows["a"]["sample_recall"]) == pytest.approx(0.95)
    assert (rows["a"]["kind"], rows["a"]["n_annotated"], rows["<b>"]["n_annotated"]) == ("event", "4", "")


def test_the_confusion_matrix_is_a_picture_with_names_and_shares(outcome):
    told = words(confusion_svg(outcome))
    assert all(name in told for name in NAMES)
    assert "95%" in told


def test_the_loss_is_a_picture_also_of_one_epoch_and_of_none(pretend):
    run = pretend()
    history = RunHistory(run.run)
    assert "no loss" in words(loss_svg(history))
    for epoch in (1, 2):
        run.epoch(epoch, 0.5 / epoch, 0.6 / epoch, best=epoch, best_loss=0.6 / epoch)
        history.update()
        svg = loss_svg(history)
        assert "validation loss" in words(svg)
    assert svg.count(b"<polyline") == 2


def test_they_are_in_the_zip_file_of_a_run_that_was_tested(pretend):
    run = pretend()
    run.epoch(1, 0.5, 0.6, best=1, best_loss=0.6)
    run.end()
    with ResultsWriter(run.run.results_path, NAMES, params={}, history={"loss": [0.5]}) as results:
        results.finish(SCORES)
    parts = [part for part in parts_of(run.run) if part.name in ("scores", "pictures")]
    packed = zipfile.ZipFile(zip_of(run.run, parts))
    assert [name.rpartition("/")[2] for name in packed.namelist()] == ["scores.csv", "confusion_matrix.svg", "loss.svg"]
