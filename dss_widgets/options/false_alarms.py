"""The options of looking for false alarms in recordings without song."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import List, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options


class FalseAlarmOptions(Options):
    """Which network, and recordings in which nothing sings."""

    network = Unicode("").tag(
        label="Network", kind="file", shown=False,
        help_text="A trained network: one of its files, its run's folder, or their stem.",
    )  # fmt: skip
    recordings = List(Unicode()).tag(
        label="Recordings", kind="names", shown=False,
        help_text="Recordings in which nothing sings: files, folders with all below, or patterns such as quiet/**/*.wav.",
    )  # fmt: skip
    list_file = Unicode("").tag(
        label="List", kind="file", shown=False, placeholder="none",
        help_text="A file that names recordings, one a line, seen from its own folder; lines with a # in front are left out.",
    )  # fmt: skip

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing."""
        if not self.network:
            yield Problem("is empty. Choose a trained network.", field="network")
        if not self.recordings and not self.list_file:
            yield Problem("is empty. Choose recordings in which nothing sings.", field="recordings")
