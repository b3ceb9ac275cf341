"""A process on another node, for :class:`~dss_widgets.network.processes.Processes`: started by a command, reached by network.

``python -P -m dss_widgets.network.on_node HOST PORT N``; what it says first proves that it knows the word in its environment.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from dss_widgets.network.processes import Handle, ProcessDiedError, serve
from dss_widgets.network.tensorflow_setup import set_up_worker_process

PATIENCE_SECONDS = 300.0
"""How long a process may take to call back."""

_WORD = "DSS_WIDGETS_LINE"
_MODULE = "dss_widgets.network.on_node"


@dataclass(frozen=True)
class OnNode:
    """Starts processes on a node.

    Attributes:
        command: what a command begins with to run there.
        host: the name under which that node reaches this one.
        environment: of the command.
        folder: where it runs.
    """

    command: Sequence[str]
    host: str
    environment: Mapping[str, str]
    folder: str

    def __call__(self, n: int) -> tuple[Connection, Handle]:
        """Start a process that shares the node's cores with as many of them.

        Raises:
            ProcessDiedError: it ended before it called back, or does not call back.
            OSError: it cannot be started.
        """
        word = secrets.token_hex(32)
        with Listener(("", 0), authkey=word.encode()) as listener:
            port = listener.address[1]
            started = subprocess.Popen(
                [*self.command, sys.executable, "-P", "-m", _MODULE, self.host, str(port), str(n)],
                stdin=subprocess.DEVNULL, env={**self.environment, _WORD: word}, cwd=self.folder,
            )  # fmt: skip
            handle = _Started(started)
            return _called_back(listener, handle), handle


class _Started:
    """A command that runs, as :mod:`multiprocessing` shows its processes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def join(self, timeout: float | None = None) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        self._process.kill()

    @property
    def exitcode(self) -> int | None:
        return self._process.poll()


def _called_back(listener: Listener, handle: _Started) -> Connection:
    """Return the line on which a process calls back; one that ends before is not waited for."""
    found: list[Any] = []

    def accept() -> None:
        with suppress(OSError, EOFError):
            found.append(listener.accept())

    waiting = threading.Thread(target=accept, daemon=True)
    waiting.start()
    for _ in range(int(PATIENCE_SECONDS)):
        waiting.join(1.0)
        if found:
            return found[0]
        if not handle.is_alive() or not waiting.is_alive():
            break
    handle.kill()
    handle.join()
    raise ProcessDiedError(f"it did not call back (exit code {handle.exitcode})")


def main() -> int:
    """Call back whoever started this process, and do what comes along the line."""
    host, port, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    serve(Client((host, port), authkey=os.environ.pop(_WORD).encode()), set_up_worker_process, n)
    return 0


if __name__ == "__main__":
    sys.exit(main())
