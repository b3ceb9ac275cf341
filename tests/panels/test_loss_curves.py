"""Loss curves follow a run, say what they show, and stay quiet while nothing happens."""

import asyncio
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dss_widgets.panels import LossCurves
from dss_widgets.panels.monitoring.loss_plot import MOST_POINTS, rate_steps, smoothed, thinned
from dss_widgets.panels.run_history import RunHistory
from dss_widgets.panels.style.plots import round_numbers


def sent(monkeypatch):
    """Collect the messages that widgets send."""
    counted = []
    monkeypatch.setattr("ipywidgets.Widget._send", lambda *message, **_: counted.append(message))
    return counted


def marks(curves):
    return curves._plot


def test_without_a_run_it_says_what_to_do_first():
    assert "while the network trains" in LossCurves()._empty.value


def test_before_the_first_numbers_it_says_that_they_will_come(pretend):
    assert "Preparing" in LossCurves(pretend().run)._empty.value


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


@pytest.mark.slow
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
    assert list(marks(curves)._dots.opacities) == [0], "too many to be seen, they still tell their values"
    assert len(marks(curves)._dots.x) <= MOST_POINTS + 1


def test_steps_that_are_done_again_after_a_kill_are_drawn_once(pretend):
    run = pretend()
    for step in (1, 2, 3):
        run.step(1, step, 0.9 - step / 10)
    run.tell("state", state="starting")
    run.step(1, 2, 0.71)
    run.step(1, 4, 0.5)
    history = RunHistory(run.run)
    assert history.steps == [0.25, 0.5, 1.0]
    assert history.step_loss == pytest.approx([0.8, 0.71, 0.5])


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


@pytest.mark.slow
def test_another_epoch_after_five_thousand_costs_no_more_than_after_five_hundred(pretend, monkeypatch):
    """What is sent for one more epoch does not grow with the run."""
    cost = {}
    for n_epochs in (500, 5_000):
        run = pretend(f"202601{n_epochs:05}_120000", epochs=2 * n_epochs)
        run.many_epochs(n_epochs)
        curves = LossCurves(run.run)
        counted = []
        monkeypatch.setattr("ipywidgets.Widget._send", lambda _, content, buffers=None, c=counted: c.append((content, buffers)))
        run.epoch(n_epochs + 1, 0.5, 0.5, best=1, best_loss=0.5)
        curves.tick()
        monkeypatch.undo()
        n_bytes = sum(len(str(content)) + sum(len(bytes(b)) for b in buffers or ()) for content, buffers in counted)
        cost[n_epochs] = len(counted), n_bytes
    assert cost[5_000][0] <= cost[500][0] <= 20
    assert cost[5_000][1] <= 1.5 * cost[500][1] <= 200_000


def test_the_axis_holds_some_more_epochs_while_it_trains_and_just_those_there_are_at_the_end(pretend):
    run = pretend(epochs=400)
    run.many_epochs(12)
    curves = LossCurves(run.run)
    assert marks(curves)._x.max == 20
    run.epoch(13, 0.1, 0.1, best=13, best_loss=0.1)
    curves.tick()
    assert marks(curves)._x.max == 20, "it does not jump with every epoch"
    run.end()
    curves.tick()
    assert marks(curves)._x.max == 13


def test_news_is_looked_for_often_enough_to_be_seen_within_half_a_second(pretend):
    """What the loop sleeps between an event and its drawing; a slow machine sleeps no longer."""
    run = pretend()

    async def follow():
        slept, real = [], asyncio.sleep
        curves = LossCurves(run.run)

        async def counting(seconds):
            slept.append(seconds)
            await real(0)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("dss_widgets.panels.background.asyncio.sleep", counting)
            while not slept:
                await real(0)
            run.epoch(1, 1.2, 1.3, best=1, best_loss=1.3)
            del slept[:]
            while not (curves._plot and curves._plot._train.visible):
                await real(0)
        curves.close()
        return sum(slept)

    assert asyncio.run(follow()) <= 0.45


def test_smoothing_draws_the_running_mean_over_the_losses_themselves(pretend):
    run = pretend()
    for epoch, loss in enumerate((1.0, 3.0, 1.0, 3.0), start=1):
        run.epoch(epoch, loss, loss, best=1, best_loss=1.0)
    curves = LossCurves(run.run)
    assert not marks(curves)._raw_train.visible
    curves.smoothing = 0.9
    assert marks(curves)._raw_train.y.tolist() == [1, 3, 1, 3]
    assert np.ptp(marks(curves)._train.y) < 1.2
    assert marks(curves)._dots.y.tolist() == [1, 3, 1, 3], "the values that are told are those that were measured"
    curves._smooth.value = 0.0
    assert marks(curves)._train.y.tolist() == [1, 3, 1, 3]
    assert not marks(curves)._raw_train.visible


