"""Jobs on a real Slurm of two nodes: queued, run, told of, cut short and gone on with, ended in every way, never run twice."""

import json
import os
import re
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from slurm_cluster import a_cluster

from dss_widgets.cli import main
from dss_widgets.errors import OptionsError, RunError
from dss_widgets.events import EpochDone, StateChanged, StepDone
from dss_widgets.jobs import (
    find_job,
    follow,
    list_jobs,
    list_runs,
    resume_job,
    save_script,
    start_job,
    start_run,
    training_script,
)
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.slurm.note import read_json, read_note
from dss_widgets.jobs.slurm.queue import QUEUE
from dss_widgets.options import PlaceOptions
from dss_widgets.options.assembly import AssemblingOptions
from dss_widgets.options.prediction import AnnotatingOptions
from dss_widgets.options.sweep import SweepOptions

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="Slurm's")]

PATIENCE_SECONDS = 300


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with a_cluster(tmp_path_factory.mktemp("slurm")) as running:
        yield running
    QUEUE.forget()


def place(**asked):
    return PlaceOptions(**{"on": "slurm", "cpus": 1, "memory_gb": 1, "time_limit": "20", **asked})


ASKED = ("--on", "slurm", "--cpus", "1", "--memory-gb", "1", "--time-limit", "20")


