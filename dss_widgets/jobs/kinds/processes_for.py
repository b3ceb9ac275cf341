"""Processes that share the work of a job: on this machine, and in the tasks of an array of Slurm."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.slurm.array import array_of
from dss_widgets.jobs.slurm.nodes import own_host

if TYPE_CHECKING:
    from dss_widgets.network.processes import Processes


@contextmanager
def processes_for(
    files: JobFolder,
    n: int,
    array_tasks: int,
    on_notice: Callable[[str], None],
    *,
    trains: bool = False,
    most_tasks: int | None = None,
) -> Iterator[Processes]:
    """Give an executor of processes; those of an array join it as Slurm has room for them.

    Args:
        files: the job's folder.
        n: how many processes in this task, and in each other one.
        array_tasks: how many tasks of Slurm there are to be, this one included; 1: this machine alone.
        on_notice: takes what people should know, such as that there is no array.
        trains: whether they train networks, or only use them.
        most_tasks: after so many recordings, trainings or whatever is done, a process is replaced; None: never.
    """
    from dss_widgets.network.processes import Processes
    from dss_widgets.network.tensorflow_setup import set_up_inference, set_up_worker_process

    with ExitStack() as held:
        processes = Processes(n, set_up_worker_process if trains else set_up_inference, most_tasks=most_tasks)
        if array_tasks > 1:
            from dss_widgets.jobs.start import environment, neutral_folder
            from dss_widgets.network.remote_process import MODULE, TRAINS, WORD, Answering

            answering = held.enter_context(Answering(processes.join))
            command = [
                sys.executable,
                "-P",
                "-m",
                MODULE,
                own_host(),
                str(answering.port),
                str(n),
                *([TRAINS] if trains else []),
            ]
            around = {**environment(), WORD: answering.word}
            array = array_of(array_tasks - 1, files, command, around, neutral_folder(), processes=n, on_notice=on_notice)
            held.enter_context(array)
        yield held.enter_context(processes)
