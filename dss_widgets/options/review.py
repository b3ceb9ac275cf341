"""The options of ranking stretches of recordings by what correcting them is likely worth."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import Enum, Float, Int, List, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options

RANKING_WORDS = {
    "unsure-rare": "where the network is unsure, and of what little is known",
    "uncertainty": "where the network is unsure",
    "rare": "song types of which little is known",
    "odd": "odd durations and sequences",
    "disagreement": "where two networks disagree",
    "mixed": "a mean of all these",
}
"""The ways to rank, with words for people."""


class ReviewOptions(Options):
    """Which recordings are looked through with which network, and what comes first."""

    network = Unicode("").tag(
        label="Network", kind="file", shown=False,
        help_text="A trained network: one of its files, its run's folder, or their stem.",
    )  # fmt: skip
    recordings = List(Unicode()).tag(
        label="Recordings", kind="names", shown=False,
        help_text="The recordings to look through: files, folders with all below, or patterns such as season/**/*.wav.",
    )  # fmt: skip
    list_file = Unicode("").tag(
        label="List", kind="file", shown=False, placeholder="none",
        help_text="A file that names recordings, one a line, seen from its own folder; lines with a # in front are left out.",
    )  # fmt: skip
    by = Enum(list(RANKING_WORDS), "unsure-rare").tag(
        label="By", group="Ranking", words=RANKING_WORDS,
        help_text="What comes first. One of: " + "; ".join(f"{name}: {words}" for name, words in RANKING_WORDS.items()) + ".",
    )  # fmt: skip
    other = Unicode("").tag(
        label="Other network", kind="file", group="Ranking", placeholder="none",
        help_text="A second network, to see where the two disagree.",
    )  # fmt: skip
    count = Int(20, min=1, max=100_000).tag(label="Count", group="Ranking", help_text="Stretches, at most.")
    seconds = Float(2.0, min=0.01, max=600).tag(
        label="Seconds", unit="s", group="Ranking", help_text="Duration of each stretch."
    )

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing."""
        if not self.network:
            yield Problem("is empty. Choose a trained network.", field="network")
        if not self.recordings and not self.list_file:
            yield Problem("is empty. Choose recordings to look through.", field="recordings")
        if self.by == "disagreement" and not self.other:
            yield Problem(
                "is empty: it takes two networks to disagree.", "Name a second one, or rank another way.", field="other"
            )
