"""What suits the data, filled into the training form: all but what somebody has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import traitlets as t
from ipywidgets import HTML, Button, VBox

from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.errors import DataError
from dss_widgets.options import TrainingOptions
from dss_widgets.options.song import SongFacts
from dss_widgets.options.suggestion import ADVISED, Advice, suggest
from dss_widgets.panels.background import Latest
from dss_widgets.panels.style.theme import classed, plain_layout, put, scrolling, text
from dss_widgets.panels.style.words import error_list, escape


class Suits(VBox):
    """Fills in what suits a dataset, whenever there is another one; what was chosen stays, until the button is pressed.

    Args:
        options: what is filled in.
        chosen: names of options that have been chosen already.

    Attributes:
        dataset: whose song decides; None: nothing is filled in, and the button is off.
        is_looking: whether the song is being looked at, so that what suits it is not there yet.
        advice: what suits the dataset, by option name, with the reasons: of what was not chosen, as it is filled in.
        filled: counts up when something was filled in.
        was_asked: whether somebody asked for what was filled in last.
    """

    dataset = t.Instance(Dataset, allow_none=True)
    is_looking = t.Bool(False)
    advice = t.Dict()
    filled = t.Int(0)

    def __init__(self, options: TrainingOptions, chosen: Iterable[str] = ()) -> None:
        self.options, self.chosen = options, set(chosen) & set(ADVISED)
        self.facts: SongFacts | None = None
        self.button: Button = classed(
            Button(description="Suggest from my data", disabled=True, layout=plain_layout()), "dss-suggest"
        )
        self.told: HTML = text()
        self._work, self._filling, self._mine = Latest(), False, set[str]()
        self.was_asked = False
        super().__init__([self.button, self.told], layout=plain_layout())
        classed(self, "dss-stack-tight", "dss-suggestion")
        self.button.on_click(lambda _: self.press())
        self.observe(lambda _: self.look(), "dataset")
        options.observe(lambda _: self.look(), "song_type")
        options.observe(self._changed, list(ADVISED))

    @property
    def is_followed(self) -> bool:
        """Whether all options are as they suit the dataset."""
        values = self.options.as_dict()
        return bool(self.advice) and all(values[name] == item.value for name, item in self.advice.items())

    def choose(self, names: Iterable[str]) -> None:
        """Take note that options have been chosen: they stay, also with another dataset."""
        self.chosen |= set(names) & set(ADVISED)
        self._show()

    def press(self) -> None:
        """Fill in what suits the dataset, also in place of what was chosen."""
        if self.dataset is not None:
            self.chosen.clear()
            self.look(asked=True)

    def look(self, *, asked: bool = False) -> None:
        """Look at the song, then fill in what suits it.

        Args:
            asked: whether somebody asked for it: then the reasons are open, and it is told why it cannot be done.
        """
        self.was_asked = asked
        self.button.disabled = self.dataset is None
        self._work.drop()
        dataset, song_type = self.dataset, self.options.song_type
        if dataset is None:
            self.facts, self.advice, self.is_looking = None, {}, False
            self._show()
            return
        self.is_looking = True
        self._work.run(lambda: song_facts(dataset, song_type), self._take, self._failed)

    def _take(self, facts: SongFacts) -> None:
        self.facts = facts
        plain = {item.name: item for item in suggest(facts)}
        values = self.options.as_dict()
        around = {item.name: item for item in suggest(facts, {name: values[name] for name in self.chosen})}
        self.advice = {**{name: item for name, item in plain.items() if name in self.chosen}, **around}
        self._fill({name: item.value for name, item in around.items()})
        self.is_looking = False
        self._show()
        self.filled += 1

    def _fill(self, values: Mapping[str, Any]) -> None:
        """Fill in values; what was filled in before and is advised no more gets its default again."""
        declared = self.options.declared()
        left = {name: declared[name].default for name in self._mine - set(values) - self.chosen}
        self._filling = True
        try:
            self.options.update({**left, **values})
        finally:
            self._filling = False
        self._mine = set(values)

    def drop(self, names: Iterable[str]) -> None:
        """Give options that were filled in their defaults again, all but some: a preset is the same for any data."""
        self.chosen |= set(names) & set(ADVISED)
        self._fill({})

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, DataError):
            raise error
        self.facts, self.advice, self.is_looking = None, {}, False
        put(self.told, error_list(error) if self.was_asked else "")

    def _changed(self, change: t.Bunch) -> None:
        """Take note of what somebody chooses, and of what is chosen as it was advised."""
        if self._filling:
            return
        advised = self.advice.get(change.name)
        self.chosen.add(change.name)
        if advised is not None and advised.value == change.new:
            self.chosen.discard(change.name)
        self._show()

    def _show(self) -> None:
        put(self.told, advice_table(self.advice.values(), self.options, is_open=self.was_asked) if self.advice else "")


def advice_table(advice: Iterable[Advice], options: TrainingOptions, *, is_open: bool = False) -> str:
    """Return what suits the data with the reasons, as HTML; where something else was chosen comes first, marked by a word."""
    advice, declared, values = list(advice), options.declared(), options.as_dict()
    mine = [item for item in advice if values[item.name] != item.value]
    rows = "".join(
        f'<tr><td class="dss-name">{escape(declared[item.name].label)}</td>'
        f"<td><b>{escape(value_words(item, options))}</b>{' <small>you chose another</small>' if item in mine else ''}</td>"
        f"<td>{escape(item.reason)}</td></tr>"
        for item in sorted(advice, key=lambda item: item not in mine)
    )
    n = len(mine)
    yours = f"; {n} {'is' if n == 1 else 'are'} your own choice" if n else ""
    head = f'<span class="dss-good">✓ Fits your recordings</span>: {len(advice)} values{yours}'
    table = f'<table class="dss-table dss-advice"><tbody>{rows}</tbody></table>'
    return f"<details{' open' if is_open else ''}><summary>{head}. Why?</summary>{scrolling(table, 'Reasons')}</details>"


def value_words(item: Advice, options: TrainingOptions) -> str:
    """Return an advised value for people."""
    option = options.declared()[item.name]
    if option.choices and option.kind == "choice":
        return option.choices[item.value]
    if option.kind == "bool":
        return "yes" if item.value else "no"
    return option.format(item.value) or "none"
