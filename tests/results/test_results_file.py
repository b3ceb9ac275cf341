"""The results file."""

import numpy as np
import pytest

from dss_widgets.errors import DataError
from dss_widgets.results import ResultsWriter, Scores, confusion_matrix, read_results

NAMES = ["noise", "sine"]


def blocks(rng, *lengths):
    for n in lengths:
        targets = np.eye(2, dtype=np.float32)[rng.integers(0, 2, n)]
        yield targets, rng.dirichlet([1, 1], n).astype(np.float32)


def write(path, *lengths):
    matrix = np.zeros((2, 2), dtype=int)
    history = {"loss": [1.0, 0.5], "val_loss": [None, 0.7]}
    with ResultsWriter(path, NAMES, params={"nb_hist": 1024}, history=history) as results:
        for targets, probabilities in blocks(np.random.default_rng(1), *lengths):
            results.add(targets, probabilities)
            matrix += confusion_matrix(targets.argmax(1), probabilities.argmax(1), 2)
        results.finish(Scores.of(NAMES, matrix), {"annotations": {"events": {}, "tolerance_seconds": 0.01}})


def test_probabilities_just_below_one_stay_so(tmp_path):
    near_one = 1 - 10.0 ** -np.arange(2, 8)
    probabilities = np.stack([1 - near_one, near_one], axis=1).astype(np.float32)
    with ResultsWriter(tmp_path / "a_results.h5", NAMES, params={}, history={}) as results:
        results.add(np.eye(2, dtype=np.float32)[np.ones(len(near_one), dtype=int)], probabilities)
        results.finish(None)
    np.testing.assert_allclose(read_results(tmp_path / "a").read("y_pred"), probabilities, atol=1e-3)


def test_what_was_written_in_blocks_is_read_as_one(tmp_path):
    write(tmp_path / "a_results.h5", 70_000, 1, 500)
    results = read_results(tmp_path / "a")
    assert results.n_samples == 70_501
    assert results.class_names == ("noise", "sine")
    assert results.params == {"nb_hist": 1024}
    assert results.history["loss"] == [1.0, 0.5]
    assert np.isnan(results.history["val_loss"][0])
    assert results.more_scores == {"annotations": {"events": {}, "tolerance_seconds": 0.01}}
    true, predicted = results.read("labels_test"), results.read("labels_pred")
    assert confusion_matrix(true, predicted, 2).tolist() == results.scores.confusion_matrix.tolist()
    assert results.read("y_pred", 70_000, 70_003).shape == (3, 2)


def test_a_test_that_fails_leaves_the_last_results_and_no_half_file(tmp_path):
    path = tmp_path / "a_results.h5"
    write(path, 100)

    def fail():
        with ResultsWriter(path, NAMES, params={}, history={}) as results:
            results.add(*next(blocks(np.random.default_rng(2), 10)))
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()
    assert read_results(path).n_samples == 100
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_results_without_test_data_have_history_and_no_scores(tmp_path):
    with ResultsWriter(tmp_path / "a_results.h5", NAMES, params={}, history={"loss": [1.0]}) as results:
        results.finish(None)
    read = read_results(tmp_path / "a")
    assert read.scores is None
    assert read.n_samples == 0
    assert read.history == {"loss": [1.0]}


def test_a_missing_or_foreign_file_is_told_with_its_mend(tmp_path):
    with pytest.raises(DataError, match="dss-widgets evaluate gone"):
        read_results(tmp_path / "gone")
    (tmp_path / "a_results.h5").write_bytes(b"no h5")
    with pytest.raises(DataError, match="Run the test again"):
        read_results(tmp_path / "a")
