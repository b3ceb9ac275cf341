"""Annotating many recordings by an executor: handed out a few at a time, told as they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from queue import Empty, SimpleQueue

from dss_widgets.errors import DataError
from dss_widgets.events import RecordingDone
from dss_widgets.executors import submit_anew
from dss_widgets.network.ahead import Ahead
from dss_widgets.network.elsewhere import Report, Work, annotate_elsewhere
from dss_widgets.network.outcomes import Outcomes, Target
from dss_widgets.network.processes import Processes
from dss_widgets.results.annotation_files import probabilities_path
from dss_widgets.whole_files import remove_leftovers_of

_MOST_HANDED_OUT = 1000
"""Recordings that an executor has at a time, if nothing tells how many it works on at once."""

_LOOK_SECONDS = 0.2
"""How often progress is told, and a wish to stop is heard, while no recording ends."""


class Spread:
    """Has an executor annotate recordings, and tells of them here as if they had been annotated here.

    Args:
        executor: stays as it is: whoever made it ends it.
        work: makes what an executor is given of a recording and its file.
        outcomes: takes what becomes of them.
        on_progress: called with samples done and in total.
        on_notice: takes what is odd about recordings.
        check: raises if the work is to stop.
    """

    def __init__(
        self,
        executor: Executor,
        work: Callable[[Target], Work],
        outcomes: Outcomes,
        *,
        on_progress: Callable[[int, int], None],
        on_notice: Callable[[str], None],
        check: Callable[[], None],
    ) -> None:
        self._executor, self._work, self._outcomes, self._check = executor, work, outcomes, check
        self._on_progress, self._on_notice = on_progress, on_notice
        self._own = executor if isinstance(executor, Processes) else None
        self._ended: SimpleQueue[Future[Report]] = SimpleQueue()
        self._handed_out: dict[Future[Report], Target] = {}
        self._tried: set[Target] = set()

    def annotate(self, targets: Sequence[Target]) -> None:
        """Annotate recordings.

        Raises:
            DataError: the network cannot be used, or the executor can do nothing more.
            OSError: annotations cannot be written.
            Cancelled: ``check`` said so.
        """
        self._progress = _Progress([target.recording.absolute() for target in targets], self._on_progress)
        left = iter(targets)
        try:
            self._hand_out(left, self._most())
            while self._handed_out:
                for future in self._next_ended():
                    self._take(future)
                self._tell_progress()
                self._check()
                self._hand_out(left, max(0, self._most() - len(self._handed_out)))
        finally:
            self._call_back()

    def _most(self) -> int:
        """Return how many the executor may have at a time: others may join it at any time."""
        return 2 * self._own.n if self._own else _MOST_HANDED_OUT

    def _hand_out(self, left: Iterator[Target], n: int) -> None:
        for target in islice(left, n):
            self._check()
            self._submit(target)

    def _submit(self, target: Target) -> None:
        try:
            future = submit_anew(self._executor, annotate_elsewhere, self._work(target))
        except (BrokenExecutor, RuntimeError) as error:
            raise DataError(f"The recordings that are left cannot be annotated: {error}. Start it again to go on.") from error
        self._handed_out[future] = target
        future.add_done_callback(self._ended.put)

    def _next_ended(self) -> Iterator[Future[Report]]:
        """Yield what has ended by now; waits a moment for the first."""
        with suppress(Empty):
            yield self._ended.get(timeout=_LOOK_SECONDS)
            while True:
                yield self._ended.get_nowait()

    def _take(self, future: Future[Report]) -> None:
        """Take what became of a recording; one whose process died is tried once more."""
        target = self._handed_out.pop(future)
        try:
            report = future.result()
            if report.is_stopped:  # by the system, which ends its process
                self._submit(target)
                return
        except Exception as error:
            remove_leftovers_of(target.file, probabilities_path(target.file))
            if target not in self._tried:
                self._tried.add(target)
                self._submit(target)
                return
            report = Report(failure=f"{target.recording}: could not be annotated, twice ({_named(error)}).")
        self._tried.discard(target)
        self._told(target, report)

    def _told(self, target: Target, report: Report) -> None:
        for notice in report.notices:
            self._on_notice(notice)
        if report.told is not None:
            self._progress.done(target.recording.absolute(), report.n_samples)
            self._done(target, report.told)
        elif report.failure:
            self._progress.failed(target.recording.absolute())
            self._outcomes.failed(target, report.failure)
        elif report.refused:
            raise DataError(report.refused)
        elif report.unwritable:
            raise OSError(0, report.unwritable)

    def _done(self, target: Target, told: RecordingDone) -> None:
        self._outcomes.done(target, replace(told, recording=str(target.recording), file=str(target.file)))

    def _tell_progress(self) -> None:
        for recording, samples, n_samples in list(self._own.told.values()) if self._own else ():
            self._progress.underway(Path(recording), samples, n_samples)
        self._progress.tell()

    def _call_back(self) -> None:
        """Take back what was not begun, and wait for what was: what was finished is told."""
        for future in self._handed_out:
            future.cancel()
        if self._own and self._handed_out:
            self._own.stop()
        for future, target in self._handed_out.items():
            with suppress(CancelledError, Exception):
                report = future.result()
                if report.told is not None:
                    self._done(target, report.told)


class _Progress:
    """How far recordings are that are annotated at the same time; what is told never goes back.

    Args:
        recordings: all of them.
        on_progress: called with samples done and in total, where either changed.
    """

    def __init__(self, recordings: Sequence[Path], on_progress: Callable[[int, int], None]) -> None:
        self._ahead = Ahead(recordings)
        self._on_progress = on_progress
        self._underway: dict[Path, tuple[int, int]] = {}
        self._ended: set[Path] = set()
        self._last = (0, 0)

    def underway(self, recording: Path, samples: int, n_samples: int) -> None:
        if recording not in self._ended:
            if recording not in self._underway:
                self._ahead.opened(recording, n_samples)
            self._underway[recording] = (samples, n_samples)

    def done(self, recording: Path, n_samples: int) -> None:
        self.underway(recording, n_samples, n_samples)
        self._end(recording)
        self._ahead.done += n_samples

    def failed(self, recording: Path) -> None:
        _, n_samples = self._underway.get(recording, (0, 0))
        self._ahead.left_out(recording, n_samples)
        self._end(recording)

    def tell(self) -> None:
        done = self._ahead.done + sum(samples for samples, _ in self._underway.values())
        told = (max(done, self._last[0]), max(done, self._ahead.total))
        if told != self._last and told[1]:
            self._last = told
            self._on_progress(*told)

    def _end(self, recording: Path) -> None:
        self._underway.pop(recording, None)
        self._ended.add(recording)


def _named(error: Exception) -> str:
    words = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__.removesuffix('Error')}: {words}" if words else type(error).__name__
