"""The options of learning on from what was corrected."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import Enum, Float, Int, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options

START_WORDS = {
    "better": "both ways; the network that validates better is kept",
    "weights": "from the network's weights",
    "anew": "from random weights",
}
"""Where learning on starts, with words for people."""


class LearningOptions(Options):
    """Which network learns on, and from what."""

    network = Unicode("").tag(
        label="Network", kind="file", shown=False,
        help_text="A trained network: one of its files, its run's folder, or their stem. Its dataset must be where it was.",
    )  # fmt: skip
    corrected_folder = Unicode("").tag(
        label="Corrected", kind="folder", shown=False, placeholder="none",
        help_text="Folder with corrected annotations and their recordings. Where a <recording>_reviewed.csv names spans, only "
        "these count; else a recording counts as a whole. What is not annotated is learned as noise.",
    )  # fmt: skip
    recordings_folder = Unicode("").tag(
        label="Recordings", kind="folder", group="Data", placeholder="beside the annotations",
        help_text="Folder of the recordings, where they do not lie beside their annotations.",
    )  # fmt: skip
    no_song_folder = Unicode("").tag(
        label="No song", kind="folder", group="Learning on", placeholder="none",
        help_text="Folder of recordings in which nothing sings: all of it is learned as noise.",
    )  # fmt: skip
    new_test_fraction = Float(0.0, min=0, max=1).tag(
        label="New test data", group="Data",
        help_text="Share of the recordings that are new, and corrected as a whole, that becomes test data. 0: the test stays "
        "as it is, so that scores can be compared from round to round.",
    )  # fmt: skip
    start = Enum(list(START_WORDS), "better").tag(
        label="Start", group="Learning on", words=START_WORDS,
        help_text="Go on from the network's weights, train anew, or try both and keep what validates better.",
    )  # fmt: skip
    epochs = Int(None, allow_none=True, min=1, max=100_000).tag(
        label="Number of epochs", group="Learning on", placeholder="as before",
        help_text="How often the network sees all training data, at most. Left empty: as in the training before.",
    )  # fmt: skip
    store_folder = Unicode("").tag(
        label="Dataset", kind="folder", group="Data", placeholder="the old one's name with _round1",
        help_text="Where the grown dataset is written; its name ends in .npy. The old dataset stays as it is.",
    )  # fmt: skip

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing, and names that cannot be a dataset's."""
        if not self.network:
            yield Problem("is empty. Choose a trained network.", field="network")
        if not self.corrected_folder and not self.no_song_folder:
            yield Problem("is empty.", "Choose what was corrected, or recordings without song.", field="corrected_folder")
        if self.store_folder and not self.store_folder.rstrip("/").endswith(".npy"):
            yield Problem(f"{self.store_folder!r} does not end in .npy.", "Add it to the name.", field="store_folder")