def wait_for(condition, what, seconds=PATIENCE_SECONDS):
    """Wait until a condition holds, and return what it gave; Slurm is asked again each time."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.05)
    return found


def told(job, kind=StateChanged):
    return [event for event in job.events()[0] if isinstance(event, kind)]


def states(job):
    return [event.state for event in told(job)]


def finish(job):
    list(follow(job))
    status = job.status()
    assert status.state == "finished", f"{status}\n" + "\n".join(job.log_tail())
    return job


def number(job):
    return read_note(job.files).number


def warn(cluster, job):
    """Tell a job that its time is nearly up, as Slurm does, and wait until it has noticed."""
    before = states(job).count("queued")
    cluster.run("scancel", "--batch", "--signal=USR1", number(job))
    wait_for(lambda: states(job).count("queued") > before or not job.status().is_running, "the job to leave")


def begins_to_learn(job, attempts):
    """Wait until an attempt of a number has done steps of learning."""
    wait_for(lambda: states(job).count("training") >= attempts, f"attempt {attempts}")
    seen = len(told(job, StepDone)) + len(told(job, EpochDone))
    wait_for(lambda: len(told(job, StepDone)) + len(told(job, EpochDone)) > seen, "a step")


@pytest.fixture(scope="module")
def limited(cluster, quick, tmp_path_factory):
    """A training that learns so slowly that it goes on for ever, with two minutes at a time."""
    options = quick(tmp_path_factory.mktemp("limited"), epochs=100_000).copy(learning_rate=1e-5)
    return start_run(options, place(time_limit="2"))


@pytest.fixture(scope="module")
def cut_short(cluster, limited, quick, tmp_path_factory):
    """A training that was told twice that its time was up, then preempted, then cancelled and resumed, and came to its end."""
    run = start_run(quick(tmp_path_factory.mktemp("cut"), epochs=12), place())
    for attempt in (1, 2):
        begins_to_learn(run, attempt)
        warn(cluster, run)
    begins_to_learn(run, 3)
    is_preempted(cluster, run)
    begins_to_learn(run, 4)
    is_cancelled(cluster, run)
    return finish(resume_job(run))


def is_preempted(cluster, run):
    node = wait_for(lambda: run.status().slurm.node, "its node")
    cluster.run("sbatch", "--partition=urgent", f"--nodelist={node}", "--output=/dev/null", "--wrap=sleep 1")
    wait_for(lambda: run.status().state == "queued", "another job to take its node")
    assert "DUE TO PREEMPTION" in "\n".join(run.log_tail(200))


def is_cancelled(cluster, run):
    cluster.run("scancel", number(run))
    wait_for(lambda: "cancelled in Slurm" in run.status().message, "Slurm's word")
    assert run.status().state == "stopped"
    assert (run.folder / "checkpoint.npz").is_file()


def test_a_training_cut_short_in_every_way_has_the_weights_of_an_undisturbed_one(cut_short, quick, tmp_path):
    undisturbed = finish(start_run(quick(tmp_path, epochs=12)))
    ours, theirs = (Path(f"{run.stem}_model.h5").read_bytes() for run in (cut_short, undisturbed))
    assert ours == theirs
    assert [event.epoch for event in told(cut_short, EpochDone)][-1] == 12


def test_one_that_is_queued_again_after_it_had_finished_ends_at_once_and_well(cluster, cut_short):
    before = cut_short.events()[0]
    cluster.run("scontrol", "requeue", number(cut_short))
    cluster.wait(lambda: f"{number(cut_short)} COMPLETED 1" in jobs_of(cluster), "its second end")
    assert cut_short.events()[0] == before
    assert "has finished already" in cut_short.log_tail(1)[0]


def jobs_of(cluster):
    told = cluster.run("scontrol", "--oneliner", "show", "job")
    return "\n".join(
        " ".join(re.search(rf"\b{name}=(\S+)", line).group(1) for name in ("JobId", "JobState", "Restarts"))
        for line in told.splitlines()
    )


def test_assemble_evaluate_and_predict_run_there_from_the_command_line(cluster, trained, song, tmp_path, capsys):
    made = tmp_path / "made.npy"
    assert main(["assemble", str(song), str(made), *ASKED]) == 0
    assert "train 7.2 s" in capsys.readouterr().out
    assert main(["evaluate", str(trained.stem), "--json", *ASKED]) == 0
    assert "macro_f1" in json.loads(capsys.readouterr().out)
    recording = next(song.glob("*.wav"))
    assert main(["predict", str(trained.stem), str(recording), "--out", str(tmp_path), *ASKED]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / f"{recording.stem}_annotations.csv")
    evaluated = next(job for job in list_jobs(trained.folder.parent) if job.kind.name == "evaluate")
    assert all(map(number, [*list_jobs(tmp_path), evaluated]))


class TestWaiting:
    """A full queue: the list says why a job waits; it can be stopped, and never runs then."""

    @pytest.fixture
    def full(self, cluster):
        held = [cluster.run("sbatch", "--parsable", "--output=/dev/null", "--wrap=sleep 600") for _ in range(2)]
        yield
        cluster.run("scancel", *held)

    @pytest.mark.usefixtures("full")
    def test_it_is_queued_with_slurms_reason_and_taken_out_when_stopped(self, cluster, song, tmp_path, capsys):
        assert main(["assemble", str(song), str(tmp_path / "made.npy"), "--detach", *ASKED]) == 0
        folder = capsys.readouterr().out.strip()
        job = find_job(folder)
        wait_for(lambda: "(Resources)" in job.status().message or "(Priority)" in job.status().message, "a reason")
        assert main(["runs", str(tmp_path), "--json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)["runs"]
        assert (row["state"], row["slurm"]["number"], row["is_running"]) == ("queued", number(job), True)
        with pytest.raises(RunError, match="running already"):
            resume_job(job)
        assert main(["stop", folder]) == 0
        assert job.status().state == "stopped"
        assert number(job) not in cluster.run("squeue", "--noheader", "--format=%i").split()
        assert not (tmp_path / "made.npy").exists()

    def test_one_that_was_started_here_instead_does_nothing_when_slurm_starts_it(self, cluster, song, tmp_path):
        options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"), seed=1)
        job = start_job("assemble", options, place(sbatch_options="--hold"))
        wait_for(lambda: "held" in job.status().message, "being held")
        submitted = number(job)
        append_event(job.files.events, StateChanged(state="stopped"))  # as by somebody who could not reach Slurm
        job.files.slurm.unlink()
        finish(resume_job(job))
        before = job.events()[0]
        cluster.run("scontrol", "release", submitted)
        cluster.wait(lambda: f"{submitted} COMPLETED" in jobs_of(cluster), "its end")
        assert job.events()[0] == before


@pytest.mark.usefixtures("cluster")
class TestRefused:
    """What Slurm does not take is told in its own words, and nothing stays behind."""

    @pytest.mark.parametrize(("asked", "words"), [
        ({"partition": "gpus"}, r"[Ii]nvalid partition.*partition gpus.*debug: 2 nodes of 1 CPU .*brief:.*up to 10:00"),
        ({"memory_gb": 90}, r"not available.*90 GB"),
    ])  # fmt: skip
    def test_it_says_what_was_asked_for_and_what_there_is(self, song, tmp_path, asked, words):
        options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"))
        with pytest.raises(RunError, match=words):
            start_job("assemble", options, place(**asked))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("asked", [{"time_limit": "soon"}, {"partition": "a b"}, {"sbatch_options": "now"}])
    def test_what_nobody_could_take_is_told_with_its_field(self, song, tmp_path, asked):
        options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"))
        with pytest.raises(OptionsError, match=next(iter(asked))):
            start_job("assemble", options, place(**asked))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(("asked", "words"), [
        ({"partition": "brief", "time_limit": "30"}, "more time than the partition allows, and will not start. Stop it"),
        ({"cpus": 3}, "partition cannot give what it asks for, so it will not start. Stop it"),
    ])  # fmt: skip
    def test_what_slurm_queues_and_will_never_start_is_told_in_the_list(self, asked, words, song, tmp_path):
        options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"))
        job = start_job("assemble", options, place(**asked))
        wait_for(lambda: words in job.status().message, "the reason")
        assert job.status().state == "queued"
        job.stop()
        assert job.status().state == "stopped"


class TestSilence:
    """A Slurm that does not answer is told as such, soon, and no job is taken for dead."""

    def test_the_state_stays_as_it_was_known(self, cluster, limited, song, tmp_path, capsys):
        begins_to_learn(limited, max(1, states(limited).count("training")))
        cluster.end_controller()
        try:
            QUEUE.forget()
            began = time.monotonic()
            status = limited.status()
            assert status.is_running
            assert "does not answer" in status.slurm.remark
            assert time.monotonic() - began < 30
            assert main(["runs", str(limited.folder.parent)]) == 0
            assert "does not answer" in capsys.readouterr().out
            with pytest.raises(RunError, match="running"):
                limited.delete()
            options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"))
            with pytest.raises(RunError, match="does not answer"):
                start_job("assemble", options, place())
            assert list(tmp_path.iterdir()) == []
        finally:
            cluster.start_controller()
            QUEUE._answer = type(QUEUE._answer)()

    def test_without_slurm_on_the_machine_it_says_so(self, song, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"))
        with pytest.raises(RunError, match="'sbatch' is not on this machine"):
            start_job("assemble", options, place())


class TestEnds:
    """However a job ends, the list tells it in Slurm's words, also once Slurm has forgotten it."""

    def test_one_that_is_cancelled_before_it_began_was_stopped(self, cluster, song, tmp_path):
        options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"))
        job = start_job("assemble", options, place(sbatch_options="--hold"))
        cluster.run("scancel", number(job))
        QUEUE.forget()
        assert job.status().state == "stopped"
        assert "cancelled in Slurm (scancel). It had not begun" in job.status().message

    def test_one_that_was_cancelled_and_could_not_say_so_any_more_was_stopped(self, cluster, quick, tmp_path):
        run = start_run(quick(tmp_path, epochs=100_000), place())
        begins_to_learn(run, 1)
        worker = read_json(run.files.worker)["pid"]
        cluster.run("scancel", number(run))
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: "cancelled in Slurm (scancel)" in run.status().message, "its end")
        assert run.status().state == "stopped"
        assert f"dss-widgets resume {run.folder}" in run.status().message

    @pytest.mark.usefixtures("cluster")
    def test_one_that_is_killed_without_a_word_is_told_with_its_log(self, song, tmp_path):
        options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"))
        job = start_job("assemble", options, place(environment="echo the last thing it said; kill -9 $$"))
        wait_for(lambda: not job.status().is_running, "its end")
        status = job.status()
        assert status.state == "died"
        assert "the last thing it said" in status.message
        finish(resume_job(job, place=place(environment="")))


