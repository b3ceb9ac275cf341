"""How often is song found where there is none? Recordings in which nothing sings are looked through, by a job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import traitlets as t
from ipywidgets import HTML

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Job, JobStatus, Run
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options.false_alarms import FalseAlarmOptions
from dss_widgets.options.learning import LearningOptions
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.results.run_tool import RunTool
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.progress import job_progress
from dss_widgets.panels.style.theme import put, text
from dss_widgets.panels.style.words import aside, count, duration, error_list, swatch
from dss_widgets.results.no_song import NoSong, read_no_song

_FOLDER = replace(
    LearningOptions.declared()["no_song_folder"],
    label="Recordings without song",
    placeholder="a folder",
    help="A folder with recordings in which nothing sings, as long as those that will be annotated can be: an empty cage, a "
    "silent night. All that is found in them is a false alarm.",
)


class FalseAlarms(RunTool):
    """A field for a folder of recordings without song, a button that looks through them, and what was found.

    Args:
        place: where the job runs, which several tools may share; None: its own.

    Attributes:
        folder: with the recordings, as text.
        found: what was found, also by an earlier look; None before.
    """

    folder = t.Unicode()
    found = t.Instance(NoSong, allow_none=True)

    def __init__(self, place: PlaceForm | None = None) -> None:
        super().__init__("False alarms without song…", "false_alarms", "dss-false-alarms", place, start="Look through them")
        self.field = FolderField(_FOLDER, "")
        self._table: HTML = text("", "dss-alarms")
        self.body.children = [self.field, self.place, self._row, self._progress, self._reasons, self._table]
        t.link((self, "folder"), (self.field, "value"))
        self.observe(lambda _: self.refresh(), "folder")
        self.field.observe(lambda _: self.refresh(), "fault")
        self.refresh()

    def find_again(self) -> None:
        """Show what was found earlier, and look at the job that goes on, if there is one."""
        self.found = None
        super().find_again()
        put(self._table, rate_table(self.found))

    def find_job(self, run: Run) -> None:
        """Read what was found earlier, and look at the job of what is asked for, if it goes on."""
        try:
            self.found = read_no_song(run.stem)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))
        super().find_job(run)

    def job_options(self) -> FalseAlarmOptions:
        """Return which recordings are looked through, by which network."""
        network = str(self.run.stem) if self.run else ""
        return FalseAlarmOptions(network=network, recordings=[self.folder] if self.folder else [])

    def more_blockers(self) -> Iterator[str]:
        """Yield what is wrong with the folder."""
        if self.field.fault:
            yield f"The folder {self.field.fault}"
        elif not self.folder:
            yield "Choose a folder with recordings in which nothing sings."
        elif not Path(self.folder).expanduser().is_dir():
            yield "There is no such folder."

    def told(self, job: Job, status: JobStatus) -> None:
        """Show how far it is, and what was found."""
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
