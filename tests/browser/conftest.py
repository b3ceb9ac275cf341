"""A real Chromium against a real server; without a browser these tests are skipped loudly, in CI they fail."""

import os
import shutil
import warnings
from pathlib import Path

import pytest

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


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = find_chromium()
    if found:
        return found
    message = "no Chromium on this machine (Debian: apt-get install chromium)"
    if os.environ.get("DSS_WIDGETS_REQUIRE_BROWSER") or os.environ.get("CI"):
        pytest.fail(message)
    warnings.warn(f"BROWSER TESTS SKIPPED: {message}", stacklevel=1)
    pytest.skip(message)


@pytest.fixture(scope="module")
def browser(chromium_path):
    """Chromium for the tests of one module: playwright's event loop must not run on in those of other modules."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, request):
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    yield page
    folder = os.environ.get("DSS_WIDGETS_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{request.node.name}.png", full_page=True)
    context.close()


@pytest.fixture(scope="session")
def bird_folder(tmp_path_factory) -> Path:
    """Demo bird song: small, but all that a person begins with."""
    from dss_widgets.dataset.song import make_song

    folder = tmp_path_factory.mktemp("served") / "bird_song"
    make_song(folder, "bird", seed=1)
    return folder
