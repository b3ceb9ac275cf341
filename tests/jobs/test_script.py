"""Scripts that train elsewhere: run unedited they train, run again they go on."""

import os
import signal
import subprocess
from contextlib import suppress

import pytest

from dss_widgets.errors import RunError
from dss_widgets.jobs import list_runs, save_script, training_script


@pytest.fixture
def options(quick, tmp_path):
    return quick(tmp_path / "out $HOME").copy(prefix="sç", seed=4)


def check_syntax(path):
    subprocess.run(["bash", "-n", str(path)], check=True)


@pytest.mark.parametrize("scheduler", ["none", "slurm"])
def test_a_script_is_valid_bash(options, tmp_path, scheduler):
    check_syntax(save_script(training_script(options, scheduler=scheduler), tmp_path / "train.sh"))


def test_scheduler_and_environment_lines_are_the_users_own(options):
    text = training_script(
        options, scheduler="slurm", scheduler_lines=["--time=1:00:00"], environment_lines=["module load song"]
    )
    assert "#SBATCH --time=1:00:00" in text
    assert "\nmodule load song\n" in text


def test_scheduler_lines_come_before_any_command(options):
    lines = training_script(options, scheduler="slurm").splitlines()
    first_command = next(i for i, line in enumerate(lines) if line and not line.startswith("#"))
    assert max(i for i, line in enumerate(lines) if line.startswith("#SBATCH")) < first_command


def test_the_network_to_start_from_is_a_path_on_top(options, tmp_path):
    text = training_script(options.copy(initial_weights=str(tmp_path / "20260101_000000_model.h5")))
    assert f"START_FROM={tmp_path / '20260101_000000'}  #" in text
    assert '--initial-weights "$START_FROM"' in text
    assert "initial_weights: ''" in text
    assert "START_FROM" not in training_script(options)


def test_a_shell_script_has_no_scheduler_lines(options):
    assert "SBATCH" not in training_script(options)


def test_a_training_that_nodes_share_asks_for_them(options):
    lines = training_script(options.copy(nodes=3), scheduler="slurm").splitlines()
    assert {"#SBATCH --nodes=3", "#SBATCH --ntasks-per-node=1"} <= set(lines)


def test_an_unknown_scheduler_is_refused(options):
    with pytest.raises(ValueError, match="slurm"):
        training_script(options, scheduler="cron")


@pytest.mark.slow
def test_run_unedited_it_trains_with_exactly_these_options_and_run_again_it_goes_on_until_it_has_finished(options, tmp_path):
    options = options.copy(epochs=4)
    script = save_script(training_script(options), tmp_path / "train.sh")
    with subprocess.Popen([str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/") as first:
        for line in first.stderr:
            if line.startswith("epoch"):
                with suppress(RunError):  # on a fast machine it may have finished
                    list_runs(options.save_path)[0].kill()
                break
        first.communicate()
    (run,) = list_runs(options.save_path)
    assert run.options() == options.copy(store_folder=run.options().store_folder, save_folder=run.options().save_folder)
    for said in ("", "finished already"):
        again = subprocess.run([str(script)], capture_output=True, text=True, check=False, cwd="/")
        assert again.returncode == 0, again.stderr
        assert said in again.stdout
        assert (run.status().state, run.status().epoch) == ("finished", 4)
    assert list_runs(options.save_path) == [run]


@pytest.mark.slow
def test_at_the_time_limit_slurm_is_asked_to_queue_it_again_and_then_it_goes_on(options, tmp_path):
    script = save_script(training_script(options, scheduler="slurm"), tmp_path / "train.sbatch")
    tool = tmp_path / "bin" / "scontrol"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/asked"\n')
    tool.chmod(0o755)
    slurm = {**os.environ, "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}", "SLURM_JOB_ID": "7"}
    with subprocess.Popen([str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=slurm) as first:
        assert any(".run" in line for line in first.stderr)  # the training has begun
        first.send_signal(signal.SIGUSR1)
        first.communicate()
        assert first.returncode == 0
    assert (tmp_path / "asked").read_text() == "requeue 7\n"
    again = subprocess.run([str(script)], capture_output=True, text=True, check=False, env=slurm)
    assert again.returncode == 0, again.stderr
    (run,) = list_runs(options.save_path)
    assert (run.status().state, run.status().epoch) == ("finished", 2)
