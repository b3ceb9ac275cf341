"""Facts of a dataset's song, from its annotations or its targets."""

import os

import numpy as np
import pytest

from dss_widgets.dataset import Annotations
from dss_widgets.dataset.annotations.table import write_annotations
from dss_widgets.dataset.song_facts import StoreStamp, song_facts
from dss_widgets.dataset.stores.store import open_dataset


@pytest.fixture
def song(folder):
    folder.many(2, 10)
    return folder


def by_name(dataset, **more):
    return {found.name: found for found in song_facts(dataset, **more).types}


def test_facts_are_those_of_the_annotations(song):
    dataset = song.assemble()
    facts = song_facts(dataset)
    assert (facts.samplerate_hz, facts.n_channels) == (dataset.samplerate_hz, dataset.n_channels)
    assert facts.train_samples == dataset.split("train").n_samples
    found = by_name(dataset)
    assert set(found) == set(dataset.class_names[1:])
    assert found["pulse"].typical_seconds == 0
    assert found["sine"].typical_seconds > 0


def test_without_annotations_the_targets_tell_the_same(song):
    dataset = song.assemble()
    told = by_name(dataset)
    (dataset.path / "train" / "x_annotations.csv").unlink()
    meant = by_name(open_dataset(dataset.path))
    for name, found in told.items():
        assert meant[name].kind == found.kind
        assert meant[name].count == pytest.approx(found.count, abs=1)
        assert meant[name].typical_seconds == pytest.approx(found.typical_seconds, abs=2 / dataset.samplerate_hz)


def test_a_type_alone(song):
    dataset = song.assemble(individual_targets=True)
    assert list(by_name(dataset, song_type="sine")) == ["sine"]


def test_facts_are_read_anew_once_the_dataset_has_changed(song):
    dataset = song.assemble()
    before, stamp = song_facts(dataset), StoreStamp.of(dataset.path)
    path = dataset.path / "train" / "x_annotations.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[:3]) + "\n")
    os.utime(path, ns=(1, 1))  # whatever the file system's clock
    assert StoreStamp.of(dataset.path) != stamp
    after = song_facts(open_dataset(dataset.path))
    assert sum(found.count for found in after.types) < sum(found.count for found in before.types)
    assert np.isfinite(after.samplerate_hz)


def test_how_near_events_have_neighbours(song):
    dataset = song.assemble()
    bouts = [bout + 0.03 * i for bout in range(4) for i in range(10)]
    write_annotations(dataset.path / "train" / "x_annotations.csv", Annotations.of(("pulse", time, time) for time in bouts))
    found = by_name(dataset)["pulse"]
    assert (found.interval_seconds, found.neighbour_seconds) == (pytest.approx(0.03), pytest.approx(0.03))
