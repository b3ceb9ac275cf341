"""Command-line flags from the options' declarations, and options from what was typed."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from dss_widgets.errors import OptionsError, Problem
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.options import Option, Options, TrainingOptions
from dss_widgets.options.das_names import from_das
from dss_widgets.options.files import load_values
from dss_widgets.results.params_file import read_params
from dss_widgets.results.params_options import options_of_params

AnyOptions = TypeVar("AnyOptions", bound=Options)

_CONVERTED = {"nb_pre_conv", "use_separable", "nb_lstm_units"}
"""DAS's names whose values are written in another way than ours: they get flags of their own."""


def add_option_flags(parser: argparse.ArgumentParser, kind: type[Options], *, without: Collection[str] = ()) -> None:
    """Add a flag for every option that has an effect, in groups as in the form.

    Options that DAS has too can be given under DAS's name.

    Args:
        parser: gets the flags; absent ones leave no trace in its result.
        kind: the options' class.
        without: names that get no flag.
    """
    groups: dict[str, Any] = {}
    for name, option in kind.declared().items():
        if name in without or not option.shown:
            continue
        group = groups.setdefault(option.group, parser.add_argument_group(option.group or "Options"))
        names = [option.flag]
        if option.das and option.das not in _CONVERTED and option.das_flag != option.flag:
            names.append(option.das_flag)
        settings: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS, "help": _help(option)}
        if option.kind == "bool":
            group.add_argument(*names, action=argparse.BooleanOptionalAction, **settings)
        elif option.kind == "flags":
            group.add_argument(*names, nargs="+", metavar="True|False", **settings)
        else:
            group.add_argument(*names, type=_parser_of(option), metavar=_metavar(option), **settings)
    if issubclass(kind, TrainingOptions):
        _add_das_flags(parser)


def _add_das_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("DAS's notation of three of them")
    keep: dict[str, Any] = {"default": argparse.SUPPRESS}
    group.add_argument("--nb-pre-conv", type=int, metavar="N", help="log2 of the downsample factor; 0: no frontend", **keep)
    group.add_argument("--use-separable", nargs="+", metavar="True|False", help="one a block", **keep)
    group.add_argument("--nb-lstm-units", type=int, metavar="N", help="LSTM units; 0: none", **keep)


def options_from(
    args: argparse.Namespace, kind: type[AnyOptions], *, start: AnyOptions | None = None, **given: Any
) -> AnyOptions:
    """Return the options of what was typed: flags count more than the config file, that more than ``start``.

    Raises:
        OptionsError: a value is out of bounds, or the config file names something that is no option.
        DataError: the config file cannot be read.
    """
    options = start if start is not None else kind()
    if getattr(args, "config", None):
        options.update(config_values(kind, args.config))
    given_too = {name: value for name, value in given.items() if value is not None}
    options.update({**typed_values(args, kind), **given_too})
    return options


def typed_values(args: argparse.Namespace, kind: type[Options]) -> dict[str, Any]:
    """Return the options that were typed as flags, with their values.

    Raises:
        OptionsError: a value cannot be read.
    """
    declared = kind.declared()
    typed = {name: value for name, value in vars(args).items() if name in declared}
    for name, value in typed.items():
        if declared[name].kind == "flags":
            typed[name] = _parse(declared[name], " ".join(value))
    das = {name: getattr(args, name) for name in sorted(_CONVERTED) if hasattr(args, name)}
    if "use_separable" in das:
        words = das["use_separable"]  # False alone is DAS's way to say none
        das["use_separable"] = False if words == ["False"] else _parse(declared["separable"], " ".join(words))
    return {**from_das(das), **typed}


def config_values(kind: type[Options], path: str) -> dict[str, Any]:
    """Return what a config file says; for training, the params of a network are one too."""
    if issubclass(kind, TrainingOptions) and path.endswith(PARAMS_SUFFIX):
        return options_of_params(read_params(path))
    return load_values(kind, path)


def _parse(option: Option, text: str) -> Any:
    try:
        return option.parse(text)
    except ValueError as error:
        raise OptionsError([Problem(str(error), field=option.flag)]) from None


def _parser_of(option: Option) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            return option.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse


def _metavar(option: Option) -> str:
    if option.choices:
        return "|".join(map(str, option.choices))
    return {"int": "N", "float": "X", "folder": "FOLDER", "file": "FILE"}.get(option.kind, "TEXT")


def _help(option: Option) -> str:
    default = option.format(option.default) or option.placeholder or "none"
    unit = f", in {option.unit}" if option.unit else ""
    return f"{option.help}{'' if option.kind == 'bool' else f' (default: {default}{unit})'}".replace("%", "%%")
