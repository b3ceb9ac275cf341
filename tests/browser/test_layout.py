"""Nothing runs out of its card, however much there is of it, and what one is about to press stays in its place."""

import shutil

import h5py
import numpy as np
import pytest
from looks import fits

pytestmark = [pytest.mark.browser, pytest.mark.slow]

N_RUNS = 20


def test_many_runs(page, server, trained):
    folder = trained.root / "many.res"
    for i in range(N_RUNS):
        shutil.copytree(trained.run, folder / f"with_a_long_name_20260101_1200{i:02d}.run")
    page.goto(server.app("monitor", run=folder / "with_a_long_name_20260101_120000.run"))
    page.locator(".dss-matrix").wait_for()
    page.wait_for_function(f"document.querySelectorAll('.dss-runs button').length == {N_RUNS}")
    fits(page)


def test_many_song_types(page, server, trained):
    folder = shutil.copytree(trained.new, trained.root / "many_types")
    table = next(folder.glob("*_annotations.csv"))
    rows = "".join(f"a_song_type_with_a_long_name_{i:02d},{0.1 * i:.2f},{0.1 * i + 0.05:.2f}\n" for i in range(30))
    table.write_text("name,start_seconds,stop_seconds\n" + rows, encoding="utf-8")
    page.goto(server.app("assemble", folder=folder))
    page.locator(".dss-type-row", has_text="a_song_type_with_a_long_name_29").wait_for()
    fits(page)


def test_a_song_type_with_a_long_name_is_judged(page, server, trained):
    folder = shutil.copytree(trained.run.parent, trained.root / "long_names.res")
    run = folder / trained.run.name
    with h5py.File(folder / f"{run.stem}_results.h5", "r+") as file:
        for name in ("class_names", "scores"):
            told = file[name][()].replace(b'"a"', f'"{"a_name_of_some_length_" * 3}"'.encode())
            del file[name]
            file[name] = np.bytes_(told)  # of fixed length
    page.goto(server.app("monitor", run=run))
    page.locator(".dss-matrix th", has_text="a_name_of_some_length_").first.wait_for()
    fits(page)


def test_the_reasons_of_what_is_suggested_can_be_read(page, server, trained):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(server.app("train", store=trained.store))
    page.locator(".dss-suggest:not([disabled])").click()
    table = page.locator(".dss-advice")
    table.wait_for()
    seen = table.evaluate("table => Math.min(...['.dss-scroll', 'details'].map(frame => table.closest(frame).clientHeight))")
    assert seen > 250
    fits(page)


def test_what_the_preview_shows_is_faded_once_it_holds_no_longer(page, server, trained):
    page.goto(server.app("assemble", folder=trained.new))
    page.locator(".dss-assemble:not([disabled])").wait_for()
    page.locator(".dss-field-train_fraction input").fill("0.95")
    page.locator(".dss-outdated").wait_for()
    for part in (".dss-timeline", ".dss-split-amounts"):
        assert float(page.evaluate(f"getComputedStyle(document.querySelector('{part}')).opacity")) < 1


@pytest.mark.parametrize(("app", "field"), [("assemble", "train_fraction"), ("train", "data_fraction")])
def test_what_one_is_about_to_press_stays_where_it_is_when_a_field_is_wrong(page, server, trained, app, field):
    page.goto(server.app(app, folder=trained.new, store=trained.store))
    button = page.locator(".dss-foot .dss-primary")
    page.locator(".dss-foot .dss-primary:not([disabled])").wait_for()
    wrong = page.locator(f".dss-field-{field} input")
    if not wrong.is_visible():
        page.locator(".dss-advanced:visible").click()
        wrong.wait_for()
    before = button.bounding_box()
    wrong.evaluate("field => field.select()")  # fill() would scroll to it
    page.keyboard.type("-1")
    page.locator(".dss-why:visible").first.wait_for()
    assert button.bounding_box() == before
