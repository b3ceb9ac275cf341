"""How long a visitor waits for the first widget, and how large the kernel is with the dashboard open.

usage: python tests/benchmarks/first_widget.py [ROUNDS] [--app dashboard]

Every round opens the link in a browser context of its own (nothing cached), as a visitor does who comes for the first time.
Prints the median and all times, the kernel's resident and unshared memory, and whether tensorflow is loaded in it.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))
from conftest import CHROMIUM_ARGS, find_chromium
from served import Server, serve

FIRST_WIDGET_SECONDS = 3.5
KERNEL_BYTES = 130e6


def main() -> int:
    """Measure, print, and return 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serve("demo", folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGS)
        visit(browser, server)  # the first start of all reads everything from disk
        seen = [visit(browser, server) for _ in range(args.rounds)]
        browser.close()
    seconds = statistics.median(one[0] for one in seen)
    memory = statistics.median(one[1] for one in seen)
    unshared = statistics.median(one[2] for one in seen)
    tensorflow = any(one[3] for one in seen)
    print(f"first widget: {seconds:.2f} s, median of {len(seen)} ({', '.join(f'{one[0]:.2f}' for one in seen)})")
    print(f"kernel with the dashboard open: {memory / 1e6:.0f} MB resident, {unshared / 1e6:.0f} MB of it unshared")
    print(f"tensorflow in the kernel: {'yes' if tensorflow else 'no'}")
    return int(seconds > FIRST_WIDGET_SECONDS or memory > KERNEL_BYTES or tensorflow)


def visit(browser: Browser, server: Server) -> tuple[float, float, float, bool]:
    """Open the dashboard; return seconds to the first widget, the kernel's bytes (resident, unshared), and tensorflow."""
    before = set(server.kernels())
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(120_000)
    begin = time.perf_counter()
    page.goto(server.link, wait_until="commit")
    page.locator(".dss-dashboard .dss-title").wait_for()
    seconds = time.perf_counter() - begin
    page.locator(".dss-folder-summary").wait_for()
    page.locator(".dss-timeline svg").first.wait_for()
    (kernel,) = map(psutil.Process, set(server.kernels()) - before)
    memory = kernel.memory_full_info()
    loaded = any("tensorflow" in mapped.path for mapped in kernel.memory_maps())
    context.close()
    return seconds, memory.rss, memory.uss, loaded


if __name__ == "__main__":
    sys.exit(main())
