"""Writing a planned dataset: in blocks of bounded memory, into a folder that appears only when it is complete."""

from __future__ import annotations

import errno
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from dss_widgets.dataset.annotations.table import write_annotations
from dss_widgets.dataset.assembly.attributes import attributes, recording_hash, split_annotations
from dss_widgets.dataset.assembly.destination import check_replaceable, claimed, written_whole
from dss_widgets.dataset.assembly.writing import create_files, jobs_of, write_part
from dss_widgets.dataset.splits.plan import SplitPlan
from dss_widgets.dataset.stores.npy_files import read_attributes, write_attributes
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.executors import submit_anew
from dss_widgets.machine import n_cores
from dss_widgets.options.assembly import SPLITS

Key = TypeVar("Key")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Progress:
    """How far assembling has come.

    Attributes:
        done_samples, total_samples: samples written, and to write.
        seconds: time passed.
    """

    done_samples: int
    total_samples: int
    seconds: float

    @property
    def fraction(self) -> float:
        """Share of the work that is done."""
        return self.done_samples / self.total_samples if self.total_samples else 1.0

    @property
    def seconds_left(self) -> float | None:
        """Time left at the speed so far; None before anything is done."""
        return self.seconds * (1 / self.fraction - 1) if self.done_samples else None


def assemble(
    plan: SplitPlan,
    *,
    overwrite: bool = False,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    executor: Executor | None = None,
) -> Path:
    """Write a dataset as planned.

    The dataset is written beside its place under another name and moved there when it is complete: whatever happens,
    there is either the whole new dataset, or the old one, or none.

    Args:
        plan: from :func:`~dss_widgets.dataset.splits.plan.plan_splits`; must have no errors.
        overwrite: whether a dataset of that name may be replaced. Nothing but a dataset is ever replaced, and one that was
            made of the same recordings, annotations and options is left as it is.
        progress: called now and then, from one thread at a time.
        cancelled: asked between blocks (between recordings, where other processes do the work); when it says True, nothing
            is left behind.
        executor: what does the work, a task a recording or two: for example a
            ``ProcessPoolExecutor`` or a cluster's, whose workers see the same folders. Default: threads for all cores.

    Returns:
        The dataset's folder.

    Raises:
        DataProblemsError: the plan has errors.
        DataError: the folder exists already, a recording cannot be read, or the disk is full.
        Cancelled: ``cancelled`` said so.
    """
    plan.check()
    store = plan.options.store_path
    _check_name(plan, store)
    if executor is None:
        with ThreadPoolExecutor(max_workers=n_cores()) as threads:
            return assemble(plan, overwrite=overwrite, progress=progress, cancelled=cancelled, executor=threads)
    place = store.resolve()  # what a link points to is replaced, not the link
    try:
        with claimed(place):
            _write_unless_there(plan, place, overwrite, _Work(plan, executor, progress, cancelled))
    except OSError as error:
        reason = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
        raise DataError(
            f"{store}: cannot be written ({reason}). Nothing was changed; make room or choose another store folder."
        ) from error
    return store


def is_unchanged(plan: SplitPlan) -> bool:
    """Return whether the plan's store holds already just what assembling would write; reads the recordings to find out.

    Raises:
        DataError: a recording cannot be read.
    """
    there = _fingerprint_of(plan.options.store_path)
    if there is None:
        return False
    hashes = {entry.name: recording_hash(entry.recording) for entry in plan.survey.recordings}
    return bool(there == attributes(plan, hashes)["fingerprint"])


def _fingerprint_of(store: Path) -> str | None:
    """Return the fingerprint of a dataset, or None if there is no readable one."""
    try:
        return read_attributes(store).get("fingerprint")
    except DataError:
        return None


def bytes_needed(plan: SplitPlan) -> int:
    """Return how much space the dataset will take on disk, in bytes."""
    itemsize = np.dtype(plan.options.store_format).itemsize
    width = plan.n_channels + len(plan.class_names)
    if plan.options.individual_targets:
        width += 2 * (len(plan.class_names) - 1)
    return sum(plan.split_samples.values()) * width * itemsize + 2**20


def _check_name(plan: SplitPlan, store: Path) -> None:
    if store.suffix != ".npy":
        raise DataError(f"{store}: does not end in .npy. Add it to the name: DAS knows a dataset by it.")
    if plan.survey.folder != Path() and store.resolve() == plan.survey.folder.resolve():
        raise DataError(f"{store}: is the data folder itself. Choose another store folder, so that nothing is lost.")


