"""Jobs on a Slurm that kills what takes more memory than it asked for."""

import shlex

import pytest
from slurm_cluster import a_cluster

from dss_widgets.cli import main
from dss_widgets.jobs import follow, start_run
from dss_widgets.jobs.slurm.note import read_note
from dss_widgets.jobs.slurm.queue import QUEUE
from dss_widgets.options import PlaceOptions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with a_cluster(tmp_path_factory.mktemp("slurm"), holds_memory=True) as running:
        yield running
    QUEUE.forget()


def place(memory_gb):
    return PlaceOptions(on="slurm", cpus=1, memory_gb=memory_gb, time_limit="20")


@pytest.mark.usefixtures("cluster")
def test_a_job_that_took_too_much_memory_is_told_as_such_and_goes_on_with_more(quick, tmp_path):
    run = start_run(quick(tmp_path), place(0.2))
    list(follow(run))
    status = run.status()
    assert status.state == "died"
    assert "it took more memory than it had asked for" in status.message
    assert "--memory-gb 0.4" in status.message
    _, _, command = status.message.partition("To continue: dss-widgets ")
    assert main(shlex.split(command.replace("--memory-gb 0.4", "--memory-gb 2"))) == 0
    assert run.status().state == "finished", run.status()
    assert read_note(run.files).options().memory_gb == 2
    assert run.results_path.is_file()
