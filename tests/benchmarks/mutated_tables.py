"""Read 10,000 mutated annotation tables: none loses a row without a word.

    python tests/benchmarks/mutated_tables.py [N]

The tables and what must hold of them are those of tests/dataset/test_mutated_tables.py; here there are more of them, and a
seed of their own every time.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile
from hypothesis import HealthCheck, Phase, given, settings

sys.path.insert(0, str(Path(__file__).parents[1] / "dataset"))
from test_mutated_tables import check, mutated


def main() -> None:
    """Try as many tables as the first argument says."""
    n_tables = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    tried = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        soundfile.write(folder / "rec1.wav", np.random.default_rng(1).uniform(-0.5, 0.5, 1200), 100)

        @settings(
            max_examples=n_tables,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(mutated())
        def try_one(table: tuple) -> None:
            nonlocal tried
            tried += 1
            check(folder, *table)

        start = time.monotonic()
        try_one()
    print(f"{tried} mutated tables in {time.monotonic() - start:.0f} s: every row read, or told with file and row")


if __name__ == "__main__":
    main()
