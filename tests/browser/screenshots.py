"""Make pictures of every dashboard: light and dark, wide (1920) and narrow (800); five of them for the README.

usage: python tests/browser/screenshots.py [FOLDER] [--readme] [--epochs N] [--only NAME...]

The pictures go to FOLDER (default: screenshots, which git ignores); with --readme, those of the README are made instead.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from conftest import CHROMIUM_ARGS, find_chromium
from lab_server import APPS, Lab, lab
from looks import darken
from playwright.sync_api import Page, sync_playwright
from served import PATIENCE_SECONDS

WIDTHS = {"wide": 1920, "narrow": 800}

LOSS_DRAWN = (
    "() => [...document.querySelectorAll('.dss-loss-plot path.line')].some(line => (line.getAttribute('d') || '').length > 20)"
)

HEIGHT = "document.querySelector('.dss-panel').getBoundingClientRect().height"

SETTLED = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 1000)))"
"""JavaScript: bqplot draws again some time after the window has another size, and does not say when it is done."""


def make_world(root: Path, epochs: int) -> dict[str, str]:
    """Make song, a dataset and a run in a folder; returns what links name, and ``new`` song that is not assembled yet."""
    run_file = root / "run.txt"
    train = ["train", root / "bird_song.npy", "--preset", "quick", "--epochs", epochs, "--seed", 1, "--run-file", run_file]
    song = ["song", root / "bird_song", "--seed", 1]
    for arguments in (song, ["assemble", root / "bird_song", root / "bird_song.npy", "--seed", 1], train):
        subprocess.run([sys.executable, "-m", "dss_widgets", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(root / "bird_song", root / "new_song")
    run = run_file.read_text(encoding="utf-8").strip()
    world = {"folder": f"{root}/bird_song", "store": f"{root}/bird_song.npy", "run": run, "new": f"{root}/new_song"}
    return world | make_circle(root, run, epochs)


def make_circle(root: Path, run: str, epochs: int) -> dict[str, str]:
    """Let the network learn on from corrected song, and have it propose labels for other song that nobody has annotated."""

    def do(*arguments: object) -> str:
        command = [sys.executable, "-m", "dss_widgets", *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    for name, seed, files in (("corrected", 5, 3), ("wild_song", 6, 2)):
        do("song", root / name, "--seed", seed, "--files", files)
        for path in list((root / name).iterdir()):
            path.rename(path.with_name(f"{name}-{path.name}"))
    for table in (root / "wild_song").glob("*.csv"):
        table.unlink()
    learned = json.loads(do("learn-on", run, root / "corrected", "--from-weights", "--epochs", epochs, "--json"))["network"]
    wild = sorted((root / "wild_song").glob("*.wav"))
    do("predict", learned, *wild, "--out", f"{learned}_predictions/wild_song", "--probabilities")
    return {"learned": learned, "wild": f"{root}/wild_song", "corrected": f"{root}/corrected"}


def opening(page: Page, server: Lab, world: dict[str, str]) -> None:
    """Open recordings."""
    page.goto(server.app("assemble", folder=world["new"]))
    page.locator(".dss-assemble:not([disabled])").wait_for()


def assembling(page: Page, server: Lab, world: dict[str, str]) -> None:
    """Open recordings, with a stretch looked at closely."""
    opening(page, server, world)
    page.locator(".dss-show-sound").click()
    page.locator(".dss-zoom .dss-sound[data-complete=true]").first.wait_for()


def inspecting(page: Page, server: Lab, world: dict[str, str]) -> None:
    """Open a dataset."""
    page.goto(server.app("inspect", store=world["store"]))
    page.locator(".dss-dataset-plots .dss-sound[data-complete=true]").first.wait_for()


def training(page: Page, server: Lab, world: dict[str, str]) -> None:
    """Open a run beside its form."""
    page.goto(server.app("train", run=world["run"]))
    page.locator(".dss-run-state", has_text="finished").first.wait_for()
    page.wait_for_function(LOSS_DRAWN)


def monitoring(page: Page, server: Lab, world: dict[str, str], app: str = "monitor") -> None:
    """Open the runs and how one came out."""
    page.goto(server.app(app, run=world["run"]))
    page.locator(".dss-matrix").wait_for()
    page.wait_for_function(LOSS_DRAWN)


def judging(page: Page, server: Lab, world: dict[str, str]) -> None:
    """Open the dashboard's third step."""
    monitoring(page, server, world, "dashboard")


def predicting(page: Page, server: Lab, world: dict[str, str]) -> None:
    """Annotate recordings, and look at the first."""
    page.goto(server.app("predict", run=world["run"], folder=world["new"]))
    page.locator(".dss-predict:not([disabled])").click()
    page.locator(".dss-predict-progress", has_text="Annotated").wait_for()
    page.locator(".dss-labelled-audio .dss-sound[data-complete=true]").first.wait_for()


