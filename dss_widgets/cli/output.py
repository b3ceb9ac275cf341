"""What the terminal shows: tables that read well, JSON documents, problems, progress."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dss_widgets.errors import Problem, summed_up


def print_json(document: Any) -> None:
    """Print one JSON document to standard output."""
    print(json.dumps(document, indent=1, ensure_ascii=False, default=str))


def table(rows: Iterable[Sequence[Any]], header: Sequence[str]) -> str:
    """Return a table with aligned columns: text to the left, numbers to the right."""
    rows = list(rows)
    texts = [[printable(cell) if isinstance(cell, str) else format_number(cell) for cell in row] for row in rows]
    header = [printable(cell) for cell in header]
    numeric = [all(not isinstance(row[i], str) for row in rows) for i in range(len(header))]
    widths = [max(len(line[i]) for line in [list(header), *texts]) for i in range(len(header))]

    def align(line: Sequence[str]) -> str:
        cells = (
            text.rjust(width) if i < len(numeric) and numeric[i] else text.ljust(width)
            for i, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        return "  ".join(cells).rstrip()

    return "\n".join([align(header), "  ".join("-" * width for width in widths), *(align(line) for line in texts)])


def printable(text: str) -> str:
    """Return a text whose control characters are shown, not obeyed."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def format_number(value: Any) -> str:
    """Return a number for people: whole numbers whole, others with three digits after the point; None as a dash."""
    if value is None:
        return "-"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def duration(seconds: float | None) -> str:
    """Return a duration for people: ``41 s``, ``3:05 min``, ``1:12:00 h``."""
    if seconds is None:
        return "?"
    whole = round(max(0.0, seconds))
    if whole < 100:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d} h"


def print_problems(problems: Iterable[Problem]) -> None:
    """Print problems to standard error, errors and warnings told apart by a word, many of a kind summed up."""
    for problem in summed_up(problems):
        print(f"{problem.severity}: {problem}", file=sys.stderr)


def print_error(message: str) -> None:
    """Print an error to standard error."""
    for line in message.splitlines() or [""]:
        print(f"error: {printable(line)}", file=sys.stderr)


class ProgressLine:
    """A line on standard error that is rewritten in a terminal; elsewhere, whole lines only when the text asks for it."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = False

    def show(self, text: str) -> None:
        """Show a passing text; nothing happens where it could not be rewritten."""
        if self._live:
            width = shutil.get_terminal_size().columns - 1
            print("\r" + text[:width].ljust(width), end="", file=sys.stderr, flush=True)
            self._shown = True

    def keep(self, text: str) -> None:
        """Print a text that stays."""
        self.clear()
        print(text, file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Remove the passing text."""
        if self._shown:
            print("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r", end="", file=sys.stderr, flush=True)
            self._shown = False


def bar(fraction: float, width: int = 24) -> str:
    """Return a progress bar."""
    full = int(max(0.0, min(1.0, fraction)) * width)
    return "[" + "#" * full + "." * (width - full) + "]"


def scores_table(scores: Mapping[str, Any]) -> str:
    """Return the scores of every class and the confusion matrix as two tables."""
    names = list(scores["class_names"])
    per_class = [
        [name, row["precision"], row["recall"], row["f1"], int(row["support"])] for name, row in scores["per_class"].items()
    ]
    longest = max(map(len, names))
    matrix = [[name, *map(int, row)] for name, row in zip(names, scores["confusion_matrix"], strict=True)]
    return "\n\n".join(
        [
            table(per_class, ["class".ljust(longest), "precision", "recall", "F1", "samples"]),
            "Confusion matrix (rows: annotated, columns: predicted, samples)\n" + table(matrix, ["", *names]),
            f"macro F1 {scores['macro_f1']:.3f}, accuracy {scores['accuracy']:.3f}",
        ]
    )
