"""Testing a trained network again, in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path

from dss_widgets.runs.command import Command
from dss_widgets.whole_files import remove_partials_of


class Evaluation(Command):
    """Tests a trained network and writes its results file anew: ``dss-widgets evaluate`` in a process of its own.

    Args:
        stem: path of the network's files, without their endings.
        store: dataset whose test split is tested on; '' for the one that the network was trained on. The results of another
            dataset stand in a file of their own.

    Raises:
        RunError: no process can be started.

    Example:
        >>> evaluation = Evaluation("song.res/20261123_141500")
        >>> evaluation.wait()
        >>> evaluation.status().state
    """

    def __init__(self, stem: str | os.PathLike[str], store: str | os.PathLike[str] = "") -> None:
        self.stem, self.store = Path(stem), str(store)
        dataset = [f"--dataset={Path(store).expanduser().absolute()}"] if self.store else []
        super().__init__(["evaluate", *dataset, "--", str(self.stem.absolute())])

    def _clear_up(self, pid: int) -> None:
        """Remove the results file that a process which was cancelled had begun."""
        remove_partials_of(self.stem.absolute().parent, pid)
