"""What a visitor came for: folder, dataset and run from the link, else from the environment, else as last time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

from dss_widgets.errors import DssWidgetsError, Problem
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs import Run, find_run
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.panels.memory import last_folder
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import confined, why_refused


@dataclass(frozen=True)
class PageRequest:
    """What to open with.

    Attributes:
        folder: data folder, or ''.
        store: dataset, or ''.
        run: run folder, stem or name, or ''.
        by_link: whether folder and dataset are what a link names, not what was used last.
    """

    folder: str = ""
    store: str = ""
    run: str = ""
    by_link: bool = False

    def find_run(self) -> Run | None:
        """Return the run that was asked for: by its path, or by its name among those trained on the dataset.

        None: none was asked for, it is not there, or it may not be used.
        """
        if not self.run:
            return None
        try:
            return self._run_there()
        except DssWidgetsError:
            return None

    def _run_there(self) -> Run:
        """Return the run that was asked for.

        Raises:
            DssWidgetsError: it is not there, or may not be used.
        """
        return find_run(confined(self._run_named()))

    def _run_named(self) -> Path:
        named = os.sep not in self.run and self.store
        return TrainingOptions(store_folder=self.store).save_path / self.run if named else Path(self.run)

    def problems(self) -> Iterator[Problem]:
        """Yield why what the link names cannot be opened."""
        for kind, path in (("folder", self.folder), ("dataset", self.store)):
            if path and self.by_link:
                told = _why_not(path, kind)
                if told:
                    yield Problem(told)
        try:
            if self.run:
                self._run_there()
        except DssWidgetsError as error:
            stem = stem_of(self._run_named())
            if why_refused(stem) or not stem.with_name(stem.name + PARAMS_SUFFIX).is_file():
                yield Problem(str(error))

    def training_options(self) -> TrainingOptions:
        """Return options with the dataset that was asked for: itself, by a run on it, or by the folder it was made from."""
        run = self.find_run()
        if self.store or (run is None and not self.folder):
            return TrainingOptions(store_folder=self.store)
        if run is not None:
            options = TrainingOptions(store_folder=run.options().store_folder)
            if options.save_path != run.folder.parent:
                options.save_folder = str(run.folder.parent)
            return options
        store = AssemblyOptions(data_folder=self.folder).store_path
        return TrainingOptions(store_folder=str(store) if not why_refused(store) and store.is_dir() else "")


def _why_not(path: str, kind: str) -> str:
    """Return why a folder or a dataset cannot be opened, or ''."""
    refused = why_refused(path)
    if refused:
        return f"{path} {refused}"
    try:
        there = Path(path).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        there = False
    return "" if there else f"{path}: there is no such {kind}. Choose one that exists."


def query_string() -> str:
    """Return the link's query string under Voila, also in a kernel that was started before the visitor came; else ''."""
    if os.environ.get("VOILA_PREHEAT", "False") != "False":
        from voila.utils import get_query_string

        return get_query_string() or ""
    return os.environ.get("QUERY_STRING", "")


def this_request() -> PageRequest:
    """Return what to open with: ``?folder= &store= &run=``, else DSS_WIDGETS_FOLDER and _STORE, else what was used last.

    A link that names a folder, a dataset or the path of a run is taken by itself, so that it opens the same for everybody.
    """
    named = parse_qs(query_string())
    asked = {name: named[name][-1].replace("\0", "") for name in ("folder", "store", "run") if name in named}
    if "folder" in asked or "store" in asked or os.sep in asked.get("run", ""):
        return PageRequest(asked.get("folder", ""), asked.get("store", ""), asked.get("run", ""), by_link=True)
    folder, store = os.environ.get("DSS_WIDGETS_FOLDER", ""), os.environ.get("DSS_WIDGETS_STORE", "")
    if not folder and not store:
        folder, store = last_folder("assembly"), last_folder("training")
    return PageRequest(folder, store, asked.get("run", ""))
