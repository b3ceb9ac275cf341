"""The same work from a terminal: ``dss-widgets COMMAND --help`` tells what each does.

Exit codes: 0 done, 1 something is wrong with data, options or a run, 2 the command line cannot be understood, 130 interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from dss_widgets import __version__
from dss_widgets.cli import data, jobs, networks, serving, training
from dss_widgets.cli.output import print_error, print_json
from dss_widgets.errors import DssWidgetsError, ProblemsError


class _ExactParser(argparse.ArgumentParser):
    """Takes flags by their whole names only: a script means what it says, also when more flags come."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"allow_abbrev": False, **settings})


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = _ExactParser(prog="dss-widgets", description="From annotated recordings of animal song to a trained network.")
    parser.add_argument("--version", action="version", version=f"dss_widgets {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=_ExactParser)
    data.add_commands(commands)
    training.add_commands(commands)
    jobs.add_commands(commands)
    networks.add_commands(commands)
    serving.add_commands(commands)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the arguments; those of the process if None.

    Returns:
        The exit code.
    """
    args = build_parser().parse_args(argv)
    try:
        return int(args.run(args))
    except DssWidgetsError as error:
        if getattr(args, "json", False):
            problems = [problem.as_dict() for problem in error.problems] if isinstance(error, ProblemsError) else []
            print_json({"ok": False, "error": str(error), "problems": problems})
        print_error(str(error))
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
