"""However little data there is, it is learned from for long enough; where there is enough, nothing is changed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.options import PRESETS, TrainingOptions, preset_values
from dss_widgets.options.amount import LEAST_STEPS, MOST_EPOCHS, for_little_data


@given(
    batch_size=st.integers(1, 64), log_chunk=st.integers(8, 14), epochs=st.integers(1, 400), train_samples=st.integers(1, 10**9)
)  # fmt: skip
def test_there_are_steps_enough_or_the_most_rounds(batch_size, log_chunk, epochs, train_samples):
    given_values = {"batch_size": batch_size, "chunk_duration": 2**log_chunk, "epochs": epochs}
    changes = for_little_data(given_values, train_samples)
    values = {**given_values, **changes}
    steps = math.ceil(train_samples / (values["batch_size"] * values["chunk_duration"])) * values["epochs"]
    assert steps >= 2 * LEAST_STEPS or values["epochs"] >= MOST_EPOCHS
    assert 1 <= values["batch_size"] <= batch_size
    assert values["epochs"] >= epochs
    assert all(given_values[name] != value for name, value in changes.items())


def test_data_enough_changes_nothing():
    assert for_little_data({"batch_size": 8, "chunk_duration": 4096, "epochs": 16}, 2_000_000) == {}
    assert for_little_data({"batch_size": 8, "chunk_duration": 4096, "epochs": 16}, 0) == {}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_for_little_data_is_that_preset_learned_for_longer(name):
    plain, little = (TrainingOptions(**preset_values(name, n)) for n in (0, 100_000))
    differing = {key for key, value in plain.as_dict().items() if little.as_dict()[key] != value}
    assert differing <= {"batch_size", "epochs"}
    assert plain.as_dict() == TrainingOptions(**PRESETS[name].options).as_dict()
