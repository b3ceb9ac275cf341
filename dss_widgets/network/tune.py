"""How a network's probabilities become annotations, found on the validation data."""

from __future__ import annotations

from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.table import SUFFIX, Annotations, read_annotations
from dss_widgets.dataset.stores.store import Dataset, Split
from dss_widgets.network.batches import BLOCK_ROWS
from dss_widgets.network.predict import probability_blocks
from dss_widgets.network.rows import Rows
from dss_widgets.network.trained import TrainedNetwork
from dss_widgets.results.labels import Labeller
from dss_widgets.results.tuning import tune_durations


def tune(trained: TrainedNetwork, dataset: Dataset) -> dict[str, Any] | None:
    """Find the gap to fill and the shortest segment that give the best segments in the validation data.

    Returns:
        Under DAS's names (``post_opt`` in the params): ``gap_dur`` and ``min_len`` in seconds, ``score_val``, the segment F1
        with them, and ``score_val_before``, without; None if there are no segments in the validation data.
    """
    split = dataset.split("val")
    if split.n_samples == 0:
        return None
    labeller = Labeller(trained.class_names, trained.class_types, trained.samplerate_hz)
    for _, block in probability_blocks(trained, Rows(split.x).read, split.n_samples):
        labeller.add(block)
    found = tune_durations(labeller, split_annotations(trained, split, str(trained.params.get("y_suffix") or "")))
    if found is None:
        return None
    return {
        "gap_dur": found.fill_gap_seconds,
        "min_len": found.minimum_duration_seconds,
        "score_val": found.f1,
        "score_val_before": found.f1_before,
    }


def split_annotations(trained: TrainedNetwork, split: Split, song_type: str) -> Annotations:
    """Return what is annotated in a split, in its own time.

    It is taken from the split's annotations file; classes of which that says nothing, from the targets.
    """
    path, names = split.folder / f"x{SUFFIX}", trained.class_names[1:]
    told = read_annotations(path)[0] if path.is_file() else Annotations.of([])
    untold = sorted(set(names) - set(told.song_types()))
    told = told.select(np.isin(told.names, names))
    if not untold:
        return told
    meant = _meant_by_targets(trained, Rows(split.y(song_type)))
    meant = meant.select(np.isin(meant.names, untold))
    both = [
        (str(name), float(start), float(stop))
        for these in (told, meant)
        for name, start, stop in zip(these.names, these.start_seconds, these.stop_seconds, strict=True)
    ]
    return Annotations.of(both)


def _meant_by_targets(trained: TrainedNetwork, targets: Rows) -> Annotations:
    labeller = Labeller(trained.class_names, trained.class_types, trained.samplerate_hz)
    for start in range(0, len(targets), BLOCK_ROWS):
        labeller.add(targets.read(start, start + BLOCK_ROWS).astype(np.float32))
    return labeller.finish()
