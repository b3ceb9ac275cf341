"""The choice of further networks that annotate together with the first, and what each of them is there for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, SelectMultiple

from dss_widgets.errors import DataError, DssWidgetsError
from dss_widgets.jobs import list_jobs
from dss_widgets.options.prediction import COMBINE_WORDS, AnnotatingOptions, Combine
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.style.theme import classed, label, plain_layout, put, show, text
from dss_widgets.panels.style.words import escape
from dss_widgets.results.ensemble import Ensemble, plan_ensemble
from dss_widgets.results.networks import Network
from dss_widgets.roots import why_refused


class SeveralNetworks(Folded):
    """Further networks of a folder to be used with the one that is chosen; none at first.

    Attributes:
        networks: the stems of those that are chosen beside the first.
        combine: how they are used together.
        ensemble: what each of them is there for; None for one network alone, or where they do not go together.
        problem: why they do not go together, as a sentence; '' if they do.
        changed: counts up when any of these changes.
    """

    networks = t.Tuple()
    combine = t.Unicode("best")
    changed = t.Int(0)

    def __init__(self) -> None:
        super().__init__("Use several networks", "dss-several")
        declared = AnnotatingOptions.declared()
        self.ensemble: Ensemble | None = None
        self.problem = ""
        self._first, self._wanted, self._offering = "", tuple[str, ...](), False
        self.chosen = SelectMultiple(
            description=label(declared["more_networks"].label), description_allow_html=True,
            rows=4, layout=plain_layout(),
        )  # fmt: skip
        self.how = Dropdown(
            description=label("Song types that several know"), description_allow_html=True,
            options=[(words, name) for name, words in COMBINE_WORDS.items()], layout=plain_layout(),
        )  # fmt: skip
        self.of_each: Button = classed(
            Button(description="Choose those trained for each song type", layout=plain_layout()), "dss-of-each", "dss-off"
        )
        self._words: HTML = text("", "dss-several-words")
        fields = [
            classed(Box([self.chosen], layout=plain_layout()), "dss-field", "dss-wide", "dss-chosen"),
            classed(Box([self.how], layout=plain_layout()), "dss-field", "dss-wide"),
        ]
        self.body.children = (text(_WHAT_FOR), self.of_each, *fields)
        self.children = (self.button, self.body, self._words)
        t.link((self, "networks"), (self.chosen, "value"))
        t.link((self, "combine"), (self.how, "value"))
        self.observe(self._chosen_now, ["networks", "combine"])
        show(self, False)  # until there are others

    def offer(self, first: str, choices: Sequence[tuple[str, str]]) -> None:
        """Let networks be chosen beside a first one; those that somebody has chosen stay so, as far as they are there.

        Args:
            first: the stem of the first; '' where there is none.
            choices: words and stem of all networks, the first among them.
        """
        others = tuple((words, stem) for words, stem in choices if stem != first)
        if others == tuple(self.chosen.options) and first == self._first:
            return
        self._first, self._offering = first, True
        try:
            self.chosen.options = others
            self.chosen.value = tuple(stem for stem in self._wanted if stem in [stem for _, stem in others])
        finally:
            self._offering = False
        show(self, bool(others))
        self._plan()

    def choose(self, networks: Sequence[str]) -> None:
        """Choose networks, as far as they are offered."""
        offered = [stem for _, stem in self.chosen.options]
        self.networks = tuple(stem for stem in networks if stem in offered)

    def _chosen_now(self, _change: Any = None) -> None:
        if not self._offering:
            self._wanted = self.networks
            self._plan()

    def _plan(self) -> None:
        self.ensemble, self.problem = None, ""
        if self.networks and self._first:
            try:
                self.ensemble = plan_ensemble([self._first, *self.networks], _combine(self.combine))
            except DataError as error:
                self.problem = str(error)
        put(self._words, _told(self.ensemble))
        self.changed += 1

    def place(self, first: Path) -> Path:
        """Return the stem after which what is found is named: that of the first network alone, or one for these together."""
        if not self.networks:
            return first
        which = hashlib.sha256("\n".join([self.combine, *self.networks]).encode()).hexdigest()[:8]
        return first.with_name(f"{first.name}_with_{len(self.networks)}_more_{which}")

    def class_names(self, first: Path) -> tuple[str, ...]:
        """Return noise and the song types that are found."""
        if self.ensemble is None:
            return Network(first).class_names
        return ("noise", *(answer.song_type for answer in self.ensemble.answers))

    def categories(self, first: Path) -> set[str]:
        """Return ``event``, ``segment`` or both: of which kinds the song types are; empty where that is not known."""
        if self.ensemble is None:
            return set(Network(first).class_types[1:])
        return {answer.category for answer in self.ensemble.answers}


def _combine(value: str) -> Combine:
    return "mean" if value == "mean" else "best"


_WHAT_FOR = (
    '<p class="dss-muted dss-small">Networks for single song types, or several for the same ones, annotate together: all that '
    "they find goes into one file.</p>"
)


def _told(ensemble: Ensemble | None) -> str:
    """Return what each network is there for, as HTML."""
    if ensemble is None:
        return ""
    rows = "".join(
        f"<li><b>{escape(answer.song_type)}</b>{escape(answer.words.removeprefix(answer.song_type))}</li>"
        for answer in ensemble.answers
    )
    notes = "".join(f'<p class="dss-small dss-warning">{escape(note)}</p>' for note in ensemble.notes)
    return f'<div role="status"><ul class="dss-small dss-answers">{rows}</ul>{notes}</div>'


def trained_for_each(save_folder: str) -> list[str]:
    """Return the stems of the networks of the last job in a folder that trained one for each song type; none without one."""
    for job in list_jobs(Path(save_folder).expanduser()) if save_folder and not why_refused(save_folder) else ():
        if job.kind.name == "train_each":
            with suppress(DssWidgetsError):
                made = [str(stem) for stem in job.outcome().values()]
                if len(made) > 1:
                    return made
    return []
