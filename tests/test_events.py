"""Events: typed, and whatever is found in a file either fits or is passed over."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets import events
from dss_widgets.events import EpochDone, Event, NetworkTested, StateChanged, StepDone, Warned, event_of

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def through_json(event: Event) -> Event | None:
    return event_of(json.loads(json.dumps(event.as_dict(), allow_nan=False)))


@pytest.mark.parametrize(
    "event",
    [
        StateChanged(state="failed", message="no space [5 GB]", time=12.5),
        StepDone(epoch=1, step=3, steps=10, loss=0.5, seconds=1.0),
        EpochDone(epoch=2, loss=0.5, recall={"noise": 1.0, "pulse": None}, best=True),
        NetworkTested(
            class_names=("noise", "a"), per_class={"a": {"f1": 1.0}}, confusion_matrix=((1, 0), (0, 1)), macro_f1=1.0
        ),
    ],
)
def test_an_event_is_the_same_after_it_was_written_and_read(event):
    assert through_json(event) == event


def test_what_is_no_number_is_written_as_nothing():
    assert through_json(EpochDone(epoch=1, loss=float("nan"))) == EpochDone(epoch=1, loss=None)


def test_every_kind_has_a_word_of_its_own():
    assert all(known.kind == word for word, known in events.KINDS.items())


@pytest.mark.parametrize(
    "values",
    [
        None, [], "state", {"event": "unheard of"}, {"event": "state"}, {"event": "state", "state": 3},
        {"event": "step", "epoch": "1", "step": 1, "steps": 1}, {"event": "step", "epoch": True, "step": 1, "steps": 1},
        {"event": "warning", "message": ["a"]}, {"event": "epoch", "epoch": 1, "recall": [1]},
        {"event": "epoch", "epoch": 1, "loss": 10**400}, {"event": "step", "epoch": 10**400, "step": 1, "steps": 1},
    ],
)  # fmt: skip
def test_what_is_unknown_or_does_not_fit_is_passed_over(values):
    assert event_of(values) is None


def test_fields_of_later_versions_are_passed_over():
    assert event_of({"event": "warning", "message": "a", "colour": "red"}) == Warned(message="a")


@given(st.sampled_from(sorted(events.KINDS)), st.data())
def test_whatever_stands_in_a_file_is_an_event_that_can_be_written_again_or_nothing(kind, data):
    names = [item.name for item in fields(events.KINDS[kind])]
    values = data.draw(st.dictionaries(st.sampled_from(names), PLAIN))
    event = event_of({"event": kind, **values})
    assert event is None or through_json(event) == event_of(event.as_dict())
