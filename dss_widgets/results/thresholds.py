"""A network's thresholds: which are in use, which could be, and what each does on the validation and on the test data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError
from dss_widgets.results.chosen_thresholds import ChosenThresholds
from dss_widgets.results.labels import used_rules
from dss_widgets.results.no_song import NoSong, read_no_song
from dss_widgets.results.params_file import read_params
from dss_widgets.results.results_file import read_results
from dss_widgets.results.stems import stem_of
from dss_widgets.results.threshold_curves import Effect, ThresholdCurves
from dss_widgets.results.validation import Validation, read_validation

KINDS = {"events": "event_thres", "segments": "segment_thres"}
"""What has a threshold, and DAS's names of these."""


@dataclass(frozen=True)
class NetworkThresholds:
    """What is known of a network's thresholds.

    Attributes:
        stem: path of its files, without their endings.
        params: of the network.
        validation: what each threshold does on the validation data; None where that was not kept.
        test: the same on the test data; None where it was not.
        no_song: what each finds in recordings without song; None where that was not tried.
    """

    stem: Path
    params: Mapping[str, Any]
    validation: Validation | None
    test: ThresholdCurves | None
    no_song: NoSong | None

    @property
    def kinds(self) -> list[str]:
        """``events``, ``segments`` or both: what the network finds."""
        types = [str(kind) for kind in (self.params.get("class_types") or [])[1:]]
        types = types or ["segment"]
        has = {"events": "event" in types, "segments": any(kind != "event" for kind in types)}
        return [kind for kind in KINDS if has[kind]]

    @property
    def in_use(self) -> dict[str, float]:
        """The thresholds that annotating takes unless others are typed, by kind."""
        used = used_rules(self.params)
        return {kind: used[KINDS[kind]] for kind in self.kinds}

    @property
    def tuned(self) -> dict[str, float]:
        """Those that training, or a later search, found on the validation data, by kind; empty where none were looked for."""
        told = self.params.get("post_opt")
        found = told if isinstance(told, Mapping) else {}
        told_here = {kind: found.get(KINDS[kind]) for kind in self.kinds}
        return {kind: float(value) for kind, value in told_here.items() if isinstance(value, int | float) and 0 <= value <= 1}

    @property
    def choice(self) -> ChosenThresholds | None:
        """What somebody chose; None where nobody did."""
        return ChosenThresholds.of(self.params)

    def chosen_with(self, choice: ChosenThresholds) -> dict[str, float]:
        """Return the thresholds that annotating would take with a choice, by kind."""
        own = {"events": choice.event, "segments": choice.segment}
        return {kind: usual if (value := own[kind]) is None else value for kind, usual in self.before_choice.items()}

    @property
    def before_choice(self) -> dict[str, float]:
        """The thresholds without anybody's choice: as tuned, else 0.5."""
        return {kind: self.tuned.get(kind, 0.5) for kind in self.kinds}

    def splits(self) -> dict[str, ThresholdCurves]:
        """Return what is known by split: ``validation``, on which one chooses, and ``test``."""
        curves = {"validation": self.validation.curves if self.validation else None, "test": self.test}
        return {split: known for split, known in curves.items() if known is not None}


def effects(curves: ThresholdCurves, thresholds: Mapping[str, float]) -> dict[str, dict[str, Effect]]:
    """Return what thresholds do: by kind and song type.

    Args:
        curves: of a split.
        thresholds: by kind.
    """
    return {
        kind: {name: curve.at(threshold) for name, curve in curves.of(kind).items()} for kind, threshold in thresholds.items()
    }


def read_thresholds(network: str | os.PathLike[str]) -> NetworkThresholds:
    """Return what is known of a network's thresholds.

    Args:
        network: the stem of its files, one of them, or its run's folder.

    Raises:
        DataError: there is no such network, or a file of it is damaged.
    """
    stem = stem_of(network)
    params = read_params(stem)
    try:
        test = read_results(stem).more_scores.get("thresholds")
    except DataError:
        test = None
    return NetworkThresholds(stem, params, read_validation(stem), test, read_no_song(stem))
