"""Results and probabilities that are damaged, or do not fit each other: the package's own error, and never a hang."""

import json
import os

import h5py
import numpy as np
import pytest

from dss_widgets.errors import DataError
from dss_widgets.results import ResultsWriter, Scores, read_results
from dss_widgets.results.probabilities_file import probabilities_file, read_probabilities

NAMES = ["noise", "sine"]
MATRIX = np.array([[5, 1], [0, 4]])
ROW = {
    "n_annotated": 3,
    "n_predicted": 2,
    "n_matched": 1,
    "precision": 0.5,
    "recall": 0.3,
    "f1": 0.4,
    "median_error_seconds": None,
}
MATCHES = {"tolerance_seconds": 0.01, "events": {}, "segments": {"sine": ROW}, "all_segments": ROW, "syllable_error_rate": 0.1}


@pytest.fixture
def path(tmp_path):
    with ResultsWriter(tmp_path / "a_results.h5", NAMES, params={"nb_hist": 64}, history={"loss": [1.0]}) as results:
        results.add(np.eye(2)[[0, 1, 1]], np.full((3, 2), 0.5))
        results.finish(Scores.of(NAMES, MATRIX), {"annotations": MATCHES})
    return tmp_path / "a_results.h5"


def put(path, **texts):
    """Replace texts of a file."""
    with h5py.File(path, "r+") as file:
        for name, value in texts.items():
            del file[name]
            file[name] = np.bytes_((value if isinstance(value, str) else json.dumps(value)).encode())


def test_nothing_in_the_file_is_of_variable_length(path):
    def check(_name, item):
        if isinstance(item, h5py.Dataset):
            assert item.dtype.kind in "fiuS"

    with h5py.File(path) as file:
        file.visititems(check)
        assert not file.attrs
    assert b"GCOL" not in path.read_bytes(), "a heap"


def test_texts_are_read_as_they_were_written(tmp_path):
    names = ["noise", "é ☃", "01"]
    with ResultsWriter(tmp_path / "a_results.h5", names, params={"who": "å" * 100_000}, history={}) as results:
        results.finish(None)
    found = read_results(tmp_path / "a")
    assert found.class_names == tuple(names)
    assert found.params == {"who": "å" * 100_000}


@pytest.mark.parametrize(
    "texts",
    [
        {"class_names": ["noise"]},
        {"class_names": ["noise", "pulse"]},
        {"class_names": {"noise": 1}},
        {"class_names": "[" * 100_000},
        {"params": [1, 2]},
        {"params": "{"},
        {"scores": {"class_names": NAMES, "confusion_matrix": [[1, 2, 3]]}},
        {"scores": {"class_names": NAMES, "confusion_matrix": [[1, 2], [3]]}},
        {"scores": {"class_names": NAMES, "confusion_matrix": [[1, 2], [3, -4]]}},
        {"scores": {"class_names": NAMES, "confusion_matrix": [[1, 2], [3, float("nan")]]}},
        {"scores": {"class_names": NAMES, "confusion_matrix": [["1", "2"], ["3", "4"]]}},
        {"scores": {"class_names": ["a", "b"], "confusion_matrix": [[1, 2], [3, 4]]}},
        {"scores": [1]},
    ],
)
def test_texts_that_do_not_fit_are_told(path, texts):
    put(path, **texts)
    with pytest.raises(DataError, match=r"a_results\.h5: .*Run the test again"):
        read_results(path)


@pytest.mark.parametrize(
    "changed",
    [
        {"tolerance_seconds": None},
        {"tolerance_seconds": 10**400},
        {"events": [1]},
        {"events": {"pulse": 3}},
        {"segments": {"sine": {**ROW, "f1": "0.5"}}},
        {"segments": {"sine": {"f1": 0.5}}},
        {"all_segments": {"n_annotated": 3}},
        {"syllable_error_rate": "much"},
        {"event_threshold": []},
    ],
)
def test_scores_of_annotations_that_do_not_fit_are_told(path, changed):
    scores = Scores.of(NAMES, MATRIX).as_dict()
    put(path, scores={**scores, "annotations": {**MATCHES, **changed}})
    with pytest.raises(DataError, match="scores of annotations"):
        read_results(path)


