"""Datasets of which each is tested on recordings, or animals, that its network never heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from dss_widgets.dataset.assembly.assemble import assemble
from dss_widgets.dataset.splits.held_out import folds, hold_out
from dss_widgets.dataset.splits.plan import SplitPlan, plan_splits
from dss_widgets.dataset.survey import survey
from dss_widgets.errors import DataError
from dss_widgets.options import AssemblyOptions


@dataclass(frozen=True)
class FoldPlan:
    """What one network is tested on.

    Attributes:
        plan: of the recordings, all splits made.
        names: file names of the recordings that are held out.
        held_out: the individuals, or the recordings, that they are.
    """

    plan: SplitPlan
    names: tuple[str, ...]
    held_out: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How much audio tests."""
        return round(self.plan.split_seconds()["test"], 3)

    def assemble(self, store: Path, *, cancelled: Callable[[], bool] = lambda: False) -> Path:
        """Write its dataset.

        Raises:
            DataError: a recording cannot be read, or the dataset cannot be written.
            Cancelled: ``cancelled`` said so.
        """
        options = self.plan.options.copy(store_folder=str(store))
        return assemble(replace(self.plan, options=options), cancelled=cancelled)


def plan_folds(assembly: AssemblyOptions, n: int, *, by: str, val_fraction: float) -> list[FoldPlan]:
    """Deal a folder's recordings into parts with their share of every song type, each of which is held out once.

    Args:
        assembly: which recordings, and how they become datasets; its seed fixes the deal.
        n: how many parts, at most; there are no more than individuals, or recordings.
        by: ``individuals``: all recordings of one are in one part; or ``recordings``.
        val_fraction: share of the others that validates.

    Raises:
        DataError: the folder has errors, or too few recordings or animals.
        OptionsError: the recordings cannot be split.
    """
    found = survey(assembly.data_folder)
    found.check()
    plan = plan_splits(found, assembly)
    whole = by == "individuals"
    if whole and not plan.individuals:
        raise DataError(
            f"{found.folder}: the names of the recordings do not tell the animals apart. Say in Group which part of the name "
            "is the animal (--group), or hold out recordings (--by recordings)."
        )
    parts = folds(plan, n, whole=whole, seed=assembly.seed or 0)
    if len(parts) < 2:
        what = "one animal" if whole else "one annotated recording"
        raise DataError(f"{found.folder}: has {what} alone. It takes two: one to learn from, and one that was never heard.")
    return [_fold(plan, names, whole=whole, val_fraction=val_fraction) for names in parts]


def _fold(plan: SplitPlan, names: list[str], *, whole: bool, val_fraction: float) -> FoldPlan:
    told = {plan.individuals.get(name, name) if whole else name for name in names}
    return FoldPlan(hold_out(plan, names, val_fraction=val_fraction), tuple(names), tuple(sorted(told)))
