"""Predictions that keep their probabilities."""

import h5py
import numpy as np
import pytest
import soundfile

from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.errors import DataError
from dss_widgets.network.predict import predict, probabilities
from dss_widgets.network.probabilities import probability_blocks
from dss_widgets.network.trained import load_trained
from dss_widgets.options import PredictionOptions
from dss_widgets.results.probabilities_file import read_probabilities

from .conftest import RATE, tone_song


@pytest.fixture
def recording(tmp_path):
    audio, _ = tone_song(3001, seed=9)
    path = tmp_path / "rec.wav"
    soundfile.write(path, audio.astype(np.float32), int(RATE))
    return path


def test_they_are_those_that_the_annotations_were_made_of(trained_run, recording, tmp_path):
    options = PredictionOptions(probabilities=True, event_interval_seconds=0.02)
    annotations, kept = predict(trained_run.stem, [recording], tmp_path / "out", options)
    assert (annotations.name, kept.name) == ("rec_annotations.csv", "rec_probabilities.h5")
    values, names, rate = read_probabilities(kept)
    assert (names, rate) == (["noise", "low", "high"], RATE)
    expected = probabilities(load_trained(trained_run.stem), open_recording(recording))
    assert values.shape == (3001, 3)
    np.testing.assert_allclose(values, expected, atol=1e-6)
    with h5py.File(kept) as file:
        assert file.attrs["recording"] == b"rec.wav"
        assert file.attrs["network"].decode() == trained_run.stem.name
        assert file.attrs["event_dist"] == 0.02


def test_without_the_wish_there_are_none(trained_run, recording, tmp_path):
    predict(trained_run.stem, [recording], tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rec_annotations.csv"]


def test_those_that_are_there_are_not_replaced(trained_run, recording, tmp_path):
    (tmp_path / "rec_probabilities.h5").write_text("precious")
    with pytest.raises(DataError, match="rec_probabilities"):
        predict(trained_run.stem, [recording], None, PredictionOptions(probabilities=True))
    assert not (tmp_path / "rec_annotations.csv").exists()


def test_what_fails_leaves_no_file(trained_run, recording, tmp_path, monkeypatch):
    def fail(*args):
        yield next(probability_blocks(*args, block_samples=1000))
        raise DataError("no")

    monkeypatch.setattr("dss_widgets.network.computed.probability_blocks", fail)
    with pytest.raises(DataError, match="no"):
        predict(trained_run.stem, [recording], tmp_path / "out", PredictionOptions(probabilities=True))
    assert list((tmp_path / "out").iterdir()) == []
