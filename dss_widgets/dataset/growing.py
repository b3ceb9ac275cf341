"""A dataset grows by what was corrected: assembled anew beside the old one, whose test data stay what they are.

Corrected stretches join train and validation. Where they lie in the old train or validation data already, their labels take
the place of the old ones; where they lie in the test data, they are left out, for nothing is learned from those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.renaming import renamed
from dss_widgets.dataset.annotations.song_types import SongType
from dss_widgets.dataset.assembly.attributes import recording_hash
from dss_widgets.dataset.assembly.destination import claimed, written_whole
from dss_widgets.dataset.assembly.grown_files import write_grown
from dss_widgets.dataset.corrected import Corrected
from dss_widgets.dataset.recordings.opening import Recording
from dss_widgets.dataset.same_recordings import named_as_in
from dss_widgets.dataset.splits.dealing import deal
from dss_widgets.dataset.splits.plan import SplitPlan, Stretch
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.dataset.survey import Survey
from dss_widgets.dataset.targets import OFFSET, ONSET
from dss_widgets.errors import Cancelled, DataError, OptionsError
from dss_widgets.options import AssemblyOptions

_PIECE_SECONDS = 10.0
"""Longer spans are dealt to train and validation in pieces of this."""

_KEPT = (
    "event_width_seconds", "gap_seconds", "onset_offset_targets", "individual_targets", "store_format", "song_type_names",
    "only_song_types", "annotations_as_csv",
)  # fmt: skip
"""Options of the old dataset that say how labels become targets."""


@dataclass(frozen=True)
class Growth:
    """What a dataset is to grow by.

    Attributes:
        plan: the new stretches, at their positions behind the old data or in place of some of it; its song types are those of
            the old dataset, in their order, and then those that are new.
        added: seconds that join each split.
        replaced_seconds: seconds of train and validation data whose labels are replaced.
        in_test_seconds: corrected seconds that are left out because they are test data.
        notices: what people should know.
    """

    plan: SplitPlan
    added: Mapping[str, float]
    replaced_seconds: float
    in_test_seconds: float
    notices: tuple[str, ...]


def next_store(store: Path) -> Path:
    """Return the first free name of a dataset beside an old one: ``song_round1.npy``, ``song_round2.npy`` ..."""
    base = re.sub(r"_round\d+$", "", store.stem)
    told = re.fullmatch(rf"{re.escape(base)}_round(\d+)", store.stem)
    number = int(told.group(1)) + 1 if told else 1
    while (path := store.with_name(f"{base}_round{number}.npy")).exists():
        number += 1
    return path


def plan_growth(
    old: Dataset,
    corrected: Corrected,
    *,
    new_test_fraction: float = 0.0,
    seed: int = 0,
    hash_of: Callable[[Recording], str] = recording_hash,
) -> Growth:
    """Plan what joins which split; writes nothing.

    Args:
        old: the dataset.
        corrected: from :func:`~dss_widgets.dataset.corrected.find_corrected`.
        new_test_fraction: share of the recordings that were looked through as a whole and are not in the dataset, which
            become test data; 0: none. What was looked through in parts never does: it was chosen, so it is no fair test.
        seed: of what goes to validation, and to test.
        hash_of: returns what tells the contents of recordings apart.

    Raises:
        DataError: channels or categories do not fit the dataset's, a recording has the name of another one in it, or nothing is
            left to learn from.
    """
    options = target_options(old)
    corrected = named_as_in(old, corrected, hash_of)
    found, _ = renamed(corrected.survey, options)
    found = replace(found, song_types=_song_types(old, found))
    _check_channels(old, found)
    plan = SplitPlan(found, options, old.samplerate_hz, ())
    own, notices = _own_stretches(old, found, hash_of)
    rng = np.random.default_rng(seed)
    fresh: list[tuple[str, int, int]] = []
    stretches: list[Stretch] = []
    in_test = 0
    for name, spans in sorted(corrected.spans.items()):
        for start, stop in spans:
            first = round(start * old.samplerate_hz)
            last = min(round(stop * old.samplerate_hz), plan.lengths[name])
            known, new = _apart(name, first, last, own.get(name, ()))
            stretches += [stretch for stretch in known if stretch.split != "test"]
            in_test += sum(stretch.n_samples for stretch in known if stretch.split == "test")
            fresh += new
    replaced = sum(stretch.n_samples for stretch in stretches)
    to_test = _for_test(corrected, plan, own, new_test_fraction, rng)
    behind, added = _dealt(old, plan, fresh, to_test, rng)
    stretches += behind
    rate = old.samplerate_hz
    if in_test:
        notices.append(
            f"{in_test / rate:.1f} s are test data, from which nothing is learned: their labels were left as they are."
        )
    if not any(stretch.split == "train" for stretch in stretches):
        raise DataError(f"{found.folder}: nothing of what was corrected can be learned from. {' '.join(notices)}".rstrip())
    return Growth(
        replace(plan, stretches=tuple(stretches)), {split: n / rate for split, n in added.items()}, replaced / rate,
        in_test / rate, tuple(notices),
    )  # fmt: skip


def grow_dataset(old: Dataset, growth: Growth, store: Path, *, cancelled: Callable[[], bool] | None = None) -> Path:
    """Write the grown dataset; it appears whole or not at all, and nothing is ever replaced.

    Raises:
        DataError: something lies there already, or it cannot be written.
        Cancelled: ``cancelled`` said so.
    """

    def on_block(_n_samples: int) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled("Assembling was cancelled; nothing was written.")

    place = store.resolve()
    try:
        with claimed(place):
            if place.exists():
                raise DataError(f"{store}: exists already. Choose another name for the dataset.")
            with written_whole(place) as folder:
                write_grown(old, growth.plan, folder, on_block)
    except OSError as error:
        raise DataError(
            f"{store}: cannot be written ({error.strerror or error}). Make room, or choose another place."
        ) from error
    return store


def target_options(old: Dataset) -> AssemblyOptions:
    """Return how the old dataset's labels became targets; of one that does not tell, what its arrays tell."""
    told = old.attrs.get("options")
    values: dict[str, Any] = {name: told[name] for name in _KEPT if name in told} if isinstance(told, Mapping) else {}
    if not values:
        dtype = str(old.split("train").x.dtype)
        values = {"onset_offset_targets": ONSET in old.class_names, "individual_targets": bool(old.song_types)}
        values["store_format"] = dtype if dtype in ("float16", "float32") else "float32"
    try:
        return AssemblyOptions(**values)
    except OptionsError as error:
        raise DataError(f"{old.path}: its options cannot be read ({error}). Assemble it again.") from error


