"""Annotating many recordings in this process, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

from dss_widgets.errors import DataError
from dss_widgets.events import RecordingDone
from dss_widgets.network.ahead import Ahead
from dss_widgets.network.annotate import annotate_file, length_of
from dss_widgets.network.ensemble import TrainedEnsemble
from dss_widgets.network.next_recordings import NextRecordings
from dss_widgets.network.outcomes import Outcomes, Target, why_failed
from dss_widgets.network.probabilities import OnNotice
from dss_widgets.options import PredictionOptions


class OneByOne:
    """Annotates recordings, and tells how far all of them are.

    Args:
        trained: the networks.
        options: thresholds and durations.
        outcomes: takes what becomes of them.
        merge: whether annotations are put beside those that are there already.
        on_progress: called with samples done and in total, of all recordings together.
        on_notice: takes what is odd about recordings.
        check: raises if the work is to stop.
    """

    def __init__(
        self,
        trained: TrainedEnsemble,
        options: PredictionOptions,
        outcomes: Outcomes,
        *,
        merge: bool,
        on_progress: Callable[[int, int], None],
        on_notice: OnNotice,
        check: Callable[[], None],
    ) -> None:
        self._trained, self._options, self._outcomes, self._merge = trained, options, outcomes, merge
        self._on_progress, self._on_notice, self._check = on_progress, on_notice, check

    def annotate(self, targets: Sequence[Target]) -> None:
        """Annotate recordings.

        Raises:
            OSError: annotations cannot be written.
            Cancelled: ``check`` said so.
        """
        self._ahead = Ahead(target.recording for target in targets)
        with closing(NextRecordings(self._trained, [target.recording for target in targets], self._on_notice)) as coming:
            for target in targets:
                self._check()
                try:
                    told = self._annotated(target, coming)
                except (DataError, MemoryError) as error:
                    self._outcomes.failed(target, why_failed(target.recording, error))
                else:
                    self._outcomes.done(target, told)

    def _annotated(self, target: Target, coming: NextRecordings) -> RecordingDone:
        """Return what was done with a recording, which is the next one; raises as :func:`annotate_file`."""
        ahead, n_samples = self._ahead, 0
        try:
            recording = coming.next()
            n_samples = length_of(self._trained, recording)
            ahead.opened(target.recording, n_samples)
            told = annotate_file(
                self._trained, recording, target.file, self._options, merge=self._merge, parts=coming.computed(),
                on_progress=self._progressed,
            )  # fmt: skip
        except (DataError, MemoryError):
            ahead.left_out(target.recording, n_samples)
            raise
        ahead.done += n_samples
        return told

    def _progressed(self, samples: int, n_samples: int) -> None:
        self._on_progress(self._ahead.done + samples, self._ahead.total)
        if samples < n_samples:
            self._check()
