"""What a pack holds, written where it belongs, and the paths in a job's files put right for the machine that they are on."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from dss_widgets.errors import DataError
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.job import Job, Run
from dss_widgets.results.params_file import read_params, write_params
from dss_widgets.results.results_file import change_params
from dss_widgets.roots import confined, open_confined
from dss_widgets.whole_files import appearing_whole


def extract(opened: zipfile.ZipFile, places: Mapping[str, Path], *, replaces: Callable[[Path], bool] = lambda _: False) -> None:
    """Write the files of a pack, each whole or not at all.

    Args:
        opened: the pack.
        places: where its folders go, by their names; what lies in no such folder stays in the pack.
        replaces: says which files that are there may be replaced.

    Raises:
        DataError: an entry would leave its place, or a file that is there would be lost; nothing was written.
        OSError: a file cannot be written.
    """
    entries = list(_entries(opened, places))
    taken = [path for entry, path in entries if path.exists() and not replaces(path) and not _is_same(entry, path)]
    if taken:
        more = f", and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise DataError(f"{taken[0]}{more}: would be replaced. Move it away first.")
    for entry, path in entries:
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as content, appearing_whole(path) as partial, open(partial, "wb") as into:
            while block := content.read(2**20):
                into.write(block)


def _entries(opened: zipfile.ZipFile, places: Mapping[str, Path]) -> Iterator[tuple[zipfile.ZipInfo, Path]]:
    for entry in opened.infolist():
        inside = PurePosixPath(entry.filename)
        first, *rest = inside.parts or ("",)
        if first not in places or entry.is_dir():
            continue
        if not rest or inside.is_absolute() or ".." in rest or "\\" in entry.filename or "\0" in entry.filename:
            raise DataError(f"{opened.filename}: {entry.filename!r} would lie outside of its folder. This is no pack of a job.")
        yield entry, confined(places[first].joinpath(*rest))


def _is_same(entry: zipfile.ZipInfo, path: Path) -> bool:
    found = 0
    with open_confined(path) as file:
        while block := file.read(2**20):
            found = zlib.crc32(block, found)
    return found == entry.CRC


def put_paths_right(job: Job, moved: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Change the paths in a job's files: its options, its events, and the params of the network that it has trained.

    Args:
        job: the job.
        moved: new paths by old ones; what lies below an old one follows.
        values: options that are set as they stand.

    Raises:
        DataError, OptionsError: the job's options cannot be read.
        OSError: a file cannot be written.
    """
    options = job.options()
    options = options.copy(**{**_changed(options.as_dict(), moved), **{name: v for name, v in values.items() if name}})
    job.files.write(job.kind.name, options)
    _change_events(job.files.events, moved)
    if isinstance(job, Run):
        params = Path(f"{job.stem}{PARAMS_SUFFIX}")
        if params.is_file():
            write_params(params, _changed(read_params(params), moved))
        if job.results_path.is_file():
            change_params(job.results_path, lambda told: _changed(told, moved))


def _changed(value: Any, moved: Mapping[str, str]) -> Any:
    """Return plain values with their paths changed."""
    if isinstance(value, dict):
        return {name: _changed(item, moved) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_changed(item, moved) for item in value]
    if not isinstance(value, str):
        return value
    for old in sorted(moved, key=len, reverse=True):
        if value == old or value.startswith((f"{old}/", f"{old}\\")):
            return moved[old] + value[len(old) :]
    return value


def _change_events(path: Path, moved: Mapping[str, str]) -> None:
    try:
        with open_confined(path) as file:
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return
    with appearing_whole(path) as partial:
        partial.write_text("".join(f"{_changed_line(line, moved)}\n" for line in lines), encoding="utf-8")


def _changed_line(line: str, moved: Mapping[str, str]) -> str:
    try:
        return json.dumps(_changed(json.loads(line), moved), ensure_ascii=False)
    except (ValueError, RecursionError):
        return line
