"""A network to give away: its weights, params, replay and model card in one zip file, without anything that can run code."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import yaml

from dss_widgets.dataset.stores.plain_values import plain
from dss_widgets.errors import DataError
from dss_widgets.file_endings import KERAS_SUFFIX, PARAMS_SUFFIX, WEIGHTS_SUFFIX
from dss_widgets.options.card import CardOptions
from dss_widgets.results.card import card_text
from dss_widgets.results.params_file import read_params
from dss_widgets.results.replay import replay_file
from dss_widgets.results.validation import validation_path
from dss_widgets.roots import confined, open_confined
from dss_widgets.whole_files import appearing_whole

CARD = "README.md"
"""Name of the model card in the zip file; the one that model hubs look for."""

_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:[/\\]")
_PIECE_BYTES = 2**20


def plain_network_files(stem: Path) -> list[Path]:
    """Return the files of a network that hold numbers alone.

    DAS 0.33's ``_model.keras`` is left out: it can hold code. That of this program cannot.
    """
    endings = [WEIGHTS_SUFFIX, KERAS_SUFFIX] if "dss_widgets" in read_params(stem) else [WEIGHTS_SUFFIX]
    paths = [stem.with_name(stem.name + ending) for ending in endings]
    return [path for path in paths if path.is_file()]


def pack_network(
    stem: Path, out: Path, options: CardOptions | None = None, *, weights: Path | None = None, overwrite: bool = False
) -> Path:
    """Write a network with its model card into a zip file; it appears whole or not at all.

    Folders of the machine that it was trained on are left out of its params.

    Args:
        stem: path of the network's files, without their endings.
        out: the zip file.
        options: what only people know of it.
        weights: a file with the weights alone to pack, where there is none beside the stem.
        overwrite: whether a file of that name may be replaced.

    Returns:
        The zip file.

    Raises:
        DataError: there is no such network, the file is there already, or it cannot be written.
    """
    out = confined(out)
    if out.exists() and not overwrite:
        raise DataError(f"{out}: is there already. Choose another name, or let it be replaced (--overwrite).")
    files = {
        path.name: path for path in [*plain_network_files(stem), replay_file(stem), validation_path(stem)] if path.is_file()
    }
    if weights is not None:
        files[stem.name + WEIGHTS_SUFFIX] = weights
    if not any(name.endswith((WEIGHTS_SUFFIX, KERAS_SUFFIX)) for name in files):
        raise DataError(f"{stem}: there is no network under this name. Choose one of its files, or its run.")
    texts = {
        CARD: card_text(stem, options or CardOptions()),
        stem.name + PARAMS_SUFFIX: yaml.safe_dump(
            without_places(plain(dict(read_params(stem)))), allow_unicode=True, width=120
        ),
    }
    with _clear_errors(out), appearing_whole(out) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(_entry(f"{stem.name}/{name}"), text, zipfile.ZIP_DEFLATED)
        for name, path in files.items():
            _add(archive, f"{stem.name}/{name}", path)
    return out


def without_places(value: Any) -> Any:
    """Return plain values in which of every absolute path only the last part is left."""
    if isinstance(value, Mapping):
        return {key: without_places(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [without_places(entry) for entry in value]
    if isinstance(value, str) and _ABSOLUTE.match(value):
        return (PureWindowsPath if "\\" in value else PurePosixPath)(value).name
    return value


def _entry(name: str) -> zipfile.ZipInfo:
    """Return what describes a file in the zip file, of no date: the same network gives the same zip file."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o644 << 16
    return entry


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    with open_confined(path) as source, archive.open(_entry(name), "w", force_zip64=True) as target:
        while piece := source.read(_PIECE_BYTES):
            target.write(piece)


@contextmanager
def _clear_errors(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{out}: cannot be written ({error.strerror or error}). Choose another folder, or make room."
        ) from error
