"""Training by several processes: on several GPUs of a machine, on several nodes of Slurm.

The job's worker is the chief. It starts those on its own machine, and one on each other node, which starts the others
there: ``python -P -m dss_widgets.jobs.kinds.distributed_training FOLDER WORD NODE DEVICE``. They end with it.
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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dss_widgets.errors import DssWidgetsError, RunError
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.job import job_in
from dss_widgets.jobs.slurm.nodes import check_nodes, on_nodes, own_host
from dss_widgets.jobs.start import environment, neutral_folder
from dss_widgets.machine import keep_to_own_cores, n_cores
from dss_widgets.network.device import has_cuda
from dss_widgets.options import TrainingOptions

if TYPE_CHECKING:
    from dss_widgets.network.replicas import Replica

_LAST_BREATH_SECONDS = 20
_GPUS = "CUDA_VISIBLE_DEVICES"
_MODULE = "dss_widgets.jobs.kinds.distributed_training"


@contextmanager
def chief_of(files: JobFolder, options: TrainingOptions, should_stop: Callable[[], bool]) -> Iterator[Replica]:
    """Set this process up for training, as the chief of those that train together, and start the others.

    Args:
        files: the job's folder.
        options: of the training; they say how many processes there are.
        should_stop: is asked while they are waited for.

    Raises:
        RunError: this is not a job of Slurm with as many nodes, the machine has too few cores, or others do not come.
        Cancelled: it was to stop meanwhile.
    """
    n = options.devices * options.nodes
    if n == 1:
        _set_up(0, 1)
        from dss_widgets.network.replicas import Replica

        yield Replica()
        return
    _check_machine(options)
    word = secrets.token_hex(8)
    others: list[subprocess.Popen[bytes]] = []
    try:
        for device in range(1, options.devices):
            others.append(_start(_command(files, word, 0, device)))
        if options.nodes > 1:
            others.append(_start([*on_nodes(1, options.nodes - 1), *_command(files, word, None, 0)]))

        def has_to_end() -> bool:
            if any(process.poll() is not None for process in others):
                raise RunError("A process that was to train along has ended before it began; the job's log says why.")
            return should_stop()

        _set_up(0, options.devices)
        from dss_widgets.network.replicas import rendezvous

        with rendezvous(files.rendezvous / word, 0, n, host=_host(options), should_stop=has_to_end) as replica:
            yield replica
    except BaseException:  # the others wait for this one
        for process in others:
            process.kill()
        raise
    finally:
        for process in others:
            _wait_for(process)
        shutil.rmtree(files.rendezvous, ignore_errors=True)


def _check_machine(options: TrainingOptions) -> None:
    """Raise RunError if there are not as many nodes, or not as many cores as processes on this one."""
    check_nodes(options.nodes)
    if options.devices > n_cores():
        raise RunError(
            f"Each of {options.devices} GPUs takes a process, and each process a core, but there are {n_cores()} cores. Choose "
            "fewer, or ask for more CPUs."
        )


def _host(options: TrainingOptions) -> str:
    """Return the name under which the other processes reach this one."""
    return own_host() if options.nodes > 1 else "127.0.0.1"


def _command(files: JobFolder, word: str, node: int | None, device: int) -> list[str]:
    """Return the command of another process; node None: Slurm says which one it is."""
    place = "slurm" if node is None else str(node)
    return [sys.executable, "-P", "-m", _MODULE, str(files.path.resolve()), word, place, str(device)]


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, cwd=neutral_folder(), env=environment())
    except OSError as error:
        raise RunError(f"{command[0]}: cannot be started ({error.strerror}).") from error


def _wait_for(process: subprocess.Popen[bytes]) -> None:
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
    if n_devices > 1 and not has_cuda():
        keep_to_own_cores(device, n_devices)
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
        from dss_widgets.network.fit import train_replica
        from dss_widgets.network.replicas import rendezvous

        index, n = node * options.devices + device, options.devices * options.nodes
        meeting, host = job.files.rendezvous / word, _host(options)
        with rendezvous(meeting, index, n, host=host, should_stop=lambda: os.getppid() != parent) as replica:
            train_replica(options, run_folder=job.files.path, replica=replica)
    except DssWidgetsError as error:
        print(f"{socket.gethostname()}, process {node}.{device}: {error}", file=sys.stderr)
        return 1
    finally:
        for sibling in siblings:
            _wait_for(sibling)
    return 0


if __name__ == "__main__":
    sys.exit(main())
