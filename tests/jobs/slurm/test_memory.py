"""Jobs on a Slurm that kills what takes more memory than it asked for."""

import shlex

import pytest
from slurm_cluster import a_cluster

from dss_widgets.cli import main
from dss_widgets.jobs import follow, start_job
from dss_widgets.jobs.slurm.note import read_note
from dss_widgets.jobs.slurm.queue import QUEUE
from dss_widgets.options import PlaceOptions
from dss_widgets.options.prediction import AnnotatingOptions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with a_cluster(tmp_path_factory.mktemp("slurm"), holds_memory=True) as running:
        yield running
    QUEUE.forget()


def place(memory_gb):
    return PlaceOptions(on="slurm", cpus=1, memory_gb=memory_gb, time_limit="20")


@pytest.mark.usefixtures("cluster")
def test_a_job_that_took_too_much_memory_is_told_as_such_and_goes_on_with_more(trained, song, tmp_path):
    options = AnnotatingOptions(network=str(trained.stem), recordings=[str(song)], out_folder=str(tmp_path))
    job = start_job("predict", options, place(0.1))
    list(follow(job))
    status = job.status()
    assert status.state == "died"
    assert "it took more memory than it had asked for" in status.message
    assert "--memory-gb 0.2" in status.message
    _, _, command = status.message.partition("To continue: dss-widgets ")
    assert main(shlex.split(command.replace("--memory-gb 0.2", "--memory-gb 2"))) == 0
    assert job.status().state == "finished", job.status()
    assert read_note(job.files).options().memory_gb == 2
    assert len(job.outcome()) == 3