def _song_types(old: Dataset, found: Survey) -> tuple[SongType, ...]:
    known = {
        name: kind for name, kind in zip(old.class_names[1:], old.class_types[1:], strict=True) if name not in (ONSET, OFFSET)
    }
    there = {song_type.name: song_type for song_type in found.song_types}
    for name, song_type in there.items():
        if song_type.count and known.get(name, song_type.category) != song_type.category:
            raise DataError(
                f"{found.folder}: {name!r} is annotated as {song_type.category}, but is {known[name]} in {old.path}. "
                "Correct the labels, or give them another name."
            )
    kept = tuple(SongType(name, kind, getattr(there.get(name), "count", 0)) for name, kind in known.items())
    return (*kept, *(song_type for name, song_type in there.items() if name not in known and song_type.count))


def _check_channels(old: Dataset, found: Survey) -> None:
    for entry in found.recordings:
        if entry.recording.n_channels != old.n_channels:
            raise DataError(
                f"{entry.recording.path}: has {entry.recording.n_channels} channels, but {old.path} has {old.n_channels}."
            )


def _own_stretches(
    old: Dataset, found: Survey, hash_of: Callable[[Recording], str]
) -> tuple[dict[str, list[Stretch]], list[str]]:
    """Return which parts of the corrected recordings the dataset holds already, by file name, and what to tell."""
    if not old.stretches:
        told = f"{old.path.name} does not tell of which recordings it was made, so corrected parts of these count twice."
        return {}, [told]
    hashes = {
        str(told.get("file")): told.get("sha256") for told in old.attrs.get("recordings") or [] if isinstance(told, Mapping)
    }
    own: dict[str, list[Stretch]] = {}
    names = {str(told["file"]) for told in old.stretches}
    for entry in found.recordings:
        if entry.name in names:
            if hashes.get(entry.name) not in (None, hash_of(entry.recording)):
                raise DataError(
                    f"{entry.recording.path}: is another recording than the one of this name in {old.path}. Rename it, with "
                    "its annotations."
                )
            own[entry.name] = [
                Stretch(entry.name, told["first_sample"], told["last_sample"] + 1, told["split"], told["position"])
                for told in old.stretches
                if told["file"] == entry.name
            ]
    return own, []


