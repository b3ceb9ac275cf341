"""Names, labels, prefixes and messages that are markup are shown as they are, in every panel, and nothing in them acts."""

import csv
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import story
from lab_server import APPS, lab

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

IMAGE = "<img src=x onerror=ran('image')>"
QUOTES = "\"'><svg onload=ran('quotes')>"
SCRIPT = "</script><script>ran('script')</script>"
ENDS = "</title></textarea></style></pre><iframe srcdoc=x onload=ran('ends')>"

ACTED = """() => [...(window.whatRan || []), ...[...document.querySelectorAll('*')]
    .filter(e => e.localName === 'script' ? /^ran\\(/.test(e.text)
                 : [...e.attributes].some(a => /^on/.test(a.name) && /ran\\(/.test(a.value)))
    .map(e => e.outerHTML.slice(0, 300))]"""
"""JavaScript: what ran, and the elements that would have run something if they could."""


@dataclass(frozen=True)
class Marked:
    """Folders and files with markup in all names.

    Attributes:
        root, song, store, run: as of any other lab.
        failed: a run that failed, with markup in what it says.
    """

    root: Path
    song: Path
    store: Path
    run: Path
    failed: Path


def rename_song_types(folder, names):
    """Give the song types of a folder other names."""
    for file in folder.glob("*_annotations.csv"):
        with open(file, newline="", encoding="utf-8") as told:
            head, *rows = csv.reader(told)
        with open(file, "w", newline="", encoding="utf-8") as told:
            csv.writer(told).writerows([head, *([names.get(row[0], row[0]), *row[1:]] for row in rows)])
    for file in folder.glob("*_definitions.csv"):
        file.unlink()


