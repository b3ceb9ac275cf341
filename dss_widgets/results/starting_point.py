"""A trained network to go on learning from: what it is made of, and whether it fits; read without tensorflow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.dataset.training_checks import training_problems
from dss_widgets.errors import DataError, Problem, ProblemsError
from dss_widgets.file_endings import NETWORK_SUFFIXES, PARAMS_SUFFIX
from dss_widgets.options import TrainingOptions
from dss_widgets.options.das_names import from_das
from dss_widgets.options.network import NetworkOptions
from dss_widgets.results.params_file import read_params
from dss_widgets.results.stems import network_files, stem_of
from dss_widgets.roots import confined

ARCHITECTURE = ("filters", "filter_duration", "blocks")
"""Options that two networks must share for the weights of the one to fit into the other, beside frontend and separability."""

TAKEN_OVER = ("frontend", "frontend_filter_duration", "downsample_factor", *ARCHITECTURE, "separable", "lstm_units",
               "chunk_duration", "ignore_boundaries")  # fmt: skip
"""Options that are taken over from a network on request: the architecture, and how it is shown the audio."""


@dataclass(frozen=True)
class StartingPoint:
    """A trained network as its params describe it.

    Attributes:
        stem: path of its files, without their endings.
        options: what it was made with.
        class_names: its outputs, noise first.
        samplerate_hz, n_channels: of the audio that it knows.
    """

    stem: Path
    options: TrainingOptions
    class_names: tuple[str, ...]
    samplerate_hz: float
    n_channels: int

    def architecture(self) -> dict[str, Any]:
        """Return the options that make a network of the same architecture, as names and values."""
        values = self.options.as_dict()
        return {name: values[name] for name in TAKEN_OVER}

    def differences(self, options: TrainingOptions) -> dict[str, tuple[Any, Any]]:
        """Return where a network made with options would be another: its value and theirs, by option name."""
        mine, theirs = _compared(self.options), _compared(options)
        return {name: (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]}


def _compared(options: TrainingOptions) -> dict[str, Any]:
    """Return what the architecture depends on; what has no effect without a frontend is left out of the comparison."""
    return {
        "downsample_factor": options.hop,
        "frontend_filter_duration": options.frontend_filter_duration if options.has_frontend else None,
        **{name: getattr(options, name) for name in ARCHITECTURE},
        "separable": options.separable_blocks,
        "lstm_units": options.lstm_units or 0,
    }


def read_starting_point(text: str) -> StartingPoint:
    """Read what a trained network is made of.

    Args:
        text: the stem of its files, one of them, or its run's folder.

    Raises:
        DataError: its params cannot be read, or do not describe such a network.
    """
    stem = confined(stem_of(text))
    params = read_params(stem.with_name(stem.name + PARAMS_SUFFIX))
    if not network_files(stem):
        raise DataError(f"{stem}: has params, but no weights ({' or '.join(NETWORK_SUFFIXES)}) beside them. Copy them too.")
    try:
        return StartingPoint(
            stem,
            TrainingOptions(**_known(params)),
            tuple(str(name) for name in params["class_names"]),
            float(params["samplerate_x_Hz"]),
            int(params.get("nb_channels") or params.get("nb_freq") or 1),
        )
    except (KeyError, TypeError, ValueError, OverflowError, ProblemsError) as error:
        raise DataError(f"{stem}: its params do not describe a network that can be gone on from ({error}).") from error


def _known(params: Mapping[str, Any]) -> dict[str, Any]:
    values = from_das(params)
    values = {name: values[name] for name in TAKEN_OVER if name in values}
    flags = values.get("separable")
    if params.get("use_separable") is True:
        flags = [True]
    if flags:  # DAS repeats the last
        blocks = min(int(values.get("blocks", len(flags))), NetworkOptions.blocks.max)
        values["separable"] = ([*flags] + [flags[-1]] * blocks)[:blocks]
        values["separable"] = values["separable"] if any(values["separable"]) else []
    return values


def start_problems(options: TrainingOptions, dataset: Dataset | None = None) -> Iterator[Problem]:
    """Yield what stands against starting from the network that the options name, if they name one."""
    if not options.initial_weights:
        return
    try:
        start = read_starting_point(options.initial_weights)
    except DataError as error:
        yield Problem(str(error), field="initial_weights")
        return
    differing = start.differences(options)
    if differing:
        labels = {name: option.label for name, option in options.declared().items()}
        told = ", ".join(
            f"{labels[name]} {_value(mine)} instead of {_value(other)}" for name, (mine, other) in differing.items()
        )
        yield Problem(
            f"has another architecture: {told}.", "Take over its architecture, or choose another network.",
            field="initial_weights",
        )  # fmt: skip
    if dataset is None:
        return
    if start.n_channels != dataset.n_channels:
        yield Problem(
            f"knows audio with {start.n_channels} channels, but this dataset has {dataset.n_channels}.",
            "Choose another network.", field="initial_weights",
        )  # fmt: skip
    elif start.samplerate_hz != dataset.samplerate_hz:
        yield Problem(
            f"knows audio at {start.samplerate_hz:g} Hz, and this dataset has {dataset.samplerate_hz:g} Hz: all is faster or "
            "slower to it.", "Assemble with its sample rate if it learns badly.", severity="warning", field="initial_weights",
        )  # fmt: skip


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(str(item) for item in value)
    return "none" if value is None else str(value)


def all_problems(options: TrainingOptions, *, resuming: bool = False) -> list[Problem]:
    """Return everything that stands against training: the options, their dataset, and the network to start from.

    Args:
        options: of the training.
        resuming: whether there is a checkpoint to go on from: then the network to start from is not needed any more.
    """
    problems = training_problems(options)
    if resuming or not options.initial_weights:
        return problems
    dataset = None
    if not any(problem.is_error and problem.field == "store_folder" for problem in problems):
        try:
            dataset = open_dataset(options.store_path)
        except DataError:  # told already
            dataset = None
    return [*problems, *start_problems(options, dataset)]
