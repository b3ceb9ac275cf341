"""A Jupyter server with the configuration of apps/jupyter, for as long as a block lasts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from served import PortTakenError, end, free_port, is_up, wait_until

APPS = Path(__file__).resolve().parents[2] / "apps"
TOKEN = "secret"
START = "import sys; sys.modules['rfc3987_syntax'] = None; from jupyterlab.labapp import main; main()"
"""JupyterLab, without the seconds that building an unused grammar takes it (``leave_out_grammar`` in voila_settings.py)."""


@dataclass
class Lab:
    """A Jupyter server.

    Attributes:
        origin: its address.
        folder: what it serves.
        process: its process.
    """

    origin: str
    folder: Path
    process: subprocess.Popen

    def app(self, name: str, **query: object) -> str:
        """Return the link to a dashboard, with what its query says."""
        return f"{self.origin}/voila/render/apps/{name}.ipynb?{urlencode({'token': TOKEN, **query})}"

    def notebook(self, name: str) -> str:
        """Return the link to a notebook in JupyterLab."""
        return f"{self.origin}/lab/tree/apps/{name}.ipynb?token={TOKEN}"


@contextmanager
def lab(folder: Path, env: dict[str, str] | None = None) -> Iterator[Lab]:
    """Run JupyterLab on a folder that holds a copy of ``apps``; its users begin again, whatever this machine's have set."""
    state = folder / ".state"
    own = {f"JUPYTER_{kind}_DIR": str(state / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"JUPYTERLAB_SETTINGS_DIR": str(state / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces")}
    own |= {"JUPYTER_CONFIG_PATH": str(APPS / "jupyter"), "XDG_STATE_HOME": str(state), "PYTHONUNBUFFERED": "1"}
    state.mkdir(exist_ok=True)
    running = _start(folder, state / "log.txt", {**os.environ, **own, **(env or {})})
    try:
        yield running
    finally:
        end(running.process, signal.SIGTERM)


def _start(folder: Path, log_file: Path, env: dict[str, str]) -> Lab:
    for _ in range(5):
        running = _run(folder, log_file, env)
        try:
            wait_until(partial(_answers, running, log_file), partial(log_file.read_text, encoding="utf-8"))
            return running
        except PortTakenError:
            end(running.process, signal.SIGTERM)
        except BaseException:
            end(running.process, signal.SIGKILL)
            raise
    raise AssertionError("no port stays free")


def _run(folder: Path, log_file: Path, env: dict[str, str]) -> Lab:
    port = free_port()
    command = [
        sys.executable, "-c", START, "--no-browser", "--allow-root", f"--port={port}", "--ip=127.0.0.1",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", "--LabApp.news_url=",
        f"--ServerApp.root_dir={folder}", "--LabApp.extension_manager=readonly",
    ]  # fmt: skip
    with open(log_file, "w", encoding="utf-8") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True, env=env, cwd=folder)
    return Lab(f"http://127.0.0.1:{port}", folder, process)


def _answers(running: Lab, log_file: Path) -> bool:
    if running.process.poll() is not None:
        log = log_file.read_text(encoding="utf-8")
        raise PortTakenError if "already in use" in log or "no available port" in log else AssertionError(log)
    return is_up(running.origin + "/api")
