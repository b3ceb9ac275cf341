"""The learning panel: what a network would learn from corrections, one press that has it learn, and the page of rounds."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, VBox

from dss_widgets.dataset.annotations.table import REVIEWED_SUFFIX
from dss_widgets.errors import DataError, DssWidgetsError, Problem, ProblemsError
from dss_widgets.jobs import Job, Run, list_jobs
from dss_widgets.jobs.kinds import KINDS
from dss_widgets.options.learning import LearningOptions
from dss_widgets.panels.action import Action
from dss_widgets.panels.background import Latest, Ticker
from dss_widgets.panels.forms.code import ShowCode
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.forms.place import PlaceForm
from dss_widgets.panels.job_watch import JobWatch
from dss_widgets.panels.learning.network_choice import NetworkChoice
from dss_widgets.panels.learning.rounds import RoundsPage
from dss_widgets.panels.learning.words import learning_code, progress_words, to_learn_words
from dss_widgets.panels.panel import Panel
from dss_widgets.panels.style.theme import classed, empty, heading, plain_layout, put, show, text
from dss_widgets.panels.style.words import error_list, problem_list, reasons, sentence
from dss_widgets.results.rounds import read_rounds
from dss_widgets.results.stems import stem_of
from dss_widgets.results.to_learn import ToLearn, what_to_learn
from dss_widgets.roots import why_refused


class LearningPanel(Panel):
    """Says what a network would learn from what was corrected, has it learn on in a process of its own, and tells each round.

    Args:
        save_folder: folder of trained networks.
        corrected: folder of corrected recordings.
        run: the run whose network learns on.
        networks: where the network is chosen, if that is shown elsewhere; None: here.

    Attributes:
        options: what is learned from, and how.
        networks: where the network is chosen.
        corrected: the folder of corrected recordings, as text.
        to_learn: what there is to learn; None where that is not known, or nothing can be learned.
        blockers: why *Learn on* is off, as sentences; none: it is on.
        n_open: proposals in recordings with labels that nobody has looked at.
        learning: whether it is at work.
        learned: the stem of the network that the last round made, as text; '' before.

    Example:
        >>> LearningPanel("song.res", "corrected")
    """

    options = t.Instance(LearningOptions)
    corrected = t.Unicode()
    to_learn = t.Instance(ToLearn, allow_none=True)
    n_open = t.Int()
    blockers = t.Tuple()
    learning = t.Bool(False)
    learned = t.Unicode()

    def __init__(
        self, save_folder: str | PathLike[str] = "", corrected: str | PathLike[str] = "", run: Run | None = None, *,
        networks: NetworkChoice | None = None,
    ) -> None:  # fmt: skip
        options, here = LearningOptions(), networks is None
        self.networks = networks or NetworkChoice(str(save_folder), run)
        self.watch, self.place, self._latest = JobWatch(), PlaceForm(), Latest()
        self._faults: tuple[str, ...] = ()
        self._looked: Any = None
        self.folder_field = FolderField(_CORRECTED, str(corrected))
        self.form = Form(options, ("Learning on", "Data"), folded=("Data",))
        self.start = Action("Learn on", "dss-learn", "dss-primary", "dss-big", may=self._may)
        self.stop = Action(
            "Stop", "dss-learn-stop", "dss-danger", "dss-off", may=lambda: self.learning, hides=True,
            tooltip="Stop learning; it can be gone on with",
        )  # fmt: skip
        self.rounds = RoundsPage()
        self.show_code = ShowCode(options, lambda: learning_code(options))
        self._told: HTML = text(_NOTHING, "dss-to-learn")
        self._progress: HTML = text("", "dss-learn-progress")
        self._reasons: HTML = text("", "dss-reasons")
        super().__init__([self._arranged(here=here)], "dss-learning-panel", options=options)
        self._every(self.watch.ticker)
        if here:
            self._every(self.networks.ticker)
        self._connect()
        self.corrected = str(corrected)
        self._take_network()

    def _arranged(self, *, here: bool) -> Box:
        act = classed(Box([self.start, self.stop], layout=plain_layout()), "dss-row")
        foot = classed(VBox([act, self._progress, self._reasons], layout=plain_layout()), "dss-stack-tight", "dss-foot")
        where = classed(Box([*([self.networks] if here else []), self.folder_field], layout=plain_layout()), "dss-fields")
        show(where, here)
        parts = [text(heading("Learn from the corrections")), where, self._told, self.form, self.place, self.show_code, foot]
        left = classed(VBox(parts, layout=plain_layout()), "dss-card", "dss-stack", "dss-form-card")
        return classed(Box([left, self.rounds], layout=plain_layout()), "dss-columns", "dss-even")

    def _connect(self) -> None:
        t.link((self, "corrected"), (self.folder_field, "value"))
        t.dlink((self, "corrected"), (self.options, "corrected_folder"))
        self.networks.observe(self._take_network, "network")
        self.options.observe(lambda _: self.form.review(), ["network", "corrected_folder"])  # which it does not show
        self.options.observe(lambda _: self.look(), list(self.options.declared()))
        self.form.observe(self._draw, "problems")
        self.place.observe(self._draw, "changed")
        self.start.on_click(lambda _: self.learn())
        self.stop.on_click(lambda _: self.watch.stop())
        t.dlink((self.watch, "working"), (self, "learning"))
        self.observe(self._draw, "learning")
        self.observe(self._tell, "n_open")
        self.watch.observe(self._heard, "status")
        self._every(Ticker(self.look, 2.0)).start()

    def _take_network(self, _change: Any = None) -> None:
        self.options.network = self.networks.network
        if not self.learning and self.networks.network:
            self._find_again()
        self._read_rounds()
        self.look()

    def _find_again(self) -> None:
        """Look at the learning on that is going in the folder of networks already, whoever started it."""
        place = stem_of(self.networks.network).parent
        if why_refused(place):
            return
        self.watch.find_in(place, "learn")
        job = self.watch.job
        if self.learning and job is not None:
            with suppress(DssWidgetsError):
                self.options.update({**job.options().as_dict(), "network": self.options.network})
                self.corrected = self.options.corrected_folder

    def _read_rounds(self) -> None:
        rounds = []
        if self.networks.network and not why_refused(self.networks.network):
            with suppress(DataError):  # damaged: told when it is learned from
                rounds = read_rounds(self.networks.network)
        self.rounds.rounds = tuple(rounds)

    # --- what there is to learn

    def look(self) -> bool:
        """Find out anew what there is to learn if anything has changed; goes on for as long as the panel is open."""
        if self.learning:
            return True
        looked = (self.options.as_dict(), tuple(_stamps(self.options)))
        if looked == self._looked:
            return True
        self._looked = looked
        refused = [why_refused(path) for path in (self.options.network, self.corrected, *_folders(self.options)) if path]
        if any(self.options.problems()) or any(refused):
            self._latest.drop()
            self._found(None)
            return True
        options = self.options.copy()
        self._latest.run(lambda: what_to_learn(options), self._found, self._failed)
        return True

    def _found(self, found: ToLearn | None) -> None:
        self._faults, self.to_learn = (), found
        self._tell()
        self._draw()

    def _tell(self, _change: Any = None) -> None:
        if not self._faults:
            put(self._told, _NOTHING if self.to_learn is None else to_learn_words(self.to_learn, self.n_open))

    def _failed(self, error: Exception) -> None:
        problems = error.problems if isinstance(error, ProblemsError) else [Problem(str(error))]
        self._faults, self.to_learn = tuple(sentence(problem) for problem in problems), None
        put(self._told, problem_list(problems, limit=8))
        self._draw()

    def _why_not(self) -> list[str]:
        if not self.options.network:
            return ["Choose a folder of results with a trained network."]
        if not self.corrected and not self.options.no_song_folder:
            return ["Choose the folder of corrected recordings, or recordings without song."]
        why = [sentence(problem, self.form.labels.get(problem.field or "", "")) for problem in self.form.errors]
        for words, path in (("The network", self.options.network), ("The corrected recordings", self.corrected)):
            refused = why_refused(path)
            why += [f"{words} {refused}"] if refused else []
        if not why and self.to_learn is not None and self.to_learn.store.exists() and self._cut_short() is None:
            why.append(f"{self.to_learn.store}: exists already. Choose another name for the dataset.")
        return why or list(self._faults[:3]) or self.place.blockers

    def _may(self) -> bool:
        return not self.learning and not self._why_not() and self.to_learn is not None

    def _draw(self, _change: Any = None) -> None:
        """Bring buttons and reasons in step with what can be learned."""
        self.blockers = () if self.learning else tuple(self._why_not())
        self.start.draw()
        self.stop.draw()
        self.start.description = "Go on" if not self.learning and self._cut_short() is not None else "Learn on"
        put(self._reasons, reasons((_TOLD_ABOVE,) if self.blockers and self.blockers == self._faults[:3] else self.blockers))
        self.show_code.draw()

    def _cut_short(self) -> Job | None:
        """Return the same work that was begun and did not come to its end."""
        if not self.options.network or why_refused(self.options.network):
            return None
        wanted = KINDS["learn"].settled(self.options)
        for job in list_jobs(stem_of(self.options.network).parent):
            with suppress(DssWidgetsError):
                if job.kind.name == "learn" and job.options() == wanted:
                    return job if job.status().state not in ("created", "finished") else None
        return None

    # --- learning

    def learn(self) -> None:
        """Start learning on, or go on where that was cut short; does nothing where it may not."""
        if not self._may():
            return
        self.place.keep()
        try:
            self.watch.start("learn", self.options, self.place.options)
        except DssWidgetsError as error:
            put(self._progress, error_list(error))

    def tick(self) -> bool:
        """Show how far learning on has come; returns whether it is still going."""
        return self.watch.tick()

    def _heard(self, _change: Any = None) -> None:
        """Show how far it has come; once it has learned, go on with the network that it made."""
        status, job = self.watch.status, self.watch.job
        if status is None or job is None:
            return
        put(self._progress, progress_words(status))
        if status.state == "finished":
            with suppress(DssWidgetsError):
                self._learned(job)
        if not status.is_running:
            self._looked = None
            self.look()
            self._draw()

    def _learned(self, job: Job) -> None:
        stem, _ = job.outcome()
        if str(stem) == self.learned:
            return
        self.networks.choose(stem)
        self.learned = str(stem)


def _folders(options: LearningOptions) -> list[str]:
    return [options.recordings_folder, options.no_song_folder, options.store_folder]


def _stamps(options: LearningOptions) -> list[tuple[str, int]]:
    """Return the tables of the folders that are learned from, with when they were written."""
    found = []
    for folder in filter(None, (options.corrected_folder, options.no_song_folder)):
        if why_refused(folder):
            continue
        with suppress(OSError):
            paths = sorted(Path(folder).expanduser().iterdir())
            found += [(path.name, path.stat().st_mtime_ns) for path in paths if not path.name.startswith(".")]
    return found


_CORRECTED = replace(
    LearningOptions.declared()["corrected_folder"], shown=True, label="Corrected recordings",
    help="Folder with corrected annotations and their recordings. Where a "
    f"<recording>{REVIEWED_SUFFIX} names spans, only these count; else a recording counts as a whole.",
)  # fmt: skip
_NOTHING = empty("Nothing to learn from yet", "Choose a network and correct some recordings.")
_TOLD_ABOVE = "Mend what stands against it; it is told above."
