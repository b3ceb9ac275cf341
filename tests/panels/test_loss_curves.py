"""Loss curves follow a run, say what they show, and stay quiet while nothing happens."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.panels import LossCurves
from dss_widgets.panels.monitoring.loss_plot import round_numbers
from dss_widgets.panels.monitoring.run_history import MOST_POINTS, thinned


def sent(monkeypatch):
    """Collect the messages that widgets send."""
    counted = []
    monkeypatch.setattr("ipywidgets.Widget._send", lambda *message, **_: counted.append(message))
    return counted


def marks(curves):
    return curves._plot


def test_without_a_run_it_says_what_to_do_first():
    assert "Start one" in LossCurves()._empty.value


def test_before_the_first_numbers_it_says_that_they_will_come(pretend):
    assert "Getting ready" in LossCurves(pretend().run)._empty.value


def test_it_gains_points_while_the_run_goes_on(pretend):
    run = pretend()
    curves = LossCurves(run.run)
    run.step(1, 2, 1.5)
    assert curves.tick()
    assert marks(curves)._steps.x.tolist() == [0.5]
    run.epoch(1, 1.2, 1.3, best=1, best_loss=1.3)
    run.epoch(2, 0.8, 0.9, best=2, best_loss=0.9)
    assert curves.tick()
    assert marks(curves)._train.y.tolist() == [1.2, 0.8]
    assert marks(curves)._val.y.tolist() == [1.3, 0.9]


def test_the_best_epoch_is_marked_and_told(pretend):
    run = pretend()
    for epoch, loss, best in ((1, 0.9, 1), (2, 0.5, 2), (3, 0.7, 2)):
        run.epoch(epoch, loss, loss, best=best, best_loss=0.5 if best == 2 else 0.9)
    curves = LossCurves(run.run)
    assert (marks(curves)._best.x.tolist(), marks(curves)._best.y.tolist()) == ([2], [0.5])
    assert "best: epoch <b>2</b>, 0.5" in curves._legend.value


def test_it_stops_looking_when_the_run_has_ended(pretend):
    run = pretend()
    curves = LossCurves(run.run)
    assert curves.tick()
    run.end()
    assert not curves.tick()


def test_nothing_is_sent_when_nothing_has_happened(pretend, monkeypatch):
    run = pretend()
    run.epoch(1, 1.2, 1.3, best=1, best_loss=1.3)
    curves = LossCurves(run.run)
    counted = sent(monkeypatch)
    for _ in range(20):
        curves.tick()
    assert not counted


def test_without_validation_data_there_is_only_the_training_loss(pretend):
    run = pretend()
    run.epoch(1, 1.2, None, best=1, best_loss=None)
    curves = LossCurves(run.run)
    assert not marks(curves)._val.visible
    assert not marks(curves)._best.visible
    assert marks(curves)._train.visible


def test_log_and_linear_axes_show_the_same_curves(pretend):
    run = pretend()
    run.epoch(1, 1.2, 1.3, best=1, best_loss=1.3)
    curves = LossCurves(run.run)
    curves._switch.value = "linear"
    assert curves.scale == "linear"
    assert all(mark.scales["y"] is marks(curves)._y["linear"] for mark in marks(curves)._marks)


def test_ten_thousand_epochs_are_few_points_on_the_screen(pretend):
    run = pretend(epochs=10_000)
    values = np.exp(-np.arange(10_000) / 3000).tolist()
    told = {"event": "epoch", "learning_rate": 1, "seconds": 1, "best": True, "epochs_to_early_stop": 20, "seconds_left": 1}
    run.tell_many(
        {**told, "epoch": i + 1, "loss": v, "val_loss": v, "best_epoch": i + 1, "best_val_loss": v}
        for i, v in enumerate(values)
    )
    curves = LossCurves(run.run)
    assert len(marks(curves)._train.x) <= MOST_POINTS + 1
    assert marks(curves)._train.y.min() == pytest.approx(min(values))
    assert not marks(curves)._dots.visible


def test_a_run_that_was_resumed_goes_on_from_its_checkpoint(pretend):
    run = pretend()
    for epoch in (1, 2, 3):
        run.epoch(epoch, 1 / epoch, 1 / epoch, best=epoch, best_loss=1 / epoch)
    run.epoch(3, 0.2, 0.2, best=3, best_loss=0.2)
    curves = LossCurves(run.run)
    assert curves.history.epochs == [1, 2, 3]
    assert curves.history.val_loss[-1] == 0.2


def test_another_run_can_be_looked_at(pretend):
    first, second = pretend("20260101_120000"), pretend("20260101_130000")
    first.epoch(1, 1.0, 1.0, best=1, best_loss=1.0)
    second.epoch(1, 2.0, 2.0, best=1, best_loss=2.0)
    curves = LossCurves(first.run)
    curves.run = second.run
    assert marks(curves)._train.y.tolist() == [2.0]
    assert "20260101_130000" in curves._legend.value


@given(st.lists(st.floats(0.001, 1000) | st.just(float("nan")), max_size=3000))
def test_thinning_keeps_the_extremes_and_the_order(values):
    x, y = thinned(range(len(values)), values)
    there = [value for value in values if not math.isnan(value)]
    assert len(y) <= MOST_POINTS + 1
    assert np.all(np.diff(x) > 0)
    if there:
        assert (y.min(), y.max(), y[-1]) == (min(there), max(there), there[-1])


@given(st.floats(1e-6, 1e3), st.floats(1.01, 1e6))
def test_ticks_of_the_log_axis_are_few_and_inside(low, ratio):
    ticks = round_numbers(low, low * ratio)
    assert 2 <= len(ticks) <= 14
    assert ticks.min() >= low * 0.99
    assert ticks.max() <= low * ratio * 1.01
