"""Annotating in several processes: whatever happens to them, it comes to the same."""

import shutil

import psutil
import pytest

from dss_widgets.events import RecordingDone
from dss_widgets.jobs import create_job, follow, resume_job, start_job
from dss_widgets.results.summary import SUMMARY

from .conftest import wait_for


@pytest.fixture
def options(work, song, tmp_path):
    """Forty recordings in folders within each other, and one that is damaged."""
    for i in range(40):
        place = tmp_path / "season" / str(i % 3) / str(i % 2)
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(sorted(song.glob("*.wav"))[i % 3], place / f"{i}.wav")
    (tmp_path / "season/1/broken.wav").write_bytes(b"no sound")
    return work("predict").copy(recordings=[str(tmp_path / "season")], processes=2, probabilities=True)


def annotating(job):
    """Return the processes that annotate for a job's worker."""
    (worker,) = [p for p in psutil.process_iter(["cmdline"]) if str(job.folder) in (p.info["cmdline"] or ())]
    alive = [child for child in worker.children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "spawn_main" in " ".join(child.cmdline())]


def follow_until(job, n_done):
    done = 0
    for event in follow(job):
        done += isinstance(event, RecordingDone)
        if done == n_done:
            return


def left_behind(job, out):
    """Return the files of annotations and probabilities, and the summary, of a job that has ended."""
    assert not [path for path in out.rglob("*") if ".partial" in path.name]
    made = [path for ending in ("annotations.csv", "probabilities.h5") for path in out.rglob(f"*_{ending}")]
    files = {path.relative_to(out).as_posix(): path.read_bytes() for path in made}
    return {**files, SUMMARY: (job.folder / SUMMARY).read_bytes()}


@pytest.mark.slow
def test_with_processes_killed_it_leaves_what_one_undisturbed_process_does(options, tmp_path):
    job = start_job("predict", options)
    follow_until(job, 1)
    annotating(job)[0].kill()
    follow_until(job, 4)
    orphans = annotating(job)
    job.kill()
    list(follow(job))
    wait_for(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in orphans))
    assert job.status().state == "died"
    resume_job(job)
    list(follow(job))
    assert "broken.wav" in job.status().message
    told = job.status().recordings
    assert [path for path, each in told.items() if each.outcome == "failed"] == [str(tmp_path / "season/1/broken.wav")]
    disturbed = left_behind(job, tmp_path / "annotations")

    alone = start_job("predict", options.copy(processes=1, existing="overwrite"))
    list(follow(alone))
    undisturbed = left_behind(alone, tmp_path / "annotations")
    assert len(undisturbed) == 81
    assert job.outcome() == alone.outcome()
    assert {k: v for k, v in disturbed.items() if k != SUMMARY} == {k: v for k, v in undisturbed.items() if k != SUMMARY}
    counts = [{path: each.counts for path, each in one.items()} for one in (told, alone.status().recordings)]
    assert counts[0] == counts[1]


@pytest.mark.slow
def test_the_same_work_goes_on_with_another_number_of_processes(options):
    job = create_job("predict", options)
    again = create_job("predict", options.copy(processes=3))
    assert again == job
    assert job.options().processes == 3
    assert create_job("predict", options.copy(proposals=True)) != job
