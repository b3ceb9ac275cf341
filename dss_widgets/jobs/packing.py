"""Jobs that are carried to another machine and back: one zip file with the job's folder, what it needs and what it has made.

On the other machine everything lies below one folder, and the job's options name what lies there. Where its paths led on the
machine that it came from is kept with the job, so that what comes back names the places of its own machine again.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError, RunError
from dss_widgets.file_endings import ENDINGS, RUN_SUFFIX
from dss_widgets.jobs.folder import JobFolder
from dss_widgets.jobs.job import Job, job_in
from dss_widgets.jobs.paths_inside import extract, put_paths_right
from dss_widgets.jobs.slurm.note import read_json, write_json
from dss_widgets.roots import confined, open_confined
from dss_widgets.whole_files import appearing_whole

MANIFEST = "pack.json"
"""Name of the file at the top of a pack."""

MADE, NEEDED = "results", "data"
"""Folders of a pack: what the job makes, with its own folder, and what it needs."""

_OF_THE_MACHINE = ("worker.lock", "worker.json", "stop", "warned", "slurm.json", "slurm_end.json", "exit.json", "batch.sh")
"""What of a job's folder is about the machine that it is on."""

_CARRIED = "carried.json"
"""Name of the file in a job's folder that says that it is on a journey, and where it came from."""


@dataclass(frozen=True)
class Home:
    """Where a job that is carried came from.

    Attributes:
        token: tells this job from all others.
        folder: of the job.
        places: where the parts of a pack lie there, by their names in it: a folder, a file, or the beginning of files' names.
        values: the options that name places, as they are there.
    """

    token: str
    folder: str
    places: dict[str, str]
    values: dict[str, Any]


def _home(told: object) -> Home | None:
    if not isinstance(told, dict):
        return None
    token, folder, places, values = (told.get(name) for name in ("token", "folder", "places", "values"))
    if not (isinstance(token, str) and isinstance(folder, str) and isinstance(places, dict) and isinstance(values, dict)):
        return None
    return Home(token, folder, {str(inside): str(there) for inside, there in places.items()}, values)


def pack(job: Job, file: str | os.PathLike[str], *, with_data: bool | None = None, overwrite: bool = False) -> Path:
    """Write a job, what it needs, and what it has made so far into a zip file, which appears whole or not at all.

    Args:
        job: one that is not running.
        file: the zip file to write.
        with_data: whether what it needs goes along; left out: unless the job goes back to where it came from.
        overwrite: whether a file of that name is replaced.

    Returns:
        The file.

    Raises:
        RunError: it is running, or is of a kind that cannot be carried.
        DataError: something that it needs is not there, or the file cannot be written or is there already.
    """
    path = confined(Path(file).expanduser())
    if job.status().is_running:
        raise RunError(f"{job.name}: is still running. Stop it first: dss-widgets stop {job.folder}")
    if path.exists() and not overwrite:
        raise DataError(f"{path}: exists already. Choose another name, or --overwrite.")
    places, needed = _needed(job)
    home, is_at_home = _home_of(job, places)
    goes_along = is_at_home if with_data is None else with_data
    files = [*_made(job), *(needed if goes_along else ())]
    try:
        if is_at_home:
            write_json(job.folder / _CARRIED, asdict(home))
        told = {"job": job.name, "home": asdict(home), "here": places}
        with appearing_whole(path) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as into:
            into.writestr(MANIFEST, json.dumps(told, indent=1))
            for source, name in files:
                with open_confined(source) as content, into.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                    while block := content.read(2**20):
                        entry.write(block)
    except OSError as error:
        raise DataError(f"{error.filename or path}: cannot be read or written ({error.strerror}).") from error
    return path


def _home_of(job: Job, places: dict[str, str]) -> tuple[Home, bool]:
    """Return where a job is at home, and whether it is there."""
    folder = str(job.folder.resolve())
    known = _home(read_json(job.folder / _CARRIED))
    if known is not None and known.folder != folder:
        return known, False
    values = job.options().as_dict()
    named = [*(job.kind.needs(job.options()) or {}), job.kind.goes_to]
    token = known.token if known is not None else secrets.token_hex(8)
    return Home(token, folder, places, {name: values[name] for name in named}), True


def _needed(job: Job) -> tuple[dict[str, str], list[tuple[Path, str]]]:
    """Return where the parts of a pack lie here, and the files that the job needs, with their names in the pack."""
    needs = job.kind.needs(job.options())
    if needs is None:
        raise RunError(f"{job.name}: work of this kind ({job.kind.label}) cannot be carried. Pack a training or an annotation.")
    places, files = {MADE: str(job.folder.parent.resolve())}, []
    for option, paths in needs.items():
        for number, path in enumerate(paths):
            inside = f"{NEEDED}/{option}/{number}/{path.name}"
            places[inside] = str(path)
            found = [(source, f"{inside}{rest}") for source, rest in _files_at(confined(path))]
            if not found:
                raise DataError(f"{path}: is not there, and the job needs it.")
            files += found
    return places, files


