"""How fast the preview of a large folder is: 1,000 recordings, 100 hours, headers and annotations alone: the
audio is holes, but for the first recording, which is noise, to zoom into.

usage: python tests/benchmarks/panels_preview.py [RECORDINGS] [--browser]

Limits: plan 1 s; table and timeline 2 s in the browser; zoom to any second 0.3 s.
"""

import statistics
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "browser"))

RATE_HZ, SECONDS, ANNOTATIONS = 10_000, 360, 80
NAMES = ("pulse", "sine", "song_a", "song_b", "call")


def make_folder(folder: Path, n_recordings: int) -> None:
    """Write recordings without audio on the disk (sparse files; the first is noise), each with its annotations."""
    rng = np.random.default_rng(1)
    for i in range(n_recordings):
        base = folder / f"animal{i % 40:02d}_recording_{i:04d}"
        with wave.open(f"{base}.wav", "wb") as file:
            file.setparams((1, 2, RATE_HZ, RATE_HZ * SECONDS, "NONE", ""))
            file.writeframes(b"")
        with open(f"{base}.wav", "r+b") as file:
            n_bytes = 2 * RATE_HZ * SECONDS
            file.seek(4)
            file.write((36 + n_bytes).to_bytes(4, "little"))
            file.seek(40)
            file.write(n_bytes.to_bytes(4, "little"))
            file.truncate(44 + n_bytes)
            if i == 0:
                file.seek(44)
                file.write(rng.integers(-8000, 8000, RATE_HZ * SECONDS, dtype="<i2").tobytes())
        starts = np.sort(rng.uniform(0, SECONDS - 3, ANNOTATIONS))
        rows = [
            f"{name},{start:.4f},{start if name == 'pulse' else start + rng.uniform(0.05, 2):.4f}\n"
            for name, start in zip(rng.choice(NAMES, ANNOTATIONS), starts, strict=True)
        ]
        Path(f"{base}_annotations.csv").write_text("name,start_seconds,stop_seconds\n" + "".join(rows))


def timed(words: str, work: Callable[[], object], limit: float | None = None, repeats: int = 5) -> object:
    """Do some work a few times and print its median time."""
    times, result = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - start)
    told = f" (limit {limit:g} s)" if limit else ""
    print(f"{words}: {statistics.median(times):.3f} s{told}")
    return result


def in_kernel(folder: Path) -> None:
    """Time what Python does."""
    from dss_widgets.dataset import plan_splits, survey
    from dss_widgets.options import AssemblyOptions
    from dss_widgets.panels.assembly.close_up import sound_of
    from dss_widgets.panels.assembly.split_preview import split_table
    from dss_widgets.panels.assembly.timeline import PAGE, overview, stretches_by_recording, timeline
    from dss_widgets.panels.sound.tiles import Tiles, Wanted

    found = timed("survey", lambda: survey(folder), repeats=1)
    for changes in ({}, {"test_split": "files"}, {"stratify": "blocks"}):
        options = AssemblyOptions(data_folder=str(folder), seed=1, **changes)
        plan = timed(f"plan {changes or 'by samples'}", lambda options=options: plan_splits(found, options), 1.0)
    entries = found.recordings
    html = timed(
        "overview, a page of the timeline and table, made",
        lambda: (
            overview(plan, entries, stretches_by_recording(plan), range(PAGE))
            + timeline(plan, entries[:PAGE])
            + split_table(plan)
        ),
    )
    print(f"    {len(html) / 1e3:.0f} kB")
    rng, names = np.random.default_rng(2), [entry.name for entry in found.recordings]

    def look() -> None:
        tiles = Tiles(sound_of(plan, str(rng.choice(names)))[0])
        for number in range(2):
            for kind, level in (("wave", 7), ("curves", 7), ("power", 8)):
                tiles.tile(Wanted(kind, 0, level, number, 0))

    timed("a recording looked at closely, made", look, 0.3, repeats=15)


