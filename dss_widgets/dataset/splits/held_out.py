"""Plans in which some recordings are the test data, whole, and all others train and validate: folds, one after the other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from dss_widgets.dataset.splits.dealing import deal
from dss_widgets.dataset.splits.plan import SplitPlan, Stretch, plan_splits
from dss_widgets.errors import OptionsError


def hold_out(plan: SplitPlan, names: Collection[str], *, val_fraction: float = 0.15) -> SplitPlan:
    """Return a plan of the same recordings in which some are the test data, so that they take no part in any choice.

    Args:
        plan: from :func:`~dss_widgets.dataset.splits.plan.plan_splits`; its splits do not matter.
        names: file names of the recordings that test; others train and validate, by samples.
        val_fraction: share of the others that validates; 0: they all train.

    Raises:
        OptionsError: the others cannot be split.
    """
    survey = plan.survey
    others = replace(survey, recordings=tuple(entry for entry in survey.recordings if entry.name not in names))
    stretches, at = [], 0
    if val_fraction:
        options = plan.options.copy(
            train_fraction=1 - val_fraction, val_fraction=val_fraction, test_fraction=0.0, val_split="samples",
            test_split="samples", song_type_names={}, only_song_types=[], group="", group_table="",
            keep_individuals_together=False,
        )  # fmt: skip
        split = plan_splits(others, options)
        errors = [problem for problem in split.problems if problem.is_error]
        if errors:
            raise OptionsError(errors)
        stretches = list(split.stretches)
    else:
        for entry in others.recordings:
            stretches.append(Stretch(entry.name, 0, plan.lengths[entry.name], "train", at))
            at += plan.lengths[entry.name]
    at = 0
    for entry in survey.recordings:
        if entry.name in names:
            stretches.append(Stretch(entry.name, 0, plan.lengths[entry.name], "test", at))
            at += plan.lengths[entry.name]
    return replace(plan, stretches=tuple(stretches), problems=())


def folds(plan: SplitPlan, n: int, *, whole: bool = False, seed: int = 0) -> list[list[str]]:
    """Deal recordings into parts such that each has its share of every song type.

    Args:
        plan: of the recordings.
        n: how many parts, at most; there are no more than recordings, or individuals.
        whole: whether all recordings of an individual, where the plan knows it, go to one part.
        seed: of the deal.

    Returns:
        The recordings' file names of each part; none is empty.
    """
    units: dict[str, list[str]] = {}
    for entry in plan.survey.recordings:
        units.setdefault(plan.individuals.get(entry.name, entry.name) if whole else entry.name, []).append(entry.name)
    amounts: dict[str, np.ndarray] = {}
    for entry in plan.survey.recordings:
        seconds = entry.recording.duration_seconds
        counts = plan.survey.song_amounts[entry.name].counts(np.array([0.0, seconds + 1]))[0]
        amounts[entry.name] = np.append(seconds, counts).astype(np.float64)
    of_units = np.array([sum((amounts[name] for name in names), np.zeros(1)) for names in units.values()])
    n = min(n, len(units))
    parts = deal(of_units, np.full(n, 1 / n), np.random.default_rng(seed))
    dealt = [[name for names, part in zip(units.values(), parts, strict=True) if part == k for name in names] for k in range(n)]
    return [part for part in dealt if part]
