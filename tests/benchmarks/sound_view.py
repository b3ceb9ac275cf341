"""How fast the sound view is in Chromium: opened, moved, zoomed, over ten seconds and over ten hours, with many labels.

    python tests/benchmarks/sound_view.py [--old PYTHON]

``--old`` measures the bqplot view of an installation of version 0.2 or earlier beside it: name its Python.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
import psutil
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))

RATE, LONG_HOURS, N_LABELS, REPEATS = 32_000, 10, 2000, 15

NEW = """
from pathlib import Path
from ipywidgets import Button, VBox
from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.panels.sound.sound import Sound
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.sound.view import SoundView
from dss_widgets.panels.style.theme import classed, style

view = SoundView("Song")
many = Annotations.of([(f"type {i % 9}", i / LABELS_A_SECOND, (i + 0.7) / LABELS_A_SECOND) for i in range(N_LABELS)])

def opening(name, track):
    def act(_):
        view.show(Sound.of(open_recording(Path("FOLDER") / name)), [track] if track else [], 0.0, 10.0 if track else 1.0)
    button = Button(description=f"open {name}{' labelled' if track else ''}")
    button.on_click(act)
    return button

labels = Track("Found", many, {f"type {i}": "#0077bb" for i in range(9)})
buttons = [opening("warm.wav", None), opening("short.wav", None), opening("long.wav", None), opening("long.wav", labels)]
classed(VBox([style(), *buttons, view]), "dss", "dss-panel")
"""

OLD = """
from pathlib import Path
from ipywidgets import Button, VBox
from dss_widgets.panels.sound.labelled_audio import read_look
from dss_widgets.panels.sound.stretch_plots import StretchPlots

plots, state = StretchPlots(targets=""), {"start": 0.0, "seconds": 1.0, "file": None}

def act_of(words, change):
    def act(_):
        state.update(change(state))
        plots.draw(read_look(state["file"], state["start"], state["seconds"]))
    button = Button(description=words)
    button.on_click(act)
    return button

buttons = [act_of(f"open {name}", lambda _, name=name: {"file": Path("FOLDER") / name, "start": 0.0, "seconds": 1.0})
           for name in ("warm.wav", "short.wav", "long.wav")]
