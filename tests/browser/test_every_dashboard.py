"""Every dashboard, opened by a link in Voila on a Jupyter server.

It shows the real data that the link names, keeps nobody out in light and dark, and fits into a wide page and a narrow one.
"""

import re

import pytest
from looks import faults, fits, keeps_nobody_out

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def check(page) -> None:
    keeps_nobody_out(page)
    fits(page)


def test_dashboard_with_a_folder_shows_what_is_in_it(page, server, trained):
    page.goto(server.app("dashboard", folder=trained.song))
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()
    page.locator(".dss-step-2", has_text="song.npy").wait_for()


def test_dashboard_with_a_run_shows_how_it_came_out_and_all_its_steps(page, server, trained):
    page.goto(server.app("dashboard", run=trained.run))
    page.locator(".dss-run-state", has_text="finished").first.wait_for()
    page.locator(".dss-matrix").wait_for()
    keeps_nobody_out(page)
    for step, ready in (
        (1, ".dss-assembly-panel"),
        (2, ".dss-training-panel"),
        (4, ".dss-predict-panel"),
        (5, ".dss-annotation-panel"),
    ):
        page.locator(f".dss-step-{step}").click()
        page.locator(ready).wait_for()
        assert faults(page) == [], f"step {step}"


def test_dashboard_where_there_is_nothing_yet(page, server):
    page.goto(server.app("dashboard", folder="/nowhere"))
    page.locator(".dss-assembly-panel").wait_for()
    keeps_nobody_out(page)


def test_assemble_with_a_folder_is_ready_to_assemble_it_and_asks_nothing_of_other_servers(page, server, trained):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.app("assemble", folder=trained.new))
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()
    page.locator(".dss-assemble:not([disabled])").wait_for()
    fits(page)
    page.locator(".dss-show-sound").click()
    page.locator(".dss-zoom .dss-sound[data-complete=true]").wait_for()
    keeps_nobody_out(page)
    assert asked
    assert not [url for url in asked if not url.startswith((server.origin, "data:", "blob:", "ws:"))]


def test_inspect_with_a_dataset_draws_its_first_song(page, server, trained):
    page.goto(server.app("inspect", store=trained.store))
    page.locator(".dss-dataset-facts", has_text="32").wait_for()
    page.locator(".dss-dataset-plots .dss-sound[data-complete=true]").first.wait_for()
    page.locator(".dss-dataset-source", has_text=re.compile(r"bird-\w")).wait_for()
    check(page)


def test_train_with_a_dataset_is_ready_to_start(page, server, trained):
    page.goto(server.app("train", store=trained.store))
    page.locator(".dss-start:not([disabled])").wait_for()
    assert page.locator(".dss-field-store_folder input").first.input_value() == str(trained.store)


def test_train_with_a_run_watches_it_and_the_tab_tells_how_it_ended(page, server, trained):
    page.goto(server.app("train", run=trained.run))
    page.locator(".dss-run-state", has_text="finished").first.wait_for()
    page.locator(".dss-run-facts").first.wait_for()
    page.wait_for_function("document.title.startsWith('✓ finished – ')")
    assert page.locator(".dss-field-store_folder input").first.input_value() == str(trained.store)
    check(page)


@pytest.mark.parametrize("by", ["run", "store"])
def test_monitor_shows_the_runs_and_their_scores(page, server, trained, by):
    page.goto(server.app("monitor", **{by: getattr(trained, by)}))
    page.locator(".dss-runs", has_text=trained.run.stem).wait_for()
    page.locator(".dss-matrix").wait_for()
    if by == "run":
        check(page)


def test_predict_with_a_run_and_a_folder_is_ready_to_predict(page, server, trained):
    page.goto(server.app("predict", run=trained.run, folder=trained.song))
    page.locator(".dss-predict:not([disabled])").wait_for()
    assert trained.run.stem in page.locator(".dss-field-network select").evaluate("list => list.selectedOptions[0].text")
    page.locator(".dss-chosen", has_text="5 of 5 recordings").wait_for()
    check(page)


def test_axe_would_find_a_fault(page):
    page.set_content("<html lang=en><title>t</title><main><button></button></main></html>")
    assert any("button-name" in fault for fault in faults(page))
