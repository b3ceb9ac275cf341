"""A run's events: what was written whole is read, whenever its writer was killed; and the status that they come to."""

import json

from dss_widgets.runs.events import append_event, read_events
from dss_widgets.runs.run import RunStatus


def test_events_are_read_from_where_reading_ended(tmp_path):
    path = tmp_path / "events.jsonl"
    append_event(path, {"event": "a"})
    first, position = read_events(path)
    append_event(path, {"event": "b"})
    second, _ = read_events(path, position)
    assert [event["event"] for event in first + second] == ["a", "b"]


def test_an_event_that_is_still_being_written_is_left_for_later(tmp_path):
    path = tmp_path / "events.jsonl"
    append_event(path, {"event": "a"})
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"event": "b"')
    events, position = read_events(path)
    assert [event["event"] for event in events] == ["a"]
    path.write_bytes(whole + b'{"event": "b"}\n')
    assert [event["event"] for event in read_events(path, position)[0]] == ["b"]


def test_wherever_in_its_line_a_writer_was_killed_no_other_event_is_lost(tmp_path):
    path = tmp_path / "events.jsonl"
    for number in (1, 2):
        append_event(path, {"event": "warning", "number": number, "message": "küß"})
    whole = path.read_bytes()
    for kept in range(len(whole) + 1):
        path.write_bytes(whole[:kept])
        append_event(path, {"event": "warning", "number": 3})
        n_whole = sum(kept >= end for end in (whole.index(b"\n"), len(whole) - 1))
        assert [event["number"] for event in read_events(path)[0]] == [*[1, 2][:n_whole], 3], f"{kept} bytes"


def test_a_damaged_line_is_passed_over(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\x00\x00garbage\n")
    append_event(path, {"event": "a"})
    assert [event["event"] for event in read_events(path)[0]] == ["a"]


def test_a_loss_that_is_not_a_number_is_written_as_json(tmp_path):
    path = tmp_path / "events.jsonl"
    append_event(path, {"event": "epoch", "loss": float("nan"), "recall": {"a": float("inf")}})
    event = json.loads(path.read_text())
    assert event["loss"] is None
    assert event["recall"] == {"a": None}


def test_status_follows_the_events():
    status = RunStatus()
    for event in (
        {"event": "state", "state": "training", "time": 1.0},
        {"event": "begin", "epochs": 3, "steps_per_epoch": 4},
        {"event": "epoch", "epoch": 1, "loss": 0.5, "val_loss": 0.6, "best_epoch": 1, "best_val_loss": 0.6, "time": 3.0},
        {"event": "warning", "message": "careful"},
        {"event": "scores", "macro_f1": 0.9},
        {"event": "state", "state": "finished", "time": 5.0},
    ):
        status = status.after(event)
    assert (status.state, status.epoch, status.epochs, status.best_val_loss, status.macro_f1) == ("finished", 1, 3, 0.6, 0.9)
    assert status.warnings == ("careful",)
    assert status.seconds == 4.0


def test_breaks_do_not_count_as_time_at_work():
    status = RunStatus()
    for when, state in ((0.0, "starting"), (10.0, "stopped"), (1000.0, "starting"), (1005.0, "finished")):
        status = status.after({"event": "state", "state": state, "time": when})
    assert status.seconds == 15.0
