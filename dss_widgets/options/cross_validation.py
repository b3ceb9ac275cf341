"""The options of asking how well networks do on animals, or recordings, that they never heard."""

from __future__ import annotations

from collections.abc import Iterator

from traitlets import Int, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.assembly import AssemblyOptions
from dss_widgets.options.folds import FoldOptions
from dss_widgets.options.paths import typed_path


class CrossValidationOptions(FoldOptions):
    """Which recordings are dealt into folds, and how the networks are made."""

    data_folder = Unicode("").tag(
        label="Recordings", kind="folder", shown=False, help_text="Folder with annotated recordings, at least two."
    )
    like = Unicode("").tag(
        label="Like", kind="file", shown=False, placeholder="as suggested for the data",
        help_text="A trained network: those that are tested are made and trained as it was.",
    )  # fmt: skip
    folds = Int(5, min=2, max=100).tag(
        label="Folds", group="Folds",
        help_text="Networks that are trained. Each is tested on other animals or recordings; there are no more than these.",
    )  # fmt: skip
    epochs = Int(None, allow_none=True, min=1, max=100_000).tag(
        label="Number of epochs", group="Networks", placeholder="as before",
        help_text="How often each network sees its training data, at most.",
    )  # fmt: skip
    seed = Int(0, min=0, max=2**31 - 1).tag(label="Seed", group="Networks", help_text="Fixes the folds and the trainings.")

    def assembly(self, store: str) -> AssemblyOptions:
        """Return the options with which the recordings are planned; the splits are made fold by fold."""
        return self.folds_assembly(self.data_folder, store, self.seed)

    def problems(self) -> Iterator[Problem]:
        """Yield what is missing, and a group that is no regular expression."""
        if not self.data_folder:
            yield Problem("is empty. Choose a folder of annotated recordings.", field="data_folder")
        elif not typed_path(self.data_folder).is_dir():
            told = f"{self.data_folder!r} is not a folder."
            yield Problem(told, "Choose one with annotated recordings.", field="data_folder")
        planned = AssemblyOptions(data_folder=self.data_folder, group=self.group)
        yield from (problem for problem in planned.problems() if problem.field == "group")
