"""A dashboard served by a real process, for as long as a block lasts."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE_SECONDS = 120.0
"""How long to wait for what should take a second or two: machines can be slow and busy."""


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

        alive = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):  # it ended while we looked
                if "ipykernel_launcher" in " ".join(child.cmdline()):
                    alive.append(child.pid)
        return alive


class PortTakenError(Exception):
    """Somebody else took the port between its choice and its use."""


@contextmanager
def serve(*arguments: str, env: dict[str, str] | None = None, cwd: Path | None = None) -> Iterator[Server]:
    """Run ``dss-widgets`` with arguments that serve something, until the block ends."""
    server = _start(arguments, env, cwd)
    try:
        yield server
    finally:
        end(server.process, signal.SIGINT)


def _start(arguments: tuple[str, ...], env: dict[str, str] | None, cwd: Path | None) -> Server:
    for _ in range(5):
        process = subprocess.Popen(
            [sys.executable, "-m", "dss_widgets", *arguments, "--port", "0", "--no-browser"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **(env or {}), "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
            cwd=cwd,
        )
        try:
            return _when_it_answers(process)
        except PortTakenError:
            end(process, signal.SIGINT)
        except BaseException:
            end(process, signal.SIGKILL)
            raise
    raise AssertionError("no port stays free")


def _when_it_answers(process: subprocess.Popen) -> Server:
    lines: list[str] = []
    link = None
    for line in process.stdout:
        lines.append(line)
        link = re.search(r"https?://\S+token=\S+", line)
        if link:
            break
    assert link, "the server printed no link:\n" + "".join(lines)
    server = Server(link.group(), process, lines)
    threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True).start()

    def answers() -> bool:
        if process.poll() is not None:
            raise PortTakenError if "no available port" in "".join(lines) else AssertionError("it ended:\n" + "".join(lines))
        return is_up(server.origin + "/voila/static/none")

    wait_until(answers, lambda: "the server does not answer:\n" + "".join(lines))
    return server


def free_port() -> int:
    """Return a port that nobody listens at now; who takes it must be ready to find it taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_up(address: str, besides: tuple[int, ...] = (502, 503, 504)) -> bool:
    """Return whether a server answers at an address, with anything besides these codes: those of a proxy without its server."""
    try:
        urllib.request.urlopen(address, timeout=10).close()
    except urllib.error.HTTPError as error:
        return error.code not in besides
    except OSError:
        return False
    return True


def wait_until(condition: Callable[[], object], words: Callable[[], str] | str = "") -> None:
    """Wait until a condition holds, looking ten times a second; where there is an event to wait for, that is better."""
    tick = threading.Event()
    for _ in range(int(10 * PATIENCE_SECONDS)):
        if condition():
            return
        tick.wait(0.1)
    raise AssertionError(words() if callable(words) else words)


def end(process: subprocess.Popen, first: int) -> None:
    """End a process that leads a group of its own, kindly at first, and wait for it."""
    for sign, seconds in ((first, 30), (signal.SIGKILL, None)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return
