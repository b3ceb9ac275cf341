"""What song is like, as far as the choice of a network depends on it."""

from __future__ import annotations

from dataclasses import dataclass

TRAIN_INTERVALS = 8
"""Intervals, typical ones, within which an event of a train has another one beside it."""

SPECK_SHARE = 0.25
"""Share of a short segment's duration below which a stretch is a speck."""

LEAST_EVENTS = 20
"""Annotated events from which on they tell whether events come alone."""


def milliseconds(seconds: float) -> str:
    """Return a duration for people: ``38.5 ms``, ``1.2 s``."""
    return f"{seconds:.2g} s" if seconds >= 0.9995 else f"{seconds * 1000:.3g} ms"


@dataclass(frozen=True)
class TypeFacts:
    """What a song type is like in a split.

    Attributes:
        name: the type's name.
        kind: ``event`` or ``segment``.
        count: annotations of it.
        typical_seconds, short_seconds: median duration, and that which a tenth of them does not reach; 0 for events.
        interval_seconds: median time from one to the next; None with fewer than two.
        neighbour_seconds: time within which 19 of 20 have another one beside them; None with fewer than two.
    """

    name: str
    kind: str
    count: int
    typical_seconds: float = 0.0
    short_seconds: float = 0.0
    interval_seconds: float | None = None
    neighbour_seconds: float | None = None

    @property
    def train_seconds(self) -> float | None:
        """How far at most the nearest neighbour of an event lies, where events come in trains; None if some come alone."""
        if self.count < LEAST_EVENTS or not self.interval_seconds or self.neighbour_seconds is None:
            return None
        farthest = TRAIN_INTERVALS * self.interval_seconds
        return farthest if self.neighbour_seconds <= farthest else None


@dataclass(frozen=True)
class SongFacts:
    """What a dataset is like.

    Attributes:
        samplerate_hz, n_channels: of the audio.
        train_samples, val_samples: lengths of the splits.
        types: the song types, those without annotations included.
    """

    samplerate_hz: float
    n_channels: int
    train_samples: int
    val_samples: int
    types: tuple[TypeFacts, ...]

    @property
    def present(self) -> tuple[TypeFacts, ...]:
        """The song types that occur."""
        return tuple(found for found in self.types if found.count)

    @property
    def segments(self) -> tuple[TypeFacts, ...]:
        """The segment types that occur."""
        return tuple(found for found in self.present if found.kind != "event" and found.typical_seconds > 0)

    @property
    def shortest(self) -> TypeFacts | None:
        """The segment type with the shortest segments."""
        return min(self.segments, key=lambda found: found.typical_seconds, default=None)

    @property
    def longest(self) -> TypeFacts | None:
        """The segment type with the longest typical segments."""
        return max(self.segments, key=lambda found: found.typical_seconds, default=None)

    @property
    def speck_seconds(self) -> float:
        """A duration below which nothing is song: far below what nine of ten segments of every type reach; 0 if unknown."""
        return SPECK_SHARE * min((found.short_seconds for found in self.segments), default=0.0)

    @property
    def train_seconds(self) -> float | None:
        """The same of all event types that occur: the largest; None if events of any come alone, or there are none."""
        found = [known.train_seconds for known in self.present if known.kind == "event"]
        told = [seconds for seconds in found if seconds is not None]
        return max(told) if told and len(told) == len(found) else None
