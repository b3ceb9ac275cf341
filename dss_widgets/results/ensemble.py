"""Several networks that are used together: which of them answers which song type, and how well it does on validation data.

A song type is answered by one network, or by several whose probabilities are averaged. Networks that answer it make its labels
as they do alone: their own thresholds and durations count, and what they take for another song type is none of this one. What
different networks say of different song types does not touch: their labels may overlap, as individual targets do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError
from dss_widgets.options.prediction import Combine
from dss_widgets.results.json_files import write_json
from dss_widgets.results.labels import used_rules
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import stem_of
from dss_widgets.results.thresholds import KINDS
from dss_widgets.results.validation import read_validation
from dss_widgets.roots import confined

ENSEMBLE = "networks.json"
"""Name of the file in a job's folder that tells which network answers what."""


@dataclass(frozen=True)
class Member:
    """A network as the others see it.

    Attributes:
        stem: path of its files, without their endings.
        categories: ``event`` or ``segment`` of its song types, by name, in the order of its outputs.
        samplerate_hz, n_channels: of the audio that it knows.
        f1: of its song types on its validation data, with the thresholds in use; without those that are not annotated there,
            and without any where that was not kept.
        learned_from: fingerprint of the dataset that it was trained and validated on; '' where that is not known.
    """

    stem: Path
    categories: Mapping[str, str]
    samplerate_hz: float
    n_channels: int
    f1: Mapping[str, float]
    learned_from: str = ""

    @classmethod
    def of(cls, network: str | os.PathLike[str]) -> Member:
        """Read what a network's files tell.

        Raises:
            DataError: they cannot be read, or do not tell its song types and the sound that it knows.
        """
        stem = stem_of(network)
        params = read_params(confined(stem))
        try:
            names = [str(name) for name in params["class_names"]]
            types = [str(kind) for kind in params.get("class_types") or ["segment"] * len(names)]
            rate, n_channels = float(params["samplerate_x_Hz"]), int(params.get("nb_freq") or params.get("nb_channels") or 1)
            kinds = {name: "event" if kind == "event" else "segment" for name, kind in zip(names, types, strict=True)}
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(f"{stem}: its params do not tell song types, sample rate and channels ({error}).") from error
        categories = {name: kinds[name] for name in names[1:]}
        return cls(stem, categories, rate, n_channels, _validation_f1(stem, params), str(params.get("data_hash") or ""))


def _validation_f1(stem: Path, params: Mapping[str, Any]) -> dict[str, float]:
    """Return the F1 of song types on validation data, with the thresholds that annotating takes."""
    validation, used = read_validation(stem), used_rules(params)
    if validation is None:
        return {}
    return {
        name: curve.at(used[threshold]).f1
        for kind, threshold in KINDS.items()
        for name, curve in validation.curves.of(kind).items()
        if curve.n_annotated
    }


@dataclass(frozen=True)
class Answer:
    """Which networks say where a song type is.

    Attributes:
        song_type: its name.
        category: ``event`` or ``segment``.
        members: those of which the probabilities are averaged; or one.
    """

    song_type: str
    category: str
    members: tuple[Member, ...]

    @property
    def words(self) -> str:
        """Such as ``pulse from A (F1 0.970 on validation data)``."""
        told = [f"{m.stem.name} ({_score_words(m, self.song_type)})" for m in self.members]
        return (
            f"{self.song_type} from {told[0]}" if len(told) == 1 else f"{self.song_type} from the mean of {' and '.join(told)}"
        )


def _score_words(member: Member, song_type: str) -> str:
    f1 = member.f1.get(song_type)
    return "no validation score" if f1 is None else f"F1 {f1:.3f} on validation data"


