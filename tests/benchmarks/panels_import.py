"""How much later the first widget can come because of this package: import times in fresh interpreters, and their difference.

usage: python tests/benchmarks/panels_import.py [REPEATS]
"""

import statistics
import subprocess
import sys

CODE = "import time; t = time.perf_counter(); {}; print(time.perf_counter() - t)"


def seconds(statement: str) -> float:
    """Return how long a statement takes in a fresh interpreter."""
    told = subprocess.run([sys.executable, "-c", CODE.format(statement)], capture_output=True, text=True, check=True)
    return float(told.stdout)


def main() -> None:
    """Alternate the two, so that a busy moment of the machine meets both, and print medians."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    alone, panels = [], []
    for _ in range(repeats):
        alone.append(seconds("import ipywidgets, bqplot"))
        panels.append(seconds("import dss_widgets.panels"))
    a, b = statistics.median(alone), statistics.median(panels)
    print(f"ipywidgets and bqplot {a:.2f} s, dss_widgets.panels {b:.2f} s: {b - a:+.2f} s (limit +1.00), ratio {b / a:.2f}")


if __name__ == "__main__":
    main()
