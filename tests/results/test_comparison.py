"""Trainings side by side: in what they differ, and what came of it; on the command line and in the panel."""

import json

import numpy as np
import pytest

from dss_widgets.cli import main
from dss_widgets.errors import DataError
from dss_widgets.options import TrainingOptions
from dss_widgets.panels import ResultsPanel
from dss_widgets.results import ResultsWriter, Scores, write_params
from dss_widgets.results.comparison import compare

NAMES = ["noise", "a", "b"]


def save(folder, name, right, *, data="d1", intervals=None, tested=True, **options):
    """Leave what a training leaves: ``right`` of 10 samples of the type a are found."""
    stem = folder / name
    told = TrainingOptions(store_folder=str(folder / "song.npy"), **options).as_dict()
    params = {
        "class_names": NAMES, "class_types": ["segment"] * 3, "data_dir": str(folder / "song.npy"), "data_hash": data,
        "samplerate_x_Hz": 1000.0, "dss_widgets": {"options": told},
    }  # fmt: skip
    write_params(f"{stem}_params.yaml", params)
    stem.with_name(f"{name}_model.h5").touch()
    if tested:
        history = {"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.3, 0.35]}
        with ResultsWriter(f"{stem}_results.h5", NAMES, params=params, history=history) as results:
            results.add(np.eye(3), np.eye(3))
            matrix = np.array([[90, 0, 0], [10 - right, right, 0], [0, 0, 0]])
            results.finish(Scores.of(NAMES, matrix), {"intervals": intervals} if intervals else None)
    return stem


@pytest.fixture
def folder(tmp_path):
    """A folder with three trainings, of which the middle one is best."""
    interval = {"over": "parts", "n": 20, "macro_f1": [0.91, 0.97], "f1": {}, "annotations": {}}
    save(tmp_path, "20260101_000000", 4, filters=16, note="few <b>filters</b>")
    save(tmp_path, "20260102_000000", 9, filters=32, intervals=interval)
    save(tmp_path, "20260103_000000", 6, filters=32, learning_rate=0.01, prefix="x")
    return tmp_path


def stems(folder):
    return sorted(str(path).removesuffix("_params.yaml") for path in folder.glob("*_params.yaml"))


def test_the_best_comes_first_with_the_options_in_which_they_differ(folder):
    found = compare(stems(folder))
    assert [run.name for run in found.runs] == ["20260102_000000", "20260103_000000", "20260101_000000"]
    assert found.differing == ("filters", "learning_rate"), "in the order of the form; a prefix makes no other network"
    assert [found.value(run, "filters") for run in found.runs] == ["32", "32", "16"]
    assert found.is_of_one_dataset
    assert found.song_types == ("a", "b")
    assert found.runs[0].best_epoch == 2
    assert set(found.runs[0].f1) == {"noise", "a"}, "b does not occur in the test"
    assert found.runs[2].note == "few <b>filters</b>"


def test_a_table_in_the_terminal_and_one_document(folder, capsys):
    assert main(["compare", str(folder)]) == 0
    told = capsys.readouterr().out
    head, *lines = told.splitlines()
    assert all(word in head for word in ("run", "Number of filters", "Learning rate", "macro F1", "95 %", "note"))
    assert [line.split()[0] for line in lines if line.startswith("2026")] == [run.name for run in compare(stems(folder)).runs]
    assert "0.91 to 0.97" in told
    assert main(["compare", *stems(folder)[:2], "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["differing_options"] == ["filters"]
    assert [run["options"]["filters"] for run in document["runs"]] == [32, 16]
    assert document["runs"][0]["macro_f1_interval"] == [0.91, 0.97]


def test_scores_on_different_data_are_told_apart(folder, capsys):
    save(folder, "20260104_000000", 8, data="d2")
    assert main(["compare", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "their scores cannot be compared" in told
    assert "song.npy" in told, "so the dataset has a column"


def test_one_that_was_not_tested_or_is_of_das_is_compared_too(folder):
    save(folder, "20260105_000000", 0, tested=False)
    das = {"class_names": NAMES, "class_types": ["segment"] * 3, "nb_filters": 8, "conf_mat": np.diag([9, 9, 9]).tolist()}
    write_params(folder / "das_params.yaml", das)
    found = compare(stems(folder))
    assert found.runs[0].name == "das", "whose scores are in its params"
    assert found.value(found.runs[0], "filters") == "8"
    assert found.runs[-1].name == "20260105_000000"
    assert found.runs[-1].macro_f1 is None


def test_without_differences_it_says_so(tmp_path, capsys):
    for name in ("20260101_000000", "20260102_000000"):
        save(tmp_path, name, 5)
    assert main(["compare", str(tmp_path)]) == 0
    assert "All were trained with the same options." in capsys.readouterr().out


def test_nothing_to_compare_or_damaged_params_are_errors(tmp_path, capsys):
    assert main(["compare", str(tmp_path)]) == 1
    assert "no training is saved there" in capsys.readouterr().err
    (tmp_path / "x_params.yaml").write_text("[")
    with pytest.raises(DataError, match="x_params"):
        compare([tmp_path / "x"])


def test_the_panel_shows_them_under_the_results_of_one(folder):
    (folder / "20260104_000000_params.yaml").write_text("[")  # one that cannot be read is left out
    (folder / "20260104_000000_model.h5").touch()
    panel = ResultsPanel(folder / "20260103_000000")
    assert [run.name for run in panel.compared.comparison.runs] == ["20260102_000000", "20260103_000000", "20260101_000000"]
    told = panel.compared.children[1].value
    assert "<strong>20260103_000000</strong> (shown above)" in told
    assert "0.91–0.97" in told
    assert "<b>filters" not in told
    assert "few &lt;b&gt;filters&lt;/b&gt;" in told


def test_a_single_training_is_compared_with_nothing(tmp_path):
    panel = ResultsPanel(save(tmp_path, "20260101_000000", 5))
    assert panel.compared.comparison is None
    assert panel.outcome is not None
