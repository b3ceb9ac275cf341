"""How often is song found where there is none? Recordings in which nothing sings are looked through, by a job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Run
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options.false_alarms import FalseAlarmOptions
from dss_widgets.options.learning import LearningOptions
from dss_widgets.panels.forms.folded import Folded
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.progress import job_progress
from dss_widgets.panels.style.theme import classed, plain_layout, put, show, text
from dss_widgets.panels.style.words import aside, count, duration, error_list, swatch
from dss_widgets.results.networks import has_network
from dss_widgets.results.no_song import NoSong, read_no_song
from dss_widgets.roots import why_refused

_FOLDER = replace(
    LearningOptions.declared()["no_song_folder"],
    label="Recordings without song",
    placeholder="a folder",
    help="A folder with recordings in which nothing sings, as long as those that will be annotated can be: an empty cage, a "
    "silent night. All that is found in them is a false alarm.",
)


class FalseAlarms(Folded):
    """A field for a folder of recordings without song, a button that looks through them, and what was found.

    Attributes:
        run: the run whose network it is about.
        folder: with the recordings, as text.
        found: what was found, also by an earlier look; None before.
        working: whether they are being looked through.
        blockers: why *Look through them* is off, as sentences; none: it is on.
    """

    run = t.Instance(Run, allow_none=True)
    folder = t.Unicode()
    found = t.Instance(NoSong, allow_none=True)
    working = t.Bool(False)
    blockers = t.Tuple()

    def __init__(self) -> None:
        super().__init__("False alarms without song…", "dss-false-alarms")
        self.watch = JobWatch()
        self.ticker = self.watch.ticker
        self.field = FolderField(_FOLDER, "")
        self.start: Button = classed(Button(description="Look through them", layout=plain_layout()), "dss-alarms-start")
        self.cancel: Button = classed(
            Button(description="Stop", layout=plain_layout()), "dss-alarms-stop", "dss-danger", "dss-off"
        )
        self._progress: HTML = text("", "dss-alarms-progress")
        self._reasons: HTML = text("", "dss-reasons")
        self._table: HTML = text("", "dss-alarms")
        row = classed(Box([self.start, self.cancel], layout=plain_layout()), "dss-row")
        self.body.children = [self.field, row, self._progress, self._reasons, self._table]
        t.link((self, "folder"), (self.field, "value"))
        t.dlink((self.watch, "working"), (self, "working"))
        self.observe(self._new_run, "run")
        self.observe(lambda _: self.refresh(), ["folder", "working"])
        self.field.observe(lambda _: self.refresh(), "fault")
        self.start.on_click(lambda _: self.begin())
        self.cancel.on_click(lambda _: self.watch.stop())
        self.watch.observe(self._told, "status")
        self.refresh()

    def _new_run(self, _change: Any = None) -> None:
        self.watch.watch_job(None)
        put(self._progress, "")
        self.found = None
        if self.run is not None and not why_refused(self.run.folder):
            try:
                self.found = read_no_song(self.run.stem)
            except DssWidgetsError as error:
                put(self._progress, error_list(error))
            self.watch.find("false_alarms", self._options())
        put(self._table, rate_table(self.found))
        self.refresh()

    def _options(self) -> FalseAlarmOptions:
        network = str(self.run.stem) if self.run else ""
        return FalseAlarmOptions(network=network, recordings=[self.folder] if self.folder else [])

    def refresh(self) -> None:
        """Bring buttons and reasons in step with what is chosen."""
        self.blockers = tuple(self._why_not())
        self.start.disabled = self.working or bool(self.blockers)
        show(self.cancel, self.working)
        put(self._reasons, "" if self.working else " ".join(self.blockers))

    def _why_not(self) -> list[str]:
        run = self.run
        if run is None:
            return ["Choose a run first."]
        refused = why_refused(run.folder)
        checks = [
            (refused, f"The run {refused}"),
            (run.folder.is_dir() and run.status().is_running, "The run has not ended yet."),
            (not has_network(run.stem), "There is no network of this run: the file with its weights is gone."),
            (self.field.fault, f"The folder {self.field.fault}"),
            (not self.folder, "Choose a folder with recordings in which nothing sings."),
            (self.folder and not Path(self.folder).expanduser().is_dir(), "There is no such folder."),
        ]
        return [why for applies, why in checks if applies][:1]

    def begin(self) -> None:
        """Look through the recordings; does nothing while there are blockers."""
        self.refresh()
        if self.blockers or self.working:
            return
        try:
            self.watch.start("false_alarms", self._options())
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def tick(self) -> bool:
        """Show how far it has come; returns whether it is still going."""
        return self.watch.tick()

    def _told(self, _change: Any = None) -> None:
        job, status = self.watch.job, self.watch.status
        if job is None or status is None:
            return
        put(
            self._progress,
            job_progress(
                status, starting="Loading the network…", working="Looking through them",
                stopped="<p>Stopped. The last count is unchanged.</p>",
            ),
        )  # fmt: skip
        if status.state != "finished":
            return
        try:
            self.found = KINDS["false_alarms"].outcome(job.options(), status)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))
        put(self._table, rate_table(self.found))


def rate_table(found: NoSong | None) -> str:
    """Return false alarms per hour, with their interval, as an HTML table; '' where nothing was looked through."""
    if found is None:
        return ""
    rates = found.rates()
    colours = song_colours([rate.name for rate in rates])
    rows = "".join(
        f'<tr><td class="dss-name">{swatch(colours[rate.name], rate.name)}</td><td class="dss-number">{rate.n:,}</td>'
        f'<td class="dss-number">{rate.per_hour:,.1f}</td><td class="dss-number dss-muted">{low:,.1f}–{high:,.1f}</td></tr>'
        for rate in rates
        for low, high in [rate.interval]
    )
    used = ", ".join(f"{kind} from {threshold:g}" for kind, threshold in found.thresholds.items())
    told = (
        f"In {count(len(found.by_recording), 'recording')}, {duration(3600 * found.hours)} together, with the thresholds that "
        f"the network had then ({used}). Under ‘Thresholds’ it is seen what others would find."
    )
    return (
        '<table class="dss-table dss-shares"><thead><tr><th>Song type</th><th class="dss-number">False alarms</th>'
        '<th class="dss-number">Per hour</th><th class="dss-number">Per hour, 95 %</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>{aside(told)}"
    )