class TestGoingOn:
    """A training that Slurm cuts short by its own clock, and whose node is lost, goes on by itself until it is stopped."""

    def test_two_minutes_at_a_time_it_goes_on_by_itself(self, limited):
        begins_to_learn(limited, 2)  # by now it may be at a later one
        assert states(limited)[:5] == ["queued", "starting", "preparing", "training", "queued"]
        epochs = [event.epoch for event in told(limited, EpochDone)]
        assert epochs == sorted(set(epochs))

    def test_stopped_it_keeps_and_tests_its_best_network(self, limited):
        wait_for(lambda: limited.status().state == "training", "its training")
        limited.stop()
        list(follow(limited))
        assert limited.status().state == "stopped", limited.status()
        assert limited.status().macro_f1 is not None

    def test_when_its_node_is_lost_it_goes_on_elsewhere_and_the_worker_that_lives_on_ends(self, cluster, quick, tmp_path):
        run = start_run(quick(tmp_path, epochs=100_000).copy(learning_rate=1e-5), place())  # with time enough
        begins_to_learn(run, 1)
        node, before = run.status().slurm.node, read_json(run.files.worker)
        cluster.lose_node(node)
        try:
            begins_to_learn(run, 2)
        finally:
            cluster.return_node(node)
        assert run.status().slurm.node != node
        assert read_json(run.files.worker)["pid"] != before["pid"]
        assert not os.path.exists(f"/proc/{before['pid']}"), "the worker of the lost node works on"
        assert states(run) == ["queued", *["starting", "preparing", "training"] * 2], "the lost worker said something"
        run.stop()
        wait_for(lambda: run.status().state == "stopped", "its end")


