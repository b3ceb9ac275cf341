"""How a dataset was made: its options, its recordings, and the annotations that were left out, as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dss_widgets import __version__
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels.look.theme import scrolling
from dss_widgets.panels.look.words import count, escape

_MOST_ROWS = 200


def made_words(dataset: Dataset) -> str:
    """Return how a dataset was made, folded away; '' where it does not tell (as of DAS)."""
    attrs = dataset.attrs
    parts = [
        _folded("Options it was made with", ("Option", "Value"), _option_rows(attrs.get("options"))),
        _folded(
            count(len(attrs.get("recordings") or ()), "recording"),
            ("Recording", "Samples", "Annotations"),
            [
                (r.get("file"), f"{r.get('n_samples', 0):,}", f"{r.get('annotations', 0):,}")
                for r in _dicts(attrs, "recordings")
            ],
        ),
        _folded(
            f"{count(len(attrs.get('left_out_rows') or ()), 'annotation')} left out",
            ("File", "Row", "Why"),
            [(r.get("file"), r.get("row"), r.get("message")) for r in _dicts(attrs, "left_out_rows")],
        ),
    ]
    version = attrs.get("dss_widgets_version")
    told = f"Made by dss_widgets {version}" if version else "Made by another program, such as DAS"
    other = f" (this is {__version__})" if version and version != __version__ else ""
    return f'{"".join(parts)}<p class="dss-quiet dss-small">{escape(told + other)}.</p>'


def _dicts(attrs: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [row for row in attrs.get(name) or () if isinstance(row, dict)]


def _option_rows(values: Any) -> list[tuple[str, str]]:
    if not isinstance(values, dict):
        return []
    declared = AssemblyOptions.declared()
    return [
        (declared[name].label, f"{declared[name].format(value) or 'none'} {declared[name].unit}".strip())
        if name in declared
        else (name, str(value))
        for name, value in values.items()
    ]


def _folded(title: str, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[:_MOST_ROWS])
    table = f'<table class="dss-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f"<details><summary>{escape(title)}</summary>{scrolling(table, title)}</details>"
