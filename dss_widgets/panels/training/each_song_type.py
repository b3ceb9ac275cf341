"""A button that trains a network for each song type, one after the other, and what came of that."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DssWidgetsError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.options.each_song_type import EachSongTypeOptions
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.style.theme import classed, meter, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list, escape, listing, problem_list, time_left, waiting
from dss_widgets.results.networks import Network
from dss_widgets.roots import why_refused


class EachSongType(VBox):
    """Starts the trainings for each song type, and tells how far they are; there for datasets with several individual targets.

    Args:
        options: of the training form.
        place: where jobs run.
    """

    def __init__(self, options: TrainingOptions, place: PlaceForm) -> None:
        self.options, self.place = options, place
        self.watch = JobWatch()
        self.start: Button = classed(Button(description="Train one for each song type", layout=plain_layout()), "dss-each-type")
        self.cancel: Button = classed(Button(description="Stop", layout=plain_layout()), "dss-danger", "dss-off")
        self._about: HTML = text("", "dss-muted")
        self._progress: HTML = text("", "dss-each-type-progress")
        self._dataset: Dataset | None = None
        self._looked_in = ""
        self._chosen: Collection[str] = ()
        self._is_blocked = True
        row = classed(Box([self.start, self.cancel], layout=plain_layout()), "dss-row")
        super().__init__([row, self._about, self._progress], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-off")
        self.start.on_click(lambda _: self.begin())
        self.cancel.on_click(lambda _: self.watch.stop())
        self.watch.observe(self._told, "status")

    def refresh(self, dataset: Dataset | None, chosen: Collection[str], *, is_blocked: bool) -> None:
        """Bring it in step with the form.

        Args:
            dataset: what is trained on; None: it cannot be opened.
            chosen: the options that somebody has chosen, which are the same for all networks.
            is_blocked: whether something stands against training.
        """
        types = dataset.song_types if dataset is not None else []
        self._dataset, self._chosen, self._is_blocked = dataset, chosen, is_blocked
        show(self, len(types) > 1)
        if len(types) > 1:
            put(self._about, f'<p class="dss-small">{escape(_ABOUT.format(n=len(types), types=listing(types)))}</p>')
            self._find_again()
        self._show_buttons()

    def _find_again(self) -> None:
        """Look at the trainings of this dataset that go on already, whoever started them."""
        folder = str(self.options.save_path)
        if folder != self._looked_in and not self.watch.working and not why_refused(folder):
            self._looked_in = folder
            self.watch.find_in(Path(folder), "train_each")

    def _show_buttons(self) -> None:
        self.start.disabled = self._is_blocked or self.watch.working
        show(self.cancel, self.watch.working)

    def job_options(self) -> EachSongTypeOptions:
        """Return the options of the job."""
        values = {**self.options.as_dict(), "song_type": ""}
        return EachSongTypeOptions(**values, chosen=sorted(self._chosen))

    def begin(self) -> None:
        """Start the trainings, or go on with those that were cut short; does nothing while something stands against it."""
        if self.start.disabled:
            return
        self.place.keep()
        try:
            self.watch.start("train_each", self.job_options(), self.place.options)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def _told(self, _change: Any = None) -> None:
        self._show_buttons()
        status = self.watch.status
        if status is None:
            put(self._progress, "")
        elif status.state == "queued":
            put(self._progress, waiting(status))
        elif status.is_running:
            words = f"Training {status.doing or '…'}: {status.share or 0:.0%} {time_left(status.seconds_left)}"
            put(self._progress, meter(status.share or 0.0, words))
        else:
            made = status.outcome.get("networks")
            failed = problem_list(Problem(line) for line in status.message.splitlines()) if status.state != "finished" else ""
            stopped = "<p>Stopped. Press again to go on.</p>" if status.state == "stopped" else ""
            put(self._progress, f"{_made(made) if isinstance(made, dict) else ''}{stopped}{failed}")


_ABOUT = (
    "Trains {n} networks, one after the other: one for each of {types}, as suits its song type. Under Predict they are used "
    "together."
)


def _made(networks: dict[str, str]) -> str:
    """Return which networks there are, as HTML."""
    if not networks:
        return ""
    rows = []
    for song_type, stem in networks.items():
        score = Network(Path(stem)).macro_f1
        told = "" if score is None else f" (macro F1 {score:.3f})"
        rows.append(f"<li><b>{escape(song_type)}</b>: {escape(Path(stem).name)}{told}</li>")
    head = '<p role="status"><span class="dss-good">✓ Trained.</span> Under Predict, choose ‘Use several networks’.</p>'
    return f'{head}<ul class="dss-small dss-answers">{"".join(rows)}</ul>'
