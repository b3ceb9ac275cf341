"""The files of a dataset that grows: the old rows copied, in the new columns, and corrected stretches behind or over them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets import __version__
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.table import SUFFIX, read_annotations, write_annotations
from dss_widgets.dataset.assembly.attributes import recording_hash, split_annotations
from dss_widgets.dataset.assembly.writing import SplitFiles, jobs_of, write_part
from dss_widgets.dataset.splits.plan import SplitPlan, Stretch
from dss_widgets.dataset.stores.npy_files import ArrayFile, write_attributes
from dss_widgets.dataset.stores.store import Dataset, Split
from dss_widgets.options.assembly import SPLITS

_BLOCK_ROWS = 2**18

OnBlock = Callable[[int], None]


def write_grown(old: Dataset, plan: SplitPlan, folder: Path, on_block: OnBlock) -> None:
    """Write a grown dataset into an empty folder.

    Args:
        old: the dataset that grows.
        plan: stretches that lie within the old rows take their place; the others lie behind them.
        folder: where to.
        on_block: told the samples of every block; what it raises ends the work.

    Raises:
        DataError: a recording cannot be read.
        OSError: the files cannot be written.
    """
    files = {split: _create(old, plan, split, folder) for split in SPLITS}
    for split in SPLITS:
        _copy(old, plan, files[split], old.split(split), on_block)
    for job in jobs_of(plan, files):
        write_part(job, on_block)
    for split in SPLITS:
        _write_labels(old, plan, split, folder / split)
    write_attributes(folder, _attributes(old, plan))


def _individual(plan: SplitPlan) -> list[str]:
    return plan.class_names[1:] if plan.options.individual_targets else []


def _create(old: Dataset, plan: SplitPlan, split: str, folder: Path) -> SplitFiles:
    n_old = old.split(split).n_samples
    n = max([n_old, *(stretch.position + stretch.n_samples for stretch in plan.of_split(split))])
    dtype = np.dtype(plan.options.store_format)
    inner = folder / split
    inner.mkdir()
    return SplitFiles(
        x=ArrayFile(inner / "x.npy", (n, old.n_channels), dtype),
        y=ArrayFile(inner / "y.npy", (n, len(plan.class_names)), dtype),
        individual={name: ArrayFile(inner / f"y_{name}.npy", (n, 2), dtype) for name in _individual(plan)},
    )


def _copy(old: Dataset, plan: SplitPlan, files: SplitFiles, split: Split, on_block: OnBlock) -> None:
    """Copy a split; a song type that it did not know occurs nowhere in it."""
    columns = [plan.class_names.index(name) for name in old.class_names]
    for start in range(0, split.n_samples, _BLOCK_ROWS):
        stop = min(split.n_samples, start + _BLOCK_ROWS)
        files.x.write(start, split.x[start:stop])
        targets = np.zeros((stop - start, len(plan.class_names)), dtype=files.y.dtype)
        targets[:, columns] = split.y()[start:stop]
        files.y.write(start, targets)
        for name, file in files.individual.items():
            alone = np.zeros((stop - start, 2), dtype=file.dtype)
            alone[:, 0] = 1
            file.write(start, split.y(name)[start:stop] if name in old.song_types else alone)
        on_block(stop - start)


def _write_labels(old: Dataset, plan: SplitPlan, split: str, folder: Path) -> None:
    """Write the labels of a split in its own time, where the old dataset has such a file or has no such split."""
    part = old.split(split)
    path = part.folder / f"x{SUFFIX}"
    if part.n_samples and not path.is_file():
        return
    before = read_annotations(path)[0] if part.n_samples else Annotations.of([])
    rate = plan.samplerate_hz
    spans = [
        (s.position / rate, (s.position + s.n_samples) / rate) for s in plan.of_split(split) if s.position < part.n_samples
    ]
    after = split_annotations(plan, split)
    rows = [*_without(before, spans), *zip(after.names, after.start_seconds.tolist(), after.stop_seconds.tolist(), strict=True)]
    found = Annotations.of([(str(name), float(start), float(stop)) for name, start, stop in rows])
    declared = {**before.declared, **after.declared}
    write_annotations(
        folder / f"x{SUFFIX}", Annotations(found.names, found.start_seconds, found.stop_seconds, found.rows, declared=declared)
    )


def _without(annotations: Annotations, spans: Sequence[tuple[float, float]]) -> list[tuple[str, float, float]]:
    """Return what lies outside of spans, cut where it reaches into one."""
    rows = list(
        zip(annotations.names.tolist(), annotations.start_seconds.tolist(), annotations.stop_seconds.tolist(), strict=True)
    )
    for begin, end in spans:
        kept = []
        for name, start, stop in rows:
            if stop <= begin or start >= end:
                kept.append((name, start, stop))
                continue
            if start < begin:
                kept.append((name, start, begin))
            if stop > end:
                kept.append((name, end, stop))
        rows = kept
    return rows


def _attributes(old: Dataset, plan: SplitPlan) -> dict[str, Any]:
    values = dict(old.attrs)
    values |= {"class_names": plan.class_names, "class_types": plan.class_types}
    for name in _individual(plan):
        kind = plan.class_types[plan.class_names.index(name)]
        values |= {f"class_names_{name}": [plan.class_names[0], name], f"class_types_{name}": [plan.class_types[0], kind]}
    behind = [s for s in plan.stretches if s.position >= old.split(s.split).n_samples]
    if old.stretches or not any(old.split(split).n_samples for split in SPLITS):
        values["stretches"] = [*old.stretches, *map(_told, behind)]
    hashes = {entry.name: recording_hash(entry.recording) for entry in plan.survey.recordings}
    values["recordings"] = [
        *_recordings(old, set(hashes)),
        *(_recording(entry, hashes[entry.name]) for entry in plan.survey.recordings),
    ]
    values["grown_from"] = {"store": old.path.name, "fingerprint": old.fingerprint}
    values["corrected"] = [_told(stretch) for stretch in plan.stretches]
    values["dss_widgets_version"] = __version__
    values["fingerprint"] = _fingerprint(values, plan)
    return values


def _told(stretch: Stretch) -> dict[str, Any]:
    return {
        "file": stretch.recording, "first_sample": stretch.start, "last_sample": stretch.stop - 1, "split": stretch.split,
        "position": stretch.position,
    }  # fmt: skip


def _recordings(old: Dataset, but: set[str]) -> list[Any]:
    told = old.attrs.get("recordings")
    known = told if isinstance(told, list) else []
    return [row for row in known if not (isinstance(row, Mapping) and row.get("file") in but)]


def _recording(entry: Any, sha256: str) -> dict[str, Any]:
    recording = entry.recording
    return {
        "file": entry.name, "samplerate_Hz": recording.samplerate_hz, "n_samples": recording.n_samples,
        "annotations": len(entry.annotations), "sha256": sha256,
    }  # fmt: skip


def _fingerprint(values: Mapping[str, Any], plan: SplitPlan) -> str:
    """Return a SHA-256 of the old dataset's fingerprint, of what it grows by, and of the labels."""
    digest = hashlib.sha256(json.dumps({**values, "fingerprint": ""}, sort_keys=True, default=str).encode())
    for entry in plan.survey.recordings:
        digest.update(json.dumps(entry.annotations.names.tolist()).encode())
        times = (entry.annotations.start_seconds, entry.annotations.stop_seconds)
        digest.update(b"".join(np.asarray(each).astype("<f8").tobytes() for each in times))
    return digest.hexdigest()
