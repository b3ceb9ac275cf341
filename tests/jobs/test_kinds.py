"""Work of every kind is a job: it outlives whoever started it, is found again, can be stopped, and fails with words."""

import json
import os
import shlex
import signal
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import open_dataset
from dss_widgets.errors import DataError, OptionsError, RunError
from dss_widgets.events import EpochDone, Progressed, RecordingDone, StateChanged
from dss_widgets.jobs import Run, create_job, find_job, follow, launch, list_jobs, list_runs, lock, resume_job, start_job
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options import PRESETS, PredictionOptions, TrainingOptions, save_options
from dss_widgets.results import read_results
from dss_widgets.results.stems import CHECKPOINT

ALL = sorted(KINDS)
SLOW = [kind if kind == "assemble" else pytest.param(kind, marks=pytest.mark.slow) for kind in ALL]

STARTER = """
import sys
from dss_widgets.jobs import start_job
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options import load_options
print(start_job(sys.argv[1], load_options(KINDS[sys.argv[1]].options, sys.argv[2])).folder, flush=True)
sys.stdin.read()
"""


def finish(job):
    """Wait until a job has ended, and make sure that it ended well."""
    list(follow(job))
    assert job.status().state == "finished", job.status().message
    return job


@pytest.mark.skipif(os.name != "posix", reason="needs process groups")
@pytest.mark.parametrize("kind", SLOW)
def test_it_ends_well_when_all_processes_of_whoever_started_it_are_killed_and_is_found_again(kind, work, tmp_path):
    """As a kernel, a closed terminal, a stopped server or a service manager does."""
    options = work(kind)
    if kind == "evaluate":
        read_results(options.network).path.unlink()  # a test writes them anew
    config = save_options(options, tmp_path / "options.yaml")
    command = [sys.executable, "-c", STARTER, kind, str(config)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True) as starter:
        folder = starter.stdout.readline().strip()
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            os.killpg(starter.pid, number)
    (job,) = (job for job in list_jobs(os.path.dirname(folder)) if str(job.folder) == folder)
    assert job.kind.name == kind
    finish(job)
    assert job.outcome()
    if kind == "evaluate":
        assert job.outcome().path == read_results(options.network).path
        assert job.outcome().scores is not None
    if kind == "measure":
        assert job.outcome().epoch_seconds > 0
        job.end()
        assert not (tmp_path / "out").exists(), "a measurement leaves nothing"


