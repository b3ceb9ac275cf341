"""What ``train --dry-run`` prints."""

from __future__ import annotations

from collections.abc import Mapping

from dss_widgets.cli.output import duration
from dss_widgets.dataset.dry_check import DryCheck, gigabytes
from dss_widgets.results.measured import Measured

_WIDTH = 18


def _lines(rows: Mapping[str, str]) -> str:
    return "\n".join(f"{name:<{_WIDTH}}{words}" for name, words in rows.items())


def dry_run_text(check: DryCheck) -> str:
    """Return what a training comes to, line by line."""
    there = "" if check.memory_there is None else f"; this machine has {gigabytes(check.memory_there)}"
    rows = {
        "batches an epoch": f"{check.batches:,}, and {check.val_batches:,} of validation",
        "steps of learning": f"{check.steps:,} in all",
        "chunk": f"{_short(check.chunk_seconds)} at once",
        "context": f"{_short(check.context_seconds)} around every moment, in steps of {_short(check.step_seconds)}",
        "weights": f"{check.n_weights:,}",
        "memory": f"about {gigabytes(check.memory_bytes)}{there}",
        "disk": f"about {gigabytes(check.disk_bytes)}; {gigabytes(check.disk_free)} are free",
    }
    if check.typical_seconds:
        shown = sorted(check.typical_seconds.items(), key=lambda item: item[1])
        told = [f"{name!r} {_short(seconds)}" for name, seconds in dict([shown[0], shown[-1]]).items()]
        rows["song lasts"] = " to ".join(told) + " typically"
    return _lines(rows)


def measured_text(measured: Measured, epochs: int) -> str:
    """Return what was measured, line by line."""
    epoch = measured.epoch_seconds
    peak = measured.peak_bytes
    rows = {
        "a step": _short(measured.step_seconds),
        "an epoch": f"about {duration(epoch)}",
        f"{epochs} epochs": f"about {duration(measured.start_seconds + epochs * epoch)} at most, the start included",
    }
    if peak:
        rows["memory, measured"] = gigabytes(peak)
    return _lines(rows)


def _short(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 0.9995 else f"{seconds * 1000:.3g} ms"