def _apart(
    name: str, first: int, last: int, own: list[Stretch] | tuple[()]
) -> tuple[list[Stretch], list[tuple[str, int, int]]]:
    """Take a span apart: what the dataset holds of it, at its position there, and what is new."""
    known, new = [], []
    at = first
    for stretch in sorted(own, key=lambda stretch: stretch.start):
        start, stop = max(at, stretch.start), min(last, stretch.stop)
        if start < stop:
            if at < start:
                new.append((name, at, start))
            known.append(Stretch(name, start, stop, stretch.split, stretch.position + start - stretch.start))
            at = stop
    if at < last:
        new.append((name, at, last))
    return known, new


def _for_test(
    corrected: Corrected, plan: SplitPlan, own: Mapping[str, Any], fraction: float, rng: np.random.Generator
) -> set[str]:
    """Return the recordings that become test data."""
    whole = [
        entry.name
        for entry in plan.survey.recordings
        if entry.name not in own and corrected.spans[entry.name] == ((0.0, entry.recording.duration_seconds),)
    ]
    if not fraction or len(whole) < 2:
        return set()
    n = min(len(whole) - 1, max(1, round(fraction * len(whole))))
    return set(rng.permutation(sorted(whole))[:n].tolist())


def _dealt(
    old: Dataset, plan: SplitPlan, fresh: list[tuple[str, int, int]], to_test: set[str], rng: np.random.Generator
) -> tuple[list[Stretch], dict[str, int]]:
    """Return the stretches that are new, behind the old data, and the samples that join each split."""
    piece = max(1, round(_PIECE_SECONDS * plan.samplerate_hz))
    pieces = [
        (name, start, min(start + piece, last)) for name, first, last in fresh for start in range(first, last, piece)
    ]  # fmt: skip
    to_learn = [piece for piece in pieces if piece[0] not in to_test]
    n_train, n_val = (old.split(split).n_samples for split in ("train", "val"))
    share = n_val / max(1, n_train + n_val)
    is_val = np.zeros(len(to_learn), dtype=bool)
    if share and len(to_learn) > 1:
        is_val = deal(_amounts(plan, to_learn), np.array([1 - share, share]), rng) == 1
    splits = {**dict.fromkeys(pieces, "test"), **{p: "val" if v else "train" for p, v in zip(to_learn, is_val, strict=True)}}
    added = dict.fromkeys(("train", "val", "test"), 0)
    whole = []
    for name, start, stop in pieces:
        split = splits[name, start, stop]
        whole.append(Stretch(name, start, stop, split, old.split(split).n_samples + added[split]))
        added[split] += stop - start
    return whole, added


def _amounts(plan: SplitPlan, pieces: list[tuple[str, int, int]]) -> np.ndarray:
    """Return seconds of each piece, and of every song type in it, ``[pieces, 1 + types]``."""
    rows = []
    for name, start, stop in pieces:
        edges = np.array([start, stop]) / plan.samplerate_hz
        rows.append(np.append((stop - start) / plan.samplerate_hz, plan.survey.song_amounts[name].seconds(edges)[0]))
    return np.array(rows)
