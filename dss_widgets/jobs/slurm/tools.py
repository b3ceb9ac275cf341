"""Slurm's own programs, each called with a bounded time: one that does not answer is told as such."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

from dss_widgets.errors import RunError

PATIENCE_SECONDS = 10.0
"""How long one of Slurm's programs may take."""

_UNREACHED = ("unable to contact", "not connected", "connection", "timed out", "zero bytes", "communication")
"""What Slurm's programs say where its controller does not answer."""

_OF_THIS_JOB = ("SLURM_", "SBATCH_")
"""Beginnings of variables that describe the job that this process may be part of (a notebook server that Slurm started)."""

_KEPT = ("SLURM_CONF", "SLURM_CLUSTERS")


class SlurmSilentError(RunError):
    """Slurm does not answer, or its programs are not on this machine: nothing is known of its jobs."""


class SlurmRefusedError(RunError):
    """Slurm answered, and said no; the message has its words."""


def has_slurm() -> bool:
    """Return whether Slurm's programs are on this machine."""
    return shutil.which("sbatch") is not None


def ask(*command: str, environment: Mapping[str, str] | None = None, folder: str | None = None) -> str:
    """Run one of Slurm's programs.

    Args:
        command: the program and its arguments.
        environment: of the program; left out, that of this process without what describes its own job.
        folder: where it runs; left out, the current one.

    Returns:
        What it printed.

    Raises:
        SlurmSilentError: it is not here, or got no answer in time.
        SlurmRefusedError: Slurm said no.
    """
    environment = outside_jobs(os.environ) if environment is None else environment
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, timeout=PATIENCE_SECONDS,
            stdin=subprocess.DEVNULL, env=dict(environment), cwd=folder,
        )  # fmt: skip
    except FileNotFoundError:
        raise SlurmSilentError(
            f"Slurm's program {command[0]!r} is not on this machine. Ask where one can submit jobs."
        ) from None
    except subprocess.TimeoutExpired:
        raise SlurmSilentError(f"Slurm does not answer: {command[0]!r} took more than {PATIENCE_SECONDS:g} s.") from None
    except OSError as error:
        raise SlurmSilentError(f"Slurm's program {command[0]!r} cannot be run ({error.strerror or error}).") from error
    if done.returncode == 0:
        return done.stdout
    said = _said(done.stderr)
    if any(words in done.stderr.lower() for words in _UNREACHED):
        raise SlurmSilentError(f"Slurm does not answer ({said}).")
    raise SlurmRefusedError(said)


def outside_jobs(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without what describes a job of Slurm that it belongs to; sbatch would take that for wishes."""
    inside = "SLURM_JOB_ID" in environment
    return {
        name: value for name, value in environment.items() if name in _KEPT or not (inside and name.startswith(_OF_THIS_JOB))
    }


def _said(words: str) -> str:
    """Return the last thing a program said, without its own name and the like."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    said = lines[-1] if lines else "without a word"
    for beginning in ("error: ", "failed: "):
        said = said.rpartition(beginning)[2] or said
    return said.rstrip(".")[:300]
