"""Submitting a job's folder to Slurm: a small batch script in it, and ``sbatch``."""

from __future__ import annotations

import secrets
import shlex
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dss_widgets.errors import OptionsError
from dss_widgets.jobs.folder import JobFolder, append_only
from dss_widgets.jobs.slurm.note import Note, user_number
from dss_widgets.jobs.slurm.partitions import refused_words
from dss_widgets.jobs.slurm.queue import QUEUE
from dss_widgets.jobs.slurm.tools import SlurmRefusedError, ask, outside_jobs
from dss_widgets.options.place import PlaceOptions
from dss_widgets.options.place_presets import refused_commands
from dss_widgets.whole_files import appearing_whole

WARNING_SECONDS = 120
"""How long before its end a job is told; Slurm may do so up to a minute earlier."""


def submit(
    files: JobFolder, place: PlaceOptions, command: list[str], environment: Mapping[str, str], folder: str, *, nodes: int = 1
) -> Note:
    """Have Slurm queue a job that has a folder.

    Args:
        files: the job's folder.
        place: what it asks for.
        command: the worker's, without its own word for this submission, which is added.
        environment: of the worker.
        folder: where it runs.
        nodes: how many machines do the work together, each with all that is asked for; the worker runs on the first.

    Returns:
        What the job's folder then keeps of it.

    Raises:
        OptionsError: Slurm cannot take what it asks for.
        SlurmSilentError: Slurm does not answer; nothing will run.
        SlurmRefusedError: Slurm said no, with its words.
        OSError: the folder cannot be written.
    """
    check_place(place)
    note = Note(secrets.token_hex(8), user=user_number(), submitted=time.time(), place=place.as_dict(changed_only=True))
    for old in (files.slurm_end, files.exit):
        old.unlink(missing_ok=True)
    with appearing_whole(files.batch_script) as partial:
        partial.write_text(_script(files, place, [*command, note.token]), encoding="utf-8")
        partial.chmod(0o755)
    note.write(files)  # before Slurm can start it: a worker looks whether its submission holds
    with open(append_only(files.log), "ab"):  # the job may run where no folder's mode says who may read it
        pass
    try:
        asked = [*flags_of(files, place, files.log), f"--nodes={nodes}", "--ntasks-per-node=1"]
        told = ask("sbatch", *asked, str(files.batch_script), environment=outside_jobs(environment), folder=folder)
    except SlurmRefusedError as error:
        _withdraw(files)
        raise SlurmRefusedError(refused_words(str(error), place)) from error
    except BaseException:
        _withdraw(files)
        raise
    note = note.numbered(told.strip().partition(";")[0])
    note.write(files)
    QUEUE.forget()
    return note


def check_place(place: PlaceOptions) -> None:
    """Look whether Slurm could take what is asked for, and whoever asks may.

    Raises:
        OptionsError: it could not, or they may not.
    """
    problems = [*(problem for problem in place.problems() if problem.is_error), *refused_commands(place)]
    if problems:
        raise OptionsError(problems)


def _withdraw(files: JobFolder) -> None:
    """Take a submission back: should Slurm have queued it all the same, it does nothing."""
    with suppress(OSError):
        files.slurm.unlink(missing_ok=True)
        files.batch_script.unlink(missing_ok=True)


def flags_of(files: JobFolder, place: PlaceOptions, log: Path) -> list[str]:
    """Return what sbatch is told.

    Args:
        files: of the job that it is for.
        place: what is asked for.
        log: where what is printed goes.
    """
    limit = place.time_limit.strip()
    asked = {
        "job-name": files.name,
        "output": str(log).replace("%", "%%"),
        "open-mode": "append",
        "chdir": "/",
        "export": "ALL",
        "signal": f"B:USR1@{warning_seconds(place)}",
        "cpus-per-task": str(place.cpus),
        "mem": f"{max(1, round(place.memory_gb * 1024))}M",
        **({"partition": place.partition} if place.partition else {}),
        **({"account": place.account} if place.account else {}),
        **({"gres": f"gpu:{place.gpus}"} if place.gpus else {}),
        **({"time": limit} if limit else {}),
    }
    flags = [f"--{name}={value}" for name, value in asked.items()]
    return ["--parsable", "--requeue", *flags, *shlex.split(place.sbatch_options)]


def warning_seconds(place: PlaceOptions) -> int:
    """Return how long before its end a job is told: enough to keep what it has, and not most of its time."""
    limit = place.time_limit_seconds
    return WARNING_SECONDS if limit is None else max(10, min(WARNING_SECONDS, limit // 4))


def _script(files: JobFolder, place: PlaceOptions, command: list[str]) -> str:
    """Return what Slurm runs: it hands Slurm's warning on to the worker, and notes how that ended."""
    environment = [place.environment.strip()] if place.environment.strip() else []
    warned = shlex.quote(str(files.warned))
    exit_file, partial = shlex.quote(str(files.exit)), shlex.quote(f"{files.exit}.partial")
    return "\n".join(
        [
            "#!/bin/bash",
            f"# Works on the job {files.name} of dss_widgets, and goes on with it when Slurm starts it again.",
            *environment,
            f"rm -f {warned}",
            f"(trap '' USR1; exec {shlex.join(command)}) &",
            "worker=$!",
            "tell() { touch " + warned + '; kill -USR1 "$worker"; }  # a worker that is only starting finds the file',
            "trap tell USR1  # the time is nearly up",
            "trap : TERM  # the worker is told, too",
            "code=0",
            'wait "$worker" || code=$?',
            'while kill -0 "$worker" 2>/dev/null; do code=0; wait "$worker" || code=$?; done',
            'printf \'{"number": "%s", "restarts": "%s", "code": %d}\\n\' "$SLURM_JOB_ID" "${SLURM_RESTART_COUNT:-0}" "$code" '
            f"> {partial} && mv {partial} {exit_file}",
            'exit "$code"',
            "",
        ]
    )