def _write_unless_there(plan: SplitPlan, place: Path, overwrite: bool, work: _Work) -> None:
    hashes: dict[str, str] | None = None
    if place.exists():
        check_replaceable(place)
        hashes = work.hashes()
        unchanged = _fingerprint_of(place) == attributes(plan, hashes)["fingerprint"]
        if unchanged and overwrite:
            return
        if not overwrite:
            what = "exists already, made of the same recordings, annotations and options" if unchanged else "exists already"
            mend = "Nothing needs to be done" if unchanged else "Choose another store folder, or allow it to be overwritten"
            raise DataError(f"{plan.options.store_path}: {what}. {mend}.")
    _check_space(plan, place.parent)
    hashes = hashes or work.hashes()
    with written_whole(place) as folder:
        work.write(folder)
        if plan.options.annotations_as_csv:
            for split in SPLITS:
                write_annotations(folder / split / "x_annotations.csv", split_annotations(plan, split))
        write_attributes(folder, attributes(plan, hashes))


def _check_space(plan: SplitPlan, folder: Path) -> None:
    free, needed = shutil.disk_usage(folder).free, bytes_needed(plan)
    if needed > free:
        raise DataError(
            f"{folder}: the dataset needs {_size(needed)} but {_size(free)} are free: the disk is full. "
            "Make room or choose another store folder."
        )


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.2f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"


class _Work:
    """Hands jobs to the executor, counts samples, tells progress at most ten times a second, and asks whether to go on."""

    def __init__(
        self,
        plan: SplitPlan,
        executor: Executor,
        progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._plan, self._executor = plan, executor
        self._progress, self._cancelled = progress, cancelled
        self._done, self._total = 0, sum(plan.split_samples.values())
        self._start = self._told = time.monotonic()
        self._stopped = False
        self._lock = threading.Lock()

    def hashes(self) -> dict[str, str]:
        """Return a digest of every recording's content."""
        entries = self._plan.survey.recordings
        futures = {submit_anew(self._executor, recording_hash, entry.recording): entry.name for entry in entries}
        return dict(sorted(self._results(futures)))

    def write(self, folder: Path) -> None:
        """Write the arrays of all splits."""
        jobs = list(jobs_of(self._plan, create_files(self._plan, folder)))
        here = isinstance(self._executor, ThreadPoolExecutor)
        on_block = self._tick if here else None  # other processes cannot call back
        peaks: dict[Path, float] = {}
        futures = {submit_anew(self._executor, write_part, job, on_block): job for job in jobs}
        for job, peak in self._results(futures):
            peaks[job.recording.path] = max(peak, peaks.get(job.recording.path, 0.0))
            if not here:
                self._tick(job.n_samples)
        self._check_peaks(peaks)

    def _results(self, futures: Mapping[Future[Result], Key]) -> Iterator[tuple[Key, Result]]:
        """Yield (what was asked for, result) as they come; if anything fails, nothing goes on working."""
        try:
            for future in as_completed(futures):
                yield futures[future], future.result()
                self._ask()
        except BaseException:
            self._stopped = True
            _let_end(futures)
            raise

    def _check_peaks(self, peaks: dict[Path, float]) -> None:
        """Refuse audio that float16 would turn into (nearly) nothing."""
        dtype = np.dtype(self._plan.options.store_format)
        least = float(np.finfo(dtype).tiny)
        faint = [path for path, peak in sorted(peaks.items()) if 0 < peak < least]
        if faint and dtype == np.float16:
            raise DataError(
                f"{faint[0]}: is nowhere louder than {peaks[faint[0]]:.2g}, too faint for float16 ({len(faint)} such files). "
                "Choose the store format float32, or make it louder."
            )

    def _tick(self, n_samples: int) -> None:
        """Count samples written, and raise :class:`Cancelled` if the work is to stop."""
        with self._lock:
            self._done += n_samples
            now = time.monotonic()
            if self._progress and (now - self._told > 0.1 or self._done >= self._total):
                self._told = now
                self._progress(Progress(self._done, self._total, now - self._start))
        self._ask()

    def _ask(self) -> None:
        with self._lock:
            self._stopped = self._stopped or (self._cancelled is not None and self._cancelled())
            if self._stopped:
                raise Cancelled("Assembling was cancelled; nothing was written.")


def _let_end(futures: Iterable[Future[Any]]) -> None:
    """Cancel what has not begun, and wait for what has, where futures tell: nobody may write where a folder is removed."""
    for future in futures:
        future.cancel()
    for future in futures:
        if not future.cancelled():
            future.exception()