def test_steps_of_the_learning_rate_are_drawn_and_told(pretend):
    run = pretend()
    for epoch, rate in ((1, 0.01), (2, 0.01), (3, 0.01), (4, 0.005), (5, 0.005), (6, 0.005)):
        run.epoch(epoch, 1.0, 1.0, best=1, best_loss=1.0, learning_rate=rate)
    curves = LossCurves(run.run)
    assert np.ravel(marks(curves)._rates.x).tolist() == [3.5, 3.5]
    assert "0.005 from epoch 4" in curves._remarks.value


def test_a_rate_that_glides_is_told_but_has_no_steps():
    assert rate_steps(range(1, 11), [0.01 * 0.9**i for i in range(10)]) == []
    assert rate_steps([1, 2], [float("nan"), 0.1]) == []


def test_the_epochs_left_before_early_stopping_are_told_while_it_trains(pretend):
    run = pretend()
    run.epoch(1, 1.2, 1.3, best=1, best_loss=1.3)
    run.epoch(4, 1.2, 1.4, best=1, best_loss=1.3)
    curves = LossCurves(run.run)
    assert "Stops early after 17 more epochs" in curves._remarks.value
    run.end()
    curves.tick()
    assert "Stops early" not in curves._remarks.value


def test_runs_beside_it_have_strokes_and_names_of_their_own(pretend):
    first, second, third = (pretend(f"2026010{i}_120000") for i in (1, 2, 3))
    for run in (first, second, third):
        run.epoch(1, 1.2, 1.3, best=1, best_loss=1.3)
    curves = LossCurves(first.run)
    curves.others = (second.run, third.run)
    lines = marks(curves)._others
    assert [line.labels for line in lines] == [[second.run.name], [third.run.name]]
    assert len({(line.colors[0], line.line_style) for line in lines}) == 2
    assert all(line.tooltip is not None for line in lines)
    assert second.run.name in curves._legend.value


def test_its_code_follows_the_run_and_holds_its_options(pretend):
    run = pretend()
    run.epoch(1, 1.2, 1.3, best=1, best_loss=1.3)
    curves = LossCurves(run.run)
    texts = curves.code()
    assert list(texts) == ["Python", "Command line", "training.yaml"]
    assert f"dss-widgets follow {run.run.folder}" in texts["Command line"]
    assert "epochs: 10" in texts["training.yaml"]
    assert curves.options.epochs == 10


@given(st.lists(st.floats(0.001, 1000) | st.just(float("nan")), max_size=200), st.sampled_from([0.0, 0.6, 0.9]))
def test_a_running_mean_stays_within_what_it_is_the_mean_of(values, weight):
    found = smoothed(values, weight)
    there = [value for value in values if not math.isnan(value)]
    means = [value for value in found if not math.isnan(value)]
    assert len(means) == len(there)
    if there:
        assert means[0] == pytest.approx(there[0])
        assert min(there) * 0.999 <= min(means) <= max(means) <= max(there) * 1.001


@given(st.lists(st.floats(0.001, 1000) | st.just(float("nan")), max_size=3000))
def test_thinning_keeps_the_extremes_and_the_order(values):
    x, y = thinned(range(len(values)), values)
    there = [value for value in values if not math.isnan(value)]
    assert len(y) <= MOST_POINTS + 1
    assert np.all(np.diff(x) > 0)
    if there:
        assert (y.min(), y.max(), y[-1]) == (min(there), max(there), there[-1])


def test_ticks_of_a_short_log_axis_are_round_too():
    assert round_numbers(0.6018, 1.08512).tolist() == pytest.approx([0.7, 0.8, 0.9, 1.0])


@given(st.floats(1e-6, 1e3), st.floats(1, 1.1) | st.floats(1, 1e6))
@example(230.1113218427462, 1.0405244891513037)
@example(1.0, 1.0)
def test_ticks_of_the_log_axis_are_few_and_inside(low, ratio):
    ticks = round_numbers(low, low * ratio)
    assert 2 <= len(ticks) <= 14
    assert ticks.min() >= low * 0.99
    assert ticks.max() <= low * ratio * 1.01
