"""The annotation panel without a page: what messages may do, what is opened, kept, proposed and walked through."""

import shutil

import numpy as np
import pytest
import soundfile

from dss_widgets.annotating.edits import Make
from dss_widgets.panels import AnnotationPanel, PredictPanel
from dss_widgets.panels.annotation.messages import edit_of, packed
from dss_widgets.panels.annotation.recording_list import RecordingList
from dss_widgets.review import Stretch

MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def folder(tmp_path):
    """Two recordings, one of them annotated, and predictions for both."""
    for name in ("one", "two"):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(80_000), 8000)
    (tmp_path / "one_annotations.csv").write_text(
        f"name,start_seconds,stop_seconds\na,1,2\n{MARKUP},3,4\npulse,5,5\n", encoding="utf-8"
    )
    (tmp_path / "predicted").mkdir()
    for name in ("one", "two"):
        (tmp_path / "predicted" / f"{name}_annotations.csv").write_text("name,start_seconds,stop_seconds\na,6,7\na,8,9\n")
    return tmp_path


@pytest.fixture
def sent(monkeypatch):
    """What editors tell their pages."""
    told = []
    monkeypatch.setattr(
        "dss_widgets.panels.annotation.editor.LabelEditor.send", lambda _, content, _buffers: told.append(content)
    )
    return told


def say(panel, kind, **more):
    """Say something to a panel's editor, as a page does."""
    panel.editor._handle_custom_msg({"number": panel.editor._number, "page": "p", "kind": kind, **more}, [])


def rows(folder, name="one"):
    return (folder / f"{name}_annotations.csv").read_text(encoding="utf-8").splitlines()[1:]


def test_a_recording_that_the_list_has_only_now_can_be_chosen_at_once(folder):
    chosen = []
    recordings = RecordingList(chosen.append)
    later = folder / "three.wav"
    for new in (folder / "one.wav", later):
        if not new.exists():
            shutil.copy(folder / "two.wav", new)
        recordings.look_through(str(folder), lambda new=new: recordings.offer(str(new)), pytest.fail)
        assert recordings.value == str(new)
    assert chosen == []  # by somebody


def test_it_lists_recordings_with_their_labels_and_opens_the_first(folder):
    panel = AnnotationPanel(folder)
    assert [words for words, _ in panel.choice.options] == ["one.wav · 3 labels", "two.wav · 0 labels"]
    assert panel.recording == str(folder / "one.wav")
    assert list(panel.editor.session.document.song_types) == [MARKUP, "a", "pulse"]
    panel.choice.value = str(folder / "two.wav")
    assert panel.recording == str(folder / "two.wav")
    assert list(panel.editor.session.document.song_types) == [MARKUP, "a", "pulse"]
    assert not list(folder.glob("two_*"))


def test_messages_of_the_page_are_edits_and_each_is_kept_and_answered(folder, sent):
    panel = AnnotationPanel(folder / "one.wav")
    sent.clear()
    say(panel, "edit", edit={"do": "make", "name": "a", "start": 7.0, "stop": 7.5})
    assert "a,7.0,7.5" in rows(folder)
    [told] = sent
    assert (told["kind"], told["gone"], told["names"], told["page"]) == ("labels", [], ["a"], "p")
    say(panel, "edit", edit={"do": "relabel", "ids": told["select"], "name": MARKUP})
    assert f"{MARKUP},7.0,7.5" in rows(folder)
    say(panel, "undo")
    say(panel, "undo")
    assert "a,7.0,7.5" not in rows(folder)
    say(panel, "redo")
    assert "a,7.0,7.5" in rows(folder)
    assert [words for words, _ in panel.choice.options] == ["one.wav · 4 labels"]


