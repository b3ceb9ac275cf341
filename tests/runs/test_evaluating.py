"""Testing again in a process of its own asks the command line for just what was chosen."""

from pathlib import Path

import pytest

from dss_widgets.runs import command as command_module
from dss_widgets.runs.evaluating import Evaluation


@pytest.fixture
def asked(monkeypatch):
    """Collect the commands that would be started, and let each end at once."""
    commands, start = [], command_module._start

    def pretended(command):
        commands.append(list(command))
        return start([command[0], "-c", ""])

    monkeypatch.setattr(command_module, "_start", pretended)
    return commands


def test_its_own_dataset_is_not_named(asked, tmp_path):
    evaluation = Evaluation(tmp_path / "1")
    evaluation.wait(60)
    assert asked[0][3:] == ["evaluate", "--", str(tmp_path / "1")]
    assert evaluation.status().state == "done"


def test_another_dataset_is_named_with_its_whole_path(asked, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Evaluation("1", "other.npy").wait(60)
    assert asked[0][3:] == ["evaluate", f"--dataset={Path(tmp_path) / 'other.npy'}", "--", str(tmp_path / "1")]


def test_cancelled_it_leaves_no_half_written_results(monkeypatch, tmp_path):
    start, code = command_module._start, (
        "import os, pathlib, sys, threading; "
        f"pathlib.Path({str(tmp_path)!r}, f'.1_results.{{os.getpid()}}.partial.h5').touch(); "
        "print('notice: begun', flush=True); threading.Event().wait()"
    )  # fmt: skip
    monkeypatch.setattr(command_module, "_start", lambda command: start([command[0], "-c", code]))
    of_another = tmp_path / ".1_results.1.partial.h5"
    of_another.touch()
    evaluation = Evaluation(tmp_path / "1")
    while not evaluation.status().notices:
        evaluation.wait(0.01)
    assert len(list(tmp_path.iterdir())) == 2
    evaluation.cancel()
    evaluation.wait(60)
    assert evaluation.status().state == "cancelled"
    assert list(tmp_path.iterdir()) == [of_another]


@pytest.mark.slow
def test_the_real_command_says_what_is_missing(tmp_path):
    evaluation = Evaluation(tmp_path / "nowhere")
    evaluation.wait(120)
    assert evaluation.status().state == "failed"
    assert "nowhere" in evaluation.status().message
