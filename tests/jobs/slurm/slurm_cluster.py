"""A real Slurm of two nodes on this machine's loopback, with ports and keys of its own; needs Slurm's packages."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel", "sinfo")
PACKAGES = "slurmctld slurmd slurm-client munge"

CONFIGURATION = """
ClusterName=song
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
AuthType=auth/munge
AuthInfo=socket={short}/socket,cred_expire=5
CryptoType=crypto/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
SlurmdSpoolDir={short}/%n
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.%n.log
ProctrackType=proctrack/{processes}
TaskPlugin=task/{tasks}
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters={shared}
SlurmdTimeout=6
MessageTimeout=5
MinJobAge=300
KillWait=10
InactiveLimit=0
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
JobAcctGatherType=jobacct_gather/none
NodeName=node1 NodeHostname={host} NodeAddr=127.0.0.1 Port={node1} CPUs=1 RealMemory=8000 State=UNKNOWN
NodeName=node2 NodeHostname={host} NodeAddr=127.0.0.1 Port={node2} CPUs=1 RealMemory=8000 State=UNKNOWN
PartitionName=debug Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
PartitionName=brief Nodes=node1,node2 MaxTime=10 State=UP
PartitionName=urgent Nodes=node1,node2 PriorityTier=10 PreemptMode=OFF State=UP
"""

CGROUPS = Path("/sys/fs/cgroup")
MEMORY_IS_HELD = f"""
CgroupPlugin=cgroup/v1
CgroupMountpoint={CGROUPS}
CgroupAutomount=no
ConstrainRAMSpace=yes
AllowedSwapSpace=0
"""
"""With cgroups, a job that takes more memory than it asked for is killed, as on a lab's cluster."""


def missing():
    """Return what it takes and is not here, in words; '' if all is."""
    lacking = [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]
    return f"no {', '.join(lacking)} on this machine (Debian: apt-get install {PACKAGES})" if lacking else ""


def _path():
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


