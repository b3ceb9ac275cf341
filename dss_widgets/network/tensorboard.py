"""Logs for TensorBoard, in a folder of the run's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import tensorflow as tf

from dss_widgets.events import EpochDone

FOLDER = "tensorboard"
"""Folder of all runs' logs, beside their files: what TensorBoard is pointed at."""


def tensorboard_logger(stem: Path) -> Callable[[EpochDone], None]:
    """Return a function that logs the values of an epoch to ``tensorboard/<name of the run>/``.

    What is there already is not logged again: an epoch that was logged but not yet in the checkpoint when the run was killed
    is learned a second time, and TensorBoard would show it twice.
    """
    folder = stem.parent / FOLDER / stem.name
    known = {value for path in folder.glob("*tfevents*") for value in _logged(path)}
    writer = tf.summary.create_file_writer(str(folder))
    metadata = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"}, data_class=1)

    def scalar(epoch: int, name: str, value: float | None) -> None:
        if value is not None and (epoch, name) not in known:  # tf.summary.scalar needs TensorBoard itself, often not installed
            tf.summary.write(name, tf.constant(value, tf.float32), step=epoch, metadata=metadata)

    def log(done: EpochDone) -> None:
        with writer.as_default():
            for name in ("loss", "val_loss", "learning_rate", "macro_f1"):
                scalar(done.epoch, name, getattr(done, name))
            for name, value in done.f1.items():
                scalar(done.epoch, f"f1/{name}", value)
        writer.flush()

    return log


def _logged(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the epoch and name of every value in a file, as far as it is whole: its writer may have been killed."""
    try:
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            event = tf.compat.v1.Event.FromString(record)
            yield from ((event.step, value.tag) for value in event.summary.value)
    except tf.errors.DataLossError:
        return
