"""The options of turning probabilities into annotations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from traitlets import Bool, Enum, Float, Int, List, Unicode

from dss_widgets.errors import Problem
from dss_widgets.file_endings import PROBABILITIES_SUFFIX
from dss_widgets.options.base import Options


class PredictionOptions(Options):
    """From a network's probabilities to annotations (domain: *from probabilities to annotations*)."""

    event_threshold = Float(None, allow_none=True, min=0, max=1).tag(
        label="Event threshold", das="event_thres", group="Events", placeholder="as chosen or tuned, else 0.5",
        help_text="Lowest probability of an event's peak. Left empty: what was chosen for the network among its results, else "
        "what was best on the validation data if thresholds were tuned, else 0.5.",
    )  # fmt: skip
    event_interval_seconds = Float(0.01, min=0, max=10).tag(
        label="Least interval", unit="s", das="event_dist", group="Events",
        help_text="Shortest time between events of one type; of two that are closer, the more probable is kept.",
    )  # fmt: skip
    event_nearest_seconds = Float(0.0, min=0, max=1000).tag(
        label="Too close", unit="s", das="event_dist_min", group="Events",
        help_text="Events whose nearest neighbour of the same type is closer than this are removed. 0: none.",
    )  # fmt: skip
    event_farthest_seconds = Float(None, allow_none=True, min=0, max=1000).tag(
        label="Too far", unit="s", das="event_dist_max", group="Events", placeholder="as found, else none",
        help_text="Events whose nearest neighbour of the same type is farther than this are removed: lone pulses, for example. "
        "Left empty: what the annotations say, if all of the network's events come in trains. 0: none.",
    )  # fmt: skip
    segment_threshold = Float(None, allow_none=True, min=0, max=1).tag(
        label="Segment threshold", das="segment_thres", group="Segments", placeholder="as chosen or tuned, else 0.5",
        help_text="Lowest probability that there is any song. Left empty: what was chosen for the network among its results, "
        "else what was best on the validation data if thresholds were tuned, else 0.5.",
    )  # fmt: skip
    fill_gap_seconds = Float(None, allow_none=True, min=0, max=10).tag(
        label="Fill gaps", unit="s", das="segment_fillgap", group="Segments", placeholder="as found, else 0",
        help_text="Gaps in song that are shorter than this are filled. Left empty: what was best on the validation data.",
    )  # fmt: skip
    minimum_duration_seconds = Float(None, allow_none=True, min=0, max=10).tag(
        label="Shortest segment", unit="s", das="segment_minlen", group="Segments", placeholder="as found, else 0",
        help_text="Segments shorter than this are removed. Left empty: what was best on the validation data.",
    )  # fmt: skip
    proposals = Bool(False).tag(
        label="Mark as proposals", group="Files",
        help_text="Add _proposals to the song types' names, to tell predicted from annotated song in the DAS window.",
    )  # fmt: skip
    probabilities = Bool(False).tag(
        label="Keep probabilities", group="Files",
        help_text=f"Also write the probability of every song type at every sample, as <recording>{PROBABILITIES_SUFFIX}.",
    )  # fmt: skip

    fast = Bool(False).tag(
        label="Faster, less exact", group="Computing",
        help_text="Compute the network with fewer digits (bfloat16) where the processor gains time by that: up to twice as "
        "fast. Some ends of syllables move a little; before the work begins it is told how much of the song that changes.",
    )  # fmt: skip

    def problems(self) -> Iterator[Problem]:
        """Yield what cannot be: intervals of events that leave none."""
        nearest, farthest = max(self.event_nearest_seconds, self.event_interval_seconds), self.event_farthest_seconds
        if farthest and farthest < nearest:
            yield Problem(
                f"({farthest:g} s) is below the shortest time between events ({nearest:g} s): no event would be left.",
                "Make it larger, or 0 to remove none.",
                field="event_farthest_seconds",
            )


Existing = Literal["refuse", "skip", "merge", "overwrite"]
"""What becomes of annotations that are there already; :data:`EXISTING_WORDS` says it."""

EXISTING_WORDS: dict[Existing, str] = {
    "refuse": "Annotate nothing",
    "skip": "Keep them, annotate the others",
    "merge": "Add proposals where nothing is annotated by hand",
    "overwrite": "Replace them",
}
"""The choices, with words for people."""


