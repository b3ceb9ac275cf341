"""The commands that look at jobs of every kind and steer them: runs, follow, stop, resume."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from dss_widgets.cli.output import duration, print_json, print_problems, table
from dss_widgets.cli.places import add_place, add_within, place_from
from dss_widgets.cli.watching import attend, attend_within, watch
from dss_widgets.errors import RunError
from dss_widgets.file_endings import RUN_SUFFIX
from dss_widgets.jobs import Job, find_job, list_jobs, resume_job
from dss_widgets.jobs.start import place_of
from dss_widgets.jobs.status import JobStatus, RunStatus
from dss_widgets.results.for_das import files_to_rename


def add_commands(commands: Any) -> None:
    """Add the commands to the command line."""
    runs = commands.add_parser("runs", help="list the trainings, tests and other jobs of a folder")
    runs.add_argument("folder", metavar="FOLDER", help=f"a save folder, or another in which jobs lie (NAME{RUN_SUFFIX})")
    runs.add_argument("--json", action="store_true", help="print one JSON document")
    runs.set_defaults(run=run_runs)

    following = commands.add_parser("follow", help="watch a job until it ends")
    add_job(following)
    following.set_defaults(run=run_follow)

    stop = commands.add_parser("stop", help="stop a job; a training keeps its best network")
    add_job(stop)
    stop.set_defaults(run=run_stop)

    resume = commands.add_parser("resume", help="continue a job that was stopped, died, failed or finished")
    add_job(resume)
    resume.add_argument("--epochs", type=int, metavar="N", help="train a finished network for longer: the new number of epochs")
    add_place(resume)
    add_within(resume)
    resume.set_defaults(run=run_resume)


def add_recordings(parser: argparse.ArgumentParser, metavar: str = "RECORDING", more: str = "") -> None:
    """Add the arguments that name recordings; ``more`` is what else stands among them."""
    parser.add_argument(
        "recordings", metavar=metavar, nargs="*",
        help=f"{more}a recording, a folder with recordings in it and below, or a pattern in quotes, such as 'season/**/*.wav'",
    )  # fmt: skip
    parser.add_argument(
        "--list", dest="list_file", metavar="FILE", default=argparse.SUPPRESS,
        help="a file that names recordings, one a line, seen from its own folder; lines that begin with # are passed over",
    )  # fmt: skip


def add_job(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a job."""
    parser.add_argument(
        "name", metavar="JOB", help=f"a job's folder (NAME{RUN_SUFFIX}); a training also by its stem or one of its files"
    )


def run_runs(args: argparse.Namespace) -> int:
    """List the jobs of a folder."""
    if not Path(args.folder).expanduser().is_dir():
        raise RunError(f"{args.folder}: is not a folder. Name the folder that training saves into (STORE.res).")
    jobs = list_jobs(args.folder)
    if args.json:
        print_json({"folder": args.folder, "runs": [job.as_dict() for job in jobs]})
        return 0
    if not jobs:
        print(f"{args.folder}: no runs")
        return 0
    header = ["run", "kind", "state", "done", "best validation loss", "test F1", "time", ""]
    print(table([_row(job) for job in jobs], header))
    print_problems(files_to_rename(Path(args.folder)))
    return 0


def _row(job: Job) -> list[Any]:
    status, told = job.status(), job.as_dict()
    message = status.message if status.state != "queued" else ""  # which the place's words hold
    why = (". ".join(filter(None, [status.place_words, message])) or "; ".join(status.warnings[-1:])).splitlines()
    scores = (status.best_val_loss, status.macro_f1) if isinstance(status, RunStatus) else (None, None)
    return [job.name, told["kind"], status.state, _done(status), *scores, duration(status.seconds), " ".join(why[:1])]


def _done(status: JobStatus) -> str:
    if isinstance(status, RunStatus):
        return f"{status.epoch} of {status.epochs} epochs"
    return "" if status.share is None else f"{status.share:.0%}"


def run_follow(args: argparse.Namespace) -> int:
    """Watch a job."""
    return watch(find_job(args.name))


def run_stop(args: argparse.Namespace) -> int:
    """Ask a job to stop."""
    job = find_job(args.name)
    status = job.status()
    if not status.is_running:
        print(f"{job.name}: is not running ({status.state})")
        return 0
    job.stop()
    print(f"{job.name}: {job.kind.when_stopped if status.state != 'queued' else 'is taken out of the queue'}")
    return 0


def run_resume(args: argparse.Namespace) -> int:
    """Go on with a job; unless detached, watch it to its end."""
    job = find_job(args.name)
    if args.epochs is None and job.status().state == "finished":
        longer = " To train it for longer, give a new number of epochs: --epochs N." if job.kind.name == "train" else ""
        print(f"{job.name}: has finished already.{longer}")
        return 0
    if args.create:
        print(job.folder)
        return 0
    if args.within_job:
        return attend_within(job)
    return attend(resume_job(job, epochs=args.epochs, place=place_from(args, place_of(job))), detach=args.detach)
