"""Kills a training with SIGKILL at random moments, resumes it each time, and compares its weights with a run through.

usage: python resume_kills.py [KILLS [SEED [FOLDER]]]

Twenty kills by default, anywhere from the imports to the test, also while the checkpoint is written (validation and epochs are
short). Trains with augmentations, a part of the data, oversampling of rare types and a rate lowered on plateaus. Ends with exit
code 1 if the weights differ in a single bit, or a half-written file is left.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.song.files import make_song
from dss_widgets.jobs import Run, follow, resume_job, start_run
from dss_widgets.options import AssemblyOptions, TrainingOptions


def weights(run: Run) -> dict[str, np.ndarray]:
    """Return the arrays of a run's weights by name."""
    found: dict[str, np.ndarray] = {}
    with h5py.File(f"{run.stem}_model.h5") as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def wait(run: Run) -> float:
    """Wait until a run has ended; return the seconds that took."""
    start = time.monotonic()
    for _ in follow(run):
        pass
    if run.status().state != "finished":
        sys.exit(f"{run.name}: {run.status()}")
    return time.monotonic() - start


def main(n_kills: int, seed: int, folder: Path) -> int:
    """Run once through, once with kills; return an exit code."""
    rng = random.Random(seed)
    make_song(folder / "song", "bird", n_files=2, seconds=8)
    assembly = AssemblyOptions(data_folder=str(folder / "song"), seed=1, test_fraction=0.2)
    store = assemble(plan_splits(survey(assembly.data_folder), assembly))
    options = TrainingOptions(
        store_folder=str(store), save_folder=str(folder / "runs"), seed=3, epochs=40, filters=8, blocks=1, chunk_duration=2048,
        learning_rate=0.01, learning_rate_schedule="fixed", reduce_learning_rate=True, reduce_learning_rate_patience=1,
        augmentations=["gain", "noise", "time_shift", "mix_noise", "polarity"], data_fraction=0.7, oversample_rare=True,
    )  # fmt: skip
    through = start_run(options.copy(prefix="through"))
    seconds = wait(through)
    print(f"run through: {seconds:.0f} s", flush=True)
    killed = start_run(options.copy(prefix="killed"))
    kills, states = 0, []
    while kills < n_kills:
        moment = time.monotonic() + rng.uniform(0, seconds / 2)
        while time.monotonic() < moment and killed.status().is_running:
            time.sleep(0.01)
        status = killed.status()
        if status.is_running:
            killed.kill()
            for _ in follow(killed):
                pass
            kills += 1
            states.append(status.state)
            print(f"kill {kills}: {status.state}, after epoch {status.epoch}", flush=True)
        resume_job(killed)  # also one that had finished: it is tested anew
    wait(killed)
    one, other = weights(through), weights(killed)
    same = one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
    left = [path.name for path in (folder / "runs").rglob(".*partial*")]
    print(f"{kills} kills ({', '.join(f'{states.count(state)} {state}' for state in sorted(set(states)))})")
    print(f"weights {'equal' if same else 'DIFFER'}; half-written files left: {left or 'none'}")
    return 0 if same and not left else 1


if __name__ == "__main__":
    count, chosen = (int(text) for text in (sys.argv[1:3] + ["20", "0"][len(sys.argv[1:3]) :]))
    if len(sys.argv) > 3:
        sys.exit(main(count, chosen, Path(sys.argv[3])))
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(main(count, chosen, Path(scratch)))
