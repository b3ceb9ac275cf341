"""The prediction panel: a trained network annotates recordings, and what it found is looked at and downloaded."""

from __future__ import annotations

from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any, cast

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Run, list_jobs
from dss_widgets.jobs.status import BatchStatus
from dss_widgets.options import PredictionOptions, TrainingOptions
from dss_widgets.options.prediction import AnnotatingOptions, SpreadOptions
from dss_widgets.panels.annotation.here import CorrectHere, ToCorrect
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.forms.code import ShowCode, prediction_code
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.page_request import PageRequest, this_request
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.prediction.chosen_networks import ChosenNetworks
from dss_widgets.panels.prediction.chosen_recordings import ChosenRecordings
from dss_widgets.panels.prediction.earlier import EarlierChoice, predicted_of
from dss_widgets.panels.prediction.found import FoundAnnotations
from dss_widgets.panels.prediction.progress import progress_words
from dss_widgets.panels.prediction.sound_fit import SoundFit
from dss_widgets.panels.sound.labelled import Labelled
from dss_widgets.panels.style.theme import classed, heading, plain_layout, put, show, text
from dss_widgets.panels.style.words import aside, error_list, reasons, sentence
from dss_widgets.results.annotation_files import annotations_folder
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import why_refused


class PredictPanel(Panel):
    """Choose a network and recordings, have them annotated in a process of its own, look at the result, download it.

    Args:
        save_folder: folder of trained networks; with all three left out, what the link, the environment or the last visit says.
        recordings: a folder of recordings, or one recording.
        run: the run whose network is chosen first.

    Attributes:
        options: thresholds and durations.
        save_folder: folder of trained networks, as text.
        recordings: folder of recordings, or one of them, as text.
        run: set from outside, its network is chosen.
        blockers: why *Predict* is off, as sentences; none: it is on.
        files: the annotation files that the chosen network has made of the chosen recordings.
        predicting: whether it is at work.

    Example:
        >>> PredictPanel("song.res", "new_recordings")
    """

    options = t.Instance(PredictionOptions)
    save_folder = t.Unicode()
    recordings = t.Unicode()
    run = t.Instance(Run, allow_none=True)
    blockers = t.Tuple()
    files = t.Tuple()
    predicting = t.Bool(False)

    def __init__(
        self, save_folder: str | PathLike[str] = "", recordings: str | PathLike[str] = "", run: Run | None = None
    ) -> None:
        save_folder, recordings = str(save_folder), str(recordings)
        if not save_folder and not recordings and run is None:
            request = this_request()
            (save_folder, recordings), run = asked_for(request), request.find_run()
        self.watch = JobWatch()
        options = PredictionOptions()
        self.networks, self.choice = ChosenNetworks(save_folder), ChosenRecordings(recordings)
        self.form, self.place, self.spread = Form(options), PlaceForm(), Form(SpreadOptions())
        self.place.show_for_slurm(self.spread.fields["array_tasks"])
        self.existing, self.sound_fit = EarlierChoice(), SoundFit()
        self.start: Button = _button("Predict", "dss-predict", "dss-primary", "dss-big")
        self.cancel: Button = _button("Cancel", "dss-cancel", "dss-danger", "dss-off")
        self.show_code = ShowCode(options, self.code)
        self._progress: HTML = text("", "dss-predict-progress")
        self._reasons: HTML = text("", "dss-reasons")
        self.correct = CorrectHere("Correct these", self._to_correct, self._can_correct)
        self.found = FoundAnnotations(self.correct)
        super().__init__(self._arranged(), "dss-predict-panel", options=options)
        self._every(self.watch.ticker)
        self._connect()
        self.run = run
        self._networks_changed()

    def _arranged(self) -> list[Any]:
        fields = classed(Box([*self.networks.fields, *self.choice.fields], layout=plain_layout()), "dss-fields")
        act = classed(Box([self.start, self.cancel], layout=plain_layout()), "dss-row")
        foot = classed(
            VBox([self.existing, act, self._progress, self._reasons], layout=plain_layout()), "dss-stack-tight", "dss-foot"
        )
        left = [
            text(heading("Network and recordings")),
            fields,
            self.sound_fit,
            self.form,
            self.place,
            self.spread,
            self.show_code,
            foot,
        ]
        form = classed(VBox(left, layout=plain_layout()), "dss-card", "dss-stack", "dss-form-card")
        return [classed(Box([form, self.found], layout=plain_layout()), "dss-columns"), self.correct]

    def _to_correct(self) -> ToCorrect:
        """Return what this network has found, to be corrected beside the recordings."""
        return ToCorrect(self.recordings, str(self.out_folder))

    def _connect(self) -> None:
        self.watch.observe(self._told, "status")
        t.dlink((self.watch, "working"), (self, "predicting"))
        self.observe(self._refresh, "predicting")
        t.link((self.networks, "save_folder"), (self, "save_folder"))
        t.link((self.networks, "run"), (self, "run"))
        t.link((self.choice, "folder"), (self, "recordings"))
        self.observe(self._refresh, ["save_folder", "recordings"])
        self.networks.observe(self._networks_changed, "changed")
        self._every(Ticker(self.networks.follow, 1.0)).start()
        self.choice.chosen.observe(self._recordings_changed, "value")
        self.existing.choice.observe(self._refresh, "value")
        for form in (self.form, self.spread):
            form.observe(self._refresh, "problems")
        self.spread.options.observe(self._refresh)
        self.place.observe(self._refresh, "changed")
        self.start.on_click(lambda _: self.predict())
        self.cancel.on_click(lambda _: self.watch.stop())

    def _networks_changed(self, _change: Any = None) -> None:
        self._show_sections()
        self._recordings_changed()

    def _recordings_changed(self, _change: Any = None) -> None:
        self._find_again()
        self._show_found()
        self._refresh()

    def _show_sections(self) -> None:
        """Show the options of what the chosen network finds; those that something is wrong with stay in sight."""
        kinds = self.networks.categories() or {"event", "segment"}
        wrong = {self.form.declared[problem.field].group for problem in self.form.errors if problem.field in self.form.declared}
        for group, kind in (("Events", "event"), ("Segments", "segment")):
            show(self.form.sections[group], kind in kinds or group in wrong)

    @property
    def out_folder(self) -> Path:
        """Where the annotations go; the results folder as long as no network is chosen."""
        return annotations_folder(self.networks.place, self.recordings) if self.networks.stem else Path(self.save_folder)

    def _earlier(self) -> list[Labelled]:
        """Return those of the chosen recordings that this network has annotated, with their annotations."""
        return predicted_of(self.choice.paths, self.recordings, self.out_folder) if self.networks.stem else []

    def _can_correct(self) -> bool:
        """Return whether there is something to correct in the folder itself: those within are opened by themselves."""
        folder = Path(self.recordings).expanduser()
        return any(folder in (labelled.recording.parent, labelled.recording) for labelled in self._earlier())

    def _refresh(self, _change: Any = None) -> None:
        """Bring everything that is seen in step with what is chosen."""
        earlier = self._earlier()
        show(self.existing, bool(earlier) and not self.predicting)
        self.blockers = tuple(self._why_not(earlier))
        self.start.disabled = self.predicting or bool(self.blockers)
        show(self.cancel, self.predicting)
        is_done = (
            len(earlier) == len(self.choice.paths) > 0 and self.existing.choice.value == "refuse" and len(self.blockers) == 1
        )
        told = aside(_AGAIN) if is_done else reasons(self.blockers)
        put(self._reasons, "" if self.predicting else told)
        self.sound_fit.listen(self.networks.stem, self.choice.paths if not why_refused(self.recordings) else ())
        self.show_code.draw()

    def _why_not(self, earlier: list[Labelled]) -> list[str]:
        why = []
        for words, path in (("The results folder", self.save_folder), ("The recordings' folder", self.recordings)):
            refused = why_refused(path)
            why += [f"{words} {refused}"] if refused else []
        if not why and not self.networks.stem:
            why.append("Choose a results folder with a trained network.")
        why += [self.networks.others.problem] if self.networks.others.problem else []
        if not why and not self.choice.paths:
            why.append("Choose a folder of recordings, and at least one recording in it.")
        why += [sentence(problem, self.form.labels.get(problem.field or "", "")) for problem in self.form.errors]
        why += self.place.blockers
        why += [sentence(problem, self.spread.labels.get(problem.field or "", "")) for problem in self.spread.errors]
        told = self.existing.why_not(earlier, self.choice.names, self.out_folder)
        return why if not told or self._was_cut_short() else [*why, told]

    def _was_cut_short(self) -> bool:
        """Return whether the same work was begun and did not come to its end."""
        wanted = self.job_options()
        for job in list_jobs(self.out_folder):
            with suppress(DssWidgetsError):
                same = job.kind.name == "predict" and job.kind.is_same_work(job.options(), wanted)
                if same and job.status().state not in ("created", "finished"):
                    return True
        return False

    def job_options(self) -> AnnotatingOptions:
        """Return the options of the job that annotates what is chosen."""
        others = self.networks.others
        return AnnotatingOptions(
            **self.options.as_dict(), **self.spread.options.as_dict(), network=self.networks.stem,
            more_networks=list(others.networks), combine=others.combine if others.networks else "best",
            recordings=list(self.choice.paths), out_folder=str(self.out_folder), existing=self.existing.choice.value,
            relative_to=self.recordings if Path(self.recordings).expanduser().is_dir() else "",
        )  # fmt: skip

    def predict(self) -> None:
        """Start annotating, or go on where that was cut short; does nothing while there are blockers."""
        self._refresh()
        if self.blockers or self.predicting:
            return
        self.place.keep()
        try:
            self.watch.start("predict", self.job_options(), self.place.options)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def _has_probabilities(self) -> bool:
        """Return whether the probabilities of all that is shown were kept by the job that made it."""
        job, status = self.watch.job, self.watch.status
        if job is None or not isinstance(status, BatchStatus):
            return False
        made = {Path(file) for file in status.files()}
        return cast(AnnotatingOptions, job.options()).probabilities and bool(made) and made >= set(self.files)

    def code(self) -> dict[str, str]:
        """Return the Python and the command line that predict what is chosen."""
        return prediction_code(self.job_options(), self.place.options)

    def tick(self) -> bool:
        """Show how far annotating has come; returns whether it is still going."""
        return self.watch.tick()

    def _told(self, _change: Any = None) -> None:
        """Show how far annotating has come, or how it ended."""
        status = self.watch.status
        if not isinstance(status, BatchStatus):
            return
        put(self._progress, progress_words(status))
        if not status.is_running:
            self.existing.reset()
            self._show_found()
            self._refresh()

    def _find_again(self, _change: Any = None) -> None:
        """Look at the job that annotates these recordings with this network already, if there is one."""
        if self.networks.stem and self.recordings and not self.predicting and not why_refused(self.out_folder):
            self.watch.find_in(self.out_folder, "predict")

    def _show_found(self, _change: Any = None) -> None:
        """Show what this network has found in the chosen recordings, by now or on an earlier request."""
        if self.predicting:
            return
        found = self._earlier()
        self.files = tuple(labelled.labels for labelled in found)
        names = self.networks.class_names() if found else ()
        kept = self._has_probabilities()
        self.found.draw(found, self.recordings, self.out_folder, self.networks.place.name, names, with_probabilities=kept)


def asked_for(request: PageRequest) -> tuple[str, str]:
    """Return the save folder and the folder of recordings that a page was asked for."""
    if "/" in request.run:
        return str(stem_of(request.run).parent), request.folder
    return (str(TrainingOptions(store_folder=request.store).save_path) if request.store else ""), request.folder


_AGAIN = "To annotate these recordings again, choose what becomes of earlier predictions."


def _button(words: str, *classes: str) -> Button:
    return classed(Button(description=words, layout=plain_layout()), *classes)
