"""What a visitor came for: folder, dataset and run from the link, else from the environment, else as last time."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import parse_qs

from dss_widgets.panels.memory import last_folder


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
    asked = {name: values[-1] for name, values in parse_qs(query_string()).items() if name in ("folder", "store", "run")}
    if "folder" in asked or "store" in asked:
        return Visit(**asked)
    folder, store = os.environ.get("DSS_WIDGETS_FOLDER", ""), os.environ.get("DSS_WIDGETS_STORE", "")
    if not folder and not store:
        folder, store = last_folder("assembly"), last_folder("training")
    return Visit(folder, store, **asked)