@contextmanager
def a_cluster(folder: Path, *, holds_memory: bool = False) -> Iterator["Cluster"]:
    """Have a cluster, and use it, for as long as a block lasts; without Slurm it skips loudly, in CI it fails.

    What a user asked for last is kept in the folder, too.

    Args:
        folder: for its files.
        holds_memory: whether a job is killed that takes more memory than it asked for, which needs cgroups that this user may
            make: where there are none, it skips loudly.
    """
    lacking = missing()
    if lacking and (os.environ.get("DSS_WIDGETS_REQUIRE_SLURM") or os.environ.get("CI")):
        pytest.fail(lacking)
    if lacking:
        warnings.warn(f"SLURM TESTS SKIPPED: {lacking}", stacklevel=2)
        pytest.skip(lacking)
    if holds_memory and not os.access(CGROUPS / "memory", os.W_OK):
        no_cgroups = f"no {CGROUPS}/memory (cgroups of version 1) that this user may write to"
        warnings.warn(f"SLURM'S TEST OF MEMORY SKIPPED: {no_cgroups}", stacklevel=2)
        pytest.skip(no_cgroups)
    with pytest.MonkeyPatch.context() as patch:
        made = Cluster(folder / "cluster", holds_memory=holds_memory)
        own = {name: str(folder / name) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME")}
        for name, value in {**made.environment, **own}.items():
            patch.setenv(name, value)
        try:
            made.up()
            yield made
        finally:
            made.down()


class Cluster:
    """Two idle nodes of one CPU each, once :meth:`up` has returned; :meth:`down` ends all that it started."""

    def __init__(self, folder: Path, *, holds_memory: bool = False) -> None:
        self.folder, self.holds_memory = folder, holds_memory
        # munged runs as a user who cannot enter the tests' folder, and a node's sockets may not have longer paths
        self.short = Path(tempfile.mkdtemp(prefix="slurm."))
        self.conf = folder / "slurm.conf"
        self.environment = {"SLURM_CONF": str(self.conf), "PATH": _path()}
        self._key_keeper = 0

    def up(self) -> None:
        """Start all daemons and wait until both nodes are idle."""
        (self.folder / "state").mkdir(parents=True)
        self._start_munge()
        for node in ("node1", "node2"):
            (self.short / node).mkdir()
        with ExitStack() as stack:
            ports = [stack.enter_context(socket.socket()) for _ in range(3)]
            for port in ports:
                port.bind(("127.0.0.1", 0))
            controller, node1, node2 = (port.getsockname()[1] for port in ports)
        host, user = socket.gethostname().split(".")[0], pwd.getpwuid(os.geteuid()).pw_name
        plain = {"processes": "linuxproc", "tasks": "none", "shared": "CR_CPU"}
        held = {"processes": "cgroup", "tasks": "cgroup", "shared": "CR_CPU_Memory"}
        places = {"folder": self.folder, "short": self.short, "controller": controller, "node1": node1, "node2": node2}
        told = CONFIGURATION.format(host=host, user=user, **places, **(held if self.holds_memory else plain))
        self.conf.write_text(told)
        if self.holds_memory:
            (self.folder / "cgroup.conf").write_text(MEMORY_IS_HELD)
        self.start_controller()
        for node in ("node1", "node2"):
            self.start_node(node)
        self.wait(lambda: self.nodes("idle") == 2, "two idle nodes")

    def _start_munge(self) -> None:
        (self.short / "key").write_bytes(os.urandom(1024))
        as_keeper = {}
        if os.geteuid() == 0:  # which munged does not run as
            keeper = pwd.getpwnam("munge")
            for path in (self.short, self.short / "key"):
                os.chown(path, keeper.pw_uid, keeper.pw_gid)
            as_keeper = {"user": "munge", "group": "munge", "extra_groups": []}
        self.short.chmod(0o711)
        (self.short / "key").chmod(0o400)
        files = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}
        told = [f"--{option}={self.short / name}" for option, name in files.items()]
        subprocess.run(["munged", *told, "--num-threads=2", "--force"], check=True, env={"PATH": _path()}, cwd="/", **as_keeper)
        self._key_keeper = int((self.short / "pid").read_text())

    def start_controller(self) -> None:
        """Start the daemon that queues jobs, which goes on where it was."""
        self.run("slurmctld", "-f", str(self.conf))

    def start_node(self, node: str) -> None:
        """Start a node's daemon."""
        self.run("slurmd", "-f", str(self.conf), "-N", node)

    def end_controller(self) -> None:
        """End the daemon that queues jobs, which keeps what it knows; one that is killed forgets what was cancelled last."""
        daemon = psutil.Process(int((self.folder / "slurmctld.pid").read_text()))
        daemon.terminate()
        daemon.wait(60)

    def lose_node(self, node: str) -> None:
        """Kill a node's daemon and take the node for lost; what runs there runs on, as on one that the network has lost."""
        self._kill(self.folder / f"slurmd.{node}.pid")
        self.run("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=lost")

    def return_node(self, node: str) -> None:
        """Have a lost node back."""
        self.start_node(node)
        self.run("scontrol", "update", f"NodeName={node}", "State=RESUME", check=False)

    def _kill(self, file: Path) -> None:
        with suppress(FileNotFoundError, ProcessLookupError, ValueError):
            os.kill(int(file.read_text()), signal.SIGKILL)
            file.unlink(missing_ok=True)

    def nodes(self, state: str) -> int:
        """Return how many nodes are in a state."""
        told = self.run("sinfo", "-h", "-p", "debug", "-t", state, "-o", "%D", check=False)
        return sum(int(number) for number in told.split())

    def run(self, *command: str, check: bool = True) -> str:
        """Run one of Slurm's programs on this cluster; returns what it printed."""
        done = subprocess.run(
            command, env={**os.environ, **self.environment}, capture_output=True, text=True, check=False, timeout=60
        )
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.stderr}{self.last_words()}"
        return done.stdout.strip()

    def wait(self, condition, what: str, seconds: float = 60) -> None:
        """Wait until a condition holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited in vain for {what}\n{self.last_words()}"
            time.sleep(0.1)

    def last_words(self) -> str:
        """Return the last lines of the daemons' logs."""
        return "\n".join(line for log in self.folder.glob("*.log") for line in log.read_text().splitlines()[-4:])

    def down(self) -> None:
        """End all jobs and all daemons."""
        with suppress(AssertionError, subprocess.TimeoutExpired):
            self.run("scancel", f"--user={pwd.getpwuid(os.geteuid()).pw_name}", "--signal=KILL", check=False)
        for file in self.folder.glob("*.pid"):
            self._kill(file)
        with suppress(ProcessLookupError):
            os.kill(self._key_keeper, signal.SIGTERM)
        shutil.rmtree(self.short, ignore_errors=True)
