"""By keyboard alone: everything can be reached, says what it is, shows that it has the focus, and works."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from looks import faults
from served import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_TABS = 400

FOCUSED = """selector => {
    const on = document.activeElement;
    if (!on || on === document.body) return null;
    const words = [on.getAttribute('aria-label'), on.innerText, on.title, on.placeholder,
                   ...[...(on.labels || [])].map(label => label.innerText)];
    const looks = getComputedStyle(on);
    const box = on.getBoundingClientRect();
    return {
        what: on.tagName + '.' + (on.closest('[class*=dss-]') || on).className,
        named: words.some(word => word && word.trim()),
        seen: looks.outlineStyle !== 'none' || looks.boxShadow !== 'none' || looks.borderColor !== 'rgb(0, 0, 0)',
        size: box.width * box.height,
        sought: on.matches(selector),
    };
}"""
"""JavaScript: what has the focus, whether it has a name for screen readers, whether one sees that it has the focus, and whether
it is what was looked for."""


def tab_to(page, selector):
    """Press Tab until an element has the focus, as a person would."""
    faults = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED, selector)
        if focused and not (focused["named"] and focused["seen"] and focused["size"] > 0):
            faults.append(focused)
        if focused and focused["sought"]:
            assert not faults, faults
            return
    raise AssertionError(f"Tab never comes to {selector}")


def retype(page, text):
    """Replace what stands in the field that has the focus."""
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_from_a_folder_to_annotations_without_a_mouse(page, bird_folder, tmp_path):
    new_user = {"XDG_STATE_HOME": str(tmp_path)}
    with serve("serve", "dashboard", "--root", str(bird_folder.parent), env=new_user) as server:
        page.goto(server.link)
        page.locator(".dss-dashboard").wait_for()
        _choose_the_folder(page)
        page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()

        tab_to(page, ".dss-field-train_fraction input")
        before = page.locator(".dss-split-amounts").inner_html()
        retype(page, "0.5")
        changed = "before => document.querySelector('.dss-split-amounts').innerHTML !== before"
        page.wait_for_function(changed, arg=before)
        tab_to(page, ".dss-field-store_folder input")
        retype(page, str(bird_folder.with_name("by_keyboard.npy")))
        tab_to(page, ".dss-type-row .widget-checkbox input")
        page.keyboard.press("Space")
        page.get_by_text("Left out, as noise: a").wait_for()

        tab_to(page, ".dss-show-sound")
        page.keyboard.press("Enter")
        page.locator(".dss-zoom .dss-sound[data-complete=true]").wait_for()
        tab_to(page, ".dss-sound-canvas")
        page.keyboard.press("Shift+ArrowRight")

        tab_to(page, ".dss-assemble:not([disabled])")
        page.keyboard.press("Enter")
        page.locator(".dss-assembly-progress", has_text="Assembled").wait_for()
        tab_to(page, ".dss-next")
        page.keyboard.press("Enter")
        _train(page)
        _take_the_run_home(page)
        _annotate(page)


def press(page, key, text):
    """Press a key in the list of folders, and wait until the keyboard is at an entry with a text."""
    page.keyboard.press(key)
    page.wait_for_function("text => document.activeElement.matches('[role=option]')"
                           " && document.activeElement.innerText.startsWith(text)", arg=text)  # fmt: skip


def test_the_list_of_folders_moves_as_lists_do(page, server, trained):
    for name in ("one/deep", "three", "two"):
        (trained.root / "for_keys" / name).mkdir(parents=True, exist_ok=True)
    page.goto(server.app("assemble", folder=trained.root / "for_keys"))
    tab_to(page, ".dss-field-data_folder .dss-browse")
    page.keyboard.press("Enter")
    page.locator(".dss-entry").first.wait_for()
    tab_to(page, ".dss-entry")
    for key, text in (
        ("ArrowDown", "three"), ("ArrowDown", "two"), ("ArrowDown", "two"), ("Home", "one"), ("ArrowUp", "one"),
        ("End", "two"), ("o", "one"), ("End", "two"), ("t", "three"), ("t", "two"), ("t", "three"), ("Home", "one"),
        ("t", "three"), ("w", "two"), ("Home", "one"), ("t", "three"), ("h", "three"), ("Home", "one"),
        ("Enter", "deep"), ("Enter", "No folders in here"), ("Backspace", "deep"), ("ArrowLeft", "one"),
        ("ArrowRight", "deep"), ("ArrowLeft", "one"),
    ):  # fmt: skip
        press(page, key, text)
    assert faults(page) == []
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.matches('[role=option]')"), "Tab leaves the list"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.innerText") == "one", "and comes back to where it was"
    page.keyboard.press("Escape")
    page.locator(".dss-picker").wait_for(state="hidden")


def _choose_the_folder(page):
    """Browse to the demo song, which lies in the folder that is open first."""
    tab_to(page, ".dss-field-data_folder .dss-browse")
    page.keyboard.press("Enter")
    page.locator(".dss-field-data_folder .dss-entry", has_text="bird_song").first.wait_for()
    tab_to(page, ".dss-entry")
    for _ in range(20):
        if page.evaluate("document.activeElement.innerText").startswith("bird_song "):
            break
        page.keyboard.press("ArrowDown")
    press(page, "Enter", "No folders in here")
    tab_to(page, ".dss-use-folder")
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.matches('.dss-field-data_folder .dss-browse')")


def _train(page):
    """Train for one epoch, and come to the results."""
    page.locator(".dss-training-panel").wait_for()
    page.locator(".dss-assembly-panel").wait_for(state="hidden")
    tab_to(page, ".dss-training-panel .dss-advanced")
    page.keyboard.press("Enter")
    tab_to(page, ".dss-field-epochs input")
    retype(page, "1")
    tab_to(page, ".dss-field-filters input")
    retype(page, "8")
    tab_to(page, ".dss-start:not([disabled])")
    page.keyboard.press("Enter")
    ended = page.locator(".dss-run-state", has_text=re.compile("finished|failed|died")).first
    ended.wait_for(timeout=180_000)
    assert "finished" in ended.inner_text(), page.locator(".dss-run-card").first.inner_text()
    tab_to(page, ".dss-step-3")
    page.keyboard.press("Enter")
    page.locator(".dss-matrix").wait_for()
    page.locator(".dss-training-panel").wait_for(state="hidden")


def downloaded(page, selector):
    """Come to a link that saves a file, and follow it; returns the file."""
    tab_to(page, selector)
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    return Path(download.value.path())


def _take_the_run_home(page):
    """Choose what to download of the run, and save it."""
    tab_to(page, ".dss-results-panel .dss-download-run")
    page.keyboard.press("Enter")
    tab_to(page, ".dss-download-parts input")
    page.keyboard.press("Space")
    tab_to(page, ".dss-make-zip:not([disabled])")
    page.keyboard.press("Enter")
    page.locator(".dss-results-panel .dss-delivery-link button").wait_for()
    names = zipfile.ZipFile(downloaded(page, ".dss-results-panel .dss-delivery-link button")).namelist()
    assert any(name.endswith("_results.h5") for name in names)
    assert not any(name.endswith("_model.h5") for name in names), "it was left out"


def _annotate(page):
    """Annotate the last two recordings, look at what was found, and save it."""
    tab_to(page, ".dss-step-4")
    page.keyboard.press("Enter")
    page.locator(".dss-predict:not([disabled])").wait_for()
    page.locator(".dss-results-panel").wait_for(state="hidden")
    tab_to(page, ".dss-predict-panel .dss-chosen select")
    page.keyboard.press("End")
    page.keyboard.press("Shift+ArrowUp")
    page.get_by_text("2 of 5 recordings chosen").wait_for()
    tab_to(page, ".dss-predict")
    page.keyboard.press("Enter")
    page.locator(".dss-predict-progress", has_text="Annotated").wait_for()
    page.locator(".dss-labelled-audio .dss-sound[data-complete=true]").first.wait_for()

    tab_to(page, ".dss-labelled-audio select")
    page.keyboard.press("End")
    page.locator(".dss-predict-panel .dss-sound-state", has_text="Predicted").wait_for()
    together = downloaded(page, ".dss-predict-panel .dss-delivery-link button")
    assert len(zipfile.ZipFile(together).namelist()) == 2
    one = downloaded(page, ".dss-predicted-files tbody button")
    assert next(csv.reader(io.StringIO(one.read_text(encoding="utf-8")))) == ["name", "start_seconds", "stop_seconds"]
