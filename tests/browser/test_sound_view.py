"""The sound view in a real browser: looked at by mouse and by keyboard, listened to, in light and dark, wide and narrow."""

import re
import shutil
from base64 import b64decode
from contextlib import contextmanager
from functools import partial

import nbformat
import numpy as np
import pytest
import soundfile
import soxr
from axe_playwright_python.sync_playwright import Axe
from lab_server import APPS, lab
from looks import darken

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RATE = 32_000
WHOLE = ".dss-sound[data-complete=true]"
NAME = "<img src=x onerror=alert(1)>"

NOTEBOOK = """
import numpy as np
from pathlib import Path
from ipywidgets import VBox
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.panels.sound.sound import Curves, Sound
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.sound.view import SoundView
from dss_widgets.panels.style.theme import classed, style

view = SoundView("Song")
sound = Sound.of(open_recording(Path("FILE")))
labels = Annotations.of([("a", i / 2, i / 2 + 0.2) for i in range(18)] + [("NAME", 1.1, 1.3)])
view.show(sound, [Track("Annotated", labels, {"a": "#0077bb", "NAME": "#e0622a"})], 1.0, 1.0)
classed(VBox([style(), view]), "dss", "dss-panel")
"""

VIEW = "document.querySelector('.dss-sound').soundView"
PLACE = f"[{VIEW}.from, {VIEW}.to]"
AS_TEXT = """bytes => {
    let text = '';
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
}"""
"""JavaScript: bytes as base64: a list of so many numbers takes the browser's driver minutes."""

PLAYED = f"{VIEW}.player.pieces.map(piece => ({AS_TEXT})(new Uint8Array(piece.getChannelData(0).slice().buffer)))"
ALL_THERE = f"{VIEW}.player.rate && {VIEW}.player.pieces.reduce((n, piece) => n + piece.length, 0) >= {VIEW}.player.total"


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A Jupyter server with recordings: song, and ultrasound of two channels."""
    folder = tmp_path_factory.mktemp("studio")
    shutil.copytree(APPS, folder / "apps")
    rng = np.random.default_rng(1)
    time = np.arange(10 * RATE) / RATE
    song = 0.4 * np.sin(2 * np.pi * 4000 * time) * (time % 0.5 < 0.2) + 0.01 * rng.standard_normal(len(time))
    soundfile.write(folder / "song.wav", song, RATE, subtype="FLOAT")
    soundfile.write(folder / "ultra.wav", 0.1 * rng.standard_normal((250_000, 2)), 250_000, subtype="FLOAT")
    soundfile.write(folder / "gone.wav", song, RATE)
    with lab(folder, {"DSS_WIDGETS_ROOTS": str(folder)}) as running:
        yield running


@contextmanager
def opened_by(visitor, studio, name="song", **how):
    """Open a recording of the studio in a page."""
    file = studio.folder / f"{name}.wav"
    cell = nbformat.v4.new_code_cell(NOTEBOOK.replace("FILE", str(file)).replace("NAME", NAME))
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), studio.folder / "apps" / "sound.ipynb")
    with visitor(**how) as page:
        page.goto(studio.app("sound"))
        page.locator(WHOLE).wait_for()
        yield page


@pytest.fixture
def opened(visitor, studio):
    """Open a recording of the studio in a page of one's own."""
    return partial(opened_by, visitor, studio)


@pytest.fixture(scope="module")
def shared_page(lasting_visitor, studio):
    with opened_by(lasting_visitor, studio) as page:
        yield page


@pytest.fixture
def page(shared_page):
    """A page with the song, for tests that only look or listen: its second second is in view, and nothing is selected."""
    shared_page.evaluate(f"{VIEW}.selection = null, {VIEW}.goToSeconds(1, 1)")
    wait_for(shared_page, 1, 2)
    return shared_page


def recorded(studio, name="song"):
    """Return the samples of a file as the view has them: float32 ``[samples, channels]``."""
    return soundfile.read(studio.folder / f"{name}.wav", dtype="float32", always_2d=True)[0]


def wait_for(page, start, stop):
    """Wait until this is in view, in seconds, and all of it is drawn."""
    there = f"([a, b]) => Math.abs({VIEW}.from - a) < 0.012 && Math.abs({VIEW}.to - b) < 0.012 && {VIEW}.frame === null"
    page.wait_for_function(there, arg=[start, stop])
    page.locator(WHOLE).wait_for()


def press(page, *keys):
    for key in keys:
        page.locator(".dss-sound-canvas").press(key)


def played(page):
    """Return what the browser plays: samples and sample rate, once all pieces are there."""
    page.wait_for_function(ALL_THERE)
    pieces = [np.frombuffer(b64decode(piece), np.float32) for piece in page.evaluate(PLAYED)]
    return np.concatenate(pieces), page.evaluate(f"{VIEW}.player.rate")


def pixels(page):
    """Return the picture as it is: uint8 ``[rows, columns, 4]``."""
    width, height, data = page.evaluate(
        "(() => { const c = document.querySelector('.dss-sound-canvas');"
        f" return [c.width, c.height, ({AS_TEXT})(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)]; }})()"
    )
    return np.frombuffer(b64decode(data), np.uint8).reshape(height, width, 4)


