"""The kernel's end of the sound view: what a page asks for is answered, and nothing else."""

import asyncio
import threading

import numpy as np
import pytest

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.panels.sound.answers import AHEAD_BYTES, MOST_WANTED, Answers
from dss_widgets.panels.sound.sound import Sound
from dss_widgets.panels.sound.tiles import Tiles, Wanted
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.sound.view import SoundView, module

RATE = 32_000
AUDIO = np.random.default_rng(1).uniform(-1, 1, (10 * RATE, 2)).astype(np.float32)


@pytest.fixture
def sent(monkeypatch):
    """What is sent to pages."""
    found = []
    monkeypatch.setattr(
        SoundView, "send", lambda _, content, buffers=None: found.append((content, bytes((buffers or [b""])[0])))
    )
    return found


@pytest.fixture
def view(sent):
    view = SoundView("Song")
    view.show(Sound.of_array(AUDIO, RATE))
    return view


def ask(view, **message):
    view._asked(view, {"number": view._number, "page": "p", "seen": 1, **message}, [])


def test_tiles_come_as_binary_messages_in_the_order_in_which_they_are_wanted(view, sent):
    ask(view, kind="tiles", wanted=[["wave", 1, 3, 2, 0], ["power", 0, 5, 0, 0]])
    assert [content["tile"] for content, _ in sent] == [["wave", 1, 3, 2, 0], ["power", 0, 5, 0, 0]]
    wave = np.frombuffer(sent[0][1], "<f4").reshape(sent[0][0]["shape"])
    np.testing.assert_array_equal(wave[0, 0], [AUDIO[8192:8200, 1].min(), AUDIO[8192:8200, 1].max()])


@pytest.mark.parametrize(
    "message",
    [
        {"kind": "tiles", "wanted": [["wave", 0, 0, 0, 0]], "number": 99}, {"kind": "tiles"}, {"kind": "tiles", "wanted": 7},
        {"kind": "tiles", "wanted": [["../../etc", 0, 0, 0, 0]]}, {"kind": "open", "path": "/etc/passwd"}, {},
        {"kind": "play", "piece": 0, "take": 1}, {"kind": "play", "piece": "x", "take": 1},
    ],
)  # fmt: skip
def test_what_is_no_request_is_passed_over(view, sent, message):
    ask(view, **message)
    view._asked(view, "nonsense", [])
    assert not sent


def test_a_tile_that_cannot_be_read_says_why(view, sent):
    view.show(Sound.of_array(AUDIO[:100], RATE))
    ask(view, kind="tiles", wanted=[["wave", 0, 0, 50, 0]])
    assert "no tile" in sent[0][0]["fault"]


def test_answers_about_an_earlier_sound_are_not_sent(view, sent):
    old = view._number
    view.show(Sound.of_array(AUDIO[:1000], RATE))
    view._send_answer(old, {"kind": "tile"}, b"")
    assert not sent


def test_a_newer_request_replaces_what_is_not_answered_yet():
    reading, go = threading.Event(), threading.Event()

    def read(start, stop):
        reading.set()
        assert go.wait(30)
        return AUDIO[start:stop]

    answered, done = [], threading.Event()

    def send(content, _data):
        answered.append(content["tile"][3])
        if content["tile"][3] == 7:
            done.set()

    answers = Answers(Tiles(Sound(RATE, len(AUDIO), 2, read)), send, beside=True)
    answers.want("p", [Wanted("wave", 0, 0, number, 0) for number in range(5)])
    assert reading.wait(30)
    answers.want("p", [Wanted("wave", 0, 0, 7, 0)])
    go.set()
    assert done.wait(30)
    assert answered == [0, 7], "what was being made, and what is wanted by now"


def test_one_request_cannot_ask_for_endlessly_much(view, sent):
    ask(view, kind="tiles", wanted=[["wave", 0, 0, number, 0] for number in range(500)])
    assert len(sent) == MOST_WANTED


