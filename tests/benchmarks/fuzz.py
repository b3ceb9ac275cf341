"""Reads thousands of damaged files with every reader of the package: none may do anything but read, or tell its own error.

usage: python fuzz.py [--cases 30000] [--seed 1] [--only READER ...] [--case N] [--jobs 2]

Every case takes the valid file or folder of a reader (see fuzz_readers.py), damages one of its files at random, and reads
it. Bad are: an error that is not the package's own, a process that dies, more than 5 s of work, and more than 1 GB of memory
above what the process has anyway. Every bad case is shown once by where it comes from, with the number that makes it again
(``--only READER --case N`` shows its traceback). Ends with exit code 1 if there were any.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import math
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_damage import damaged
from fuzz_readers import READERS, Reader

from dss_widgets.errors import DssWidgetsError

MOST_SECONDS = 5.0
"""Of work, not of waiting."""

HANGS_SECONDS = 60
MOST_BYTES = 10**9
CHUNK = 1000
"""Cases of one process."""


def main() -> int:
    """Fuzz what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=30_000, help="of all readers together")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=sorted(READERS), default=sorted(READERS), metavar="READER")
    parser.add_argument("--case", type=int, help="just this one, with its traceback")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worker", type=int, nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        return work(READERS[args.only[0]], args.seed, *args.worker)
    if args.case is not None:
        return work(READERS[args.only[0]], args.seed, args.case, args.case + 1, show=True)
    return supervise(args)


def supervise(args: argparse.Namespace) -> int:
    """Give the cases to processes, begin again after one that dies, and tell what was found."""
    weights = {name: READERS[name].weight for name in args.only}
    share = args.cases / sum(weights.values())
    chunks = [
        (name, first, min(first + CHUNK, n))
        for name, weight in weights.items()
        for n in [math.ceil(share * weight)]
        for first in range(0, n, CHUNK)
    ]
    start, counts, finds = time.monotonic(), Counter[str](), dict[tuple[str, str], list[int]]()
    slowest = dict.fromkeys(args.only, 0.0)
    largest = dict(slowest)
    with ThreadPoolExecutor(args.jobs) as pool:
        for name, told in _told(pool, chunks, args.seed):
            counts[f"{name} {told['outcome']}"] += 1
            slowest[name] = max(slowest[name], told["seconds"])
            largest[name] = max(largest[name], told["bytes"])
            if told["outcome"] not in ("read", "refused"):
                if (name, told["what"]) not in finds:
                    print(f"{name} --case {told['case']}: {told['what']}", file=sys.stderr, flush=True)
                finds.setdefault((name, told["what"]), []).append(told["case"])
    print(f"{'reader':22} {'read':>6} {'refused':>8} {'bad':>5} {'slowest':>8} {'most memory':>12}")
    for name in args.only:
        read, refused = counts[f"{name} read"], counts[f"{name} refused"]
        bad = sum(len(cases) for (reader, _), cases in finds.items() if reader == name)
        print(f"{name:22} {read:6} {refused:8} {bad:5} {slowest[name]:7.2f}s {largest[name] / 1e6:9.0f} MB")
    print(f"{sum(counts.values())} cases, {sum(map(len, finds.values()))} bad, {time.monotonic() - start:.0f} s")
    for (name, what), cases in sorted(finds.items()):
        print(f"\n{name}, {len(cases)} x, as case {cases[0]}:\n  {what}")
    return 1 if finds else 0


def _told(pool: ThreadPoolExecutor, chunks: list[tuple[str, int, int]], seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, results in pool.map(lambda chunk: (chunk[0], list(run_chunk(*chunk, seed))), chunks):
        for told in results:
            yield name, told


def run_chunk(name: str, first: int, last: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield how each case went."""
    while first < last:
        command = [sys.executable, __file__, "--seed", str(seed), "--only", name, "--worker", str(first), str(last)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            out, err = process.communicate()
        ready, *done = [json.loads(line[2:]) for line in out.splitlines() if line.startswith("@@")] or [None]
        if ready is None:
            raise SystemExit(f"{name}: what is whole cannot be read, so that nothing can be tried.\n{err.strip()[-2000:]}")
        yield from done
        first += len(done)
        if first < last:  # it died of this case
            end = signal.Signals(-process.returncode).name if process.returncode < 0 else f"exit code {process.returncode}"
            what = "did not end" if end == "SIGALRM" else f"died: {end} {err.strip()[-200:]}"
            yield {"case": first, "outcome": "died", "what": what, "seconds": HANGS_SECONDS, "bytes": 0}
            first += 1


def work(reader: Reader, seed: int, first: int, last: int, *, show: bool = False) -> int:
    """Read damaged files in this process, and print how each went."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, also while a library never comes back
    real = sys.stdout
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole")
        whole.mkdir()
        place = reader.make(whole)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            reader.read(place)  # what is whole is read, and what is imported late is there
        before = _limit_memory()
        if not show:
            print("@@" + json.dumps("ready"), file=real, flush=True)
        for case in range(first, last):
            copy = Path(folder, "damaged")
            shutil.copytree(whole, copy)
            rng = np.random.default_rng([seed, zlib.crc32(reader.name.encode()), case])
            damaged(rng, copy, reader.damages)
            signal.alarm(HANGS_SECONDS)
            told = _read(reader, copy / place.relative_to(whole), before)
            signal.alarm(0)
            trace = told.pop("trace")
            print(f"{trace or told}" if show else "@@" + json.dumps({"case": case, **told}), file=real, flush=True)
            shutil.rmtree(copy)
    return 0


def _read(reader: Reader, place: Path, before: int) -> dict[str, Any]:
    outcome, what, trace = "read", "", ""
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory counts from here
    start = _work_seconds()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            reader.read(place)
    except DssWidgetsError:
        outcome, trace = "refused", traceback.format_exc()
    except BaseException as error:
        trace = traceback.format_exc()
        own = [frame for frame in traceback.extract_tb(error.__traceback__) if "dss_widgets/" in frame.filename]
        where = f"{own[-1].filename.rpartition('dss_widgets/')[2]}:{own[-1].lineno}" if own else "?"
        outcome, what = "error", f"{type(error).__name__} at {where}"
    seconds, n_bytes = _work_seconds() - start, _peak() - before
    if outcome in ("read", "refused") and seconds > MOST_SECONDS:
        outcome, what = "slow", f"took more than {MOST_SECONDS:.0f} s"
    elif outcome in ("read", "refused") and n_bytes > MOST_BYTES:
        outcome, what = "memory", "took more than 1 GB"
    return {"outcome": outcome, "what": what, "seconds": round(seconds, 3), "bytes": n_bytes, "trace": trace}


def _work_seconds() -> float:
    """Return the time that this process and those it started have worked, so that a busy machine does not matter."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _peak() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _limit_memory() -> int:
    """Let the process have 6 GB more, so that a mistake does not stop the machine; return what it has in memory."""
    sizes = [int(pages) * resource.getpagesize() for pages in Path("/proc/self/statm").read_text().split()]
    resource.setrlimit(resource.RLIMIT_AS, (sizes[0] + 6 * 10**9, resource.RLIM_INFINITY))
    return sizes[1]


if __name__ == "__main__":
    sys.exit(main())
