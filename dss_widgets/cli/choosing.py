"""From what was typed to the options of a training: flags before config before preset before what suits the data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dss_widgets.cli.flags import config_values, options_from, typed_values
from dss_widgets.cli.output import table
from dss_widgets.dataset.dry_check import learned_samples
from dss_widgets.dataset.song_facts import song_facts
from dss_widgets.dataset.stores.store import Dataset, open_dataset
from dss_widgets.dataset.suited import advice_for
from dss_widgets.errors import DataError, OptionsError, Problem
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.options import PRESETS, TrainingOptions, misfit, preset_values
from dss_widgets.options.suggestion import Advice, as_options, changes
from dss_widgets.results.starting_point import read_starting_point


@dataclass(frozen=True)
class Choice:
    """What a training will be done with.

    Attributes:
        options: all of them.
        advice: those that follow from the data, with their reasons.
        remarks: what should be known of a preset, as sentences.
        chosen: the options that were typed or stand in a config file.
        suits: whether all others are what suits the data.
    """

    options: TrainingOptions
    advice: tuple[Advice, ...] = ()
    remarks: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    suits: bool = False

    def tell(self) -> None:
        """Say on standard error what was chosen, and why."""
        for remark in self.remarks:
            print(remark, file=sys.stderr)
        told = changes(self.advice, TrainingOptions())
        if not self.advice:
            return
        print("Chosen to suit this dataset (flags, --config or --preset override it):", file=sys.stderr)
        declared = self.options.declared()
        rows = [[declared[item.name].label, declared[item.name].format(item.value) or "none", item.reason] for item in told]
        if rows:
            lines = table(rows, ["option", "value", "because"]).splitlines()[2:]
            print("\n".join(f"  {line}" for line in lines), file=sys.stderr)
        print("All else is as usual: see 'dss-widgets suggest'." if rows else "  all as usual.", file=sys.stderr)


def add_choice_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say what the options begin with."""
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--preset", choices=sorted(PRESETS), help="begin with a published starting point; flags override it")
    start.add_argument(
        "--suggest", action="store_true",
        help="begin with what suits the dataset, as 'suggest' tells; that is so anyway, unless --config or --preset is given",
    )  # fmt: skip
    start.add_argument(
        "--no-suggest", action="store_true", help="begin with fixed values that are the same for any dataset; flags override it"
    )
    parser.add_argument(
        "--config", metavar="FILE", help=f"a YAML file with options, or STEM{PARAMS_SUFFIX} of a network; flags override it"
    )
    parser.add_argument(
        "--same-architecture", action="store_true",
        help="with --initial-weights: take over that network's architecture; it overrides flags",
    )  # fmt: skip


def training_options(args: argparse.Namespace) -> TrainingOptions:
    """Return the options typed for ``train``; see :func:`training_choice`."""
    return training_choice(args).options


def training_choice(args: argparse.Namespace) -> Choice:
    """Return what was typed for ``train``: flags before config file before preset; without these two, what suits the data.

    Raises:
        OptionsError: a value is out of bounds, or no option.
        DataError: the config file, the network to start from, or with ``--suggest`` the dataset cannot be read.
    """

    def typed_from(values: Mapping[str, Any]) -> TrainingOptions:
        start = TrainingOptions.from_dict(values)
        return options_from(args, TrainingOptions, start=start, store_folder=args.store or args.data_dir)

    typed = typed_from({})
    remarks: tuple[str, ...] = ()
    advice: tuple[Advice, ...] = ()
    if args.preset:
        typed, remarks = _with_preset(args.preset, typed_from)
    chosen = {**(config_values(TrainingOptions, args.config) if args.config else {}), **typed_values(args, TrainingOptions)}
    if args.same_architecture:
        if not typed.initial_weights:
            raise OptionsError(
                [Problem("is needed: --same-architecture copies that network's architecture.", field="initial_weights")]
            )
        chosen |= read_starting_point(typed.initial_weights).architecture()
    suits = args.suggest or not (args.preset or args.config or args.no_suggest)
    if suits:
        advice = _advice(typed, chosen, must=args.suggest)
        typed = typed_from(as_options(advice))
    if args.same_architecture:
        typed.update(read_starting_point(typed.initial_weights).architecture())
    return Choice(typed, advice, remarks, tuple(chosen), suits)


def _advice(typed: TrainingOptions, chosen: Mapping[str, Any], *, must: bool) -> tuple[Advice, ...]:
    """Return what suits the dataset, or nothing if it cannot be read and need not be: that is told later."""
    try:
        return advice_for(open_dataset(typed.store_path), {**chosen, "song_type": typed.song_type})
    except DataError:
        if must:
            raise
        return ()


def _with_preset(name: str, typed_from: Any) -> tuple[TrainingOptions, tuple[str, ...]]:
    """Return a preset with what was typed, and what should be known of it: what little data changes, and what does not fit."""
    plain = typed_from(PRESETS[name].options)
    dataset = _dataset_of(plain)
    typed = typed_from(preset_values(name, learned_samples(plain, dataset) if dataset else 0))
    before, after = plain.as_dict(), typed.as_dict()
    changed = [
        f"{option.label.lower()} {after[name]} instead of {before[name]}"
        for name, option in typed.declared().items()
        if before[name] != after[name]
    ]
    remarks = [f"This dataset is small, which takes more epochs: {', '.join(changed)}."] if changed else []
    if dataset is not None:
        with suppress(DataError):
            wrong = misfit(name, dataset.samplerate_hz, dataset.n_channels, song_facts(dataset, typed.song_type))
            remarks += [f"The preset {name!r} may not fit. {wrong} Without --preset, what fits is chosen."] if wrong else []
    return typed, tuple(remarks)


def _dataset_of(options: TrainingOptions) -> Dataset | None:
    """Return the dataset of options, or None if it cannot be read, which is told later."""
    with suppress(DataError):
        return open_dataset(options.store_path)
    return None
