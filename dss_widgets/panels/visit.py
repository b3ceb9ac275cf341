"""What a visitor came for: folder, dataset and run from the link, else from the environment, else as last time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import parse_qs

from dss_widgets.errors import DssWidgetsError
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.panels.memory import last_folder
from dss_widgets.panels.roots import confined, why_refused
from dss_widgets.runs import Run, find_run


@dataclass(frozen=True)
class Visit:
    """What to open with.

    Attributes:
        folder: data folder, or ''.
        store: dataset, or ''.
        run: run folder, stem or name, or ''.
    """

    folder: str = ""
    store: str = ""
    run: str = ""

    def find_run(self) -> Run | None:
        """Return the run that was asked for: by its path, or by its name among those trained on the dataset.

        None: none was asked for, it is not there, or it may not be used.
        """
        if not self.run:
            return None
        named = os.sep not in self.run and self.store
        try:
            return find_run(confined(TrainingOptions(store_folder=self.store).save_path / self.run if named else self.run))
        except DssWidgetsError:
            return None

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


def query_string() -> str:
    """Return the link's query string under Voila, also in a kernel that was started before the visitor came; else ''."""
    if os.environ.get("VOILA_PREHEAT", "False") != "False":
        from voila.utils import get_query_string

        return get_query_string() or ""
    return os.environ.get("QUERY_STRING", "")


def this_visit() -> Visit:
    """Return what to open with: ``?folder= &store= &run=``, else DSS_WIDGETS_FOLDER and _STORE, else what was used last.

    A link that names a folder or dataset is taken by itself, so that it opens the same for everybody.
    """
    named = parse_qs(query_string())
    asked = {name: named[name][-1].replace("\0", "") for name in ("folder", "store", "run") if name in named}
    if "folder" in asked or "store" in asked:
        return Visit(**asked)
    folder, store = os.environ.get("DSS_WIDGETS_FOLDER", ""), os.environ.get("DSS_WIDGETS_STORE", "")
    if not folder and not store:
        folder, store = last_folder("assembly"), last_folder("training")
    return Visit(folder, store, **asked)
