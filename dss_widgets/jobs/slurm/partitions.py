"""The parts of a cluster, as Slurm lists them, and what stands against what a job asks of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dss_widgets.errors import RunError
from dss_widgets.jobs.slurm.tools import ask
from dss_widgets.options.place import PlaceOptions

_MEGABYTES = 1024


@dataclass(frozen=True)
class Partition:
    """A part of the cluster.

    Attributes:
        name: for ``--partition``.
        is_default: whether jobs go there that name none.
        is_up: whether jobs are started there.
        time_limit: of its jobs, as Slurm writes it; '' where there is none.
        nodes: how many.
        cpus: of its largest kind of node.
        memory_gb: of the same.
        gpus: whether some of its nodes have graphics processors.
    """

    name: str
    is_default: bool
    is_up: bool
    time_limit: str
    nodes: int
    cpus: int
    memory_gb: float
    gpus: bool

    def words(self) -> str:
        """Return what it has, for people: ``gpu: 4 nodes of 64 CPUs and 512 GB, with GPUs, up to 2-00:00:00``."""
        limit = f", up to {self.time_limit}" if self.time_limit else ""
        gpus = ", with GPUs" if self.gpus else ""
        count = f"{self.nodes} node{'s' if self.nodes != 1 else ''}"
        cpus = f"{self.cpus} CPU{'s' if self.cpus != 1 else ''}"
        state = "" if self.is_up else ", not in use at present"
        return f"{self.name}: {count} of {cpus} and {self.memory_gb:g} GB{gpus}{limit}{state}"


def partitions() -> list[Partition]:
    """Return the partitions that this user's jobs may go to, the default one first.

    Raises:
        SlurmSilentError: Slurm does not answer.
        SlurmRefusedError: Slurm said no.
    """
    found: dict[str, Partition] = {}
    for line in ask("sinfo", "--noheader", "--format=%P\x1f%a\x1f%l\x1f%D\x1f%c\x1f%m\x1f%G").splitlines():
        parts = [part.strip() for part in line.split("\x1f")]
        if len(parts) != 7:
            continue
        name, up, limit, *amounts, gres = parts
        nodes, cpus, megabytes = (int(re.sub(r"\D.*", "", amount) or 0) for amount in amounts)
        known = found.get(name)
        found[name] = Partition(
            name.rstrip("*"), name.endswith("*"), up == "up", "" if limit in ("infinite", "n/a") else limit,
            nodes + (known.nodes if known else 0), max(cpus, known.cpus if known else 0),
            max(round(megabytes / _MEGABYTES, 1), known.memory_gb if known else 0.0),
            "gpu" in gres or bool(known and known.gpus),
        )  # fmt: skip
    return sorted(found.values(), key=lambda partition: (not partition.is_default, partition.name))


def refused_words(said: str, place: PlaceOptions) -> str:
    """Return why Slurm refused a job, for people: its own words, what was asked for, and what there is instead."""
    asked = [f"partition {place.partition}" if place.partition else "", f"account {place.account}" if place.account else ""]
    asked += [f"{place.cpus} CPUs", f"{place.gpus} GPUs" if place.gpus else "", f"{place.memory_gb:g} GB"]
    try:
        there = "; ".join(partition.words() for partition in partitions())
    except RunError:
        there = ""
    told = f" There is: {there}." if there else ""
    return f"Slurm refused the job: {said} (asked for: {', '.join(filter(None, asked))}).{told}"
