"""Which spans of recordings somebody has looked through, kept beside the recordings as one goes from stretch to stretch."""

from __future__ import annotations

from dss_widgets.dataset.reviewed import read_reviewed, reviewed_path, write_reviewed
from dss_widgets.errors import DataError
from dss_widgets.roots import why_refused


class LookedThrough:
    """Keeps spans in ``<base>_reviewed.csv``; a recording that was annotated as a whole before needs none, and gets none."""

    def __init__(self) -> None:
        self._is_whole: dict[str, bool] = {}

    def begin(self, recording: str, n_labels: int) -> None:
        """Take it that somebody begins with a recording that has so many labels; of each recording, the first time counts."""
        self._is_whole.setdefault(recording, n_labels > 0 and not reviewed_path(recording).is_file())

    def add(self, recording: str, start_seconds: float, stop_seconds: float) -> None:
        """Keep that a span of a recording was looked through.

        Raises:
            DataError: what was kept cannot be read, or the file cannot be written.
        """
        if self._is_whole.get(recording, True):
            return
        path = reviewed_path(recording)
        refused = why_refused(path)
        if refused:
            raise DataError(refused)
        write_reviewed(path, [*(read_reviewed(path) or []), (start_seconds, stop_seconds)])
