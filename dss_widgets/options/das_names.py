"""DAS's names and notations of options: ``nb_pre_conv`` is a logarithm, ``use_separable`` False or a list."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dss_widgets.errors import OptionsError, Problem
from dss_widgets.options.declaration import shortened
from dss_widgets.options.training import TrainingOptions

_LARGEST_POWER = 64
"""Log2 of a downsample factor that is surely none; more is not computed."""


def to_das(options: TrainingOptions) -> dict[str, Any]:
    """Return the training options under DAS's names, as plain values.

    ``nb_pre_conv`` is log2 of the downsample factor (0 without frontend); ``use_separable`` is one flag a block, or False
    where no block is separable.
    """
    params = {option.das: getattr(options, name) for name, option in options.declared().items() if option.das}
    params["nb_pre_conv"] = int(math.log2(options.hop))
    params["use_separable"] = list(options.separable) if any(options.separable) else False
    params["nb_lstm_units"] = options.lstm_units or 0
    params["y_suffix"] = options.song_type or None
    params["save_dir"] = str(options.save_path)
    params["data_dir"] = str(options.store_path)
    params["augmentations"] = list(options.augmentations)
    return params


def _whole(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError, OverflowError):
        problem = Problem(f"must be a whole number, not {shortened(value)} (nb_pre_conv).", field="downsample_factor")
        raise OptionsError([problem]) from None


def from_das(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return what DAS's parameters say, as option names and values; parameters that are no options here are left out."""
    by_das = {option.das: name for name, option in TrainingOptions.declared().items() if option.das}
    values = {by_das[das]: value for das, value in params.items() if das in by_das}
    if "downsample_factor" in values:
        power = _whole(values["downsample_factor"])
        values["downsample_factor"] = 2 ** min(power, _LARGEST_POWER)
        values["frontend"] = "stft" if power > 0 else "none"
    if "separable" in values:
        separable = values["separable"]
        values["separable"] = [bool(flag) for flag in separable] if isinstance(separable, list | tuple) else []
    for name, empty in (
        ("lstm_units", None),
        ("song_type", ""),
        ("save_folder", ""),
        ("prefix", ""),
        ("data_fraction", 1.0),
    ):
        if name in values:
            values[name] = values[name] or empty
    if "learning_rate" in values:
        own = params.get("dss_widgets")
        told = own.get("options") if isinstance(own, Mapping) else None
        schedule = told.get("learning_rate_schedule") if isinstance(told, Mapping) else None
        values["learning_rate_schedule"] = schedule or "fixed"  # DAS knows no other
    names = values.pop("augmentations", None)
    if isinstance(names, list | tuple) and not TrainingOptions.declared()["augmentations"].check(list(names)):
        values["augmentations"] = list(names)  # DAS's own are descriptions of another kind
    return values
