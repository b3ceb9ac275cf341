"""A recording's labels in files: what is kept, what others write meanwhile, what a crash leaves."""

import json
import os
import signal
import subprocess
import sys

import h5py
import numpy as np
import pytest
import soundfile

from dss_widgets.annotating import Session, read_proposals
from dss_widgets.annotating.edits import (
    AddType,
    Approve,
    ApproveAbove,
    Delete,
    Make,
    Merge,
    Move,
    Reject,
    Relabel,
    Split,
    Stretch,
)  # fmt: skip
from dss_widgets.annotating.reading import load
from dss_widgets.dataset import survey
from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.errors import DataError, EditError

CSV, REVIEW = "bird1_annotations.csv", "bird1_annotations.review.json"


def rows(recording):
    """Return the lines of a recording's table below its header."""
    return recording.with_name(CSV).read_text(encoding="utf-8").splitlines()[1:]


def named(session, name):
    """Return the numbers of the labels of a name, in the order of time."""
    return tuple(label.id for label in session.document.in_order() if label.name == name)


@pytest.fixture
def predicted(recording, tmp_path):
    """A prediction of the recording, with probabilities: one label that is there already, one sure, one not, one event."""
    folder = tmp_path / "predictions"
    folder.mkdir()
    (folder / CSV).write_text("name,start_seconds,stop_seconds\na,1,1.5\na,6,6.5\nb_proposals,7,7.5\npulse,8,8\n")
    probabilities = np.zeros((5000, 4), np.float32)
    probabilities[3000:3250, 1], probabilities[3500:3750, 2], probabilities[3999:4002, 3] = 0.75, 0.5, 0.875
    with h5py.File(folder / "bird1_probabilities.h5", "w") as file:
        file["probabilities"] = probabilities
        file.attrs["samplerate_Hz"] = 500.0
        file.attrs["class_names"] = np.array([b"noise", b"a", b"b", b"pulse"])
    return read_proposals(folder / CSV)


def test_every_edit_lies_in_the_file_at_once_beside_what_else_stands_there(recording):
    session = Session(recording)
    session.do(Move(named(session, "b"), 0.125))
    assert rows(recording) == [
        "a,1.0,1.50,Bo", "b,2.125,2.375,Bo", "pulse,3.0,3.0,", '"c, d",4.0,4.5,Li', "a,seven,8,Li", "rare,nan,0,",
    ]  # fmt: skip
    session.do(Make("rare", 6.0, 6.5))
    session.do(Delete(named(session, "pulse")))
    session.do(AddType("click", "event"))
    assert rows(recording)[2:] == [
        '"c, d",4.0,4.5,Li', "rare,6.0,6.5,", "a,seven,8,Li", "pulse,nan,nan,", "click,nan,nan,",
    ]  # fmt: skip
    found, problems = read_annotations(recording.with_name(CSV))
    assert dict(found.declared) == {"pulse": "event", "click": "event"}
    assert [problem.row for problem in problems] == [6]


def test_the_file_before_the_first_change_is_kept_and_no_reader_takes_it(recording):
    before = recording.with_name(CSV).read_bytes()
    session = Session(recording)
    assert not recording.with_name(f"{CSV}.kept-1").exists()
    for _ in range(3):
        session.do(Move(named(session, "a"), 0.25))
    Session(recording).do(Move((1,), 0.25))  # opened again, it is the file that was written here
    assert recording.with_name(f"{CSV}.kept-1").read_bytes() == before
    assert not recording.with_name(f"{CSV}.kept-2").exists()
    recording.with_name(CSV).write_bytes(before)  # another program writes
    Session(recording).do(AddType("x", "event"))
    recording.with_name(CSV).write_text("name,start_seconds,stop_seconds\nz,1,2\n")
    Session(recording).do(AddType("x", "event"))
    assert recording.with_name(f"{CSV}.kept-2").read_text() == "name,start_seconds,stop_seconds\nz,1,2\n"
    found = survey(recording.parent)
    assert [entry.name for entry in found.recordings] == ["bird1.wav"]
    assert {problem.file for problem in found.problems} <= {None}


