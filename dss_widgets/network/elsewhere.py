"""Annotating one recording in whichever process an executor chooses: only paths, options and outcomes travel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from dss_widgets.errors import Cancelled, DataError
from dss_widgets.events import RecordingDone
from dss_widgets.network.device import has_cuda
from dss_widgets.network.outcomes import why_failed
from dss_widgets.network.task_process import is_to_stop, tell
from dss_widgets.network.tensorflow_setup import import_tensorflow_quietly
from dss_widgets.options import PredictionOptions
from dss_widgets.options.prediction import Combine

if TYPE_CHECKING:
    from dss_widgets.network.ensemble import TrainedEnsemble


@dataclass(frozen=True, kw_only=True)
class Work:
    """A recording to annotate, as it travels.

    Attributes:
        call: tells calls of ``predict`` apart: the networks are read once in each.
        stems: paths of the networks' files, without their endings.
        combine: how several are used together.
        recording, file: the recording, and where its annotations go.
        options: thresholds and durations, as plain values.
        merge: whether they are put beside annotations that are there already.
    """

    call: str
    stems: tuple[str, ...]
    combine: Combine
    recording: str
    file: str
    options: Mapping[str, Any]
    merge: bool


@dataclass(frozen=True, kw_only=True)
class Report:
    """What became of it, as it travels back: exactly one of the first five.

    Attributes:
        told: what was done.
        failure: why the recording failed.
        refused: why the networks cannot be used.
        unwritable: why annotations cannot be written.
        is_stopped: whether it was stopped before its end.
        notices: what is odd about the recording.
        n_samples: its length at the (first) network's sample rate; 0 where that is not known.
    """

    told: RecordingDone | None = None
    failure: str = ""
    refused: str = ""
    unwritable: str = ""
    is_stopped: bool = False
    notices: tuple[str, ...] = ()
    n_samples: int = 0


def annotate_elsewhere(work: Work) -> Report:
    """Annotate a recording; every error that people are told of comes back as words."""
    try:
        trained = _networks(work)
    except DataError as error:
        return Report(refused=str(error))
    return _annotated(trained, work)


def _annotated(trained: TrainedEnsemble, work: Work) -> Report:
    from dss_widgets.network.annotate import annotate_file, length_of, open_fitting

    notices: list[str] = []
    recording, n_samples = Path(work.recording), 0

    def progressed(samples: int, n_samples: int) -> None:
        tell((work.recording, samples, n_samples))
        if samples < n_samples:
            check()

    def check() -> None:
        if is_to_stop():
            raise Cancelled("Stopped, as was wished.")

    try:
        check()
        opened = open_fitting(trained, recording)
        n_samples = length_of(trained, opened)
        told = annotate_file(
            trained, opened, Path(work.file), PredictionOptions(**work.options), merge=work.merge, on_progress=progressed,
            on_notice=notices.append,
        )  # fmt: skip
    except Cancelled:
        return Report(is_stopped=True)
    except OSError as error:
        return Report(unwritable=error.strerror or str(error))
    except (DataError, MemoryError) as error:
        return Report(failure=why_failed(recording, error), notices=tuple(notices), n_samples=n_samples)
    return Report(told=told, notices=tuple(notices), n_samples=n_samples)


_lock = Lock()
_loaded: dict[str, TrainedEnsemble] = {}
"""The networks of the call that was worked for last."""


def _networks(work: Work) -> TrainedEnsemble:
    """Return the networks, which are loaded once in a process and call, whichever threads ask for them."""
    with _lock:  # TensorFlow itself, where it is needed, cannot be imported by two threads at once
        if has_cuda():
            import_tensorflow_quietly()
        from dss_widgets.network.ensemble import load_networks

        if work.call not in _loaded:
            _loaded.clear()
            _loaded[work.call] = load_networks(work.stems, work.combine, fast=bool(work.options.get("fast")))
            _loaded[work.call].prepare()
        return _loaded[work.call]
