"""What a data folder holds: tables of its song types and recordings, its problems, and what can be done about them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.checks.audio import check_audio
from dss_widgets.dataset.checks.problem_table import write_problems
from dss_widgets.dataset.survey import Survey
from dss_widgets.errors import Problem
from dss_widgets.panels.assembly.planner import Planner
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.background_job import BackgroundJob
from dss_widgets.panels.forms.code_text import CodeText
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import classed, empty, heading, meter, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import count, duration, escape, problem_list, rate, swatch, time_left, total


def folder_summary(survey: Survey) -> str:
    """Return what a folder holds, in one sentence."""
    n_annotations = sum(len(entry.annotations) for entry in survey.recordings)
    if not survey.recordings:
        return "No annotated recordings."
    return (
        f"{count(len(survey.recordings), 'recording')}, {duration(survey.duration_seconds)} in all, with "
        f"{count(n_annotations, 'annotation')} of {count(len(survey.song_types), 'song type')}."
    )


def song_type_table(survey: Survey) -> str:
    """Return the song types as an HTML table."""
    colours = song_colours([song_type.name for song_type in survey.song_types])
    n_files = len(survey.recordings)
    rows = "".join(
        f'<tr><td class="dss-name">{swatch(colours[s.name], s.name)}</td>'
        f'<td>{s.category}</td><td class="dss-number">{s.count:,}</td>'
        f'<td class="dss-number">{escape(total(s.seconds)) if s.category == "segment" else "–"}</td>'
        f'<td class="dss-number">{s.n_files} of {n_files}</td></tr>'
        for s in survey.song_types
    )
    return (
        '<table class="dss-table dss-song-types"><thead><tr><th>Song type</th><th>Category</th>'
        '<th class="dss-number">Annotations</th><th class="dss-number">Total duration</th>'
        '<th class="dss-number">Recordings</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def recording_table(survey: Survey) -> str:
    """Return the recordings as an HTML table."""
    rows = "".join(
        f'<tr><td class="dss-name" title="{escape(entry.name)}">{escape(entry.name)}</td>'
        f'<td class="dss-number">{duration(entry.recording.duration_seconds)}</td>'
        f'<td class="dss-number">{rate(entry.recording.samplerate_hz)}</td>'
        f'<td class="dss-number">{entry.recording.n_channels}</td><td class="dss-number">{len(entry.annotations):,}</td>'
        f'<td class="dss-name dss-muted" title="{escape(entry.annotations.file)}">{escape(entry.annotations.file)}</td></tr>'
        for entry in survey.recordings
    )
    return (
        '<table class="dss-table dss-recordings"><thead><tr><th>Recording</th><th class="dss-number">Duration</th>'
        '<th class="dss-number">Sample rate</th><th class="dss-number">Channels</th><th class="dss-number">Annotations</th>'
        f"<th>from</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def survey_tables(survey: Survey) -> str:
    """Return both tables; the longer one, of the recordings, folded away."""
    return (
        f'<div class="dss-stack-tight">{scrolling(song_type_table(survey), "Song types")}'
        f"<details><summary>{count(len(survey.recordings), 'recording')}</summary>"
        f"{scrolling(recording_table(survey), 'Recordings')}</details></div>"
    )


class AudioJob(BackgroundJob):
    """Reads all audio of a survey through.

    Attributes:
        before: the survey.
        survey: the survey with what the audio brought to light.
    """

    def __init__(self, survey: Survey) -> None:
        self.before = self.survey = survey
        super().__init__()

    def do(self) -> None:
        """Check the audio."""
        self.survey = check_audio(self.before, progress=self.note, cancelled=self.cancelled)


class FolderContents(VBox):
    """A card with the folder's recordings, song types and problems.

    Args:
        planner: the model that reads the folder.
    """

    def __init__(self, planner: Planner) -> None:
        self.planner, self.options = planner, planner.options
        self.job: AudioJob | None = None
        self._before = ""
        self.words: HTML = text()
        self.reload = _button("Reload folder", "dss-reload-folder", "Look for new recordings and annotations")
        self.check = _button(
            "Check the audio", "dss-check-audio", "Read all audio to look for damage, clipping, silence and very low levels"
        )
        self.leave_out = _button("", "dss-leave-out", "Assemble without the invalid annotations")
        self._progress: HTML = text("", "dss-check-progress")
        self._download: CodeText = classed(CodeText("Problems as CSV", shown=False), "dss-problems-download")
        tools = classed(Box([self._download, self.check, self.reload], layout=plain_layout()), "dss-row")
        head = classed(Box([text(heading("In this folder")), tools], layout=plain_layout()), "dss-row", "dss-spread")
        super().__init__([head, self._progress, self.leave_out, self.words], layout=plain_layout())
        classed(self, "dss-card", "dss-stack-tight")
        self.ticker = Ticker(self.tick)
        self.reload.on_click(lambda _: planner.read())
        self.check.on_click(lambda _: self._check_or_cancel())
        self.leave_out.on_click(lambda _: self.options.set_trait("leave_out_bad_rows", True))
        planner.observe(self.draw, ["survey", "plan", "trouble", "reading"])
        self.draw()

    def problems(self) -> list[Problem]:
        """Return what is wrong with the folder; annotations that are left out stop nothing."""
        survey = self.planner.survey
        trouble = [problem for problem in self.planner.trouble if not problem.field]  # those stand under their fields
        if survey is None:
            return trouble
        left_out = survey.bad_rows if self.options.leave_out_bad_rows else ()
        found = [replace(p, severity="warning", mend="It will be left out.") if p in left_out else p for p in survey.problems]
        return [*found, *(p for p in trouble if p not in survey.problems)]

    def draw(self, _change: Any = None) -> None:
        """Show what is known of the folder."""
        survey = self.planner.survey
        problems = self.problems()
        put(self.words, self._words(problems))
        there = survey is not None and bool(survey.recordings) and not self.planner.reading
        show(self.check, there)
        n_bad = len(survey.bad_rows) if survey is not None and not self.options.leave_out_bad_rows else 0
        show(self.leave_out, n_bad > 0)
        if n_bad:
            self.leave_out.description = f"Leave out {count(n_bad, 'invalid annotation')}"
        self._download.put(as_csv(problems) if problems and there else "", "problems.csv")

    def _words(self, problems: list[Problem]) -> str:
        survey = self.planner.survey
        if self.planner.reading:
            return f'<p class="dss-muted">Reading the folder…</p>{self._before}'
        if survey is None:
            before = self._before if self.options.data_folder else ""
            return problem_list(problems) + before or _NO_FOLDER
        trouble = problem_list(problems)
        if not survey.recordings:
            return trouble or empty(
                "Nothing found",
                "Put recordings such as a.wav here, each with its a_annotations.csv beside it, or choose another folder.",
            )
        told = f'<p class="dss-folder-summary">{folder_summary(survey)}</p>'
        self._before = f'<div class="dss-stack-tight dss-dimmed">{told}{survey_tables(survey)}</div>'
        return f'<div class="dss-stack-tight">{told}{trouble}{survey_tables(survey)}</div>'

    def _check_or_cancel(self) -> None:
        if self.job is not None and self.job.outcome == "going":
            self.job.cancel()
        elif self.planner.survey is not None:
            self.job = AudioJob(self.planner.survey)
            self.check.description = "Cancel"
            if self.tick():
                self.ticker.start()

    def tick(self) -> bool:
        """Show how far the check of the audio has come; returns whether it is still going."""
        job = self.job
        if job is None:
            return False
        if job.outcome == "going":
            done = job.progress
            words = f"Reading the audio: {done.fraction:.0%}, {time_left(done.seconds_left)}" if done else "Reading the audio…"
            put(self._progress, meter(done.fraction if done else 0, words))
            return True
        self.check.description = "Check the audio"
        put(self._progress, self._outcome(job))
        if job.outcome == "done" and self.planner.survey is job.before:
            self.planner.take(job.survey)
        return False

    def _outcome(self, job: AudioJob) -> str:
        if job.outcome == "failed":
            return problem_list([Problem(job.message)])
        if job.outcome == "cancelled":
            return '<p class="dss-muted">The audio check was cancelled.</p>'
        n_new = len(job.survey.problems) - len(job.before.problems)
        if not n_new:
            return '<p><span class="dss-good">✓ Checked</span> All audio can be read; no problems found.</p>'
        return f"<p>{escape(count(n_new, 'thing'))} found in the audio: see the list.</p>"


_NO_FOLDER = empty("No folder yet", "Choose a folder of recordings such as a.wav, each with its a_annotations.csv beside it.")


def as_csv(problems: Iterable[Problem]) -> str:
    """Return problems as the text of a CSV file."""
    with tempfile.TemporaryDirectory() as folder:
        return write_problems(Path(folder) / "problems.csv", problems).read_text(encoding="utf-8")


def _button(words: str, name: str, tooltip: str) -> Button:
    return classed(Button(description=words, tooltip=tooltip, layout=plain_layout()), name)