def make_failed_run(folder, run):
    """Leave a run as one that failed: what it says is markup."""
    folder.mkdir()
    shutil.copy(run / "job.yaml", folder / "job.yaml")
    events = [{"event": "state", "state": "training"}, {"event": "state", "state": "failed", "message": f"Wrong: {IMAGE}"}]
    lines = [json.dumps({"time": 1.0 + n, **event}) for n, event in enumerate(events)]
    (folder / "events.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "log.txt").write_text(f"{ENDS}\n{QUOTES}\n")
    return folder


@pytest.fixture(scope="module")
def marked(bird_folder, tmp_path_factory):
    root = tmp_path_factory.mktemp("marked") / f"lab {QUOTES}"
    song = root / f"song {IMAGE}"
    shutil.copytree(bird_folder, song)
    rename_song_types(song, {"a": f"a{IMAGE}", "b": f"b{QUOTES}", "c": f"c{SCRIPT}", "d": f"d{ENDS}"})
    for file in list(song.glob("bird-A_*")):
        file.rename(file.with_name(file.name.replace("bird-A", f"A{IMAGE}")))
    for file in list(song.glob("bird-B_*")):
        file.rename(file.with_name(file.name.replace("bird-B", f"B{QUOTES}")))
    store, said = root / f"song {IMAGE}.npy", root / "run.txt"
    for arguments in (
        ["assemble", song, store, "--seed", "1"],
        ["train", store, "--preset", "quick", "--epochs", "1", "--filters", "4", "--seed", "1", "--prefix", "it's & $x$",
         "--run-file", said],
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "dss_widgets", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        assert done.returncode == 0, done.stderr
    run = Path(said.read_text(encoding="utf-8").strip())
    for file in list(run.parent.iterdir()):
        file.rename(file.with_name(f"r{IMAGE}{file.name}"))
    run = run.with_name(f"r{IMAGE}{run.name}")
    return Marked(root, song, store, run, make_failed_run(run.with_name(f"{QUOTES}20260101_120000.run"), run))


@pytest.fixture(scope="module")
def server(marked, tmp_path_factory):
    folder = tmp_path_factory.mktemp("jupyter")
    shutil.copytree(APPS, folder / "apps")
    with lab(folder, {"DSS_WIDGETS_ROOTS": str(marked.root)}) as running:
        yield running


@pytest.fixture
def page(page):
    page.add_init_script("window.whatRan = []; window.ran = what => whatRan.push(what)")
    yield page
    assert page.evaluate(ACTED) == []


def shown(page, *names, where="body"):
    """Wait until a part of the page shows names as they are, wherever they are broken into lines."""
    words = [re.sub(r"\s+", "", name) for name in names]
    page.wait_for_function(
        "([where, words]) => words.every(word => [...document.querySelectorAll(where)]"
        ".some(part => part.innerText.replace(/\\s+/g, '').includes(word)))",
        arg=[where, words],
    )
    assert page.evaluate(ACTED) == []


def test_assembling_and_training(page, server, marked, tmp_path):
    """Also of a link that leads nowhere."""
    page.goto(server.app("dashboard", folder=marked.song, run=f"/{SCRIPT}"))
    shown(page, SCRIPT, where=".dss-problems")
    page.locator(".dss-folder-summary", has_text="5 recordings").wait_for()
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    shown(page, f"a{IMAGE}", f"b{QUOTES}", f"c{SCRIPT}", f"d{ENDS}", f"A{IMAGE}_01", f"B{QUOTES}_01")
    story.close_up(page)
    page.locator(".dss-field-data_folder .dss-browse").click()
    page.locator(".dss-up").click()
    shown(page, marked.song.name, marked.store.name, where=".dss-picker")
    page.locator(".dss-advanced:visible").click()
    page.locator(".dss-field-group input").fill(f"({IMAGE}")
    for option, path in (("group_table", f"{marked.root}/{IMAGE}.csv"), ("store_folder", f"{marked.root}/{QUOTES}")):
        page.locator(f".dss-field-{option} input").first.fill(path)
        page.locator(f".dss-field-{option} input").first.press("Tab")
    shown(page, IMAGE, where=".dss-assembly-panel")

    page.locator(".dss-step-2").click()
    page.locator(".dss-field-store_folder:visible input").first.fill(str(marked.store))
    page.locator(".dss-field-store_folder:visible input").first.press("Tab")
    page.locator(".dss-start:not([disabled])").wait_for()
    shown(page, f"a{IMAGE}", f"b{QUOTES}", f"c{SCRIPT}", f"d{ENDS}", where=".dss-training-panel")
    page.locator(".dss-suggest:not([disabled])").click()
    page.locator(".dss-advice").wait_for()
    page.locator(".dss-save-config").click()
    page.locator(".dss-save-row:visible input").first.fill(f"{marked.root}/{SCRIPT}/{IMAGE}.yaml")
    page.locator(".dss-save-file:visible:not([disabled])").first.click()
    shown(page, SCRIPT, where=".dss-saved")
    page.locator(".dss-advanced:visible").click()
    page.locator(".dss-field-prefix input").fill(IMAGE)
    for button in (".dss-show-code", ".dss-save-script", ".dss-load-config"):
        page.locator(f".dss-training-panel {button}:visible").first.click()
    shown(page, IMAGE, where=".dss-training-panel .dss-code")
    config = tmp_path / f"{IMAGE}.yaml"
    config.write_text(json.dumps({"epochs": f"x{QUOTES}", SCRIPT: 3}))
    with page.expect_file_chooser() as chooser:
        page.get_by_text("From your computer").click()
    chooser.value.set_files(config)
    shown(page, SCRIPT, where=".dss-training-panel .dss-problems")


def test_inspecting(page, server, marked):
    page.goto(server.app("inspect", store=marked.store))
    page.locator(".dss-dataset-plots .dss-sound[data-complete=true]").first.wait_for()
    shown(page, f"a{IMAGE}", f"b{QUOTES}", f"c{SCRIPT}", f"d{ENDS}", IMAGE + "_0")


def test_a_run_that_failed_and_one_that_is_judged(page, server, marked):
    page.goto(server.app("monitor", run=marked.failed))
    shown(page, f"Wrong: {IMAGE}", marked.failed.stem)
    for details in page.locator("details").all():
        details.evaluate("one => one.open = true")
    shown(page, ENDS, where=".dss-run-card")

    shown(page, marked.run.stem, marked.failed.stem, where=".dss-runs")
    page.locator(".dss-runs button", has_text=marked.run.stem).click()
    page.locator(".dss-matrix").wait_for()
    shown(page, f"a{IMAGE}", f"b{QUOTES}", f"c{SCRIPT}", f"d{ENDS}", where=".dss-results-panel")
    for box in page.locator(".dss-runs input[type=checkbox]").all():
        box.check()
    for button in (".dss-test-again", ".dss-download-run", ".dss-show-code"):
        for one in page.locator(f"{button}:visible").all():
            one.click()
    page.locator(".dss-make-zip:not([disabled])").click()
    shown(page, f"Save {marked.run.stem}.zip", where=".dss-delivery-link")


def test_annotating(page, server, marked):
    page.goto(server.app("predict", run=marked.run, folder=marked.song))
    page.locator(".dss-chosen", has_text="5 of 5 recordings").wait_for()
    page.locator(".dss-predict:not([disabled])").click()
    page.locator(".dss-predict-progress", has_text="Annotated").wait_for()
    page.locator(".dss-labelled-audio .dss-sound[data-complete=true]").first.wait_for()
    shown(page, f"A{IMAGE}_01", where=".dss-predicted-files")