@pytest.mark.parametrize(
    "edit",
    [
        None, [], {}, {"do": "rm"}, {"do": ["make"]}, {"do": "make", "name": 1}, {"do": "move", "ids": "1"},
        {"do": "make", "name": "a", "start": "1", "stop": 2}, {"do": "make", "name": "a", "start": float("nan"), "stop": 2},
        {"do": "move", "ids": [1.0]}, {"do": "move", "ids": [True], "by": 1}, {"do": "delete", "ids": [1] * 100_001},
        {"do": "stretch", "ids": [1], "start_by": True},
    ],
)  # fmt: skip
def test_what_is_no_edit_is_passed_over(folder, sent, edit):
    panel, before = AnnotationPanel(folder), rows(folder)
    sent.clear()
    say(panel, "edit", edit=edit)
    panel.editor._handle_custom_msg("nonsense", [])
    panel.editor._handle_custom_msg({"number": -1, "kind": "undo"}, [])
    with pytest.raises(ValueError, match="no"):
        edit_of(edit)
    assert (rows(folder), sent) == (before, [])


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ({"do": "make", "name": "zz", "start": 1, "stop": 2}, "Add it first"),
        ({"do": "add_type", "name": "noise", "category": "event"}, "noise"),
        ({"do": "add_type", "name": "x", "category": "both"}, "an event"),
        ({"do": "approve_above", "probability": 0.5}, "no open proposal"),
        ({"do": "delete", "ids": [77]}, "not there any more"),
    ],
)
def test_what_cannot_be_is_told_to_the_page(folder, sent, edit, words):
    panel, before = AnnotationPanel(folder), rows(folder)
    sent.clear()
    say(panel, "edit", edit=edit)
    assert sent[-1]["kind"] == "refused"
    assert words in sent[-1]["words"]
    assert rows(folder) == before


def test_labels_are_packed_in_columns(folder):
    panel = AnnotationPanel(folder)
    names, (ids, kinds, states, starts, stops, probabilities) = packed(panel.editor.session.document.in_order())
    assert names == ["a", MARKUP, "pulse"]
    assert np.frombuffer(ids, "<u4").tolist() == [1, 2, 3]
    assert np.frombuffer(kinds, "<u2").tolist() == [0, 1, 2]
    assert states == bytes(3)
    assert np.frombuffer(starts, "<f8").tolist() == [1, 3, 5]
    assert np.frombuffer(stops, "<f8").tolist() == [2, 4, 5]
    assert np.isnan(np.frombuffer(probabilities, "<f4")).all()


def test_proposals_of_a_prediction_are_there_once_a_recording_is_opened(folder):
    panel = AnnotationPanel(folder, folder / "predicted")
    assert panel.editor.session.document.n_open() == 2
    assert panel.choice.options[0][0] == "one.wav · 3 labels, 2 open"
    say(panel, "edit", edit={"do": "approve_within", "start": 5.5, "stop": 6.5})
    again = AnnotationPanel(folder, folder / "predicted")
    assert again.editor.session.document.n_open() == 1
    assert "a,6.0,7.0" in rows(folder)
    assert again.editor.session.history.undo is None


def test_the_recording_that_is_shown_is_the_one_chosen_in_the_list(folder):
    panel = AnnotationPanel(folder)
    assert panel.recording == panel.choice.value == str(folder / "one.wav")
    panel.show_recording(str(folder / "two.wav"))
    assert panel.choice.value == str(folder / "two.wav")


