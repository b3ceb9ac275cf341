"""Nothing keeps people out: axe-core looks at every dashboard, in light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from looks import darken

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FAULTS = ("serious", "critical")

EXPLAINED: dict[str, str] = {}
"""Rules that cannot be kept, each with its reason. There are none."""


def faults(page) -> list[str]:
    """Return what axe-core finds that is serious, as text."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {fault['help']}: {node['target']} {node['html'][:300]}"
        for fault in found
        if fault["impact"] in FAULTS and fault["id"] not in EXPLAINED
        for node in fault["nodes"]
    ]


def check(page) -> None:
    assert faults(page) == []
    darken(page)
    assert faults(page) == []


def test_assemble(page, server, trained):
    page.goto(server.app("assemble", folder=trained.new))
    page.locator(".dss-assemble:not([disabled])").wait_for()
    page.locator(".dss-show-sound").click()
    page.locator(".dss-zoom .dss-sound[data-complete=true]").wait_for()
    check(page)


def test_inspect(page, server, trained):
    page.goto(server.app("inspect", store=trained.store))
    page.locator(".dss-dataset-plots .dss-sound[data-complete=true]").first.wait_for()
    check(page)


def test_train(page, server, trained):
    page.goto(server.app("train", run=trained.run))
    page.locator(".dss-run-state", has_text="finished").first.wait_for()
    check(page)


def test_monitor(page, server, trained):
    page.goto(server.app("monitor", run=trained.run))
    page.locator(".dss-matrix").wait_for()
    check(page)


def test_predict(page, server, trained):
    page.goto(server.app("predict", run=trained.run, folder=trained.song))
    page.locator(".dss-predict:not([disabled])").wait_for()
    check(page)


def test_dashboard_in_all_its_steps(page, server, trained):
    page.goto(server.app("dashboard", run=trained.run))
    page.locator(".dss-matrix").wait_for()
    check(page)
    for step, ready in (
        (1, ".dss-assembly-panel"),
        (2, ".dss-training-panel"),
        (4, ".dss-predict-panel"),
        (5, ".dss-annotation-panel"),
    ):
        page.locator(f".dss-step-{step}").click()
        page.locator(ready).wait_for()
        assert faults(page) == [], f"step {step}"


def test_where_there_is_nothing_yet(page, server):
    page.goto(server.app("dashboard", folder="/nowhere"))
    page.locator(".dss-assembly-panel").wait_for()
    check(page)


def test_axe_would_find_a_fault(page):
    page.set_content("<html lang=en><title>t</title><main><button></button></main></html>")
    assert any("button-name" in fault for fault in faults(page))
