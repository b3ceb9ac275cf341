"""Starting a job: its folder is written, then a worker in a session of its own takes over."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import IO, Any, cast

from dss_widgets.errors import DssWidgetsError, OptionsError, RunError
from dss_widgets.events import StateChanged
from dss_widgets.jobs import lock, slots
from dss_widgets.jobs.event_file import append_event
from dss_widgets.jobs.find import list_jobs
from dss_widgets.jobs.folder import TRAIN, JobFolder, append_only
from dss_widgets.jobs.job import Job, Run, job_in
from dss_widgets.jobs.kinds import Kind, kind_named
from dss_widgets.jobs.slurm.note import read_json, read_note, write_json
from dss_widgets.jobs.slurm.submit import submit
from dss_widgets.options import Options, PlaceOptions, TrainingOptions
from dss_widgets.results.stems import CHECKPOINT
from dss_widgets.roots import refused_paths

_LAST_BREATH_SECONDS = 20
"""How long a worker may take to end once it has recorded how it ended."""


def start_job(kind: str, options: Options, place: PlaceOptions | None = None) -> Job:
    """Start work in a process of its own, which goes on when tab, notebook and server are gone.

    Args:
        kind: a name among :data:`~dss_widgets.jobs.kinds.KINDS`, such as ``assemble``, ``train``, ``evaluate`` or ``predict``.
        options: of the kind's own class.
        place: where it runs, and what it asks for there; left out, this computer.

    Returns:
        The job; follow it with :func:`~dss_widgets.jobs.follow.follow` or look at ``job.status()``. Where the same work was
        cut short earlier and can go on, it is that job.

    Raises:
        OptionsError: something stands against it; nothing was started.
        DataError: something that it needs cannot be read.
        RunError: the job's folder cannot be written, the same work is going on, no process can be started, or Slurm does not
            take the job.
    """
    job = create_job(kind, options)
    try:
        launch(job, place)
    except (OptionsError, RunError):
        if place is not None and place.is_slurm and not job.files.events.exists():  # nothing of it was ever done
            shutil.rmtree(job.folder, ignore_errors=True)
        raise
    return job


def start_run(options: TrainingOptions, place: PlaceOptions | None = None) -> Run:
    """Start a training; see :func:`start_job`."""
    return cast(Run, start_job(TRAIN, options, place))


def create_job(kind: str, options: Options) -> Job:
    """Write the folder of a new job, without starting it.

    Raises:
        OptionsError, DataError, RunError: as :func:`start_job`; nothing was written.
    """
    known = kind_named(kind)
    _refuse_errors(known, options)
    options = known.settled(options)
    folder = known.folder(options)
    unfinished = _cut_short(known, options, folder.parent) if known.goes_on else None
    try:
        if unfinished is not None:
            unfinished.files.write(known.name, options)  # what says how it is done may differ
            return unfinished
        folder.parent.mkdir(parents=True, exist_ok=True)
        _make_room(folder)
        JobFolder(folder).write(known.name, options)
    except OSError as error:
        raise RunError(f"{folder.parent}: cannot be written ({error.strerror}). Choose another folder.") from error
    return job_in(folder)


def _make_room(folder: Path) -> None:
    """Make a job's folder, in place of one that has ended.

    Raises:
        RunError: the one that is there is running.
        OSError: it cannot be made.
    """
    while True:
        try:
            folder.mkdir()
            return
        except FileExistsError:
            if job_in(folder).status().is_running:
                raise RunError(f"{folder.name}: is running already. Watch it: dss-widgets follow {folder}") from None
            shutil.rmtree(folder)


def _cut_short(kind: Kind[Any], options: Options, place: Path) -> Job | None:
    """Return a job of the same work that did not come to its end.

    Raises:
        RunError: the same work is going on.
    """
    for job in list_jobs(place):
        try:
            same = job.kind is kind and kind.is_same_work(job.options(), options)
        except DssWidgetsError:
            continue
        status = job.status()
        if same and status.is_running:
            raise RunError(f"{job.name}: is at the same work already. Watch it: dss-widgets follow {job.folder}")
        if same and status.state != "finished":
            return job
    return None


def resume_job(job: Job, *, epochs: int | None = None, place: PlaceOptions | None = None) -> Job:
    """Go on with a job that was stopped, died, failed or finished: where it was, as far as its kind can.

    Args:
        job: the job.
        epochs: of a training, a new number of epochs, to train a finished one for longer.
        place: where it goes on; left out, where it ran last.

    Returns:
        The same job.

    Raises:
        OptionsError: something stands against it, such as a dataset that is gone.
        DataError: something that it needs cannot be read.
        RunError: it is still running, was trained for more epochs already, no process can be started, or Slurm does not take
            the job.
    """
    _end_attempt_before(job)
    if job.status().is_running:
        raise RunError(f"{job.name}: is running already.")
    kind, options = job.kind, job.options()
    if epochs is not None:
        if not isinstance(job, Run):
            raise RunError(f"{job.name}: is no training, so it has no epochs.")
        done = job.status().epoch
        if epochs < done:
            raise RunError(f"{job.name}: has been trained for {done} epochs already. Give more than that to continue.")
        options = options.copy(epochs=epochs)
    _refuse_errors(kind, options, resuming=(job.folder / CHECKPOINT).is_file() or kind.goes_on)
    try:
        job.files.write(kind.name, options)
    except OSError as error:
        raise RunError(f"{job.folder}: cannot be written ({error.strerror}). Is the folder yours?") from error
    launch(job, place or place_of(job))
    return job


def _end_attempt_before(job: Job) -> None:
    """End the worker that an attempt of this very job of Slurm left behind on this machine: it keeps what it has."""
    told, number = read_json(job.files.worker), os.environ.get("SLURM_JOB_ID")
    if number and told.get("number") == number and told.get("host") == platform.node() and job.is_held():
        with contextlib.suppress(OSError, ValueError, TypeError):
            os.kill(int(told["pid"]), signal.SIGTERM)
        lock.wait_until_free(job.files.lock, seconds=_LAST_BREATH_SECONDS)


def place_of(job: Job) -> PlaceOptions:
    """Return where a job runs, or ran last, and what it asked for there."""
    note = read_note(job.files)
    return note.options() if note is not None else PlaceOptions()


def _refuse_errors(kind: Kind[Any], options: Options, *, resuming: bool = False) -> None:
    """Raise if something stands against the work, or it would leave the folders that may be used."""
    if not isinstance(options, kind.options):
        raise TypeError(f"{kind.name} takes {kind.options.__name__}, not {type(options).__name__}")
    errors = refused_paths(options)
    if not errors:
        errors = [problem for problem in kind.problems(options, resuming=resuming) if problem.is_error]
    if errors:
        raise OptionsError(errors)


def launch(job: Job, place: PlaceOptions | None = None) -> None:
    """Start the worker of a job that has a folder, or have Slurm start it.

    A worker on this computer inherits the lock that says it is alive, so that there is no moment in which the job looks dead.

    Args:
        job: the job.
        place: where it runs; left out, this computer.

    Raises:
        OptionsError: Slurm cannot take what the job asks for.
        RunError: a worker is at it already, as many jobs run as may at a time, no process can be started, or Slurm does not
            take the job.
    """
    files = JobFolder(job.folder.resolve())  # the worker runs in another folder than this process
    if read_note(files) is not None and job.status().is_running:  # on a node whose locks may not be seen here
        raise RunError(f"{job.name}: is running already.")
    with _take_lock(job, files.lock) as held:
        if place is not None and place.is_slurm:
            _submit(job, files, place)
        else:
            _launch_here(job, files, held)


def _submit(job: Job, files: JobFolder, place: PlaceOptions) -> None:
    """Have Slurm queue a job whose lock is held."""
    command = [sys.executable, "-P", "-m", "dss_widgets.jobs.slurm.worker", str(files.path)]
    kind, options = job.kind, job.options()
    place = place.copy(cpus=max(place.cpus, kind.least_cpus(options)))
    try:
        files.stop.unlink(missing_ok=True)
        submit(files, place, command, environment(), neutral_folder(), nodes=kind.nodes(options))
        append_event(files.events, StateChanged(state="queued"))
    except OSError as error:
        raise RunError(f"{job.name}: cannot be submitted ({error.strerror}). Is the folder yours?") from error


def _launch_here(job: Job, files: JobFolder, held: IO[bytes]) -> None:
    """Start the worker of a job, which inherits its lock."""
    nodes, tasks = job.kind.nodes(job.options()), job.kind.array_tasks(job.options())
    if nodes > 1 or tasks > 1:
        who = f"{nodes} nodes together" if nodes > 1 else f"{tasks} tasks of an array"
        raise RunError(f"{job.name}: is to be done by {who}, which takes Slurm: choose it, or --on slurm.")
    slot = None
    try:
        slot = slots.take()
        files.stop.unlink(missing_ok=True)  # an old wish; one that comes from now on is not overlooked
        files.slurm.unlink(missing_ok=True)  # should Slurm start an earlier submission, that does nothing
        append_event(files.events, StateChanged(state="starting"))
        kept = [file.fileno() for file in (held, slot) if file is not None]
        with open(append_only(files.log), "ab") as log:
            worker = subprocess.Popen(
                worker_command(files.path, held),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                close_fds=True,
                pass_fds=kept if os.name == "posix" else (),
                cwd=neutral_folder(),
                env=environment(),
            )
        write_json(files.worker, {"pid": worker.pid, "host": platform.node(), "number": os.environ.get("SLURM_JOB_ID", "")})
    except OSError as error:
        raise RunError(f"{job.name}: no process can be started ({error.strerror}).") from error
    finally:
        if slot is not None:
            slot.close()


def _take_lock(job: Job, path: Path) -> IO[bytes]:
    """Take a job's lock; one whose worker has said its last word but has not quite ended is waited for."""
    deadline = time.monotonic() + _LAST_BREATH_SECONDS
    while True:
        try:
            held = lock.acquire(path)
        except OSError as error:
            raise RunError(f"{path.parent}: cannot be written ({error.strerror}). Is the folder yours?") from error
        if held is not None:
            return held
        if job.status().is_running or time.monotonic() > deadline:
            raise RunError(f"{job.name}: is running already.")
        time.sleep(0.05)


def worker_command(folder: Path, held: IO[bytes] | None = None) -> list[str]:
    """Return the command that does a job: Python that looks for modules nowhere but where they are installed.

    Args:
        folder: the job's.
        held: the job's lock, which the worker inherits; None, and where files are not inherited: it takes the lock itself.
    """
    inherited = [str(held.fileno())] if held is not None and os.name == "posix" else []
    return [sys.executable, "-P", "-m", "dss_widgets.jobs.worker", str(folder), *inherited]


def neutral_folder() -> str:
    """Return a folder for processes to run in that nobody else writes to: where it lies must not change what they import."""
    return Path(sys.executable).anchor or os.sep


def environment() -> dict[str, str]:
    """Return the environment of a process of our own: it finds this package, and modules in no folder named relatively."""
    package = str(Path(__file__).resolve().parents[2])
    named = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(path)]
    if package not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        named.insert(0, package)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, **({"PYTHONPATH": os.pathsep.join(dict.fromkeys(named))} if named else {}), "PYTHONUNBUFFERED": "1"}
