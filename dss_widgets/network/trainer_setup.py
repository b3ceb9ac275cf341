"""A trainer made of options and a dataset: what it learns from, what validates, and how it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dss_widgets.dataset.splits.validation_cut import validation_cut
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.network.augment import vary
from dss_widgets.network.batches import SplitReader, TrainingBatches, ValidationBatches, class_weights
from dss_widgets.network.chunks import ChunkGrid
from dss_widgets.network.gpu import has_half_precision
from dss_widgets.network.model import Network
from dss_widgets.network.replicas import Replica
from dss_widgets.network.rows import ConcatenatedRows, Rows
from dss_widgets.network.schedule import LearningRate
from dss_widgets.network.trainer import Trainer
from dss_widgets.options import TrainingOptions


def new_trainer(
    options: TrainingOptions,
    dataset: Dataset,
    network: Network,
    seed: int,
    *,
    run_folder: Path,
    replica: Replica | None = None,
    **calls: Any,
) -> Trainer:
    """Return what trains a network on a dataset.

    Args:
        options: of the training.
        dataset: what is trained on.
        network: with its first weights.
        seed: of the run.
        run_folder: where the checkpoint is kept.
        replica: this process among those that train the network together; left out, it is alone.
        calls: callbacks; see :class:`~dss_widgets.network.trainer.Trainer`.
    """
    to_train, to_validate = _readers(options, dataset)
    own = replica.own if replica is not None else slice
    variation = vary(options.augmentations, seed)
    train = TrainingBatches(
        to_train,
        options.boundary,
        options.batch_size,
        options.data_fraction,
        seed,
        shift="time_shift" in options.augmentations,
        oversample_rare=options.oversample_rare,
        own=own if variation is None else slice,  # what varies a batch takes all of it
    )
    val = None
    if to_validate is not None and len(to_validate.x):
        grid = ChunkGrid(len(to_validate.x), options.chunk_duration, options.boundary)
        val = ValidationBatches(to_validate, grid, options.batch_size, options.val_data_fraction, seed, own)
    return Trainer(
        network,
        train=train,
        val=val,
        rate=LearningRate.of(options, len(train) * options.epochs),
        class_names=dataset.classes(options.song_type)[0],
        n_epochs=options.epochs,
        class_weights=class_weights(train.reader.y) if options.balance_classes else None,
        seed=seed,
        variation=variation,
        half_precision=options.mixed_precision and has_half_precision(),
        averages=options.average_weights,
        run_folder=run_folder,
        dataset=dataset.path,
        fingerprint=dataset.fingerprint,
        replica=replica,
        **calls,
    )


def _readers(options: TrainingOptions, dataset: Dataset) -> tuple[SplitReader, SplitReader | None]:
    """Return what reads the chunks of train, and of validation if there is any."""

    def reader(x: Rows, y: Rows) -> SplitReader:
        return SplitReader(x, y, options.chunk_duration, options.hop)

    train, val = dataset.split("train"), dataset.split("val")
    cut = validation_cut(options, dataset)
    if cut is not None:
        x, y = train.x, train.y(options.song_type)
        return reader(ConcatenatedRows(x, cut.train), ConcatenatedRows(y, cut.train)), reader(
            ConcatenatedRows(x, cut.val), ConcatenatedRows(y, cut.val)
        )
    own = reader(Rows(train.x), Rows(train.y(options.song_type)))
    return own, reader(Rows(val.x), Rows(val.y(options.song_type))) if val.n_samples else None
