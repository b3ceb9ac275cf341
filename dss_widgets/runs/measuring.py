"""Measuring how long an epoch will take, in a process of its own: this one stays free of tensorflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from dss_widgets.errors import RunError
from dss_widgets.options import TrainingOptions, save_options
from dss_widgets.results.measured import Measured
from dss_widgets.runs.start import environment


class Measuring:
    """Measures a training: ``dss-widgets train --dry-run`` in a process of its own.

    Args:
        options: of the training; without errors.

    Raises:
        RunError: no process can be started.

    Example:
        >>> Measuring(TrainingOptions(store_folder="song.npy")).result().epoch_seconds
        12.4
    """

    def __init__(self, options: TrainingOptions) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dss_widgets_measure_")
        config = save_options(options, Path(self._folder.name) / "options.yaml")
        self._log = open(Path(self._folder.name) / "log.txt", "w+b")  # noqa: SIM115 - closed with the result
        words = [sys.executable, "-m", "dss_widgets", "train", f"--config={config}", "--dry-run", "--json", "--"]
        try:
            self._process = subprocess.Popen(
                [*words, options.store_folder], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._log,
                start_new_session=True, cwd=os.getcwd(),
                env={**environment(), "TMPDIR": self._folder.name},  # what it leaves when it is killed goes with that folder
            )  # fmt: skip
        except OSError as error:
            self._close()
            raise RunError(f"No process can be started ({error.strerror}).") from error

    def result(self) -> Measured:
        """Wait until it is done and return what was measured.

        Raises:
            RunError: it failed, or was cancelled; the message says why.
        """
        try:
            told, _ = self._process.communicate()
            self._log.seek(0)
            lines = self._log.read().decode("utf-8", "replace").strip().splitlines()
        finally:
            self._close()
        answer = _document(told)
        if isinstance(answer.get("measured"), dict):
            return Measured(**answer["measured"])
        if self._process.returncode < 0:
            raise RunError("Measuring was ended before it was done.")
        why = str(answer.get("error") or (lines[-1] if lines else "it ended without a word"))
        raise RunError(f"It could not be measured: {why}")

    def cancel(self) -> None:
        """End it; :meth:`result` then raises."""
        with suppress(ProcessLookupError):
            self._process.kill()

    def _close(self) -> None:
        self._log.close()
        self._folder.cleanup()


def _document(told: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(told)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
