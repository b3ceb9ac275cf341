"""How well does it do on an animal it never heard? A cross-validation, made by a job, shown as a table and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import traitlets as t

from dss_widgets.dataset import open_dataset
from dss_widgets.dataset.same_recordings import holds_recordings_of
from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Run
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.cross_validation import CrossValidationOptions
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.page_request import this_request
from dss_widgets.panels.results.trainings_tool import TrainingsTool
from dss_widgets.panels.style.theme import scrolling
from dss_widgets.panels.style.words import escape, total
from dss_widgets.results.cross_validation import CrossValidation
from dss_widgets.roots import why_refused

_RECORDINGS = replace(
    AssemblyOptions.declared()["data_folder"],
    label="Recordings",
    help="Folder with annotated recordings of several animals. None of them is changed.",
)


class NewAnimals(TrainingsTool):
    """A button that trains networks, each without some of the animals, and what they make of these.

    Attributes:
        found: the scores by animal; None before.
    """

    found = t.Instance(CrossValidation, allow_none=True)

    options: CrossValidationOptions

    working_words = "Training without some of the recordings"

    def __init__(self, place: PlaceForm | None = None) -> None:
        self.field = FolderField(_RECORDINGS, "")
        words = "How well does it do on an animal it never heard?"
        super().__init__(words, "cross_validate", "dss-new-animals", CrossValidationOptions(), place=place, fields=[self.field])
        self.field.observe(self._new_folder, "value")

    def about(self) -> str:
        """Return what pressing the button does."""
        what = "animals" if self.options.by == "individuals" else "recordings"
        return (
            f"Trains up to {self.options.folds} networks as this one was, each without some of the {what}, and tests each on "
            "those that it never heard."
        )

    def take_run(self, run: Run | None) -> None:
        """Take over the run's network, and the recordings that its dataset was made from, where they are known."""
        self.options.like = str(run.stem) if run is not None else ""
        if not self.field.value and run is not None:
            self.field.value = _recordings_of(run)
        self.options.data_folder = self.field.value

    def more_blockers(self) -> Iterator[str]:
        """Yield what is wrong with the form, or with the folder of recordings."""
        yield from super().more_blockers()
        folder = Path(self.field.value).expanduser()
        if self.field.fault:
            yield f"The recordings' folder {self.field.fault}"
        elif not self.field.value or not folder.is_dir():
            yield "Choose the folder of the annotated recordings."

    def _new_folder(self, _change: Any = None) -> None:
        if not self.working:
            self.find_again()

    def picture(self, outcome: CrossValidation | None) -> str:
        """Return the scores as a table and in words, as HTML."""
        self.found = outcome
        if outcome is None:
            return ""
        names = outcome.score_names
        heads = "".join(f'<th class="dss-number">{escape(_capital(name))}</th>' for name in ("seconds", *names))
        rows = [
            (", ".join(fold.held_out), total(fold.seconds), *(_number(fold.scores.get(name)) for name in names))
            for fold in outcome.folds
        ]
        rows.append(("Mean", "", *(_number(outcome.spread(name)[0]) for name in names)))
        cells = "".join(
            f'<tr><td class="dss-name" title="{escape(first)}">{escape(first)}</td>'
            + "".join(f'<td class="dss-number">{escape(value)}</td>' for value in others)
            + "</tr>"
            for first, *others in rows
        )
        table = f'<table class="dss-table"><thead><tr><th>Never heard</th>{heads}</tr></thead><tbody>{cells}</tbody></table>'
        told = "".join(f"<p>{escape(line)}</p>" for line in outcome.words())
        return f"{told}{scrolling(table, 'Scores by what was never heard')}"


def _capital(name: str) -> str:
    words = name.replace("_", " ").replace(" f1", " F1")
    return words[0].upper() + words[1:] if words.endswith((" F1", "rate", "seconds")) and not words.endswith("_F1") else words


def _number(score: float | None) -> str:
    return "–" if score is None else f"{score:.3f}"


def _recordings_of(run: Run) -> str:
    """Return the folder of a run's recordings: beside its dataset, or what the page was opened with; '' if neither is there."""
    try:
        store = open_dataset(run.options().store_path)
        beside = store.path.with_suffix("")
    except (DssWidgetsError, OSError):
        return ""
    for place in (beside, Path(this_request().folder or beside)):
        if not why_refused(place) and holds_recordings_of(store, place):
            return str(place)
    return ""
