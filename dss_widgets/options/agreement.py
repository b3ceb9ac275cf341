"""The options of comparing two sets of annotations of the same recordings."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import Bool, Dict, Float, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.assembly import column_of_names
from dss_widgets.options.base import Options

_NOTHING_AFTER = "types that get the same name become one, and a type with nothing after its '=' is left out."


class AgreementOptions(Options):
    """How two sets of annotations are compared: one is the reference, the other the compared set."""

    tolerance_seconds = Float(0.01, min=0, max=10).tag(
        label="Tolerance", unit="s", group="Comparison",
        help_text="Largest difference of two events, and of the onsets and of the offsets of two segments, that are taken for "
        "the same.",
    )  # fmt: skip
    reviewed_only = Bool(False).tag(
        label="Only what was looked through", group="Comparison",
        help_text="Compare only the spans that name_reviewed.csv names; where both sets have one, those in both. Recordings "
        "without one count as a whole.",
    )  # fmt: skip
    rename = Dict(key_trait=Unicode(), value_trait=Unicode()).tag(
        label="Rename in the compared set", group="Song types", placeholder="none",
        help_text=f"As old=new, old=new ...: what the compared set calls old is what the reference calls new; {_NOTHING_AFTER}",
    )  # fmt: skip
    rename_annotated = Dict(key_trait=Unicode(), value_trait=Unicode()).tag(
        label="Rename in the reference", group="Song types", placeholder="none",
        help_text=f"The same for the reference; {_NOTHING_AFTER}",
    )  # fmt: skip
    names_from = column_of_names()
    folders_below = Bool(False).tag(
        label="Folders below", group="Files",
        help_text="Compare the annotations in all folders below, too. Those of bird1/rec.wav are bird1/rec_annotations.csv in "
        "either set.",
    )  # fmt: skip

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the new names."""
        for field in ("rename", "rename_annotated"):
            if "noise" in getattr(self, field).values():
                yield Problem(
                    "names 'noise', which is what is left when nothing sings.",
                    "To leave a type out, put nothing after its '='.", field=field,
                )  # fmt: skip