def test_it_walks_through_stretches_of_several_folders(folder, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    shutil.copy(folder / "one.wav", other / "three.wav")
    stretches = [
        Stretch(str(folder / "two.wav"), 2.0, 3.0, f"unsure {MARKUP}", 2.0),
        Stretch(str(other / "three.wav"), 4.0, 5.0, "odd", 1.0),
    ]
    panel = AnnotationPanel(stretches=stretches)
    assert panel.recording == str(folder / "two.wav")
    assert panel.editor.place == (1.5, 3.5)
    assert "&lt;img" in panel.walk._told.value
    say(panel, "walk", by=1)
    assert panel.recording == str(other / "three.wav")
    assert panel.recordings == str(other)
    assert panel.editor._mark == [4.0, 5.0]
    panel.walk.back.click()
    assert panel.recording == str(folder / "two.wav")


def test_stretches_that_were_passed_are_kept_as_looked_through_but_not_of_what_was_annotated_before(folder):
    kept = folder / "two_reviewed.csv"
    stretches = [Stretch(str(folder / f"{name}.wav"), start, start + 1, "", 1.0) for name, start in (("two", 2), ("one", 3))]
    panel = AnnotationPanel(stretches=[*stretches, Stretch(str(folder / "two.wav"), 3.0, 3.5, "", 0.5)])
    assert not kept.exists()
    say(panel, "walk", by=1)
    say(panel, "walk", by=1)
    panel.walk.on.click()
    assert kept.read_text() == "start_seconds,stop_seconds\n2.0,3.5\n"
    assert not (folder / "one_reviewed.csv").exists()
    assert "All 3" in panel.walk._told.value
    panel.walk.back.click()
    assert panel.recording == str(folder / "two.wav")


def test_what_others_annotated_meanwhile_is_no_part_that_was_looked_through(folder):
    panel = AnnotationPanel(folder)
    (folder / "two_annotations.csv").write_text("name,start_seconds,stop_seconds\na,1,2\n")
    panel.stretches = (Stretch(str(folder / "two.wav"), 2.0, 3.0, "unsure", 1.0),)
    say(panel, "walk", by=1)
    assert not (folder / "two_reviewed.csv").exists()


def test_a_change_elsewhere_is_shown_and_chosen_from(folder):
    one, other = AnnotationPanel(folder), AnnotationPanel(folder)
    one.editor.do(lambda: one.editor.session.do(Make("a", 7, 7.5)))
    other.look()
    assert "dss-off" in other.conflict._dom_classes
    assert len(other.editor.session.document.labels) == 4
    other.editor.do(lambda: other.editor.session.do(Make("a", 8, 8.5)))
    one.look()
    assert "dss-off" not in one.conflict._dom_classes
    assert "1 label only in the file" in one.conflict._told.value
    assert one.editor._tracks[0]["title"] == "In the file"
    one.conflict.theirs.click()
    assert "dss-off" in one.conflict._dom_classes
    assert one.editor._tracks == []
    assert len(one.editor.session.document.labels) == 5
    one.conflict.mine.click()  # there is nothing to choose any more
    assert "a,8.0,8.5" in rows(folder)


def test_what_cannot_be_opened_or_may_not_be_is_told(folder, monkeypatch):
    panel = AnnotationPanel(folder)
    (folder / "two.wav").write_bytes(b"no sound")
    panel.choice.value = str(folder / "two.wav")
    assert "not a readable wav file" in panel._said.value
    panel.choice.value = str(folder / "one.wav")
    assert panel._said.value == ""
    (folder / "one.wav").unlink()
    panel.look()
    assert "not there any more" in panel.editor.why
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(folder / "predicted"))
    refused = AnnotationPanel(folder, stretches=[Stretch(str(folder / "two.wav"), 0, 1, "x", 1)])
    assert refused.editor.session is None
    assert refused.choice.options == ()


def test_it_goes_on_looking_before_anything_is_opened(folder):
    panel = AnnotationPanel()
    assert panel.look()
    panel.recordings = str(folder)
    AnnotationPanel(folder).editor.session.do(Make("a", 7, 7.5))
    assert panel.look()
    assert len(panel.editor.session.document.labels) == 4


@pytest.mark.parametrize("broken", ["one.wav", "one_annotations.csv"])
def test_what_could_not_be_opened_is_opened_once_its_file_is_whole(folder, broken):
    whole = (folder / broken).read_bytes()
    (folder / broken).write_bytes(b"\xff\xff half of it")
    panel = AnnotationPanel(folder)
    panel.show_recording(folder / "one.wav")
    said = panel._said.value
    assert broken in said
    panel.look()
    assert (panel.editor.session, panel._said.value) == (None, said)
    (folder / broken).write_bytes(whole)
    panel.look()
    assert len(panel.editor.session.document.labels) == 3
    assert panel._said.value == ""


def test_a_prediction_is_corrected_where_it_is_shown(folder):
    panel = PredictPanel("", folder)
    assert not panel.correct.button.allowed
    panel.correct.button.click()
    assert panel.correct.panel is None
