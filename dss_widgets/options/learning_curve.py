"""The options of asking how much more must be annotated."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import Float, Int, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options


class LearningCurveOptions(Options):
    """Of which network a learning curve is made, and of how many trainings."""

    network = Unicode("").tag(
        label="Network", kind="file", shown=False,
        help_text="A trained network: one of its files, its run's folder, or their stem.",
    )  # fmt: skip
    amounts = Int(4, min=3, max=8).tag(
        label="Amounts of data",
        help_text="Networks are trained as this one was, with all of its training data, half of it, a quarter, and so on.",
    )  # fmt: skip
    repeats = Int(2, min=1, max=20).tag(
        label="Repeats", help_text="Trainings with each amount, each with another part of the data. With more, more is certain."
    )
    target = Float(None, allow_none=True, min=0.01, max=0.9999).tag(
        label="Score to reach", placeholder="none",
        help_text="A macro F1. It is told how much must be annotated until a network likely reaches it.",
    )  # fmt: skip

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing: a network."""
        if not self.network:
            yield Problem("is empty. Choose a trained network.", field="network")
