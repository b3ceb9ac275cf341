"""By keyboard alone: everything can be reached, says what it is, shows that it has the focus, and works."""

import re

import pytest
from served import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MOST_TABS = 400

FOCUSED = """() => {
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
    };
}"""
"""JavaScript: what has the focus, whether it has a name for screen readers, and whether one sees that it has the focus."""


def tab_to(page, selector):
    """Press Tab until an element has the focus, as a person would."""
    faults = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        if focused and not (focused["named"] and focused["seen"] and focused["size"] > 0):
            faults.append(focused)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert not faults, faults
            return
    raise AssertionError(f"Tab never comes to {selector}")


def retype(page, text):
    """Replace what stands in the field that has the focus."""
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def test_from_a_folder_to_a_finished_run_without_a_mouse(page, bird_folder, tmp_path):
    new_user = {"XDG_STATE_HOME": str(tmp_path)}
    with serve("serve", "dashboard", "--root", str(bird_folder.parent), env=new_user) as server:
        page.goto(server.link)
        page.locator(".dss-dashboard").wait_for()
        _choose_the_folder(page)
        page.locator(".dss-found", has_text="5 recordings").wait_for()

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

        tab_to(page, ".dss-look-closer")
        page.keyboard.press("Enter")
        page.locator(".dss-zoom image").wait_for()
        tab_to(page, ".dss-page-on")
        page.keyboard.press("Enter")

        tab_to(page, ".dss-assemble:not([disabled])")
        page.keyboard.press("Enter")
        page.locator(".dss-assembly-progress", has_text="Assembled").wait_for()
        tab_to(page, ".dss-next")
        page.keyboard.press("Enter")
        _train(page)


def _choose_the_folder(page):
    """Browse to the demo song, which lies in the folder that is open first."""
    tab_to(page, ".dss-field-data_folder .dss-browse")
    page.keyboard.press("Enter")
    page.locator(".dss-field-data_folder .dss-entry", has_text="bird_song").first.wait_for()
    for _ in range(20):
        tab_to(page, ".dss-entry")
        if page.evaluate("document.activeElement.innerText").startswith("bird_song "):
            break
    page.keyboard.press("Enter")
    page.get_by_text("No folders in here").first.wait_for()
    tab_to(page, ".dss-use-folder")
    page.keyboard.press("Enter")


def _train(page):
    """Train for one epoch, and come to the results."""
    page.locator(".dss-training-panel").wait_for()
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
