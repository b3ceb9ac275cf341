"""Processes that share work on this machine and, within a job of Slurm, on its other nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dss_widgets.jobs.slurm.nodes import check_nodes, on_nodes, own_host

if TYPE_CHECKING:
    from dss_widgets.network.processes import Processes


def processes_on(n: int, n_nodes: int, *, most_tasks: int | None = None) -> Processes:
    """Return an executor of processes, to be closed after use.

    Args:
        n: how many on each node.
        n_nodes: of the job of Slurm that this process belongs to, its own included; 1: this machine alone.
        most_tasks: after so many a process is replaced; None: never.

    Raises:
        RunError: the job has not as many nodes.
    """
    check_nodes(n_nodes)
    from dss_widgets.jobs.start import environment, neutral_folder
    from dss_widgets.network.on_node import OnNode
    from dss_widgets.network.processes import Processes

    others = [on_nodes(node, shares=True) for node in range(1, n_nodes)]
    elsewhere = [OnNode(command, own_host(), environment(), neutral_folder()) for command in others]
    return Processes(n, elsewhere=elsewhere, most_tasks=most_tasks)
