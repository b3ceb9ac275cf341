"""The options that a run was trained with, from whatever is left of it."""

from __future__ import annotations

import contextlib
from pathlib import Path

from dss_widgets.errors import DssWidgetsError
from dss_widgets.options import TrainingOptions
from dss_widgets.results.params_file import PARAMS_SUFFIX, read_params
from dss_widgets.runs import Run


def options_of(run: Run) -> TrainingOptions | None:
    """Return what a run was trained with, also where only its files are left; None where nothing tells."""
    with contextlib.suppress(DssWidgetsError):
        return run.options()
    with contextlib.suppress(DssWidgetsError, KeyError, TypeError):
        return TrainingOptions.from_dict(read_params(Path(f"{run.stem}{PARAMS_SUFFIX}"))["dss_widgets"]["options"])
    return None
