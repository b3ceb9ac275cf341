"""Finding out where to look first: a network ranks stretches of the recordings, in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Dropdown, VBox

from dss_widgets.errors import DssWidgetsError
from dss_widgets.options.review import RANKING_WORDS, ReviewOptions
from dss_widgets.panels.action import Action
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.learning.network_choice import NetworkChoice
from dss_widgets.panels.style.progress import job_progress
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list
from dss_widgets.review import Stretch
from dss_widgets.roots import why_refused

_WAYS = ("unsure-rare", "uncertainty", "rare", "odd", "mixed")
"""Rankings that one network makes alone."""


class LookFirst(VBox):
    """A button that has a network find the stretches that are worth correcting first; hidden where there is no network.

    Args:
        networks: where the network is chosen.
        recordings: returns the paths of the recordings to look through.

    Attributes:
        found: the stretches of the last ranking, the worthiest first.
        finding: whether it is at work.
    """

    found = t.Tuple()
    finding = t.Bool(False)

    def __init__(self, networks: NetworkChoice, recordings: Callable[[], Sequence[str]]) -> None:
        self._networks, self._recordings = networks, recordings
        self.watch, self.place = JobWatch(), PlaceForm()
        self.by = Dropdown(
            description="Look for", options=[(RANKING_WORDS[way], way) for way in _WAYS], layout=plain_layout()
        )  # fmt: skip
        self.start = Action(
            "Find stretches", "dss-look-first", may=self._may,
            tooltip="Have the chosen network look through these recordings, and show where correcting is worth most",
        )  # fmt: skip
        self.stop = Action("Stop", "dss-look-stop", "dss-off", may=lambda: self.finding, hides=True)
        self._progress: HTML = text("", "dss-look-progress")
        row = classed(Box([self.start, self.stop], layout=plain_layout()), "dss-row")
        super().__init__([self.by, self.place, row, self._progress], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-look")
        networks.observe(self._new_network, "network")
        self.place.observe(lambda _: self.draw(), "changed")
        self.start.on_click(lambda _: self.find())
        self.stop.on_click(lambda _: self.watch.stop())
        t.dlink((self.watch, "working"), (self, "finding"))
        self.observe(lambda _: self.draw(), "finding")
        self.watch.observe(self._heard, "status")
        self._new_network()

    @property
    def ticker(self) -> Any:
        """What looks at the job."""
        return self.watch.ticker

    def draw(self) -> None:
        """Bring the button in step with what is chosen."""
        show(self, bool(self._networks.network) and bool(self._recordings()))
        self.start.draw()
        self.stop.draw()

    def _may(self) -> bool:
        paths = [self._networks.network, *self._recordings()[:1]]
        ready = len(paths) == 2 and all(paths) and not self.finding and not self.place.blockers
        return ready and not any(map(why_refused, paths))

    def options(self) -> ReviewOptions:
        """Return the options of the job that ranks."""
        return ReviewOptions(network=self._networks.network, recordings=list(self._recordings()), by=self.by.value)

    def find(self) -> None:
        """Start ranking; does nothing where it may not."""
        if not self._may():
            return
        self.place.keep()
        try:
            self.watch.start("review", self.options(), self.place.options)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def _new_network(self, _change: Any = None) -> None:
        put(self._progress, "")
        if self._networks.network and not self.finding and not why_refused(self._networks.network):
            self.watch.find("review", self.options())
        self.draw()

    def _heard(self, _change: Any = None) -> None:
        """Show how far it is; once it has come to its end, hand on what it has found."""
        status, job = self.watch.status, self.watch.job
        if status is None or job is None:
            return
        put(self._progress, job_progress(status, starting="Loading the network…", working="Looking", stopped="<p>Stopped.</p>"))
        if status.state == "finished":
            try:
                found: list[Stretch] = job.outcome()
            except DssWidgetsError as error:
                put(self._progress, error_list(error))
                return
            if not found:
                put(self._progress, "<p>The network is sure of all that was not looked through yet.</p>")
            self.found = tuple(found)
