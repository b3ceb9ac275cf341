"""The page around the panels: its colours follow the system, its help covers nothing."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCHEME = "getComputedStyle(document.querySelector('.dss')).colorScheme === '{}'"

COVERED = """() => {
    const help = document.querySelector('.dss-help[open] > p').getBoundingClientRect();
    const parts = '.dss-form-card input, .dss-form-card select, .dss-form-card .dss-note';
    return [...document.querySelectorAll(parts)].filter(part => {
        const box = part.getBoundingClientRect();
        return part.checkVisibility() && box.height && box.top < help.bottom - 1 && box.bottom > help.top + 1
            && box.left < help.right - 1 && box.right > help.left + 1;
    }).length;
}"""
"""JavaScript: how many fields and notes lie under the help that is open."""


def test_light_and_dark_follow_the_system_as_it_changes(visitor, server, trained):
    with visitor(color_scheme="dark") as page:
        page.goto(server.app("assemble", folder=trained.new))
        page.locator(".dss-assembly-panel").wait_for()
        page.wait_for_function(SCHEME.format("dark"))
        page.emulate_media(color_scheme="light")
        page.wait_for_function(SCHEME.format("light"))


def test_help_opens_by_enter_and_by_click_and_covers_neither_fields_nor_notes(page, server, trained):
    page.goto(server.app("assemble", folder=trained.new))
    page.locator(".dss-assemble:not([disabled])").wait_for()
    field = page.locator(".dss-field-val_fraction")
    field.locator("input").fill("much")
    field.locator(".dss-error").wait_for()
    field.locator("summary").hover()
    assert page.locator(".dss-help[open]").count() == 0
    field.locator("summary").focus()
    page.keyboard.press("Enter")
    page.locator(".dss-help[open] > p").wait_for()
    assert page.evaluate(COVERED) == 0
    assert page.evaluate("[...document.querySelectorAll('[title]')].every(part => !part.title.includes('<'))")
    field.locator("summary").click()
    page.locator(".dss-help[open]").wait_for(state="detached")
