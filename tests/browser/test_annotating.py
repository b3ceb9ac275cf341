"""Annotating and correcting in a real browser: every edit by mouse and by keyboard, and each lies in the file at once."""

import os
import re
import shutil
import signal
from contextlib import contextmanager

import numpy as np
import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from lab_server import APPS, lab
from looks import darken, spilled
from served import wait_until

from dss_widgets.results.probabilities_file import probabilities_file

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RATE = 32_000
MARKUP = "<img src=x onerror=alert(1)>"
TABLE = f"name,start_seconds,stop_seconds\na,1.0,1.5\nb,2.0,2.5\npulse,3.0,3.0\n{MARKUP},3.5,3.75\n"
PROPOSED = "name,start_seconds,stop_seconds\na,4.0,4.5\nb,5.0,5.5\npulse,6.0,6.0\nb,7.0,7.5\n"
VIEW = "document.querySelector('.dss-sound').soundView"
WHOLE = ".dss-sound[data-complete=true]"


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A Jupyter server with the dashboards."""
    folder = tmp_path_factory.mktemp("studio")
    shutil.copytree(APPS, folder / "apps")
    with lab(folder, {"DSS_WIDGETS_ROOTS": str(folder)}) as running:
        yield running


@pytest.fixture
def song(studio, request):
    """A folder of one recording of 10 s with labels, and a run with predictions for it."""
    folder = studio.folder / request.node.name / "song"
    folder.mkdir(parents=True)
    audio = 0.1 * np.random.default_rng(1).standard_normal(10 * RATE)
    soundfile.write(folder / "bird1.wav", audio, RATE, subtype="FLOAT")
    (folder / "bird1_annotations.csv").write_text(TABLE, encoding="utf-8")
    return folder


@pytest.fixture
def opened(visitor, studio, song):
    """Open the panel on the song."""

    @contextmanager
    def opened(**how):
        with visitor(**how) as page:
            page.goto(studio.app("annotate", folder=song))
            page.locator(WHOLE).wait_for()
            page.wait_for_function(f"{VIEW}.store.labels.size > 0 && {VIEW}.store.types.length > 0")
            show(page, 0, 10)
            yield page

    return opened


def show(page, start, stop):
    """Show a place."""
    page.evaluate(f"{VIEW}.goToSeconds({start}, {stop - start})")
    page.wait_for_function(f"Math.abs({VIEW}.from - {start}) < 1e-6 && {VIEW}.frame === null")


def propose(page, song):
    """Have proposals taken, as from a prediction."""
    folder = song.parent / "predicted"
    folder.mkdir()
    (folder / "bird1_annotations.csv").write_text(PROPOSED, encoding="utf-8")
    with probabilities_file(folder / "bird1_probabilities.h5", ["noise", "a", "b"], ["segment"] * 3, RATE) as file:
        file.add(np.tile(np.array([[0.2, 0.7, 0.1]], dtype=np.float32), (10 * RATE, 1)))
    field = page.get_by_role("textbox", name="Proposals from (optional)")
    field.fill(str(folder))
    field.press("Enter")
    page.wait_for_function(f"{VIEW}.store.open.length === 4")


def rows(song):
    return (song / "bird1_annotations.csv").read_text(encoding="utf-8").splitlines()[1:]


def kept(page, song, *expected):
    """Wait until these rows, and no others, are in the file, and the page has drawn them; times may differ by 30 ms."""

    def is_so():
        found = [row.rsplit(",", 2) for row in rows(song) if not row.endswith(("nan", "nan,0"))]
        return len(found) == len(expected) and all(
            name == want[0] and abs(float(start) - want[1]) < 0.03 and abs(float(stop) - want[2]) < 0.03
            for (name, start, stop), want in zip(found, expected, strict=True)
        )

    wait_until(is_so, lambda: f"in the file: {rows(song)}, expected: {expected}")
    page.wait_for_function(
        f"{VIEW}.store.rows.labels.labels.length === {len(expected)} && {VIEW}.frame === null && !{VIEW}.preview"
    )


def at(page, seconds, row="labels", share=0.6):
    """Return where a time is on the screen, in a row of labels or ``power``."""
    x, y = page.evaluate(
        "([seconds, row, share]) => { const view = VIEW,"
        " lane = view.layout.lanes.find(lane => (lane.row ?? lane.kind) === row), box = view.canvas.getBoundingClientRect();"
        " return [box.left + lane.x + (seconds - view.from) / (view.to - view.from) * lane.width,"
        " box.top + lane.y + share * lane.height]; }".replace("VIEW", VIEW),
        [seconds, row, share],
    )
    return x, y


def drag(page, start, stop):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + stop[0]) / 2, stop[1], steps=3)
    page.mouse.move(*stop, steps=3)
    page.mouse.up()


def press(page, *keys):
    for key in keys:
        page.locator(".dss-sound-canvas").press(key)


def chosen(page):
    return page.evaluate(f"{VIEW}.chosenLabels().map(label => [label.name, label.start, label.state])")


A, B, P, M = ("a", 1, 1.5), ("b", 2, 2.5), ("pulse", 3, 3), (MARKUP, 3.5, 3.75)


def test_every_edit_by_mouse(opened, song):
    with opened() as page:
        page.locator(".dss-edit-chip", has_text="b").click()
        drag(page, at(page, 8, "power"), at(page, 9, "power"))  # drawn over the sound
        kept(page, song, A, B, P, M, ("b", 8, 9))
        page.locator(".dss-edit-chip", has_text="b").click()  # names what is selected: nothing changes
        press(page, "Escape", "Escape")
        page.locator(".dss-edit-chip", has_text="pulse").click()
        page.mouse.click(*at(page, 9.5, "power"))
        kept(page, song, A, B, P, M, ("b", 8, 9), ("pulse", 9.5, 9.5))
        press(page, "Escape", "Escape", "Escape")
        drag(page, at(page, 1.25), at(page, 1.45))  # moved by its middle
        kept(page, song, ("a", 1.2, 1.7), B, P, M, ("b", 8, 9), ("pulse", 9.5, 9.5))
        drag(page, at(page, 8), at(page, 7.5))  # its onset, in the track
        kept(page, song, ("a", 1.2, 1.7), B, P, M, ("b", 7.5, 9), ("pulse", 9.5, 9.5))
        drag(page, at(page, 9, "power"), at(page, 8.5, "power"))  # its offset, over the sound
        kept(page, song, ("a", 1.2, 1.7), B, P, M, ("b", 7.5, 8.5), ("pulse", 9.5, 9.5))
        drag(page, at(page, 9.5), at(page, 9.25))
        kept(page, song, ("a", 1.2, 1.7), B, P, M, ("b", 7.5, 8.5), ("pulse", 9.25, 9.25))

        page.mouse.click(*at(page, 2.25))
        page.keyboard.down("Shift")
        page.mouse.click(*at(page, 8))
        page.keyboard.up("Shift")
        assert chosen(page) == [["b", 2.0, "human"], ["b", pytest.approx(7.5, abs=0.03), "human"]]
        drag(page, at(page, 2.25), at(page, 2.15))  # both
        kept(page, song, ("a", 1.2, 1.7), ("b", 1.9, 2.4), P, M, ("b", 7.4, 8.4), ("pulse", 9.25, 9.25))
        page.get_by_role("button", name="Merge").click()
        kept(page, song, ("a", 1.2, 1.7), ("b", 1.9, 8.4), P, M, ("pulse", 9.25, 9.25))
        page.locator(".dss-edit-undo").click()
        drag(page, at(page, 9.6), at(page, 6.5))  # a box from where nothing is
        assert [name for name, *_ in chosen(page)] == ["b", "pulse"]
        page.get_by_role("button", name="Delete").click()
        kept(page, song, ("a", 1.2, 1.7), ("b", 1.9, 2.4), P, M)
        page.mouse.dblclick(*at(page, 1.4))
        page.wait_for_function("document.activeElement.matches('.dss-edit-type')")
        page.keyboard.press("Escape")
        page.locator(".dss-edit-type").select_option("b")
        kept(page, song, ("b", 1.2, 1.7), ("b", 1.9, 2.4), P, M)
        page.mouse.click(*at(page, 1.45, "power"))
        page.get_by_role("button", name="Split").click()
        kept(page, song, ("b", 1.2, 1.45), ("b", 1.45, 1.7), ("b", 1.9, 2.4), P, M)
        for _ in range(30):
            if page.locator(".dss-edit-undo").is_disabled():
                break
            before = page.evaluate(f"{VIEW}.store.version")
            page.locator(".dss-edit-undo").click()
            page.wait_for_function(f"{VIEW}.store.version > {before}")
        assert (song / "bird1_annotations.csv").read_text(encoding="utf-8") == TABLE
        tip = page.locator(".dss-sound-tip")
        page.mouse.move(*at(page, 3.6))
        tip.filter(has_text=f"{MARKUP}: 3.5000 to 3.7500 s, 250 ms; made by hand").wait_for()
        assert page.locator(".dss-sound img").count() == 0


def test_every_edit_by_keyboard_and_proposals_too(opened, song):
    with opened() as page:
        propose(page, song)
        lanes = f"{VIEW}.layout.lanes.some(lane => lane.kind === 'curves')"
        page.locator(WHOLE).wait_for()
        page.wait_for_function(f"{VIEW}.frame === null && {lanes}")
        same = (
            "view => view.shown.curves.names.every((name, i) => view.shown.curves.colours[i] === view.store.type(name).colour)"
        )
        assert page.evaluate(f"({same})({VIEW})"), "a curve has the colour of its labels"
        press(page, "v")
        page.wait_for_function(f"{VIEW}.frame === null && !({lanes})")
        page.get_by_label("Probabilities").check()
        page.wait_for_function(f"{VIEW}.frame === null && {lanes}")
        press(page, "Home", "n")
        assert chosen(page) == [["a", 1.0, "human"]]
        page.locator(".dss-edit-spoken", has_text="Selected: a: 1.0000 to 1.5000 s, 500 ms; made by hand").wait_for(
            state="attached"
        )
        press(page, "Space")
        page.wait_for_function(f"{VIEW}.player.pieces.length > 0")
        heard = np.array(page.evaluate(f"Array.from({VIEW}.player.pieces[0].getChannelData(0))"), np.float32)
        np.testing.assert_array_equal(heard, soundfile.read(song / "bird1.wav", dtype="float32")[0][RATE : RATE * 3 // 2])
        press(page, "Space", "Shift+n")
        assert [name for name, *_ in chosen(page)] == ["a", "b"]
        press(page, "m")
        kept(page, song, ("a", 1, 2.5), P, M)
        press(page, "t")  # the cursor is where the second began
        kept(page, song, ("a", 1, 2), ("a", 2, 2.5), P, M)
        press(page, "Control+z", "Control+z")
        kept(page, song, A, B, P, M)
        press(page, "Control+Shift+z")
        kept(page, song, ("a", 1, 2.5), P, M)
        press(page, "Control+z")
        kept(page, song, A, B, P, M)
        press(page, "Escape", "Home", "n", "2")  # the second of the sorted names, a: no change; the third, b
        press(page, "3")
        kept(page, song, ("b", 1, 1.5), B, P, M)
        for key, first in (("Control+z", A), ("Control+y", ("b", 1, 1.5)), ("Control+z", A)):
            press(page, key)
            kept(page, song, first, B, P, M)
        show(page, 0.9, 1.9)
        step = page.evaluate(f"{VIEW}.seconds / {VIEW}.width")
        press(page, "Shift+q", "Shift+r", "Shift+r")
        kept(page, song, ("a", 1 - 10 * step, 1.5 + 20 * step), B, P, M)
        press(page, "Shift+w", "Shift+e", "Shift+e", "Alt+Shift+ArrowRight")
        kept(page, song, ("a", 1 + 10 * step, 1.5 + 10 * step), B, P, M)
        press(page, "Alt+Shift+ArrowLeft", "Delete")
        kept(page, song, B, P, M)
        press(page, "Control+z")
        kept(page, song, A, B, P, M)
        press(page, "Escape", "Escape")
        show(page, 8, 9)
        press(page, ".", *[">"] * 4, "i", *[":"] * 2, "o", "2")  # a stretch by its ends, and its song type
        kept(page, song, A, B, P, M, ("a", 8.705, 8.805))
        press(page, "Escape", "4", ":", "k")  # pulse at the cursor
        kept(page, song, A, B, P, M, ("a", 8.705, 8.805), ("pulse", 8.855, 8.855))
        press(page, "Control+z", "Control+z", "Enter")
        kept(page, song, A, B, P, M)
        page.get_by_label("Name of a new song type").fill("whine")
        page.get_by_label("Name of a new song type").press("Enter")
        page.locator(".dss-edit-chip.mod-active", has_text="whine").wait_for()
        wait_until(lambda: "whine,nan,0" in rows(song))
        page.locator(".dss-sound-canvas").focus()

        show(page, 0, 10)
        press(page, "Escape", "Escape", "Home", "n", "n", "n", "n", "n")
        assert chosen(page) == [["a", 4.0, "open"]]
        press(page, "g")
        kept(page, song, A, B, P, M, ("a", 4, 4.5))
        assert chosen(page) == [["b", 5.0, "open"]]
        press(page, "x")
        page.wait_for_function(f"{VIEW}.store.open.length === 2")
        assert chosen(page) == [["pulse", 6.0, "open"]]
        press(page, "Escape", "u")  # the one that the network is least sure of
        assert chosen(page) == [["b", 7.0, "open"]]
        press(page, "Shift+Q")
        page.locator(".dss-edit-about", has_text="proposal, changed").wait_for()
        kept(page, song, A, B, P, M, ("a", 4, 4.5), ("b", 6.9, 7.5))
        press(page, "Shift+G")
        kept(page, song, A, B, P, M, ("a", 4, 4.5), ("pulse", 6, 6), ("b", 6.9, 7.5))
        press(page, "Control+a", "?")
        assert len(chosen(page)) == 8
        assert not page.evaluate("document.querySelector('.dss-edit-keys').open")
        press(page, "t")
        page.locator(".dss-edit-refused", has_text="Put the cursor into a selected segment").wait_for()


def test_two_tabs_a_kernel_that_is_killed_and_a_folder_that_is_closed(opened, song, studio):
    with opened() as one, opened() as two:
        press(one, "Home", "n", "Delete")
        kept(one, song, B, P, M)
        two.wait_for_function(f"{VIEW}.store.labels.size === 3")  # nothing was edited there: it follows
        press(two, "Home", "n", "Delete")
        kept(two, song, P, M)
        told = one.locator(".dss-conflict-told", has_text="changed elsewhere")
        told.wait_for()
        press(one, "n", "Delete")
        one.locator(".dss-edit-refused", has_text="choose which of the two").wait_for()
        kept(two, song, P, M)
        one.locator(".dss-keep-mine").click()
        told.wait_for(state="hidden")
        kept(one, song, B, P, M)
        two.locator(".dss-take-theirs").click()
        kept(two, song, B, P, M)
        assert {path.name for path in song.iterdir()} >= {f"bird1_annotations.csv.kept-{i}" for i in (1, 2, 3)}

    with opened() as page:
        press(page, "Home", "n", "Delete")
        kept(page, song, P, M)
        import psutil

        for child in psutil.Process(studio.process.pid).children(recursive=True):
            if "ipykernel_launcher" in " ".join(child.cmdline()):
                os.kill(child.pid, signal.SIGKILL)
    with opened() as page:
        kept(page, song, P, M)
        before, mode = rows(song), song.stat().st_mode
        song.chmod(mode & ~0o222)
        try:
            page.locator(".dss-annotate-kept", has_text="cannot be written to").wait_for()
            assert page.locator(".dss-edit-chip").first.is_disabled()
            press(page, "n", "Delete")
            page.locator(".dss-edit-refused", has_text="cannot be written to").wait_for()
            assert rows(song) == before
        finally:
            song.chmod(mode)
        page.locator(".dss-edit-chip:not([disabled])").first.wait_for()
        (song / "bird1.wav").unlink()
        page.locator(".dss-annotate-kept", has_text="not there any more").wait_for()
        press(page, "ArrowUp", "ArrowUp", "ArrowUp", "ArrowUp", "End")
        page.locator(".dss-sound-fault", has_text=re.compile("bird1.wav")).wait_for()


@pytest.mark.parametrize("width", [1440, 800])
def test_nothing_keeps_people_out_and_nothing_runs_over(opened, song, width):
    with opened(viewport={"width": width, "height": 1000}) as page:
        propose(page, song)
        press(page, "Home", "n", "x")  # refused: it is a person's
        page.locator(".dss-edit-refused:not(:empty)").wait_for()
        for turn in (lambda: None, lambda: darken(page)):
            turn()
            violations = Axe().run(page, context=".dss-annotation-panel").response["violations"]
            told = [f"{fault['id']}: {node['html'][:200]}" for fault in violations for node in fault["nodes"]]
            assert told == []
            assert spilled(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        inside = (
            "[...document.querySelectorAll('.dss-sound *')].filter(e => e.getBoundingClientRect().right > innerWidth).length"
        )
        assert page.evaluate(inside) == 0
