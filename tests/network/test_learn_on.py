"""Learning on from what was corrected: the round is recorded, the test stays, the old network and dataset stay."""

import shutil

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import Annotations, open_dataset, write_annotations
from dss_widgets.errors import DataError
from dss_widgets.network.learn_on import learn_on
from dss_widgets.options.learning import LearningOptions
from dss_widgets.results.rounds import Round, read_rounds, write_rounds
from tests.network.conftest import RATE, tone_song


@pytest.fixture
def corrected(tmp_path):
    """A recording with its labels, and one without song."""
    (tmp_path / "corrected").mkdir()
    (tmp_path / "quiet").mkdir()
    audio, targets = tone_song(6000, seed=21)
    rows = []
    for column, name in ((1, "low"), (2, "high")):
        edges = np.flatnonzero(np.diff(targets[:, column], prepend=0, append=0)) / RATE
        rows += [(name, start, stop) for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)]
    soundfile.write(tmp_path / "corrected" / "new.wav", audio.astype(np.float32), int(RATE), subtype="FLOAT")
    write_annotations(tmp_path / "corrected" / "new_annotations.csv", Annotations.of(rows))
    noise = np.random.default_rng(0).normal(0, 0.02, 2000).astype(np.float32)
    soundfile.write(tmp_path / "quiet" / "wind.wav", noise, int(RATE), subtype="FLOAT")
    return len(rows)


@pytest.mark.slow
def test_a_round_is_learned_from_and_recorded(trained_run, store, corrected, tmp_path):
    for path in trained_run.stem.parent.glob(f"{trained_run.stem.name}_*"):
        shutil.copy(path, tmp_path)
    stem = tmp_path / trained_run.stem.name
    before = {path: path.read_bytes() for path in tmp_path.glob(f"{stem.name}_*")}
    options = LearningOptions(
        network=str(stem), corrected_folder=str(tmp_path / "corrected"), no_song_folder=str(tmp_path / "quiet"),
        store_folder=str(tmp_path / "grown.npy"), epochs=2,
    )  # fmt: skip
    told = []
    found = learn_on(options, on_event=told.append)
    first, this = found.rounds
    assert (first.number, first.network, first.dataset, first.changed) == (0, stem.name, store.name, 0)
    assert (this.number, this.network, this.dataset) == (1, found.stem.name, "grown.npy")
    assert this.test == first.test, "the test data are the same"
    assert (this.minutes, this.minutes_without_song) == (pytest.approx(8 / 60), pytest.approx(2 / 60))
    assert this.labels == corrected
    assert set(this.losses) == {"weights", "anew"}
    assert this.losses[this.start] == min(this.losses.values())
    assert this.scores["macro_f1"] > 0.5
    assert first.scores["macro_f1"] > 0.5
    assert list(found.rounds) == read_rounds(found.stem)
    assert len(found.others) == 1
    grown, old = open_dataset(found.store), open_dataset(store)
    assert np.array_equal(grown.split("test").x, old.split("test").x)
    assert grown.split("train").n_samples + grown.split("val").n_samples == 8000 + 4000 + 8000
    assert {path: path.read_bytes() for path in before} == before
    assert any("does not tell of which recordings" in getattr(event, "message", "") for event in told)


def test_proposals_that_nobody_approved_are_not_learned_from(trained_run, corrected, tmp_path):
    path = tmp_path / "corrected" / "new_annotations.csv"
    path.write_text(path.read_text().replace("low", "low_proposals"))
    assert corrected
    with pytest.raises(DataError, match="nobody has approved"):
        learn_on(LearningOptions(network=str(trained_run.stem), corrected_folder=str(tmp_path / "corrected")))


def test_rounds_are_kept_in_a_file(tmp_path):
    rounds = [
        Round(0, "a", "a.npy", scores={"macro_f1": 0.5}),
        Round(1, "b", "b.npy", "t", 1.5, 0.5, 10, 3, "anew", {"anew": 0.1}),
    ]
    write_rounds(tmp_path / "net", rounds)
    assert read_rounds(tmp_path / "net_params.yaml") == rounds
    assert read_rounds(tmp_path / "other") == []
    (tmp_path / "net_rounds.json").write_text("[3]")
    with pytest.raises(DataError, match="no rounds"):
        read_rounds(tmp_path / "net")
