"""From fractions, ways and groups to pieces of every recording: files are dealt first, then the rest is cut."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dss_widgets.dataset.splits.cutting import Piece, block_edges, cut_in_parts, guarded, join
from dss_widgets.dataset.splits.dealing import deal
from dss_widgets.dataset.survey import Survey, SurveyedRecording
from dss_widgets.errors import Problem
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.assembly import SPLITS

LEFT_OUT = len(SPLITS)
"""The bin of what goes to no split; the bins before it are the splits in their order."""

Pieces = dict[str, list[Piece]]


@dataclass(frozen=True)
class Grid:
    """The dataset's sampling: its rate, and how many samples of it every recording has.

    Attributes:
        samplerate_hz: the dataset's rate.
        lengths: samples of every recording at that rate, by file name.
    """

    samplerate_hz: float
    lengths: Mapping[str, int]


def split_recordings(
    survey: Survey, options: AssemblyOptions, grid: Grid, groups: Mapping[str, str]
) -> tuple[Pieces, list[Problem]]:
    """Say which samples of every recording go to which bin.

    Args:
        survey: the recordings and their annotations.
        options: fractions, ways, stratification, guard and seed (which must be set).
        grid: the dataset's sampling.
        groups: the group of every recording that has one, by file name; splits made by files never divide it.

    Returns:
        The pieces of every recording in the order of time, and the problems met.
    """
    if not survey.recordings:
        return {}, []
    by_files = np.array([options.fraction(s) if options.way(s) == "files" else 0.0 for s in SPLITS])
    by_samples = np.array([options.fraction(s) if options.way(s) == "samples" else 0.0 for s in SPLITS])
    dealt, problems = _deal_recordings(survey, options, groups, by_files, keep_rest=by_samples.sum() > 0)
    pieces: Pieces = {}
    remaining = []
    for entry in survey.recordings:
        if dealt[entry.name] == LEFT_OUT:
            remaining.append(entry)
        else:
            pieces[entry.name] = [(0, grid.lengths[entry.name], dealt[entry.name])]
    if by_samples.sum() > 0:
        rest = max(1e-12, 1 - by_files.sum())
        shares = np.append(by_samples / rest, max(0.0, 1 - by_samples.sum() / rest))
        shares[shares < 1e-9] = 0
        pieces |= _cut_recordings(remaining, survey, options, shares / shares.sum(), grid)
    guard = round(options.guard_seconds * grid.samplerate_hz)
    return {name: guarded(join(cut), guard, LEFT_OUT) for name, cut in pieces.items()}, problems


def _rng(seed: int | None, purpose: str) -> np.random.Generator:
    """Return a generator that depends on the seed and a name alone, so that another file changes nothing for this one."""
    return np.random.default_rng(np.random.SeedSequence([seed or 0, zlib.crc32(purpose.encode())]))


def _deal_recordings(
    survey: Survey, options: AssemblyOptions, groups: Mapping[str, str], by_files: np.ndarray, *, keep_rest: bool
) -> tuple[dict[str, int], list[Problem]]:
    """Deal whole recordings (or groups of them) to the splits that are made by files; the others get ``LEFT_OUT``."""
    names = [entry.name for entry in survey.recordings]
    if by_files.sum() == 0:
        return dict.fromkeys(names, LEFT_OUT), []
    unit_of = {name: f"group {groups[name]}" if name in groups else f"file {name}" for name in names}
    units = {unit: i for i, unit in enumerate(sorted(set(unit_of.values())))}
    problems = []
    amounts = np.zeros((len(units), 1 + 2 * len(survey.song_types)))
    for entry in survey.recordings:
        amounts[units[unit_of[entry.name]]] += _unit_amounts(entry, survey, stratified=options.stratify != "no")
    shares = np.append(by_files, max(0.0, 1 - by_files.sum()))
    shares[shares < 1e-9] = 0
    needed = np.append(by_files > 0, keep_rest)
    bins = deal(amounts, shares, _rng(options.seed, "files"), needed=needed)
    wanted = int(needed.sum())
    if len(units) < wanted and not groups:
        problems.append(
            Problem(
                f"{len(units)} recordings cannot be dealt to {wanted} parts: some come out empty.",
                "Split by samples, or add recordings.",
                severity="warning",
                field="test_split",
            )
        )
    return {name: int(bins[units[unit_of[name]]]) for name in names}, problems


def _unit_amounts(entry: SurveyedRecording, survey: Survey, *, stratified: bool) -> np.ndarray:
    """Return duration, then (only if stratified) seconds and counts of every song type: ``[1 + 2 * types]``."""
    amounts = np.zeros(1 + 2 * len(survey.song_types))
    amounts[0] = entry.recording.duration_seconds
    if stratified:
        edges = np.array([-1.0, entry.recording.duration_seconds + 1])
        song = survey.song_amounts[entry.name]
        amounts[1:] = np.concatenate([song.seconds(edges)[0], song.counts(edges)[0]])
    return amounts


def _cut_recordings(
    entries: list[SurveyedRecording],
    survey: Survey,
    options: AssemblyOptions,
    shares: np.ndarray,
    grid: Grid,
) -> Pieces:
    """Cut every recording into pieces for the splits made by samples."""
    if options.stratify == "blocks":
        return _deal_blocks(entries, survey, options, shares, grid)
    rounds = 2 if options.stratify == "two-parts" else 1
    return {
        entry.name: cut_in_parts(grid.lengths[entry.name], shares, _rng(options.seed, f"cut {entry.name}"), rounds=rounds)
        for entry in entries
    }


def _deal_blocks(
    entries: list[SurveyedRecording],
    survey: Survey,
    options: AssemblyOptions,
    shares: np.ndarray,
    grid: Grid,
) -> Pieces:
    """Deal blocks of all recordings together, so that every split has its share of every song type."""
    block = max(1, round(options.block_seconds * grid.samplerate_hz))
    edges = {entry.name: block_edges(grid.lengths[entry.name], block) for entry in entries}
    amounts = []
    for entry in entries:
        song, at = survey.song_amounts[entry.name], edges[entry.name] / grid.samplerate_hz
        counts = song.counts(np.append(at[:-1], np.inf))  # the last block has what happens in the very last moment
        amounts.append(np.column_stack([np.diff(at), song.seconds(at), counts]))
    needed = np.arange(len(shares)) != LEFT_OUT
    bins = np.zeros(0, dtype=np.int64)
    if amounts:
        bins = deal(np.concatenate(amounts), shares, _rng(options.seed, "blocks"), needed=needed)
    pieces: Pieces = {}
    first = 0
    for entry in entries:
        borders = edges[entry.name]
        mine = bins[first : first + len(borders) - 1]
        first += len(borders) - 1
        pieces[entry.name] = [(int(a), int(b), int(c)) for a, b, c in zip(borders[:-1], borders[1:], mine, strict=True)]
    return pieces
