"""The choice of a trained network in a results folder, and of further ones that annotate together with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import Box, Dropdown

from dss_widgets.jobs import Run
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.learning.network_choice import network_choices
from dss_widgets.panels.prediction.several_networks import SeveralNetworks, trained_for_each
from dss_widgets.panels.style.theme import classed, label, offer, plain_layout, show


class ChosenNetworks(t.HasTraits):
    """Offers the networks of a folder.

    Args:
        save_folder: folder of trained networks.

    Attributes:
        save_folder: the folder, as text.
        run: set from outside, its folder is offered and its network chosen.
        changed: counts up when another network is chosen, or others to go with it.
        network: the choice of the first network; its value is the network's stem.
        others: the choice of those that go with it.
        fields: what is shown.
    """

    save_folder = t.Unicode()
    run = t.Instance(Run, allow_none=True)
    changed = t.Int(0)

    def __init__(self, save_folder: str) -> None:
        super().__init__(save_folder=save_folder)
        self.folder_field = FolderField(TrainingOptions.declared()["save_folder"], save_folder)
        self.network = Dropdown(description=label("Network"), description_allow_html=True, layout=plain_layout())
        self.others = SeveralNetworks()
        self.fields = [
            self.folder_field,
            classed(Box([self.network], layout=plain_layout()), "dss-field", "dss-wide", "dss-field-network"),
            classed(self.others, "dss-wide", "dss-several-networks"),
        ]
        t.link((self, "save_folder"), (self.folder_field, "value"))
        self.observe(self._folder_changed, "save_folder")
        self.observe(self._run_changed, "run")
        self.network.observe(self._offer_others, ["options", "value"])
        self.others.of_each.on_click(self._take_those_of_each)
        t.dlink((self.others, "changed"), (self, "changed"))
        self._offer(choose=True)

    @property
    def stem(self) -> str:
        """The stem of the first network; '' where none is chosen."""
        return str(self.network.value or "")

    @property
    def place(self) -> Path:
        """The stem after which what the chosen networks find is named."""
        return self.others.place(Path(self.stem))

    def categories(self) -> set[str]:
        """Return ``event``, ``segment`` or both: of which kinds the song types are; empty where that is not known."""
        return self.others.categories(Path(self.stem)) if self.stem else set()

    def class_names(self) -> tuple[str, ...]:
        """Return noise and the song types that the chosen networks find."""
        return self.others.class_names(Path(self.stem))

    def follow(self) -> bool:
        """Offer networks that have come to the folder, or got their scores; returns True: it can go on for ever."""
        self._offer(choose=False)
        return True

    def _run_changed(self, _change: Any = None) -> None:
        folder = self.save_folder if self.run is None else str(self.run.folder.parent)
        if folder != self.save_folder:
            self.save_folder = folder  # whose networks are offered then
        else:
            self._folder_changed()

    def _folder_changed(self, _change: Any = None) -> None:
        self._offer(choose=True)

    def _offer(self, *, choose: bool) -> None:
        """Offer what is in the folder; the watched run's network is chosen when it is new there, or if ``choose`` is set."""
        before = [value for _, value in self.network.options]
        offer(self.network, network_choices(self.save_folder))
        stem = str(self.run.stem) if self.run is not None else ""
        if stem in [value for _, value in self.network.options] and (choose or stem not in before):
            self.network.value = stem

    def _offer_others(self, change: t.Bunch) -> None:
        self.others.offer(self.stem, self.network.options)
        if change.name == "options":
            show(self.others.of_each, bool(trained_for_each(self.save_folder)))

    def _take_those_of_each(self, _button: Any = None) -> None:
        """Choose the networks that were trained for each song type."""
        offered = [stem for _, stem in self.network.options]
        made = [stem for stem in trained_for_each(self.save_folder) if stem in offered]
        if made:
            self.network.value = made[0]
            self.others.choose(made[1:])
