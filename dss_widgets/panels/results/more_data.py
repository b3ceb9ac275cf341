"""How much more must I annotate? A learning curve, made by a job, shown as a picture and in words."""

from __future__ import annotations

from typing import cast

import traitlets as t

from dss_widgets.jobs import Run
from dss_widgets.options.learning_curve import LearningCurveOptions
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.results.curve_picture import curve_picture
from dss_widgets.panels.results.trainings_tool import TrainingsTool
from dss_widgets.panels.style.words import escape
from dss_widgets.results.learning_curve import LearningCurve


class MoreData(TrainingsTool):
    """A button that trains with parts of the data, and what that says about more of it.

    Attributes:
        curve: what was found; None before.
    """

    curve = t.Instance(LearningCurve, allow_none=True)

    options: LearningCurveOptions

    working_words = "Training with parts of the data"

    def __init__(self, place: PlaceForm | None = None) -> None:
        super().__init__("How much more must I annotate?", "curve", "dss-more-data", LearningCurveOptions(), place=place)

    def about(self) -> str:
        """Return what pressing the button does."""
        trainings = self.options.amounts * self.options.repeats - 1
        return f"Trains {trainings} networks as this one was, each for as long, with parts of its data, and tests them."

    def take_run(self, run: Run | None) -> None:
        """Take over the run's network."""
        self.options.network = str(run.stem) if run is not None else ""

    def picture(self, outcome: LearningCurve | None) -> str:
        """Return the curve as a picture and in words, as HTML."""
        self.curve = outcome
        if outcome is None:
            return ""
        asked = self.watch.job.options() if self.watch.job is not None else self.options
        target = cast(LearningCurveOptions, asked).target
        told = "".join(f"<p>{escape(line)}</p>" for line in outcome.words(target))
        return f"{curve_picture(outcome, target)}{told}"
