"""Predicting in a process of its own: it fails with words, can be cancelled, and this process stays free of tensorflow."""

import os
import sys

import pytest

from dss_widgets.options import PredictionOptions
from dss_widgets.runs import command as command_module
from dss_widgets.runs.predicting import Prediction, option_flags

COMMAND = """
import sys
line = lambda text: print("\\r" + text, end="", file=sys.stderr, flush=True)
if sys.stderr.isatty():
    line("predicting [############............]")
print("\\nnotice: resampled", file=sys.stderr, flush=True)
{}
"""


@pytest.fixture
def command(monkeypatch):
    """Run other Python in the command's place."""

    def put(code):
        start = command_module._start
        monkeypatch.setattr(command_module, "_start", lambda _: start([sys.executable, "-c", COMMAND.format(code)]))

    return put


@pytest.mark.skipif(os.name != "posix", reason="ends a process group")
def test_what_a_cancelled_prediction_had_begun_is_removed(command, tmp_path):
    path = tmp_path / ".bird_probabilities.PID.partial.h5"
    command(f"import os, signal; open({str(path)!r}.replace('PID', str(os.getpid())), 'w').close(); signal.pause()")
    prediction = Prediction(tmp_path / "net", [tmp_path / "bird.wav"], tmp_path)
    while not list(tmp_path.iterdir()):
        prediction.wait(0.02)
    prediction.cancel()
    prediction.wait()
    assert not list(tmp_path.iterdir())


def test_options_become_the_command_lines_own_flags():
    options = PredictionOptions(event_threshold=0.7, proposals=True)
    assert option_flags(options) == ["--event-threshold=0.7", "--proposals"]
    assert option_flags(PredictionOptions()) == []


@pytest.mark.skipif(os.name != "posix", reason="progress needs a terminal")
def test_progress_is_read_while_it_goes_and_notices_are_kept(command, tmp_path):
    command("sys.stdin.readable(); import threading; threading.Event().wait()")
    prediction = Prediction(tmp_path / "1", ["a.wav"], tmp_path)
    while not prediction.status().notices:
        prediction.wait(0.01)
    assert prediction.status().state == "going"
    assert prediction.status().share == pytest.approx(0.5)
    prediction.cancel()
    prediction.wait(20)
    assert prediction.status().state == "cancelled"
    assert prediction.status().notices == ("resampled",)


def test_a_failure_tells_why(command, tmp_path):
    command('print("error: the network is gone.", file=sys.stderr); sys.exit(1)')
    prediction = Prediction(tmp_path / "1", ["a.wav"], tmp_path)
    prediction.wait(20)
    assert prediction.status().state == "failed"
    assert prediction.status().message == "the network is gone."


def test_a_process_that_is_killed_is_told(command, tmp_path):
    command("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    prediction = Prediction(tmp_path / "1", ["a.wav"], tmp_path)
    prediction.wait(20)
    assert prediction.status().state == "failed"
    assert "-9" in prediction.status().message


def test_when_it_is_done_its_files_are_those_it_wrote(command, tmp_path):
    for name in ("old", "new"):
        (tmp_path / f"{name}_annotations.csv").write_text("")
    os.utime(tmp_path / "old_annotations.csv", (1, 1))
    command("")
    prediction = Prediction(tmp_path / "1", ["new.wav", "old.wav", "none.wav"], tmp_path)
    prediction.wait(20)
    assert prediction.status().state == "done"
    assert [path.name for path in prediction.files()] == ["new_annotations.csv"]


@pytest.mark.slow
def test_the_real_command_says_what_is_missing(tmp_path):
    prediction = Prediction(tmp_path / "nowhere", [tmp_path / "none.wav"], tmp_path / "out")
    prediction.wait(120)
    assert "there is no such file" in prediction.status().message
