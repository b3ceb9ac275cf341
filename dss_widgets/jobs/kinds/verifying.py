"""Computing again what a network computed when it was tested."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from dss_widgets.errors import DataError, Problem
from dss_widgets.events import OutcomeTold, StateChanged
from dss_widgets.file_endings import PARAMS_SUFFIX
from dss_widgets.jobs.folder import SUFFIX
from dss_widgets.jobs.kinds.kind import Kind, Task
from dss_widgets.jobs.status import JobStatus
from dss_widgets.options.evaluation import VerificationOptions
from dss_widgets.results.replay import Verification, read_replay
from dss_widgets.results.stems import stem_of
from dss_widgets.roots import confined


class Verifying(Kind[VerificationOptions]):
    """Verifying: changes nothing; it fails where something else is computed than before."""

    name = "verify"
    label = "verification"
    options = VerificationOptions

    def settled(self, options: VerificationOptions) -> VerificationOptions:
        """Return the options with an absolute path."""
        return options.copy(network=str(stem_of(options.network)))

    def folder(self, options: VerificationOptions) -> Path:
        """Return the folder beside the network's files that is named after it."""
        stem = stem_of(options.network)
        return stem.with_name(f"{stem.name}_verification{SUFFIX}")

    def problems(self, options: VerificationOptions, *, resuming: bool = False) -> list[Problem]:
        """Return what is wrong with the options; raises where there is nothing to compare with."""
        del resuming
        stem = stem_of(options.network)
        confined(f"{stem}{PARAMS_SUFFIX}")
        read_replay(stem)
        return list(options.problems())

    def work(self, task: Task[VerificationOptions]) -> None:
        """Compute and compare."""
        from dss_widgets.network.tensorflow_setup import set_up_inference

        task.tell(StateChanged(state="preparing"))
        set_up_inference()
        from dss_widgets.network.verify import verify

        task.check()
        task.tell(StateChanged(state="working"))
        found = verify(task.options.network)
        task.tell(OutcomeTold(values=asdict(found)))
        if found.verdict == "different":
            raise DataError(found.words)

    def outcome(self, options: VerificationOptions, status: JobStatus) -> Verification:
        """Return what was found.

        Raises:
            DataError: it was not verified to the end.
        """
        try:
            return Verification(**status.outcome)
        except TypeError:
            raise DataError(f"{options.network}: was not verified to the end. Verify it again.") from None
