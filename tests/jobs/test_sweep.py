"""A sweep whose process is killed goes on where it was, and a training that fails holds up no other."""

import json

import pytest

from dss_widgets.events import EpochDone, StateChanged
from dss_widgets.jobs import create_job, follow, launch, list_runs, lock, resume_job
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.kinds.several import Planned, train_several
from dss_widgets.options.sweep import SweepOptions
from dss_widgets.results import read_results
from dss_widgets.results.training_sweep import JSON_NAME

from .conftest import wait_for


@pytest.mark.slow
def test_one_that_is_killed_goes_on_and_a_training_that_fails_is_passed_over(quick, tmp_path):
    options = SweepOptions(**quick(tmp_path / "out").as_dict(), vary={"epochs": "1,5"})
    job = create_job("sweep", options)
    folder = job.folder.with_suffix("")
    blocked = folder / f"{folder.name}_1_model.h5"
    blocked.mkdir(parents=True)
    launch(job)

    def second_has_learned():
        assert job.status().is_running, job.status().message
        (second,) = [run for run in list_runs(folder) if run.name.endswith("_2")] or [None]
        return second and any(isinstance(event, EpochDone) for event in second.events()[0])

    wait_for(second_has_learned, 120)
    job.kill()
    second = next(run for run in list_runs(folder) if run.name.endswith("_2"))
    assert lock.wait_until_free(second.files.lock, seconds=60), "nobody trains on for a sweep that is gone"
    assert job.status().state == "died"
    (warning,) = job.status().warnings
    assert "number of epochs 1) failed" in warning
    assert [bool(one.message) for one in job.outcome().trainings] == [True], "the others went on"

    blocked.rmdir()
    list(follow(resume_job(job)))
    assert job.status().state == "finished", job.status().message
    epochs = [event.epoch for event in second.events()[0] if isinstance(event, EpochDone)]
    assert epochs == list(range(1, 6)), "no epoch was learned twice"
    found = job.outcome()
    assert not found.failed
    assert found.best.stem == str(second.stem)
    assert found.best.scores["macro_f1"] == read_results(second.stem).scores.macro_f1
    told = [event.macro_f1 for event in second.events()[0] if isinstance(event, EpochDone) and event.best]
    assert found.best.validation == told[-1]
    assert json.loads((folder / JSON_NAME).read_text())["best"] == str(second.stem)


def test_what_has_ended_is_not_done_again_and_what_was_cut_short_is(quick, tmp_path):
    planned = [Planned(tmp_path / name, quick(tmp_path)) for name in ("done", "stopped", "cut_short", "failed")]
    for one, state in zip(planned, ("finished", "stopped", "stopped", "failed"), strict=True):
        one.files.path.mkdir()
        append_event(one.files.events, StateChanged(state=state))
    planned[1].files.stop.touch()
    planned[1].stem.with_name("stopped_results.h5").touch()
    assert [one.has_ended for one in planned] == [True, True, False, False]
    told = []
    files = JobFolder(tmp_path)
    train_several(planned[:2], 2, files, on_ended=told.append, on_event=lambda _event: None, should_stop=lambda: False)
    assert told == planned[:2], "nothing had to be trained"
