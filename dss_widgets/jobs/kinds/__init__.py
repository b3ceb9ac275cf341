"""The kinds of work that are done as jobs: each is one declaration in a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dss_widgets.errors import DataError
from dss_widgets.jobs.kinds.annotating import Annotating
from dss_widgets.jobs.kinds.assembling import Assembling
from dss_widgets.jobs.kinds.cross_validating import CrossValidating
from dss_widgets.jobs.kinds.curving import Curving
from dss_widgets.jobs.kinds.false_alarming import FalseAlarming
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.kinds.label_checking import LabelChecking
from dss_widgets.jobs.kinds.learning import Learning
from dss_widgets.jobs.kinds.measuring import Measuring
from dss_widgets.jobs.kinds.reviewing import Reviewing
from dss_widgets.jobs.kinds.sharing import Sharing
from dss_widgets.jobs.kinds.sweeping import Sweeping
from dss_widgets.jobs.kinds.testing import Testing
from dss_widgets.jobs.kinds.training import Training
from dss_widgets.jobs.kinds.training_each import TrainingEach
from dss_widgets.jobs.kinds.verifying import Verifying

__all__ = ["KINDS", "Kind", "Task", "kind_named"]

KINDS: dict[str, Kind[Any]] = {
    kind.name: kind
    for kind in (
        Assembling(),
        Training(),
        TrainingEach(),
        Testing(),
        Annotating(),
        Measuring(),
        Reviewing(),
        Learning(),
        LabelChecking(),
        Verifying(),
        Sharing(),
        Curving(),
        CrossValidating(),
        FalseAlarming(),
        Sweeping(),
    )
}
"""Every kind of work by its name."""


def kind_named(name: str, file: Path | None = None) -> Kind[Any]:
    """Return the kind of work that has a name.

    Args:
        name: such as ``train``.
        file: where the name was read, for the message.

    Raises:
        DataError: there is no such kind.
    """
    if name not in KINDS:
        where = f"{file}: " if file else ""
        raise DataError(f"{where}{name!r} is no kind of work known here ({', '.join(KINDS)}). A later version may know it.")
    return KINDS[name]
