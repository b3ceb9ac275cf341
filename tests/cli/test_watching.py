"""What the terminal says of a run while it goes on and at its end."""

import os
import signal
import subprocess
import sys

import pytest

from dss_widgets.cli import main
from dss_widgets.cli.watching import epoch_words
from dss_widgets.events import EpochDone, StateChanged, TrainingBegan, Warned
from dss_widgets.jobs import find_run
from dss_widgets.jobs.event_file import append_event
from dss_widgets.options import TrainingOptions, save_options


def epoch(number, **more):
    values = {
        "loss": 0.5, "val_loss": 0.6, "learning_rate": 0.001, "seconds": 12.0, "best_epoch": 1, "best_val_loss": 0.4,
        "epochs_to_early_stop": 20, "seconds_left": 5.0, "macro_f1": 0.7, "recall": {"noise": 0.1, "a": 0.9, "b": 0.2},
    }  # fmt: skip
    return EpochDone(epoch=number, **{**values, **more})


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "20260101_000000.run"
    folder.mkdir()
    save_options(TrainingOptions(store_folder=str(tmp_path / "a.npy")), folder / "options.yaml")

    def tell(*events):
        for event in events:
            append_event(folder / "events.jsonl", event)
        return folder

    return tell


def test_an_epochs_line_tells_the_type_found_least_and_the_rate():
    words = epoch_words(epoch(3, best=True), 10)
    assert "epoch   3 of 10" in words
    assert "lowest recall 0.20 (b)" in words, "noise is no song type"
    assert "rate 1.0e-03" in words
    assert words.endswith("best so far")


def test_an_epochs_line_tells_when_it_will_stop_early():
    assert "5 epochs before it stops early" in epoch_words(epoch(20, epochs_to_early_stop=5), 400)
    assert "early" not in epoch_words(epoch(8, epochs_to_early_stop=5), 10), "it will be done before"


def test_an_epochs_line_tells_that_learning_waited_for_data_if_it_did():
    assert "12% of the training time went into waiting for data" in epoch_words(epoch(3, waiting=0.12), 10)
    assert "waited" not in epoch_words(epoch(3, waiting=0.02), 10)


def test_warnings_and_early_stopping_are_told(run, capsys):
    folder = run(
        TrainingBegan(epochs=400, start="Started from other; which knows a."),
        Warned(message="'b' has not been found once"),
        epoch(30),
        StateChanged(state="finished"),
    )
    assert main(["follow", str(folder)]) == 0
    told = capsys.readouterr()
    assert "Started from other; which knows a." in told.err
    assert "warning: 'b' has not been found once" in told.err
    assert "stopped early after 30 of 400 epochs: 20 epochs in a row brought no better validation loss" in told.out


def test_a_run_that_failed_says_why_with_exit_code_1(run, capsys):
    message = "The loss is not a finite number in epoch 1. The learning rate of 5 is likely too high: try 0.5."
    folder = run(TrainingBegan(epochs=4), StateChanged(state="failed", message=message))
    assert main(["follow", str(folder)]) == 1
    assert message in capsys.readouterr().err


def test_a_list_of_runs_shows_the_last_warning(run, capsys):
    folder = run(TrainingBegan(epochs=4), Warned(message="no song"), StateChanged(state="finished"))
    assert main(["runs", str(folder.parent)]) == 0
    assert "no song" in capsys.readouterr().out


def watching(*arguments):
    """Start the command as a terminal does: in a process group of its own, which gets what the keyboard sends."""
    return subprocess.Popen(
        [sys.executable, "-m", "dss_widgets", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def press_ctrl_c_after_an_epoch(process):
    """Return what it told after that, and on standard output."""
    next(line for line in process.stderr if line.startswith("epoch"))
    os.killpg(process.pid, signal.SIGINT)
    return process.stderr.read(), process.stdout.read()


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs process groups")
def test_ctrl_c_ends_looking_on_and_stops_a_training_that_was_started_here(tmp_path):
    assert main(["song", str(tmp_path / "bird"), "--kind", "bird", "--files", "3", "--seconds", "4", "--seed", "1"]) == 0
    assert main(["assemble", str(tmp_path / "bird"), "--seed", "1"]) == 0
    with watching("train", str(tmp_path / "bird.npy"), "--preset", "quick", "--epochs", "500") as started:
        run = find_run(next(line.strip() for line in started.stderr if line.endswith(".run\n")))
        with watching("follow", str(run.folder)) as looking:
            told, _ = press_ctrl_c_after_an_epoch(looking)
        assert looking.returncode == 0
        assert "No longer watching; the job keeps running" in told
        assert run.status().is_running
        told, told_at_the_end = press_ctrl_c_after_an_epoch(started)
    assert started.returncode == 0
    assert "Will stop after the current step and keep its best network" in told
    assert "stopped after" in told_at_the_end
    assert "macro F1" in told_at_the_end
    assert run.status().state == "stopped"
    assert run.results_path.is_file()
