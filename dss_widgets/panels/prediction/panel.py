"""The prediction panel: a trained network annotates recordings, and what it found is looked at and downloaded."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, cast

import traitlets as t
from ipywidgets import HTML, Box, Button, Dropdown, SelectMultiple, VBox

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Run, list_jobs
from dss_widgets.jobs.status import BatchStatus
from dss_widgets.options import AssemblyOptions, PredictionOptions, TrainingOptions
from dss_widgets.options.prediction import AnnotatingOptions, SpreadOptions
from dss_widgets.panels.annotation.here import CorrectHere, ToCorrect
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.forms.code import ShowCode, prediction_code
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.learning.network_choice import network_choices
from dss_widgets.panels.page_request import PageRequest, this_request
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.prediction.earlier import EarlierChoice, predicted_of
from dss_widgets.panels.prediction.files import name_within, recordings_of
from dss_widgets.panels.prediction.found import FoundAnnotations
from dss_widgets.panels.prediction.progress import progress_words
from dss_widgets.panels.prediction.several_networks import SeveralNetworks, trained_for_each
from dss_widgets.panels.prediction.sound_fit import SoundFit
from dss_widgets.panels.sound.labelled import Labelled
from dss_widgets.panels.style.theme import classed, heading, offer, plain_layout, put, show, text
from dss_widgets.panels.style.words import aside, count, error_list, reasons, sentence
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
        self.folder_field = FolderField(TrainingOptions.declared()["save_folder"], save_folder)
        self.recordings_field = FolderField(_RECORDINGS, recordings)
        self.others = SeveralNetworks()
        self.network = Dropdown(description=_label("Network"), description_allow_html=True, layout=plain_layout())
        self.chosen = SelectMultiple(
            description=_label("Annotate these"), description_allow_html=True, rows=6, layout=plain_layout()
        )
        self.form, self.place, self.spread = Form(options), PlaceForm(), Form(SpreadOptions())
        self.place.show_for_slurm(self.spread.fields["array_tasks"])
        self.existing, self.sound_fit = EarlierChoice(), SoundFit()
        self.start: Button = _button("Predict", "dss-predict", "dss-primary", "dss-big")
        self.cancel: Button = _button("Cancel", "dss-cancel", "dss-danger", "dss-off")
        self.show_code = ShowCode(options, self.code)
        self._n_chosen: HTML = text("", "dss-note")
        self._progress: HTML = text("", "dss-predict-progress")
        self._reasons: HTML = text("", "dss-reasons")
        self.correct = CorrectHere("Correct these", self._to_correct, self._can_correct)
        self.found = FoundAnnotations(self.correct)
        super().__init__(self._arranged(), "dss-predict-panel", options=options)
        self._every(self.watch.ticker)
        self._connect()
        self.save_folder, self.recordings, self.run = save_folder, recordings, run
        self._folder_changed()
        self._recordings_changed()

    def _arranged(self) -> list[Any]:
        network = classed(Box([self.network], layout=plain_layout()), "dss-field", "dss-wide", "dss-field-network")
        chosen = classed(Box([self.chosen, self._n_chosen], layout=plain_layout()), "dss-field", "dss-wide", "dss-chosen")
        what = [
            self.folder_field,
            network,
            classed(self.others, "dss-wide", "dss-several-networks"),
            self.recordings_field,
            chosen,
        ]
        fields = classed(Box(what, layout=plain_layout()), "dss-fields")
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
        t.link((self, "save_folder"), (self.folder_field, "value"))
        t.link((self, "recordings"), (self.recordings_field, "value"))
        self.observe(self._folder_changed, ["save_folder", "run"])
        self._every(Ticker(self.follow_networks, 1.0)).start()
        self.observe(self._recordings_changed, "recordings")
        for watched in (self.network, self.chosen, self.existing.choice):
            watched.observe(self._refresh, "value")
        for watched in (self.network, self.chosen):
            watched.observe(self._find_again, "value")
            watched.observe(self._show_found, "value")
        self.network.observe(lambda _: self._show_sections(), "value")
        self.network.observe(self._offer_others, ["options", "value"])
        self.others.observe(self._networks_changed, "changed")
        self.others.of_each.on_click(self._take_those_of_each)
        for form in (self.form, self.spread):
            form.observe(self._refresh, "problems")
        self.spread.options.observe(self._refresh)
        self.place.observe(self._refresh, "changed")
        self.start.on_click(lambda _: self.predict())
        self.cancel.on_click(lambda _: self.watch.stop())
        t.dlink((self.watch, "working"), (self, "predicting"))
        self.observe(self._refresh, "predicting")
        self.watch.observe(self._told, "status")

    def _folder_changed(self, change: Any = None) -> None:
        if self.run is not None and (change is None or change.name == "run"):
            self.save_folder = str(self.run.folder.parent)
        self._offer_networks(choose=True)
        self._refresh()

    def _offer_networks(self, *, choose: bool) -> None:
        """Offer what is in the folder; the watched run's network is chosen when it is new there, or if ``choose`` is set."""
        before = [value for _, value in self.network.options]
        offer(self.network, network_choices(self.save_folder))
        stem = str(self.run.stem) if self.run is not None else ""
        if stem in [value for _, value in self.network.options] and (choose or stem not in before):
            self.network.value = stem

    def _offer_others(self, change: Any = None) -> None:
        self.others.offer(str(self.network.value or ""), self.network.options)
        if change is None or change.name == "options":
            show(self.others.of_each, bool(trained_for_each(self.save_folder)))

    def _take_those_of_each(self, _button: Any = None) -> None:
        """Choose the networks that were trained for each song type."""
        offered = [stem for _, stem in self.network.options]
        made = [stem for stem in trained_for_each(self.save_folder) if stem in offered]
        if made:
            self.network.value = made[0]
            self.others.choose(made[1:])

    def _networks_changed(self, _change: Any = None) -> None:
        self._show_sections()
        self._find_again()
        self._show_found()
        self._refresh()

    def follow_networks(self) -> bool:
        """Look for networks that have come to the folder, or got their scores; goes on for as long as the panel is open."""
        self._offer_networks(choose=False)
        return True

    def _show_sections(self) -> None:
        """Show the options of what the chosen network finds; those that something is wrong with stay in sight."""
        known = self.others.categories(Path(self.network.value)) if self.network.value else set()
        kinds = known or {"event", "segment"}
        wrong = {self.form.declared[problem.field].group for problem in self.form.errors if problem.field in self.form.declared}
        for group, kind in (("Events", "event"), ("Segments", "segment")):
            show(self.form.sections[group], kind in kinds or group in wrong)

    def _recordings_changed(self, _change: Any = None) -> None:
        found = recordings_of(self.recordings)
        self.chosen.options = [(name_within(path, self.recordings), str(path)) for path in found]
        self.chosen.value = tuple(str(path) for path in found)
        self._refresh()

    @property
    def out_folder(self) -> Path:
        """Where the annotations go."""
        return annotations_folder(self.others.place(Path(str(self.network.value))), self.recordings)

    def _earlier(self) -> list[Labelled]:
        """Return those of the chosen recordings that this network has annotated, with their annotations."""
        return [] if self.network.value is None else predicted_of(self.chosen.value, self.recordings, self.out_folder)

    def _can_correct(self) -> bool:
        """Return whether there is something to correct in the folder itself: those within are opened by themselves."""
        folder = Path(self.recordings).expanduser()
        return any(folder in (labelled.recording.parent, labelled.recording) for labelled in self._earlier())

    def _refresh(self, _change: Any = None) -> None:
        """Bring everything that is seen in step with what is chosen."""
        n_all, n_chosen = len(self.chosen.options), len(self.chosen.value)
        put(self._n_chosen, f"{n_chosen} of {count(n_all, 'recording')} chosen" if n_all else "")
        show(self.chosen, n_all > 1)
        earlier = self._earlier()
        show(self.existing, bool(earlier) and not self.predicting)
        self.blockers = tuple(self._why_not(earlier))
        self.start.disabled = self.predicting or bool(self.blockers)
        show(self.cancel, self.predicting)
        is_done = len(earlier) == n_chosen > 0 and self.existing.choice.value == "refuse" and len(self.blockers) == 1
        told = aside(_AGAIN) if is_done else reasons(self.blockers)
        put(self._reasons, "" if self.predicting else told)
        self.sound_fit.listen(str(self.network.value or ""), self.chosen.value if not why_refused(self.recordings) else ())
        self.show_code.draw()

    def _why_not(self, earlier: list[Labelled]) -> list[str]:
        why = []
        for words, path in (("The results folder", self.save_folder), ("The recordings' folder", self.recordings)):
            refused = why_refused(path)
            why += [f"{words} {refused}"] if refused else []
        if not why and self.network.value is None:
            why.append("Choose a results folder with a trained network.")
        why += [self.others.problem] if self.others.problem else []
        if not why and not self.chosen.value:
            why.append("Choose a folder of recordings, and at least one recording in it.")
        why += [sentence(problem, self.form.labels.get(problem.field or "", "")) for problem in self.form.errors]
        why += self.place.blockers
        why += [sentence(problem, self.spread.labels.get(problem.field or "", "")) for problem in self.spread.errors]
        picked = set(self.chosen.value)
        chosen = {path: name for name, path in self.chosen.options if path in picked}
        told = self.existing.why_not(earlier, chosen, self.out_folder)
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
        return AnnotatingOptions(
            **self.options.as_dict(), **self.spread.options.as_dict(), network=self.network.value or "",
            more_networks=list(self.others.networks), combine=self.others.combine if self.others.networks else "best",
            recordings=list(self.chosen.value), out_folder=str(self.out_folder), existing=self.existing.choice.value,
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
        if self.network.value and self.recordings and not self.predicting and not why_refused(self.out_folder):
            self.watch.find_in(self.out_folder, "predict")

    def _show_found(self, _change: Any = None) -> None:
        """Show what this network has found in the chosen recordings, by now or on an earlier request."""
        if self.predicting:
            return
        found = self._earlier()
        self.files = tuple(labelled.labels for labelled in found)
        stem, several = Path(self.network.value or ""), self.others
        name = several.place(stem).name if self.network.value else ""
        names = several.class_names(stem) if found else ()
        kept = self._has_probabilities()
        self.found.draw(found, self.recordings, self.out_folder, name, names, with_probabilities=kept)


_RECORDINGS = replace(
    AssemblyOptions.declared()["data_folder"],
    label="Recordings",
    help="Folder with the recordings to annotate, or one recording.",
)


def asked_for(request: PageRequest) -> tuple[str, str]:
    """Return the save folder and the folder of recordings that a page was asked for."""
    if "/" in request.run:
        return str(stem_of(request.run).parent), request.folder
    return (str(TrainingOptions(store_folder=request.store).save_path) if request.store else ""), request.folder


_AGAIN = "To annotate these recordings again, choose what becomes of earlier predictions."


def _label(words: str) -> str:
    return f'<span class="dss-label">{words}</span>'


def _button(words: str, *classes: str) -> Button:
    return classed(Button(description=words, layout=plain_layout()), *classes)
