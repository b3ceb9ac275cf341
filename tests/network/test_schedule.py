"""The learning rate, the best epoch, and when training stops by itself."""

import pytest

from dss_widgets.network.schedule import BestSoFar, LearningRate, warmed_up_cosine
from dss_widgets.options import TrainingOptions


def test_the_cosine_warms_up_and_decays_to_zero():
    shares = [warmed_up_cosine(step, 1000) for step in range(1000)]
    assert shares[0] == pytest.approx(1 / 50)
    assert max(shares) == 1
    assert shares.index(1.0) == 49
    assert shares[50:] == sorted(shares[50:], reverse=True)
    assert shares[-1] < 1e-4


def test_the_cosine_works_for_a_single_step():
    assert warmed_up_cosine(0, 1) == 1


def test_a_fixed_rate_stays():
    rate = LearningRate.of(TrainingOptions(learning_rate_schedule="fixed", learning_rate=0.01), 100)
    for _ in range(10):
        rate.end_epoch(1.0)
    assert [rate.at(step) for step in (0, 50, 99)] == [0.01] * 3


def test_on_a_plateau_the_rate_is_lowered_after_the_patience():
    options = TrainingOptions(
        learning_rate_schedule="fixed", learning_rate=0.01, reduce_learning_rate=True, reduce_learning_rate_patience=2
    )
    rate = LearningRate.of(options, 100)
    seen = []
    for loss in (1.0, 0.5, 0.6, 0.6, 0.6, 0.6, 0.1):
        rate.end_epoch(loss)
        seen.append(rate.at(0))
    assert seen == pytest.approx([0.01, 0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001])


def test_the_decaying_schedule_is_not_lowered_further():
    options = TrainingOptions(learning_rate=0.01, reduce_learning_rate=True, reduce_learning_rate_patience=1)
    rate = LearningRate.of(options, 100)
    before = rate.at(50)
    rate.end_epoch(1.0)
    rate.end_epoch(1.0)
    assert rate.at(50) == before


def test_the_best_epoch_has_the_least_validation_loss():
    best = BestSoFar()
    assert [best.end_epoch(epoch, loss) for epoch, loss in ((1, 0.5), (2, 0.4), (3, 0.4), (4, 0.3))] == [
        True,
        True,
        False,
        True,
    ]
    assert (best.epoch, best.val_loss) == (4, 0.3)


def test_twenty_epochs_without_improvement_end_training():
    best = BestSoFar()
    best.end_epoch(1, 0.5)
    for epoch in range(2, 22):
        assert best.epochs_to_early_stop > 0
        best.end_epoch(epoch, 0.5)
    assert best.epochs_to_early_stop == 0


def test_without_validation_the_last_epoch_is_the_best_and_nothing_stops_early():
    best = BestSoFar()
    assert all(best.end_epoch(epoch, None) for epoch in range(1, 30))
    assert best.epoch == 29
    assert best.epochs_to_early_stop == 20
