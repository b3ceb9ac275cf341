"""``<stem>_replay.h5``: a little audio, and the probabilities that a network gave it when it was tested.

With it, another machine, or this one in some years, can tell whether it still computes the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dss_widgets.errors import DataError, reason
from dss_widgets.file_endings import REPLAY_SUFFIX
from dss_widgets.plain_h5 import open_h5, plain_dataset
from dss_widgets.results.whole_h5 import WholeH5File

_MOST_VALUES = 2**24
"""Most numbers that an array of a replay may hold: four times those of the largest that is written."""


@dataclass(frozen=True, eq=False)
class Replay:
    """What was computed, and with what.

    Attributes:
        audio: what the network was given, float32 ``[samples, channels]`` at its sample rate.
        probabilities: what it made of it, float32 ``[samples, classes]``.
        weights: digest of the network's weights.
        versions: of Python and the libraries, by name, and under ``device`` the processor or GPU.
    """

    audio: np.ndarray
    probabilities: np.ndarray
    weights: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Verification:
    """Whether a network computes what it did.

    Attributes:
        network: stem of its files.
        verdict: ``same`` (to 1e-4), ``close`` (no more than one label of 10,000 differs) or ``different``.
        largest_difference: of any probability.
        n_samples, n_other_labels: samples compared, and those whose most likely class is another.
        is_same_network: whether the weights are those that were tested.
        versions_then, versions_now: of Python and the libraries, and the device, by name.
    """

    network: str
    verdict: str
    largest_difference: float
    n_samples: int
    n_other_labels: int
    is_same_network: bool
    versions_then: Mapping[str, str]
    versions_now: Mapping[str, str]

    @property
    def words(self) -> str:
        """What was found, the verdict first, as a few lines."""
        name = Path(self.network).name
        apart = f"the largest difference of a probability is {self.largest_difference:.1g}"
        others = f"{self.n_other_labels} of {self.n_samples} samples get another label"
        lines = [
            {
                "same": f"{name} computes here what it computed when it was tested ({apart}).",
                "close": f"{name} computes nearly what it computed when it was tested ({apart}; {others}).",
            }.get(self.verdict, f"{name} computes something else here than when it was tested ({apart}; {others}).")
        ]
        if not self.is_same_network:
            lines.append("Its weights are not those that were tested then: its files were changed, or mixed up.")
        changed = [
            f"{name} {self.versions_then.get(name, 'none')} then, {self.versions_now.get(name, 'none')} now"
            for name in dict.fromkeys([*self.versions_then, *self.versions_now])
            if self.versions_then.get(name) != self.versions_now.get(name)
        ]
        lines.append(
            f"Changed since: {'; '.join(changed)}." if changed else "With the same versions, on the same kind of machine."
        )
        return "\n".join(lines)


def replay_file(stem: Path) -> Path:
    """Return where the replay of a network lies."""
    return stem.with_name(stem.name + REPLAY_SUFFIX)


def write_replay(stem: Path, replay: Replay) -> None:
    """Write a network's replay; the file appears whole or not at all.

    Raises:
        DataError: it cannot be written.
    """
    path = replay_file(stem)
    try:
        with WholeH5File(path, n_bytes=2 * (replay.audio.nbytes + replay.probabilities.nbytes)) as whole:
            for name in ("audio", "probabilities"):
                values = getattr(replay, name).astype(np.float32)
                whole.file.create_dataset(name, data=values, compression="gzip", compression_opts=4, shuffle=True)
            whole.write_text("weights", replay.weights)
            whole.write_text("versions", json.dumps(dict(replay.versions)))
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written ({error.strerror or error}). Make room, and test the network again."
        ) from error


def read_replay(stem: Path) -> Replay:
    """Read a network's replay.

    Raises:
        DataError: there is none, or it is damaged.
    """
    path = replay_file(stem)
    anew = f"Test the network again to keep one: dss-widgets evaluate {stem}"
    if not path.is_file():
        raise DataError(f"{path}: there is no such file, so nothing says what the network computed. {anew}")
    try:
        with open_h5(path) as file:
            arrays = [plain_dataset(path, file, name) for name in ("audio", "probabilities")]
            if not all(array.ndim == 2 and 0 < array.size <= _MOST_VALUES for array in arrays) or len(arrays[0]) != len(
                arrays[1]
            ):
                raise ValueError(f"its arrays have the shapes {arrays[0].shape} and {arrays[1].shape}")
            texts = {name: bytes(plain_dataset(path, file, name, "S")[()]).decode() for name in ("weights", "versions")}
            audio, probabilities = (np.asarray(array[:], dtype=np.float32) for array in arrays)
            versions = {str(name): str(value) for name, value in dict(json.loads(texts["versions"])).items()}
    except DataError as error:
        raise DataError(f"{error} {anew}") from error
    except Exception as error:  # damaged files raise nearly anything
        raise DataError(f"{path}: is damaged ({reason(error)}). {anew}") from error
    return Replay(audio, probabilities, texts["weights"], versions)
