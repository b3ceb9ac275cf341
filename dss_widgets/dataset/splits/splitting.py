"""From fractions, ways and groups to pieces of every recording: files are dealt first, then the rest is cut."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from dss_widgets.dataset.splits.cut_choice import Uncut, choose_cuts, song_in_bins
from dss_widgets.dataset.splits.cutting import Piece, block_edges, guarded, join
from dss_widgets.dataset.splits.dealing import deal
from dss_widgets.dataset.survey import Survey, SurveyedRecording
from dss_widgets.errors import Problem
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.assembly import SPLITS

LEFT_OUT = len(SPLITS)
"""The bin of what goes to no split; the bins before it are the splits in their order."""

Pieces = dict[str, list[Piece]]

_ATTEMPTS = 12
"""Deals that are tried where what is left is cut, as long as a split lacks a song type that way."""


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
    best: Pieces = {}
    problems: list[Problem] = []
    fewest = None
    for attempt in range(_ATTEMPTS if len({options.way(s) for s in SPLITS if options.fraction(s) > 0}) > 1 else 1):
        pieces, problems = _deal_and_cut(survey, options, grid, groups, attempt)
        missing = _missing(pieces, survey, options, grid)
        if fewest is None or missing < fewest:
            best, fewest = pieces, missing
        if not missing:
            break
    guard = round(options.guard_seconds * grid.samplerate_hz)
    return {name: guarded(join(cut), guard, LEFT_OUT) for name, cut in best.items()}, problems


def _deal_and_cut(
    survey: Survey, options: AssemblyOptions, grid: Grid, groups: Mapping[str, str], attempt: int
) -> tuple[Pieces, list[Problem]]:
    """Deal recordings to the splits made by files, which every attempt does otherwise, and cut the rest."""
    by_files = np.array([options.fraction(s) if options.way(s) == "files" else 0.0 for s in SPLITS])
    by_samples = np.array([options.fraction(s) if options.way(s) == "samples" else 0.0 for s in SPLITS])
    rng = _rng(options.seed, f"files {attempt}" if attempt else "files")
    dealt, problems = _deal_recordings(survey, groups, by_files, rng, keep_rest=by_samples.sum() > 0)
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
    return pieces, problems


def _missing(pieces: Pieces, survey: Survey, options: AssemblyOptions, grid: Grid) -> int:
    """Return how many song types lack in splits that were asked for."""
    n_bins = LEFT_OUT + 1
    song = np.zeros((n_bins, 2 * len(survey.song_types)))
    for name, cut in pieces.items():
        song += song_in_bins(cut, survey.song_amounts[name], n_bins, grid.samplerate_hz)
    asked = [bin_ for bin_, split in enumerate(SPLITS) if options.fraction(split) > 0]
    counts = song[asked, len(survey.song_types) :]
    return int((counts == 0).sum())


def _rng(seed: int | None, purpose: str) -> np.random.Generator:
    """Return a generator that depends on the seed and a name alone, so that another file changes nothing for this one."""
    return np.random.default_rng(np.random.SeedSequence([seed or 0, zlib.crc32(purpose.encode())]))


def _deal_recordings(
    survey: Survey, groups: Mapping[str, str], by_files: np.ndarray, rng: np.random.Generator, *, keep_rest: bool
) -> tuple[dict[str, int], list[Problem]]:
    """Deal whole recordings (or groups of them) to the splits that are made by files; the others get ``LEFT_OUT``."""
    names = [entry.name for entry in survey.recordings]
    if by_files.sum() == 0:
        return dict.fromkeys(names, LEFT_OUT), []
    unit_of = {name: f"group {groups[name]}" if name in groups else f"file {name}" for name in names}
    units = {unit: i for i, unit in enumerate(sorted(set(unit_of.values())))}
    problems = []
    amounts = np.zeros((len(units), max(1, 3 * len(survey.song_types))))
    for entry in survey.recordings:
        amounts[units[unit_of[entry.name]]] += _unit_amounts(entry, survey)
    shares = np.append(by_files, max(0.0, 1 - by_files.sum()))
    shares[shares < 1e-9] = 0
    needed = np.append(by_files > 0, keep_rest)
    bins = deal(amounts, shares, rng, needed=needed)
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


def _unit_amounts(entry: SurveyedRecording, survey: Survey) -> np.ndarray:
    """Return seconds and counts of every song type, and the duration once for every type, so that fractions weigh as much as
    song: ``[3 * types]``, or ``[1]`` without types.
    """
    edges = np.array([-1.0, entry.recording.duration_seconds + 1])
    song = survey.song_amounts[entry.name]
    seconds, counts = song.seconds(edges)[0], song.counts(edges)[0]
    return np.concatenate([np.full(max(1, len(seconds)), entry.recording.duration_seconds), seconds, counts])


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
    uncut = [Uncut(entry.name, grid.lengths[entry.name], survey.song_amounts[entry.name]) for entry in entries]
    asked = [bin_ for bin_ in np.flatnonzero(shares).tolist() if bin_ != LEFT_OUT]
    rounds = 2 if options.stratify == "two-parts" else 1
    return choose_cuts(uncut, shares, grid.samplerate_hz, partial(_rng, options.seed), rounds=rounds, asked=asked)


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
