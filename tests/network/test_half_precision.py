"""Annotating with fewer digits: a choice that says what it changes."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import numpy as np
import pytest
import soundfile

from dss_widgets.cli import main
from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.network import half_precision, inference
from dss_widgets.network.inference import has_bfloat16
from dss_widgets.network.predict import annotate, predict, probabilities
from dss_widgets.network.trained import load_trained
from dss_widgets.options import PredictionOptions
from tests.network.conftest import tone_song

FAST = PredictionOptions(fast=True)
NO_GAIN = "--fast changes nothing here: this processor gains no time by fewer digits, so all are computed."


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
    if has_bfloat16():
        share = r"(all|\d\d\.\d\d %) gets the same label as with all of them\."
        assert re.fullmatch(rf"Computed with fewer digits: of the song in the first 5 s of b\.wav, {share}", told[0])
    else:
        assert told == [NO_GAIN]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_labels_are_nearly_those_of_all_digits(trained_run, recordings, elsewhere):
    _, exact = annotated(trained_run.stem, recordings, recordings / "exact", PredictionOptions())
    with ThreadPoolExecutor(1) if elsewhere else nullcontext() as running:
        told, fast = annotated(trained_run.stem, recordings, recordings / "fast", FAST, executor=running)
    assert len(told) == 1
    for one, other in zip(map(labels, exact), map(labels, fast), strict=True):
        assert len(one) > 2
        assert len(one) == pytest.approx(len(other), abs=3)
        distance = np.abs(one.start_seconds[:, None] - other.start_seconds).min(axis=1)
        assert np.median(distance) < 0.01


def test_a_processor_that_gains_nothing_computes_all_digits(trained_run, recordings, monkeypatch):
    for room in (half_precision, inference):
        monkeypatch.setattr(room, "has_bfloat16", lambda: False)
    told, fast = annotated(trained_run.stem, recordings, recordings / "fast", FAST)
    _, exact = annotated(trained_run.stem, recordings, recordings / "exact", PredictionOptions())
    assert told == [NO_GAIN]
    assert [path.read_bytes() for path in fast] == [path.read_bytes() for path in exact]


@pytest.mark.skipif(not has_bfloat16(), reason="this processor computes all digits")
def test_recordings_that_begin_without_song_are_passed_over(trained_run, recordings, monkeypatch):
    def none_where_it_is_quiet(trained, audio):
        found = probabilities(trained, audio)
        return found if np.abs(audio).max() > 0.2 else np.eye(3)[np.zeros(len(audio), dtype=int)]

    monkeypatch.setattr(half_precision, "probabilities", none_where_it_is_quiet)
    quiet, told = recordings / "a.wav", []
    soundfile.write(quiet, np.random.default_rng(0).normal(0, 0.02, 5000), 1000)
    predict(trained_run.stem, [quiet, recordings / "c.wav"], recordings / "out", FAST, on_notice=told.append)
    predict(trained_run.stem, [quiet], recordings / "quiet", FAST, on_notice=told.append)
    assert "of c.wav, " in told[0]
    assert told[1:] == [
        "Computed with fewer digits. The first recordings begin without song, so what that changes is not known."
    ]


def test_one_recording_is_annotated_so_too(trained_run, recordings):
    trained, recording = load_trained(trained_run.stem), open_recording(recordings / "b.wav")
    predict(trained_run.stem, [recordings / "b.wav"], recordings / "fast", FAST)
    alone = annotate(trained, recording, FAST)
    written = labels(recordings / "fast" / "b_annotations.csv")
    assert (list(alone.names), list(alone.start_seconds)) == (list(written.names), list(written.start_seconds))


def test_the_command_says_it_before_it_begins(trained_run, recordings, capsys):
    command = ["predict", str(trained_run.stem), str(recordings / "b.wav"), "--out", str(recordings / "out"), "--fast"]
    assert main(command) == 0
    assert "fewer digits" in capsys.readouterr().err
