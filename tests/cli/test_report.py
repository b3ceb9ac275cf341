"""The report of a test on the terminal, read from its results file."""

import json

import numpy as np
import pytest

from dss_widgets.cli import main
from dss_widgets.dataset import Annotations
from dss_widgets.results import ResultsWriter, Scores
from dss_widgets.results.matching import annotation_scores

NAMES, KINDS = ["noise", "pulse", "sine"], ["segment", "event", "segment"]


def write(path, *, scores=True, params=None):
    annotated = Annotations.of([("pulse", 0.1, 0.1), ("pulse", 0.2, 0.2), ("sine", 0.3, 0.5)])
    predicted = Annotations.of([("pulse", 0.101, 0.101), ("sine", 0.302, 0.5)])
    more = {**annotation_scores(annotated, predicted, NAMES, KINDS), "event_threshold": 0.5, "segment_threshold": 0.4,
            "fill_gap_seconds": 0.002, "minimum_duration_seconds": 0.01, "farthest_seconds": 0.25}  # fmt: skip
    history = {"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.3, 0.35]}
    with ResultsWriter(path, NAMES, params=params or {}, history=history) as results:
        results.add(np.eye(3), np.eye(3))
        results.finish(Scores.of(NAMES, np.diag([90, 8, 20])) if scores else None, {"annotations": more} if scores else None)
    return path


@pytest.fixture
def stem(tmp_path):
    write(tmp_path / "20260101_000000_results.h5")
    return tmp_path / "20260101_000000"


def test_it_tells_training_samples_events_and_segments(stem, capsys):
    assert main(["report", str(stem)]) == 0
    told = capsys.readouterr().out
    assert "Trained for 3 epochs; the network of epoch 2 was kept (validation loss 0.3000)." in told
    assert "macro F1 1.000" in told
    assert "Events (within 10 ms, one to one)" in told
    assert "1.00 / 1.00" in told, "the pulse's time error"
    assert "Segments (within 10 ms, one to one, onset and offset)" in told
    assert "2.00 / 2.00" in told, "the sine's onset error"
    assert "syllable error rate 0.000" in told
    assert "segment threshold 0.4" in told
    assert "no event farther from the next than 0.25 s" in told


def test_it_is_one_document_with_json(stem, capsys):
    assert main(["report", f"{stem}_model.h5", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["macro_f1"] == 1
    assert document["annotations"]["events"]["pulse"]["n_matched"] == 1
    assert document["history"]["val_loss"] == [0.8, 0.3, 0.35]


def test_the_networks_own_dataset_may_be_named(stem, tmp_path, capsys):
    write(stem.with_name(f"{stem.name}_results.h5"), params={"data_dir": str(tmp_path / "own.npy")})
    assert main(["report", str(stem), "--dataset", str(tmp_path / "own.npy")]) == 0
    assert "macro F1 1.000" in capsys.readouterr().out
    assert main(["report", str(stem), "--dataset", str(tmp_path / "other.npy")]) == 1


def test_the_test_on_another_dataset_has_a_report_of_its_own(stem, capsys):
    write(stem.with_name(f"{stem.name}_results_other.h5"), scores=False)
    assert main(["report", str(stem), "--dataset", "somewhere/other.npy"]) == 0
    assert "no test data" in capsys.readouterr().out


def test_without_a_test_it_says_how_to_make_one(tmp_path, capsys):
    assert main(["report", str(tmp_path / "20260101_000000")]) == 1
    assert "dss-widgets evaluate" in capsys.readouterr().err
