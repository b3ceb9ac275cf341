"""The options of assembling annotated recordings into a dataset."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from traitlets import Bool, Dict, Enum, Float, Int, List, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options
from dss_widgets.options.paths import typed_path

SPLITS = ("train", "val", "test")
"""The three splits of a dataset, in the order of DAS's folders."""

SPLIT_WORDS = {"train": "train", "val": "validation", "test": "test"}
"""The splits' names for people."""

_WAY = {"files": "files", "samples": "samples"}
_WAY_HELP = (
    "'samples' takes a part of every recording, 'files' takes whole recordings. Test by files of other individuals says "
    "how well the network generalises; with few recordings, or song types that are not in all of them, split by samples."
)
_FRACTION_HELP = "Share of all data. 0 leaves this split out; what the three do not add up to is left out of the dataset."


ABOUT_RECORDINGS = (
    "store_folder", "group", "group_table", "keep_individuals_together", "song_type_names", "only_song_types",
    "leave_out_bad_rows", "names_from", "samplerate_hz",
)  # fmt: skip
"""Options that say something of the very recordings: with others they mean nothing, or something else."""


def column_of_names() -> Any:
    """Return the option that says where other tools' files hold song types' names; one for each class that has it."""
    return List(Unicode()).tag(
        label="Column with the names", kind="names", group="Song types", placeholder="found by itself",
        help_text="In tables of Raven and other tools: the heading of the column that holds the song types' names. Of several "
        "headings, the first that a table has counts. In files with tiers (Praat's, ELAN's): the names of the tiers to read.",
    )  # fmt: skip


