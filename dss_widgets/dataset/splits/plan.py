"""The plan of a dataset: which stretch of which recording goes to which split. Pure and fast; nothing is written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.renaming import renamed
from dss_widgets.dataset.recordings.resampling import resampled_length
from dss_widgets.dataset.splits.groups import chosen_groups
from dss_widgets.dataset.splits.individuals import evident_individuals
from dss_widgets.dataset.splits.plan_checks import grouping_problems, plan_problems, shared_individuals
from dss_widgets.dataset.splits.splitting import LEFT_OUT, Grid, split_recordings
from dss_widgets.dataset.survey import Survey
from dss_widgets.dataset.targets import TargetRules, class_table
from dss_widgets.errors import OptionsError, Problem, WithProblems
from dss_widgets.notebook_tables import counted, seconds_words, table_html
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS


@dataclass(frozen=True)
class Stretch:
    """A contiguous part of one recording that goes to one split.

    Attributes:
        recording: the recording's file name.
        start, stop: first sample and the one after the last, at the dataset's sample rate.
        split: ``train``, ``val`` or ``test``.
        position: where in the split it begins, in samples.
    """

    recording: str
    start: int
    stop: int
    split: str
    position: int

    @property
    def n_samples(self) -> int:
        """Samples of the stretch."""
        return self.stop - self.start


@dataclass(frozen=True, eq=False, repr=False)
class SplitPlan(WithProblems):
    """What assembling would write.

    Attributes:
        survey: the recordings and annotations it was made from, with the song types that the dataset is to have.
        options: the options it was made with; the seed is the one that was drawn if none was chosen.
        samplerate_hz: sample rate of the dataset.
        stretches: every stretch that goes to a split, in the order in which they are written.
        amounts: counts (int64) and seconds (float64) of every song type in every split, both ``[splits, types]``. An
            annotation counts where it begins; its seconds count where they lie.
        problems: what to tell the user before anything is written.
        left_out_rows: the annotations that are left out because they cannot be, as the problems they have.
        individuals: whom each recording is of, by file name: its group, or else what the files' names tell; empty where
            neither says so.
    """

    survey: Survey
    options: AssemblyOptions
    samplerate_hz: float
    stretches: tuple[Stretch, ...]
    amounts: tuple[np.ndarray, np.ndarray] = (np.zeros((3, 0), np.int64), np.zeros((3, 0)))
    problems: tuple[Problem, ...] = ()
    left_out_rows: tuple[Problem, ...] = ()
    individuals: Mapping[str, str] = field(default_factory=dict)

    @property
    def rules(self) -> TargetRules:
        """How annotations become targets."""
        o = self.options
        return TargetRules(o.event_width_seconds, o.gap_seconds, o.onset_offset_targets)

    @property
    def class_names(self) -> list[str]:
        """Names of the targets' columns, noise first."""
        return class_table(self.survey.song_types, self.rules)[0]

    @property
    def class_types(self) -> list[str]:
        """Categories of the targets' columns."""
        return class_table(self.survey.song_types, self.rules)[1]

    @property
    def n_channels(self) -> int:
        """Channels of the audio."""
        return self.survey.recordings[0].recording.n_channels if self.survey.recordings else 0

    def of_split(self, split: str) -> list[Stretch]:
        """Return the stretches of one split, in order."""
        return [stretch for stretch in self.stretches if stretch.split == split]

    def recordings_of(self, split: str) -> list[str]:
        """Return the file names of the recordings of which a split has something."""
        return list(dict.fromkeys(stretch.recording for stretch in self.of_split(split)))

    def individuals_of(self, split: str) -> set[str]:
        """Return the individuals (or groups) of whom a split has something; none where it is not known who is who."""
        return {self.individuals[name] for name in self.recordings_of(split) if name in self.individuals}

    @cached_property
    def split_samples(self) -> dict[str, int]:
        """Samples of every split."""
        return {split: sum(s.n_samples for s in self.of_split(split)) for split in SPLITS}

    def split_seconds(self) -> dict[str, float]:
        """Return the duration of every split, in seconds."""
        return {split: n / self.samplerate_hz for split, n in self.split_samples.items()} if self.samplerate_hz else {}

    @property
    def left_out_seconds(self) -> float:
        """Seconds of audio that no split gets."""
        return max(0.0, self.survey.duration_seconds - sum(self.split_seconds().values()))

    def span(self, stretch: Stretch) -> tuple[float, float]:
        """Return when a stretch starts and stops (seconds of its recording); one that reaches the end has no end, so that
        what happens in the recording's very last moment is within it.
        """
        at_end = stretch.stop == self.lengths[stretch.recording]
        return stretch.start / self.samplerate_hz, math.inf if at_end else stretch.stop / self.samplerate_hz

    @cached_property
    def lengths(self) -> dict[str, int]:
        """Samples of every recording at the dataset's rate, by file name."""
        return {
            entry.name: resampled_length(entry.recording.n_samples, entry.recording.samplerate_hz, self.samplerate_hz)
            for entry in self.survey.recordings
        }

    def table(self) -> list[dict[str, Any]]:
        """Return a row for every split and song type: counts, seconds, and the share of all there is of the type.

        Of events the share is that of the count, of segments that of the seconds. What no split gets is in no row.
        """
        counts, seconds = self.amounts
        rows = []
        for s, split in enumerate(SPLITS):
            for k, song_type in enumerate(self.survey.song_types):
                part = counts[s, k] if song_type.category == "event" else seconds[s, k]
                whole = song_type.count if song_type.category == "event" else song_type.seconds
                rows.append(
                    {
                        "split": split,
                        "song_type": song_type.name,
                        "category": song_type.category,
                        "count": int(counts[s, k]),
                        "seconds": float(seconds[s, k]),
                        "share": float(part / whole) if whole else 0.0,
                    }
                )
        return rows

    def __repr__(self) -> str:
        told = [f"{SPLIT_WORDS[split]} {seconds_words(seconds)}" for split, seconds in self.split_seconds().items()]
        told += [counted(len(self.problems), "problem")] if self.problems else []
        return f"<SplitPlan of {self.survey.folder}: {', '.join(told) or 'nothing'}>"

    def _repr_html_(self) -> str:
        cells = {(row["song_type"], row["split"]): row for row in self.table()}
        rows = [
            [s.name, *(f"{cells[s.name, split]['count']:,} ({cells[s.name, split]['share']:.0%})" for split in SPLITS)]
            for s in self.survey.song_types
        ]
        return table_html(repr(self)[1:-1], ["Song type", *SPLIT_WORDS.values()], rows, self.problems)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        recordings = {split: self.recordings_of(split) for split in SPLITS}
        return {
            "data_folder": str(self.survey.folder),
            "store_folder": str(self.options.store_path),
            "samplerate_hz": self.samplerate_hz,
            "seed": self.options.seed,
            "class_names": self.class_names,
            "class_types": self.class_types,
            "splits": {
                split: {
                    "samples": self.split_samples[split],
                    "seconds": seconds,
                    "files": len(recordings[split]),
                    "recordings": recordings[split],
                    "individuals": sorted(self.individuals_of(split)),
                }
                for split, seconds in self.split_seconds().items()
            },
            "left_out_seconds": self.left_out_seconds,
            "left_out_rows": [problem.as_dict() for problem in self.left_out_rows],
            "table": self.table(),
            "stretches": [vars(stretch) for stretch in self.stretches],
            "problems": [problem.as_dict() for problem in self.problems],
            "ok": not self.errors,
        }


