"""What a network would learn from corrections, found out before it does: how much there is, and what stays out of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.dataset.assembly.attributes import recording_hash
from dss_widgets.dataset.corrected import Corrected, find_corrected, labels_within
from dss_widgets.dataset.growing import next_store, plan_growth
from dss_widgets.dataset.recordings.opening import Recording
from dss_widgets.dataset.reviewed import Span, joined
from dss_widgets.dataset.same_recordings import made_of_folders_below
from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.dataset.survey import SurveyedRecording
from dss_widgets.errors import DataError
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.options.learning import LearningOptions
from dss_widgets.options.paths import typed_path
from dss_widgets.results.annotation_files import annotations_folder, annotations_path
from dss_widgets.results.matching import n_changed
from dss_widgets.results.params_file import read_params, trained_fingerprint
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import confined


@dataclass(frozen=True)
class ToLearn:
    """What there is to learn from.

    Attributes:
        recordings: how many were looked through.
        in_part: how many of them not as a whole.
        seconds: that were looked through.
        seconds_without_song: of these, in recordings that are said to hold no song.
        seconds_unlabelled: of these, seconds in which no segment is annotated: they are learned as noise.
        labels: labels in what was looked through.
        changed: those that the network had not found, or otherwise, and what it had found too much; None: what it had found is
            not at hand.
        train_seconds, val_seconds, test_seconds: what joins each split.
        replaced_seconds: seconds of train and validation data whose labels are replaced.
        in_test_seconds: corrected seconds that are left out because they are test data.
        has_test: whether there are test data, by which rounds can be compared.
        dataset: the one that grows.
        store: where the grown one goes.
        notices: what people should know besides.
    """

    recordings: int
    in_part: int
    seconds: float
    seconds_without_song: float
    seconds_unlabelled: float
    labels: int
    changed: int | None
    train_seconds: float
    val_seconds: float
    test_seconds: float
    replaced_seconds: float
    in_test_seconds: float
    has_test: bool
    dataset: Path
    store: Path
    notices: tuple[str, ...]


def what_to_learn(options: LearningOptions) -> ToLearn:
    """Find out what a network would learn from what was corrected; reads labels and headers, writes nothing.

    Raises:
        DataError: the network, its dataset or what was corrected cannot be used; the message says what, and how to mend it.
    """
    old = learned_dataset(options.network)
    folder = options.corrected_folder or None
    corrected = find_corrected(
        folder, recordings=options.recordings_folder or None, no_song=options.no_song_folder or None,
        below=made_of_folders_below(old),
    )  # fmt: skip
    growth = plan_growth(old, corrected, new_test_fraction=options.new_test_fraction, hash_of=_known_hash)
    store = typed_path(options.store_folder) if options.store_folder else next_store(old.path)
    entries, spans = corrected.survey.recordings, corrected.spans
    right = {entry.name: labels_within(entry.annotations, spans[entry.name]) for entry in entries}
    return ToLearn(
        recordings=len(entries),
        in_part=sum(spans[entry.name] != ((0.0, entry.recording.duration_seconds),) for entry in entries),
        seconds=corrected.seconds,
        seconds_without_song=sum(stop - start for name in corrected.without_song for start, stop in spans[name]),
        seconds_unlabelled=sum(_unlabelled(entry, spans[entry.name]) for entry in entries),
        labels=sum(map(len, right.values())),
        changed=_changed(options, corrected, right),
        train_seconds=growth.added["train"], val_seconds=growth.added["val"], test_seconds=growth.added["test"],
        replaced_seconds=growth.replaced_seconds, in_test_seconds=growth.in_test_seconds,
        has_test=old.split("test").n_samples > 0 or growth.added["test"] > 0,
        dataset=old.path, store=store,
        notices=tuple(notice for notice in growth.notices if "are test data" not in notice),
    )  # fmt: skip


def learned_dataset(network: str) -> Dataset:
    """Return the dataset that a network was trained on.

    Raises:
        DataError: the network's params cannot be read, or the dataset is gone, lies elsewhere or is another one by now.
    """
    stem = stem_of(network)
    params = read_params(confined(f"{stem}{PARAMS_SUFFIX}"))
    place = str(params.get("data_dir") or "")
    if not place:
        raise DataError(f"{stem.name}: does not say which dataset it learned from. Train a network here, and learn on from it.")
    dataset = open_dataset(confined(place))
    if trained_fingerprint(params) not in (None, dataset.fingerprint):
        raise DataError(
            f"{dataset.path}: has been assembled anew since {stem.name} learned from it. Train a network on it, and learn on "
            "from that."
        )
    return dataset


def _known_hash(recording: Recording) -> str:
    """Return a recording's hash; it is read again once it was written again."""
    told = recording.path.stat()
    return _hash_of(recording, told.st_mtime_ns, told.st_size)


@lru_cache(maxsize=4096)
def _hash_of(recording: Recording, _written: int, _size: int) -> str:
    return recording_hash(recording)


def _unlabelled(entry: SurveyedRecording, spans: tuple[Span, ...]) -> float:
    """Return how many seconds of spans no segment covers."""
    marked = entry.annotations
    covered = joined(zip(marked.start_seconds.tolist(), marked.stop_seconds.tolist(), strict=True))
    shared = sum(max(0.0, min(stop, end) - max(start, begin)) for start, stop in spans for begin, end in covered)
    return sum(stop - start for start, stop in spans) - shared


def _changed(options: LearningOptions, corrected: Corrected, right: dict[str, Annotations]) -> int | None:
    """Return how many labels differ from what the network had found, if that lies where it is kept."""
    found = annotations_folder(stem_of(options.network), options.recordings_folder or options.corrected_folder)
    changed = 0
    for entry in corrected.survey.recordings:
        if entry.name in corrected.without_song:
            continue
        path = annotations_path(entry.recording.path, found, Path(entry.below))
        if not path.is_file():
            return None
        before, _ = read_annotations(path)
        before = before.select(np.isfinite(before.start_seconds) & np.isfinite(before.stop_seconds))
        changed += n_changed(right[entry.name], labels_within(before, corrected.spans[entry.name]))
    return changed
