"""The same dashboard in JupyterLab: the notebook is opened, its cells are run, and the whole story goes as in Voila."""

import shutil

import pytest
import story
from playwright.sync_api import TimeoutError

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


def wait_for_kernel(page):
    """Wait until JupyterLab has reached its kernel; where its first greeting was lost, load the page again as people do."""
    for patience in (15, 20, 30, 60, 120, 120):
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        try:
            page.get_by_text("Python 3 (ipykernel) | Idle").first.wait_for(timeout=1000 * patience)
            return
        except TimeoutError:
            page.reload()
    raise AssertionError("JupyterLab does not reach its kernel")


def test_from_recordings_to_annotations_in_jupyterlab(page, server, trained):
    shutil.copytree(trained.new, trained.root / "lab_song")
    page.goto(server.notebook("dashboard"))
    wait_for_kernel(page)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.locator(".dss-dashboard").wait_for()

    story.pick_the_folder(page, "lab_song")
    story.choose_splits(page)
    story.close_up(page)
    story.assemble(page)
    assert (trained.root / "lab_song.npy" / "attrs.npy").is_file()
    story.start_training(page, 1, "0.003")
    story.state(page, "finished")
    assert "noise" in story.judge(page)
    assert any(name.endswith("_model.keras") for name in story.download_the_run(page))
    assert story.predict(page)[0] == ["name", "start_seconds", "stop_seconds"]