def _files_at(path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files of a folder, the file itself, or those of a stem, each with what follows the path in its name."""
    if path.is_file():
        yield path, ""
    elif path.is_dir():
        yield from (
            (source, f"/{source.relative_to(path).as_posix()}") for source in sorted(path.rglob("*")) if source.is_file()
        )
    else:
        for ending in ENDINGS:
            if (source := path.with_name(path.name + ending)).is_file():
                yield source, ending


def _made(job: Job) -> Iterator[tuple[Path, str]]:
    """Yield the files of the job's folder, and those that the job has made beside it, with their names in the pack."""
    inside = [path for path in sorted(job.folder.rglob("*")) if path.name not in _OF_THE_MACHINE]
    whole = [path for path in inside if ".partial" not in path.name]
    for source in [*whole, *job.kind.made(job.options(), JobFolder(job.folder), job.status())]:
        if source.is_file():
            yield source, f"{MADE}/{source.relative_to(job.folder.parent).as_posix()}"


def unpack(file: str | os.PathLike[str], folder: str | os.PathLike[str] | None = None) -> Job:
    """Unpack a job, with its paths put right.

    Args:
        file: the zip file.
        folder: where it goes, into a folder of the job's name; left out: back to where it came from.

    Returns:
        The job, which can be gone on with by :func:`~dss_widgets.jobs.start.resume_job`.

    Raises:
        DataError: it is no pack, is damaged, came from another machine, or its place is taken.
        RunError: the job that it is to bring further is running here.
    """
    try:
        with open_confined(file) as content, zipfile.ZipFile(content) as opened:
            told = _manifest(opened)
            home, name, here = _home(told.get("home")), told.get("job"), told.get("here")
            if home is None or not isinstance(name, str) or not name or Path(name).name != name or not isinstance(here, dict):
                raise DataError(f"{file}: is no pack of a job. 'dss-widgets pack JOB FILE.zip' makes one.")
            here = {str(inside): str(there) for inside, there in here.items()}
            if folder is None:
                return _put_back(opened, name, home, here, file)
            return _lay_out(opened, name, home, here, confined(Path(folder).expanduser().absolute()) / name)
    except (zipfile.BadZipFile, EOFError) as error:
        raise DataError(f"{file}: is damaged, or no zip file ({error}). Copy it again.") from error
    except OSError as error:
        raise DataError(f"{error.filename or file}: cannot be read or written ({error.strerror or error}).") from error


def _manifest(opened: zipfile.ZipFile) -> dict[str, Any]:
    try:
        with opened.open(MANIFEST) as entry:
            told = json.loads(entry.read(10_000_000))
    except (KeyError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _lay_out(opened: zipfile.ZipFile, name: str, home: Home, here: dict[str, str], place: Path) -> Job:
    """Unpack a job into a folder of its own."""
    if place.exists():
        raise DataError(f"{place}: exists already. Choose another folder.")
    try:
        extract(opened, {MADE: place / MADE, NEEDED: place / NEEDED})
        job = job_in(place / MADE / f"{name}{RUN_SUFFIX}")
        moved = {there: str(place / inside) for inside, there in here.items()}
        put_paths_right(job, moved, {job.kind.goes_to: str(place / MADE)})
        write_json(job.folder / _CARRIED, asdict(home))
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return job


def _put_back(opened: zipfile.ZipFile, name: str, home: Home, here: dict[str, str], file: object) -> Job:
    """Unpack a job where it came from: what is left of it there goes on as it came back."""
    job = job_in(confined(Path(home.folder)))
    if read_json(job.folder / _CARRIED).get("token") != home.token or job.name != name:
        raise DataError(f"{file}: did not come from {job.folder} on this machine. Name a folder to unpack it into.")
    if job.status().is_running:
        raise RunError(f"{job.name}: is running. Stop it first: dss-widgets stop {job.folder}")
    own = {path.resolve() for path in job.kind.made(job.options(), JobFolder(job.folder), job.status())}
    extract(opened, {MADE: job.folder.parent}, replaces=lambda path: path.resolve() in own or job.folder in path.parents)
    put_paths_right(job, {there: home.places[inside] for inside, there in here.items() if inside in home.places}, home.values)
    (job.folder / _CARRIED).unlink(missing_ok=True)  # it is at home
    return job
