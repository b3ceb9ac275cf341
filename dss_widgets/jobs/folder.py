"""A job's folder: the names of its files, each spelt once, and what is to be done."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dss_widgets import __version__
from dss_widgets.errors import DataError
from dss_widgets.file_endings import RUN_SUFFIX
from dss_widgets.options import Options
from dss_widgets.options.files import options_as_yaml, read_yaml_mapping
from dss_widgets.roots import open_confined
from dss_widgets.whole_files import appearing_whole

SUFFIX = RUN_SUFFIX
"""Ending of a job's folder, whatever its kind."""

TRAIN = "train"
"""The kind of the jobs of version 0.1.0, whose folders do not name it."""


_KIND = re.compile(rb"^kind: (\w+)$", re.MULTILINE)
_HEAD_BYTES = 500
"""Of a job's file, within which its kind stands."""


@dataclass(frozen=True)
class JobFolder:
    """The files of a job.

    Attributes:
        path: the folder, whose name ends in ``.run``.
    """

    path: Path

    @property
    def job(self) -> Path:
        """What is to be done: kind and options."""
        return self.path / "job.yaml"

    @property
    def old_options(self) -> Path:
        """The options of a training of version 0.1.0, in place of ``job``."""
        return self.path / "options.yaml"

    @property
    def events(self) -> Path:
        """What it told, an event a line."""
        return self.path / "events.jsonl"

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.path / "log.txt"

    @property
    def lock(self) -> Path:
        """Locked for as long as a worker lives."""
        return self.path / "worker.lock"

    @property
    def worker(self) -> Path:
        """Which process on which machine works, or last worked, on it."""
        return self.path / "worker.json"

    @property
    def slurm(self) -> Path:
        """Which submission to Slurm holds; is there for as long as Slurm is where the job runs."""
        return self.path / "slurm.json"

    @property
    def slurm_end(self) -> Path:
        """What Slurm said last of a job that it has ended, kept as Slurm forgets."""
        return self.path / "slurm_end.json"

    @property
    def exit(self) -> Path:
        """With what exit code the process of a job of Slurm ended, as the batch script noted."""
        return self.path / "exit.json"

    @property
    def batch_script(self) -> Path:
        """What Slurm runs."""
        return self.path / "batch.sh"

    @property
    def array_script(self) -> Path:
        """What Slurm runs in each task of an array that shares the job's work."""
        return self.path / "array.sh"

    @property
    def array_log(self) -> Path:
        """What those tasks printed."""
        return self.path / "array_log.txt"

    @property
    def warned(self) -> Path:
        """Is there once Slurm has warned the job that its time is nearly up."""
        return self.path / "warned"

    @property
    def stop(self) -> Path:
        """Is there once somebody wants it to stop."""
        return self.path / "stop"

    @property
    def rendezvous(self) -> Path:
        """Where processes that train together find each other."""
        return self.path / "rendezvous"

    @property
    def name(self) -> str:
        """The folder's name without its ending."""
        return self.path.name.removesuffix(SUFFIX)

    def to_continue(self, *flags: str) -> str:
        """Return how to continue the job from a terminal, for people.

        Args:
            flags: what else the command is to be told.
        """
        return f"To continue: {shlex.join(['dss-widgets', 'resume', str(self.path), *flags])}"

    def is_job(self) -> bool:
        """Return whether something is to be done here."""
        return self.job.is_file() or self.old_options.is_file()

    def write(self, kind: str, options: Options) -> None:
        """Write what is to be done.

        Raises:
            OSError: it cannot be written.
        """
        values = "".join(f"  {line}\n" for line in options_as_yaml(options).splitlines())
        text = f"# A job of dss_widgets {__version__}\nkind: {kind}\noptions:\n{values}"
        with appearing_whole(self.job) as partial:
            partial.write_text(text, encoding="utf-8")

    def kind(self) -> str:
        """Return the kind of work, at less cost than :meth:`read`.

        Raises:
            DataError: it cannot be read.
        """
        try:
            with open_confined(self.job) as file:
                found = _KIND.search(file.read(_HEAD_BYTES))
        except FileNotFoundError:
            found = None
        except OSError as error:
            raise DataError(f"{self.job}: cannot be read ({error.strerror or error}).") from error
        return found.group(1).decode() if found else self.read()[0]

    def read(self) -> tuple[str, Mapping[str, Any]]:
        """Return the kind and the options as names and values.

        Raises:
            DataError: they cannot be read; the message says which file and why.
        """
        if not self.job.exists() and self.old_options.exists():
            return TRAIN, read_yaml_mapping(self.old_options)
        told = read_yaml_mapping(self.job)
        kind, options = told.get("kind"), told.get("options")
        if not isinstance(kind, str) or not isinstance(options, dict):
            raise DataError(f"{self.job}: does not say what is to be done (kind, options). Start the work again.")
        return kind, options


def append_only(path: Path) -> int:
    """Open a file of a job for appending, as a descriptor; a symbolic link in its place is not followed.

    Raises:
        OSError: it cannot be opened.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, 0o666)
