"""Trainings with parts of the data: like the network they are made for, tested on its test, gone on with, removed."""

import pytest

from dss_widgets.errors import Cancelled, DataError
from dss_widgets.events import Progressed
from dss_widgets.network.learning_curve import learning_curve
from dss_widgets.options.learning_curve import LearningCurveOptions
from dss_widgets.results import read_results


@pytest.fixture
def options(trained_run):
    return LearningCurveOptions(network=str(trained_run.stem), amounts=3, repeats=1)


@pytest.mark.slow
def test_the_network_itself_is_the_first_point_and_half_and_a_quarter_follow(options, trained_run, tmp_path):
    told, events = [], []
    curve = learning_curve(options, tmp_path, on_point=told.append, on_event=events.append)
    assert [(p.fraction, p.seconds) for p in curve.points] == [(1, 8), (0.5, 4), (0.25, 2)]
    assert curve.points[0].macro_f1 == read_results(trained_run.stem).scores.macro_f1
    assert list(curve.points) == told
    assert all(0 < p.macro_f1 <= 1 for p in curve.points)
    assert not list(tmp_path.iterdir()), "the networks are removed"
    shares = [event.done / event.total for event in events if isinstance(event, Progressed)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)


@pytest.mark.slow
def test_points_that_are_known_are_not_made_again(options, tmp_path):
    first = learning_curve(options.copy(amounts=3), tmp_path)
    made = []
    again = learning_curve(options, tmp_path, known=first.points[:2], on_point=made.append)
    assert made == list(again.points[2:])
    assert again == first, "the same seeds give the same scores"


@pytest.mark.slow
def test_it_can_be_stopped_and_leaves_no_network(options, tmp_path):
    told = []
    with pytest.raises(Cancelled):
        learning_curve(options, tmp_path, on_point=told.append, should_stop=lambda: bool(told))
    assert len(told) == 1
    assert not list(tmp_path.iterdir())


def test_a_reassembled_dataset_is_an_error(options, tmp_path, monkeypatch):
    monkeypatch.setattr("dss_widgets.network.evaluate.trained_fingerprint", lambda _params: "another")
    with pytest.raises(DataError, match="reassembled"):
        learning_curve(options, tmp_path)
