"""Data folders made of real files, for tests of everything between a folder of recordings and a dataset."""

import sys
import zlib
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import SplitPlan, Survey, assemble, open_dataset, plan_splits, survey
from dss_widgets.dataset.stores.store import Dataset
from dss_widgets.options import AssemblyOptions

Row = tuple[Any, Any, Any]


class DataFolder:
    """A folder of recordings and annotations that a test fills."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.path.mkdir()

    @property
    def store(self) -> Path:
        return self.path.parent / (self.path.name + ".npy")

    def audio(
        self, file: str, seconds: float = 1.0, *, rate: int = 1000, channels: int = 1, seed: int | None = None
    ) -> np.ndarray:
        """Write noise as a sound file; every name has its own noise."""
        rng = np.random.default_rng(zlib.crc32(file.encode()) if seed is None else seed)
        audio = np.round(rng.uniform(-0.5, 0.5, (round(seconds * rate), channels)) * 32768) / 32768
        soundfile.write(self.path / file, audio, rate)
        return audio.astype(np.float32)

    def rows(self, base: str, rows: Iterable[Row]) -> Path:
        """Write annotations."""
        lines = ["name,start_seconds,stop_seconds", *(",".join(map(str, row)) for row in rows)]
        return self.text(f"{base}_annotations.csv", "\n".join(lines) + "\n")

    def text(self, file: str, text: str, encoding: str = "utf-8") -> Path:
        (self.path / file).write_bytes(text.encode(encoding))
        return self.path / file

    def add(self, base: str, rows: Iterable[Row] = (("sine", 0.1, 0.3),), seconds: float = 1.0, **more: Any) -> np.ndarray:
        """Write a wav file and its annotations."""
        self.rows(base, rows)
        return self.audio(f"{base}.wav", seconds, **more)

    def many(self, n: int, seconds: float = 10.0, rate: int = 1000) -> None:
        """Write recordings with song all along: pulses every half second, and a sine in every second."""
        for i in range(n):
            pulses = [("pulse", 0.25 + t / 2, 0.25 + t / 2) for t in range(int(seconds * 2))]
            sines = [("sine", t + 0.4, t + 0.7) for t in range(int(seconds))]
            self.add(f"rec{i:02}", [*pulses, *sines], seconds, rate=rate, seed=i)

    def survey(self, **choices: Any) -> Survey:
        return survey(self.path, **choices)

    def entries(self, name: str = "rec.wav", **choices: Any) -> list[Row]:
        """Return what annotates a recording: names and times in seconds."""
        found = next(entry for entry in self.survey(**choices).recordings if entry.name == name).annotations
        columns = (found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist())
        return list(zip(*columns, strict=True))

    def plan(self, **options: Any) -> SplitPlan:
        return plan_splits(self.survey(), self.options(**options))

    def options(self, **options: Any) -> AssemblyOptions:
        return AssemblyOptions(**{"data_folder": str(self.path), "seed": 1, **options})

    def assemble(self, *, overwrite: bool = False, **options: Any) -> Dataset:
        return open_dataset(assemble(self.plan(**options), overwrite=overwrite))

    def errors(self) -> list[str]:
        return [str(problem) for problem in self.survey().errors]

    def about(self, file: str) -> list[str]:
        """Return everything that is told about a file."""
        return [str(problem) for problem in self.survey().problems if problem.file == file]

    def warnings(self) -> list[str]:
        return [str(problem) for problem in self.survey().problems if not problem.is_error]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


@pytest.fixture
def rec(folder: DataFolder) -> DataFolder:
    """A folder with one recording, rec.wav: 10 s at 1000 Hz."""
    folder.audio("rec.wav", 10, rate=1000)
    return folder


@pytest.fixture
def contents():
    """Return what lies under a folder, as bytes by relative path."""

    def read(path: Path) -> dict[str, bytes]:
        return {str(p.relative_to(path)): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}

    return read


class Calls:
    """How many functions were called, of Python and of C: what something costs, whatever else the machine does meanwhile."""

    n = 0

    def count(self, _frame, event, _what) -> None:
        self.n += event in ("call", "c_call")


@pytest.fixture
def counted_calls():
    @contextmanager
    def count():
        calls, before = Calls(), sys.getprofile()
        sys.setprofile(calls.count)
        try:
            yield calls
        finally:
            sys.setprofile(before)

    return count
