#!/usr/bin/env bash
# Guess: with futures of dask.distributed's executor, cancel() of a call that is being run returns False, as concurrent.futures says, so that
#   who stops can wait for what still runs; and shutdown(wait=False) lets what was submitted end.
# Seen, distributed 2026.8.0: running() is False and the state PENDING as long as a call runs; cancel() returns True, result() raises
#   CancelledError at once, and the call runs on to its end all the same. shutdown(wait=False) cancels all futures.
# What it means: after a stop, files are still written by calls that say they were cancelled; nothing tells when the last one ended.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q distributed==2026.8.0
cd "$work"
cat > working.py <<'PY'
import threading

begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()


def work():
    begun.set()
    go_on.wait(60)
    ended.set()
    return "done"
PY
"$work/venv/bin/python" - <<'PY'
from concurrent.futures import CancelledError, ThreadPoolExecutor

import working
from distributed import Client, LocalCluster


def stopped(executor, stop):
    for event in (working.begun, working.go_on, working.ended):
        event.clear()
    future = executor.submit(working.work)
    assert working.begun.wait(60)
    running, answer = future.running(), stop(executor, future)
    early = future.cancelled()
    working.go_on.set()
    try:
        result = future.result(60)
    except CancelledError:
        result = "cancelled"
    return running, answer, early, result, working.ended.wait(60)


stops = {"cancel()": lambda executor, future: future.cancel(), "shutdown": lambda executor, future: executor.shutdown(wait=False)}
seen = {}
with LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster, Client(cluster) as client:
    for word, stop in stops.items():
        for name, executor in (("threads", ThreadPoolExecutor(1)), ("dask", client.get_executor(pure=False))):
            seen[name, word] = stopped(executor, stop)
            print(f"{name}, {word}: running, answer, cancelled while it runs, result, ran to its end: {seen[name, word]}")
assert seen["threads", "cancel()"] == (True, False, False, "done", True)
assert seen["threads", "shutdown"] == (True, None, False, "done", True)
assert seen["dask", "cancel()"] == (False, True, True, "cancelled", True), "this has changed"
assert seen["dask", "shutdown"][3:] == ("cancelled", True), "this has changed"
PY
