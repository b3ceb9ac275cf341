"""Thresholds chosen by sliding: what each does is seen at once, and what is chosen is kept for annotating."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Button, ToggleButtons, VBox

from dss_widgets.errors import DssWidgetsError
from dss_widgets.jobs import Run
from dss_widgets.panels.forms.slider import Slider
from dss_widgets.panels.results.outcome import Outcome
from dss_widgets.panels.results.threshold_picture import legend, threshold_picture
from dss_widgets.panels.results.threshold_table import effect_table
from dss_widgets.panels.style.theme import classed, heading, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import aside, duration, error_list, escape, listing
from dss_widgets.results.chosen_thresholds import ChosenThresholds, keep_choice
from dss_widgets.results.threshold_curves import PREFER_MEANS, PREFER_WORDS, THRESHOLDS
from dss_widgets.results.thresholds import NetworkThresholds, read_thresholds
from dss_widgets.roots import why_refused

_NOTHING_KEPT = (
    "What other thresholds would do is known once the network was tested again: ‘Test again…’ above, with ‘Find thresholds "
    "again’."
)
_NO_VALIDATION = (
    "Nothing is kept of the validation data to choose by, only of the test data: thresholds chosen by these look better than "
    "they are. ‘Test again…’ above, with ‘Find thresholds again’, looks through the validation data."
)


class ThresholdsView(VBox):
    """A slider for the threshold of events and one for that of segments, with what they do on validation and test data.

    Attributes:
        run: the run whose network it is about.
        outcome: of its test; a new one is read anew; None hides the view.
        thresholds: where the sliders stand, by kind (``events``, ``segments``).
        prefer: what they were chosen for: ``recall``, ``f1``, ``precision``, or '' where they were set by hand.
        in_use: what annotating takes unless others are typed, by kind.
        blockers: why *Use for annotating* is off, as sentences; none: it is on.
    """

    run = t.Instance(Run, allow_none=True)
    outcome = t.Instance(Outcome, allow_none=True)
    thresholds = t.Dict()
    prefer = t.Unicode()
    in_use = t.Dict()
    blockers = t.Tuple()

    def __init__(self) -> None:
        self.known: NetworkThresholds | None = None
        self._setting = False
        self.preference = ToggleButtons(
            options=[(words, prefer) for prefer, words in PREFER_WORDS.items()], value=None,
            tooltips=list(PREFER_MEANS.values()), layout=plain_layout(),
        )  # fmt: skip
        self.sliders = {kind: _slider(kind) for kind in ("events", "segments")}
        self._pictures: dict[str, HTML] = {kind: text("", f"dss-threshold-{kind}") for kind in self.sliders}
        self._kinds = {
            kind: classed(VBox([slider, self._pictures[kind]], layout=plain_layout()), "dss-stack-tight")
            for kind, slider in self.sliders.items()
        }
        self._legend: HTML = text(legend())
        self._table: HTML = text("", "dss-threshold-effects")
        self._said: HTML = text("", "dss-threshold-said")
        self.use: Button = classed(
            Button(description="Use for annotating", layout=plain_layout()), "dss-use-thresholds", "dss-primary"
        )
        self.forget: Button = classed(Button(description="As before the choice", layout=plain_layout()), "dss-plain")
        super().__init__(self._arranged(), layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-thresholds")
        self.observe(lambda _: self.read(), ["run", "outcome"])
        self.preference.observe(self._preferred, "value")
        for slider in self.sliders.values():
            slider.observe(self._slid, "value")
        self.use.on_click(lambda _: self.keep())
        self.forget.on_click(lambda _: self.keep_none())
        self.read()

    def _arranged(self) -> list[Any]:
        title = text(heading("Thresholds", "how sure the network must be for something to count as song"))
        head = classed(Box([title, self.preference], layout=plain_layout()), "dss-row", "dss-spread")
        both = classed(Box(list(self._kinds.values()), layout=plain_layout()), "dss-threshold-kinds")
        row = classed(Box([self.use, self.forget], layout=plain_layout()), "dss-row")
        self._body = classed(VBox([both, self._legend, self._table, row], layout=plain_layout()), "dss-stack-tight")
        return [head, self._body, self._said]

    def read(self) -> None:
        """Read what is known of the network's thresholds, and show those in use."""
        self.known, failure = None, ""
        if self.outcome is not None and self.run is not None and not why_refused(self.run.folder):
            try:
                self.known = read_thresholds(self.run.stem)
            except DssWidgetsError as error:
                failure = error_list(error)
        splits = self.known.splits() if self.known is not None else {}
        show(self, self.known is not None or bool(failure))
        show(self._body, bool(splits))
        show(self.preference, "validation" in splits)
        if self.known is None or not splits:
            put(self._said, failure or aside(_NOTHING_KEPT))
            return
        for kind, part in self._kinds.items():
            show(part, kind in self.known.kinds)
        self.in_use = self.known.in_use
        choice = self.known.choice
        self._set(self.known.in_use, choice.prefer if choice is not None else "")

    def _set(self, thresholds: Mapping[str, float], prefer: str) -> None:
        """Put the sliders somewhere, and show what that does."""
        self._setting = True
        for kind, value in thresholds.items():
            self.sliders[kind].value = value
            self.sliders[kind].marks = [self.known.tuned[kind]] if self.known and kind in self.known.tuned else []
        self.preference.value = prefer if prefer in PREFER_WORDS else None
        self._setting = False
        self.prefer, self.thresholds = prefer, dict(thresholds)
        self._draw()

    def _preferred(self, change: t.Bunch) -> None:
        if change.new and not self._setting and self.known is not None and self.known.validation is not None:
            best = ChosenThresholds.best(self.known.validation.curves, change.new)
            self._set(self.known.chosen_with(best), change.new)

    def _slid(self, _change: t.Bunch) -> None:
        if not self._setting and self.known is not None:
            self._set({kind: round(self.sliders[kind].value, 2) for kind in self.known.kinds}, "")

    def _draw(self) -> None:
        known = self.known
        assert known is not None
        split, curves = next(iter(known.splits().items()))
        for kind, threshold in self.thresholds.items():
            marks = {"tuned": known.tuned[kind]} if kind in known.tuned else {}
            words = f"{kind} on the {split} data"
            put(self._pictures[kind], threshold_picture(curves.of(kind), threshold, marks, words))
        put(self._table, scrolling(effect_table(known, self.thresholds), "What the thresholds do"))
        self.blockers = tuple(self._why_not())
        self.use.disabled = bool(self.blockers)
        show(self.forget, known.choice is not None)
        put(self._said, self._words(known))

    def _why_not(self) -> list[str]:
        assert self.run is not None
        checks = [
            (self.run.folder.is_dir() and self.run.status().is_running, "The run has not ended yet."),
            (self.thresholds == self.in_use, "Annotating takes these already."),
        ]
        return [why for applies, why in checks if applies][:1]

    def _words(self, known: NetworkThresholds) -> str:
        curves = next(iter(known.splits().values()))
        used = listing([f"{kind} from {value:g}" for kind, value in known.in_use.items()])
        whence = known.choice.words if known.choice is not None else "as tuned" if known.tuned else "not tuned"
        told = [f"Annotating takes {used} ({whence}), unless others are typed."]
        told += [f"{words}: {PREFER_MEANS[prefer]}." for prefer, words in PREFER_WORDS.items() if prefer == self.prefer]
        told.append(
            f"A match is one to one and within {duration(curves.tolerance_seconds)}, as in the scores above: a segment whose "
            "on- or offset is off by more counts as missed and as a false alarm."
        )
        note = "" if known.validation is not None else f'<p class="dss-note dss-warning">{escape(_NO_VALIDATION)}</p>'
        return note + aside(" ".join(told))

    def keep(self) -> None:
        """Keep the thresholds for annotating; does nothing while there are blockers."""
        if self.known is None or self._why_not():
            return
        given = self.thresholds
        self._keep(ChosenThresholds(given.get("events"), given.get("segments"), self.prefer))

    def keep_none(self) -> None:
        """Forget what was chosen: what validation found counts again; does nothing where nothing was chosen."""
        if self.known is not None and self.known.choice is not None:
            self._keep(None)

    def _keep(self, choice: ChosenThresholds | None) -> None:
        assert self.run is not None
        try:
            keep_choice(self.run.stem, choice)
        except DssWidgetsError as error:
            put(self._said, error_list(error))
            return
        self.read()


def _slider(kind: str) -> Slider:
    slider = Slider(words=kind.capitalize(), min=THRESHOLDS[0], max=THRESHOLDS[-1], value=0.5, layout=plain_layout())
    return classed(slider, f"dss-slide-{kind}", "dss-slider")
