"""The steps of the whole story, as a person takes them: the same in Voila and in JupyterLab."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

POINTS = """() => Math.max(0, ...[...document.querySelectorAll('.dss-loss-plot path.line')]
    .map(line => (line.getAttribute('d') || '').split('L').length - 1))"""
"""JavaScript: the points of the longest line in the loss plot."""

EPOCH = """() => +((document.querySelector('.dss-training-panel .dss-run-state').innerText
    .match(/epoch (\\d+) of/) || [])[1] || 0)"""
"""JavaScript: the epoch that is being trained; 0 while none is."""

SOUND = ".dss-sound[data-complete=true]"
"""The sound view, with all that it shows."""

CHANGED = "([selector, before]) => document.querySelector(selector).innerHTML !== before"
"""JavaScript: whether what an element holds is something else by now."""


def pick_the_folder(page: Any, name: str) -> None:
    """Browse to a folder that lies in the one that is open first, and take it."""
    picker = page.locator(".dss-field-data_folder")
    picker.locator(".dss-browse").click()
    picker.locator(".dss-entry", has_text=name).first.click()
    picker.get_by_text("No folders in here").wait_for()
    picker.locator(".dss-use-folder").click()
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()


def choose_splits(page: Any) -> None:
    """Change a share, and see the preview change with it; with a seed, so that the parts are the same every time."""
    before = page.locator(".dss-split-amounts").inner_html()
    page.locator(".dss-field-train_fraction input").fill("0.5")
    page.wait_for_function(CHANGED, arg=[".dss-split-amounts", before])
    page.locator(".dss-assembly-panel .dss-advanced").click()
    page.locator(".dss-assembly-panel .dss-field-seed input").fill("1")


def close_up(page: Any) -> None:
    """Show the spectrogram of a stretch, and the next one."""
    page.locator(".dss-show-sound").click()
    page.locator(f".dss-zoom {SOUND}").wait_for()
    before = page.locator(".dss-zoom .dss-sound-state").inner_text()
    page.locator(".dss-zoom .dss-sound-canvas").press("Shift+ArrowRight")
    page.wait_for_function("before => document.querySelector('.dss-zoom .dss-sound-state').innerText !== before", arg=before)


def assemble(page: Any) -> None:
    """Assemble, and wait until it is done."""
    page.locator(".dss-assemble:not([disabled])").click()
    page.locator(".dss-assembly-progress", has_text="Assembled").wait_for()


def choose_quick(page: Any) -> None:
    """Choose the quick preset, and wait until its values stand in the fields.

    The words about it come after the values. Typed before these are there, text goes behind them: 5000 becomes 205000.
    """
    page.locator(".dss-field-preset select").select_option(label="Quick")
    page.locator(".dss-field-preset", has_text="A small network").wait_for()


def start_training(page: Any, epochs: int, learning_rate: str) -> None:
    """Go on to training, begin with the quick preset, and start."""
    page.locator(".dss-next:not([disabled])").click()
    choose_quick(page)
    page.locator(".dss-training-panel .dss-advanced").click()
    page.locator(".dss-field-epochs input").fill(str(epochs))
    page.locator(".dss-field-learning_rate input").fill(learning_rate)
    page.locator(".dss-training-panel .dss-field-seed input").fill("1")
    page.locator(".dss-start:not([disabled])").click()


def state(page: Any, words: str, where: str = ".dss-training-panel") -> Any:
    """Wait until a run's state says something; returns the element."""
    found = page.locator(f"{where} .dss-run-state", has_text=re.compile(words, re.DOTALL)).first
    found.wait_for()
    return found


def watch(page: Any) -> None:
    """Wait until the curve has two points, and then one more."""
    page.wait_for_function(f"({POINTS})() >= 2")
    page.wait_for_function(f"({POINTS})() > {page.evaluate(POINTS)}")


def wait_for_epoch(page: Any, epoch: int) -> None:
    """Wait until training has come to an epoch."""
    page.wait_for_function(f"epoch => ({EPOCH})() >= epoch", arg=epoch)


def stop(page: Any) -> None:
    """Stop the run; its best network is kept and tested."""
    page.locator(".dss-training-panel .dss-stop:visible").click()
    state(page, "stopped")


def judge(page: Any) -> str:
    """Go to the results; returns what the confusion matrix says."""
    page.locator(".dss-step-3").click()
    page.locator(".dss-matrix").wait_for()
    return page.locator(".dss-matrix").inner_text()


def download_the_run(page: Any) -> list[str]:
    """Download all of the run; returns the names in the zip file."""
    page.locator(".dss-results-panel .dss-download-run:visible").click()
    page.locator(".dss-make-zip:not([disabled])").click()
    link = page.locator(".dss-results-panel .dss-delivery-link button")
    link.wait_for()
    with page.expect_download() as download:
        link.click()
    return zipfile.ZipFile(download.value.path()).namelist()


def predict(page: Any) -> list[list[str]]:
    """Go to annotating, annotate the recordings, and download the first annotations; returns their rows."""
    page.locator(".dss-step-4").click()
    page.locator(".dss-predict:not([disabled])").click()
    page.locator(".dss-predict-progress", has_text="Annotated").wait_for()
    page.locator(f".dss-labelled-audio {SOUND}").first.wait_for()
    with page.expect_download() as download:
        page.locator(".dss-predicted-files tbody button").first.click()
    return list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8"))))


def events_of(run: Path) -> list[dict]:
    """Return what a run has told."""
    return [json.loads(line) for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]
