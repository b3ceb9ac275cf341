"""A kernel that dies takes no work with it: what a panel started ends well, and a panel that is opened again finds it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.jobs import find_job, follow, start_run
from dss_widgets.options import PRESETS, AssemblyOptions, TrainingOptions
from dss_widgets.panels import PredictPanel, ResultsPanel, RunMonitor

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="kills with a signal")]

PRESSED = {
    "assemble": """
        panel = AssemblyPanel(AssemblyOptions(data_folder=place["song"], store_folder=place["made"], seed=1))
        panel.start.click()
        job = panel.watch.job
    """,
    "train": """
        quick = {**PRESETS["quick"].options, "epochs": 2, "blocks": 1, "filters": 8, "filter_duration": 7}
        panel = TrainingPanel(TrainingOptions(**quick, store_folder=place["store"], save_folder=place["network"], seed=1))
        panel.start.click()
        job = panel.run
    """,
    "evaluate": """
        panel = ResultsPanel(find_run(place["run"]))
        panel.test_again.start.click()
        job = panel.test_again.watch.job
    """,
    "predict": """
        panel = PredictPanel(place["network"], place["song"])
        panel.start.click()
        job = panel.watch.job
    """,
    "measure": """
        panel = TrainingPanel(TrainingOptions(store_folder=place["store"], save_folder=place["network"], filters=4, blocks=1))
        panel.measure.button.click()
        job = panel.measure.watch.job
    """,
}
KERNEL = """
import json, sys, textwrap
from dss_widgets.jobs import find_run
from dss_widgets.options import PRESETS, AssemblyOptions, TrainingOptions
from dss_widgets.panels import AssemblyPanel, PredictPanel, ResultsPanel, TrainingPanel
place = json.loads(sys.argv[1])
exec(textwrap.dedent(sys.argv[2]))
print(job.folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def network(song, tmp_path_factory):
    """The folder of a small network that was trained for an epoch, and its dataset's."""
    folder = tmp_path_factory.mktemp("kernels")
    chosen = AssemblyOptions(data_folder=str(song), store_folder=str(folder / "bird.npy"), seed=1)
    store = assemble(plan_splits(survey(song), chosen))
    small = {**PRESETS["quick"].options, "epochs": 1, "blocks": 1, "filters": 8, "filter_duration": 7}
    run = start_run(TrainingOptions(**small, store_folder=str(store), seed=1))
    list(follow(run))
    assert run.status().state == "finished", run.status().message
    return run


@pytest.fixture
def place(song, network, tmp_path):
    copied = shutil.copytree(network.folder.parent, tmp_path / "network")
    return {
        "song": str(song), "made": str(tmp_path / "made.npy"), "store": str(network.folder.parent.with_suffix(".npy")),
        "network": str(copied), "run": str(copied / network.folder.name),
    }  # fmt: skip


def killed(kind, place):
    """Press the button of a kind of work in a process, kill it at once, and return the job's folder."""
    command = [sys.executable, "-c", KERNEL, json.dumps(place), PRESSED[kind]]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True) as kernel:
        folder = kernel.stdout.readline().strip()
        os.killpg(kernel.pid, signal.SIGKILL)
    assert folder, "the panel started nothing"
    return folder


@contextmanager
def held(folder, wait_for):
    """Hold a job's worker for as long as a block lasts: it goes on, however long a panel takes to open."""
    told = find_job(folder).files.worker
    wait_for(told.exists)
    worker = json.loads(told.read_text())["pid"]
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


@pytest.mark.parametrize("kind", sorted(PRESSED))
def test_what_a_panel_started_ends_well_when_its_kernel_is_killed(kind, place):
    job = find_job(killed(kind, place))
    assert job.kind.name == kind
    list(follow(job))
    assert job.status().state == "finished", job.status().message
    assert job.outcome()


def test_annotating_that_goes_on_is_found_by_a_panel_that_is_opened_anew(place, wait_for):
    folder = killed("predict", place)
    with held(folder, wait_for):
        panel = PredictPanel(place["network"], place["song"])
    assert str(panel.watch.job.folder) == folder
    wait_for(lambda: not panel.tick())
    assert len(panel.files) == len(list(Path(place["song"]).glob("*.wav")))


def test_a_test_that_goes_on_is_found_by_a_panel_that_is_opened_anew(place, wait_for):
    folder = killed("evaluate", place)
    with held(folder, wait_for):
        panel = ResultsPanel(find_job(place["run"]))
    assert str(panel.test_again.watch.job.folder) == folder
    wait_for(lambda: not panel.test_again.tick())
    assert panel.test_again.tested


def test_a_training_that_goes_on_is_found_by_a_panel_that_is_opened_anew(place, wait_for):
    folder = killed("train", place)
    with held(folder, wait_for):
        monitor = RunMonitor(place["network"])
    assert monitor.n_running == 1
    list(follow(find_job(folder)))
    monitor.tick()
    assert monitor.n_running == 0