LAST_LINES_OF_0_1_0 = """# Before the time is up Slurm sends USR1: the job is queued again and goes on from the last checkpoint.
trap 'scontrol requeue "$SLURM_JOB_ID"; exit 0' USR1
train &
wait $!
"""


@pytest.mark.parametrize("by", ["this version", "0.1.0"])
def test_a_saved_script_goes_on_where_it_was(by, cluster, quick, tmp_path):
    slow = quick(tmp_path / "out", epochs=100_000).copy(learning_rate=1e-5)  # it goes on for ever
    lines = ["--time=20", "--mem=1G", f"--output={tmp_path}/script.log", "--open-mode=append"]
    text = training_script(slow, scheduler="slurm", scheduler_lines=lines)
    if by == "0.1.0":
        text = re.sub(r"(?s)# Before the time is up.*", LAST_LINES_OF_0_1_0, text).replace(" --within-job", "")
        text = text.replace("exec ", "")
    script = save_script(text, tmp_path / "train.sbatch")
    submitted = cluster.run("sbatch", "--parsable", str(script))
    (run,) = wait_for(lambda: list_jobs(tmp_path / "out"), "the run")
    begins_to_learn(run, 1)
    cluster.run("scancel", "--batch", "--signal=USR1", submitted)
    begins_to_learn(run, 2)
    run.stop()
    wait_for(lambda: run.status().state == "stopped", f"its end\n{(tmp_path / 'script.log').read_text()}")
    assert states(run).count("starting") == 2
    cluster.wait(lambda: f"{submitted} COMPLETED 1" in jobs_of(cluster), "Slurm's end of it")


