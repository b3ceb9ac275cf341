"""A training that several processes share: the same network, whatever happens to one of them."""

import os
import shutil
import signal
import subprocess
import time

import numpy as np
import pytest

from dss_widgets.errors import RunError
from dss_widgets.events import EpochDone, StepDone
from dss_widgets.jobs import follow, resume_job, start_run
from dss_widgets.jobs.kinds.distributed_training import _MODULE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="looks for processes as Linux shows them")]

PATIENCE_SECONDS = 300

STEADY = {"learning_rate": 1e-3, "learning_rate_schedule": "fixed"}
"""So that what is rounded otherwise is not blown up, and epochs are the same however many follow."""


def finish(run):
    list(follow(run))
    status = run.status()
    assert status.state == "finished", f"{status}\n" + "\n".join(run.log_tail())
    return run


def told(run, kind):
    return [event for event in run.events()[0] if isinstance(event, kind)]


def losses(run):
    return [value for epoch in told(run, EpochDone) for value in (epoch.loss, epoch.val_loss)]


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)
    return found


def others(run):
    """Return the processes that train along with a run."""
    found = subprocess.run(["pgrep", "-f", f"{_MODULE} {run.folder}"], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def begins_to_learn(run, after=0):
    wait_for(lambda: len(told(run, StepDone)) > after or not run.status().is_running, "a step")
    assert run.status().is_running, "\n".join(run.log_tail())


@pytest.fixture(scope="module")
def shared(quick, tmp_path_factory):
    """The options of a training that two processes share, by the folder that it writes to."""

    def options(folder=None):
        return quick(folder or tmp_path_factory.mktemp("shared"), epochs=3).copy(devices=2, **STEADY)

    return options


@pytest.fixture(scope="module")
def undisturbed(shared):
    return finish(start_run(shared()))


def test_two_processes_learn_what_one_learns(undisturbed, quick, tmp_path):
    alone = finish(start_run(quick(tmp_path, epochs=3).copy(**STEADY)))
    assert losses(undisturbed) == pytest.approx(losses(alone), rel=1e-5)
    assert undisturbed.status().macro_f1 == pytest.approx(alone.status().macro_f1, abs=1e-3)
    assert not undisturbed.files.rendezvous.exists()
    assert not others(undisturbed)


def test_one_that_was_stopped_and_one_of_whose_processes_was_killed_go_on_where_they_were(undisturbed, shared, tmp_path):
    run = start_run(shared(tmp_path).copy(epochs=12))
    begins_to_learn(run)
    [other] = others(run)
    os.kill(other, signal.SIGTERM)  # as Slurm tells all processes: only the first one may end the work
    run.stop()
    list(follow(run))
    assert run.status().state == "stopped"
    wait_for(lambda: not others(run), "the others to end")

    seen = len(told(run, StepDone))
    resume_job(run)
    begins_to_learn(run, seen)
    [other] = others(run)
    os.kill(other, signal.SIGKILL)
    list(follow(run))
    assert run.status().state == "failed"
    assert "One of the processes that train together has ended" in run.status().message
    assert run.status().epoch < 12

    finish(resume_job(run, epochs=12))
    assert [epoch.epoch for epoch in told(run, EpochDone)] == list(range(1, 13))
    assert losses(run)[:6] == losses(undisturbed)


def test_what_one_process_finds_wrong_with_its_part_of_a_batch_ends_all(shared, store, tmp_path):
    shutil.copytree(store, tmp_path / "odd.npy")
    audio = np.load(tmp_path / "odd.npy" / "train" / "x.npy")
    audio[len(audio) // 2] = np.nan
    np.save(tmp_path / "odd.npy" / "train" / "x.npy", audio)
    run = start_run(shared(tmp_path / "out").copy(store_folder=str(tmp_path / "odd.npy")))
    list(follow(run))
    assert run.status().state == "failed"
    assert "The training audio holds NaN or infinite values" in run.status().message
    wait_for(lambda: not others(run), "the others to end")
    assert not any("RunError" in line for line in run.log_tail())


def test_more_devices_than_cores_are_told_before_any_process_is_started(shared, tmp_path):
    run = start_run(shared(tmp_path).copy(devices=64))
    list(follow(run))
    assert run.status().state == "failed"
    assert "64 GPUs takes a process" in run.status().message


def test_a_process_that_ends_before_it_has_begun_ends_the_job(shared, tmp_path):
    run = start_run(shared(tmp_path))
    [other] = wait_for(lambda: others(run), "the other process")
    os.kill(other, signal.SIGKILL)
    list(follow(run))
    assert run.status().state == "failed"
    assert not run.files.rendezvous.exists()


def test_nodes_take_slurm(shared, tmp_path):
    with pytest.raises(RunError, match="2 nodes together, which takes Slurm"):
        start_run(shared(tmp_path).copy(nodes=2))
