"""What Voila is told wherever it shows a dashboard: as a server of its own, or as an extension of a Jupyter server."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError

NEEDED = ("anywidget", "bqplot", "bqscales", "@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")
"""The JupyterLab extensions that a dashboard needs; each other one that is installed would cost visitors time."""

TEMPLATE = "dss"
"""Voila's page with nothing from other servers, so that it opens at once on a machine without internet too."""


def apps_folder() -> Path:
    """Return the folder of the dashboards' notebooks: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "apps", package.parent / "apps"):
        if (folder / "dashboard.ipynb").is_file():
            return folder
    raise DataError(f"{package}: the dashboards' notebooks are missing. Install the package again.")


def leave_out_grammar() -> None:
    """Spare this process seconds: jsonschema, if it finds the grammar of IRIs, builds its parser when it is imported.

    No schema of Jupyter's holds an IRI, and without the grammar jsonschema checks everything else. To be called before anything
    of Jupyter's is imported; see https://github.com/jupyter-server/jupyter_server/issues/1559.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # importing it is then an ImportError


def find_template() -> None:
    """Let Jupyter in this process find the page's template."""
    found = str(apps_folder() / "jupyter")
    path = os.environ.get("JUPYTER_PATH", "")
    if found not in path.split(os.pathsep):
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [found, path]))


def voila_settings() -> dict[str, Any]:
    """Return the traits of VoilaConfiguration: no files are served, the page is ours, and only what is needed is loaded."""
    from jupyterlab_server.config import get_federated_extensions
    from voila.utils import get_voila_labextensions_path

    installed = get_federated_extensions(get_voila_labextensions_path())
    return {
        "template": TEMPLATE,
        "allow_template_override": "NO",
        "file_allowlist": ["^$"],
        "extension_denylist": sorted(set(installed) - set(NEEDED)),
    }


def without_formulas(page_config: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Return what a page is told, less the program for formulas, which a Jupyter server fetches from another server."""
    return {**page_config, "fullMathjaxUrl": None, "mathjaxConfig": None}


def voila_arguments(**more: Any) -> list[str]:
    """Return the same, and more traits of VoilaConfiguration, as arguments of a command line."""
    arguments = []
    for name, value in {**voila_settings(), **more}.items():
        for one in value if isinstance(value, list) else [value]:
            arguments.append(f"--VoilaConfiguration.{name}={one}")
    return arguments