GOES_ON = {"assemble": resume_job, "evaluate": resume_job, "predict": lambda job: start_job("predict", job.options())}
"""How work that was stopped is gone on with, by its kind: the same annotating, started again, is the one that was cut short."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALL)
def test_it_can_be_stopped_leaves_nothing_half_written_and_goes_on(kind, work, tmp_path):
    job = start_job(kind, work(kind))
    job.stop()
    list(follow(job))
    assert job.status().state == "stopped", job.status().message
    assert not [path for path in tmp_path.rglob("*") if ".partial" in path.name or path.name.endswith(".assembling")]
    if kind in GOES_ON:
        assert GOES_ON[kind](job) == job
        assert finish(job).outcome()


@pytest.mark.slow
def test_learning_on_that_was_stopped_goes_on_with_the_dataset_and_the_training_it_had(work, tmp_path):
    job = start_job("learn", work("learn").copy(epochs=20))
    for event in follow(job):
        if isinstance(event, Progressed) and "weights" in event.doing:
            job.stop()
    assert job.status().state == "stopped", job.status().message
    (run,) = list_runs(tmp_path / "network")
    assert run.status().state == "stopped"
    written = (tmp_path / "grown.npy" / "attrs.json").stat().st_mtime_ns
    finish(resume_job(job))
    stem, rounds = job.outcome()
    assert (stem, run.status().state, run.status().epoch) == (run.stem, "finished", 20)
    assert (tmp_path / "grown.npy" / "attrs.json").stat().st_mtime_ns == written
    assert [this.number for this in rounds] == [0, 1]


def test_a_dataset_is_assembled_as_it_is_in_python(work, store, tmp_path):
    job = finish(start_job("assemble", work("assemble")))
    assert job.outcome() == tmp_path / "made.npy"
    assert open_dataset(job.outcome()).fingerprint == open_dataset(store).fingerprint
    for split in ("train", "val", "test"):
        for name in ("x.npy", "y.npy"):
            assert (job.outcome() / split / name).read_bytes() == (store / split / name).read_bytes()


def test_a_dataset_that_is_up_to_date_stays_as_it_is(work):
    first = finish(start_job("assemble", work("assemble")))
    assert not first.status().outcome["unchanged"]
    again = finish(start_job("assemble", work("assemble")))
    assert again == first
    assert again.status().outcome["unchanged"]


@pytest.mark.slow
def test_annotating_holds_up_nothing_for_a_damaged_recording_and_goes_on_with_that_alone(work, song, tmp_path):
    options = work("predict")
    broken = tmp_path / "broken.wav"
    broken.write_bytes((song / "bird-A_01.wav").read_bytes()[:30])
    windy, (audio, rate) = tmp_path / "windy.wav", soundfile.read(song / "bird-A_01.wav")
    soundfile.write(windy, audio + np.random.default_rng(1).normal(0, 0.1, len(audio)), rate)
    options.recordings = [options.recordings[0], str(broken), *options.recordings[1:], str(windy)]
    job = start_job("predict", options)
    list(follow(job))
    status = job.status()
    assert status.state == "failed"
    assert "broken.wav" in status.message
    assert [told for told in status.warnings if "windy.wav: the background" in told]
    outcomes = {os.path.basename(path): done.outcome for path, done in status.recordings.items()}
    assert outcomes == {os.path.basename(path): "failed" if path == str(broken) else "done" for path in options.recordings}
    written = {path: os.stat(path).st_mtime_ns for path in job.outcome()}
    assert len(written) == 4
    broken.write_bytes((song / "bird-A_01.wav").read_bytes())
    finish(resume_job(job))
    assert len(job.outcome()) == 5
    assert {path: os.stat(path).st_mtime_ns for path in written} == written, "recordings that are done stay done"


@pytest.mark.slow
def test_annotations_that_are_there_are_not_replaced_unasked(work, tmp_path):
    (tmp_path / "annotations").mkdir()
    human = tmp_path / "annotations" / "bird-A_01_annotations.csv"
    human.write_text("by hand")
    with pytest.raises(DataError, match=r"--out.*--overwrite"):
        start_job("predict", work("predict"))
    assert human.read_text() == "by hand"
    assert list_jobs(tmp_path / "annotations") == []


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "damage", "told"), [
    ("train", "store_folder", "gone.npy"), ("evaluate", "store_folder", "gone.npy"), ("assemble", "data_folder", "gone"),
])  # fmt: skip
def test_it_fails_with_the_packages_own_words(kind, damage, told, work):
    job = create_job(kind, work(kind))
    options = job.options()
    options.update({damage: f"/nowhere/[1]/{told}"})
    job.files.write(kind, options)
    launch(job)
    list(follow(job))
    assert job.status().state == "failed"
    assert f"/nowhere/[1]/{told}" in job.status().message
    assert "Error" not in job.status().message


def test_a_second_worker_for_the_same_dataset_is_refused(work):
    job = create_job("assemble", work("assemble"))
    with lock.acquire(job.files.lock):
        append_event(job.files.events, StateChanged(state="working"))
        with pytest.raises(RunError, match="running already"):
            start_job("assemble", work("assemble"))


def test_options_of_another_kind_are_refused(work):
    with pytest.raises(TypeError, match="AssemblingOptions"):
        start_job("assemble", PredictionOptions())


def test_no_more_jobs_run_at_a_time_than_may(work, monkeypatch, tmp_path):
    monkeypatch.setenv("DSS_WIDGETS_MAX_JOBS", "1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    from dss_widgets.jobs import slots

    with slots.take(), pytest.raises(RunError, match="1 job is running already"):
        start_job("assemble", work("assemble"))
    finish(start_job("assemble", work("assemble")))


class TestWhereProcessesRun:
    """Whoever can write into a folder must not be able to choose what our processes import."""

    def test_no_module_in_the_jobs_the_current_or_the_temporary_folder_is_imported(self, work, tmp_path, monkeypatch):
        marker = tmp_path / "imported"
        here, temporary = tmp_path / "here", tmp_path / "temporary"
        job = create_job("assemble", work("assemble"))
        for folder in (here, temporary, job.folder, tmp_path):
            folder.mkdir(exist_ok=True)
            for module in ("numpy", "yaml", "json", "sitecustomize"):
                (folder / f"{module}.py").write_text(f"open({str(marker)!r}, 'a').write({module!r})\n")
        monkeypatch.chdir(here)
        monkeypatch.setenv("TMPDIR", str(temporary))
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", "here"]))
        finish(resume_job(job))
        assert not marker.exists(), marker.read_text()


class TestRoots:
    """What is done lies within the folders that may be used, whatever a page or a job's file says."""

    @pytest.fixture
    def root(self, tmp_path, monkeypatch):
        (tmp_path / "root").mkdir()
        monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
        return tmp_path / "root"

    @pytest.mark.usefixtures("root")
    def test_a_job_outside_is_refused(self, work):
        with pytest.raises(OptionsError, match="outside"):
            start_job("assemble", work("assemble"))

    @pytest.mark.slow
    @pytest.mark.parametrize("outside", ["store_folder", "initial_weights"])
    def test_a_job_whose_file_names_a_place_outside_is_refused_by_whoever_resumes_it_and_by_its_worker(
        self, root, tmp_path, outside
    ):
        """The network to start from also where a checkpoint is there, with which it is not needed."""
        folder = root / "20260101_000000.run"
        folder.mkdir()
        (folder / CHECKPOINT).touch()
        places = {"store_folder": str(root), "initial_weights": "", outside: str(tmp_path / "20250101_000000")}
        job = Run(folder)
        job.files.write("train", TrainingOptions(**PRESETS["quick"].options, save_folder=str(root), **places))
        with pytest.raises(OptionsError, match=f"{outside}: .*outside"):
            resume_job(job)
        launch(job)
        list(follow(job))
        assert job.status().state == "failed"
        assert f"{outside}: lies outside" in job.status().message


