"""What was predicted before of recordings, and what becomes of it when they are predicted again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ipywidgets import Box, Dropdown

from dss_widgets.dataset.recordings.gathering import gathered
from dss_widgets.options.prediction import EXISTING_WORDS
from dss_widgets.panels.sound.labelled import Labelled
from dss_widgets.panels.style.theme import classed, label, plain_layout
from dss_widgets.panels.style.words import listing
from dss_widgets.results.annotation_files import annotations_path
from dss_widgets.roots import why_refused


class EarlierChoice(Box):
    """The choice of what becomes of earlier predictions; ``choice.value`` is one of the words of ``--existing``."""

    def __init__(self) -> None:
        self.choice = Dropdown(
            description=label("Earlier predictions"), description_allow_html=True,
            options=[("Choose …" if name == "refuse" else words, name) for name, words in EXISTING_WORDS.items()],
            value="refuse", layout=plain_layout(),
        )  # fmt: skip
        super().__init__([self.choice], layout=plain_layout())
        classed(self, "dss-field", "dss-wide", "dss-overwrite")

    def reset(self) -> None:
        """Choose nothing again: each time, it is asked anew."""
        self.choice.value = "refuse"

    def why_not(self, earlier: Sequence[Labelled], chosen: Mapping[str, str], out_folder: Path) -> str:
        """Return why recordings cannot be predicted with this choice, as a sentence; '' if they can.

        Args:
            earlier: those that have annotations.
            chosen: what the chosen recordings are called, by their paths.
            out_folder: where the annotations lie.
        """
        if not earlier:
            return ""
        if self.choice.value == "refuse":
            names = [chosen.get(str(labelled.recording), labelled.recording.name) for labelled in earlier]
            named = listing([*names[:3], *([f"{len(names) - 3} more"] if len(names) > 3 else [])])
            return (
                f"{out_folder} holds annotations of {named}: choose what becomes of them, or choose the other recordings alone."
            )
        if self.choice.value == "skip" and len(earlier) == len(chosen):
            return "All chosen recordings are annotated already: there are no others to annotate."
        return ""


def predicted_of(recordings: Iterable[str], place: str, out_folder: Path) -> list[Labelled]:
    """Return those recordings, of a folder or one of them, that have annotations in a folder, with these."""
    if why_refused(str(out_folder)):
        return []
    base = place if Path(place).expanduser().is_dir() else ""
    targets = [
        Labelled(each.path, annotations_path(each.path, out_folder, each.below))
        for each in gathered(recordings, relative_to=base)
    ]
    return [labelled for labelled in targets if labelled.labels.is_file() and not why_refused(labelled.labels)]
