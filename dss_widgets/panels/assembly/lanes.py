"""The timeline as a widget: all recordings in one picture, and a page of them in full, found by name, split or page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, Text, VBox

from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.dataset.survey import SurveyedRecording
from dss_widgets.options.assembly import SPLIT_WORDS, SPLITS
from dss_widgets.panels.assembly.overview import overview
from dss_widgets.panels.assembly.timeline import shortened, stretches_by_recording, timeline
from dss_widgets.panels.look.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.look.words import count, escape

PAGE = 50
"""Recordings on a page. A folder of no more than that has nothing to page through or to look for."""


class Lanes(VBox):
    """The timeline of a plan, page by page where there are many recordings.

    Attributes:
        plan: what is drawn.
        page: which page, from 0 on.
    """

    plan = t.Instance(SplitPlan, allow_none=True)
    page = t.Int(0, min=0)

    def __init__(self) -> None:
        self.find = Text(description="Find", placeholder="part of a name", continuous_update=False, layout=plain_layout())
        words = [("all recordings", ""), *((f"those with {SPLIT_WORDS[split]}", split) for split in SPLITS)]
        self.split = Dropdown(description="Show", options=words, layout=plain_layout())
        self.back: Button = _button("←", "Back by a page", "dss-lanes-back")
        self.on: Button = _button("→", "On by a page", "dss-lanes-on")
        self.pages = Dropdown(description="Page", layout=plain_layout())
        turning = classed(Box([self.back, self.pages, self.on], layout=plain_layout()), "dss-row", "dss-pages")
        self.controls = classed(Box([self.find, self.split, turning], layout=plain_layout()), "dss-row", "dss-zoom-controls")
        self.overview: HTML = text("", "dss-timeline-overview")
        self.lanes: HTML = text("", "dss-timeline")
        super().__init__([self.overview, self.controls, self.lanes], layout=plain_layout())
        classed(self, "dss-stack-tight")
        for control in (self.find, self.split):
            control.observe(self._looked_for, "value")
        self.pages.observe(self._page_chosen, "value")
        self.back.on_click(lambda _: self.turn(-1))
        self.on.on_click(lambda _: self.turn(1))
        self.observe(self.draw, ["plan", "page"])

    def turn(self, by: int) -> None:
        """Go on by so many pages, as far as there are any."""
        self.page = min(max(0, self.page + by), max(0, len(self.pages.options) - 1))

    def _looked_for(self, _change: Any) -> None:
        if self.page:
            self.page = 0
        else:
            self.draw()

    def _page_chosen(self, change: t.Bunch) -> None:
        if change.new is not None:
            self.page = change.new

    def wanted(self) -> list[SurveyedRecording]:
        """Return the recordings that are looked for; all of them where there is nothing to look with."""
        if self.plan is None:
            return []
        entries = list(self.plan.survey.recordings)
        if len(entries) <= PAGE:
            return entries
        part = self.find.value.strip().casefold()
        within = set(self.plan.recordings_of(self.split.value)) if self.split.value else None
        return [e for e in entries if part in e.name.casefold() and (within is None or e.name in within)]

    def draw(self, _change: Any = None) -> None:
        """Draw the page."""
        plan, entries = self.plan, self.wanted()
        if plan is None:
            return
        many = len(plan.survey.recordings) > PAGE
        show(self.controls, many)
        show(self.overview, many and bool(entries))
        self._offer_pages(entries)
        first = min(self.page, max(0, len(self.pages.options) - 1)) * PAGE
        shown = range(first, min(first + PAGE, len(entries)))
        if many and entries:
            put(self.overview, overview(plan, entries, stretches_by_recording(plan), shown) + _overview_words(plan, entries))
        put(self.lanes, timeline(plan, entries[first : first + PAGE]) if entries else self._nothing())

    def _offer_pages(self, entries: Sequence[SurveyedRecording]) -> None:
        """Offer the pages that there are; the page that was chosen stays, as far as there still is one."""
        starts = range(0, len(entries), PAGE)
        options = [
            (f"{start + 1} – {min(start + PAGE, len(entries))}: {shortened(entries[start].name)} …", i)
            for i, start in enumerate(starts)
        ]
        page = min(self.page, max(0, len(options) - 1))
        if tuple(self.pages.options) != tuple(options):
            self.pages.unobserve(self._page_chosen, "value")
            self.pages.options = options
            self.pages.observe(self._page_chosen, "value")
        if options:
            self.pages.value = page
        self.back.disabled = page <= 0
        self.on.disabled = page >= len(options) - 1

    def _nothing(self) -> str:
        named = f" has “{escape(self.find.value)}” in its name" if self.find.value.strip() else ""
        split = f"{' and' if named else ''} is in {SPLIT_WORDS[self.split.value]}" if self.split.value else ""
        return f'<p class="dss-quiet">No recording{named}{split}.</p>'


def _overview_words(plan: SplitPlan, entries: Sequence[SurveyedRecording]) -> str:
    n_all = len(plan.survey.recordings)
    which = f"All {n_all:,} recordings" if len(entries) == n_all else f"{len(entries):,} of {count(n_all, 'recording')}"
    return (
        f'<p class="dss-quiet dss-small">{which} side by side, each from its beginning at the top to its end. '
        "The frame is the page below.</p>"
    )


def _button(words: str, tooltip: str, name: str) -> Button:
    return classed(Button(description=words, tooltip=tooltip, layout=plain_layout()), name)