class TestListing:
    """The list shows what there is, whatever some of the folders hold."""

    def test_jobs_of_all_kinds_are_listed_with_kind_and_state(self, work, tmp_path):
        finish(start_job("assemble", work("assemble")))
        (told,) = [job.as_dict() for job in list_jobs(tmp_path)]
        assert (told["kind"], told["state"], told["run"]) == ("assemble", "finished", "made_assemble")
        json.dumps(told)
        assert list_runs(tmp_path) == []

    @pytest.mark.parametrize(
        "text", ["", "kind: [", "kind: unheard_of\noptions: {}\n", "- 1\n", "kind: train\noptions: 3\n", "\0"]
    )
    def test_a_damaged_job_is_listed_beside_the_others(self, text, work, tmp_path):
        create_job("assemble", work("assemble"))
        damaged = tmp_path / "damaged.run"
        damaged.mkdir()
        (damaged / "job.yaml").write_text(text)
        (damaged / "events.jsonl").write_text('{"event": "state"}\n{"event": "epoch", "epoch": {}}\n')
        told = {job.name: job.as_dict() for job in list_jobs(tmp_path)}
        assert set(told) == {"damaged", "made_assemble"}
        with pytest.raises((DataError, OptionsError)):
            find_job(damaged).options()

    def test_a_training_of_version_0_1_0_opens(self, tmp_path):
        folder = tmp_path / "20260101_000000.run"
        folder.mkdir()
        save_options(TrainingOptions(store_folder="/data/bird.npy", epochs=7), folder / "options.yaml")
        (folder / "events.jsonl").write_text(
            '{"time": 1.0, "event": "state", "state": "starting"}\n{"time": 2.0, "event": "begin", "epochs": 7, "start": ""}\n'
            '{"time": 3.0, "event": "epoch", "epoch": 1, "loss": 0.5, "val_loss": null, "best": true, "best_epoch": 1}\n'
            '{"time": 4.0, "event": "test", "done": 1, "total": 2}\n{"time": 5.0, "event": "state", "state": "finished"}\n'
        )
        (run,) = list_runs(tmp_path)
        assert run.kind.name == "train"
        assert run.options().epochs == 7
        assert (run.status().state, run.status().epoch, run.status().epochs) == ("finished", 1, 7)
        assert isinstance(find_job(f"{tmp_path}/20260101_000000_model.h5"), Run)


def test_recordings_are_dealt_with_once_in_what_is_told(tmp_path):
    """An event that was told twice, by two attempts, counts once."""
    path = tmp_path / "events.jsonl"
    for _ in range(2):
        append_event(path, RecordingDone(recording="a.wav", file="a_annotations.csv"))
    from dss_widgets.jobs.event_file import read_events
    from dss_widgets.jobs.status import BatchStatus

    assert BatchStatus().after_all(read_events(path)[0]).files() == ["a_annotations.csv"]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs signals")
def test_a_training_whose_process_the_system_ends_keeps_a_checkpoint_and_continues(work, tmp_path):
    options = work("train").copy(epochs=200, save_folder=str(tmp_path / "a bird's networks"))
    job = start_job("train", options)
    for event in follow(job):
        if isinstance(event, EpochDone) and event.epoch == 1:
            os.kill(json.loads(job.files.worker.read_text())["pid"], signal.SIGTERM)
    status = job.status()
    assert (status.state, status.macro_f1) == ("stopped", None), "there is no time for a test"
    assert shlex.split(status.message)[-3:] == ["dss-widgets", "resume", str(job.folder)]
    done = status.epoch
    finish(resume_job(job, epochs=done + 2))
    assert job.status().epoch == done + 2
