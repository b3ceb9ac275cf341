"""The whole story in a real browser: a person assembles demo song, trains on it, closes the tab, comes back, and judges."""

import json
import re

import pytest
from served import serve

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EPOCHS = 25

POINTS = """() => Math.max(0, ...[...document.querySelectorAll('.dss-loss-plot path.line')]
    .map(line => (line.getAttribute('d') || '').split('L').length - 1))"""
"""JavaScript: the points of the longest line in the loss plot."""


def open_dashboard(page, server):
    """Open the link that the server printed and wait for the first step."""
    page.goto(server.link)
    page.locator(".dss-dashboard").wait_for()


def test_from_recordings_to_a_judged_network(browser, tmp_path, bird_folder):
    with serve("serve", "dashboard", "--root", str(bird_folder.parent), env={"DSS_WIDGETS_FOLDER": str(bird_folder)}) as server:
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(60_000)
        open_dashboard(page, server)
        page.locator(".dss-found", has_text="5 recordings").wait_for()

        page.locator(".dss-assemble").click()
        page.get_by_text("Assembled", exact=False).first.wait_for()
        store = bird_folder.with_name("bird_song.npy")
        assert (store / "attrs.npy").is_file()

        page.locator(".dss-next").click()
        page.locator(".dss-field-preset select").select_option(label="Quick")
        epochs = page.locator(".dss-field-epochs input")
        epochs.fill(str(EPOCHS))
        page.locator(".dss-start:not([disabled])").click()
        page.locator(".dss-run-state", has_text="training").first.wait_for()
        page.wait_for_function(f"({POINTS})() >= 2", timeout=90_000)
        before = page.evaluate(POINTS)
        page.wait_for_function(f"({POINTS})() > {before}")
        page.close()

        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(60_000)
        open_dashboard(page, server)
        state = page.locator(".dss-run-state").first
        state.wait_for()
        assert re.search(rf"training.*epoch \d+ of {EPOCHS}", state.inner_text(), re.S), state.inner_text()
        page.locator(".dss-run-state", has_text="finished").first.wait_for(timeout=180_000)
        page.locator(".dss-step-3").click()
        page.locator(".dss-matrix").wait_for()
        rows = page.locator(".dss-matrix").inner_text()
        for name in ("noise", "a", "b", "c", "d", "e", "f", "i"):
            assert name in rows
        assert page.get_by_text("Macro F1").first.is_visible()

        runs = list(bird_folder.with_name("bird_song.res").glob("*.run"))
        assert len(runs) == 1
        events = [json.loads(line) for line in (runs[0] / "events.jsonl").read_text().splitlines()]
        assert [event["epoch"] for event in events if event["event"] == "epoch"] == list(range(1, EPOCHS + 1))
        assert events[-1]["state"] == "finished"
