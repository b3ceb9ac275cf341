"""Assembling in a thread of its own."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.dataset.assembly.assemble import assemble
from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.panels.background_job import BackgroundJob


class AssemblyJob(BackgroundJob):
    """One attempt to assemble.

    Attributes:
        plan: what is assembled.
        store: the dataset's folder.
        unchanged: whether the dataset that was there already is just what would have been written.
    """

    def __init__(self, plan: SplitPlan, *, overwrite: bool = False) -> None:
        self.plan, self.overwrite = plan, overwrite
        self.store: Path = plan.options.store_path
        self.unchanged = False
        super().__init__()

    def do(self) -> None:
        """Assemble; a dataset that is there and the same stays as it is."""
        before = _written(self.store)
        assemble(self.plan, overwrite=self.overwrite, progress=self.note, cancelled=self.cancelled)
        self.unchanged = before is not None and before == _written(self.store)


def _written(store: Path) -> tuple[int, int] | None:
    """Return which file a dataset's attributes are, and when they were written; None if there is no dataset."""
    try:
        told = (store / "attrs.npy").stat()
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns
