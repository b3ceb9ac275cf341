"""Predicting in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from dss_widgets.dataset.annotations.table import SUFFIX
from dss_widgets.options import PredictionOptions
from dss_widgets.runs.command import Command
from dss_widgets.whole_files import remove_partials_of


class Prediction(Command):
    """Annotates recordings with a trained network: ``dss-widgets predict`` in a process of its own.

    Args:
        stem: path of the network's files, without their endings.
        recordings: audio files.
        out_folder: where ``<base>_annotations.csv`` are written.
        options: thresholds and durations.
        overwrite: whether annotations that are there already may be replaced.

    Raises:
        RunError: no process can be started.

    Example:
        >>> prediction = Prediction("song.res/20261123_141500", ["new.wav"], "predicted")
        >>> prediction.wait()
        >>> prediction.status().state, prediction.files()
    """

    def __init__(
        self,
        stem: str | os.PathLike[str],
        recordings: Sequence[str | os.PathLike[str]],
        out_folder: str | os.PathLike[str],
        options: PredictionOptions | None = None,
        *,
        overwrite: bool = False,
    ) -> None:
        self.stem, self.recordings, self.out_folder = Path(stem), [Path(r) for r in recordings], Path(out_folder)
        words = [
            "predict", *option_flags(options or PredictionOptions()), *(["--overwrite"] if overwrite else []),
            f"--out={self.out_folder.absolute()}", "--", *(str(path.absolute()) for path in (self.stem, *self.recordings)),
        ]  # fmt: skip
        super().__init__(words)

    def _clear_up(self, pid: int) -> None:
        """Remove the files that a process which was cancelled had begun."""
        remove_partials_of(self.out_folder, pid)

    def files(self) -> list[Path]:
        """Return the annotation files that it has written, in the order of the recordings."""
        paths = [self.out_folder / f"{path.stem}{SUFFIX}" for path in self.recordings]
        return [path for path in paths if path.is_file() and path.stat().st_mtime >= self.started - 1]


def option_flags(options: PredictionOptions) -> list[str]:
    """Return the command-line flags of what differs from the defaults."""
    declared, flags = options.declared(), []
    for name, value in options.as_dict(changed_only=True).items():
        option = declared[name]
        if option.kind == "bool":
            flags.append(option.flag if value else f"--no-{option.flag[2:]}")
        else:
            flags.append(f"{option.flag}={option.format(value)}")
    return flags
