"""What work tells while it goes on: typed events, for every kind of work, in one place.

An event is a frozen dataclass. As plain values (:meth:`Event.as_dict`) it names its kind under ``event``;
:func:`event_of` makes it again, and passes over what it does not know or what does not fit.
"""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that work told.

    Attributes:
        time: when it was recorded, unix seconds; None before that.
    """

    kind: ClassVar[str] = ""
    time: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; what is not finite becomes None."""
        return {"event": self.kind, **{item.name: _finite(getattr(self, item.name)) for item in fields(self)}}


OnEvent = Callable[[Event], None]
"""Takes what work tells, as it happens."""


@dataclass(frozen=True, kw_only=True)
class StateChanged(Event):
    """Work entered a state.

    Attributes:
        state: ``starting``; while it goes on ``preparing``, ``training``, ``testing``, ``working``; at its end ``finished``,
            ``stopped`` or ``failed``.
        message: why it failed, for people.
    """

    kind: ClassVar[str] = "state"
    state: str
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Warned(Event):
    """A remark for people that does not end the work."""

    kind: ClassVar[str] = "warning"
    message: str


@dataclass(frozen=True, kw_only=True)
class Progressed(Event):
    """How far a part of the work is that has no finer events.

    Attributes:
        done, total: in any unit; the share is done / total.
        doing: what is being done, such as ``testing``; empty where the kind of work says it all.
    """

    kind: ClassVar[str] = "progress"
    done: float
    total: float
    doing: str = ""


@dataclass(frozen=True, kw_only=True)
class TrainingBegan(Event):
    """Data and network are ready, and the first step comes.

    Attributes:
        epochs: how many there are to be.
        steps_per_epoch: batches an epoch.
        n_weights: of the network.
        classes: noise first.
        start: which network's weights it starts from, for people; empty: new weights.
    """

    kind: ClassVar[str] = "begin"
    epochs: int
    steps_per_epoch: int = 0
    n_weights: int = 0
    classes: tuple[str, ...] = ()
    start: str = ""


@dataclass(frozen=True, kw_only=True)
class StepDone(Event):
    """A step of learning is done (not every step is told).

    Attributes:
        epoch: the current one, from 1.
        step, steps: how many of its steps are done, and how many it has.
        loss: mean training loss of the epoch so far.
        seconds: since the epoch began.
    """

    kind: ClassVar[str] = "step"
    epoch: int
    step: int
    steps: int
    loss: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class EpochDone(Event):
    """An epoch is done.

    Attributes:
        epoch: from 1.
        loss, val_loss: mean cross-entropy of train and validation; None without validation.
        learning_rate: of its last step.
        seconds: spent on learning since the run began.
        waiting: share of its learning that waited for data.
        best: whether its network is the best so far.
        best_epoch, best_val_loss: the best so far.
        epochs_to_early_stop: epochs left without improvement before training stops by itself.
        seconds_left: estimated time left of training.
        recall, f1: by class, of validation.
        macro_f1: of validation.
    """

    kind: ClassVar[str] = "epoch"
    epoch: int
    loss: float | None = None
    val_loss: float | None = None
    learning_rate: float | None = None
    seconds: float = 0.0
    waiting: float = 0.0
    best: bool = False
    best_epoch: int = 0
    best_val_loss: float | None = None
    epochs_to_early_stop: int | None = None
    seconds_left: float | None = None
    recall: Mapping[str, float | None] = field(default_factory=dict)
    f1: Mapping[str, float | None] = field(default_factory=dict)
    macro_f1: float | None = None


@dataclass(frozen=True, kw_only=True)
class NetworkTested(Event):
    """A network was tested; the fields are those of :meth:`dss_widgets.results.scores.Scores.as_dict`.

    Attributes:
        class_names: noise first.
        per_class: precision, recall, F1 and support of every class.
        confusion_matrix: ``[annotated, predicted]``, in samples.
        macro_f1, accuracy: of all classes.
    """

    kind: ClassVar[str] = "scores"
    class_names: tuple[str, ...] = ()
    per_class: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    confusion_matrix: tuple[tuple[float, ...], ...] = ()
    macro_f1: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True, kw_only=True)
class RecordingDone(Event):
    """A recording of a batch is dealt with.

    Attributes:
        recording: its path.
        outcome: ``done``, ``failed`` or ``skipped``.
        file: the annotations that were written; empty if none were.
        message: why it failed or was skipped, for people.
        seconds: duration of the recording; None where it is not known.
        counts: how often each song type stands in the annotations.
        song_seconds: how long each of them lasts in all; 0 for events.
    """

    kind: ClassVar[str] = "recording"
    recording: str
    outcome: str = "done"
    file: str = ""
    message: str = ""
    seconds: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    song_seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OutcomeTold(Event):
    """What the work came to, as plain values; which ones, its kind says."""

    kind: ClassVar[str] = "outcome"
    values: Mapping[str, Any]


KINDS: Mapping[str, type[Event]] = types.MappingProxyType(
    {
        known.kind: known
        for known in (
            StateChanged, Warned, Progressed, TrainingBegan, StepDone, EpochDone, NetworkTested, RecordingDone, OutcomeTold,
        )
    }
)  # fmt: skip
"""Every type of event by the word that stands for it in a file."""


def event_of(values: Any) -> Event | None:
    """Return the event that plain values stand for; None if they are of no kind known here, or do not fit it.

    Fields that the kind does not have are passed over, so that files of later versions are read.
    """
    known = KINDS.get(str(values.get("event"))) if isinstance(values, Mapping) else None
    if known is None:
        return None
    hints = get_type_hints(known)
    given = {item.name: _frozen(values[item.name]) for item in fields(known) if item.name in values}
    if not all(_fits(hints[name], value) for name, value in given.items()):
        return None
    try:
        return known(**given)
    except TypeError:  # a field without a default is missing
        return None


def _fits(hint: Any, value: Any) -> bool:  # noqa: PLR0911 - one line a type reads best
    origin, args = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (types.UnionType, Union):
        return any(_fits(arg, value) for arg in args)
    if origin is tuple:
        return isinstance(value, tuple) and all(_fits(args[0], item) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return isinstance(value, Mapping) and all(_fits(args[1], item) for item in value.values())
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= sys.maxsize
    return isinstance(value, hint)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