def test_segments_are_split_merged_stretched_and_renamed(recording):
    session = Session(recording)
    (first,), (b,) = named(session, "a"), named(session, "b")
    session.do(Split((first,), 1.25))
    session.do(Stretch(named(session, "a"), start_by_seconds=-0.05, stop_by_seconds=0.0))
    session.do(Relabel((b,), "a"))
    assert rows(recording)[:3] == ["a,0.95,1.25,Bo", "a,1.2,1.5,", "a,2.00,2.25,Bo"]
    session.do(Merge(named(session, "a")))
    assert rows(recording)[:1] == ["a,0.95,2.25,Bo"]
    session.do(Stretch(named(session, "a"), stop_by_seconds=-9))
    assert rows(recording)[:1] == ["a,0.95,0.9501875,Bo"]
    session.do(Move(named(session, "c, d"), 99))
    assert rows(recording)[2] == '"c, d",9.5,10.0,Li'


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Make("no such", 1, 2), "Add it first"),
        (Make("a", 1, 1), "drag from its onset"),
        (Move((99,), 1), "not there any more"),
        (Move((1,), float("nan")), "no time"),
        (Split((1,), 9.0), "Put the cursor"),
        (Merge((1,)), "two segments or more"),
        (Merge((1, 3)), "cannot be merged"),
        (Relabel((1,), "pulse"), "is an event and ‘a’ a segment"),
        (Approve((1,)), "no open proposal"),
        (Reject((1,)), "Delete removes"),
        (Stretch((3,), 1), "no edges"),
        (AddType("noise", "event"), "noise"),
        (AddType("a", "event"), "already"),
        (AddType("a\nb", "event"), "line breaks"),
        (AddType(" ", "segment"), "no name"),
        (AddType("a_proposals", "segment"), "proposals of a network"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(recording, edit, words):
    session, before = Session(recording), recording.with_name(CSV).read_bytes()
    with pytest.raises(EditError, match=words):
        session.do(edit)
    assert recording.with_name(CSV).read_bytes() == before
    assert session.history.undo is None


def test_proposals_are_approved_changed_and_rejected_and_only_then_count(recording, predicted):
    session = Session(recording)
    session.take_proposals(predicted)
    state = {(label.name, label.state, label.probability) for label in session.document.labels.values() if label.is_proposal}
    assert state == {("a", "open", 0.75), ("b", "open", 0.5), ("pulse", "open", 0.875)}
    assert len(rows(recording)) == 6
    session.do(ApproveAbove(0.875))
    session.do(Move(named(session, "b")[1:], 0.25))
    session.do(Reject(named(session, "a")[1:]))
    assert [row for row in rows(recording) if row.startswith(("b,7", "pulse,8", "a,6"))] == ["b,7.25,7.75,", "pulse,8.0,8.0,"]
    again = Session(recording)
    assert {(x.name, x.state) for x in again.document.labels.values() if x.is_proposal} == {
        ("pulse", "approved"), ("b", "changed"), ("a", "rejected"),
    }  # fmt: skip
    again.take_proposals(predicted)  # what was rejected is not proposed again; what was changed lies half elsewhere
    assert again.document.n_open() == 1
    again.do(Delete(named(again, "b")[1:]))
    assert again.document.n_open() == 0


def test_states_survive_where_another_program_writes_the_table(recording, predicted):
    session = Session(recording)
    session.take_proposals(predicted)
    session.do(ApproveAbove(0))
    table = recording.with_name(CSV)
    table.write_text(table.read_text().replace("a,6.0,6.5,\n", ""))  # deleted in DAS
    states = {(x.name, x.start_seconds): x.state for x in Session(recording).document.labels.values()}
    assert states["a", 6.0] == "rejected"
    assert states["b", 7.0] == "approved"
    assert states["a", 1.0] == "human"


def test_labels_of_another_format_are_read_and_written_on_as_das_has_them(tmp_path):
    soundfile.write(tmp_path / "bird1.wav", np.zeros(8000), 8000)
    (tmp_path / "bird1.txt").write_text("0.1\t0.2\tsong\n0.5\t0.5\tpulse\n")
    session = Session(tmp_path / "bird1.wav")
    assert session.loaded.whence == "bird1.txt (Audacity)"
    session.do(Make("song", 0.7, 0.8))
    assert rows(tmp_path / "bird1.wav") == ["song,0.1,0.2", "pulse,0.5,0.5", "song,0.7,0.8"]
    session.undo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bird1.txt", "bird1.wav"]


def test_a_recording_is_annotated_from_nothing(tmp_path):
    soundfile.write(tmp_path / "bird1.wav", np.zeros(8000), 8000)
    session = Session(tmp_path / "bird1.wav", {"song": "segment"})
    session.do(Make("song", 0.25, 0.5))
    session.do(AddType("click", "event"))
    session.do(Make("click", 0.75, 0.9))
    assert rows(tmp_path / "bird1.wav") == ["song,0.25,0.5", "click,0.75,0.75"]
    assert not (tmp_path / "bird1_definitions.csv").exists()


def test_definitions_learn_new_types_where_there_are_some(recording):
    definitions = recording.with_name("bird1_definitions.csv")
    definitions.write_text("a,segment\npulse,event")
    session = Session(recording)
    session.do(AddType("x,y", "event"))
    assert definitions.read_text() == 'a,segment\npulse,event\n"x,y",event\n'
    session.undo()
    assert definitions.read_text() == "a,segment\npulse,event"


def test_of_two_who_edit_one_file_neither_overwrites_the_other(recording):
    one, other = Session(recording), Session(recording)
    one.do(Make("a", 5, 6))
    assert other.look()  # nothing was edited there: what is there is taken
    assert named(other, "a") == named(one, "a")
    other.do(Make("a", 7, 8))
    theirs = recording.with_name(CSV).read_bytes()
    with pytest.raises(EditError, match="changed elsewhere"):
        one.do(Make("a", 8, 9))
    assert recording.with_name(CSV).read_bytes() == theirs
    assert one.conflict.theirs.labels.keys() == other.document.labels.keys()
    with pytest.raises(EditError, match="choose"):
        one.undo()
    kept = one.keep_mine()
    assert kept.read_bytes() == theirs
    assert "a,5.0,6.0," in rows(recording)
    assert "a,7.0,8.0," not in rows(recording)
    one.undo()
    other.look()
    mine = other.take_theirs()
    assert "a,7.0,8.0," in mine.read_text()
    other.do(Make("a", 8, 9))
    assert "a,5.0,6.0," not in rows(recording)


def test_what_comes_right_after_the_labels_were_read_is_seen_by_the_next_look(recording, monkeypatch):
    other, at = Session(recording), iter((5, 6))

    def read_then_changed(*args):
        found = load(*args)
        if (start := next(at, None)) is not None:
            other.do(Make("b", start, start + 0.5))
        return found

    monkeypatch.setattr("dss_widgets.annotating.session.load", read_then_changed)
    session = Session(recording)
    for start in (5, 6):  # the first came while the session began, the other while the first was read
        assert session.look()
        assert start in [label.start_seconds for label in session.document.in_order()]
    assert not session.look()


def test_a_rejection_elsewhere_is_a_change_too(recording, predicted):
    one = Session(recording)
    one.take_proposals(predicted)
    other = Session(recording)
    one.do(Reject(named(one, "b")[1:]))
    with pytest.raises(EditError, match="changed elsewhere"):
        other.do(Reject(named(other, "pulse")[1:]))
    other.take_theirs()
    assert [x.state for x in other.document.in_order() if x.name == "b"] == ["human", "rejected"]


def test_a_table_that_was_deleted_elsewhere_is_a_change_too(recording):
    session = Session(recording)
    session.do(Make("a", 5, 6))
    recording.with_name(CSV).unlink()
    assert session.look()
    assert "deleted" in session.conflict.words
    session.keep_mine()
    assert "a,5.0,6.0," in rows(recording)


@pytest.mark.parametrize("what", ["folder", "file"])
def test_where_nothing_may_be_written_editing_is_off(recording, what):
    place = recording.parent if what == "folder" else recording.with_name(CSV)
    mode = place.stat().st_mode
    place.chmod(mode & ~0o222)
    try:
        session = Session(recording)
        assert "cannot be written" in session.why_not()
        with pytest.raises(EditError, match="cannot be written"):
            session.do(Make("a", 5, 6))
    finally:
        place.chmod(mode)


def test_a_recording_that_is_deleted_while_it_is_open_is_told(recording):
    session = Session(recording)
    recording.unlink()
    with pytest.raises(EditError, match="not there any more"):
        session.do(Make("a", 5, 6))


def test_a_full_disk_leaves_labels_and_file_as_they_were(recording, monkeypatch):
    session, before = Session(recording), recording.with_name(CSV).read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(DataError, match="No space left"):
            session.do(Make("a", 5, 6))
    assert recording.with_name(CSV).read_bytes() == before
    assert len(named(session, "a")) == 1
    session.do(Make("a", 5, 6))
    assert "a,5.0,6.0," in rows(recording)


def test_labels_never_leave_the_roots(recording, tmp_path, monkeypatch):
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir(), outside.mkdir()
    recording.rename(inside / "bird1.wav")
    (outside / CSV).write_text("name,start_seconds,stop_seconds\na,1,2\n")
    (inside / CSV).symlink_to(outside / CSV)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(inside))
    with pytest.raises(DataError, match="outside"):
        Session(inside / "bird1.wav")
    with pytest.raises(DataError, match="outside"):
        read_proposals(outside / CSV)


