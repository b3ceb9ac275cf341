"""A trained network to choose: a folder of results, and those that lie in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import traitlets as t
from ipywidgets import Box, Dropdown

from dss_widgets.jobs import Run
from dss_widgets.options import TrainingOptions
from dss_widgets.panels.background import Ticker
from dss_widgets.panels.forms.folder_picker import FolderField
from dss_widgets.panels.style.theme import classed, label, offer, plain_layout
from dss_widgets.results.networks import networks_in


def network_choices(save_folder: str) -> list[tuple[str, str]]:
    """Return (words, stem) of the networks in a folder, latest first."""
    found = [(network, network.macro_f1) for network in networks_in(save_folder)] if save_folder else []
    return [
        (network.name if score is None else f"{network.name} (macro F1 {score:.3f})", str(network.stem))
        for network, score in found
    ]


class NetworkChoice(Box):
    """The folder of results, and one of its networks; networks that come to the folder are offered as they come.

    Attributes:
        save_folder: the folder, as text.
        run: set from outside, its network is chosen.
        network: the stem of the chosen network, as text; '' where there is none.
    """

    save_folder = t.Unicode()
    run = t.Instance(Run, allow_none=True)
    network = t.Unicode()

    def __init__(self, save_folder: str = "", run: Run | None = None) -> None:
        self.folder_field = FolderField(TrainingOptions.declared()["save_folder"], save_folder)
        self.chosen = Dropdown(description=label("Network"), description_allow_html=True, layout=plain_layout())
        field = classed(Box([self.chosen], layout=plain_layout()), "dss-field", "dss-wide", "dss-field-network")
        super().__init__([self.folder_field, field], layout=plain_layout())
        classed(self, "dss-network-choice")
        self.ticker = Ticker(self.look, 1.0)
        t.link((self, "save_folder"), (self.folder_field, "value"))
        self.chosen.observe(self._taken, "value")
        self.observe(self._changed, ["save_folder", "run"])
        self.save_folder, self.run = save_folder, run
        self.ticker.start()

    def choose(self, stem: str | Path) -> None:
        """Choose a network, in whatever folder it lies."""
        self.save_folder = str(Path(stem).parent)
        self.look()
        if str(stem) in [value for _, value in self.chosen.options]:
            self.chosen.value = str(stem)

    def look(self) -> bool:
        """Offer the networks that are there by now; goes on for as long as the panel is open."""
        before = [value for _, value in self.chosen.options]
        offer(self.chosen, network_choices(self.save_folder))
        stem = str(self.run.stem) if self.run is not None else ""
        if stem not in before and stem in [value for _, value in self.chosen.options]:
            self.chosen.value = stem
        return True

    def _changed(self, change: t.Bunch) -> None:
        if change.name == "run" and self.run is not None:
            self.save_folder = str(self.run.folder.parent)
            self.choose(self.run.stem)
        self.look()

    def _taken(self, _change: Any = None) -> None:
        self.network = str(self.chosen.value or "")
