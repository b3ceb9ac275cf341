"""Processes that train one network together, on several GPUs or machines: each learns from its chunks of every batch.

Each process holds the whole network and computes with its part of a batch; sums over the parts (losses, gradients, what
validation counts) travel between them, through TensorFlow's ``MultiWorkerMirroredStrategy``. From equal sums equal steps
follow, so that the weights stay the same everywhere and none have to travel. Only the first process, the chief, writes files
and tells events.

TensorFlow's connections between the processes are open to whoever reaches their ports: they are for networks that are trusted.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import tensorflow as tf

from dss_widgets.errors import Cancelled, DataError, RunError
from dss_widgets.network.cores import most_parts, parts_of, side_by_side
from dss_widgets.results.json_files import read_json, write_json

PATIENCE_SECONDS = 600.0
"""How long processes wait for each other: while they start, or while the chief writes a checkpoint."""

_LOOK_SECONDS = 0.1
_WORDS_SECONDS = 3.0
_LAST_WORDS = ".words.json"
_HALF = 2**16
"""Whole numbers travel in two halves, which float32 holds exactly."""

_ENDED = (tf.errors.UnavailableError, tf.errors.DeadlineExceededError, tf.errors.AbortedError, tf.errors.CancelledError)
_ENDED_WORDS = (
    "One of the processes that train together has ended, or cannot be reached any more; the job's log may say why. Resume the "
    "training: it goes on from its last checkpoint."
)

Wish = Callable[[], bool]


class _EndedError(RunError):
    """Another process has ended, or cannot be reached."""


class Replica:
    """A process that trains a network by itself.

    Attributes:
        index, n: which one of how many processes it is.
    """

    index, n = 0, 1
    _most_parts: int | None = None

    def __init__(self) -> None:
        self._wishes: Sequence[Wish] = ()

    @property
    def is_chief(self) -> bool:
        """Whether it is the one that writes the files and tells what happens."""
        return self.index == 0

    def listen(self, *wishes: Wish) -> None:
        """Have wishes that may come to any of the processes reach all of them."""
        self._wishes = wishes

    def wished(self) -> tuple[bool, ...]:
        """Return which wishes are there: the same in all processes, as of the last sum."""
        return tuple(wish() for wish in self._wishes)

    def total(self, values: Any) -> Any:
        """Return the sums over all processes of each of some numbers, float32 ``[numbers]``."""
        return values

    def sums(self, function: Callable[..., Any], n_sums: int, *arrays: Any) -> Any:
        """Return what a function returns for a batch, summed over the batch's parts, float32 ``[sums]``.

        Args:
            function: of a part of each array, returns sums, float32 ``[sums]``; may be called from several threads.
            n_sums: how many.
            arrays: of equal length, divided along the first axis.
        """
        parts = side_by_side(function, *arrays, index=self.index, n=self.n, most=self._most_parts) or [tf.zeros(n_sums)]
        return self.total(parts[0] if len(parts) == 1 else tf.add_n(parts))

    def own(self, n_chunks: int) -> slice:
        """Return which chunks of a batch this process computes with."""
        bounds = parts_of(n_chunks, self.index, self.n, self._most_parts)
        return slice(bounds[0][0], bounds[-1][1]) if bounds else slice(0, 0)

    def of_chief(self, number: int) -> int:
        """Return the number, from 0 and below 2^32, that the chief gives here."""
        return number

    def agree(self, number: int) -> bool:
        """Return whether all processes give the same number, from 0 and below 2^32, here."""
        del number
        return True

    def is_anywhere(self, so: bool) -> bool:
        """Return whether something is so in any process."""
        return so


class DistributedReplica(Replica):
    """One of several processes that train together; made at the very start, before TensorFlow computes anything.

    Args:
        addresses: of all processes, ``host:port``.
        index: which of them this is.
    """

    def __init__(self, addresses: Sequence[str], index: int) -> None:
        super().__init__()
        self.index, self.n = index, len(addresses)
        self._told: tuple[bool, ...] = ()
        told = {"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": index}}
        before = os.environ.get("TF_CONFIG")
        os.environ["TF_CONFIG"] = json.dumps(told)
        try:
            self._strategy = tf.distribute.MultiWorkerMirroredStrategy(
                communication_options=tf.distribute.experimental.CommunicationOptions(timeout_seconds=PATIENCE_SECONDS)
            )
        except tf.errors.OpError as error:
            raise RunError(
                f"The processes that are to train together do not find each other ({_first_line(error)})."
            ) from error
        finally:
            os.environ.pop("TF_CONFIG")
            if before is not None:
                os.environ["TF_CONFIG"] = before
        if self._strategy.num_replicas_in_sync != self.n:
            raise RunError(
                f"The {self.n} processes that are to train together see {self._strategy.num_replicas_in_sync} devices: there "
                "must be one for each. Ask for as many GPUs on each machine as there are devices, or for none."
            )
        self._total = tf.function(self._summed, autograph=False)
        self._most_parts = self.of_chief(most_parts())  # where they have unlike cores, they divide a batch alike

    def _summed(self, values: Any, wishes: Any) -> tuple[Any, Any]:
        """Return the sums over all processes: all in one message, since each costs its time."""

        def exchange(own: Any) -> Any:
            return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, tf.identity(own))

        total = self._strategy.run(exchange, args=(tf.concat([wishes, values], 0),))
        n_wishes = tf.size(wishes)
        return total[n_wishes:], total[:n_wishes]

    def wished(self) -> tuple[bool, ...]:
        """Return which wishes there were in any process at the last sum."""
        return self._told or (False,) * len(self._wishes)

    def total(self, values: Any) -> Any:
        """Return the sums over all processes of each of some numbers, float32 ``[numbers]``; wishes travel along.

        Raises:
            RunError: another process has ended, or cannot be reached.
        """
        wishes = tf.constant([float(wish()) for wish in self._wishes], tf.float32)
        try:
            total, told = self._total(values, wishes)
            self._told = tuple(bool(wish > 0) for wish in told.numpy())
        except _ENDED as error:
            raise _EndedError(_ENDED_WORDS) from error
        return total

    def of_chief(self, number: int) -> int:
        """Return the number, from 0 and below 2^32, that the chief gives here; raises as :meth:`total`."""
        return _whole(self.total(_halves(number if self.is_chief else 0)))

    def agree(self, number: int) -> bool:
        """Return whether all processes give the same number, from 0 and below 2^32, here; raises as :meth:`total`."""
        return not self.is_anywhere(self.of_chief(number) != number)

    def is_anywhere(self, so: bool) -> bool:
        """Return whether something is so in any process; raises as :meth:`total`."""
        return bool(self.total(tf.constant([float(so)]))[0] > 0)


def _halves(number: int) -> Any:
    return tf.constant([number // _HALF, number % _HALF], tf.float32)


def _whole(halves: Any) -> int:
    high, low = (int(half) for half in halves.numpy())
    return high * _HALF + low


@contextmanager
def rendezvous(
    folder: Path, index: int, n: int, *, host: str, should_stop: Wish = lambda: False
) -> Iterator[DistributedReplica]:
    """Meet the other processes: each leaves its address in a folder that all of them see.

    Args:
        folder: of this meeting alone; it is made.
        index, n: which one of how many this is.
        host: the name under which the others reach this machine.
        should_stop: is asked while others are waited for.

    Raises:
        RunError: others do not come, or cannot be reached; or one of them has ended, with its words if it left any.
        Cancelled: it was to stop meanwhile.
        DataError: the folder cannot be written or read.
    """
    with socket.socket() as held:
        held.bind(("", 0))
        port = held.getsockname()[1]
    folder.mkdir(parents=True, exist_ok=True)
    own = folder / f"{index}.json"
    write_json(own, f"{host}:{port}")
    try:
        yield DistributedReplica(_addresses(folder, n, should_stop), index)
    except _EndedError as error:
        words = _last_words(folder)
        if not words:
            raise
        raise RunError(words) from error
    except (DataError, RunError) as error:
        with suppress(DataError):
            write_json(folder / f"{index}{_LAST_WORDS}", str(error))
        raise
    finally:
        own.unlink(missing_ok=True)


def _last_words(folder: Path) -> str:
    """Return why another process ended, if it said so; its words may take a moment to arrive."""
    deadline = time.monotonic() + _WORDS_SECONDS
    while time.monotonic() < deadline:
        for path in sorted(folder.glob(f"*{_LAST_WORDS}")):
            with suppress(DataError):
                return read_json(path, str, "are no words", "Look into the job's log.") or ""
        time.sleep(_LOOK_SECONDS)
    return ""


def _addresses(folder: Path, n: int, should_stop: Wish) -> list[str]:
    """Return the addresses of all processes, once all have left theirs."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    found: dict[int, str] = {}
    while len(found) < n:
        for index in set(range(n)) - set(found):
            address = read_json(folder / f"{index}.json", str, "is no address", "Start the training again.")
            if address is not None:
                found[index] = address
        if should_stop():
            raise Cancelled("Stopped, as was wished.")
        if time.monotonic() > deadline:
            raise RunError(
                f"Of {n} processes that are to train together only {len(found)} have started within "
                f"{PATIENCE_SECONDS / 60:.0f} minutes. Look into the job's log, and resume the training."
            )
        time.sleep(_LOOK_SECONDS)
    return [found[index] for index in range(n)]


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
