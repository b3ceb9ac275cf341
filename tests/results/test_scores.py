"""Scores per sample."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.results import Scores, confusion_matrix


def test_rows_are_annotated_and_columns_predicted():
    matrix = confusion_matrix(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 1]), 2)
    assert matrix.tolist() == [[1, 2], [0, 1]]


def test_a_class_that_occurs_nowhere_keeps_its_row_and_column():
    matrix = confusion_matrix(np.array([0, 1]), np.array([0, 1]), 4)
    assert matrix.shape == (4, 4)
    assert matrix.sum() == 2


def test_labels_beyond_the_classes_and_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="predicted classes run from 0 to 2"):
        confusion_matrix(np.array([0, 1]), np.array([0, 2]), 2)
    with pytest.raises(ValueError, match="annotated for"):
        confusion_matrix(np.array([0, 1]), np.array([0]), 2)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=50))
def test_every_sample_is_counted_once(pairs):
    true, predicted = (np.array([pair[i] for pair in pairs], dtype=int) for i in (0, 1))
    matrix = confusion_matrix(true, predicted, 4)
    assert matrix.sum() == len(pairs)
    assert matrix.sum(axis=1).tolist() == [int((true == c).sum()) for c in range(4)]


def test_precision_recall_and_f1_of_a_worked_example():
    scores = Scores.of(["noise", "sine"], np.array([[6, 2], [1, 3]]))
    assert scores.precision == pytest.approx([6 / 7, 3 / 5])
    assert scores.recall == pytest.approx([6 / 8, 3 / 4])
    assert scores.f1 == pytest.approx([12 / 15, 6 / 9])
    assert scores.accuracy == pytest.approx(9 / 12)
    assert scores.frame_error_rate == pytest.approx(3 / 12)


def test_macro_f1_leaves_out_classes_without_annotations_and_keeps_noise():
    scores = Scores.of(["noise", "sine", "pulse"], np.array([[8, 0, 2], [0, 0, 0], [0, 0, 10]]))
    assert scores.support.tolist() == [10, 0, 10]
    assert scores.macro_f1 == pytest.approx((16 / 18 + 20 / 22) / 2)


def test_without_any_samples_all_scores_are_zero_and_finite():
    scores = Scores.of(["noise", "sine"], np.zeros((2, 2), dtype=int))
    assert scores.macro_f1 == scores.accuracy == 0
    assert np.isfinite(scores.f1).all()


def test_scores_survive_json():
    scores = Scores.of(["noise", "NA"], confusion_matrix(np.array([0, 1, 1]), np.array([0, 1, 0]), 2))
    told = json.loads(json.dumps(scores.as_dict()))
    assert told["per_class"]["NA"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "support": 2}
    assert told["confusion_matrix"] == [[1, 0], [1, 1]]
    assert Scores.from_dict(told).macro_f1 == scores.macro_f1


def test_a_matrix_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="2 classes cannot have the shape"):
        Scores.of(["noise", "sine"], np.zeros((3, 3)))
