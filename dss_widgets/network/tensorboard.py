"""Logs for TensorBoard, in a folder of the run's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

FOLDER = "tensorboard"
"""Folder of all runs' logs, beside their files: what TensorBoard is pointed at."""


def tensorboard_logger(stem: Path) -> Callable[[dict[str, Any]], None]:
    """Return a function that logs the values of an epoch to ``tensorboard/<name of the run>/``."""
    writer = tf.summary.create_file_writer(str(stem.parent / FOLDER / stem.name))
    metadata = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"}, data_class=1)

    def scalar(name: str, value: float) -> None:  # tf.summary.scalar needs TensorBoard itself, which may not be installed
        tf.summary.write(name, tf.constant(value, tf.float32), metadata=metadata)

    def log(values: dict[str, Any]) -> None:
        with writer.as_default(step=int(values["epoch"])):
            for name in ("loss", "val_loss", "learning_rate", "macro_f1"):
                if values.get(name) is not None:
                    scalar(name, values[name])
            for name, value in values.get("f1", {}).items():
                scalar(f"f1/{name}", value)
        writer.flush()

    return log
