"""The model beside the assembly panels: options in, what the folder holds and the plan of the splits out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import traitlets as t

from dss_widgets.dataset.splits.plan import SplitPlan, plan_splits
from dss_widgets.dataset.survey import Survey, survey
from dss_widgets.errors import DssWidgetsError, Problem, ProblemsError
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels.background import Latest
from dss_widgets.roots import refused_paths

_READ_FROM = ("data_folder", "names_from", "folders_below")
"""Options that change what is read."""

_NOT_PLANNED = {"store_folder", "annotations_as_csv", "store_format"}
"""Options that change what is written, but not which stretch goes where."""


class Planner(t.HasTraits):
    """Surveys the data folder and plans the splits again whenever the options change.

    Without a seed, one is drawn once and kept until :meth:`draw_again`, so that the preview changes only for what was
    changed, and what is shown is what gets written.

    Attributes:
        options: the options.
        survey: what the data folder holds; None before one is read.
        plan: what assembling would write; None while it cannot be planned.
        trouble: why there is no survey or plan, as problems.
        reading: whether the folder is being read.
    """

    options = t.Instance(AssemblyOptions)
    survey = t.Instance(Survey, allow_none=True)
    plan = t.Instance(SplitPlan, allow_none=True)
    trouble = t.Tuple()
    reading = t.Bool(False)

    def __init__(self, options: AssemblyOptions) -> None:
        super().__init__(options=options)
        self._surveying, self._planning = Latest(), Latest()
        self._seed: int | None = None
        options.observe(self._folder_changed, _READ_FROM)
        options.observe(self._option_changed, [name for name in options.declared() if name not in _READ_FROM])
        self.read()

    def _folder_changed(self, _change: Any) -> None:
        self.read()

    def _option_changed(self, change: t.Bunch) -> None:
        if change.name in _NOT_PLANNED and self.plan is not None:
            self.plan = _with_options(self.plan, self.options)
        else:
            self.draw()

    def read(self) -> None:
        """Read the data folder again."""
        folder, names_from = self.options.data_folder, list(self.options.names_from)
        below = self.options.folders_below
        self._planning.drop()
        self.plan = None
        if any(problem.field == "data_folder" for problem in [*refused_paths(self.options), *self.options.problems()]):
            self._surveying.drop()
            self.reading = False
            self.survey, self.trouble = None, ()
            return
        self.reading = True
        self._surveying.run(lambda: survey(folder, names_from=names_from, below=below), self._surveyed, self._failed)

    def take(self, found: Survey) -> None:
        """Go on with a survey of the same folder, of which more is known."""
        self._surveyed(found)

    def _surveyed(self, found: Survey) -> None:
        self.reading = False
        self.survey = found
        self.draw()

    def draw_again(self) -> None:
        """Draw other splits, where the options name no seed."""
        self._seed = None
        self.draw()

    def draw(self) -> None:
        """Plan the splits again."""
        found = self.survey
        wrong = [*refused_paths(self.options), *(p for p in self.options.problems() if p.is_error)]
        if found is None or not found.recordings or wrong:
            self._planning.drop()
            self.trouble = tuple(found.problems) if found is not None else ()
            self.plan = None
            return
        seed = self.options.seed if self.options.seed is not None else self._seed
        options = self.options.copy(seed=seed)
        self._planning.run(lambda: plan_splits(found, options), self._planned, self._failed)

    def _planned(self, plan: SplitPlan) -> None:
        if self.options.seed is None:
            self._seed = plan.options.seed
        self.trouble = ()
        self.plan = _with_options(plan, self.options)

    def _failed(self, error: Exception) -> None:
        self.reading = False
        self.plan = None
        if isinstance(error, ProblemsError):
            self.trouble = error.problems
        elif isinstance(error, DssWidgetsError | OSError):
            self.trouble = (Problem(str(error)),)
        else:
            self.trouble = (
                Problem(
                    f"The splits could not be planned because of a bug in this program ({type(error).__name__}: {error}).",
                    "Try other options, and please report this.",
                ),
            )


def _with_options(plan: SplitPlan, options: AssemblyOptions) -> SplitPlan:
    return replace(plan, options=options.copy(seed=plan.options.seed))
