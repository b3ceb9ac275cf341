"""What a network has found in recordings: seen and heard, corrected, counted and downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ipywidgets import HTML, VBox

from dss_widgets.panels.annotation.here import CorrectHere
from dss_widgets.panels.counts.panel import SongCounts
from dss_widgets.panels.prediction.files import Saving, annotation_list, list_annotations
from dss_widgets.panels.sound.labelled import Labelled
from dss_widgets.panels.style.theme import classed, empty, heading, plain_layout, show, text

if TYPE_CHECKING:
    from dss_widgets.panels.sound.labelled_audio import LabelledAudio


class FoundAnnotations(VBox):
    """Annotations of recordings, with all that can be done with them.

    Args:
        correct: opens what is to be corrected; its button stands here.

    Attributes:
        audio: shows them on the sound; None before there are any.
        counts: counts of what was found.
        saving: downloads all files at once.
        file_list: lists the files, each to download.
    """

    def __init__(self, correct: CorrectHere) -> None:
        self._correct = correct
        self._empty: HTML = text(_NOTHING)
        self.audio: LabelledAudio | None = None
        self._audio_box = classed(VBox(layout=plain_layout()), "dss-stack-tight")
        self.file_list = annotation_list()
        self.saving, self.counts = classed(Saving(), "dss-off"), classed(SongCounts(), "dss-off")
        head = text(heading("Predicted annotations"))
        parts = [head, self._empty, self._audio_box, correct.button, self.counts, self.saving, self.file_list]
        super().__init__(parts, layout=plain_layout())
        classed(self, "dss-card", "dss-stack-tight")

    def draw(
        self,
        found: Sequence[Labelled],
        recordings: str,
        folder: Path,
        name: str,
        class_names: Sequence[str],
        *,
        with_probabilities: bool,
    ) -> None:
        """Show what was found, or that nothing was.

        Args:
            found: the recordings that are annotated, with their annotations.
            recordings: the folder of recordings, or one of them.
            folder: where the annotations lie.
            name: what a download is called after.
            class_names: noise, and the song types.
            with_probabilities: whether the probabilities of all that is shown were kept.
        """
        files = tuple(labelled.labels for labelled in found)
        show(self._empty, not found)
        show(self.saving, bool(found))
        show(self.counts, bool(found))
        self.counts.recordings, self.counts.folder = recordings, str(folder) if found else ""
        self._correct.draw()
        list_annotations(self.file_list, files, folder if found else Path())
        self.saving.offer(files, name, with_probabilities=with_probabilities)
        if found and self.audio is None:
            from dss_widgets.panels.sound.labelled_audio import LabelledAudio  # not before there is sound to be seen

            self.audio = LabelledAudio()
            self._audio_box.children = [self.audio]
        if self.audio is not None:
            show(self.audio, bool(found))
            self.audio.song_types = tuple(class_names) if found else ()
            self.audio.files = tuple(found)


_NOTHING = empty("Nothing predicted yet", "Choose a trained network and recordings, then press Predict.")
