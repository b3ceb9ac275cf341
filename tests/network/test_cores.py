"""Parts of a batch side by side."""

import os
import subprocess
import sys
from threading import Event, Semaphore

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets import machine
from dss_widgets.network import cores
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.cores import LEAST_CHUNKS, side_by_side
from dss_widgets.network.forward import traced_by_length
from dss_widgets.network.model import build_network
from dss_widgets.network.steps import new_optimizer, training_step, validation_step

ARCHITECTURE = Architecture(n_channels=1, n_classes=3, filters=8, filter_duration=8, separable=(False,))


@pytest.fixture
def parts(monkeypatch):
    """Divide batches into as many parts as asked for."""
    return lambda number: monkeypatch.setattr(cores, "most_parts", lambda: number)


@given(length=st.integers(1, 40), number=st.integers(1, 8))
def test_parts_are_all_of_the_batch_in_order_and_none_is_too_small(length, number):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cores, "most_parts", lambda: number)
        found = side_by_side(lambda one, other: (one, other), np.arange(length), -np.arange(length))
    assert len(found) <= number
    assert all(len(one) >= min(length, LEAST_CHUNKS) for one, _ in found)
    np.testing.assert_array_equal(np.concatenate([one for one, _ in found]), np.arange(length))
    np.testing.assert_array_equal(np.concatenate([other for _, other in found]), -np.arange(length))


def test_the_first_call_with_a_shape_has_no_other_beside_it(parts):
    """TensorFlow's compiled operations are prepared at their first call, without a lock."""
    parts(2)
    overlapping, inside, second, patience = [], Semaphore(), Event(), [0.2]

    def counted(values):
        if not inside.acquire(blocking=False):
            overlapping.append(len(values))
            second.set()
            return values
        second.wait(patience[0])  # whoever could come, comes now
        inside.release()
        return values

    function = traced_by_length(
        lambda values: tf.ensure_shape(tf.numpy_function(counted, [values], tf.float32), (None, 5, 1)), 1
    )
    batch = tf.ones([8, 5, 1])
    assert np.concatenate(side_by_side(function, batch)).shape == (8, 5, 1)
    assert overlapping == []
    patience[0] = 60
    side_by_side(function, batch)
    assert overlapping == [4], "from then on they are computed side by side"


def test_an_error_in_a_part_is_told(parts):
    parts(2)

    def fails(values):
        raise MemoryError(values[0])

    with pytest.raises(MemoryError, match="0"):
        side_by_side(fails, np.arange(4))


def batch(n_chunks=7):
    rng = np.random.default_rng(3)
    audio = rng.standard_normal((n_chunks, 64, 1)).astype("f4")
    targets = np.eye(3, dtype="f4")[rng.integers(0, 3, (n_chunks, 64))]
    return tuple(map(tf.constant, (audio, targets, rng.uniform(0, 1, (n_chunks, 64)).astype("f4"))))


def learned(parts, number, **more):
    """Return what three steps and a validation in so many parts come to."""
    parts(number)
    network = build_network(ARCHITECTURE, seed=1)
    optimizer = new_optimizer(network)
    optimizer.learning_rate.assign(1e-5)
    learn = training_step(network, optimizer, frames_per_batch=7 * 64, class_weights=np.array([1, 2, 3]), **more)
    sums = [float(value) for _ in range(3) for value in learn(*batch())]
    judged = [np.asarray(value) for value in validation_step(network)(*batch())]
    state = [np.asarray(variable) for variable in optimizer.variables]
    return sums, judged, state, network.predict_frames(batch()[0]).numpy()


@pytest.mark.slow
def test_what_is_learned_does_not_depend_on_the_number_of_parts(parts):
    one, three = learned(parts, 1), learned(parts, 3)
    np.testing.assert_allclose(one[0], three[0], rtol=1e-4)
    for whole, divided in zip([*one[1], *one[2], one[3]], [*three[1], *three[2], three[3]], strict=True):
        np.testing.assert_allclose(divided, whole, rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_a_variation_sees_the_whole_batch(parts):
    seen = []

    def variation(audio, _targets, _step):
        tf.py_function(lambda values: seen.append(len(values)), [audio], [])
        return audio

    parts(2)
    network = build_network(ARCHITECTURE, seed=1)
    learn = training_step(network, new_optimizer(network), frames_per_batch=7 * 64, class_weights=None, variation=variation)
    for _ in range(2):
        learn(*batch())
    assert seen == [7, 7]


@pytest.mark.slow
def test_a_worker_process_gives_each_core_a_part_and_others_are_left_as_they_are():
    code = (
        "from dss_widgets.network import tensorflow_setup\n"
        "tensorflow_setup.import_tensorflow_quietly()\n"
        "import tensorflow as tf; from dss_widgets.network.cores import threads\n"
        "found = lambda: (tf.config.threading.get_intra_op_parallelism_threads(),"
        " tf.config.threading.get_inter_op_parallelism_threads())\n"
        "before = found(); tensorflow_setup.set_up_worker_process(); print(before == (0, 0), found() == threads());"
        "import gc; print(gc.isenabled(), gc.get_freeze_count() > 100_000)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True True\n" * 2


@pytest.mark.parametrize(("n_cores", "sharing", "expected"), [
    (1, 1, (0, 0)), (2, 1, (1, 3)), (2, 2, (1, 2)), (2, 5, (1, 2)), (16, 1, (2, 9)), (16, 4, (2, 3)), (64, 64, (8, 2)),
])  # fmt: skip
def test_processes_that_share_the_cores_divide_operations_as_one_alone_would(monkeypatch, n_cores, sharing, expected):
    for module in (cores, machine):
        monkeypatch.setattr(module, "n_cores", lambda: n_cores)
    monkeypatch.setattr(machine, "_sharing", [1])
    machine.share_cores(sharing)
    monkeypatch.setattr(cores, "most_parts", cores.most_parts.__wrapped__)
    assert cores.threads() == expected


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes keep to cores where the system lets them")
@pytest.mark.parametrize("n_processes", sorted({1, machine.n_cores()}))
def test_processes_that_share_the_cores_have_each_its_own(n_processes):
    code = (
        "import os, sys; from dss_widgets import machine; before = machine.n_cores()\n"
        "machine.keep_to_own_cores(int(sys.argv[1]), int(sys.argv[2]))\n"
        "assert machine.n_cores() == before; print(machine.own_cores(), *os.sched_getaffinity(0))"
    )
    commands = [[sys.executable, "-c", code, str(index), str(n_processes)] for index in range(n_processes)]
    told = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for command in commands]
    assert sorted(int(core) for _, *cores in told for core in cores) == sorted(os.sched_getaffinity(0))
    assert all(len(cores) >= int(n_own) > 0 for n_own, *cores in told)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="processes keep to cores where the system lets them")
def test_where_the_system_lets_nobody_choose_a_process_runs_on_any_core(monkeypatch):
    def refuse(_pid, _cores):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", refuse)
    monkeypatch.setattr(machine, "_sharing", [1])
    before = os.sched_getaffinity(0), machine.n_cores()
    machine.keep_to_own_cores(0, machine.n_cores())
    assert (os.sched_getaffinity(0), machine.n_cores()) == before
    assert machine.own_cores() == 1
