"""A button acts only where the server finds that it may: a page can be made to say anything."""

import pytest

from dss_widgets.panels.action import Action


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
