"""The nodes of the job of Slurm that this process belongs to, where it has several."""

from __future__ import annotations

import os
import socket
from contextlib import suppress

from dss_widgets.errors import RunError


def check_nodes(wanted: int) -> None:
    """Look whether this job of Slurm has as many nodes as share its work.

    Raises:
        RunError: it has not, or this process belongs to none.
    """
    found = os.environ.get("SLURM_JOB_NUM_NODES", "1") if "SLURM_JOB_ID" in os.environ else "1"
    if wanted > 1 and found != str(wanted):
        raise RunError(f"The work is to be shared by {wanted} nodes, but has {found}. Ask sbatch for --nodes={wanted}.")


def on_nodes(first: int, n: int) -> list[str]:
    """Return the beginning of a command that runs once on each of some nodes of the job, with the CPUs that it has there.

    Args:
        first: the first of them, from 0.
        n: how many.
    """
    cpus = os.environ.get("SLURM_CPUS_PER_TASK", "1")
    counts = [f"--relative={first}", f"--nodes={n}", f"--ntasks={n}", "--ntasks-per-node=1", f"--cpus-per-task={cpus}"]
    return ["srun", *counts, "--chdir=/", "--kill-on-bad-exit=0", "--quiet"]


def own_host() -> str:
    """Return a name under which other nodes reach this one."""
    for name in (os.environ.get("SLURMD_NODENAME", ""), socket.gethostname()):
        with suppress(OSError):
            if name and socket.gethostbyname(name):
                return name
    return "127.0.0.1"
