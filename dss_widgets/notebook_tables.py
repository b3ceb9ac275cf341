"""How the package's own objects look in a notebook: a line, and a plain table under it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def seconds_words(seconds: float) -> str:
    """Return a duration such as ``12.5 s`` or ``1 h 02 min``."""
    if seconds < 119.95:
        return f"{seconds:.3g} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def counted(number: int, noun: str) -> str:
    """Return a count with its noun: ``1 recording``, ``3 recordings``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def table_html(title: str, header: Sequence[str], rows: Iterable[Sequence[object]], notes: Iterable[object] = ()) -> str:
    """Return a titled table as HTML; nothing in its cells acts as markup.

    Args:
        title: the line over it.
        header: the columns' names.
        rows: cells; numbers are set to the right.
        notes: lines under it, such as problems; ten at most are shown.
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    told = [escape(str(note)) for note in notes]
    more = [f"… and {len(told) - 10} more"] if len(told) > 10 else []
    under = "".join(f"<li>{note}</li>" for note in [*told[:10], *more])
    return f"<p><b>{escape(title)}</b></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" + (
        f"<ul>{under}</ul>" if under else ""
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f'<td style="text-align:right">{value:.4g}</td>'
    if isinstance(value, int):
        return f'<td style="text-align:right">{value:,}</td>'
    return f'<td style="text-align:left">{escape(str(value))}</td>'
