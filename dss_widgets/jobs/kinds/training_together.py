"""Training by several processes: on several GPUs of a machine, on several nodes of Slurm.

The job's worker is the first of them. It starts those on its own machine, and one on each other node, which starts the others
there: ``python -P -m dss_widgets.jobs.kinds.training_together FOLDER WORD NODE DEVICE``. They end with it.
"""

from __future__ import annotations

import faulthandler
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dss_widgets.errors import DssWidgetsError, RunError
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.job import job_in
from dss_widgets.jobs.slurm.nodes import check_nodes, on_nodes, own_host
from dss_widgets.jobs.start import environment, neutral_folder
from dss_widgets.options import TrainingOptions

if TYPE_CHECKING:
    from dss_widgets.network.together import Alone

_LAST_BREATH_SECONDS = 20
_GPUS = "CUDA_VISIBLE_DEVICES"
_MODULE = "dss_widgets.jobs.kinds.training_together"


@contextmanager
def first_of(files: JobFolder, options: TrainingOptions, should_stop: Callable[[], bool]) -> Iterator[Alone]:
    """Set this process up for training as the first of those that train together, and start the others.

    Args:
        files: the job's folder.
        options: of the training; they say how many processes there are.
        should_stop: is asked while they are waited for.

    Raises:
        RunError: this is not a job of Slurm with as many nodes, or others do not come.
        Cancelled: it was to stop meanwhile.
    """
    if options.devices * options.nodes == 1:
        _set_up(0, 1)
        from dss_widgets.network.together import Alone

        yield Alone()
        return
    check_nodes(options.nodes)
    word = secrets.token_hex(8)
    folder = files.together / word
    with ExitStack() as ending:
        ending.callback(shutil.rmtree, files.together, ignore_errors=True)
        others = [_start(_command(files, word, 0, device)) for device in range(1, options.devices)]
        if options.nodes > 1:
            others.append(_start([*on_nodes(1, options.nodes - 1), *_command(files, word, None, 0)]))
        for process in others:
            ending.callback(_end, process)

        def has_to_end() -> bool:
            if any(process.poll() is not None for process in others):
                raise RunError("A process that was to train along has ended before it began; the job's log says why.")
            return should_stop()

        _set_up(0, options.devices)
        from dss_widgets.network.together import met

        yield ending.enter_context(met(folder, 0, options.devices * options.nodes, host=own_host(), should_stop=has_to_end))


def _command(files: JobFolder, word: str, node: int | None, device: int) -> list[str]:
    """Return the command of another process; node None: Slurm says which one it is."""
    place = "slurm" if node is None else str(node)
    return [sys.executable, "-P", "-m", _MODULE, str(files.path.resolve()), word, place, str(device)]


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=neutral_folder(), env=environment())
    except OSError as error:
        raise RunError(f"{command[0]}: cannot be started ({error.strerror}).") from error


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait until a process has ended by itself, for a moment; then end it."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(_LAST_BREATH_SECONDS)
        return
    process.kill()
    process.wait()


def _set_up(device: int, n_devices: int) -> None:
    """Set up TensorFlow in a process that has one of the machine's GPUs, or its share of the cores, for itself."""
    if n_devices > 1:
        listed = [name for name in os.environ.get(_GPUS, "").split(",") if name]
        if listed or _GPUS not in os.environ:
            os.environ[_GPUS] = listed[device] if device < len(listed) else "" if listed else str(device)
    from dss_widgets.network.tensorflow_setup import set_up_worker_process

    set_up_worker_process(n_devices)


def main() -> int:
    """Train along with the job named on the command line, for as long as its worker does.

    Returns:
        An exit code: 0, or 1 if it could not, or the others have ended first.
    """
    faulthandler.enable()
    for number in (signal.SIGTERM, signal.SIGINT, *((signal.SIGUSR1,) if hasattr(signal, "SIGUSR1") else ())):
        signal.signal(number, signal.SIG_IGN)  # the first process says when it is time, once a checkpoint is written
    path, word, place, device = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    job = job_in(path)
    options = job.options()
    assert isinstance(options, TrainingOptions)
    node = int(os.environ["SLURM_PROCID"]) + 1 if place == "slurm" else int(place)
    started = range(1, options.devices) if place == "slurm" else ()
    siblings = [_start(_command(job.files, word, node, other)) for other in started]
    parent = os.getppid()
    try:
        _set_up(device, options.devices)
        from dss_widgets.network.along import learn_along
        from dss_widgets.network.together import met

        index, n = node * options.devices + device, options.devices * options.nodes
        with met(job.files.together / word, index, n, host=own_host(), should_stop=lambda: os.getppid() != parent) as together:
            learn_along(options, run_folder=job.files.path, together=together)
    except DssWidgetsError as error:
        print(f"{socket.gethostname()}, process {node}.{device}: {error}", file=sys.stderr)
        return 1
    finally:
        for sibling in siblings:
            _end(sibling)
    return 0


if __name__ == "__main__":
    sys.exit(main())
