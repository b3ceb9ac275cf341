"""A dashboard served by a real process, for as long as a block lasts."""

import os
import re
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Server:
    """A served dashboard.

    Attributes:
        link: with its token.
        origin: without.
        lines: what it printed so far.
    """

    link: str
    process: subprocess.Popen
    lines: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.link.partition("/?")[0]

    @property
    def token(self) -> str:
        return self.link.rpartition("token=")[2]

    def kernels(self) -> list[int]:
        """Return the processes of the kernels that are alive."""
        import psutil

        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child.pid for child in children if "ipykernel_launcher" in " ".join(child.cmdline())]


@contextmanager
def serve(*arguments: str, env: dict[str, str] | None = None) -> Iterator[Server]:
    """Run ``dss-widgets`` with arguments that serve something, until the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dss_widgets", *arguments, "--port", "0", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **(env or {}), "PYTHONUNBUFFERED": "1"},
        start_new_session=True,
    )
    lines: list[str] = []
    try:
        link = None
        for line in process.stdout:
            lines.append(line)
            link = re.search(r"http://\S+token=\S+", line)
            if link:
                break
        assert link, "the server printed no link:\n" + "".join(lines)
        server = Server(link.group(), process, lines)
        threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True).start()
        _wait_until_it_answers(server)
        yield server
    finally:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _wait_until_it_answers(server: Server) -> None:
    tick = threading.Event()
    for _ in range(600):
        assert server.process.poll() is None, "the server ended:\n" + "".join(server.lines)
        try:
            urllib.request.urlopen(server.origin + "/voila/static/none", timeout=5)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            tick.wait(0.1)
    raise AssertionError("the server does not answer:\n" + "".join(server.lines))