@pytest.mark.parametrize("name", ["y_test", "y_pred", "labels_test", "labels_pred"])
@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (3, 1), (), (0,)])
def test_values_of_another_shape_are_told(path, name, shape):
    with h5py.File(path, "r+") as file:
        del file[name]
        file[name] = np.zeros(shape)
    with pytest.raises(DataError, match=r"a_results\.h5"):
        read_results(path)


def test_values_that_lie_in_another_file_are_not_read(path, tmp_path):
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["y_pred"] = np.zeros((3, 2))
    with h5py.File(path, "r+") as file:
        del file["y_pred"]
        file["y_pred"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/y_pred")
    with pytest.raises(DataError, match="is a link"):
        read_results(path)


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.6, 0.9, 0.99])
def test_results_cut_short_are_told(path, share):
    os.truncate(path, int(share * path.stat().st_size))
    with pytest.raises(DataError, match=r"a_results\.h5"):
        read_results(path)


def write_as_version_0_1(path):
    """Write results as version 0.1.0 did: texts of variable length, as attributes."""
    with h5py.File(path, "w") as file:
        file.attrs["class_names"], file.attrs["params"] = json.dumps(NAMES), json.dumps({"nb_hist": 64})
        file.attrs["scores"] = json.dumps({**Scores.of(NAMES, MATRIX).as_dict(), "annotations": MATCHES})
        file["fit_hist/loss"] = [1.0, np.nan]
        file["y_test"] = file["y_pred"] = np.zeros((3, 2))


def test_results_of_version_0_1_are_read(tmp_path):
    write_as_version_0_1(tmp_path / "a_results.h5")
    results = read_results(tmp_path / "a")
    assert results.class_names == ("noise", "sine")
    assert results.params == {"nb_hist": 64}
    assert results.scores.confusion_matrix.tolist() == MATRIX.tolist()
    assert results.more_scores == {"annotations": MATCHES}


@pytest.mark.slow
def test_a_damaged_heap_of_version_0_1_does_not_hang(tmp_path):
    path = tmp_path / "a_results.h5"
    write_as_version_0_1(path)
    content = path.read_bytes()
    heap = content.index(b"GCOL")
    path.write_bytes(content[: heap + 16] + bytes(64) + content[heap + 80 :])
    with pytest.raises(DataError, match="its attributes cannot be read"):
        read_results(path)


# --- probabilities


@pytest.fixture
def kept(tmp_path):
    path = tmp_path / "rec_probabilities.h5"
    with probabilities_file(path, ["noise", "é"], ["segment", "event"], 1000.0, recording="rec.wav") as written:
        written.add(np.full((5, 2), 0.5, np.float32))
    return path


def test_probabilities_are_of_fixed_length_too(kept):
    assert b"GCOL" not in kept.read_bytes()
    values, names, rate = read_probabilities(kept)
    assert (values.tolist(), names, rate) == ([[0.5, 0.5]] * 5, ["noise", "é"], 1000.0)


def test_probabilities_of_version_0_1_are_read(kept):
    with h5py.File(kept, "r+") as file:
        file.attrs.create("class_names", np.array(["noise", "é"], dtype=object), dtype=h5py.string_dtype())
    assert read_probabilities(kept)[1] == ["noise", "é"]


@pytest.mark.parametrize(
    "changed", [{"class_names": np.array([b"noise"])}, {"class_names": 3}, {"samplerate_Hz": 0.0}, {"samplerate_Hz": b"x"}]
)
def test_probabilities_whose_classes_or_rate_do_not_fit_are_told(kept, changed):
    with h5py.File(kept, "r+") as file:
        file.attrs.update(changed)
    with pytest.raises(DataError, match=r"rec_probabilities\.h5"):
        read_probabilities(kept)


def test_probabilities_that_claim_more_than_their_file_holds_are_told(kept):
    with h5py.File(kept, "r+") as file:
        file["probabilities"].resize(10**10, axis=0)
    with pytest.raises(DataError, match="more than the file has room for"):
        read_probabilities(kept)
