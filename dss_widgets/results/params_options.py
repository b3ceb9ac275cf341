"""Training options from the params of a network, this program's or DAS's: to train another one in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dss_widgets.options import TrainingOptions
from dss_widgets.options.das_names import from_das

_PLACES = ("store_folder", "save_folder", "initial_weights", "song_type")
"""Options that belong to where and on what a network was trained, not to how."""


def options_of_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a network was trained, as option names and values; folders and song type are left out.

    Args:
        params: by DAS's names, from :func:`~dss_widgets.results.params_file.read_params`.

    Raises:
        OptionsError: they hold a value that an option cannot have.
    """
    own = params.get("dss_widgets")
    told = own.get("options") if isinstance(own, Mapping) else None
    declared = TrainingOptions.declared()
    if isinstance(told, Mapping):
        values = {name: value for name, value in told.items() if name in declared}
    else:
        values = from_das(params)
    values = {name: value for name, value in values.items() if name not in _PLACES}
    TrainingOptions.from_dict(values)
    return values
