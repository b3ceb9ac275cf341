"""Trained networks that are used together: their probabilities side by side, and the labels that these make."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.network.trained import TrainedNetwork, load_trained
from dss_widgets.options import PredictionOptions
from dss_widgets.options.prediction import Combine
from dss_widgets.results.calibration import temperature_of
from dss_widgets.results.ensemble import Ensemble, plan_ensemble
from dss_widgets.results.labels import Labeller, LabellingRules


@dataclass(frozen=True)
class Group:
    """Networks that answer the same song types.

    Attributes:
        networks: them, all at one sample rate.
        columns: of each network, its outputs of which the mean is taken: noise, and the song types that all of them know.
        class_names, class_types: of these.
        answers: the song types for which their labels count.
    """

    networks: tuple[TrainedNetwork, ...]
    columns: tuple[tuple[int, ...], ...]
    class_names: tuple[str, ...]
    class_types: tuple[str, ...]
    answers: tuple[str, ...]

    @classmethod
    def of(cls, networks: Sequence[TrainedNetwork], answers: Sequence[str]) -> Group:
        """Make the group of networks that answer song types."""
        first, *others = networks
        known = [0, *(i for i, name in enumerate(first.class_names) if i and all(name in n.class_names[1:] for n in others))]
        names = tuple(first.class_names[i] for i in known)
        columns = (tuple(known), *((0, *(n.class_names.index(name, 1) for name in names[1:])) for n in others))
        return cls(tuple(networks), columns, names, tuple(first.class_types[i] for i in known), tuple(answers))

    @property
    def samplerate_hz(self) -> float:
        """Of the audio that they know."""
        return self.networks[0].samplerate_hz

    def labeller(self, options: PredictionOptions) -> Labeller:
        """Return what makes labels of their probabilities; what options leave open is the mean of their own rules."""
        rules = [LabellingRules.of(options, network.params) for network in self.networks]
        between = rules[0] if len(rules) == 1 else _mean_rules(rules)
        return Labeller(self.class_names, self.class_types, self.samplerate_hz, between)

    def mean(self, blocks: Mapping[int, np.ndarray]) -> np.ndarray:
        """Return the mean of probabilities, float32 ``[samples, classes]``.

        Args:
            blocks: of every network by its ``id``, ``[samples, its outputs]``.
        """
        parts = [blocks[id(network)] for network in self.networks]
        chosen = [
            part if columns == tuple(range(part.shape[1])) else part[:, columns]
            for part, columns in zip(parts, self.columns, strict=True)
        ]
        return chosen[0] if len(chosen) == 1 else np.asarray(np.mean(chosen, axis=0, dtype=np.float32))

    def answered(self, labeller: Labeller) -> Annotations:
        """Return the labels that count."""
        found = labeller.finish()
        if set(self.answers) >= set(self.class_names[1:]):
            return found
        return found.select(np.isin(found.names, self.answers))


def _mean_rules(rules: Sequence[LabellingRules]) -> LabellingRules:
    names = ("event_threshold", "farthest_seconds", "segment_threshold", "fill_gap_seconds", "minimum_duration_seconds")
    return replace(rules[0], **{name: float(np.mean([getattr(each, name) for each in rules])) for name in names})


@dataclass(frozen=True)
class TrainedEnsemble:
    """Trained networks, and the groups in which they answer song types; one network alone is one, too.

    Attributes:
        groups: in the order of their first song types.
        song_types: names and categories, in the order in which they are told.
    """

    groups: tuple[Group, ...]
    song_types: tuple[tuple[str, str], ...]

    @classmethod
    def alone(cls, trained: TrainedNetwork) -> TrainedEnsemble:
        """Make one of a network."""
        types = tuple(zip(trained.class_names[1:], trained.class_types[1:], strict=True))
        return cls((Group.of([trained], trained.class_names[1:]),), types)

    @classmethod
    def of(cls, plan: Ensemble) -> TrainedEnsemble:
        """Load the networks of a plan that are used.

        Raises:
            DataError: one of them cannot be used.
        """
        loaded = {member.stem: load_trained(member.stem) for member in plan.used}
        answers: dict[tuple[str, ...], list[str]] = {}
        for answer in plan.answers:
            answers.setdefault(tuple(str(member.stem) for member in answer.members), []).append(answer.song_type)
        by_stem = {str(stem): trained for stem, trained in loaded.items()}
        groups = tuple(Group.of([by_stem[stem] for stem in stems], names) for stems, names in answers.items())
        return cls(groups, tuple((answer.song_type, answer.category) for answer in plan.answers))

    def with_half_precision(self) -> TrainedEnsemble:
        """Return the same, computed in bfloat16 where the processor gains time by that."""
        if all(network.half_precision for network in self.networks):
            return self
        fast = {id(network): replace(network, half_precision=True) for network in self.networks}
        groups = (replace(group, networks=tuple(fast[id(network)] for network in group.networks)) for group in self.groups)
        return replace(self, groups=tuple(groups))

    def prepare(self) -> None:
        """Make ready to compute, rather than when the first recording comes."""
        for network in self.networks:
            _ = network.frames

    @cached_property
    def networks(self) -> tuple[TrainedNetwork, ...]:
        """All of them, each once."""
        return tuple({id(network): network for group in self.groups for network in group.networks}.values())

    def by_rate(self) -> Mapping[float, list[TrainedNetwork]]:
        """Return the networks by their sample rates."""
        found: dict[float, list[TrainedNetwork]] = {}
        for network in self.networks:
            found.setdefault(network.samplerate_hz, []).append(network)
        return found

    @property
    def first(self) -> TrainedNetwork:
        """The network by whose audio recordings are measured."""
        return self.networks[0]

    @property
    def class_names(self) -> list[str]:
        """Noise, and all song types."""
        return [self.first.class_names[0], *(name for name, _ in self.song_types)]

    @property
    def class_types(self) -> list[str]:
        """``event`` or ``segment`` of these."""
        return [self.first.class_types[0], *(category for _, category in self.song_types)]

    @property
    def name(self) -> str:
        """The names of the networks."""
        return ", ".join(network.stem.name for network in self.networks)

    @property
    def temperature(self) -> float | None:
        """At which the probabilities can be taken at their word; of several networks, none is known."""
        return temperature_of(self.first.params) if len(self.networks) == 1 else None

    def side_by_side(self, means: Sequence[np.ndarray]) -> np.ndarray:
        """Return the probabilities of noise and all song types, float32 ``[samples, classes]``.

        Of several groups, noise is what is left if no group finds any of its song types, each taken for itself.

        Args:
            means: of every group, ``[samples, its classes]``.
        """
        if len(self.groups) == 1:
            return means[0]
        table = np.empty((len(means[0]), len(self.class_names)), dtype=np.float32)
        table[:, 0] = 1
        for group, mean in zip(self.groups, means, strict=True):
            columns = [group.class_names.index(name, 1) for name in group.answers]
            table[:, [self.class_names.index(name, 1) for name in group.answers]] = mean[:, columns]
            table[:, 0] *= np.clip(1 - mean[:, columns].sum(axis=1), 0, 1)
        return table


def load_networks(stems: Sequence[str | os.PathLike[str]], combine: Combine = "best", *, fast: bool = False) -> TrainedEnsemble:
    """Load one network or several that are used together.

    Args:
        stems: paths of their files, without their endings.
        combine: how several are used together.
        fast: whether they are computed with fewer digits, see :meth:`TrainedEnsemble.with_half_precision`.

    Raises:
        DataError: one of them cannot be used, or they do not go together.
    """
    alone = len(stems) == 1
    loaded = TrainedEnsemble.alone(load_trained(stems[0])) if alone else TrainedEnsemble.of(plan_ensemble(stems, combine))
    return loaded.with_half_precision() if fast else loaded


def in_step(streams: Sequence[Iterator[tuple[int, np.ndarray]]]) -> Iterator[tuple[int, list[np.ndarray]]]:
    """Yield the first sample of a stretch and each stream's rows of it; streams that are cut elsewhere are cut anew.

    Args:
        streams: first sample and rows ``[samples, columns]`` of blocks that follow each other from 0, all as long in sum.
    """
    waiting: list[np.ndarray] = [np.empty((0, 0))] * len(streams)
    at = 0
    while True:
        for i, stream in enumerate(streams):
            if not len(waiting[i]):
                begun = next(stream, None)
                if begun is None:
                    return
                waiting[i] = begun[1]
        n = min(map(len, waiting))
        yield at, [rows[:n] for rows in waiting]
        waiting = [rows[n:] for rows in waiting]
        at += n
