#!/usr/bin/env bash
# Guess: numbers that HDF5 converts to half precision while it writes are each rounded by itself, whatever stands before them in the block.
# Seen, h5py 3.14.0 with HDF5 1.14.6, NumPy 2.4.6: once a number has become a subnormal half (below 0.00006, here 1e-7), those after it that
#   round up to a power of two lose half: 0.9999 is read back as 0.5, 0.49999 as 0.25. Without the faint one, or converted by
#   NumPy first, they are 1 and 0.5. h5py 3.16.0 with HDF5 2.0.0 writes all of them as they should be.
# What it means: probabilities of song, near 0 and then near 1, are just such numbers: the surest become 0.5 in a file of half
#   precision. Convert before writing: dataset[:] = values.astype(dataset.dtype).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/write.py" <<'PY'
import sys

import h5py
import numpy as np

with_faint, without = np.array([1e-7, 0.9999, 0.3, 0.49999]), np.array([0.1, 0.9999, 0.3, 0.49999])
with h5py.File(sys.argv[1], "w") as file:
    for name, values in (("faint before", with_faint), ("none before", without), ("by NumPy", with_faint.astype("float16"))):
        file.create_dataset(name, 4, "float16")[:] = values
        print(f"h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}, {name}: {file[name][1:].tolist()}")
    surest = [float(file[name][1]) for name in ("faint before", "none before", "by NumPy")]
assert surest == ([0.5, 1.0, 1.0] if h5py.__version__ == "3.14.0" else [1.0, 1.0, 1.0]), "this has changed"
PY
for version in 3.14.0 3.16.0; do
    python3 -m venv "$work/$version"
    "$work/$version/bin/pip" install -q "h5py==$version" numpy==2.4.6
    "$work/$version/bin/python" "$work/write.py" "$work/a.h5"
done
