"""A button acts only where the server finds that it may: a page can be made to say anything."""

import pytest

from dss_widgets.errors import DataError
from dss_widgets.panels.action import Action
from dss_widgets.panels.monitoring import run_card
from dss_widgets.panels.monitoring.run_card import RunCard
from dss_widgets.panels.prediction.files import zip_of
from dss_widgets.panels.run_history import RunHistory


def sent(widget, **data):
    """Let a widget get a message as from a page."""
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def press(widget):
    sent(widget, method="custom", content={"event": "click"})


@pytest.fixture
def state():
    return {"may": False, "pressed": 0}


@pytest.fixture(params=[False, True], ids=["greyed out", "hidden"])
def action(request, state):
    made = Action("Do it", "dss-do", may=lambda: state["may"], hides=request.param)
    made.on_click(lambda _: state.update(pressed=state["pressed"] + 1))
    made.draw()
    return made


def looks_off(action):
    return action.disabled or "dss-off" in action._dom_classes


def test_what_is_not_allowed_is_not_done_by_a_press_from_a_page(action, state):
    assert looks_off(action)
    press(action)
    assert state["pressed"] == 0


def test_a_page_cannot_make_it_allowed(action, state):
    sent(action, method="update", state={"disabled": False, "_dom_classes": [], "_may": True, "_hides": False, "allowed": True})
    press(action)
    assert state["pressed"] == 0
    assert looks_off(action), "the page is put right"


def test_what_is_allowed_is_done(action, state):
    state["may"] = True
    press(action)
    assert state["pressed"] == 1
    action.draw()
    assert not looks_off(action)


def test_it_is_asked_at_every_press(action, state):
    state["may"] = True
    action.draw()
    state["may"] = False
    press(action)
    assert state["pressed"] == 0
    assert looks_off(action)


@pytest.fixture
def card(pretend, monkeypatch):
    """The card of a run that is at work, all whose buttons a page was made to show."""
    made = RunCard()
    made.run = pretend()
    made.draw(RunHistory(made.run.run))
    for button in (made.stop, made.resume, made.delete, made.really):
        sent(button, method="update", state={"_dom_classes": [], "disabled": False})
    return made


def test_a_run_that_is_at_work_is_neither_resumed_nor_deleted(card, monkeypatch):
    again = []
    monkeypatch.setattr(run_card, "resume_job", again.append)
    for button in (card.resume, card.delete, card.really):
        press(button)
    assert again == []
    assert not card.confirming
    assert card.run.run.folder.is_dir()


def test_a_run_that_has_ended_is_not_stopped_and_not_deleted_without_having_asked(card):
    card.run.end("finished")
    press(card.stop)
    press(card.really)
    assert not (card.run.run.folder / "stop").exists()
    assert card.run.run.folder.is_dir()


def test_a_finished_run_is_not_resumed_by_a_button_that_is_hidden(card, monkeypatch):
    again = []
    monkeypatch.setattr(run_card, "resume_job", again.append)
    card.run.end("finished")
    press(card.resume)
    assert again == []


def test_a_run_that_would_leave_the_roots_is_not_resumed(pretend, dataset, tmp_path, monkeypatch):
    """A network to start from is named in its options, which anybody may have written."""
    run = pretend(initial_weights=str(tmp_path / "outside_model.keras"))
    run.end("stopped", scores=False)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", f"{dataset}:{dataset.with_suffix('.res')}")
    card = RunCard()
    card.draw(RunHistory(run.run))
    press(card.resume)
    assert "outside" in card._said.value
    assert card.resumed == 0


def test_annotations_that_became_links_after_the_listing_are_not_packed(tmp_path, monkeypatch):
    (tmp_path / "root").mkdir()
    (tmp_path / "secret.csv").write_text("secret")
    (tmp_path / "root" / "a_annotations.csv").symlink_to(tmp_path / "secret.csv")
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
    with pytest.raises(DataError, match="outside"):
        zip_of([tmp_path / "root" / "a_annotations.csv"])
