"""Whether a dataset can be trained on with given options: rules between the two, for form, terminal and worker alike."""

from __future__ import annotations

from collections.abc import Iterator

from dss_widgets.dataset.dry_check import cost_problems, dry_check
from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.splits.validation_cut import cut_lengths
from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.errors import DataError, Problem
from dss_widgets.options import TrainingOptions
from dss_widgets.options.assembly import SPLIT_WORDS


def training_problems(options: TrainingOptions) -> list[Problem]:
    """Return everything that stands against training: the options' own problems and those with their dataset."""
    problems = list(options.problems())
    if any(problem.is_error and problem.field == "store_folder" for problem in problems):
        return problems
    try:
        dataset = open_dataset(options.store_path)
        problems += _dataset_problems(options, dataset)
        if not any(problem.is_error for problem in problems):
            problems += cost_problems(dry_check(options, dataset))
    except DataError as error:
        problems.append(Problem(str(error), field="store_folder"))
    return problems


def _dataset_problems(options: TrainingOptions, dataset: Dataset) -> Iterator[Problem]:
    if options.song_type and options.song_type not in dataset.song_types:
        having = ", ".join(dataset.song_types)
        yield Problem(
            f"{options.song_type!r} has no individual targets in this dataset ({having or 'there are none at all'}).",
            "Choose one of those, or leave it empty." if having else "Leave it empty, or assemble with individual targets.",
            field="song_type",
        )
    train, val, test = (dataset.split(name).n_samples for name in ("train", "val", "test"))
    if val == 0 and options.validation_from_train:
        train, val = cut_lengths(train, options.validation_from_train, options.chunk_duration)
    elif options.validation_from_train:
        yield Problem(
            "has no effect: this dataset has validation data.", "Leave it empty.", severity="warning",
            field="validation_from_train",
        )  # fmt: skip
    if train == 0:
        yield Problem("has an empty train split.", "Assemble it with a larger train fraction.", field="store_folder")
    elif options.data_fraction * train < options.chunk_duration:
        yield Problem(
            f"is longer than all training data ({options.data_fraction * train:.0f} samples).",
            "Use shorter chunks or more data.",
            field="chunk_duration",
        )
    if val == 0:
        yield Problem(
            "needs a share: this dataset has an empty validation split, and nothing would show when to stop.",
            "Enter 0.15 to set aside that much of the train split, or assemble with a validation fraction of 0.1 or more.",
            field="validation_from_train",
        )
    elif (validates := options.val_data_fraction * val) < options.chunk_duration:
        yield Problem(
            f"is longer than the validation data ({validates:.0f} samples), which is padded with silence.",
            "Use shorter chunks or more validation data.",
            severity="warning",
            field="chunk_duration",
        )
    yield from _type_problems(options, dataset, val)
    if test == 0:
        yield Problem(
            f"has no {SPLIT_WORDS['test']} split: there will be no scores at the end.",
            "Assemble it with a test fraction above 0.",
            severity="warning",
            field="store_folder",
        )


def _type_problems(options: TrainingOptions, dataset: Dataset, n_val: int) -> Iterator[Problem]:
    """Yield which song types there is nothing to learn of, or nothing to validate with."""
    if options.song_type and options.song_type not in dataset.song_types:
        return
    missing = {split: _missing(dataset, options.song_type, split) for split in ("train", "val")}
    names, _ = dataset.classes(options.song_type)
    if len(missing["train"]) == len(names) - 1:
        yield Problem("has no song in its train split.", "Assemble it with annotated recordings.", field="store_folder")
    elif missing["train"]:
        yield Problem(
            f"has no {_listed(missing['train'])} in its train split: the network cannot learn {_them(missing['train'])}.",
            "Assemble it stratified by blocks, or with more annotations.",
            severity="warning", field="store_folder",
        )  # fmt: skip
    rest = [name for name in missing["val"] if name not in missing["train"]]
    if rest and n_val and dataset.split("val").n_samples:
        yield Problem(
            f"has no {_listed(rest)} in its validation split: nothing tells how well the network learns {_them(rest)}.",
            "Assemble it stratified by blocks, or with more annotations.",
            severity="warning", field="store_folder",
        )  # fmt: skip


def _missing(dataset: Dataset, song_type: str, split: str) -> list[str]:
    return [found.name for found in song_facts(dataset, song_type, split).types if not found.count]


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _them(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"
