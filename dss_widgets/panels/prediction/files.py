"""What can be predicted with what, and what came of it: recordings of a folder, trained networks, files to download."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.dataset.recordings.opening import is_recording
from dss_widgets.errors import DataError
from dss_widgets.panels.forms.code import download_link
from dss_widgets.panels.look.theme import scrolling
from dss_widgets.panels.look.words import escape
from dss_widgets.results.params_file import PARAMS_SUFFIX, read_params
from dss_widgets.roots import why_refused
from dss_widgets.runs import list_runs

MOST_RECORDINGS = 2000
_NETWORK_SUFFIXES = ("_model.keras", "_model.h5")


def recordings_of(place: str) -> list[Path]:
    """Return the recordings that a path stands for, sorted: itself, or those in the folder; none if it may not be used."""
    path = Path(place).expanduser()
    if not place or why_refused(place):
        return []
    if path.is_file():
        return [path] if is_recording(path) else []
    try:
        files = sorted(p for p in path.iterdir() if is_recording(p) and not p.name.startswith(".") and p.is_file())
    except OSError:
        return []
    return [file for file in files if not why_refused(file)][:MOST_RECORDINGS]


def networks_of(save_folder: str) -> list[tuple[str, str]]:
    """Return (words, stem) of the trained networks in a folder, newest first, also where only their files were copied."""
    folder = Path(save_folder).expanduser()
    if not save_folder or why_refused(save_folder) or not folder.is_dir():
        return []
    scores = {run.name: run.status().macro_f1 for run in list_runs(folder)}
    found = []
    for params in folder.glob(f"*{PARAMS_SUFFIX}"):
        stem = params.with_name(params.name.removesuffix(PARAMS_SUFFIX))
        if any(stem.with_name(stem.name + suffix).is_file() for suffix in _NETWORK_SUFFIXES):
            score = scores.get(stem.name)
            found.append((f"{stem.name} (macro F1 {score:.3f})" if score is not None else stem.name, str(stem)))
    return sorted(found, key=lambda item: (item[1][-len("YYYYMMDD_hhmmss") :], item[1]), reverse=True)


def song_types_of(stem: str) -> tuple[str, ...]:
    """Return the classes that a network knows, in its order; none where that is not told."""
    try:
        return tuple(map(str, read_params(f"{stem}{PARAMS_SUFFIX}").get("class_names") or ()))
    except DataError:
        return ()


def kinds_of(stem: str) -> set[str]:
    """Return the categories of the song types that a network knows: ``event``, ``segment``; both where that is not told."""
    try:
        kinds = read_params(f"{stem}{PARAMS_SUFFIX}").get("class_types")
    except DataError:
        kinds = None
    return {str(kind) for kind in kinds[1:]} if kinds else {"event", "segment"}


MOST_LINKED_BYTES = 1_000_000
"""Of files that the page holds ready one by one; of more, only all together can be downloaded."""


def file_table(files: Sequence[Path]) -> str:
    """Return the annotation files as a table, each with a link that downloads it, unless they are many and large."""
    linked = sum(file.stat().st_size for file in files if file.is_file()) <= MOST_LINKED_BYTES
    rows = "".join(
        f'<tr><td class="dss-name" title="{escape(file)}">{escape(file.name)}</td>'
        f'<td class="dss-number">{_n_labels(file)}</td>'
        f'<td class="dss-number">{download_link(_text(file), file.name) if linked else ""}</td></tr>'
        for file in files
    )
    head = '<th>Annotations</th><th class="dss-number">Labels</th><th class="dss-number">File</th>'
    table = f'<table class="dss-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f"<p>In <code>{escape(files[0].parent)}</code></p>{scrolling(table, 'Annotation files')}"


_PACKED = ".h5"
"""Ending of files that are compressed already."""


def zip_of(files: Sequence[Path]) -> bytes:
    """Return files as the content of a zip file; those that are gone are left out."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for file in files:
            if file.is_file():
                kind = zipfile.ZIP_STORED if file.suffix == _PACKED else zipfile.ZIP_DEFLATED
                archive.write(file, file.name, compress_type=kind)
    return content.getvalue()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""


def _n_labels(file: Path) -> str:
    try:
        return f"{len(read_annotations(file)[0]):,}"
    except DataError:
        return "–"
