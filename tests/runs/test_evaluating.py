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


@pytest.mark.slow
def test_the_real_command_says_what_is_missing(tmp_path):
    evaluation = Evaluation(tmp_path / "nowhere")
    evaluation.wait(120)
    assert evaluation.status().state == "failed"
    assert "nowhere" in evaluation.status().message
