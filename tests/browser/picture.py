"""Make the README's picture: the dashboard after a training on demo bird song.

usage: python tests/browser/picture.py [PICTURE.png]
"""

import sys
import tempfile
from pathlib import Path

from conftest import CHROMIUM_ARGS, find_chromium
from playwright.sync_api import sync_playwright
from served import serve

ROOT = Path(__file__).resolve().parents[2]
DRAWN = (
    "() => [...document.querySelectorAll('.dss-loss-plot path.line')].some(line => (line.getAttribute('d') || '').length > 20)"
)


def main() -> None:
    """Assemble, train with the quick preset, and take a picture of the third step."""
    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "apps" / "pictures" / "dashboard.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, serve("demo", folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1190})
        page.set_default_timeout(120_000)
        page.goto(server.link)
        page.locator(".dss-found").wait_for()
        page.locator(".dss-assemble:not([disabled])").click()
        page.locator(".dss-next:not([disabled])").click()
        page.locator(".dss-field-preset select").select_option(label="Quick")
        page.locator(".dss-start:not([disabled])").click()
        page.locator(".dss-run-state", has_text="finished").first.wait_for()
        page.locator(".dss-step-3").click()
        page.locator(".dss-matrix").wait_for()
        page.wait_for_function(DRAWN)
        page.evaluate("window.scrollTo(0, 0)")
        page.screenshot(path=picture)
        browser.close()
    print(f"{picture}: {picture.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