@dataclass(frozen=True)
class Ensemble:
    """Several networks, and what each is there for.

    Attributes:
        members: all of them, in the order in which they were named.
        combine: how they are used together.
        answers: one for every song type that any of them knows, in the order in which these were met.
        notes: what should be known of the choice, as sentences that begin with what they are about.
    """

    members: tuple[Member, ...]
    combine: Combine
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()

    @property
    def used(self) -> tuple[Member, ...]:
        """Those that answer something, in their order."""
        return tuple(member for member in self.members if any(member in answer.members for answer in self.answers))

    @property
    def samplerates_hz(self) -> tuple[float, ...]:
        """The sample rates of those that are used, each once."""
        return tuple(dict.fromkeys(member.samplerate_hz for member in self.used))

    def words(self) -> list[str]:
        """Return which network answers what, a song type in each entry."""
        return [answer.words for answer in self.answers]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        told = {
            answer.song_type: {
                "category": answer.category,
                "networks": [str(member.stem) for member in answer.members],
                "validation_f1": [member.f1.get(answer.song_type) for member in answer.members],
            }
            for answer in self.answers
        }
        return {"combine": self.combine, "song_types": told, "notes": list(self.notes)}

    def write(self, path: Path) -> Path:
        """Keep it as a file; raises DataError if that cannot be written."""
        return write_json(path, self.as_dict())

    def check_probabilities(self) -> None:
        """Raise DataError if probabilities could not be kept in one file."""
        if len(self.samplerates_hz) > 1:
            rates = " and ".join(f"{rate:g}" for rate in self.samplerates_hz)
            raise DataError(
                f"Probabilities are kept at one sample rate, but these networks have {rates} Hz. Keep none, or annotate with "
                "one network after the other into folders of their own."
            )


def plan_ensemble(networks: Sequence[str | os.PathLike[str]], combine: Combine = "best") -> Ensemble:
    """Decide which of several networks answers which song type.

    Args:
        networks: stems of their files, one of their files each, or their runs' folders; the first one counts first.
        combine: ``best``: each song type is answered by the network whose F1 for it on its validation data is highest; where
            none has a score, by the first that knows it. ``mean``: by all that know it.

    Raises:
        DataError: a network cannot be read or is named twice, or they do not go together.
    """
    members = tuple(Member.of(network) for network in networks)
    _check(members)
    answers, notes = [], []
    for name in dict.fromkeys(name for member in members for name in member.categories):
        knowing = [member for member in members if name in member.categories]
        if combine == "best" and len(knowing) > 1:
            notes += _odd_scores(name, knowing)
        chosen = tuple(knowing) if combine == "mean" else (max(knowing, key=lambda m: m.f1.get(name, -1.0)),)
        answers.append(Answer(name, knowing[0].categories[name], chosen))
        _check_rates(answers[-1])
    ensemble = Ensemble(members, combine, tuple(answers))
    notes += [
        f"{m.stem.name}: is best at none of its song types, so it is not used." for m in members if m not in ensemble.used
    ]
    return Ensemble(members, combine, tuple(answers), tuple(notes))


def _check(members: Sequence[Member]) -> None:
    """Raise DataError if networks cannot annotate the same recordings, or mean different things by a name."""
    first = members[0]
    if len({member.stem for member in members}) < len(members):
        twice = next(m.stem for i, m in enumerate(members) if m.stem in [other.stem for other in members[:i]])
        raise DataError(f"{twice}: is named twice. Name each network once.")
    for i, member in enumerate(members):
        if member.n_channels != first.n_channels:
            raise DataError(
                f"{member.stem} knows audio of {_channels(member)}, {first.stem.name} of {_channels(first)}: no recording fits "
                "both. Use them one after the other, on recordings of their own."
            )
        for name, category in member.categories.items():
            for other in members[:i]:
                if other.categories.get(name, category) != category:
                    raise DataError(
                        f"{name!r}: is {_a(category)} for {member.stem.name} but {_a(other.categories[name])} for "
                        f"{other.stem.name}. Networks go together if they mean the same by a name: leave one of them out."
                    )


def _channels(member: Member) -> str:
    return f"{member.n_channels} channel{'s' if member.n_channels > 1 else ''}"


def _a(category: str) -> str:
    return "an event" if category == "event" else "a segment"


def _check_rates(answer: Answer) -> None:
    rates = list(dict.fromkeys(member.samplerate_hz for member in answer.members))
    if len(rates) > 1:
        raise DataError(
            f"{answer.song_type!r}: is known to networks of {' and '.join(f'{rate:g}' for rate in rates)} Hz, whose "
            "probabilities have no mean. Choose the best for each song type instead (--combine best)."
        )


def _odd_scores(name: str, knowing: Sequence[Member]) -> list[str]:
    """Return what should be known of how the best of several networks was chosen for a song type."""
    unknown = [member.stem.name for member in knowing if name not in member.f1]
    if len(unknown) == len(knowing):
        return [
            f"{name}: none of the networks that know it has a validation score for it, so the first that was named annotates "
            "it. Scores are kept by: dss-widgets evaluate NETWORK --tune"
        ]
    if unknown:
        return [f"{name}: {', '.join(unknown)} has no validation score for it, so it was not considered."]
    if len({member.learned_from for member in knowing}) > 1:
        return [f"{name}: the networks that know it were validated on different data, so their scores compare only roughly."]
    return []
