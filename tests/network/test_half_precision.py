"""Annotating with half the digits: a choice that says what it changes."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
import soundfile

from dss_widgets.cli import main
from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.network import half_precision, inference
from dss_widgets.network.inference import halves_digits
from dss_widgets.network.predict import predict
from dss_widgets.options import PredictionOptions
from tests.network.conftest import tone_song

FAST = PredictionOptions(fast=True)


@pytest.fixture
def recordings(tmp_path):
    """Two recordings, before them one that cannot be read."""
    (tmp_path / "a_damaged.wav").write_bytes(b"no sound")
    for seed, name in enumerate("bc"):
        soundfile.write(tmp_path / f"{name}.wav", tone_song(5000, seed=seed + 7)[0].astype("f4"), 1000, subtype="FLOAT")
    return tmp_path


def annotated(stem, recordings, out, options, **how):
    told = []
    predict(stem, [recordings / f"{name}.wav" for name in "bc"], out, options, on_notice=told.append, **how)
    return told, [out / f"{name}_annotations.csv" for name in "bc"]


def labels(path):
    return read_annotations(path)[0]


def test_what_it_changes_is_told_of_the_first_recording_that_can_be_read(trained_run, recordings):
    told = []
    names = [recordings / name for name in ("a_damaged.wav", "b.wav", "c.wav")]
    with pytest.raises(Exception, match="a_damaged"):
        predict(trained_run.stem, names, recordings / "out", FAST, on_notice=told.append)
    if halves_digits():
        assert re.fullmatch(
            r"Computed with half the digits, which gives (all|9\d\.\d\d %) of the samples in the first 5 s of b\.wav the same "
            r"label\.",
            told[0],
        )
    else:
        assert told == ["This processor gains nothing by half the digits: all are computed."]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_labels_are_nearly_those_of_all_digits(trained_run, recordings, elsewhere):
    _, exact = annotated(trained_run.stem, recordings, recordings / "exact", PredictionOptions())
    with ThreadPoolExecutor(1) if elsewhere else nullcontext() as running:
        told, fast = annotated(trained_run.stem, recordings, recordings / "fast", FAST, executor=running)
    assert len(told) == 1
    for one, other in zip(map(labels, exact), map(labels, fast), strict=True):
        assert list(one.names) == list(other.names)
        assert len(one.names) > 2
        assert one.start_seconds == pytest.approx(other.start_seconds, abs=0.02)


def test_a_processor_that_gains_nothing_computes_all_digits(trained_run, recordings, monkeypatch):
    for room in (half_precision, inference):
        monkeypatch.setattr(room, "halves_digits", lambda: False)
    told, fast = annotated(trained_run.stem, recordings, recordings / "fast", FAST)
    _, exact = annotated(trained_run.stem, recordings, recordings / "exact", PredictionOptions())
    assert told == ["This processor gains nothing by half the digits: all are computed."]
    assert [path.read_bytes() for path in fast] == [path.read_bytes() for path in exact]


def test_the_command_says_it_before_it_begins(trained_run, recordings, capsys):
    command = ["predict", str(trained_run.stem), str(recordings / "b.wav"), "--out", str(recordings / "out"), "--fast"]
    assert main(command) == 0
    assert "half the digits" in capsys.readouterr().err
