"""Where a job runs: on this computer, or as a job of Slurm."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from traitlets import Enum, Float, Int, Unicode

from dss_widgets.errors import Problem
from dss_widgets.options.base import Options

HERE, SLURM = "here", "slurm"

GROUP = "Where it runs"

_TIME = re.compile(r"(?:(?P<days>\d+)-)?(?P<clock>\d+(?::\d+){0,2})")
_NAME = re.compile(r"[\w.,+-]*")


class PlaceOptions(Options):
    """Where a job runs, and what it asks Slurm for.

    Example:
        >>> PlaceOptions(on="slurm", time_limit="1-12").time_limit_seconds
        129600
    """

    on = Enum([HERE, SLURM], HERE).tag(
        label="Where", group=GROUP, words={HERE: "This computer", SLURM: "Slurm"},
        help_text="Where the work is done: on this computer, or as a job that Slurm starts on a node of the cluster.",
    )  # fmt: skip
    partition = Unicode("").tag(
        label="Partition", group=GROUP, placeholder="the cluster's default",
        help_text="The part of the cluster, as 'sinfo' lists them.",
    )  # fmt: skip
    account = Unicode("").tag(
        label="Account", group=GROUP, placeholder="your default", help_text="The account that the job's time is charged to."
    )
    cpus = Int(4, min=1, max=4096).tag(label="CPUs", group=GROUP, help_text="Processor cores for the job.")
    gpus = Int(0, min=0, max=64).tag(label="GPUs", group=GROUP, help_text="Graphics processors for the job; 0: none.")
    memory_gb = Float(8.0, min=0.1, max=100_000).tag(
        label="Memory", unit="GB", group=GROUP, help_text="Memory for the job; Slurm ends a job that takes more."
    )
    time_limit = Unicode("12:00:00").tag(
        label="Time limit", group=GROUP, placeholder="the partition's default",
        help_text="hours:minutes:seconds, minutes alone, or days-hours. Shorter jobs start earlier. A training or annotation "
        "that does not end in time is queued again by itself and goes on where it was.",
    )  # fmt: skip
    environment = Unicode("").tag(
        label="Environment commands", group=GROUP, placeholder="module load cuda; source activate song",
        help_text="Shell commands that run on the node before the work begins.",
    )  # fmt: skip
    sbatch_options = Unicode("").tag(
        label="Further Slurm options", group=GROUP, placeholder="--qos=long --constraint=a100",
        help_text="Whatever else sbatch is to be told.",
    )  # fmt: skip

    @property
    def is_slurm(self) -> bool:
        """Whether it runs as a job of Slurm."""
        return str(self.on) == SLURM

    @property
    def time_limit_seconds(self) -> int | None:
        """The time limit in seconds; None: the partition's own, or one that cannot be read."""
        return _seconds(self.time_limit.strip())

    def problems(self) -> Iterator[Problem]:
        """Yield what Slurm could not take."""
        if not self.is_slurm:
            return
        for name in ("partition", "account"):
            if not _NAME.fullmatch(getattr(self, name)):
                yield Problem(
                    f"cannot be {getattr(self, name)!r}.", "Use the name that 'sinfo' or your admin tells.", field=name
                )
        if self.time_limit.strip() and not self.time_limit_seconds:
            yield Problem(
                f"cannot be read: {self.time_limit!r}.",
                "Write 2:30:00 for two and a half hours, or 1-12 for a day and a half.", field="time_limit",
            )  # fmt: skip
        try:
            words = shlex.split(self.sbatch_options)
        except ValueError:
            words = ["'"]
        if any(not word.startswith("-") for word in words):
            yield Problem("must be words such as --qos=long, each with its value after a =.", field="sbatch_options")


def _seconds(text: str) -> int | None:
    """Return the seconds of a time as Slurm reads it: ``90`` minutes, ``90:00``, ``1:30:00``, ``1-12``, ``1-12:30``."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    parts = [int(part) for part in found["clock"].split(":")]
    if found["days"] is not None:
        hours, minutes, seconds = (*parts, 0, 0)[:3]
    elif len(parts) == 3:
        hours, minutes, seconds = parts
    else:
        hours, (minutes, seconds) = 0, (*parts, 0)[:2]
    return int(found["days"] or 0) * 86400 + hours * 3600 + minutes * 60 + seconds
