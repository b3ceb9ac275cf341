"""Testing again: off with its reason, in a process of its own, and what comes of it is shown."""

from pathlib import Path

from dss_widgets.events import Progressed, StateChanged
from dss_widgets.panels import ResultsPanel
from dss_widgets.results.params_file import write_params

from .conftest import NAMES, write_results


def finish(pretended, right=50):
    """Do what a worker does at the end: write results and tell so."""
    options = pretended.job.options()
    store = f"_{Path(options.store_folder).stem}" if options.store_folder else ""
    write_results(f"{options.network}_results{store}.h5", right)
    pretended.end()


def test_it_is_off_with_its_reason_until_it_can_be_done(pretend):
    panel = ResultsPanel()
    assert panel.blockers == ("Choose a run first.",)
    run = pretend()
    panel.run = run.run
    assert "has not ended yet" in panel.blockers[0]
    run.end()
    panel.tick()
    assert "no network" in panel.blockers[0]
    Path(f"{run.run.stem}_model.keras").touch()
    panel.test_again.refresh()
    assert not panel.blockers
    assert not panel.test_again.start.disabled
    panel.test_again.field.widget.value = "/nowhere.npy"
    assert panel.blockers == ("There is no such dataset: choose a folder whose name ends in .npy.",)
    assert panel.test_again.begin() is None


def test_a_dataset_outside_of_the_roots_is_not_tested_on(panel, monkeypatch, tmp_path):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(panel.run.folder.parent.parent))
    panel.test_again.field.widget.value = "/etc"
    assert "outside" in panel.blockers[0]
    assert panel.test_again.begin() is None


def test_its_own_dataset_is_not_tested_on_where_its_params_name_one_outside_of_the_roots(pretend, tmp_path, monkeypatch):
    """Params are uploaded and written by anybody: no process is started, and the earlier results stay."""
    run = pretend()
    run.end()
    stem = run.run.stem
    Path(f"{stem}_model.h5").touch()
    write_params(f"{stem}_params.yaml", {"class_names": NAMES, "data_dir": str(tmp_path / "outside.npy")})
    write_results(run.run.results_path, 90)
    panel = ResultsPanel(run.run)
    before = sorted(stem.parent.iterdir())
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(stem.parent))
    panel.test_again.start.click()
    assert "outside.npy, as its params say, which lies outside of the folders" in panel.test_again._progress.value
    assert not panel.test_again.working
    assert sorted(stem.parent.iterdir()) == before


def test_its_own_dataset_again_brings_the_scores_up_to_date(panel, pretended_jobs):
    assert "90.0%" in panel._summary.value
    panel.test_again.start.click()
    (job,) = pretended_jobs
    assert panel.test_again.working
    job.tell(StateChanged(state="testing"), Progressed(done=1, total=4))
    panel.test_again.tick()
    assert "25%" in panel.test_again._progress.value
    assert panel.test_again.start.disabled
    finish(job, right=70)
    panel.test_again.tick()
    assert "70.0%" in panel._summary.value
    assert "Tested" in panel.test_again._progress.value
    assert "dss-off" in panel.tests._dom_classes, "there is one test alone"


def test_another_dataset_is_shown_beside_it(panel, dataset, pretended_jobs):
    panel.test_again.store = str(dataset)
    panel.test_again.begin()
    finish(pretended_jobs[0], right=60)
    panel.test_again.tick()
    assert "60.0%" in panel._summary.value
    assert [words for words, _ in panel.tests.options] == ["the test split it was trained with", "bird"]
    panel.tests.value = str(panel.run.results_path)
    assert "90.0%" in panel._summary.value
    assert panel.results_file == str(panel.run.results_path)


def test_cancelled_it_says_so_and_can_begin_again(panel, pretended_jobs):
    panel.test_again.begin()
    panel.test_again.cancel.click()
    assert pretended_jobs[0].is_asked_to_stop
    pretended_jobs[0].end("stopped")
    panel.test_again.tick()
    assert "Cancelled" in panel.test_again._progress.value
    assert not panel.test_again.start.disabled
    assert "90.0%" in panel._summary.value


def test_a_failure_is_told_in_its_words(panel, pretended_jobs):
    panel.test_again.begin()
    pretended_jobs[0].end("failed", "The dataset has other [song] types.")
    panel.test_again.tick()
    assert "other [song] types" in panel.test_again._progress.value


def test_when_another_run_was_chosen_meanwhile_that_one_stays(panel, pretend, pretended_jobs):
    panel.test_again.begin()
    (job,) = pretended_jobs
    other = pretend("20260102_120000")
    other.end()
    panel.run = other.run
    finish(job)
    panel.test_again.tick()
    assert panel.run == other.run
    assert panel.results_file == str(other.run.results_path)


def test_a_test_that_goes_on_is_found_again_when_the_page_is_opened_anew(panel, pretended_jobs):
    panel.test_again.begin()
    pretended_jobs[0].tell(StateChanged(state="testing"), Progressed(done=3, total=4))
    later = ResultsPanel(panel.run)
    assert later.test_again.working
    assert "75%" in later.test_again._progress.value
    finish(pretended_jobs[0], right=70)
    later.test_again.tick()
    assert "70.0%" in later._summary.value
