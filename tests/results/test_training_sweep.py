"""What a sweep tells: chosen by validation, with what is chance, and read again as it was written."""

import csv
import io

import numpy as np
import pytest

from dss_widgets.errors import DataError
from dss_widgets.results.training_sweep import JSON_NAME, SweepResult, Swept, read_sweep, write_sweep


def swept(epochs, validation, *, seed=0, test=0.5, held_out=()):
    scores = {} if validation is None else {"validation_f1": validation, "macro_f1": test}
    state, message = ("failed", "no room") if validation is None else ("finished", "")
    stem = f"/nets/{epochs}_{seed}_{len(held_out)}"
    return Swept(stem, {"epochs": str(epochs)}, seed, held_out, state, message, scores, 1.0)


def result(*trainings):
    return SweepResult(trainings, len(trainings))


def test_the_test_takes_no_part_in_the_choice():
    found = result(swept(10, 0.8, test=0.99), swept(20, 0.9, test=0.3))
    assert found.best.stem == "/nets/20_0_0"
    assert [row.values["epochs"] for row in found.rows] == ["20", "10"]
    words = found.words()
    assert words[0] == "Best by validation: number of epochs 20, with macro F1 0.900 of the validation data."
    assert "no part in the choice, it comes to 0.300" in words[1]
    assert "trained once, so small differences may be chance" in words[2]


def test_what_is_more_than_chance_is_told_by_pairs_of_the_same_seed():
    seeds = np.array([0.5, 0.6, 0.7])
    steady = result(*(swept(e, s + d, seed=i) for i, s in enumerate(seeds) for e, d in ((1, 0), (2, 0.05 + i / 1000))))
    assert not steady.as_good(), "each seed says the same, however much seeds differ"
    assert "likely more than chance" in " ".join(steady.words())
    unsteady = result(
        *(swept(e, s, seed=i) for i, s in enumerate(seeds) for e in (1,)), *(swept(2, 0.61, seed=i) for i in range(3))
    )
    assert len(unsteady.as_good()) == 1
    assert "It may be chance" in " ".join(unsteady.words())


def test_a_fold_counts_once_whatever_the_seeds():
    folds = [swept(e, 0.5 + d, seed=i, held_out=("A",)) for i in range(9) for e, d in ((1, 0), (2, 0.1 + i / 1000))]
    assert len(result(*folds).as_good()) == 1, "one animal says nothing about others"
    assert "train one with these options on all" in " ".join(result(*folds).words())


def test_values_of_which_some_networks_failed_come_after_those_that_are_whole():
    found = result(swept(1, 0.7, seed=0), swept(1, 0.7, seed=1), swept(2, 0.9, seed=0), swept(2, None, seed=1))
    assert [row.values["epochs"] for row in found.rows] == ["1", "2"]
    assert found.words()[-1] == "1 of 4 failed: no room"
    assert result(swept(1, None)).words()[0] == "No network was trained to its end."


def test_it_is_read_as_it_was_written_and_its_table_has_a_line_for_each(tmp_path):
    found = result(swept("a, b", 0.7, held_out=("A", "B")), swept(2, None))
    write_sweep(tmp_path, found)
    assert read_sweep(tmp_path) == found
    rows = list(csv.DictReader(io.StringIO((tmp_path / "sweep.csv").read_text())))
    assert [(row["epochs"], row["held_out"], row["validation_f1"], row["state"]) for row in rows] == [
        ("a, b", "A, B", "0.7000", "finished"), ("2", "", "", "failed")
    ]  # fmt: skip
    assert read_sweep(tmp_path / "nowhere") is None


@pytest.mark.parametrize("text", ["[]x", '{"trainings": [3]}', '{"trainings": [{"seed": 1}]}', '{"trainings": 7}', "[1]"])
def test_what_is_no_sweep_is_an_error_that_names_the_file(text, tmp_path):
    (tmp_path / JSON_NAME).write_text(text)
    with pytest.raises(DataError, match=r"sweep\.json"):
        read_sweep(tmp_path)
