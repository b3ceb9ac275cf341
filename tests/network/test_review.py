"""Ranking stretches of real recordings with a trained network."""

import numpy as np
import pytest
import soundfile

from dss_widgets.errors import Cancelled, DataError
from dss_widgets.network import review as module
from dss_widgets.network.review import judge, learned_seconds, review
from dss_widgets.network.trained import load_trained
from tests.network.conftest import RATE, tone_song


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """A recording as those that were learned from, and one that has a stretch of a tone in between the two known ones."""
    folder = tmp_path_factory.mktemp("sound")
    known, _ = tone_song(6000, seed=11)
    between, _ = tone_song(6000, seed=12)
    time = np.arange(2000)
    between[2000:4000, 0] = 0.4 * np.sin(2 * np.pi * 0.12 * time) + np.random.default_rng(0).normal(0, 0.1, 2000)
    paths = [folder / "known.wav", folder / "between.wav"]
    for path, audio in zip(paths, (known, between), strict=True):
        soundfile.write(path, audio.astype(np.float32), int(RATE), subtype="FLOAT")
    return paths


def test_what_the_network_does_not_know_is_asked_for_first_in_one_pass(trained_run, recordings, monkeypatch):
    passes, told = [], []
    blocks = module.probability_blocks

    def counted(*args, **more):
        passes.append(args)
        return blocks(*args, **more)

    monkeypatch.setattr(module, "probability_blocks", counted)
    first, *others = review(
        trained_run.stem, recordings, count=4, seconds=1.0, on_progress=lambda n, total: told.append((n, total))
    )
    assert first.recording.endswith("between.wav")
    assert 1.0 <= first.start_seconds <= 4.0
    assert len(others) <= 3
    assert len(passes) == len(recordings)
    assert told[-1] == (12000, 12000)


def test_a_damaged_recording_holds_up_none_of_the_others(trained_run, recordings, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(recordings[0].read_bytes()[:30])
    assert review(trained_run.stem, [broken, recordings[1]], seconds=1.0)
    with pytest.raises(DataError, match=r"broken\.wav"):
        review(trained_run.stem, [broken])


def test_a_network_does_not_disagree_with_itself(trained_run, recordings):
    assert review(trained_run.stem, recordings, by="disagreement", other=trained_run.stem) == []
    with pytest.raises(DataError, match="second one"):
        review(trained_run.stem, recordings, by="disagreement")


def test_it_can_be_stopped(trained_run, recordings):
    with pytest.raises(Cancelled):
        review(trained_run.stem, recordings, should_stop=lambda: True)


def test_the_sums_are_those_of_all_probabilities(trained_run, recordings):
    trained = load_trained(trained_run.stem)
    judged = judge(trained, recordings[:1], seconds=1.0)
    (told,) = judged.windows.values()
    assert told.seconds.sum() == pytest.approx(6.0)
    np.testing.assert_allclose(told.by_class.sum(axis=1), told.seconds, rtol=1e-4)


def test_what_was_learned_from_is_known_for_as_long_as_its_dataset_is_there(trained_run, store, monkeypatch):
    trained = load_trained(trained_run.stem)
    seconds = np.load(store / "train" / "y.npy").sum(axis=0, dtype=np.float64) / RATE
    np.testing.assert_allclose(learned_seconds(trained), seconds, rtol=1e-3)
    monkeypatch.setitem(trained.params, "data_dir", "/nowhere.npy")
    assert learned_seconds(trained) is None
