"""Places to run that have a name: those that whoever runs the cluster has written down, one's own, and the last one used."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import platformdirs

from dss_widgets.errors import DataError, OptionsError, Problem
from dss_widgets.options.files import MOST_CONFIG_BYTES, options_from_yaml, parse_yaml_mapping, save_options
from dss_widgets.options.place import SLURM, PlaceOptions
from dss_widgets.roots import VARIABLE as ROOTS_VARIABLE

VARIABLE = "DSS_WIDGETS_PLACES"
"""Environment variable with the file of named places; unset: ``places.yaml`` in the system's and the user's config folders."""

_FILE = "places.yaml"
_LAST = "last_place.yaml"
_COMMANDS = ("environment", "sbatch_options")
"""Options that let whoever sets them run what they like."""


def preset_files() -> list[Path]:
    """Return where named places may stand; what a later file says counts more."""
    named = os.environ.get(VARIABLE, "").strip()
    ours = platformdirs.user_config_path("dss_widgets") / _FILE
    return [Path(named).expanduser()] if named else [platformdirs.site_config_path("dss_widgets") / _FILE, ours]


def place_presets() -> dict[str, PlaceOptions]:
    """Return the places that have a name, all of them in Slurm unless they say otherwise.

    Raises:
        DataError, OptionsError: a file of them cannot be read, with its name.
    """
    found: dict[str, PlaceOptions] = {}
    for path in preset_files():
        for name, values in _mapping(path).items():
            if not isinstance(values, dict):
                raise DataError(
                    f"{path}: {name!r} is no place. Write its options below it, indented, such as 'partition: gpu'."
                )
            try:
                found[str(name)] = options_from_yaml(PlaceOptions, {"on": SLURM, **_named(values)})
            except OptionsError as error:
                raise OptionsError(replace(problem, file=f"{path}, {name}") for problem in error.problems) from error
    return found


def preset_named(name: str) -> PlaceOptions:
    """Return the place of a name.

    Raises:
        DataError, OptionsError: there is none, or it cannot be read.
    """
    presets = place_presets()
    if name not in presets:
        there = f"There is: {', '.join(presets)}." if presets else f"None is written down in {preset_files()[-1]}."
        raise DataError(f"{name!r} is no place that has a name here. {there}")
    return presets[name]


def last_place() -> PlaceOptions:
    """Return what this user asked Slurm for last, as the start for the next time; it runs here unless one says otherwise."""
    options = PlaceOptions()
    with suppress(DataError, OptionsError):
        options.update(options_from_yaml(PlaceOptions, _named(_mapping(_last_file()))).as_dict())
    options.on = "here"
    return options


def keep_place(place: PlaceOptions) -> None:
    """Keep what was asked for. Not being able to is no reason to stop anybody."""
    if place.is_slurm:
        with suppress(DataError, OSError):
            _last_file().parent.mkdir(parents=True, exist_ok=True)
            save_options(place, _last_file())


def refused_commands(place: PlaceOptions) -> list[Problem]:
    """Return what somebody may not ask for who is confined to some folders: commands of their own."""
    if ROOTS_VARIABLE not in os.environ or not place.is_slurm:
        return []
    allowed = {(name, getattr(preset, name)) for preset in place_presets().values() for name in _COMMANDS}
    mend = f"Leave it empty, or choose a place that your admin has written into {preset_files()[0]}."
    return [
        Problem("is not yours to choose on this server.", mend, field=name)
        for name in _COMMANDS
        if getattr(place, name).strip() and (name, getattr(place, name)) not in allowed
    ]


def _last_file() -> Path:
    return platformdirs.user_config_path("dss_widgets") / _LAST


def _named(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Return options by their names: to YAML, the name ``on`` is a way to say true."""
    return {"on" if name is True else name: value for name, value in values.items()}


def _mapping(path: Path) -> dict[str, object]:
    """Return what a file of the machine or of the user says; nothing where there is none."""
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_CONFIG_BYTES)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error}).") from error
    return parse_yaml_mapping(content, str(path))
