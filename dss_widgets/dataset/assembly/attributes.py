"""What a dataset tells of itself: its attributes, the annotations of its splits, and a fingerprint of what it is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dss_widgets import __version__
from dss_widgets.dataset.annotations.annotations import Annotations, Category
from dss_widgets.dataset.checks.folder import content_hash
from dss_widgets.dataset.recordings.array_files import IN_MEMORY
from dss_widgets.dataset.recordings.recording import Recording
from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.dataset.targets import OFFSET, ONSET
from dss_widgets.errors import DataError

_HASHED_SAMPLES = 2**18


def attributes(plan: SplitPlan, hashes: Mapping[str, str]) -> dict[str, Any]:
    """Return what a dataset's ``attrs`` hold: nothing that depends on when or where it is assembled.

    Args:
        plan: what is assembled.
        hashes: a digest of the content of every recording, by file name.
    """
    options = plan.options.as_dict()
    for name in ("data_folder", "store_folder", "group_table"):
        options.pop(name)
    values: dict[str, Any] = {
        "samplerate_x_Hz": plan.samplerate_hz,
        "samplerate_y_Hz": plan.samplerate_hz,
        "class_names": plan.class_names,
        "class_types": plan.class_types,
    }
    if plan.options.individual_targets:
        for name, kind in zip(plan.class_names[1:], plan.class_types[1:], strict=True):
            values[f"class_names_{name}"] = [plan.class_names[0], name]
            values[f"class_types_{name}"] = [plan.class_types[0], kind]
    values["options"] = options
    values["recordings"] = [
        {
            "file": entry.name,
            "samplerate_Hz": entry.recording.samplerate_hz,
            "n_samples": entry.recording.n_samples,
            "annotations": len(entry.annotations),
            "sha256": hashes[entry.name],
        }
        for entry in plan.survey.recordings
    ]
    values["left_out_rows"] = [
        {"file": problem.file, "row": problem.row, "message": problem.message} for problem in plan.left_out_rows
    ]
    values["stretches"] = [
        {"file": s.recording, "first_sample": s.start, "last_sample": s.stop - 1, "split": s.split, "position": s.position}
        for s in plan.stretches
    ]
    values["dss_widgets_version"] = __version__
    values["fingerprint"] = _fingerprint(plan, values)
    return values


def _fingerprint(plan: SplitPlan, values: dict[str, Any]) -> str:
    """Return a SHA-256 of inputs and options: the recordings' content, annotations and everything in the attributes."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode())
    for entry in plan.survey.recordings:
        found = entry.annotations
        digest.update(json.dumps(found.names.tolist()).encode())
        digest.update(found.start_seconds.astype("<f8").tobytes() + found.stop_seconds.astype("<f8").tobytes())
    return digest.hexdigest()


def recording_hash(recording: Recording) -> str:
    """Return a SHA-256 of a recording's content: of its file's bytes, or of its audio if it is in memory.

    Raises:
        DataError: it cannot be read.
    """
    if recording.path.parent != IN_MEMORY:
        try:
            return content_hash(recording.path)
        except OSError as error:
            raise DataError(f"{recording.path}: cannot be read ({error.strerror}). Is it gone?") from error
    digest = hashlib.sha256()
    for start in range(0, recording.n_samples, _HASHED_SAMPLES):
        digest.update(recording.read(start, min(recording.n_samples, start + _HASHED_SAMPLES)).astype("<f4").tobytes())
    return digest.hexdigest()


def split_annotations(plan: SplitPlan, split: str) -> Annotations:
    """Return the annotations of one split in the split's own time, clipped where a stretch cuts them.

    An event is where it happens; a segment is in every stretch in which at least one sample is labelled with it. Every class
    of the targets occurs or is declared: with on- and offset targets, the annotated ends of segments are events too.
    """
    names, onsets, offsets = [], [], []
    rate = plan.samplerate_hz
    categories = {name: _category(kind) for name, kind in zip(plan.class_names[1:], plan.class_types[1:], strict=True)}
    events = [name for name, category in categories.items() if category == "event"]
    entries = {entry.name: entry.annotations for entry in plan.survey.recordings}
    if plan.rules.onset_offset_targets:
        segments = [name for name, category in categories.items() if category == "segment"]
        entries = {file: _with_ends(found, segments) for file, found in entries.items()}
    for stretch in plan.of_split(split):
        found, (start, stop) = entries[stretch.recording], plan.span(stretch)
        is_event = np.isin(found.names, events)
        first = np.minimum(np.rint(found.start_seconds * rate), plan.lengths[stretch.recording] - 1)
        last = np.maximum(np.rint(found.stop_seconds * rate), first + 1)
        happens = (found.start_seconds >= start) & (found.start_seconds < stop)
        within = np.where(is_event, happens, (first < stretch.stop) & (last > stretch.start))
        shift = stretch.position / rate - start
        begins = np.maximum(found.start_seconds[within], start)
        ends = np.minimum(found.stop_seconds[within], stretch.stop / rate)
        ends = np.where(is_event[within], begins, np.maximum(ends, begins + np.where(_lasts(found)[within], 1 / rate, 0)))
        names.append(found.names[within])
        onsets.append(begins + shift)
        offsets.append(ends + shift)
    together = zip(np.concatenate([[], *names]), np.concatenate([[], *onsets]), np.concatenate([[], *offsets]), strict=True)
    annotations = Annotations.of((str(name), float(a), float(b)) for name, a, b in together)
    return Annotations(
        annotations.names, annotations.start_seconds, annotations.stop_seconds, annotations.rows, declared=categories
    )


def _category(kind: str) -> Category:
    return "event" if kind == "event" else "segment"


def _with_ends(annotations: Annotations, segments: Sequence[str]) -> Annotations:
    """Return annotations with an event more at both ends of every segment."""
    ended = annotations.select(np.isin(annotations.names, segments))
    ends = [(ONSET, float(time), float(time)) for time in ended.start_seconds]
    ends += [(OFFSET, float(time), float(time)) for time in ended.stop_seconds]
    own = zip(annotations.names, annotations.start_seconds.tolist(), annotations.stop_seconds.tolist(), strict=True)
    return Annotations.of([*own, *ends])


def _lasts(annotations: Annotations) -> np.ndarray:
    return annotations.stop_seconds > annotations.start_seconds
