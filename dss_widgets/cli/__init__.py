"""The same work from a terminal: ``dss-widgets COMMAND --help`` tells what each does.

Exit codes: 0 done, 1 something is wrong with data, options or a run, 2 the command line cannot be understood, 130 interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

_INTERRUPTED = 130
"""Exit code, as shells give it."""

Handler = Any
"""What :func:`signal.signal` takes and gives."""


class _ExactParser(argparse.ArgumentParser):
    """Takes flags by their whole names only: a script means what it says, also when more flags come.

    What is wrong is told in one line: among forty flags nobody would find it.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line, and end with exit code 2."""
        self.exit(2, f"error: {message.removeprefix('argument ').rstrip('.')}. All flags: {self.prog} --help\n")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    from dss_widgets import __version__
    from dss_widgets.cli import (
        agreeing,
        carrying,
        comparing,
        data,
        exchange,
        jobs,
        learning,
        networks,
        reviewing,
        serving,
        sharing,
        sweeping,
        thresholds,
        training,
    )

    parser = _ExactParser(prog="dss-widgets", description="From annotated recordings of animal song to a trained network.")
    parser.add_argument("--version", action="version", version=f"dss_widgets {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_ExactParser)
    data.add_commands(commands)
    training.add_commands(commands)
    jobs.add_commands(commands)
    comparing.add_commands(commands)
    agreeing.add_commands(commands)
    carrying.add_commands(commands)
    networks.add_commands(commands)
    reviewing.add_commands(commands)
    learning.add_commands(commands)
    sweeping.add_commands(commands)
    exchange.add_commands(commands)
    sharing.add_commands(commands)
    thresholds.add_commands(commands)
    serving.add_commands(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the arguments; those of the process if None.

    Returns:
        The exit code.

    Raises:
        SystemExit: the process was asked to end; what was begun is cleaned up on the way out.
    """
    interrupts: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> NoReturn:
        interrupts.append(number)
        raise KeyboardInterrupt

    try:
        with _when_told(interrupt, signal.SIGINT):
            return _run(argv)
    except BaseException as error:
        # what is interrupted while it is imported, such as TensorFlow, tells an error of its own
        if not interrupts and not isinstance(error, KeyboardInterrupt):
            raise
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever does not want to wait for the end presses it again
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED


def _run(argv: Sequence[str] | None) -> int:
    parser = build_parser()
    from dss_widgets.cli.output import print_error, print_json
    from dss_widgets.errors import DssWidgetsError, ProblemsError, summed_up

    args = parser.parse_args(argv)
    try:
        with _when_told(_clean_up, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            return int(args.run(args))
    except DssWidgetsError as error:
        if getattr(args, "json", False):
            problems = [problem.as_dict() for problem in error.problems] if isinstance(error, ProblemsError) else []
            print_json({"ok": False, "error": str(error), "problems": problems})
        print_error("\n".join(map(str, summed_up(error.problems))) if isinstance(error, ProblemsError) else str(error))
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 0


@contextmanager
def _when_told(handler: Handler, *signals: int) -> Iterator[None]:
    """Handle signals in a way of one's own for a while; those that are ignored, or that somebody else handles, stay so."""
    before: dict[int, Handler] = {}
    if threading.current_thread() is threading.main_thread():
        usual = (signal.SIG_DFL, signal.default_int_handler)
        before = {number: signal.signal(number, handler) for number in signals if signal.getsignal(number) in usual}
    try:
        yield
    finally:
        for number, old in before.items():
            if signal.getsignal(number) is handler:
                signal.signal(number, old)


def _clean_up(number: int, _frame: FrameType | None) -> NoReturn:
    """End as by an error, so that what is half-written is removed."""
    signal.signal(number, signal.SIG_DFL)
    raise SystemExit(128 + number)
