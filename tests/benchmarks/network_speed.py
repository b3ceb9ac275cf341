"""Speed of training steps and of prediction on a dataset, without validation and files; DAS's figures come from elsewhere.

usage: python network_speed.py STORE.npy FILTERS FILTER_DURATION CHUNK_DURATION STEPS [DOWNSAMPLE_FACTOR]

The batch has 32 chunks and the network three blocks, as in DAS's dialog. Take ratios to DAS on the same machine, in one go.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

BATCH_SIZE, BLOCKS = 32, 3


def main(store: str, filters: int, filter_duration: int, chunk: int, steps: int, factor: int = 1) -> None:  # noqa: PLR0917 - as on the command line
    """Print milliseconds a step, the share of it that waits for data, and samples a second of prediction."""
    from dss_widgets.dataset import open_dataset
    from dss_widgets.network.batches import SplitReader, TrainingBatches
    from dss_widgets.network.model import Architecture, build_network
    from dss_widgets.network.params import network_params, training_params
    from dss_widgets.network.predict import probability_blocks
    from dss_widgets.network.rows import Rows
    from dss_widgets.network.steps import new_optimizer, training_step
    from dss_widgets.network.trained import TrainedNetwork
    from dss_widgets.options import TrainingOptions

    options = TrainingOptions(
        store_folder=store, filters=filters, filter_duration=filter_duration, chunk_duration=chunk, blocks=BLOCKS,
        batch_size=BATCH_SIZE, frontend="stft" if factor > 1 else "none", downsample_factor=factor,
    )  # fmt: skip
    dataset = open_dataset(store)
    train = dataset.split("train")
    network = build_network(Architecture.of(options, n_channels=dataset.n_channels, n_classes=len(dataset.class_names)), seed=1)
    reader = SplitReader(Rows(train.x), Rows(train.y()), chunk, options.hop)
    batches = iter(TrainingBatches(reader, options.boundary, BATCH_SIZE, 1.0, 1).dataset())
    optimizer = new_optimizer(network)
    optimizer.learning_rate.assign(1e-4)
    learn = training_step(network, optimizer, frames_per_batch=BATCH_SIZE * reader.n_frames, class_weights=None)
    for _ in range(3):
        float(learn(*next(batches))[0])
    waited = 0.0
    start = time.perf_counter()
    for _ in range(steps):
        asked = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - asked
        float(learn(*batch)[0])
    seconds = (time.perf_counter() - start) / steps
    print(
        f"train: {seconds * 1e3:.1f} ms a step of {BATCH_SIZE} x {chunk} samples, {waited / steps / seconds:.1%} of it "
        f"waiting; {BATCH_SIZE * chunk / seconds / 1e3:.1f} ksamples/s"
    )
    params = training_params(options, dataset, Path("none"), seed=1)
    trained = TrainedNetwork(Path("none"), network, params, network_params(params, Path("none")))
    audio = np.resize(np.asarray(train.x[:500_000], dtype=np.float32), (2**20, dataset.n_channels))
    for _ in probability_blocks(trained, lambda a, b: audio[a:b], 2**18):
        pass
    start = time.perf_counter()
    for _ in probability_blocks(trained, lambda a, b: audio[a:b], len(audio)):
        pass
    print(f"predict: {len(audio) / (time.perf_counter() - start) / 1e3:.1f} ksamples/s, the whole path")


if __name__ == "__main__":
    from dss_widgets.network.quiet import quiet_tensorflow

    quiet_tensorflow()
    main(sys.argv[1], *map(int, sys.argv[2:]))
