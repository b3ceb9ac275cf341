"""A real Chromium against a real server; without a browser these tests are skipped loudly, in CI they fail."""

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from console import Console
from lab_server import APPS, Lab, lab
from served import PATIENCE_SECONDS

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str | None:
    """Return the path of an installed Chromium."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def needed(found: str | None, name: str, package: str) -> str:
    """Return the path of a program; without it, skip loudly, or fail where it has to be there."""
    if found:
        return found
    message = f"no {name} on this machine (Debian: apt-get install {package})"
    if os.environ.get("DSS_WIDGETS_REQUIRE_BROWSER") or os.environ.get("CI"):
        pytest.fail(message)
    warnings.warn(f"BROWSER TESTS SKIPPED: {message}", stacklevel=2)
    pytest.skip(message)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    return needed(find_chromium(), "Chromium", "chromium")


@pytest.fixture(scope="session")
def nginx_path() -> str:
    return needed(shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin"), "nginx", "nginx-light")


@pytest.fixture(scope="module")
def browser(chromium_path):
    """Chromium for the tests of one module: playwright's event loop must not run on in those of other modules."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=chromium_path, args=CHROMIUM_ARGS, timeout=1000 * PATIENCE_SECONDS
        )
        yield chromium
        chromium.close()


@contextmanager
def a_visitor(browser, name: str, **how) -> Iterator:
    """Open an empty page with cookies and a cache of its own, and the patience that a busy machine needs.

    What it logs as an error in the browser's console fails the test.
    """
    context = browser.new_context(**{"viewport": {"width": 1440, "height": 1000}, "accept_downloads": True, **how})
    page = context.new_page()
    page.set_default_timeout(1000 * PATIENCE_SECONDS)
    console = Console()
    console.listen(page)
    try:
        yield page
        assert console.faults == []
    finally:
        folder = os.environ.get("DSS_WIDGETS_SCREENSHOTS")
        if folder and not page.is_closed():
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        context.close()


@pytest.fixture
def visitor(browser, request):
    """Make visitors, each a context manager."""
    return lambda **how: a_visitor(browser, request.node.name, **how)


@pytest.fixture(scope="module")
def lasting_visitor(browser, request):
    """Make visitors who stay for all tests of a module."""
    return lambda **how: a_visitor(browser, request.node.path.stem, **how)


@pytest.fixture
def page(visitor):
    with visitor() as page:
        yield page


@pytest.fixture(scope="session")
def bird_folder(tmp_path_factory) -> Path:
    """Demo bird song: small, but all that a person begins with."""
    from dss_widgets.dataset.song import make_song

    folder = tmp_path_factory.mktemp("served") / "bird_song"
    make_song(folder, "bird", seed=1)
    return folder


@dataclass(frozen=True)
class Trained:
    """Recordings, their dataset and a run on it: all that a link can name.

    Attributes:
        root: the folder that holds them.
        song, store, run: the three.
        new: recordings of which no dataset was made yet.
    """

    root: Path
    song: Path
    store: Path
    run: Path
    new: Path


@pytest.fixture(scope="session")
def trained(bird_folder, tmp_path_factory) -> Trained:
    """A real run, trained for one epoch; not to be written to."""
    root = tmp_path_factory.mktemp("lab")
    new = shutil.copytree(bird_folder, root / "new_song")
    song, store, said = root / "song", root / "song.npy", root / "run.txt"
    train = ["train", store, "--preset", "quick", "--epochs", "1", "--filters", "4", "--seed", "1", "--run-file", said]
    for arguments in (["song", song, "--seed", "1"], ["assemble", song, store, "--seed", "1"], train):
        done = subprocess.run(
            [sys.executable, "-m", "dss_widgets", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=500,
        )
        assert done.returncode == 0, done.stderr
    return Trained(root, song, store, Path(said.read_text(encoding="utf-8").strip()), new)


@pytest.fixture(scope="session")
def server(trained, tmp_path_factory) -> Iterator[Lab]:
    """A Jupyter server with every dashboard, confined to the folder with the run; tests only look."""
    folder = tmp_path_factory.mktemp("jupyter")
    shutil.copytree(APPS, folder / "apps")
    with lab(folder, {"DSS_WIDGETS_ROOTS": str(trained.root)}) as running:
        yield running
