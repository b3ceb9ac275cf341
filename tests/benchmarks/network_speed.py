"""Speed of training steps and of prediction beside DAS, on the same dataset, network and batch, in turns.

usage: python network_speed.py STORE.npy [DAS_PYTHON [ROUNDS]]

``STORE.npy`` is a dataset of one channel, ``DAS_PYTHON`` the Python of an environment with DAS 0.32.13; without it, the
project's own figures are told alone. Both programs live in processes of their own and work in turns, round by round, so that
whatever else the machine does meets both alike; the medians over the rounds and their ratio are told. Batches have 32 chunks of
1024 samples, networks three blocks, as in DAS's dialog. Prediction is that of the network alone, a batch at a time, with all
digits and, of this program, with fewer (``predict --fast``).
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time

NETWORKS = {
    "16 filters of 16": {"filters": 16, "filter_duration": 16, "factor": 1, "steps": 6},
    "32 filters of 32": {"filters": 32, "filter_duration": 32, "factor": 1, "steps": 3},
    "32 filters of 16, STFT 16x": {"filters": 32, "filter_duration": 16, "factor": 16, "steps": 30},
}
BATCH_SIZE, CHUNK, BLOCKS = 32, 1024, 3


def time_das(store: str, filters: int, filter_duration: int, factor: int, steps: int):
    """Yield seconds a training step and seconds a batch of prediction of DAS, twice, again and again."""
    import das.data
    import das.models
    import das.npy_dir
    import numpy as np

    data = das.npy_dir.load(store)
    x, y = data["train"]["x"], data["train"]["y"]
    model = das.models.model_dict["tcn"](
        nb_freq=x.shape[1], nb_classes=y.shape[1], nb_hist=CHUNK, nb_filters=filters, kernel_size=filter_duration,
        nb_conv=BLOCKS, use_separable=[False] * BLOCKS, nb_pre_conv=factor.bit_length() - 1, pre_nb_dft=64,
        sample_weight_mode="temporal", learning_rate=1e-4,
    )  # fmt: skip
    padding = filter_duration * BLOCKS
    batches = das.data.AudioSequence(
        x, y, batch_size=BATCH_SIZE, shuffle=True, nb_hist=CHUNK, stride=CHUNK - 2 * padding, y_offset=0, with_y_hist=True,
        data_padding=padding,
    )  # fmt: skip
    batch = np.asarray(x[: BATCH_SIZE * CHUNK], "f4").reshape(BATCH_SIZE, CHUNK, -1)
    model.fit(batches, steps_per_epoch=3, epochs=1, verbose=0)
    model.predict_on_batch(batch)
    while True:
        start = time.perf_counter()
        model.fit(batches, steps_per_epoch=steps, epochs=1, verbose=0)
        trained = time.perf_counter()
        for _ in range(steps):
            model.predict_on_batch(batch)
        batch_seconds = (time.perf_counter() - trained) / steps
        yield (trained - start) / steps, batch_seconds, batch_seconds, 0.0


def time_own(store: str, filters: int, filter_duration: int, factor: int, steps: int):
    """Yield the same of this program, second with ``--fast``, and the share of training that waited for data."""
    import numpy as np

    from dss_widgets.network.tensorflow_setup import set_up_worker_process

    set_up_worker_process()
    from dss_widgets.dataset import open_dataset
    from dss_widgets.network.architecture import Architecture
    from dss_widgets.network.batches import SplitReader, TrainingBatches
    from dss_widgets.network.inference import inference
    from dss_widgets.network.model import build_network
    from dss_widgets.network.rows import Rows
    from dss_widgets.network.steps import new_optimizer, training_step
    from dss_widgets.options import TrainingOptions

    options = TrainingOptions(
        store_folder=store, filters=filters, filter_duration=filter_duration, chunk_duration=CHUNK, blocks=BLOCKS,
        batch_size=BATCH_SIZE, frontend="stft" if factor > 1 else "none", downsample_factor=factor,
    )  # fmt: skip
    dataset = open_dataset(store)
    train = dataset.split("train")
    network = build_network(Architecture.of(options, n_channels=dataset.n_channels, n_classes=len(dataset.class_names)), seed=1)
    reader = SplitReader(Rows(train.x), Rows(train.y()), CHUNK, options.hop)
    batches = TrainingBatches(reader, options.boundary, BATCH_SIZE, 1.0, 1).stream()
    optimizer = new_optimizer(network)
    optimizer.learning_rate.assign(1e-4)
    learn = training_step(network, optimizer, frames_per_batch=BATCH_SIZE * reader.n_frames, class_weights=None)
    audio = np.asarray(train.x[: BATCH_SIZE * CHUNK], "f4").reshape(BATCH_SIZE, CHUNK, -1)
    for _ in range(3):
        float(learn(*next(batches))[0])
    ways = [inference(network.architecture, network.weights, CHUNK, half_precision=half) for half in (False, True)]
    for frames in ways:
        frames(audio)
    while True:
        waited = 0.0
        start = time.perf_counter()
        for _ in range(steps):
            asked = time.perf_counter()
            batch = next(batches)
            waited += time.perf_counter() - asked
            float(learn(*batch)[0])
        trained = time.perf_counter()
        batch_seconds = []
        for frames in ways:
            began = time.perf_counter()
            for _ in range(steps):
                np.repeat(frames(audio), factor, axis=1)
            batch_seconds.append((time.perf_counter() - began) / steps)
        yield (trained - start) / steps, *batch_seconds, waited / (trained - start)


def serve(program: str, store: str, name: str) -> None:
    """Answer every line on standard input with the figures of one round."""
    rounds = (time_das if program == "das" else time_own)(store, **NETWORKS[name])
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # DAS prints while it works
    for _ in sys.stdin:
        answers.write(json.dumps(next(rounds)) + "\n")
        answers.flush()


class Program:
    """One of the programs in a process of its own."""

    def __init__(self, python: str, program: str, store: str, name: str) -> None:
        self._process = subprocess.Popen(
            [python, __file__, "--serve", program, store, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        )  # fmt: skip

    def round(self) -> list[float]:
        """Return the figures of one more round."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def main(store: str, das_python: str = "", n_rounds: str = "5") -> None:
    """Print a line a network and program, and the ratios."""
    for name in NETWORKS:
        programs = {"own": Program(sys.executable, "own", store, name)}
        if das_python:
            programs["DAS"] = Program(das_python, "das", store, name)
        found: dict[str, list[list[float]]] = {program: [] for program in programs}
        for number in range(int(n_rounds) + 1):
            for program, process in programs.items():
                figures = process.round()
                if number:  # the first one warms up
                    found[program].append(figures)
        for process in programs.values():
            process.close()
        medians = {program: [statistics.median(column) for column in zip(*rows)] for program, rows in found.items()}  # noqa: B905 - DAS's Python
        for program, (step, *batches, waited) in medians.items():
            speed, fast = (BATCH_SIZE * CHUNK / batch / 1e3 for batch in batches)
            wait = f", {waited:.1%} of it waiting for data" if program == "own" else ""
            fast_too = f", {fast:.0f} with --fast" if program == "own" else ""
            print(
                f"{name}: {program}: {step * 1e3:.1f} ms a training step{wait}; {speed:.0f} ksamples/s of prediction{fast_too}"
            )
        if das_python:
            learns, predicts, fast = (medians["DAS"][i] / medians["own"][i] for i in range(3))
            words = f"{learns:.2f} times DAS in training, {predicts:.2f} times in prediction ({fast:.2f} with --fast)"
            print(f"{name}: {words}", flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(*sys.argv[2:])
    else:
        main(*sys.argv[1:])
