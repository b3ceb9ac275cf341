"""The options of dealing recordings into folds: parts each of which is tested by a network that never heard it."""

from __future__ import annotations

from typing import Any

from traitlets import Enum, Float, Unicode

from dss_widgets.options.assembly import AssemblyOptions
from dss_widgets.options.base import Options

BY_WORDS = {"individuals": "Animals", "recordings": "Recordings"}
"""What is held out, with words for people."""


class FoldOptions(Options):
    """What is held out together, and how the rest is split."""

    by = Enum(list(BY_WORDS), "individuals").tag(
        label="Never heard", group="Folds", words=BY_WORDS,
        help_text="What each network is tested on and has not learned from: animals, with all of their recordings, or single "
        "recordings, also of animals that it knows.",
    )  # fmt: skip
    group = Unicode("").tag(
        label="Group", group="Folds", placeholder="from the names",
        help_text="A regular expression that finds the animal in the recordings' names, such as (mouse\\d+).",
    )  # fmt: skip
    val_fraction = Float(0.15, min=0.01, max=0.9).tag(
        label="Validation", group="Folds",
        help_text="Share of what a network learns from that tells when to stop; what it is tested on takes no part in that.",
    )  # fmt: skip

    def folds_assembly(self, data_folder: str, store: str, seed: int, **others: Any) -> AssemblyOptions:
        """Return the options with which the recordings are planned; the splits are made fold by fold."""
        by_names = self.by == "individuals" and not self.group
        return AssemblyOptions(
            data_folder=data_folder, store_folder=store, seed=seed, group=self.group, val_split="files", test_split="files",
            keep_individuals_together=by_names, **others,
        )  # fmt: skip