Combine = Literal["best", "mean"]
"""How several networks are used together; :data:`COMBINE_WORDS` says it."""

COMBINE_WORDS: dict[Combine, str] = {
    "best": "Each song type from the network that is best at it",
    "mean": "The mean of all that know a song type",
}
"""The choices, with words for people."""


class SpreadOptions(Options):
    """Among how many processes the recordings are shared out."""

    processes = Int(1, min=1, max=256).tag(
        label="Processes", group="Speed",
        help_text="How many recordings are annotated at the same time, at most one for each of the computer's cores: each in a "
        "process of its own, with memory of its own (about 0.3 GB). The annotations are the same.",
    )  # fmt: skip
    array_tasks = Int(1, min=1, max=1000).tag(
        label="Array tasks", group="Speed",
        help_text="Among how many tasks of a Slurm array the recordings are shared out, each with as many processes and with "
        "the CPUs and memory that are asked for. Each begins when Slurm has room for it. The annotations are the same.",
    )  # fmt: skip


class AnnotatingOptions(PredictionOptions, SpreadOptions):
    """Which recordings are annotated with which networks, and where the annotations go."""

    network = Unicode("").tag(
        label="Network", kind="file", shown=False,
        help_text="A trained network: one of its files, its run's folder, or their stem.",
    )  # fmt: skip
    more_networks = List(Unicode()).tag(
        label="Together with", kind="names", shown=False,
        help_text="Further networks, whose song types join those of the first in one annotation file.",
    )  # fmt: skip
    combine = Enum(list(COMBINE_WORDS), "best").tag(
        label="Several networks", shown=False, words=COMBINE_WORDS,
        help_text="How several networks are used together. best: each song type is annotated by the network whose F1 for it is "
        "highest on the validation data; mean: by the mean of the probabilities of all networks that know it.",
    )  # fmt: skip
    recordings = List(Unicode()).tag(
        label="Recordings", kind="names", shown=False,
        help_text="The recordings to annotate: files, folders with all below, or patterns such as season/**/*.wav.",
    )  # fmt: skip
    list_file = Unicode("").tag(
        label="List", kind="file", shown=False, placeholder="none",
        help_text="A file that names recordings, one a line, seen from its own folder; lines with a # in front are left out.",
    )  # fmt: skip
    relative_to = Unicode("").tag(
        label="Relative to", kind="folder", shown=False, placeholder="the folder that was named",
        help_text="The folders between this one and a recording are made in the annotations' folder, too.",
    )  # fmt: skip
    out_folder = Unicode("").tag(
        label="Annotations go to", kind="folder", shown=False, placeholder="beside each recording",
        help_text="The folder for the annotations. Left empty: beside each recording.",
    )  # fmt: skip
    existing = Enum(list(EXISTING_WORDS), "refuse").tag(
        label="If there are annotations already", shown=False, words=EXISTING_WORDS,
        help_text="What becomes of annotations that are there already. refuse: nothing is annotated; skip: those recordings "
        "are left out; merge: labels by hand stay, what overlaps none joins as proposals; overwrite: they are replaced.",
    )  # fmt: skip
    overwrite = Bool(False).tag(label="Overwrite", shown=False, help_text="The same as 'overwrite' for those that are there.")

    @property
    def networks(self) -> list[str]:
        """All networks, the first one first."""
        return [self.network, *self.more_networks]

    @property
    def on_existing(self) -> Existing:
        """What becomes of annotations that are there already."""
        return "overwrite" if self.overwrite and self.existing == "refuse" else self.existing

    def of_labels(self) -> PredictionOptions:
        """Return the options that say how probabilities become labels."""
        return PredictionOptions(**{name: getattr(self, name) for name in PredictionOptions.declared()})

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing, and intervals of events that leave none."""
        if not self.network:
            yield Problem("is empty. Choose a trained network.", field="network")
        if not self.recordings and not self.list_file:
            yield Problem("is empty. Choose recordings to annotate.", field="recordings")
        if self.overwrite and self.existing not in ("refuse", "overwrite"):
            yield Problem(f"is {self.existing}, and at once all is to be overwritten. Choose one of them.", field="existing")
        yield from super().problems()
