"""Names of song types are settled over all recordings, before it is decided what they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.named_recordings import one_form
from dss_widgets.dataset.annotations.song_types import Definitions
from dss_widgets.dataset.annotations.table import DECLARING
from dss_widgets.dataset.annotations.text_tables import row_without_times
from dss_widgets.errors import Problem


def in_one_form(
    annotations: Sequence[Annotations], definitions: Definitions
) -> tuple[list[Annotations], Definitions, list[Problem]]:
    """Return annotations and definitions with song types' names in one Unicode form; names that occur in two are told."""
    named = {name for names in definitions.values() for name in names}
    for one in annotations:
        named.update(one.names.tolist(), one.declared)
    other_forms = {name: form for name in named if (form := one_form(name)) != name}
    if not other_forms:
        return list(annotations), definitions, []
    mixed = sorted({form for form in other_forms.values() if form in named})
    told = f"Written in two Unicode forms that look the same: {', '.join(map(repr, mixed))}. The forms are taken as one."
    problems = [Problem(told, "Nothing needs to be done.", severity="warning")] if mixed else []
    changed = [one.with_names(other_forms) for one in annotations]
    return changed, {file: {one_form(n): d for n, d in names.items()} for file, names in definitions.items()}, problems


def without_stray_words(
    annotations: Sequence[Annotations], definitions: Definitions
) -> tuple[list[Annotations], list[Problem]]:
    """Return annotations without what stands under them without times, unless a type of that name is known otherwise."""
    if not any(one.unsaid for one in annotations):
        return list(annotations), []
    known = {name for names in definitions.values() for name in names}
    for one in annotations:
        known.update(one.names.tolist(), set(one.declared) - one.unsaid)
    kept: list[Annotations] = []
    problems: list[Problem] = []
    for one in annotations:
        stray = sorted(one.unsaid - known)
        problems += [row_without_times(one.file, one.declared_rows.get(name), [name], DECLARING) for name in stray]
        kept.append(replace(one, declared={name: category for name, category in one.declared.items() if name not in stray}))
    return kept, problems
