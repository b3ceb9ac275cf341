"""What to tell about a plan before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from dss_widgets.dataset.recordings.resampling import worlds_apart
from dss_widgets.errors import Problem
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS

if TYPE_CHECKING:
    from dss_widgets.dataset.splits.plan import SplitPlan


_SHIFTED = 0.1
"""Shares that differ from what was asked for by more than this are told, where groups are the cause."""


def grouping_problems(plan: SplitPlan) -> Iterator[Problem]:
    """Yield one warning where keeping groups whole makes the splits' shares others than those that were asked for."""
    options, groups = plan.options, set(plan.individuals.values())
    field = "group" if options.group else "keep_individuals_together"
    if not groups or not (options.group or options.keep_individuals_together) or len(groups) == 1:
        return
    of_files = [split for split in SPLITS if options.way(split) == "files" and options.fraction(split) > 0]
    total = plan.survey.duration_seconds
    shares = {split: plan.split_seconds()[split] / total if total else 0.0 for split in of_files}
    empty = [split for split in of_files if not shares[split]]
    if not empty and all(abs(shares[split] - options.fraction(split)) <= _SHIFTED for split in of_files):
        return
    noun = "group" if options.group else "animal"
    comes = ", ".join(f"{SPLIT_WORDS[s]} {shares[s]:.0%} (asked for {options.fraction(s):.0%})" for s in of_files)
    yield Problem(
        f"keeps {len(groups)} {noun}s whole, which changes the shares: {comes}.",
        f"{'Set the fraction of ' + SPLIT_WORDS[empty[0]] + ' to 0, or r' if empty else 'R'}ecord more {noun}s, "
        "if that is not what you want.",
        severity="error" if "train" in empty else "warning",
        field=field,
    )


def plan_problems(plan: SplitPlan, told: Collection[str | None] = ()) -> Iterator[Problem]:
    """Yield what to tell about a plan before anything is written: splits that are empty or short, types that are missing.

    Args:
        plan: the plan, with its stretches.
        told: fields of which something has been said: splits that are empty because of the grouping are no news.
    """
    grouping = bool({"group", "keep_individuals_together"} & set(told))
    options, counts = plan.options, plan.amounts[0]
    usual = TrainingOptions()
    batch = int(usual.batch_size * usual.chunk_duration)
    for s, split in enumerate(SPLITS):
        words, seconds = SPLIT_WORDS[split], plan.split_seconds()[split]
        if options.fraction(split) > 0 and seconds == 0:
            if grouping:
                continue
            yield Problem(
                f"{words} was asked for and comes out empty.",
                "Raise its fraction, split it by samples, or add recordings.",
                severity="error" if split == "train" else "warning",
                field=f"{split}_fraction",
            )
        elif seconds and plan.split_samples[split] < batch:
            yield Problem(
                f"{words} has {plan.split_samples[split]} samples, less than one batch of the network with its default "
                f"options ({batch}).",
                "Raise its fraction, add recordings, or train with shorter chunks and smaller batches.",
                severity="warning",
                field=f"{split}_fraction",
            )
        if seconds:
            missing = [t.name for k, t in enumerate(plan.survey.song_types) if t.count and not counts[s, k]]
            if missing:
                yield Problem(
                    f"{', '.join(map(repr, missing))} {'does' if len(missing) == 1 else 'do'} not occur in {words}.",
                    "Stratify by blocks, or annotate more.",
                    severity="warning",
                    field=f"{split}_fraction",
                )
    if plan.left_out_seconds > 0.005 * plan.survey.duration_seconds + 0.001:
        share = plan.left_out_seconds / plan.survey.duration_seconds
        yield Problem(
            f"{plan.left_out_seconds:.1f} s of audio ({share:.0%}) go to no split.",
            "Raise the fractions or shorten the guard if that is not meant.",
            severity="warning",
        )
    yield from _rate_problems(plan)
    yield from _target_problems(plan.class_names[1:], options)


def _rate_problems(plan: SplitPlan) -> Iterator[Problem]:
    for entry in plan.survey.recordings:
        rate = entry.recording.samplerate_hz
        if worlds_apart(rate, plan.samplerate_hz):
            yield Problem(
                f"has a sample rate of {rate:.8g} Hz, worlds apart from the dataset's {plan.samplerate_hz:.8g} Hz: is its "
                "header damaged?",
                "Correct its rate, remove it, or choose another rate for the dataset.",
                file=entry.name,
            )


def shared_individuals(plan: SplitPlan, expression: str = "") -> Iterator[Problem]:
    """Yield a warning where a test that is meant to be of other individuals has some that the network was trained with.

    That is so where a group was chosen, or the test is made by files and the files' names tell the individuals. A test made
    by samples is one of the same recordings: that it is of the same individuals too is no news.

    Args:
        plan: the plan, with its stretches.
        expression: what finds the individuals by the files' names; '' where they are the chosen groups.
    """
    options = plan.options
    chosen = bool(options.group or options.keep_individuals_together)
    if chosen and not any(options.way(split) == "files" and options.fraction(split) > 0 for split in SPLITS):
        yield Problem(
            "does not keep groups together: no split is made by files.",
            "Tick 'Keep each animal in one split'.",
            severity="warning",
            field="group",
        )
        return
    shared = plan.individuals_of("train") & plan.individuals_of("test")
    if not shared or not (chosen or options.test_split == "files"):
        return
    example = min(shared)
    one, other = (
        next(name for name in plan.recordings_of(split) if plan.individuals.get(name) == example) for split in ("train", "test")
    )
    noun = "group" if chosen else "individual"
    who = f"{len(shared)} {noun}{' is' if len(shared) == 1 else 's are'}"
    mend = "Split test by files to keep them apart."
    if not chosen:
        mend = (
            f"Tick 'Keep each animal in one split' (or put {expression} into Group), or ignore this if it is not the animal "
            "that the files are named after."
        )
    yield Problem(
        f"{who} in train and in test, for example {example!r} ({one} and {other}): the test does not say how well the network "
        "does with others.",
        mend,
        severity="warning",
        field="group",
    )


def _target_problems(song_types: Sequence[str], options: AssemblyOptions) -> Iterator[Problem]:
    if len(set(song_types)) < len(song_types):
        yield Problem(
            "syllable_onset and syllable_offset are names of song types already.",
            "Rename those, or switch the on- and offset targets off.",
            field="onset_offset_targets",
        )
    if options.individual_targets:
        for name in song_types:
            if any(sign in name for sign in '/\\:*?"<>|') or not name.isprintable() or len(name.encode()) > 200:
                yield Problem(
                    f"the song type {name!r} cannot be a file name.",
                    "Rename it, or make no individual targets.",
                    field="individual_targets",
                )
        lower: dict[str, str] = {}
        for name in song_types:
            if lower.setdefault(name.lower(), name) != name:
                yield Problem(
                    f"the song types {lower[name.lower()]!r} and {name!r} would share a file where letter case is ignored.",
                    "Rename one to be safe on Windows and macOS.",
                    severity="warning",
                    field="individual_targets",
                )
