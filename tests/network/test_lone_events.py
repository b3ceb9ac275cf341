"""Whether lone events are left out is found with the network, from what is annotated."""

from types import SimpleNamespace

import numpy as np
import pytest

from dss_widgets.dataset import Annotations, open_dataset
from dss_widgets.dataset.annotations.table import write_annotations
from dss_widgets.dataset.stores.npy_files import write_attributes
from dss_widgets.network.tune import tune

from .conftest import RATE, write_store

NAMES, KINDS = ["noise", "low", "high"], ["segment", "event", "segment"]
TRAIN_OF_EVENTS = 0.1 + 0.03 * np.arange(30)


def found(monkeypatch, path, lone_in_train=(), not_found=()):
    """What is found for a network that takes a lone noise for an event; val has the same events, and those not found, too."""
    dataset = write_store(path, val=4 * int(RATE))
    write_attributes(dataset, {"samplerate_x_Hz": RATE, "samplerate_y_Hz": RATE, "class_names": NAMES, "class_types": KINDS})
    for split, more in (("train", lone_in_train), ("val", not_found)):
        times = np.concatenate([TRAIN_OF_EVENTS, more])
        write_annotations(dataset / split / "x_annotations.csv", Annotations.of(("low", time, time) for time in times))
    p = np.zeros((4 * int(RATE), 3), dtype=np.float32)
    for time in (*TRAIN_OF_EVENTS, *not_found, 3.5):
        p[int(time * RATE), 1] = 0.9
    monkeypatch.setattr("dss_widgets.network.tune.probability_blocks", lambda *_: [(0, p)])
    trained = SimpleNamespace(class_names=NAMES, class_types=KINDS, samplerate_hz=RATE, params={})
    return tune(trained, open_dataset(dataset))


def test_where_annotated_events_come_in_trains_lone_ones_are_left_out(monkeypatch, tmp_path):
    told = found(monkeypatch, tmp_path / "trains.npy")
    assert told.post_opt["event_dist_max"] == pytest.approx(0.24, rel=0.01)
    effect = told.validation.curves.events["low"].at(0.5)
    assert (effect.misses, effect.false_alarms) == (0, 0)


def test_they_stay_where_events_are_annotated_that_come_alone(monkeypatch, tmp_path):
    assert "event_dist_max" not in found(monkeypatch, tmp_path / "alone.npy", lone_in_train=[1.5, 2.5, 3.5]).post_opt
    assert "event_dist_max" not in found(monkeypatch, tmp_path / "val.npy", not_found=[1.5, 2.5]).post_opt, "so says validation"