@pytest.mark.parametrize(
    "content", ["[]", "{", '{"format": 2}', '{"format":1,"table":"","source":"","proposals":[{"name":"a"}]}']
)
def test_a_damaged_review_is_told_and_not_replaced(recording, content):
    recording.with_name(REVIEW).write_text(content)
    with pytest.raises(DataError, match="is not the file of a review"):
        Session(recording)
    assert recording.with_name(REVIEW).read_text() == content


EDITS = """
import sys
from dss_widgets.annotating import Session
from dss_widgets.annotating.edits import Make
session = Session(sys.argv[1])
for i in range(1000):
    session.do(Make("a", 5 + i / 1000, 5.5 + i / 1000))
    print(i, flush=True)
"""


def test_a_kill_between_edits_loses_none(recording):
    process = subprocess.Popen([sys.executable, "-c", EDITS, str(recording)], stdout=subprocess.PIPE, text=True)
    told = [int(process.stdout.readline()) for _ in range(25)]
    process.send_signal(signal.SIGKILL)
    told += map(int, process.stdout.read().split())
    process.wait()
    session = Session(recording)
    made = [label.start_seconds for label in session.document.in_order() if label.start_seconds >= 5]
    assert made[: len(told)] == pytest.approx([5 + i / 1000 for i in told])
    assert len(made) - len(told) in (0, 1)
    assert json.loads(recording.with_name(REVIEW).read_text())["format"] == 1
    session.do(Make("a", 9, 9.5))
    assert survey(recording.parent).recordings[0].annotations.names.size == 4 + len(made) + 1


def test_labels_are_opened_while_another_process_edits_them_all_the_time(recording):
    process = subprocess.Popen([sys.executable, "-c", EDITS, str(recording)], stdout=subprocess.PIPE, text=True)
    try:
        process.stdout.readline()
        numbers = []
        for _ in range(40):
            made = [label.id for label in Session(recording).document.in_order() if label.start_seconds >= 5]
            numbers.append(len(made))
        assert process.poll() is None
        assert numbers == sorted(numbers), "an edit was lost from sight"
        assert numbers[-1] > numbers[0]
    finally:
        process.kill()
        process.communicate()