CHANGED = "([what, before]) => document.querySelector(what) && document.querySelector(what).innerHTML !== before"
DRAWN = """before => (({ drawn }) => drawn.there === 1 && drawn.start !== before)(
    document.querySelector('.dss-zoom .dss-sound').soundView)"""
PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def in_browser(folder: Path) -> None:
    """Time what a person sees: from the change of a field, or a page on, to what is drawn."""
    from conftest import CHROMIUM_ARGS, find_chromium
    from playwright.sync_api import sync_playwright
    from served import serve

    environment = {"DSS_WIDGETS_FOLDER": str(folder), "XDG_STATE_HOME": str(folder.parent)}
    with serve("serve", "assemble", "--root", str(folder.parent), env=environment) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1440, "height": 1000})
        page.set_default_timeout(180_000)
        page.goto(server.link)
        page.locator(".dss-timeline svg").first.wait_for()
        told = typed_to_drawn(page, ".dss-split-amounts", ["0.55", "0.5", "0.45", "0.4", "0.35"])
        print(f"typed to timeline and table drawn: {told:.3f} s (limit 2 s)")
        if page.locator(".dss-timeline-rows-on").is_visible():
            print(f"a page of the timeline on, clicked to drawn: {pages_on(page, 5):.3f} s")
        page.locator(".dss-show-sound").click()
        page.locator(".dss-zoom .dss-sound[data-complete=true]").wait_for()
        seconds = np.random.default_rng(3).uniform(0, SECONDS - 1, 9)
        times = [zoomed(page, lambda place=place: type_place(page, place)) for place in seconds]
        print(f"zoom to any second, typed to drawn: {statistics.median(times):.3f} s (limit 0.3 s)")
        times = [zoomed(page, lambda: page.locator(".dss-zoom .dss-sound-canvas").press("Shift+ArrowRight")) for _ in range(9)]
        print(f"a page of the zoom on, pressed to drawn: {statistics.median(times):.3f} s (limit 0.3 s)")
        browser.close()


def typed_to_drawn(page, drawn: str, values: list[str]) -> float:
    """Return the median time from a value of the train fraction to the timeline and table that follow from it."""
    times = []
    for value in values:
        before = [page.locator(what).evaluate("e => e.innerHTML") for what in (drawn, ".dss-timeline")]
        start = time.perf_counter()
        page.locator(".dss-field-train_fraction input").fill(value)
        for what, was in zip((drawn, ".dss-timeline"), before, strict=True):
            page.wait_for_function(CHANGED, arg=[what, was])
        page.evaluate(PAINTED)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def pages_on(page, n_pages: int) -> float:
    """Return the median time from a click to the next page of the timeline."""
    times = []
    for _ in range(n_pages):
        before = page.locator(".dss-timeline").evaluate("e => e.innerHTML")
        start = time.perf_counter()
        page.locator(".dss-timeline-rows-on").click()
        page.wait_for_function(CHANGED, arg=[".dss-timeline", before])
        page.evaluate(PAINTED)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def type_place(page, seconds: float) -> None:
    """Type where the zoom begins."""
    field = page.locator(".dss-zoom").get_by_label("From (s)")
    field.fill(f"{seconds:.3f}")
    field.press("Enter")


def zoomed(page, act: Callable[[], object]) -> float:
    """Return how long it takes from an act until picture, waveform and targets are drawn again."""
    before = page.evaluate("document.querySelector('.dss-zoom .dss-sound').soundView.drawn.start")
    start = time.perf_counter()
    act()
    page.wait_for_function(DRAWN, arg=before)
    page.evaluate(PAINTED)
    return time.perf_counter() - start


def main() -> None:
    """Make the folder, and time it."""
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "large"
        folder.mkdir()
        make_folder(folder, numbers[0] if numbers else 1000)
        in_kernel(folder)
        if "--browser" in sys.argv:
            in_browser(folder)


if __name__ == "__main__":
    main()