def annotating(page: Page, server: Lab, world: dict[str, str]) -> None:
    """Look through what a network proposes, some of it approved."""
    page.goto(server.app("annotate", run=world["learned"], folder=world["wild"]))
    view = "document.querySelector('.dss-sound').soundView"
    page.locator(".dss-sound[data-complete=true]").wait_for()
    page.wait_for_function(f"{view}.store.open.length > 0")
    page.locator(".dss-edit-keys summary").click()
    first = page.evaluate(f"{view}.store.open[0].start")
    page.evaluate(f"{view}.goToSeconds({first} - 0.1, 1.3)")
    page.locator(".dss-sound-canvas").press("Shift+G")
    page.wait_for_function(f"{view}.store.rows.labels.labels.length > 0")
    page.evaluate(f"{view}.goToSeconds({first} - 0.1, 2.5)")
    page.locator(".dss-sound-canvas").press("n")
    page.wait_for_function(f"{view}.frame === null")
    page.locator(".dss-sound[data-complete=true]").wait_for()


def learning(page: Page, server: Lab, world: dict[str, str]) -> None:
    """Look at what there is to learn, and at the rounds."""
    page.goto(server.app("annotate", run=world["learned"], folder=world["corrected"]))
    page.locator(".dss-rounds-plot path.line").first.wait_for(state="attached")
    page.locator(".dss-to-learn dd").first.wait_for()
    page.locator(".dss-edit-keys summary").click()


def empty(page: Page, server: Lab, _world: dict[str, str]) -> None:
    """Open the dashboard with nothing to show yet."""
    page.goto(server.app("dashboard", folder=""))
    page.locator(".dss-assembly-panel").wait_for()


VIEWS = {
    "assemble": assembling, "inspect": inspecting, "train": training, "monitor": monitoring, "judge": judging,
    "predict": predicting, "annotate": annotating, "learn": learning, "empty": empty,
}  # fmt: skip

README = {
    "circle": (annotating, 830, ".dss-annotate"), "rounds": (learning, 760, ".dss-learning-panel"),
    "assemble": (opening, 1000, ".dss-panel"), "train": (training, 1000, ".dss-panel"),
    "dashboard": (judging, 1420, ".dss-panel"),
}  # fmt: skip
"""The README's pictures, how high they are at most, and what is seen on top."""


def all_pictures(page: Page, server: Lab, world: dict[str, str], folder: Path, only: list[str]) -> None:
    """Save every view, or only some, in both widths and both themes."""
    for name, view in VIEWS.items():
        if only and name not in only:
            continue
        page.set_viewport_size({"width": 1920, "height": 1080})
        view(page, server, world)
        for theme in ("light", "dark"):
            if theme == "dark":
                darken(page)
            for width, pixels in WIDTHS.items():
                page.set_viewport_size({"width": pixels, "height": 1080})
                page.evaluate(SETTLED)
                height = page.evaluate(HEIGHT)  # the panel scrolls inside of the page, so the window is made as tall
                page.set_viewport_size({"width": pixels, "height": 80 + int(height)})
                page.mouse.move(0, 0)
                page.evaluate(SETTLED)
                page.screenshot(path=folder / f"{name}_{theme}_{width}.png", animations="disabled")


def readme_pictures(page: Page, server: Lab, world: dict[str, str], folder: Path, only: list[str]) -> None:
    """Save the README's pictures, or only some."""
    for name, (view, height, top) in README.items():
        if only and name not in only:
            continue
        page.set_viewport_size({"width": 1280, "height": height})
        view(page, server, world)
        page.evaluate("top => document.querySelector(top).scrollIntoView()", top)
        page.mouse.move(0, 0)
        page.evaluate(SETTLED)
        page.screenshot(path=folder / f"{name}.png", animations="disabled")


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("screenshots"))
    parser.add_argument("--readme", action="store_true")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--only", nargs="+", default=[], choices=sorted({*VIEWS, *README}))
    args = parser.parse_args()
    folder = APPS / "pictures" if args.readme else args.folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        root = Path(place) / "demo"
        served = Path(place) / "jupyter"
        root.mkdir()
        shutil.copytree(APPS, served / "apps")
        world = make_world(root, args.epochs)
        with lab(served, {"DSS_WIDGETS_ROOTS": str(root)}) as server:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
            page = browser.new_page()
            page.set_default_timeout(1000 * PATIENCE_SECONDS)
            (readme_pictures if args.readme else all_pictures)(page, server, world, folder, args.only)
            browser.close()
    for picture in sorted(folder.glob("*.png")):
        print(f"{picture}: {picture.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
