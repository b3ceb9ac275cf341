"""A job's events: what was written whole is read, whenever its writer was killed; and the status that they come to."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.events import (
    EpochDone,
    NetworkTested,
    OutcomeTold,
    Progressed,
    RecordingDone,
    StateChanged,
    TrainingBegan,
    Warned,
)
from dss_widgets.jobs.event_file import append_event, read_events
from dss_widgets.jobs.status import BatchStatus, JobStatus, RunStatus


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.jsonl"


def messages(events):
    return [event.message for event in events]


def test_events_are_read_from_where_reading_ended(path):
    append_event(path, Warned(message="a"))
    first, position = read_events(path)
    append_event(path, Warned(message="b"))
    second, _ = read_events(path, position)
    assert messages(first + second) == ["a", "b"]


def test_that_there_are_none_yet_is_no_error(path):
    assert read_events(path) == ([], 0)


def test_an_event_that_is_still_being_written_is_left_for_later(path):
    append_event(path, Warned(message="a"))
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"event": "warning", "message": "b"')
    events, position = read_events(path)
    assert messages(events) == ["a"]
    path.write_bytes(whole + b'{"event": "warning", "message": "b"}\n')
    assert messages(read_events(path, position)[0]) == ["b"]


def test_wherever_in_its_line_a_writer_was_killed_no_other_event_is_lost(path):
    for number in (1, 2):
        append_event(path, Warned(message=f"küß {number}"))
    whole = path.read_bytes()
    for kept in range(len(whole) + 1):
        path.write_bytes(whole[:kept])
        append_event(path, Warned(message="küß 3"))
        n_whole = sum(kept >= end for end in (whole.index(b"\n"), len(whole) - 1))
        assert messages(read_events(path)[0]) == [*["küß 1", "küß 2"][:n_whole], "küß 3"], f"{kept} bytes"


@pytest.mark.parametrize(
    "line",
    [b"\x00\x00garbage", b"[" * 5000, b"[]", b'{"event": "state"}', b'{"event": "epoch", "epoch": "1"}', b'{"event": "new"}'],
)
def test_a_line_that_is_damaged_unknown_or_unfit_is_passed_over(path, line):
    path.write_bytes(line + b"\n")
    append_event(path, Warned(message="a"))
    assert messages(read_events(path)[0]) == ["a"]


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_whatever_stands_in_the_file_no_whole_event_is_lost(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("events") / "events.jsonl"
    for line in lines:
        with open(path, "ab") as file:
            file.write(line)
        append_event(path, Warned(message="whole"))
    assert messages(read_events(path)[0]) == ["whole"] * len(lines)


def test_a_loss_that_is_not_a_number_is_written_as_json(path):
    append_event(path, EpochDone(epoch=1, loss=float("nan"), recall={"a": float("inf")}))
    event = json.loads(path.read_text())
    assert event["loss"] is None
    assert event["recall"] == {"a": None}


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="the system cannot refuse to follow links")
def test_a_link_in_the_files_place_is_not_written_through(path, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("as it was")
    path.symlink_to(other)
    with pytest.raises(OSError, match=r"events\.jsonl"):
        append_event(path, Warned(message="a"))
    assert other.read_text() == "as it was"


def test_the_status_of_a_training_follows_its_events():
    status = RunStatus().after_all(
        [
            StateChanged(state="training", time=1.0),
            TrainingBegan(epochs=3, steps_per_epoch=4),
            EpochDone(epoch=1, loss=0.5, val_loss=0.6, best_epoch=1, best_val_loss=0.6, time=3.0),
            Warned(message="careful"),
            NetworkTested(macro_f1=0.9),
            StateChanged(state="finished", time=5.0),
        ]
    )
    assert (status.state, status.epoch, status.epochs, status.best_val_loss, status.macro_f1) == ("finished", 1, 3, 0.6, 0.9)
    assert status.warnings == ("careful",)
    assert status.seconds == 4.0


def test_breaks_do_not_count_as_time_at_work():
    states = ((0.0, "starting"), (10.0, "stopped"), (1000.0, "starting"), (1005.0, "finished"))
    status = JobStatus().after_all(StateChanged(state=state, time=when) for when, state in states)
    assert status.seconds == 15.0


def test_progress_is_told_with_the_time_that_is_left():
    status = JobStatus().after_all(
        [StateChanged(state="working", time=0.0), *(Progressed(done=done, total=10, time=10.0 + done) for done in (2, 4, 6))]
    )
    assert status.share == pytest.approx(0.6)
    assert status.seconds_left == pytest.approx(4.0)
    assert status.after(StateChanged(state="finished")).seconds_left is None


def test_what_was_told_before_a_new_start_holds_no_longer():
    before = JobStatus().after_all(
        [StateChanged(state="failed", message="no space"), Warned(message="old"), OutcomeTold(values={"store": "a.npy"})]
    )
    after = before.after(StateChanged(state="starting"))
    assert (after.message, after.warnings, after.outcome) == ("", (), {})


def test_of_a_batch_it_is_known_what_became_of_every_recording():
    status = BatchStatus().after_all(
        [
            RecordingDone(recording="a.wav", outcome="failed", message="cut short"),
            RecordingDone(recording="b.wav", file="b_annotations.csv"),
            RecordingDone(recording="a.wav", file="a_annotations.csv"),
        ]
    )
    assert status.files() == ["a_annotations.csv", "b_annotations.csv"]
