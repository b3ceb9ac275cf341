"""An array of Slurm whose tasks share the work of a job that runs: each begins when there is room for it.

The job asks for them itself once it runs, and takes them back when it ends, however often Slurm queues it again.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from dss_widgets.errors import RunError
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.slurm.note import read_note
from dss_widgets.jobs.slurm.submit import check_place, flags_of
from dss_widgets.jobs.slurm.tools import ask, outside_jobs
from dss_widgets.options.place import PlaceOptions
from dss_widgets.whole_files import appearing_whole


@contextmanager
def array_of(
    n: int, files: JobFolder, command: list[str], environment: Mapping[str, str], folder: str, *,
    processes: int, on_notice: Callable[[str], None],
) -> Iterator[None]:  # fmt: skip
    """Have tasks of an array run a command for as long as this lasts, each with what the job itself asked for.

    A task whose time is up is queued again.

    Args:
        n: how many tasks.
        files: the job's folder.
        command: what each of them runs; it is told by SIGTERM to end.
        environment: of the command.
        folder: where it runs.
        processes: how many such commands a task runs side by side.
        on_notice: takes the words with which Slurm refuses: then there is no array.

    Raises:
        OptionsError: the job's folder tells of commands that whoever is confined to folders may not give.
    """
    note = read_note(files)
    place = note.options() if note is not None else PlaceOptions()
    check_place(place)  # what the job's folder tells may have been written by others since
    number = ""
    try:
        with appearing_whole(files.array_script) as partial:
            partial.write_text(_script(files, place, command, processes), encoding="utf-8")
        asked = [*flags_of(files, place, files.array_log), f"--array=2-{n + 1}"]
        told = ask("sbatch", *asked, str(files.array_script), environment=outside_jobs(environment), folder=folder)
        number = told.strip().partition(";")[0]
    except (RunError, OSError) as error:
        why = str(error) if isinstance(error, RunError) else (error.strerror or str(error))
        on_notice(f"There are no other tasks to share the work, which goes on with this one: Slurm takes no array ({why}).")
    try:
        yield
    finally:
        if number:
            with suppress(RunError):  # they end by themselves, too, once nobody answers
                ask("scancel", number)


def _script(files: JobFolder, place: PlaceOptions, command: list[str], processes: int) -> str:
    environment = [place.environment.strip()] if place.environment.strip() else []
    return "\n".join(
        [
            "#!/bin/bash",
            f"# A task of an array that shares the work of the job {files.name} of dss_widgets.",
            *environment,
            "leave() { warned=1; kill -TERM $(jobs -p) 2>/dev/null; }",
            "trap leave USR1  # the time is nearly up",
            f"for _ in $(seq {processes}); do {shlex.join(command)} & done",
            'while [ -n "$(jobs -pr)" ]; do wait; done',
            '[ -z "$warned" ] || scontrol requeue "$SLURM_JOB_ID"',
            "",
        ]
    )
