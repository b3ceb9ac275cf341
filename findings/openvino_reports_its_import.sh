#!/usr/bin/env bash
# Guess: importing a library that computes networks (openvino, as bioacoustics tools use to annotate on processors) computes nothing, starts
#   nothing and writes nothing until it is called.
# Seen, openvino 2026.4.1 with the openvino-telemetry 2025.2.0 that it pulls, on Linux: `import openvino` imports its converters too, and these
#   report the import to their makers. Nobody is asked (the question is turned off, and no answer counts as consent). A folder ~/intel with an
#   identifier of this user appears, and a thread stays that starts a process to send, on Linux as a copy of this one.
# What it means: a job that holds a lock leaves a copy with that lock until the network answers, and a laboratory's use is counted unasked.
#   Where the module openvino.tools.ovc cannot be imported, openvino works all the same, and nothing is left.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q openvino==2026.4.1 openvino-telemetry==2025.2.0 numpy==2.4.6
cat >"$work/look.py" <<'PY'
import os
import sys
import threading

if sys.argv[1:] == ["without"]:
    sys.modules["openvino.tools.ovc"] = None
import numpy as np
import openvino

values = openvino.opset13.parameter([2], np.float32)
model = openvino.Model([openvino.opset13.relu(values)], [values], "positive")
assert openvino.Core().compile_model(model, "CPU")([np.float32([-1, 2])])[0].tolist() == [0, 2]
threads = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
home = sorted(os.path.relpath(os.path.join(folder, name), os.environ["HOME"])
              for folder, _, names in os.walk(os.environ["HOME"]) for name in names)
print(f"threads that were started: {threads}; files at home: {home}", flush=True)
started = bool(threads) or bool(home)
os._exit(started != (sys.argv[1:] != ["without"]))
PY
for how in "" without; do
    mkdir "$work/home$how"
    echo "import openvino${how:+ where its converters cannot be imported}:"
    # so that nothing is sent from here
    HOME="$work/home$how" http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 "$work/venv/bin/python" "$work/look.py" $how || { echo "this has changed"; exit 1; }
done
