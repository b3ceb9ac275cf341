"""From one step to the next: one sees where one is, and that what one pressed has begun."""

import shutil

import pytest
import story
from served import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

IN_SIGHT = """selector => {
    const box = document.querySelector(selector).getBoundingClientRect();
    return box.height > 0 && box.top >= 0 && box.bottom <= window.innerHeight;
}"""
"""JavaScript: whether all of an element is to be seen."""


@pytest.mark.parametrize("width", [800, 1440])
def test_what_comes_next_is_in_sight_and_leads_to_the_beginning(visitor, bird_folder, tmp_path, width):
    song = shutil.copytree(bird_folder, tmp_path / "bird_song")
    with (
        serve("serve", "dashboard", "--root", str(tmp_path), env={"XDG_STATE_HOME": str(tmp_path / "state")}) as server,
        visitor(viewport={"width": width, "height": 800}) as page,
    ):
        page.goto(f"{server.link}&folder={song}")
        story.assemble(page)
        page.wait_for_function(IN_SIGHT, arg=".dss-next")
        page.locator(".dss-next").click()
        page.locator(".dss-training-panel").wait_for()
        page.wait_for_function("document.activeElement.matches('.dss-step-2')")
        page.wait_for_function(IN_SIGHT, arg=".dss-step-2")

        story.choose_quick(page)
        page.locator(".dss-advanced:visible").click()
        page.locator(".dss-field-epochs input").fill("5000")
        page.locator(".dss-start:not([disabled])").click()
        shown = ".dss-going" if width < 1000 else ".dss-training-panel .dss-run-state"
        page.locator(shown, has_text="training").wait_for()
        page.wait_for_function(IN_SIGHT, arg=shown)  # that it has begun is seen where it was started
        page.wait_for_function(IN_SIGHT, arg=".dss-next")
        page.locator(".dss-training-panel .dss-stop:visible").click()
        story.state(page, "stopped")
