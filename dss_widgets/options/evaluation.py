"""The options of testing a trained network again."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import Bool, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options


class VerificationOptions(Options):
    """Which network is to compute again what it did when it was tested."""

    network = Unicode("").tag(
        label="Network", kind="file", help_text="A trained network: one of its files, its run's folder, or their stem."
    )

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing: a network."""
        if not self.network:
            yield Problem("is empty. Choose a trained network.", field="network")


class EvaluationOptions(VerificationOptions):
    """Which network is tested, and on what."""

    store_folder = Unicode("").tag(
        label="Dataset", kind="folder", placeholder="the network's own",
        help_text="The dataset whose test split is tested on. Left empty: the one that the network was trained on.",
    )  # fmt: skip
    tune = Bool(False).tag(
        label="Find thresholds again", help_text="First find thresholds and durations on the network's own validation data."
    )
