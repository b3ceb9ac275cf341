"""The options of training: which data, which network, how it learns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from traitlets import Bool, Enum, Float, Int, List, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options
from dss_widgets.options.network import NetworkOptions
from dss_widgets.options.paths import typed_path
from dss_widgets.roots import allowed_roots

EARLY_STOPPING_PATIENCE = 20
"""Epochs without a better validation loss after which training stops."""


_AUGMENTATIONS = {
    "gain": "louder and softer",
    "noise": "added noise",
    "time_shift": "shifted in time",
    "polarity": "turned upside down",
    "channel_drop": "channels left out",
    "mix_noise": "noise of the same recordings mixed in",
    "microphone": "as if by other microphones",
}
"""Ways to vary training audio, with words for people."""

_UNHEARD_BY_SPECTROGRAM = ("gain", "polarity", "channel_drop")
"""Of these, those that a spectrogram of one channel, measured from each chunk's loudest moment, does not change."""


class TrainingDataOptions(Options):
    """The dataset that is trained on, and where the results go."""

    store_folder = Unicode("").tag(
        label="Dataset", kind="folder", das="data_dir", group="Dataset",
        help_text="The assembled dataset: a folder whose name ends in .npy.",
    )  # fmt: skip
    save_folder = Unicode("").tag(
        label="Results", kind="folder", das="save_dir", group="Dataset", placeholder="dataset with .res for .npy",
        help_text="Where the trained network and its scores are written.",
    )  # fmt: skip
    prefix = Unicode("").tag(
        label="Prefix for saved files", das="save_prefix", group="Data and names", placeholder="none",
        help_text="Put before the date and time in the names of the saved files.",
    )  # fmt: skip
    note = Unicode("").tag(
        label="Note", group="Data and names", placeholder="none",
        help_text="What this training is to find out, in your words. It is shown where trainings are compared.",
    )  # fmt: skip
    song_type = Unicode("").tag(
        label="Song type", das="y_suffix", group="Data and names", placeholder="all",
        help_text="Train for this song type alone; needs a dataset with individual targets. Left empty: all song types.",
    )  # fmt: skip
    data_fraction = Float(1.0, min=0, max=1).tag(
        label="Data fraction", das="fraction_data", group="Data and names",
        help_text="Use only this share of the train and validation data (never of test): to see whether more data would help. "
        "A smaller share is part of a larger one, and every song type stays as long as possible.",
    )  # fmt: skip
    whole_validation = Bool(False).tag(
        label="All validation data", group="Data and names",
        help_text="Take only a share of the train data, and all of the validation data: so that trainings with several shares "
        "are judged by the same.",
    )  # fmt: skip
    validation_from_train = Float(None, allow_none=True, min=0.01, max=0.5).tag(
        label="Validation from train", group="Data and names", placeholder="none",
        help_text="Share of the train split that is set aside for validation, for a dataset whose validation split is empty. "
        "It is the same part each time, also when a run is resumed.",
    )  # fmt: skip
    seed = Int(None, allow_none=True, min=0, max=2**31 - 1).tag(
        label="Seed", das="seed", group="Data and names", placeholder="none",
        help_text="Fixes the choice of data, the initial weights, the order of chunks and their augmentation.",
    )  # fmt: skip

    initial_weights = Unicode("").tag(
        label="Start from network", kind="file", group="Data and names", placeholder="random weights",
        help_text="Go on learning from a trained network, also one that DAS made: one of its files. It must have the same "
        "architecture; song types of the same name are kept, others are learned anew.",
    )  # fmt: skip

    @property
    def val_data_fraction(self) -> float:
        """The share of the validation data that is used."""
        return 1.0 if self.whole_validation else self.data_fraction

    @property
    def store_path(self) -> Path:
        """The dataset's folder."""
        return typed_path(self.store_folder)

    @property
    def save_path(self) -> Path:
        """Where results go: the folder chosen, or the dataset's with ``.res`` for ``.npy``."""
        if self.save_folder:
            return typed_path(self.save_folder)
        return self.store_path.parent / (self.store_path.stem + ".res")

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with the folders and names."""
        if not self.store_folder:
            yield Problem("is empty.", "Choose an assembled dataset (a folder ending in .npy).", field="store_folder")
        elif self.store_path.suffix != ".npy":
            yield Problem(f"{self.store_folder!r} does not end in .npy.", "Choose an assembled dataset.", field="store_folder")
        elif not self.store_path.is_dir():
            yield Problem(f"{self.store_folder!r} is not a folder.", "Assemble a dataset first.", field="store_folder")
        if any(sign in self.prefix for sign in '/\\:*?"<>|\0\n') or self.prefix.startswith("."):
            yield Problem(f"{self.prefix!r} cannot begin a file name.", "Use letters, digits, '-' and '_'.", field="prefix")
        if self.data_fraction == 0:
            yield Problem("must be above 0: 0 leaves nothing to train with.", field="data_fraction")
        if self.save_path.exists() and not self.save_path.is_dir():
            yield Problem(f"{str(self.save_path)!r} is a file.", "Choose a folder.", field="save_folder")


class TrainingOptions(NetworkOptions, TrainingDataOptions):
    """Everything that training needs to know (domain: *the network*).

    Attributes:
        UNGUARDED: options with which processes talk on ports that nothing guards, so that they are not for a server's visitors.
    """

    UNGUARDED: ClassVar[tuple[str, ...]] = ("devices", "nodes")

    epochs = Int(16, min=1, max=100_000).tag(
        label="Number of epochs", das="nb_epoch", group="Training",
        help_text="How often the network sees all training data, at most: training stops early after 20 epochs without a "
        "better validation loss.",
    )  # fmt: skip
    batch_size = Int(8, min=1, max=8192).tag(
        label="Batch size", unit="chunks", das="batch_size", group="Training",
        help_text="Chunks in every training step.",
    )  # fmt: skip
    learning_rate = Float(0.003, min=1e-9, max=10).tag(
        label="Learning rate", das="learning_rate", group="Training",
        help_text="How far the weights move in every step; the highest rate where a schedule changes it.",
    )  # fmt: skip
    learning_rate_schedule = Enum(["cosine", "fixed"], "cosine").tag(
        label="Learning rate schedule", group="Training",
        words={"cosine": "warm up, then decay", "fixed": "fixed"},
        help_text="'Warm up, then decay' raises the rate over the first steps and lowers it to zero along a cosine: it needs "
        "no tuning. 'Fixed' keeps it, and uses the optimizer (Adam) just as DAS does.",
    )  # fmt: skip
    reduce_learning_rate = Bool(False).tag(
        label="Reduce learning rate", das="reduce_lr", group="Training",
        help_text="Lower a fixed rate whenever the validation loss has not improved for some epochs.",
    )  # fmt: skip
    reduce_learning_rate_patience = Int(4, min=1, max=1000).tag(
        label="Reduce learning rate patience", unit="epochs", das="reduce_lr_patience", group="Training",
        help_text="Epochs without a better validation loss before the rate is lowered.",
    )  # fmt: skip
    balance_classes = Bool(False).tag(
        label="Balance classes", das="balance", group="Training",
        help_text="Give rare song types more weight in the loss: the more, the rarer they are.",
    )  # fmt: skip
    oversample_rare = Bool(False).tag(
        label="Show rare types more often", group="Training",
        help_text="Chunks with rare song types come more often in an epoch, so that these are learned early too.",
    )  # fmt: skip
    average_weights = Bool(False).tag(
        label="Average the weights", group="Training",
        help_text="Keep the average of the weights over the last steps, rather than those of one: it errs less, and less "
        "differently from training to training, on recordings that the network has not learned from.",
    )  # fmt: skip
    mixed_precision = Bool(True).tag(
        label="Mixed precision on a GPU", group="Training",
        help_text="On a GPU made for it (NVIDIA, from Ampere on), convolutions compute at half precision while the network "
        "learns, which takes less time. The weights, and what the trained network computes, keep full precision. Without "
        "such a GPU this changes nothing.",
    )  # fmt: skip
    devices = Int(1, min=1, max=64).tag(
        label="GPUs that learn together", group="Training",
        help_text="How many GPUs of a machine share this training: each learns from its part of every batch, and the network "
        "comes out the same. Pays for large batches. Without GPUs, as many processes share the processor's cores, which gains "
        "nothing.",
    )  # fmt: skip
    nodes = Int(1, min=1, max=256).tag(
        label="Nodes that learn together", group="Training",
        help_text="How many machines of a Slurm cluster share this training: each has the CPUs, GPUs and memory that are asked "
        "for, and learns from its part of every batch. More nodes than chunks in a batch gain nothing.",
    )  # fmt: skip
    tune_thresholds = Bool(False).tag(
        label="Tune thresholds", group="Training",
        help_text="After training, also find the probability thresholds for song on the validation data; otherwise they are "
        "0.5. Gaps to fill and shortest segments are always found there.",
    )  # fmt: skip
    tensorboard = Bool(False).tag(
        label="Create tensorboard logs", das="tensorboard", group="Training",
        help_text="Also write logs for TensorBoard, a folder for every run.",
    )  # fmt: skip
    augmentations = List(
        Enum(list(_AUGMENTATIONS))
    ).tag(
        label="Augmentation", kind="names", das="augmentations", group="Training", placeholder="none", words=_AUGMENTATIONS,
        help_text="Vary the training audio at random, so that the network learns what does not matter. One or several of: "
        + ", ".join(_AUGMENTATIONS) + ".",
    )  # fmt: skip

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong with data, network and training options."""
        yield from TrainingDataOptions.problems(self)
        yield from NetworkOptions.problems(self)
        for name in self.UNGUARDED if allowed_roots() else ():
            if getattr(self, name) > 1:
                yield Problem(
                    "is not yours to choose on this server: processes that train together talk on ports that nothing guards.",
                    "Choose 1, or train from a terminal.", field=name,
                )  # fmt: skip
        idle = [name for name in self.augmentations if name in _UNHEARD_BY_SPECTROGRAM] if self.has_frontend else []
        if idle:
            yield Problem(
                f"{' and '.join(idle)} change nothing here: the spectrogram is of one channel, and the same for louder song.",
                "Leave that out, or choose 'none' as frontend.", severity="warning", field="augmentations",
            )  # fmt: skip
        if self.reduce_learning_rate and self.learning_rate_schedule != "fixed":
            yield Problem(
                "has no effect: the schedule lowers the rate already.",
                "Choose the fixed schedule, or switch this off.",
                severity="warning",
                field="reduce_learning_rate",
            )
