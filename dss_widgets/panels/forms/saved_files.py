"""What may be saved on a server that others use, and where: a file's name and place must not make it something that is run."""

from __future__ import annotations

from pathlib import Path

from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX, JobFolder
from dss_widgets.roots import allowed_roots

_KINDS = ((".yaml", ".yml"), (".sh", ".sbatch"))
"""Endings that mean the same kind of file."""

_DATA_FOLDERS = (".npy", SUFFIX, ".zarr")

_A_JOB = JobFolder(Path())
_ENVIRONMENT = ("pyvenv.cfg", "conda-meta")
_MOST_BYTES_OF_A_NAME = 200


def endings_like(name: str) -> tuple[str, ...]:
    """Return the endings that a file of this kind may have: ``.yml`` for one that is called ``training.yaml``, too."""
    ending = Path(name).suffix
    return next((kind for kind in _KINDS if ending in kind), (ending,))


def why_not_named(name: str, endings: tuple[str, ...]) -> str | None:
    """Return why a file may not have a name, with the mend; None if it may.

    Args:
        name: without folders.
        endings: what the file is.
    """
    if not name.isprintable() or len(name.encode()) > _MOST_BYTES_OF_A_NAME:
        return "is too long, or contains characters that cannot be printed. Choose a short, plain name."
    if name.startswith("."):
        return "would be a hidden file. Leave out the dot in front."
    if Path(name).suffix not in endings:
        return f"must end in {' or '.join(endings)}, which is what is saved here."
    if name in (_A_JOB.job.name, _A_JOB.old_options.name) or name.endswith(PARAMS_SUFFIX):
        return "is a name that belongs to runs and networks. Choose another one."
    return None


def why_not_into(folder: Path) -> str | None:
    """Return why visitors may put nothing into a folder, with the mend; None if they may.

    Hidden folders hold settings and start files of programs, folders ending in ``.d`` (such as conda's ``activate.d``) and
    environments hold what is run, and a run, a job, a dataset or a recording that is a folder is read as it is.
    """
    resolved = folder.expanduser().resolve()
    root = next((root for root in allowed_roots() if resolved.is_relative_to(root)), None)
    inside = resolved.relative_to(root).parts if root else ()
    places = [resolved, *resolved.parents][: len(inside) + 1]
    if any(part.startswith(".") or part.endswith(".d") for part in inside):
        return "is a hidden folder, or one of settings. Choose another one."
    if any(place.suffix.lower() in _DATA_FOLDERS for place in places) or JobFolder(resolved).is_job():
        return "is a run, a job, a dataset or a recording. Choose a folder beside it."
    if any((place / name).exists() for place in places for name in _ENVIRONMENT):
        return "belongs to an installation of Python. Choose another one."
    return None
