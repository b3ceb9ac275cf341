"""The options of looking for wrong labels in annotated recordings."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import Int, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options
from dss_widgets.options.paths import typed_path


class LabelCheckOptions(Options):
    """Which labels are looked through, and by what networks."""

    data_folder = Unicode("").tag(
        label="Recordings", kind="folder", shown=False, help_text="Folder with annotated recordings, at least two."
    )
    like = Unicode("").tag(
        label="Like", kind="file", group="Networks", placeholder="as suggested for the data",
        help_text="A trained network: those that look through the labels are made and trained as it was.",
    )  # fmt: skip
    folds = Int(4, min=2, max=100).tag(
        label="Folds", group="Networks",
        help_text="Parts into which the recordings are dealt. For each, a network learns from all the others, and judges the "
        "labels of this one; there are no more than recordings.",
    )  # fmt: skip
    epochs = Int(None, allow_none=True, min=1, max=100_000).tag(
        label="Number of epochs", group="Networks", placeholder="as suggested",
        help_text="How often each network sees its training data, at most.",
    )  # fmt: skip
    count = Int(50, min=1, max=100_000).tag(label="Count", group="List", help_text="Labels that are listed, at most.")

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing."""
        if not self.data_folder:
            yield Problem("is empty. Choose a folder of annotated recordings.", field="data_folder")
        elif not typed_path(self.data_folder).is_dir():
            yield Problem(
                f"{self.data_folder!r} is not a folder.", "Choose one with annotated recordings.", field="data_folder"
            )
