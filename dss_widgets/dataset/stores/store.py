"""Reading a dataset folder (``name.npy``), made here or by DAS."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from dss_widgets.dataset.annotations.song_types import NOISE
from dss_widgets.dataset.stores.das_sources import das_stretches
from dss_widgets.dataset.stores.npy_files import load_array, read_attributes
from dss_widgets.dataset.stores.other_stores import H5_SUFFIXES, ZARR_SUFFIX, open_group_store
from dss_widgets.errors import DataError
from dss_widgets.notebook_tables import seconds_words, table_html
from dss_widgets.options.assembly import SPLITS
from dss_widgets.options.paths import typed_path

Load = Callable[[str], Any]

_ANEW = "Assemble the dataset again."

_MOST_HZ = 1e9
"""Above any sample rate."""


@dataclass(frozen=True)
class Split:
    """One split of a dataset, mapped into memory, read-only.

    Attributes:
        folder: its folder.
        name: ``train``, ``val`` or ``test``.
        x: audio ``[samples, channels]``.
        load: returns the array of a name (``y``, ``y_<type>``), or None if there is none.
    """

    folder: Path
    name: str
    x: np.ndarray
    load: Load = field(repr=False, compare=False)

    @property
    def n_samples(self) -> int:
        """Samples of the split."""
        return int(self.x.shape[0])

    def y(self, song_type: str = "") -> np.ndarray:
        """Return the targets ``[samples, classes]``: of all types, or of one type alone (noise and the type).

        Raises:
            DataError: there are no such targets, or they do not fit the audio.
        """
        name = f"y_{song_type}" if song_type else "y"
        targets: np.ndarray | None = self.load(name)
        if targets is None and song_type:
            raise DataError(
                f"{self.folder}: has no individual targets for {song_type!r}. "
                "Assemble with 'Make individual training targets', or train for all song types."
            )
        if targets is None:
            if not self.n_samples:
                return np.zeros((0, 0), dtype=np.float16)
            raise DataError(f"{self.folder}: has audio, but no targets (y). {_ANEW}")
        if targets.ndim != 2 or targets.shape[0] != self.n_samples:
            raise DataError(f"{self.folder / name}: holds {targets.shape} targets for {self.x.shape} audio. {_ANEW}")
        if song_type and targets.shape[1] != 2:
            raise DataError(f"{self.folder / name}: has {targets.shape[1]} columns, not noise and {song_type!r}. {_ANEW}")
        return targets


class Dataset:
    """An assembled dataset.

    Attributes:
        path: its folder (or file, where DAS keeps it in one).
        attrs: its attributes, plain values.
    """

    def __init__(self, path: Path, attrs: dict[str, Any], load: Callable[[str, str], Any]) -> None:
        self.path = path
        self.attrs = attrs
        self._load = load

    def __repr__(self) -> str:
        told = [f"{split} {seconds_words(seconds)}" for split, seconds in self._split_seconds().items()]
        return f"<Dataset {self.path.name}: {self.samplerate_hz:g} Hz, {', '.join(told)}; {', '.join(self.class_names)}>"

    def _repr_html_(self) -> str:
        rows = [[name, "–" if i == 0 else self.class_types[i]] for i, name in enumerate(self.class_names)]
        return table_html(repr(self)[1:-1], ["Class", "Category"], rows)

    def _split_seconds(self) -> dict[str, float]:
        return {name: split.n_samples / self.samplerate_hz for name, split in self.splits.items()}

    @property
    def samplerate_hz(self) -> float:
        """Sample rate of audio and targets."""
        return float(self.attrs["samplerate_x_Hz"])

    @property
    def class_names(self) -> list[str]:
        """Names of the targets' columns, noise first."""
        return [str(name) for name in self.attrs["class_names"]]

    @property
    def class_types(self) -> list[str]:
        """Categories of the targets' columns."""
        return [str(kind) for kind in self.attrs["class_types"]]

    @cached_property
    def song_types(self) -> list[str]:
        """Song types that have individual targets."""
        return [name for name in self.class_names[1:] if self._load("train", f"y_{name}") is not None]

    def classes(self, song_type: str = "") -> tuple[list[str], list[str]]:
        """Return names and categories of the columns of ``y(song_type)``.

        Raises:
            DataError: the dataset has no individual targets for that type.
        """
        if not song_type:
            return self.class_names, self.class_types
        if song_type not in self.song_types:
            having = ", ".join(self.song_types) or "none"
            raise DataError(f"{self.path}: has no individual targets for {song_type!r} (it has: {having}).")
        kind = self.class_types[self.class_names.index(song_type)]
        names = _pair(self.attrs.get(f"class_names_{song_type}")) or [NOISE, song_type]
        return names, _pair(self.attrs.get(f"class_types_{song_type}")) or ["segment", kind]

    @cached_property
    def splits(self) -> dict[str, Split]:
        """The three splits by name; one that is not there has zero samples."""
        return self._open_splits()

    def split(self, name: str) -> Split:
        """Return one split."""
        return self.splits[name]

    @property
    def n_channels(self) -> int:
        """Channels of the audio."""
        return int(self.splits["train"].x.shape[1])

    @cached_property
    def stretches(self) -> list[dict[str, Any]]:
        """Which recording (``file``), from ``first_sample`` to ``last_sample``, is at which ``position`` of which ``split``.

        Empty where the dataset does not tell, or not so that it fits its audio. One that DAS made in a folder mostly does
        tell; in other containers the order of its recordings is lost.
        """
        own = self.attrs.get("stretches")
        if isinstance(own, list):
            return own if all(self._is_stretch(told) for told in own) else []
        if self.path.suffix.lower() in (*H5_SUFFIXES, ZARR_SUFFIX):
            return []
        return das_stretches(self.attrs, {name: split.n_samples for name, split in self.splits.items()})

    @cached_property
    def fingerprint(self) -> str:
        """A SHA-256 of what the dataset holds: its attributes' own if it has one, else of attributes and shapes."""
        if "fingerprint" in self.attrs:
            return str(self.attrs["fingerprint"])
        told = [self.attrs, {name: split.x.shape for name, split in self.splits.items()}]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()

    def _is_stretch(self, told: Any) -> bool:
        """Return whether something is a stretch of a recording that lies within its split."""
        if not isinstance(told, dict) or not isinstance(told.get("file"), str) or told.get("split") not in SPLITS:
            return False
        numbers = [told.get(name) for name in ("first_sample", "last_sample", "position")]
        if not all(isinstance(number, int) for number in numbers):
            return False
        first, last, position = (int(number) for number in numbers if number is not None)
        return 0 <= first <= last and 0 <= position <= self.splits[told["split"]].n_samples - (last - first + 1)

    def _open_splits(self) -> dict[str, Split]:
        audio = {name: self._load(name, "x") for name in SPLITS}
        for name, found in audio.items():
            if found is not None and (found.ndim != 2 or not found.shape[1]):
                raise DataError(f"{self.path / name / 'x'}: has the shape {found.shape}, not [samples, channels]. {_ANEW}")
        n_channels = {found.shape[1] for found in audio.values() if found is not None and len(found)} or {1}
        if len(n_channels) > 1:
            raise DataError(f"{self.path}: its splits differ in channels ({', '.join(map(str, sorted(n_channels)))}). {_ANEW}")
        missing = np.zeros((0, *n_channels), dtype=np.float16)
        return {
            name: Split(
                self.path / name, name, missing if found is None or not len(found) else found, partial(self._load, name)
            )
            for name, found in audio.items()
        }

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for tables and JSON."""
        return {
            "store": str(self.path),
            "samplerate_hz": self.samplerate_hz,
            "n_channels": self.n_channels,
            "class_names": self.class_names,
            "class_types": self.class_types,
            "song_types_with_individual_targets": self.song_types,
            "fingerprint": self.fingerprint,
            "splits": {
                name: {"samples": split.n_samples, "seconds": split.n_samples / self.samplerate_hz, "share": self.shares(name)}
                for name, split in self.splits.items()
            },
            "attrs": self.attrs,
        }

    def shares(self, split: str, song_type: str = "") -> dict[str, float]:
        """Return the mean probability of every class in a split: the share of the samples that it labels."""
        names, _ = self.classes(song_type)
        targets = self.splits[split].y(song_type)
        total = np.zeros(len(names))
        for start in range(0, targets.shape[0], 2**18):
            total += targets[start : start + 2**18].sum(axis=0, dtype=np.float64)
        return dict(zip(names, (total / max(1, targets.shape[0])).tolist(), strict=True))


def open_dataset(path: str | os.PathLike[str]) -> Dataset:
    """Open a dataset folder; its arrays are mapped when they are asked for. DAS's ``.h5`` and ``.zarr`` are read too.

    Raises:
        DataError: it is not a dataset, lacks attributes that it needs, or its attributes hold more than plain values.
    """
    path = typed_path(path)
    load: Callable[[str, str], Any]
    if path.suffix.lower() in (*H5_SUFFIXES, ZARR_SUFFIX) and path.exists():
        store = open_group_store(path)
        attrs, load = store.attrs, store.load
    elif path.is_dir():
        attrs, load = read_attributes(path), partial(_load_from_folder, path)
    else:
        raise DataError(f"{path}: is not a folder. Choose an assembled dataset (a folder ending in .npy).")
    _check_attributes(path, attrs)
    dataset = Dataset(path, attrs, load)
    for split in dataset.splits.values():
        if split.n_samples and split.y().shape[1] != len(dataset.class_names):
            raise DataError(
                f"{split.folder}: its targets have {split.y().shape[1]} columns for {len(dataset.class_names)} classes. {_ANEW}"
            )
    return dataset


def _check_attributes(path: Path, attrs: dict[str, Any]) -> None:
    """Raise DataError if attributes lack what every dataset needs, or it does not fit; types that are left out are segments."""
    missing = [name for name in ("samplerate_x_Hz", "class_names") if name not in attrs]
    if missing:
        raise DataError(f"{path}: its attributes lack {', '.join(missing)}. {_ANEW}")
    rate, names = attrs["samplerate_x_Hz"], attrs["class_names"]
    if isinstance(rate, list) and len(rate) == 1:
        attrs["samplerate_x_Hz"] = rate = rate[0]
    if not isinstance(rate, int | float) or not 0 < rate <= _MOST_HZ:
        raise DataError(f"{path}: its sample rate (samplerate_x_Hz) is {str(rate)[:80]!r}, not a number of Hz. {_ANEW}")
    if not isinstance(names, list) or not names or not all(isinstance(name, str | int | float) for name in names):
        raise DataError(f"{path}: its class_names are no list of names. {_ANEW}")
    kinds = attrs.setdefault("class_types", ["segment"] * len(names))
    if not isinstance(kinds, list) or len(kinds) != len(names) or not all(isinstance(kind, str) for kind in kinds):
        raise DataError(f"{path}: its class_types do not say of each of its {len(names)} classes what it is. {_ANEW}")


def _pair(told: Any) -> list[str] | None:
    """Return the two texts of a list; None if it is no such list."""
    return told if isinstance(told, list) and len(told) == 2 and all(isinstance(text, str) for text in told) else None


def _load_from_folder(path: Path, split: str, name: str) -> np.ndarray | None:
    file = path / split / f"{name}.npy"
    return load_array(file) if os.path.isfile(file) else None  # pathlib's own raises for what can be no name
