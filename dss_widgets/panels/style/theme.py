"""How every panel looks: the style sheet as a widget, and the small pieces of page that panels are put together from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ipywidgets import HTML, Dropdown, Layout, ToggleButtons, Widget

from dss_widgets.panels.page import this_page
from dss_widgets.panels.style.words import escape

_SHEETS = ("theme", "fields", "tables", "plots", "sound", "annotation", "results")
"""In this order: of two rules that weigh the same, the later one holds."""


@cache
def stylesheet() -> str:
    """Return the style sheet's text: the theme, then what belongs to single panels."""
    return "\n".join(files(__package__).joinpath(f"{name}.css").read_text(encoding="utf-8") for name in _SHEETS)


@cache
def _shared() -> tuple[Layout, HTML]:
    layout = Layout()
    sheet: HTML = classed(HTML(f"<style>{stylesheet()}</style>", layout=layout), "dss-style")
    this_page().watch(sheet)  # every panel holds it
    return layout, sheet


def _alive() -> tuple[Layout, HTML]:
    if any(widget.comm is None for widget in _shared()):
        _shared.cache_clear()
    return _shared()


def style() -> HTML:
    """Return the widget that brings the style sheet into a page: one for all panels of a kernel."""
    return _alive()[1]


def plain_layout() -> Layout:
    """Return one empty layout for all widgets that the style sheet lays out: fewer models, a faster page."""
    return _alive()[0]


def text(value: str = "", *classes: str) -> HTML:
    """Return a piece of page; the value is HTML, so words from outside are escaped first."""
    widget = HTML(value, layout=plain_layout())
    return classed(widget, *classes)


def classed(widget: Widget, *classes: str) -> Widget:
    """Give a widget style classes, all in one message, and return it."""
    widget._dom_classes = (*widget._dom_classes, *classes)
    return widget


def set_class(widget: Widget, name: str, on: bool) -> None:
    """Switch a style class of a widget on or off; nothing is sent when it is so already."""
    if on != (name in widget._dom_classes):
        (widget.add_class if on else widget.remove_class)(name)


def show(widget: Widget, visible: bool) -> None:
    """Show or hide a widget."""
    set_class(widget, "dss-off", not visible)


def put(widget: HTML, value: str) -> None:
    """Change a piece of page; nothing is sent when it says so already."""
    if widget.value != value:
        widget.value = value


def offer(chooser: Dropdown | ToggleButtons, options: Sequence[tuple[str, Any]]) -> None:
    """Let one of other options be chosen; what is chosen stays if it is among them, else it is the first."""
    chosen = chooser.value
    values = [value for _, value in options]
    if tuple(chooser.options) != tuple(options):
        chooser.options = options
    if values:
        chooser.value = chosen if chosen in values else values[0]


def heading(words: str, quiet: str = "") -> str:
    """Return a heading, with a quiet remark beside it."""
    aside = f' <span class="dss-muted dss-small" style="font-weight:400">{escape(quiet)}</span>' if quiet else ""
    return f'<h2 class="dss-heading">{escape(words)}{aside}</h2>'


def label(words: str) -> str:
    """Return what stands above a field, as HTML."""
    return f'<span class="dss-label">{escape(words)}</span>'


def scrolling(content: str, name: str) -> str:
    """Return content in a frame of limited height that can be scrolled by keyboard too; the name is for screen readers."""
    return f'<div class="dss-scroll" tabindex="0" role="group" aria-label="{escape(name)}">{content}</div>'


def empty(title: str, what_to_do: str) -> str:
    """Return what stands where nothing is yet: what is missing and what to do next."""
    return f'<div class="dss-empty"><b>{escape(title)}</b>{escape(what_to_do)}</div>'


def meter(share: float, words: str) -> str:
    """Return a progress bar with its words under it; the words are told to screen readers as they change."""
    percent = max(0.0, min(1.0, share)) * 100
    return (
        f'<div class="dss-meter" role="progressbar" aria-label="Progress" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{percent:.0f}"><span style="width:{percent:.1f}%"></span></div>'
        f'<div class="dss-small dss-muted" style="padding-top:4px">{escape(words)}</div>'
    )