class AssemblyOptions(Options):
    """From a folder of annotated recordings to a dataset (domain: *the assembly dialog*)."""

    data_folder = Unicode("").tag(
        label="Recordings", kind="folder", group="Folders",
        help_text="Folder with the recordings and, beside each, its annotations: name.wav and name_annotations.csv.",
    )  # fmt: skip
    store_folder = Unicode("").tag(
        label="Dataset", kind="folder", group="Folders", placeholder="recordings' folder + .npy",
        help_text="Where the dataset is written; its name ends in .npy. Left empty, it is the name of the recordings' "
        "folder with .npy.",
    )  # fmt: skip

    train_split = Enum(["samples", "files"], "samples").tag(
        label="Train split by", group="Splits", words=_WAY, help_text=_WAY_HELP
    )
    train_fraction = Float(0.6, min=0, max=1).tag(label="Train fraction", group="Splits", help_text=_FRACTION_HELP)
    val_split = Enum(["samples", "files"], "samples").tag(
        label="Validation split by", group="Splits", words=_WAY, help_text=_WAY_HELP
    )
    val_fraction = Float(0.2, min=0, max=1).tag(label="Validation fraction", group="Splits", help_text=_FRACTION_HELP)
    test_split = Enum(["samples", "files"], "samples").tag(
        label="Test split by", group="Splits", words=_WAY, help_text=_WAY_HELP
    )
    test_fraction = Float(0.2, min=0, max=1).tag(label="Test fraction", group="Splits", help_text=_FRACTION_HELP)
    stratify = Enum(["no", "two-parts", "blocks"], "no").tag(
        label="Stratify", group="Splits", words={"no": "no", "two-parts": "two parts", "blocks": "blocks"},
        help_text="How a recording is cut when splitting by samples: one stretch per split, two stretches per split (so that "
        "test can also lie in the middle), or many blocks, with which every split comes nearest to its share of every song "
        "type. Whichever it is, the stretches (and files) go to the splits so that all of them have all song types, if "
        "that can be.",
    )  # fmt: skip
    block_seconds = Float(10.0, min=0.1, max=3600).tag(
        label="Block duration", unit="s", group="Splits", help_text="Duration of a block when stratifying by blocks."
    )
    keep_individuals_together = Bool(False).tag(
        label="Keep each animal in one split", group="Splits",
        help_text="Split by whole recordings, all those of an animal into the same split, so that the test says how well the "
        "network does with animals that it was not trained on. The animals are recognised by the recordings' names "
        "(bird07_day1.wav, gy6or6_0812.wav), or by Group.",
    )  # fmt: skip
    group = Unicode("").tag(
        label="Group", group="Advanced splitting", placeholder="none",
        help_text="Recordings of one group are never divided between splits made by files. A regular expression on the file "
        "name, whose bracketed part (or whole match) is the group, such as ^([^_]+)_ ; or, with a group table, the name of "
        "its column.",
    )  # fmt: skip
    group_table = Unicode("").tag(
        label="Group table", kind="file", group="Advanced splitting", placeholder="none",
        help_text="A CSV file with a column 'file' (names of recordings) and the column named in Group.",
    )  # fmt: skip
    guard_seconds = Float(0.0, min=0, max=60).tag(
        label="Guard between splits", unit="s", group="Advanced splitting",
        help_text="Left out between neighbouring stretches of different splits, so that no song is in both.",
    )  # fmt: skip
    seed = Int(None, allow_none=True, min=0, max=2**32 - 1).tag(
        label="Seed", group="Advanced splitting", placeholder="none",
        help_text="The same folder, options and seed give the same dataset, to the byte. Without one, a new split every time.",
    )  # fmt: skip

    event_width_seconds = Float(0.0016, min=0, max=1).tag(
        label="Width of events", unit="s", group="Targets",
        help_text="Standard deviation of the Gaussian that stands for an event (a pulse). 0: a single sample.",
    )  # fmt: skip
    gap_seconds = Float(0.0, min=0, max=10).tag(
        label="Gap between segments", unit="s", group="Targets",
        help_text="Shortest gap between neighbouring segments: closer ones are trimmed, both equally, so that the network "
        "learns to tell them apart.",
    )  # fmt: skip
    individual_targets = Bool(False).tag(
        label="Make individual training targets", group="Targets",
        help_text="Also write targets for every song type alone, to train one network per type.",
    )  # fmt: skip
    onset_offset_targets = Bool(False).tag(
        label="On- and offset targets", group="Targets",
        help_text="Two more event types, syllable_onset and syllable_offset, at the ends of every segment.",
    )  # fmt: skip

    names_from = column_of_names()
    song_type_names = Dict(key_trait=Unicode(), value_trait=Unicode()).tag(
        label="Rename song types", group="Song types", placeholder="none",
        help_text="As old=new, old=new ...: types with the same new name become one, and a type with nothing after its '=' is "
        "left out (its song counts as noise).",
    )  # fmt: skip
    only_song_types = List(Unicode()).tag(
        label="Only these song types", kind="names", group="Song types", placeholder="all",
        help_text="Use these types alone, after renaming; all other song counts as noise.",
    )  # fmt: skip
    leave_out_bad_rows = Bool(False).tag(
        label="Leave out bad rows", group="Song types",
        help_text="Leave out invalid annotations (stop before start, beyond the end, no name ...) instead of stopping "
        "at them. The dataset lists them.",
    )  # fmt: skip

    folders_below = Bool(False).tag(
        label="Folders below", group="Files",
        help_text="Read the recordings in all folders below this one, too, each with the annotations beside it. They are then "
        "named with their folders, such as bird1/rec.wav.",
    )  # fmt: skip
    samplerate_hz = Float(None, allow_none=True, min=1, max=10e6).tag(
        label="Sample rate", unit="Hz", group="Files", placeholder="most common",
        help_text="Recordings with another rate are resampled to this one. Left empty: the rate that most of the data has.",
    )  # fmt: skip
    annotations_as_csv = Bool(True).tag(
        label="Annotations as csv", group="Files",
        help_text="Write the annotations of every split beside its audio, to look at both in the DAS window.",
    )  # fmt: skip
    store_format = Enum(["float16", "float32"], "float16").tag(
        label="Store format", group="Files", words={"float16": "float16", "float32": "float32"},
        help_text="How audio and targets are stored: float16 takes half the space, float32 keeps more than 11 bits.",
    )  # fmt: skip

    @property
    def store_path(self) -> Path:
        """The dataset's folder: the one chosen, or the data folder's name with ``.npy``."""
        if self.store_folder:
            return typed_path(self.store_folder)
        folder = typed_path(self.data_folder)
        return folder.parent / (folder.name + ".npy")

    def fraction(self, split: str) -> float:
        """Return the fraction of all data that a split asks for."""
        return float(getattr(self, f"{split}_fraction"))

    def way(self, split: str) -> str:
        """Return how a split is made: ``files`` or ``samples``; who keeps animals together splits by files."""
        return "files" if self.keep_individuals_together else str(getattr(self, f"{split}_split"))

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the folders, the fractions and the grouping."""
        yield from self._folder_problems()
        yield from self._fraction_problems()
        yield from self._group_problems()
        yield from self._song_type_problems()

    def _folder_problems(self) -> Iterator[Problem]:
        folder = typed_path(self.data_folder)
        if not self.data_folder:
            yield Problem("is empty.", "Choose the folder with the recordings and their annotations.", field="data_folder")
            return
        if not folder.is_dir():
            yield Problem(f"{self.data_folder!r} is not a folder.", "Choose one that exists.", field="data_folder")
        if self.store_path.suffix != ".npy":
            yield Problem(
                f"{str(self.store_path)!r} does not end in .npy.",
                "Add .npy to its name: DAS knows a dataset by it.",
                field="store_folder",
            )
        elif self.store_path.resolve() == folder.resolve():
            yield Problem(
                "is the folder of the recordings itself.", "Choose another name, so that nothing is lost.", field="store_folder"
            )

    def _fraction_problems(self) -> Iterator[Problem]:
        total = sum(self.fraction(split) for split in SPLITS)
        if total > 1 and not math.isclose(total, 1, abs_tol=1e-6):
            yield Problem(
                f"train, validation and test add up to {total:.4g}, which is more than all data.",
                "Lower one of them, so that they add up to 1 or less.",
                field="train_fraction",
            )
        if self.train_fraction == 0:
            yield Problem("is 0: there is nothing to train with.", "Make it larger.", field="train_fraction")
        if self.val_fraction == 0:
            yield Problem(
                "is 0: without validation data, training cannot tell when to stop.",
                "Give it 0.1 or more.",
                severity="warning",
                field="val_fraction",
            )

    def _group_problems(self) -> Iterator[Problem]:
        if self.group_table:
            if not self.group:
                yield Problem(
                    "is empty, but there is a group table.",
                    "Name the table's column that holds the group.",
                    field="group",
                )
        elif self.group:
            try:
                re.compile(self.group)
            except re.error as error:
                yield Problem(
                    f"{self.group!r} is not a regular expression ({error}).",
                    "For names such as birdA_01.wav, ^([^_]+)_ takes what stands before the first '_'.",
                    field="group",
                )

    def _song_type_problems(self) -> Iterator[Problem]:
        for field, names in (
            ("song_type_names", [*self.song_type_names, *self.song_type_names.values()]),
            ("only_song_types", self.only_song_types),
        ):
            if "noise" in names:
                yield Problem(
                    "names 'noise', which is what is left when nothing sings.",
                    "To leave a type out, put nothing after its '='.",
                    field=field,
                )


class AssemblingOptions(AssemblyOptions):
    """A dataset, and whether it may take the place of another."""

    overwrite = Bool(False).tag(
        label="Overwrite", shown=False,
        help_text="Whether a dataset of that name may be replaced. Nothing but a dataset ever is.",
    )  # fmt: skip

    def of_dataset(self) -> AssemblyOptions:
        """Return the options that say what the dataset is."""
        return AssemblyOptions(**{name: getattr(self, name) for name in AssemblyOptions.declared()})