buttons += [
    act_of("pan", lambda s: {"start": s["start"] + 0.25 * s["seconds"]}),
    act_of("zoom", lambda s: {"seconds": s["seconds"] * 0.8}),
]
VBox([*buttons, plots])
"""

VIEW = "document.querySelector('.dss-sound').soundView"
OPENED = f"""words => new Promise(done => {{
    const button = [...document.querySelectorAll('button')].find(one => one.innerText === words), {{ number }} = {VIEW}.shown;
    const began = performance.now();
    button.click();
    const look = () => {VIEW}.shown.number !== number && {VIEW}.root.dataset.complete === 'true'
        && {VIEW}.drawn?.at > began ? done(performance.now() - began) : setTimeout(look, 1);
    look();
}})"""
PRESSED = f"""key => new Promise(done => {{
    const view = {VIEW}, began = performance.now(), before = [view.start, view.stop].join();
    view.canvas.dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true }}));
    let drawn = null;
    const look = () => {{
        const seen = view.drawn.at > began && [view.drawn.start, view.drawn.stop].join() !== before;
        if (seen) drawn ??= view.drawn.at - began;
        if (seen && view.drawn.there === 1) done([drawn, view.drawn.at - began]); else setTimeout(look, 1);
    }};
    look();
}})"""
OLD_DRAWN = """words => new Promise(done => {
    const part = (what, name) => document.querySelector(`.dss-stretch-plots ${what}`)?.getAttribute(name);
    const found = () => part('image', 'href') && part('image', 'href') + part('path.line', 'd');
    const button = [...document.querySelectorAll('button')].find(one => one.innerText === words), before = found();
    const began = performance.now();
    button.click();
    const finish = () => done(performance.now() - began);
    const look = () => found() && found() !== before ? requestAnimationFrame(finish) : setTimeout(look, 1);
    look();
})"""


def make_recordings(folder: Path) -> None:
    """Write ten seconds, twice, and ten hours; of these, most is a hole in the file that reads as silence."""
    song = (3000 * np.random.default_rng(1).standard_normal(20 * RATE)).astype(np.int16)
    for name in ("warm", "short"):
        soundfile.write(folder / f"{name}.wav", song[: 10 * RATE], RATE)
    n_bytes = LONG_HOURS * 3600 * RATE * 2
    soundfile.write(folder / "long.wav", song, RATE)
    with open(folder / "long.wav", "r+b") as file:
        file.seek(4)
        file.write((n_bytes + 36).to_bytes(4, "little"))
        file.seek(40)
        file.write(n_bytes.to_bytes(4, "little"))
        file.truncate(n_bytes + 44)


def kernel_of(server: psutil.Process) -> psutil.Process:
    """Return the kernel that a server started last."""
    return max(
        (p for p in server.children(recursive=True) if "ipykernel" in " ".join(p.cmdline())), key=lambda p: p.create_time()
    )


def notebook(folder: Path, code: str) -> None:
    """Write the notebook that is measured."""
    for name, value in {"FOLDER": str(folder), "LABELS_A_SECOND": f"{N_LABELS / 10}", "N_LABELS": str(N_LABELS)}.items():
        code = code.replace(name, value)
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), folder / "apps" / "sound.ipynb")


def median(times: list[float]) -> str:
    """Return the median of times in milliseconds, and the greatest but one in twenty."""
    return f"median {statistics.median(times):.0f} ms, 95 % within {np.quantile(times, 0.95):.0f} ms"


def measure_new(page, server) -> bool:
    """Measure the sound view; returns whether it holds what it must."""
    page.locator(".dss-sound").wait_for()
    page.evaluate(OPENED, "open warm.wav")
    kernel = kernel_of(psutil.Process(server.process.pid))
    before = kernel.memory_info().rss
    times = {name: [page.evaluate(OPENED, f"open {name}.wav") for _ in range(7)] for name in ("short", "long")}
    ratio = statistics.median(times["long"]) / statistics.median(times["short"])
    print(f"opened, 10 s: {median(times['short'])}; 10 h: {median(times['long'])}; {ratio:.2f} times as long (limit 1.5)")
    found = {"pan": pressed(page, ["ArrowRight", "ArrowLeft"]), "zoom": pressed(page, ["ArrowUp", "ArrowDown"])}
    found["zoom, pressed as soon as a new place is drawn"] = pressed(page, ["ArrowUp", "ArrowDown"], hurried=True)
    page.evaluate(OPENED, "open long.wav labelled")
    found[f"pan with {N_LABELS} labels in view"] = pressed(page, ["ArrowRight", "ArrowLeft"], within=2)
    for name, pairs in found.items():
        print(f"{name}: key to drawn, {median([a for a, _ in pairs])}; to all of it sharp, {median([b for _, b in pairs])}")
    while page.evaluate(f"{VIEW}.stop - {VIEW}.start < {VIEW}.total"):
        page.evaluate(PRESSED, "ArrowDown")
    grown = (kernel.memory_info().rss - before) / 1e6
    print(f"the kernel has grown by {grown:.0f} MB, with all ten hours in view at the end (limit 100 MB)")
    drawn = {name: statistics.median([a for a, _ in pairs]) for name, pairs in found.items()}
    return ratio <= 1.5 and drawn["zoom"] <= 100 and max(v for n, v in drawn.items() if n != "zoom") <= 50 and grown < 100


def pressed(page, keys: list[str], within: float = LONG_HOURS * 3600, *, hurried: bool = False) -> list[tuple[float, float]]:
    """Return for many keys, each at a place not seen before, the times to what is drawn and to all of it being sharp."""
    found = []
    for i, place in enumerate(np.random.default_rng(2).uniform(0, within, REPEATS)):
        page.evaluate(f"{VIEW}.goToSeconds({place}, {VIEW}.seconds)")
        looked = "" if hurried else f" && !{VIEW}.supply.asked.size"  # what lies around is there by the time one has looked
        page.wait_for_function(f"{VIEW}.frame === null && {VIEW}.drawn.there === 1{looked}")
        found.append(tuple(page.evaluate(PRESSED, keys[i % len(keys)])))
    return found


def measure_old(page, _server) -> bool:
    """Measure the view of bqplot."""
    page.get_by_role("button", name="open warm.wav").wait_for()
    page.evaluate(OLD_DRAWN, "open warm.wav")
    for name in ("short", "long"):
        print(f"bqplot: opened, {name}: {page.evaluate(OLD_DRAWN, f'open {name}.wav'):.0f} ms")
    for words in ("pan", "zoom"):
        print(f"bqplot: {words}: {median([page.evaluate(OLD_DRAWN, words) for _ in range(9)])}")
    return True


def main() -> None:
    """Measure, and end with 1 where a limit is not kept."""
    import lab_server
    from conftest import CHROMIUM_ARGS, find_chromium
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", default="", help="Python of an installation with the bqplot view")
    old = parser.parse_args().old
    is_kept, own = True, sys.executable
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copytree(lab_server.APPS, folder / "apps")
        make_recordings(folder)
        for python, code, measure in ((own, NEW, measure_new), *([(old, OLD, measure_old)] if old else [])):
            sys.executable = python  # of the server and its kernels
            if python == old:
                lab_server.APPS = Path(python).parents[2] / "apps"
            notebook(folder, code)
            with lab_server.lab(folder, {"DSS_WIDGETS_ROOTS": str(folder)}) as server, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
                page = browser.new_page(viewport={"width": 1440, "height": 1000})
                page.set_default_timeout(120_000)
                page.goto(server.app("sound"))
                is_kept &= measure(page, server)
                browser.close()
    sys.exit(0 if is_kept else 1)


if __name__ == "__main__":
    main()
