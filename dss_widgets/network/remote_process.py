"""Processes on other machines that join :class:`~dss_widgets.network.processes.Processes`: they call, and prove that they may.

``python -P -m dss_widgets.network.remote_process HOST PORT N [trains]``, with the word that proves it in the environment. A
process that has done its share begins anew in place of itself, and it ends once nobody answers.
"""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, answer_challenge, deliver_challenge
from typing import Any, Self

from dss_widgets.network.task_process import serve
from dss_widgets.network.tensorflow_setup import set_up_inference, set_up_worker_process

WORD = "DSS_WIDGETS_WORD"
"""The variable with the word."""

TRAINS = "trains"
"""Says that networks are trained there, not only used."""

MODULE = "dss_widgets.network.remote_process"

_AT_A_TIME = 64
"""Calls that may wait to be answered."""

_SILENT_SECONDS, _PROBE_SECONDS, _PROBES = 60, 15, 4
"""After how long a silent line is looked after, how often, and after how many looks in vain its other end is gone."""


class Answering:
    """Answers processes that call, until it is closed.

    Args:
        take: takes the line to each that knows the word, and where it calls from.

    Attributes:
        word: what they have to know; nobody else may.
        port: where they call this machine.
    """

    def __init__(self, take: Callable[[Connection, str], None]) -> None:
        self.word = secrets.token_hex(32)
        self._take = take
        self._listener = Listener(("", 0), backlog=_AT_A_TIME)
        self.port = int(self._listener.address[1])
        self._closed = False
        threading.Thread(target=self._answer, name="answering", daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Answer no more."""
        self._closed = True
        with suppress(OSError):  # one that waits for a call hears of it by a call
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        self._listener.close()

    def _answer(self) -> None:
        while not self._closed:
            with suppress(OSError):
                line = self._listener.accept()
                # whoever calls and says nothing, such as a scan of the network, keeps nobody else waiting
                threading.Thread(target=self._prove, args=(line,), name="proving", daemon=True).start()

    def _prove(self, line: Connection[Any, Any]) -> None:
        word = self.word.encode()
        try:
            _look_after(line)
            deliver_challenge(line, word)
            answer_challenge(line, word)
            where = line.recv_bytes(255).decode(errors="replace")
        except (OSError, EOFError, AuthenticationError):
            line.close()
            return
        if self._closed:
            line.close()
        else:
            self._take(line, where)


def _look_after(line: Connection[Any, Any]) -> None:
    """Have the system notice that the machine at a line's other end is gone, which says nothing any more.

    Raises:
        OSError: the line has ended.
    """
    with socket.socket(fileno=os.dup(line.fileno())) as end:  # the same line
        end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_KEEPIDLE"):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _SILENT_SECONDS)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _PROBE_SECONDS)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)


def main() -> int:
    """Call, and do what is asked for.

    Returns:
        An exit code: 0 also where nobody answers any more.
    """
    host, port, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    try:
        line = Client((host, port), authkey=os.environ[WORD].encode())
        _look_after(line)
        line.send_bytes(socket.gethostname().encode()[:255])
    except (OSError, EOFError, AuthenticationError) as error:
        print(f"Nobody on {host} has anything to be done ({type(error).__name__}).")
        return 0
    if serve(line, set_up_worker_process if sys.argv[4:] == [TRAINS] else set_up_inference, n):
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-P", "-m", MODULE, *sys.argv[1:]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
