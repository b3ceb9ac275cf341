"""Recordings that are computed one after the other, the next while labels are made of the one before."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dss_widgets.dataset.recordings.opening import Recording
from dss_widgets.network.annotate import open_fitting
from dss_widgets.network.computed import Computed, computed
from dss_widgets.network.ensemble import TrainedEnsemble
from dss_widgets.network.in_advance import one_in_advance
from dss_widgets.network.probabilities import OnNotice


@dataclass(frozen=True)
class _Part:
    """A part of what there is to know of a recording; of each there is at least one.

    Attributes:
        number: of the recording.
        recording: if it could be opened.
        computed: what networks make of a stretch of it.
        notices: what is odd about it.
        error: why there is no more.
    """

    number: int
    recording: Recording | None
    computed: Computed | None
    notices: tuple[str, ...]
    error: Exception | None = None


class NextRecordings:
    """Recordings, and what networks make of them; close it after use.

    Args:
        trained: the networks.
        paths: of the recordings.
        on_notice: takes what is odd about a recording.
    """

    def __init__(self, trained: TrainedEnsemble, paths: Sequence[Path], on_notice: OnNotice) -> None:
        self._trained, self._on_notice = trained, on_notice
        self._number = -1
        self._parts = one_in_advance(self._all(paths))
        self._latest: _Part | None = None

    def close(self) -> None:
        """Compute no more."""
        self._parts.close()

    def next(self) -> Recording:
        """Go on to the next recording, whatever is left of the one before.

        Raises:
            DataError: it cannot be used, or its beginning cannot be read.
            MemoryError: there is not enough.
        """
        self._number += 1
        part = self._take()
        assert part.recording is not None
        return part.recording

    def computed(self) -> Iterator[Computed]:
        """Yield what the networks make of this recording; raises as :meth:`next`."""
        assert self._latest is not None
        part = self._latest
        while part.computed is not None:
            yield part.computed
            if part.computed.is_last:
                return
            part = self._take()

    def _take(self) -> _Part:
        part = next(part for part in self._parts if part.number == self._number)
        self._latest = part
        for notice in part.notices:
            self._on_notice(notice)
        if part.error is not None:
            raise part.error
        return part

    def _all(self, paths: Sequence[Path]) -> Generator[_Part]:
        for number, path in enumerate(paths):
            recording, notices, n_parts = None, list[str](), 0
            try:
                recording = open_fitting(self._trained, path)
                for each in computed(self._trained, recording, notices.append):
                    if self._number > number:  # it could not be annotated
                        break
                    told, notices[:] = tuple(notices), ()
                    yield _Part(number, recording, each, told)
                    n_parts += 1
                if not n_parts:
                    yield _Part(number, recording, None, tuple(notices))
            except Exception as error:
                yield _Part(number, recording, None, tuple(notices), error)