def test_the_way_a_worker_is_started_takes_no_module_from_the_jobs_folder(cluster, song, tmp_path, monkeypatch):
    options = AssemblingOptions(data_folder=str(song), store_folder=str(tmp_path / "made.npy"))
    job = start_job("assemble", options, place(sbatch_options="--hold"))
    for folder in (job.folder, tmp_path):
        (folder / "json.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w').close()\n")
    cluster.run("scontrol", "release", number(job))
    finish(job)
    assert not (tmp_path / "imported").exists()


def test_two_nodes_train_one_network_and_go_on_when_their_time_was_up(cluster, quick, tmp_path):
    options = quick(tmp_path, epochs=8)
    run = start_run(options.copy(nodes=2), place())
    begins_to_learn(run, 1)
    assert cluster.run("squeue", "-h", "-j", number(run), "-o", "%D %N") == "2 node[1-2]"
    warn(cluster, run)
    finish(run)
    assert [event.epoch for event in told(run, EpochDone)] == list(range(1, 9))
    undisturbed = finish(start_run(options.copy(save_folder=str(tmp_path / "alone"), devices=2)))
    ours, theirs = (Path(f"{done.stem}_model.h5").read_bytes() for done in (run, undisturbed))
    assert ours == theirs


def test_an_array_shares_out_recordings_and_a_task_whose_process_is_killed_holds_up_nothing(cluster, trained, song, tmp_path):
    few = tmp_path / "song"
    for number in range(20):
        shutil.copytree(song, few / str(number), ignore=shutil.ignore_patterns("*.csv"))
    options = AnnotatingOptions(network=str(trained.stem), recordings=[str(few)], out_folder=str(tmp_path / "here"))
    alone = finish(start_job("predict", options))
    job = start_job("predict", options.copy(out_folder=str(tmp_path / "there"), array_tasks=2), place())
    [other] = wait_for(processes_of_array, "a process of the array")
    os.kill(other, signal.SIGKILL)
    finish(job)
    cluster.wait(lambda: not submissions_of(job, cluster), "no task of the array to be left")
    files = sorted(path.relative_to(tmp_path / "here") for path in alone.outcome())
    assert len(files) == 60
    for file in files:
        assert (tmp_path / "there" / file).read_bytes() == (tmp_path / "here" / file).read_bytes()


def test_an_array_shares_the_trainings_of_a_sweep_and_a_task_whose_time_is_up_comes_again(cluster, quick, tmp_path):
    options = SweepOptions(**{**quick(tmp_path / "out", epochs=30).as_dict(), "seeds": 2, "array_tasks": 2})
    job = start_job("sweep", options, place())
    [other] = wait_for(processes_of_array, "a process of the array")
    wait_for(lambda: len(learned := epochs_of(job)) == 2 and all(learned), "both networks to learn")
    [array] = submissions_of(job, cluster) - {number(job)}
    cluster.run("scancel", "--batch", "--signal=USR1", array)
    cluster.wait(lambda: re.search(rf"{array} \w+ 1", jobs_of(cluster)), "its task to be queued again")
    wait_for(lambda: processes_of_array() not in ([], [other]) or not job.status().is_running, "another process of the array")
    finish(job)
    for epochs in epochs_of(job):
        assert epochs == list(range(1, len(epochs) + 1)), "no epoch was learned twice"
    assert [one.seed for one in job.outcome().trainings] == [1, 2]
    assert not job.outcome().failed


def epochs_of(job):
    """Return the epochs that each of a sweep's trainings has told."""
    return [[event.epoch for event in told(run, EpochDone)] for run in sorted(list_runs(job.folder.with_suffix("")), key=str)]


def submissions_of(job, cluster):
    """Return the numbers under which Slurm queues or runs a job and its array."""
    return set(cluster.run("squeue", "--noheader", "--format=%A", f"--name={job.files.name}").split())


def processes_of_array():
    """Return the numbers of the processes that an array on this cluster runs; other tests may have clusters of their own."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        with suppress(psutil.Error):
            if "dss_widgets.network.remote_process" in (process.info["cmdline"] or ()):
                found += [process.pid] if process.environ().get("SLURM_CONF") == os.environ["SLURM_CONF"] else []
    return found
