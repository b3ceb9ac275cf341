"""The same dashboard in JupyterLab: the notebook is opened, its cells are run, and the panels work."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APPS = Path(__file__).resolve().parents[2] / "apps"


@contextmanager
def jupyterlab(folder, env):
    """Run JupyterLab on a folder; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1",
        "--ServerApp.port_retries=0", "--IdentityProvider.token=secret", "--LabApp.news_url=''",
        f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    log = open(Path(folder) / "jupyter.log", "w")  # noqa: SIM115 - closed with the server
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, env={**os.environ, **env})
    try:
        tick = threading.Event()
        for _ in range(600):
            assert process.poll() is None, (Path(folder) / "jupyter.log").read_text()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=5)
                break
            except OSError:
                tick.wait(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
        log.close()


def wait_for_kernel(page):
    """Wait until JupyterLab has reached its kernel; where its first greeting was lost, load the page anew as people do."""
    for _ in range(5):
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        try:
            page.get_by_text("Python 3 (ipykernel) | Idle").first.wait_for(timeout=12_000)
            return
        except TimeoutError:
            page.reload()
    raise AssertionError("JupyterLab does not reach its kernel")


def test_the_dashboard_assembles_in_jupyterlab(page, tmp_path, bird_folder):
    shutil.copy(APPS / "dashboard.ipynb", tmp_path)
    data = tmp_path / "song"
    shutil.copytree(bird_folder, data)
    settings = tmp_path / "state"
    env = {"DSS_WIDGETS_FOLDER": str(data), "JUPYTER_CONFIG_DIR": str(settings), "XDG_STATE_HOME": str(settings)}
    with jupyterlab(tmp_path, env) as address:
        page.goto(f"{address}/lab/tree/dashboard.ipynb?token=secret")
        wait_for_kernel(page)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        page.locator(".dss-dashboard").wait_for()
        page.locator(".dss-found", has_text="5 recordings").wait_for()
        page.locator(".dss-assemble:not([disabled])").click()
        page.get_by_text("Assembled", exact=False).first.wait_for()
        assert (tmp_path / "song.npy" / "attrs.npy").is_file()
        page.locator(".dss-next:not([disabled])").click()
        page.locator(".dss-start:not([disabled])").wait_for()