def test_what_is_asked_for_at_once_waits_for_nothing(monkeypatch):
    monkeypatch.setattr("dss_widgets.panels.sound.answers.WINDOW_SECONDS", 1e6)
    sent, full = [], threading.Event()

    def send(_content, data):
        sent.append(len(data))
        if sum(sent) >= 2 * AHEAD_BYTES:
            full.set()

    answers = Answers(Tiles(Sound.of_array(AUDIO, RATE)), send, beside=True)
    for _ in range(30):
        answers.first(lambda: ({}, bytes(AHEAD_BYTES // 12)), alone=False)
    assert full.wait(30)


def test_what_may_be_needed_later_leaves_room_for_what_is_seen(monkeypatch):
    monkeypatch.setattr("dss_widgets.panels.sound.answers.WINDOW_SECONDS", 1e6)
    sent, half, more = [], threading.Event(), threading.Event()

    def send(content, data):
        sent.append(content["tile"])
        size = sum(1 for kind, *_ in sent if kind == "power") * len(data)
        if size >= AHEAD_BYTES:
            half.set()
        if content["tile"][0] == "wave":
            more.set()

    audio = np.zeros((300 * RATE, 1), np.float32)
    answers = Answers(Tiles(Sound.of_array(audio, RATE)), send, beside=True)
    later = [Wanted("power", 0, 8, number, 0) for number in range(90)]
    answers.want("p", later, 0)
    assert half.wait(30)
    answers.want("p", [Wanted("wave", 0, 0, 0, 0), *later], 1)
    assert more.wait(30)
    answers.drop()
    assert sent[-1] == ["wave", 0, 0, 0, 0]


def test_the_kernels_loop_stays_free_while_a_file_is_read(sent):
    async def story():
        begun, go = threading.Event(), threading.Event()

        def read(start, stop):
            begun.set()
            assert go.wait(30)
            return AUDIO[start:stop]

        view = SoundView()
        view.show(Sound(RATE, len(AUDIO), 2, read))
        ask(view, kind="tiles", wanted=[["wave", 0, 0, 0, 0]])
        await asyncio.to_thread(begun.wait, 30)
        assert not sent, "and yet this is reached"
        go.set()
        while not sent:
            await asyncio.sleep(0)

    asyncio.run(story())
    assert sent[0][0]["kind"] == "tile"


def test_places_are_kept_within_the_sound(view):
    view.go_to(-5, 2)
    assert view.place == (0, 2)
    view.go_to(100)
    assert view.place == (8, 10)
    view.show(Sound.of_array(AUDIO[:RATE], RATE))
    assert view.place == (0, 1)


def test_a_part_of_a_sound_keeps_its_times(view):
    part = Sound.of_array(AUDIO, RATE).part(RATE, 3 * RATE)
    assert (part.start_seconds, part.stop_seconds) == (1, 3)
    np.testing.assert_array_equal(part.read(5, 9), AUDIO[RATE + 5 : RATE + 9])


def test_labels_are_packed_by_their_onset_with_names_as_text():
    labels = Annotations.of([("b", 2.0, 3.0), ("<img src=x>", 0.5, 0.5), ("b_proposals", 1.0, 1.5)])
    packed = Track("Found", labels, {"b": "#123456"}).packed()
    assert np.frombuffer(packed["starts"]).tolist() == [0.5, 1.0, 2.0]
    kinds = np.frombuffer(packed["kinds"], "<u2").tolist()
    assert [packed["names"][kind] for kind in kinds] == ["<img src=x>", "b_proposals", "b"]
    assert [packed["colours"][kind] for kind in kinds] == ["--dss-line-strong", "#123456", "#123456"]


def test_the_module_needs_no_network_and_makes_no_markup():
    text = module()
    assert "export default" in text
    for never in ("http:", "https:", "import ", "innerHTML", "insertAdjacentHTML", "eval(", "document.write"):
        assert never not in text
