"""Numbers, times and problems as words for people, and the escaping that puts them into a page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from dss_widgets.errors import Problem, ProblemsError, summed_up
from dss_widgets.jobs import JobStatus


def escape(text: object) -> str:
    """Return text as HTML shows it; nothing in it acts as markup or as a formula."""
    return html.escape(str(text), quote=True).replace("$", "&#36;").replace("\\", "&#92;")


def swatch(colour: str, name: str = "") -> str:
    """Return a small square of a colour, with the name that it stands for."""
    return f'<span class="dss-swatch" style="background:{colour}"></span>{escape(name)}'


def waiting(status: JobStatus) -> str:
    """Return what stands where progress will, of a job that Slurm has not started, as HTML; '' for any other."""
    if status.state != "queued":
        return ""
    return f'<p role="status"><span class="dss-state dss-state-queued">queued</span> {escape(status.place_words)}</p>'


def duration(seconds: float | None) -> str:
    """Return a duration in the unit that reads best: ``0.4 ms``, ``12.5 s``, ``3 min 05 s``, ``2 h 10 min``."""
    if seconds is None:
        return "–"
    if seconds < 0.9995:
        return f"{seconds * 1000:.3g} ms" if seconds else "0 s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def total(seconds: float) -> str:
    """Return a sum of durations, never in milliseconds, so that a column of them can be compared: ``0.19 s``, ``12.5 s``."""
    if 0 < seconds < 0.005:
        return "<0.01 s"
    return f"{seconds:.2f} s" if 0 < seconds < 9.995 else duration(seconds)


def time_left(seconds: float | None) -> str:
    """Return a coarse, calm time left: it does not flicker by tenths."""
    if seconds is None:
        return ""
    if seconds < 1.5:
        return "about a second left"
    if seconds < 90:
        return f"about {round(seconds)} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def count(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun: ``1 recording``, ``3 recordings``, ``1,204 recordings``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def rate(hertz: float) -> str:
    """Return a sample rate: ``32 kHz``, ``44.1 kHz``, ``500 Hz``."""
    return f"{hertz / 1000:.6g} kHz" if hertz >= 1000 else f"{hertz:.6g} Hz"


def size(n_bytes: float) -> str:
    """Return the size of a file: ``812 B``, ``4.2 kB``, ``18 MB``, ``1.3 GB``."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 999.5 or unit == "GB":
            break
        n_bytes /= 1000
    return f"{n_bytes:.2g} {unit}" if n_bytes < 9.95 and unit != "B" else f"{n_bytes:.0f} {unit}"


def listing(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""


def capital(words: str) -> str:
    """Return words with a capital first letter, but for a file's name that they begin with; the rest stays as it is."""
    if re.match(r"[^:]*\.\w+: ", words):
        return words
    return words[:1].upper() + words[1:]


def sentence(problem: Problem, label: str = "") -> str:
    """Return a problem in plain words; with a label in front when it is told away from its field."""
    where = ", ".join(filter(None, [problem.file or "", "" if problem.row is None else f"row {problem.row}"]))
    told = f"{problem.message}{' ' + problem.mend if problem.mend else ''}"
    if label:
        return f"{label}: {told}"
    return f"{where}: {told}" if where else capital(told)


def problem_list(problems: Iterable[Problem], labels: dict[str, str] | None = None, limit: int = 30) -> str:
    """Return problems as an HTML list, many of a kind summed up; a word tells errors and warnings apart, not colour alone."""
    problems = summed_up(sorted(problems, key=lambda problem: not problem.is_error))
    rows = [
        f'<li class="dss-{problem.severity}"><b>{"Error" if problem.is_error else "Note"}</b> '
        f"{escape(sentence(problem, (labels or {}).get(problem.field or '', '')))}</li>"
        for problem in problems[:limit]
    ]
    if len(problems) > limit:
        rows.append(f"<li>… and {len(problems) - limit} more.</li>")
    return f'<ul class="dss-problems">{"".join(rows)}</ul>' if rows else ""


def error_list(error: Exception, limit: int = 30) -> str:
    """Return what went wrong as an HTML list: all the problems of an error that has several."""
    return problem_list(error.problems if isinstance(error, ProblemsError) else [Problem(str(error))], limit=limit)


def beside(path: Path, what: str = "the recordings") -> str:
    """Return where something goes by itself: beside something else."""
    return f"{path.name}, beside {what}"


def aside(words: str) -> str:
    """Return what can be done after the work is done, as HTML: a quiet line, for nothing is wrong."""
    return f'<p class="dss-muted dss-small">{escape(words)}</p>'


def reasons(blockers: tuple[str, ...]) -> str:
    """Return why a button is off, as HTML."""
    if not blockers:
        return ""
    told = "".join(f"<li>{escape(reason)}</li>" for reason in blockers)
    return f'<div class="dss-why" tabindex="0" role="group" aria-label="Why not yet">Before you can start:<ul>{told}</ul></div>'
