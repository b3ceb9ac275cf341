"""The choice of a preset: published starting points, what suits the data, or values of one's own."""

from __future__ import annotations

from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Dropdown

from dss_widgets.dataset.dry_check import learned_samples
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.options import PRESETS, TrainingOptions, misfit, preset_values
from dss_widgets.options.suggestion import ADVISED
from dss_widgets.panels.style.theme import classed, label, plain_layout, put, text
from dss_widgets.panels.style.words import capital, escape
from dss_widgets.panels.training.suits import Suits

OWN, SUITED = "own", "suited"
"""What stands where no preset does: values of one's own, and those that suit the data."""

_SUITED_WORDS = "what suits your data"


class PresetChoice(Box):
    """A list of presets that fills in their values, and names the one whose values are there.

    Args:
        options: what is filled in.
        suits: knows what suits the data, and what has been chosen.

    Attributes:
        dataset: what is trained on; None: none yet.
        taken: counts up when a preset was filled in.
    """

    taken = t.Int(0)

    def __init__(self, options: TrainingOptions, suits: Suits) -> None:
        self.options, self.suits = options, suits
        self.dataset: Dataset | None = None
        self._naming, self._chosen = False, OWN
        self.dropdown = Dropdown(
            description=label("Preset"), description_allow_html=True, layout=plain_layout(),
            options=self._choices(), value=OWN,
        )  # fmt: skip
        self.about: HTML = text("", "dss-note")
        super().__init__([self.dropdown, self.about], layout=plain_layout())
        classed(self, "dss-field", "dss-field-preset", "dss-wide")
        self.dropdown.observe(self._take, "value")

    def refresh(self, dataset: Dataset | None) -> None:
        """Name the preset whose values stand in the form, and say whether it fits the dataset."""
        self.dataset = dataset
        self._naming = True  # a preset's name is shown; its values are there
        chosen = self._matching()
        if self.dropdown.options != (choices := self._choices()):
            self.dropdown.options = choices
        self.dropdown.value = chosen
        self._naming = False
        put(self.about, self._about_chosen())

    def _take(self, change: t.Bunch) -> None:
        if self._naming:
            return
        self._chosen = change.new
        if change.new == SUITED:
            self.suits.press()
        elif change.new != OWN:
            values = self._values(change.new)
            self.suits.drop(values)
            self.options.update(values)
            self.suits.choose(ADVISED)
        self.taken += 1

    def _choices(self) -> tuple[tuple[str, str], ...]:
        """Return the presets with their words; those that were made for other data say so."""
        named = ((f"{PRESETS[name].label}{' (for other data)' if self._misfit(name) else ''}", name) for name in PRESETS)
        return (("custom", OWN), *([(_SUITED_WORDS, SUITED)] if self.dataset is not None else []), *named)

    def _misfit(self, name: str) -> str:
        dataset = self.dataset
        return misfit(name, dataset.samplerate_hz, dataset.n_channels, self.suits.facts) if dataset is not None else ""

    def _about_chosen(self) -> str:
        name = self.dropdown.value
        if name == SUITED:
            return "Found from your recordings and song types."
        if name == OWN:
            return "Published networks for several species."
        why = self._misfit(name)
        if why:
            mend = f"Choose ‘{_SUITED_WORDS}’ instead."
            return f'<span class="dss-warning"><b>Note:</b> {escape(why)} {mend}</span>'
        return escape(f"{capital(PRESETS[name].about).removesuffix('.')}.")

    def _values(self, name: str) -> dict[str, Any]:
        """Return what a preset sets for this dataset."""
        return preset_values(name, learned_samples(self.options, self.dataset) if self.dataset is not None else 0)

    def _matching(self) -> str:
        """Return the preset whose values are there; of several, the one that was chosen."""
        values = self.options.as_dict()

        def fits(name: str) -> bool:
            wanted = (PRESETS[name].options, self._values(name))  # as it is, or as little data has it
            return any(all(values[option] == value for option, value in options.items()) for options in wanted)

        if self._chosen in PRESETS and fits(self._chosen):
            return self._chosen
        if self.dataset is not None and self.suits.is_followed:
            return SUITED
        return next((name for name in PRESETS if fits(name)), OWN)
