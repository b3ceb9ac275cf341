"""A process of its own that prints the attributes of an HDF5 file, given as its standard input, as JSON; it knows no paths.

:mod:`~dss_widgets.dataset.stores.h5_attributes` starts it. It imports nothing of this package, so that it starts fast.
"""

import json
import sys
from typing import Any

MOST_BYTES = 2**31
"""Memory it may take, what h5py itself takes included."""

MOST_CPU_SECONDS = 1
"""After so many the system ends it: reading a damaged heap can go round in circles."""


def limit() -> None:
    """Bound time and memory, where the system can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    used = resource.getrusage(resource.RUSAGE_SELF)
    seconds = int(used.ru_utime + used.ru_stime) + 1 + MOST_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def plain(value: Any) -> Any:
    """Return a value of h5py's as JSON can hold it."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return value if value is None or isinstance(value, int | float) else str(value)


def main() -> None:
    """Print what the attributes of the file's root are."""
    import h5py

    limit()
    with h5py.File(sys.stdin.buffer, "r") as file:
        json.dump({plain(name): plain(value) for name, value in file.attrs.items()}, sys.stdout)


if __name__ == "__main__":
    main()
