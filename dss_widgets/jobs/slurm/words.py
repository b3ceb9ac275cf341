"""Slurm's words, for people."""

from __future__ import annotations

import time
from dataclasses import dataclass

WAITING = ("PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD")
"""States of a job that is in the queue."""

ALIVE = ("RUNNING", "CONFIGURING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING")
"""States of a job that has nodes."""

_REASONS = {
    "": "It has just been queued",
    "Resources": "It waits for free CPUs, GPUs or memory",
    "Priority": "It waits: other jobs come first",
    "BeginTime": "It waits for its earliest start",
    "Dependency": "It waits for another job",
    "JobHeldUser": "It is held; release it: scontrol release",
    "JobHeldAdmin": "An admin holds it",
    "PartitionTimeLimit": "It asks for more time than the partition allows, and will not start. Stop it and give it less time",
    "PartitionNodeLimit": "It asks for more than the partition has, and will not start. Stop it and ask for less",
    "PartitionConfig": "The partition cannot give what it asks for, so it will not start. Stop it and ask for less",
    "PartitionDown": "It waits: the partition is not in use at present",
    "PartitionInactive": "It waits: the partition is not in use at present",
    "NodeDown": "It waits: a node that it needs is down",
    "BadConstraints": "No node can ever give what it asks for. Ask for less",
    "QOSMaxJobsPerUserLimit": "It waits: you have as many jobs going as you may",
    "AssocMaxJobsLimit": "It waits: you have as many jobs going as you may",
    "launch failed requeued held": "Its node could not start it; it is held. Release it: scontrol release",
}

_ENDS = {
    "TIMEOUT": "Slurm ended it: its time limit was reached",
    "OUT_OF_MEMORY": "Slurm ended it: it took more memory than it had asked for",
    "NODE_FAIL": "Its node failed",
    "BOOT_FAIL": "Its node could not be started",
    "CANCELLED": "It was cancelled in Slurm (scancel)",
    "PREEMPTED": "Slurm ended it for a job that comes first",
    "DEADLINE": "Its deadline passed",
    "REVOKED": "It was moved to another cluster",
}

_IN_THE_LOG = {
    "DUE TO TIME LIMIT": "TIMEOUT",
    "oom_kill": "OUT_OF_MEMORY",
    "oom-kill": "OUT_OF_MEMORY",
    "DUE TO NODE FAILURE": "NODE_FAIL",
    "DUE TO PREEMPTION": "PREEMPTED",
    "CANCELLED AT": "CANCELLED",
}
"""What Slurm writes into a job's own log, and the state that it stands for."""


@dataclass(frozen=True)
class InSlurm:
    """What is known of a job's place in Slurm.

    Attributes:
        number: Slurm's number of it; '' as long as it is not known.
        state: Slurm's word for its state; '' where it does not say.
        reason: Slurm's word for why it waits or ended.
        starts: when it is expected to start, or started, unix seconds; None where Slurm does not say.
        node: where it runs, or ran.
        remark: for people: that Slurm does not answer, or what it says of the end.
    """

    number: str = ""
    state: str = ""
    reason: str = ""
    starts: float | None = None
    node: str = ""
    remark: str = ""

    def words(self) -> str:
        """Return the job's number, where it runs, and the remark, for people: ``Slurm job 12 on node1``."""
        job = f"Slurm job {self.number}" if self.number else "Slurm"
        where = f" on {self.node}" if self.node and self.state not in WAITING else ""
        return f"{job}{where}{f'. {self.remark}' if self.remark else ''}"


def waiting_words(reason: str, starts: float | None) -> str:
    """Return why a job waits, as a sentence with Slurm's own word, and when it is expected to start."""
    said = _REASONS.get(reason)
    told = f"It waits ({reason})" if said is None else f"{said} ({reason})" if reason else said
    if starts is None or reason not in ("Resources", "Priority", "BeginTime", ""):
        return f"{told}."
    hours = (starts - time.time()) / 3600
    form = "%H:%M" if hours < 12 else "%d %b, %H:%M" if hours < 24 * 180 else "%d %b %Y"
    when = time.strftime(form, time.localtime(starts))
    return f"{told}; expected to start at {when}."


def end_words(state: str, reason: str = "") -> str:
    """Return how Slurm says that a job ended, as a sentence; '' where that says nothing."""
    said = _ENDS.get(state.split(maxsplit=1)[0] if state else "")
    return f"{said}." if said else _REASONS[reason] + f" ({reason})." if reason in _REASONS and reason else ""


def state_in_log(lines: list[str]) -> str:
    """Return the state that Slurm wrote into a job's own log at its end; '' if it wrote none."""
    for line in reversed(lines):
        if "slurmstepd" in line or "srun: error" in line:
            found = next((state for words, state in _IN_THE_LOG.items() if words in line), "")
            if found:
                return found
    return ""