_FIELDS = {*(f"{split}_fraction" for split in SPLITS), "group", "group_table"}
"""The options without which nothing can be split."""


def plan_splits(survey: Survey, options: AssemblyOptions) -> SplitPlan:
    """Plan a dataset from what a folder holds: reads nothing further, writes nothing, and draws chance only from the seed.

    Without a seed, one is drawn and kept in the plan's options, so that what is previewed is what gets written.

    Returns:
        The plan, with the problems of folder, options and splits; look at ``plan.errors`` before assembling.

    Raises:
        OptionsError: the fractions or the grouping cannot be.
    """
    faults = [problem for problem in options.problems() if problem.is_error and problem.field in _FIELDS]
    if faults:
        raise OptionsError(faults)
    left_out = survey.bad_rows if options.leave_out_bad_rows else ()
    problems = [replace(p, severity="warning", mend="This row is left out.") if p in left_out else p for p in survey.problems]
    survey, naming_problems = renamed(survey, options)
    problems += naming_problems
    if options.seed is None:
        options = options.copy(seed=int(np.random.SeedSequence().generate_state(1)[0]))
    samplerate_hz = options.samplerate_hz or survey.samplerate_hz
    files = [entry.name for entry in survey.recordings]
    groups, group_problems = chosen_groups(files, options)
    evident = None if groups or options.group else evident_individuals(files)
    individuals = groups if evident is None else evident.of
    plan = SplitPlan(survey, options, samplerate_hz, (), left_out_rows=left_out, individuals=individuals)
    pieces, dealing_problems = split_recordings(survey, options, Grid(samplerate_hz, plan.lengths), groups)
    problems += group_problems + dealing_problems
    positions = dict.fromkeys(SPLITS, 0)
    stretches = []
    for name in sorted(pieces):
        for start, stop, bin_ in pieces[name]:
            if bin_ != LEFT_OUT:
                split = SPLITS[bin_]
                stretches.append(Stretch(name, start, stop, split, positions[split]))
                positions[split] += stop - start
    plan = replace(plan, stretches=tuple(stretches))
    plan = replace(plan, amounts=_amounts(plan))
    if survey.recordings:
        problems += grouping_problems(plan)
        problems += plan_problems(plan, told={problem.field for problem in problems})
        problems += shared_individuals(plan, "" if evident is None else evident.expression)
    return replace(plan, problems=tuple(problems))


def _amounts(plan: SplitPlan) -> tuple[np.ndarray, np.ndarray]:
    """Return how much of every song type is in every split, as :attr:`SplitPlan.amounts` has it."""
    n_types = len(plan.survey.song_types)
    counts, seconds = np.zeros((len(SPLITS), n_types), dtype=np.int64), np.zeros((len(SPLITS), n_types))
    by_recording: dict[str, list[Stretch]] = {}
    for stretch in plan.stretches:
        by_recording.setdefault(stretch.recording, []).append(stretch)
    for entry in plan.survey.recordings:
        stretches = by_recording.get(entry.name)
        if stretches:
            song = plan.survey.song_amounts[entry.name]
            rows = [SPLITS.index(s.split) for s in stretches]
            np.add.at(counts, rows, song.counts(np.array([plan.span(s) for s in stretches]).ravel())[::2])
            edges = np.array([(s.start, s.stop) for s in stretches]).ravel() / plan.samplerate_hz
            np.add.at(seconds, rows, song.seconds(edges)[::2])
    return counts, seconds
