#!/usr/bin/env bash
# Guess: submit of dask.distributed's executor does what every concurrent.futures.Executor's does: each call runs the function once more.
# Seen, distributed 2026.8.0: three equal calls of a function run it once, and so does map over equal values: a call with the arguments of
#   one whose future is still held gets that one's outcome. Its errors too: tried again after the cause is gone, the call fails as before
#   without being run. Futures held by a traceback, as a notebook keeps it, count. get_executor(pure=False) runs every call.
# What it means: work that is done for what it leaves (files) is not done again, and says that it was; a second try is none.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q distributed==2026.8.0
cd "$work"
cat > writing.py <<'PY'
import os


def write(path):
    if os.path.exists("trouble"):
        raise OSError("the disk is full")
    with open(path, "a") as file:
        file.write("written\n")
PY
"$work/venv/bin/python" - <<'PY'
import logging
import os
from concurrent.futures import ThreadPoolExecutor, wait

from distributed import Client, LocalCluster
from writing import write

logging.getLogger("distributed").setLevel(logging.CRITICAL)
with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster, Client(cluster) as client:
    seen = {}
    with ThreadPoolExecutor(1) as threads:
        for name, executor in (("threads", threads), ("dask", client.get_executor()), ("impure", client.get_executor(pure=False))):
            futures = [executor.submit(write, f"{name}.txt") for _ in range(3)]
            wait(futures)
            list(executor.map(write, [f"{name} mapped.txt"] * 3))
            open("trouble", "w").close()
            failed = executor.submit(write, f"{name} again.txt")
            failed.exception()
            os.remove("trouble")
            second = executor.submit(write, f"{name} again.txt").exception()
            runs = [sum(1 for _ in open(f"{name}{which}.txt")) for which in ("", " mapped")]
            seen[name] = (*runs, str(second))
            print(f"{name}: three equal calls ran {runs[0]}, mapped {runs[1]}; tried again after an error: {second}")
    assert seen["threads"] == seen["impure"] == (3, 3, "None"), "this has changed"
    assert seen["dask"] == (1, 1, "the disk is full"), "this has changed"
PY
