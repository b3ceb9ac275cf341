"""Labels that a network proposes: read from what it left, with its probabilities, and put beside those that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dss_widgets.annotating.document import Change, Document, categories
from dss_widgets.annotating.labels import Label
from dss_widgets.dataset.annotations.annotations import PROPOSALS, Category
from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.errors import DataError, EditError
from dss_widgets.plain_h5 import open_h5, plain_attribute, plain_dataset
from dss_widgets.results.annotation_files import probabilities_path

SAME_EVENT_SECONDS = 0.01
"""Events of one type closer than that are the same."""

_LONGEST = 2**18
"""Samples of a label whose probabilities are looked at."""

Measure = Callable[[str, float, float], float | None]
"""Tells how sure a network is of a label: its name, onset and offset in seconds."""


@dataclass(frozen=True)
class Proposals:
    """What a network proposes for a recording.

    Attributes:
        labels: the proposals, all of them open.
        song_types: those that it knows, with their categories.
        source: where they come from, in words.
    """

    labels: tuple[Label, ...]
    song_types: Mapping[str, Category]
    source: str


def read_proposals(path: Path) -> Proposals:
    """Read the labels of a prediction, ``*_annotations.csv``; with probabilities, where ``*_probabilities.h5`` lies beside it.

    A label's probability is that of its song type, averaged over its duration; of an event, the highest within 2 ms.

    Raises:
        DataError: a file cannot be read, or not from here.
    """
    found, _ = read_annotations(path)
    found = found.with_names({name: name.removesuffix(PROPOSALS) for name in found.song_types()})
    with _measured(probabilities_path(path)) as measure:
        labels = tuple(
            Label(i, name, start, stop, "open", measure(name, start, stop))
            for i, (name, start, stop) in enumerate(
                zip(found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist(), strict=True)
            )
            if 0 <= start <= stop
        )
    return Proposals(labels, categories(found), str(path.parent))


@contextmanager
def _measured(path: Path) -> Iterator[Measure]:
    """Open a file of probabilities and give what measures labels by it; without the file, nothing is known."""
    if not path.is_file():
        yield lambda _name, _start, _stop: None
        return
    with open_h5(path) as file:
        data = plain_dataset(path, file, "probabilities")
        names, rate = plain_attribute(path, file, "class_names", "S"), plain_attribute(path, file, "samplerate_Hz")
        if names is None or rate is None or data.ndim != 2 or data.shape[1] != len(names) or not 0 < float(rate) < np.inf:
            raise DataError(f"{path}: is not a file of probabilities. Predict again.")
        columns = {name.decode("utf-8", "replace"): i for i, name in enumerate(names.tolist())}

        def measure(name: str, start: float, stop: float) -> float | None:
            if name not in columns:
                return None
            margin = 0.002 if stop <= start else 0.0
            first = max(0, round((start - margin) * float(rate)))
            last = min(len(data), max(first + 1, round((stop + margin) * float(rate))), first + _LONGEST)
            if first >= last:
                return None
            told = np.asarray(data[first:last, columns[name]], dtype=np.float64)
            value = float(told.max() if margin else told.mean())
            return round(value, 4) if 0 <= value <= 1 else None

        yield measure


@dataclass(frozen=True)
class TakeProposals:
    """Proposals put beside the labels that are there.

    Left out are those that say what a label says already: the same song type, mostly at the same time, be it a person's
    label or a proposal that was looked at. Proposals that nobody has looked at give way to the ones that come.
    """

    proposals: Proposals

    def change(self, document: Document) -> Change:
        """Return what it does to a document; raises EditError where song types disagree about their category."""
        for name, category in self.proposals.song_types.items():
            if document.song_types.get(name, category) != category:
                raise EditError(f"‘{name}’ is a {document.song_types[name]} here, and the network knows it as a {category}.")
        gone = [label for label in document.labels.values() if label.state == "open"]
        is_there = _Known([label for label in document.labels.values() if label.state != "open"])
        come = [
            replace(label, id=document.next_id + i)
            for i, label in enumerate(self.proposals.labels)
            if label.stop_seconds <= document.seconds + 0.05 and not is_there(label)
        ]
        new = {name: kind for name, kind in self.proposals.song_types.items() if name not in document.song_types}
        return Change(f"take {len(come):,} proposals", tuple(gone), tuple(come), new)


class _Known:
    """Tells whether a label says what one of others says."""

    def __init__(self, labels: Sequence[Label]) -> None:
        by_name: dict[str, list[Label]] = {}
        for label in labels:
            by_name.setdefault(label.name, []).append(label)
        self._by_name = {name: _sorted(these) for name, these in by_name.items()}

    def __call__(self, label: Label) -> bool:
        if label.name not in self._by_name:
            return False
        starts, stops, latest = self._by_name[label.name]
        near = SAME_EVENT_SECONDS if label.seconds == 0 else 0.0
        first = int(np.searchsorted(latest, label.start_seconds - near))
        last = int(np.searchsorted(starts, label.stop_seconds + near, side="right"))
        shared = np.minimum(stops[first:last], label.stop_seconds) - np.maximum(starts[first:last], label.start_seconds)
        if label.seconds == 0:
            return bool((shared >= -near).any())
        return bool((2 * shared > np.maximum(stops[first:last] - starts[first:last], label.seconds)).any())


def _sorted(labels: Sequence[Label]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return onsets, offsets, and the latest offset so far, in the order of onsets."""
    starts = np.array([label.start_seconds for label in labels])
    stops = np.array([label.stop_seconds for label in labels])
    order = np.argsort(starts, kind="stable")
    return starts[order], stops[order], np.maximum.accumulate(stops[order])
