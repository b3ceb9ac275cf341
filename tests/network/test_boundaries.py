"""Boundaries that are not ignored: every sample of a chunk counts, in training, validation, test and prediction."""

import numpy as np
import pytest

from dss_widgets.dataset import open_dataset
from dss_widgets.events import EpochDone
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.model import build_network
from dss_widgets.network.predict import probabilities
from dss_widgets.network.trained import load_trained
from dss_widgets.network.trainer_setup import new_trainer
from dss_widgets.results import read_params


def trainer_of(options, store, folder):
    network = build_network(Architecture.of(options, n_channels=1, n_classes=3), seed=1)
    return new_trainer(
        options, open_dataset(store), network, 1, run_folder=folder, on_event=print, should_stop=lambda: False, on_best=print
    )


def weights_of(batches, n_batches):
    """Return the weights of some batches, ``[chunks, frames]``."""
    return np.concatenate([weights for _, (_, _, weights) in zip(range(n_batches), batches.stream(), strict=False)])


@pytest.mark.parametrize("frontend", ["stft", "none"])
def test_every_sample_of_a_chunk_counts_unless_boundaries_are_ignored(options, store, tmp_path, frontend):
    kept = trainer_of(options.copy(ignore_boundaries=False, frontend=frontend), store, tmp_path)
    ignored = trainer_of(options.copy(frontend=frontend), store, tmp_path)
    assert (weights_of(kept.train, len(kept.train)) == 1).all()
    assert (np.diff(kept.train.starts)[:-1] == 256).all(), "chunks that do not overlap"
    validation = weights_of(kept.val, len(kept.val))
    assert (validation[:-1] == 1).all()
    assert validation.sum() * options.copy(frontend=frontend).hop == 4000
    assert (weights_of(ignored.train, len(ignored.train))[:, [0, -1]] < 1).all()
    assert (weights_of(ignored.val, len(ignored.val))[1:, 0] < 1).all()


@pytest.mark.slow
def test_a_network_is_trained_tested_and_used_on_whole_chunks(options, store, train):
    run = train(options.copy(ignore_boundaries=False, epochs=30))
    losses = [event.val_loss for event in run.of(EpochDone)]
    assert losses[-1] < losses[0] / 2
    params = read_params(run.stem)
    assert (params["ignore_boundaries"], params["data_padding"], params["stride"]) == (False, 0, 256)
    assert run.result.scores.confusion_matrix.sum() == 4000
    trained, audio = load_trained(run.stem), open_dataset(store).split("test").x[:1024]
    whole = trained.network.model(audio.reshape(4, 256, 1).astype(np.float32)).numpy().reshape(1024, 3)
    np.testing.assert_allclose(probabilities(trained, audio), whole, atol=1e-5)
