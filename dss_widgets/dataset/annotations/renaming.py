"""Song types as the dataset is to have them: renamed, merged, left out, restricted to some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.song_types import SongType
from dss_widgets.dataset.survey import Survey, SurveyedRecording
from dss_widgets.errors import Problem
from dss_widgets.options import AssemblyOptions


def renamed(survey: Survey, options: AssemblyOptions) -> tuple[Survey, list[Problem]]:
    """Return a survey with the song types that the options ask for, and what is wrong with asking so.

    Types that get the same new name become one; they must be of the same category. What is left out counts as noise.
    """
    if not options.song_type_names and not options.only_song_types:
        return survey, []
    there = {song_type.name: song_type for song_type in survey.song_types}
    new_names = {name: options.song_type_names.get(name, name) for name in there}
    problems = list(_problems(options, there, new_names))
    if options.only_song_types:
        new_names = {old: new if new in options.only_song_types else "" for old, new in new_names.items()}
    entries = tuple(SurveyedRecording(e.recording, _rename(e.annotations, new_names)) for e in survey.recordings)
    song_types = tuple(_merged(there, new_names, entries))
    if not any(song_type.count for song_type in song_types):
        problems.append(
            Problem("leave no song that occurs.", "Keep at least one song type.", field="only_song_types")
            if options.only_song_types
            else Problem("leaves no song that occurs.", "Keep at least one song type.", field="song_type_names")
        )
    return replace(survey, recordings=entries, song_types=song_types), problems


def _problems(options: AssemblyOptions, there: Mapping[str, SongType], new_names: Mapping[str, str]) -> Iterator[Problem]:
    for field, asked, known in (
        ("song_type_names", options.song_type_names, there),
        ("only_song_types", options.only_song_types, {new for new in new_names.values() if new}),
    ):
        unknown = [name for name in asked if name not in known]
        if unknown:
            yield Problem(
                f"names {', '.join(map(repr, unknown))}, which occurs nowhere (there are: {', '.join(known) or 'none'}).",
                "Correct the name, or ignore this.",
                severity="warning",
                field=field,
            )
    for new in sorted({name for name in new_names.values() if name}):
        merged = [there[old] for old, name in new_names.items() if name == new]
        if len({song_type.category for song_type in merged}) > 1:
            told = ", ".join(f"{song_type.name!r} ({song_type.category})" for song_type in merged)
            yield Problem(
                f"makes one type, {new!r}, of events and segments: {told}.", "Give them different names.",
                field="song_type_names",
            )  # fmt: skip


def _rename(annotations: Annotations, new_names: Mapping[str, str]) -> Annotations:
    names = np.empty(len(annotations), dtype=object)
    names[:] = [new_names.get(name, name) for name in annotations.names.tolist()]
    renamed = {new_names.get(name, name): category for name, category in annotations.declared.items()}
    renamed.pop("", None)
    return replace(annotations, names=names, declared=renamed, declared_rows={}).select(names != "")


def _merged(
    there: Mapping[str, SongType], new_names: Mapping[str, str], entries: tuple[SurveyedRecording, ...]
) -> Iterator[SongType]:
    for new in sorted({name for name in new_names.values() if name}):
        merged = [there[old] for old, name in new_names.items() if name == new]
        yield SongType(
            new,
            merged[0].category,
            sum(song_type.count for song_type in merged),
            sum(song_type.seconds for song_type in merged),
            sum(1 for entry in entries if new in entry.annotations.names),
        )
