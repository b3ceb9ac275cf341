"""Every dashboard, opened by a link in Voila on a Jupyter server, shows the real data that the link names."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_dashboard_with_a_folder_shows_what_is_in_it(page, server, trained):
    page.goto(server.app("dashboard", folder=trained.song))
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()
    page.locator(".dss-step-2", has_text="song.npy").wait_for()


def test_dashboard_with_a_run_shows_how_it_came_out(page, server, trained):
    page.goto(server.app("dashboard", run=trained.run))
    page.locator(".dss-run-state", has_text="finished").first.wait_for()
    page.locator(".dss-matrix").wait_for()


def test_assemble_with_a_folder_is_ready_to_assemble_it(page, server, trained):
    page.goto(server.app("assemble", folder=trained.new))
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()
    page.locator(".dss-assemble:not([disabled])").wait_for()


def test_inspect_with_a_dataset_draws_its_first_song(page, server, trained):
    page.goto(server.app("inspect", store=trained.store))
    page.locator(".dss-dataset-facts", has_text="32").wait_for()
    page.locator(".dss-dataset-plots .dss-sound[data-complete=true]").first.wait_for()
    page.locator(".dss-dataset-source", has_text=re.compile(r"bird-\w")).wait_for()


def test_train_with_a_dataset_is_ready_to_start(page, server, trained):
    page.goto(server.app("train", store=trained.store))
    page.locator(".dss-start:not([disabled])").wait_for()
    assert page.locator(".dss-field-store_folder input").first.input_value() == str(trained.store)


def test_train_with_a_run_watches_it(page, server, trained):
    page.goto(server.app("train", run=trained.run))
    page.locator(".dss-run-state", has_text="finished").first.wait_for()
    assert page.locator(".dss-field-store_folder input").first.input_value() == str(trained.store)


@pytest.mark.parametrize("by", ["run", "store"])
def test_monitor_shows_the_runs_and_their_scores(page, server, trained, by):
    page.goto(server.app("monitor", **{by: getattr(trained, by)}))
    page.locator(".dss-runs", has_text=trained.run.stem).wait_for()
    page.locator(".dss-matrix").wait_for()


def test_predict_with_a_run_and_a_folder_is_ready_to_predict(page, server, trained):
    page.goto(server.app("predict", run=trained.run, folder=trained.song))
    page.locator(".dss-predict:not([disabled])").wait_for()
    assert trained.run.stem in page.locator(".dss-field-network select").evaluate("list => list.selectedOptions[0].text")
    page.locator(".dss-chosen", has_text="5 of 5 recordings").wait_for()


def test_nothing_is_asked_of_other_servers(page, server, trained):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.app("assemble", folder=trained.new))
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()
    assert asked
    assert not [url for url in asked if not url.startswith((server.origin, "data:", "blob:", "ws:"))]
