"""What a trainer that is made of options reads of a batch that it shares with other processes."""

import numpy as np
import pytest

from dss_widgets.dataset import open_dataset
from dss_widgets.network.architecture import Architecture
from dss_widgets.network.model import build_network
from dss_widgets.network.replicas import Replica
from dss_widgets.network.trainer_setup import new_trainer


class Second(Replica):
    """The second of two processes."""

    index, n = 1, 2


@pytest.mark.parametrize(("augmentations", "reads"), [([], "its own"), (["time_shift"], "its own"), (["mix_noise"], "all")])
def test_it_reads_its_own_chunks_and_all_of_them_where_they_are_varied(options, store, tmp_path, augmentations, reads):
    network = build_network(Architecture.of(options, n_channels=1, n_classes=3), seed=1)
    trainer = new_trainer(
        options.copy(augmentations=augmentations), open_dataset(store), network, 1, run_folder=tmp_path, replica=Second(),
        on_event=print, should_stop=lambda: False, on_best=print,
    )  # fmt: skip
    own = trainer.replica.own(4)
    audio, _, _ = trainer.train.read(trainer.train.order(1)[:4])
    assert audio[own].any()
    assert np.delete(audio, np.arange(4)[own], axis=0).any() == (reads == "all")
    audio, _, _ = trainer.val.read(trainer.val.chunks[:4])
    assert not np.delete(audio, np.arange(4)[own], axis=0).any()