def lane(page, kind):
    """Return where a lane is drawn."""
    return page.evaluate(
        f"(({{x, y, width, height}}) => [x, y, width, height])({VIEW}.layout.lanes.find(l => l.kind === '{kind}'))"
    )


def test_it_is_looked_at_by_keyboard(page):
    press(page, "ArrowRight")
    wait_for(page, 1.25, 2.25)
    press(page, "Shift+ArrowLeft")
    wait_for(page, 0.25, 1.25)
    press(page, "ArrowUp", "ArrowUp")
    wait_for(page, 0.625, 0.875)
    press(page, "ArrowDown")
    wait_for(page, 0.5, 1)
    press(page, "End")
    wait_for(page, 9.5, 10)
    press(page, "Home", "-", "-", "-", "-", "-", "-")
    wait_for(page, 0, 10)
    for field, seconds in (("Span (s)", "2"), ("From (s)", "3")):
        page.get_by_label(field).fill(seconds)
        page.get_by_label(field).press("Enter")
    page.locator(".dss-sound-state", has_text="3.000 to 5.000 s of 10 s · Annotated: 5 here").wait_for()


def test_it_is_looked_at_by_mouse_and_wheel(page):
    box = page.locator(".dss-sound-canvas").bounding_box()
    middle, y = box["x"] + 62 + (box["width"] - 76) / 2, box["y"] + 150
    page.mouse.move(middle, y)
    page.mouse.down()
    page.mouse.move(middle - (box["width"] - 76) / 2, y, steps=4)
    page.mouse.up()
    wait_for(page, 1.5, 2.5)
    page.mouse.move(middle, y)
    page.mouse.wheel(0, -250)
    wait_for(page, 1.75, 2.25)
    page.keyboard.down("Shift")
    page.mouse.wheel(0, 137)
    page.keyboard.up("Shift")
    width = box["width"] - 76
    wait_for(page, 1.75 + 0.5 * 137 / width, 2.25 + 0.5 * 137 / width)
    page.keyboard.down("Shift")
    page.mouse.down()
    page.mouse.move(middle + width / 4, y, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.locator(".dss-sound-state", has_text="selected: 125 ms").wait_for()


def test_the_page_scrolls_on_over_a_view_that_was_not_chosen(opened):
    with opened(viewport={"width": 1000, "height": 300}) as page:
        box = page.locator(".dss-sound-canvas").bounding_box()
        page.mouse.move(box["x"] + 300, box["y"] + 80)
        page.mouse.wheel(0, 100)
        page.wait_for_function(
            "document.scrollingElement.scrollTop > 0 || [...document.querySelectorAll('*')].some(e => e.scrollTop > 0)"
        )
        wait_for(page, 1, 2)


def test_a_tone_is_drawn_at_its_frequency_and_its_time(page):
    x, y, width, height = map(int, lane(page, "power"))
    bright = pixels(page)[y : y + height, x : x + width, :3].sum(axis=2).astype(float)
    sounding, silent = bright[:, int(0.08 * width)], bright[:, int(0.35 * width)]
    assert sounding.argmax() == pytest.approx(height * (1 - 4 / 16), abs=3)
    assert sounding.max() > 2 * silent.max()


def test_the_kernel_and_the_page_agree_on_the_place(page):
    press(page, "End")
    page.wait_for_function(f"Math.abs({VIEW}.model.get('place')[1] - 10) < 1e-6")
    page.wait_for_function(f"{VIEW}.state.textContent.startsWith('9.000 to 10.000 s of 10 s')")


def test_what_is_in_view_is_played_as_it_is_in_the_file(page, studio):
    farthest = f"far = 0, (look = () => {{ far = Math.max(far, {VIEW}.player.place ?? 0); requestAnimationFrame(look); }})()"
    page.evaluate(farthest)  # a second of sound may be over before what is played has come here
    press(page, "Space")
    heard, rate = played(page)
    assert rate == RATE
    np.testing.assert_array_equal(heard, recorded(studio)[RATE : 2 * RATE, 0])
    page.wait_for_function(f"far > {1.1 * RATE} && !{VIEW}.player.playing")


def test_a_selection_is_played_in_a_loop_until_it_is_stopped(opened, studio):
    with opened() as page:
        press(page, "ArrowUp", "a", "ArrowDown", "l", "Space")
        heard, _ = played(page)
        np.testing.assert_array_equal(heard, recorded(studio)[round(1.25 * RATE) : round(1.75 * RATE), 0])
        page.wait_for_function(f"{VIEW}.player.context.currentTime - {VIEW}.player.begun > 0.7")
        assert page.evaluate(f"{VIEW}.player.playing")
        press(page, "Space")
        assert not page.evaluate(f"{VIEW}.player.playing")


def test_song_slowed_down_is_resampled_to_what_browsers_play(opened, studio):
    with opened() as page:
        press(page, "s", "s", "Space")  # a quarter: 8 kHz
        heard, rate = played(page)
        assert rate == 48_000
        whole = soxr.resample(recorded(studio)[:, 0], RATE / 4, 48_000, quality="HQ")
        np.testing.assert_allclose(heard, whole[4 * 48_000 : 8 * 48_000], atol=2e-4)


def test_ultrasound_is_resampled_and_played_as_it_is_once_it_is_slow_enough(opened, studio):
    with opened("ultra") as page:
        audio = recorded(studio, "ultra")
        press(page, "Home", "Space")
        heard, rate = played(page)
        assert rate == 48_000
        np.testing.assert_allclose(
            heard[:-2], soxr.resample(audio[:, 0], 250_000, rate, quality="HQ")[: len(heard) - 2], atol=2e-4
        )
        page.wait_for_function(f"!{VIEW}.player.playing")
        page.get_by_label("Channel").select_option("2")
        press(page, "s", "s", "s", "ArrowUp", "ArrowUp", "Space")
        heard, rate = played(page)
        assert rate == 31_250
        start, stop = (round(seconds * 250_000) for seconds in page.evaluate(PLACE))
        np.testing.assert_array_equal(heard, audio[start:stop, 1])


def test_only_the_frequencies_that_are_shown_are_heard(opened, studio):
    from scipy.signal import butter, sosfiltfilt  # imported late: a second that collecting the tests need not spend

    with opened() as page:
        page.locator(".dss-sound-display summary").press("Enter")  # by the mouse it may be missed while the page is laid out
        page.get_by_label("From (kHz)").fill("2")
        page.get_by_label("to (kHz)").fill("6")
        page.get_by_label("to (kHz)").press("Enter")
        press(page, "Space")
        heard, _ = played(page)
        sections = butter(4, [2000, 6000], "bandpass", fs=RATE, output="sos")
        whole = sosfiltfilt(sections, recorded(studio)[:, 0].astype(float), padtype=None)
        np.testing.assert_allclose(heard, whole[RATE : 2 * RATE], atol=1e-4)


def test_channels_are_seen_one_by_one_or_all(opened):
    with opened("ultra") as page:
        page.get_by_label("Channel").select_option("all")
        page.wait_for_function(f"{VIEW}.layout.lanes.filter(lane => lane.kind === 'power').length === 2")
        page.locator(WHOLE).wait_for()


def test_names_are_told_as_text_and_never_become_markup(page):
    x, y, width, height = lane(page, "track")
    page.locator(".dss-sound-canvas").hover(position={"x": x + 0.25 * width, "y": y + height / 2})
    tip = page.locator(".dss-sound-tip")
    tip.wait_for()
    assert tip.inner_text().startswith(f"{NAME}: 1.1000 s to 1.3000 s, 200 ms")
    assert page.locator(".dss-sound img").count() == 0


def test_a_recording_that_is_deleted_while_it_is_open_says_so_in_its_place(opened, studio):
    with opened("gone") as page:
        (studio.folder / "gone.wav").unlink()
        press(page, "End")
        page.locator(".dss-sound-fault", has_text=re.compile(r"gone\.wav: .* cannot be read")).wait_for()
        press(page, "Space")
        page.locator(".dss-sound-state", has_text="cannot be played").wait_for()


@pytest.mark.parametrize("width", [1440, 800])
def test_nothing_keeps_people_out_and_nothing_runs_over(opened, width):
    with opened(viewport={"width": width, "height": 1000}) as page:
        page.locator(".dss-sound-display summary").press("Enter")
        for turn in (lambda: None, lambda: darken(page)):
            turn()
            violations = Axe().run(page, context=".dss-sound").response["violations"]
            told = [f"{fault['id']}: {node['html'][:200]}" for fault in violations for node in fault["nodes"]]
            assert told == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        wide = "[...document.querySelectorAll('.dss-sound *')].filter(e => e.getBoundingClientRect().right > innerWidth).length"
        assert page.evaluate(wide) == 0


def test_controls_of_two_views_in_a_page_have_names_of_their_own(visitor, studio):
    cell = NOTEBOOK.replace("FILE", str(studio.folder / "song.wav")).replace("NAME", NAME)
    cell = cell.replace("VBox([style(), view])", "VBox([style(), view, SoundView('Another')])")
    cells = [nbformat.v4.new_code_cell(cell)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), studio.folder / "apps" / "two.ipynb")
    with visitor() as page:
        page.goto(studio.app("two"))
        page.locator(".dss-sound").nth(1).wait_for()
        ids = page.evaluate("[...document.querySelectorAll('.dss-sound [id]')].map(element => element.id)")
        assert len(ids) == len(set(ids)) > 20
        page.locator(WHOLE).first.wait_for()


def test_the_picture_follows_the_theme(opened):
    with opened() as page:
        light = pixels(page)
        darken(page)
        page.wait_for_function(f"{VIEW}.frame === null")
        dark = pixels(page)
        x, y, width, height = map(int, lane(page, "wave"))
        inked = light[y : y + height, x : x + width, 3] == 255
        assert (
            dark[y : y + height, x : x + width][inked][:, :3].mean()
            > light[y : y + height, x : x + width][inked][:, :3].mean() + 40
        )
