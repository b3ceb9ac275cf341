"""The options of a sweep: a training's, lists of values for some of them, and how often each is tried."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from traitlets import Dict, Int, Unicode

from dss_widgets.errors import OptionsError, Problem
from dss_widgets.options.assembly import AssemblyOptions
from dss_widgets.options.base import unknown_option
from dss_widgets.options.folds import FoldOptions
from dss_widgets.options.paths import typed_path
from dss_widgets.options.training import TrainingOptions

MOST_TRAININGS = 1000
"""Of one sweep: more are a mistake, or a season's work that nobody means."""

NOT_VARIED = {
    "store_folder": "all trainings are of one dataset",
    "save_folder": "all go to one folder",
    "prefix": "it makes no other network",
    "note": "it makes no other network",
    "tensorboard": "it makes no other network",
    "devices": "it makes no other network",
    "nodes": "it makes no other network",
    "initial_weights": "all start from the same network, or from none",
    "song_type": "networks for other song types cannot be compared",
    "validation_from_train": "all are judged by the same validation data",
    "whole_validation": "all are judged by the same validation data",
    "seed": "say how many seeds there are to be (--seeds)",
}
"""Options that have no lists of values, and why."""


@dataclass(frozen=True)
class Variant:
    """One training of a sweep, whatever is held out.

    Attributes:
        values: the options that are varied, with their values.
        repeat: which of those with the same values, from 0.
    """

    values: Mapping[str, Any]
    repeat: int

    def shown(self) -> dict[str, str]:
        """Return the values as a form shows them; 'none' for one that is empty."""
        declared = TrainingOptions.declared()
        return {name: declared[name].format(value) or "none" for name, value in self.values.items()}


def values_words(shown: Mapping[str, str]) -> str:
    """Return values, as a form shows them, in one line with the labels of their options."""
    declared = TrainingOptions.declared()
    return ", ".join(f"{declared[name].label.lower() if name in declared else name} {value}" for name, value in shown.items())


class SweepOptions(FoldOptions, TrainingOptions):
    """How networks are trained that are to be compared."""

    vary = Dict(key_trait=Unicode(), value_trait=Unicode()).tag(
        label="Vary", kind="mapping", group="Repeats", shown=False,
        help_text="Training options by name, each with its values, such as epochs: 10, 20. Between values stand commas, or "
        "semicolons where a value has commas itself. Every combination is trained.",
    )  # fmt: skip
    seeds = Int(1, min=1, max=100).tag(
        label="Seeds", group="Repeats",
        help_text="Trainings with the same options, each with another seed: how much they differ tells what is chance.",
    )  # fmt: skip
    folds = Int(None, allow_none=True, min=2, max=100).tag(
        label="Folds", group="Repeats", placeholder="none",
        help_text="Test every combination on so many parts of the recordings, each of which its network never heard. Left "
        "empty: all learn from and are tested on the dataset's own splits.",
    )  # fmt: skip
    at_once = Int(1, min=1, max=64).tag(
        label="At once", group="Repeats",
        help_text="Networks that are trained at the same time, at most one for each of this computer's cores. They share its "
        "memory.",
    )  # fmt: skip
    array_tasks = Int(1, min=1, max=1000).tag(
        label="Array tasks", group="Repeats",
        help_text="Among how many tasks of a Slurm array the trainings are shared out, each with the CPUs and memory that are "
        "asked for. Each begins when Slurm has room for it, and trains as many networks at once.",
    )  # fmt: skip
    data_folder = Unicode("").tag(
        label="Recordings", kind="folder", group="Repeats", placeholder="beside the dataset",
        help_text="With folds: the folder of the annotated recordings.",
    )  # fmt: skip

    def varied(self) -> dict[str, list[Any]]:
        """Return the values of each option that has several.

        Raises:
            OptionsError: with every value that cannot be.
        """
        found, problems = {}, []
        for name, text in self.vary.items():
            try:
                found[name] = _values(name, text)
            except ValueError as error:
                problems.append(Problem(f"{name} {error}", field="vary"))
        if problems:
            raise OptionsError(problems)
        return found

    def variants(self) -> list[Variant]:
        """Return every combination of values as often as there are seeds; raises as :meth:`varied`."""
        varied = self.varied()
        combined = [dict(zip(varied, values, strict=True)) for values in itertools.product(*varied.values())]
        return [Variant(values, repeat) for values in combined for repeat in range(self.seeds)]

    def training(self, variant: Variant, **changes: Any) -> TrainingOptions:
        """Return how one network is trained.

        Raises:
            OptionsError: it cannot be trained with such values.
        """
        values = {name: value for name, value in self.as_dict().items() if name in TrainingOptions.declared()}
        values |= {"devices": 1, "nodes": 1}  # a training is for one process
        values |= {"seed": (self.seed or 0) + variant.repeat, "whole_validation": self.whole_validation, **variant.values}
        if "data_fraction" in variant.values:
            values["whole_validation"] = True
        return TrainingOptions.from_dict({**values, **changes})

    def folds_options(self, store: str, **others: Any) -> AssemblyOptions:
        """Return the options with which the recordings are planned; the splits are made fold by fold."""
        return self.folds_assembly(self.data_folder, store, self.seed or 0, **others)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the training's options, values that cannot be, and combinations that cannot be trained."""
        yield from TrainingOptions.problems(self)
        for name in ("devices", "nodes"):
            if getattr(self, name) > 1:
                yield Problem("is for one training alone.", "Leave it at 1, and train several at once.", field=name)
        if self.data_folder and not typed_path(self.data_folder).is_dir():
            yield Problem(
                f"{self.data_folder!r} is not a folder.", "Choose one with annotated recordings.", field="data_folder"
            )
        planned = AssemblyOptions(group=self.group)
        yield from (problem for problem in planned.problems() if problem.field == "group")
        try:
            varied = self.varied()
        except OptionsError as error:
            yield from error.problems
            return
        total = math.prod(map(len, varied.values())) * self.seeds * (self.folds or 1)
        if total == 1:
            yield Problem("holds one network alone.", "Give an option several values, or ask for seeds or folds.", field="vary")
        elif total > MOST_TRAININGS:
            yield Problem(
                f"makes {total:,} trainings.", f"Leave out values, seeds or folds, down to {MOST_TRAININGS:,}.", field="vary"
            )
        else:
            yield from self._wrong_combinations()

    def _wrong_combinations(self) -> Iterator[Problem]:
        known = {problem.message for problem in TrainingOptions.problems(self)}
        for variant in self.variants():
            try:
                problems = list(self.training(variant).problems()) if variant.repeat == 0 else []
            except OptionsError as error:
                problems = list(error.problems)
            for problem in problems:
                if problem.is_error and problem.message not in known:
                    known.add(problem.message)
                    yield Problem(f"{values_words(variant.shown())}: {problem}", field="vary")


def _values(name: str, text: str) -> list[Any]:
    """Return the values that were typed for an option, each once.

    Raises:
        ValueError: there is something wrong with it; the message goes on from the option's name.
    """
    if name in NOT_VARIED:
        raise ValueError(f"cannot be varied: {NOT_VARIED[name]}.")
    declared = TrainingOptions.declared()
    if name not in declared:
        wrong = unknown_option(name, declared)
        raise ValueError(f"{wrong.message} {wrong.mend}")
    option = declared[name]
    separator = ";" if ";" in text or option.kind in ("names", "flags", "mapping") else ","
    values: list[Any] = []
    for part in text.split(separator):
        value = option.parse(part)
        if value not in values:
            values.append(value)
    return values
