"""The options of turning probabilities into annotations."""

from __future__ import annotations

from traitlets import Bool, Float

from dss_widgets.options.base import Options


class PredictionOptions(Options):
    """From a network's probabilities to annotations (domain: *from probabilities to annotations*)."""

    event_threshold = Float(0.5, min=0, max=1).tag(
        label="Event threshold", group="Events", help_text="Least probability of an event's peak."
    )
    event_interval_seconds = Float(0.01, min=0, max=10).tag(
        label="Least interval", unit="s", group="Events",
        help_text="Events of one type are not closer than this; of two that are, the more probable stays.",
    )  # fmt: skip
    segment_threshold = Float(0.5, min=0, max=1).tag(
        label="Segment threshold", group="Segments", help_text="Least probability that there is any song."
    )
    fill_gap_seconds = Float(None, allow_none=True, min=0, max=10).tag(
        label="Fill gaps", unit="s", group="Segments", placeholder="as found on validation data",
        help_text="Gaps in song that are shorter than this are filled. Left empty: what was best on the validation data.",
    )  # fmt: skip
    minimum_duration_seconds = Float(None, allow_none=True, min=0, max=10).tag(
        label="Shortest segment", unit="s", group="Segments", placeholder="as found on validation data",
        help_text="Segments shorter than this are removed. Left empty: what was best on the validation data.",
    )  # fmt: skip
    proposals = Bool(False).tag(
        label="Mark as proposals", group="Files",
        help_text="Add _proposals to the song types' names, to tell predicted from annotated song in the DAS window.",
    )  # fmt: skip
