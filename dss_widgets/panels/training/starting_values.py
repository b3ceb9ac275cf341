"""Filling in the training form with one press: what suits the data, or the architecture of the network to start from."""

from __future__ import annotations

import traitlets as t
from ipywidgets import HTML, Box, Button, VBox

from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DataError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.options.suggestion import Advice, as_options, changes, suggest
from dss_widgets.panels.background import Latest
from dss_widgets.panels.style.theme import classed, plain_layout, put, scrolling, show, text
from dss_widgets.panels.style.words import escape, problem_list
from dss_widgets.results.starting_point import StartingPoint, read_starting_point
from dss_widgets.roots import why_refused


class Suggest(VBox):
    """Suggests a network and a training for a dataset.

    Args:
        options: what is filled in.

    Attributes:
        dataset: whose song decides; None: the button is off.
        taken: counts up when a suggestion was filled in.
    """

    dataset = t.Instance(Dataset, allow_none=True)
    taken = t.Int(0)

    def __init__(self, options: TrainingOptions) -> None:
        self.options = options
        self.button: Button = classed(
            Button(description="Suggest from my data", disabled=True, layout=plain_layout()), "dss-suggest"
        )
        self.told: HTML = text()
        self._work = Latest()
        self._shown: tuple[Advice, ...] = ()
        super().__init__([self.button, self.told], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-suggestion")
        self.button.on_click(lambda _: self.press())
        self.observe(self._dataset_changed, "dataset")

    @property
    def is_shown(self) -> bool:
        """Whether the options are those that were suggested."""
        return bool(self._shown)

    def _dataset_changed(self, _change: t.Bunch) -> None:
        self.button.disabled = self.dataset is None
        self._work.drop()
        self._show(())

    def press(self) -> None:
        """Look at the song, fill in what it suggests, and say why."""
        dataset, song_type = self.dataset, self.options.song_type
        if dataset is None:
            return
        put(self.told, '<p class="dss-note">Looking at your song…</p>')
        self._work.run(lambda: suggest(song_facts(dataset, song_type)), self._take, self._failed)

    def _take(self, advice: tuple[Advice, ...]) -> None:
        changed = changes(advice, self.options)
        self.options.update(as_options(advice))
        self._show(advice, {item.name for item in changed})
        self.taken += 1

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, DataError):
            raise error
        put(self.told, problem_list([Problem(str(error))]))

    def _show(self, advice: tuple[Advice, ...], changed: set[str] | None = None) -> None:
        self._shown = advice
        put(self.told, advice_table(advice, self.options, changed or set()) if advice else "")

    def refresh(self) -> None:
        """Take the reasons away once the options say something else."""
        if self._shown and changes(self._shown, self.options):
            self._show(())


def advice_table(advice: tuple[Advice, ...], options: TrainingOptions, changed: set[str]) -> str:
    """Return the suggested values with their reasons as HTML; those that were changed come first and are marked by a word."""
    declared = options.declared()
    rows = "".join(
        f'<tr><td class="dss-name">{escape(declared[item.name].label)}</td>'
        f"<td><b>{escape(_value(item, options))}</b>{' <small>changed</small>' if item.name in changed else ''}</td>"
        f"<td>{escape(item.reason)}</td></tr>"
        for item in sorted(advice, key=lambda item: item.name not in changed)
    )
    head = f'<span class="dss-good">✓ Filled in</span> {len(changed)} of {len(advice)} values changed'
    table = f'<table class="dss-table dss-advice"><tbody>{rows}</tbody></table>'
    return f"<details open><summary>{head}: why</summary>{scrolling(table, 'Reasons')}</details>"


def _value(item: Advice, options: TrainingOptions) -> str:
    option = options.declared()[item.name]
    if option.choices:
        return option.choices[item.value]
    return option.format(item.value) or "none"


class TakeArchitecture(Box):
    """A button that shows itself while the network to start from is of another architecture.

    Args:
        options: what is filled in.

    Attributes:
        differs: whether that network is made otherwise than the options say.
        taken: counts up when its architecture was filled in.
    """

    differs = t.Bool(False)
    taken = t.Int(0)

    def __init__(self, options: TrainingOptions) -> None:
        self.options = options
        self.button: Button = classed(
            Button(description="Use its architecture", layout=plain_layout()), "dss-take-architecture"
        )
        self._said: HTML = text("", "dss-note")
        super().__init__([self._said, self.button], layout=plain_layout())
        classed(self, "dss-row", "dss-off")
        self.button.on_click(lambda _: self.press())

    def refresh(self) -> None:
        """Show the button if there is something to fill in."""
        start = self._start()
        self.differs = start is not None and bool(start.differences(self.options))
        show(self, self.differs)
        if self.differs and start is not None:
            put(self._said, f"The network to start from, {escape(start.stem.name)}, has a different architecture.")

    def press(self) -> None:
        """Fill in the architecture of the network to start from."""
        start = self._start()
        if start is None:
            put(self._said, problem_list([Problem("The network to start from cannot be read.", "Choose another one.")]))
            return
        self.options.update(start.architecture())
        self.taken += 1

    def _start(self) -> StartingPoint | None:
        named = self.options.initial_weights
        if not named or why_refused(named):
            return None
        try:
            return read_starting_point(named)
        except DataError:
            return None
