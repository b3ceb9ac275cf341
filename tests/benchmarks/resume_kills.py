"""Kills trainings with SIGKILL at random moments, resumes them each time, and compares their weights with a run through.

usage: python resume_kills.py [KILLS [LONG_KILLS [SEED [FOLDER]]]]

First a training with short epochs is killed twenty times by default: every fourth time at any moment from the start on, else at
any moment after its first step, however long a busy machine takes to get there; also while the checkpoint is written. Then one
whose epochs take minutes is killed three times within an epoch; it is told what each kill cost. Both train with augmentations,
a part of the data, oversampling of rare types and a rate lowered on plateaus. Ends with exit code 1 if the weights differ in a
single bit, a kill costs more than a minute, or a half-written file is left.
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
from dss_widgets.events import StepDone
from dss_widgets.jobs import Run, follow, resume_job, start_run
from dss_widgets.options import AssemblyOptions, TrainingOptions

MOST_SECONDS_LOST = 60.0
"""Of work, by a kill."""


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


def options_for(folder: Path, n_files: int, seconds: float, **changes: object) -> TrainingOptions:
    """Assemble demo song of a length and return options that train on it, with all that draws at random."""
    make_song(folder / "song", "bird", n_files=n_files, seconds=seconds)
    assembly = AssemblyOptions(data_folder=str(folder / "song"), seed=1, test_fraction=0.2)
    store = assemble(plan_splits(survey(assembly.data_folder), assembly))
    options = TrainingOptions(
        store_folder=str(store), save_folder=str(folder / "runs"), seed=3, filters=8, blocks=1, chunk_duration=2048,
        learning_rate=0.01, learning_rate_schedule="fixed", reduce_learning_rate=True, reduce_learning_rate_patience=1,
        augmentations=["gain", "noise", "time_shift", "mix_noise", "polarity"], data_fraction=0.7, oversample_rare=True,
    )  # fmt: skip
    return options.copy(**changes)


def kill(run: Run) -> None:
    """Kill a run and wait until that is known."""
    run.kill()
    for _ in follow(run):
        pass


def is_as_through(through: Run, killed: Run) -> bool:
    """Say and return whether two runs have the same weights, and neither left a half-written file."""
    one, other = weights(through), weights(killed)
    same = one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)
    left = [path.name for path in through.folder.parent.rglob(".*partial*")]
    print(f"weights {'equal' if same else 'DIFFER'}; half-written files left: {left or 'none'}", flush=True)
    return same and not left


def until_it_learns(run: Run, n_before: int) -> float:
    """Wait for a step after so many events, or the run's end; return the seconds that took."""
    start = time.monotonic()
    while run.status().is_running and not any(isinstance(event, StepDone) for event in run.events()[0][n_before:]):
        time.sleep(0.01)
    return time.monotonic() - start


def anywhere(n_kills: int, rng: random.Random, folder: Path) -> bool:
    """Kill a training with short epochs anywhere; return whether all is well."""
    options = options_for(folder, 2, 8, epochs=40)
    through = start_run(options.copy(prefix="through"))
    starting = until_it_learns(through, 0)
    learning = wait(through)
    print(f"run through: {starting:.0f} s to the first step, {learning:.0f} s from there", flush=True)
    killed = start_run(options.copy(prefix="killed"))
    kills, states = 0, []
    while kills < n_kills:
        if kills % 4:
            until_it_learns(killed, len(killed.events()[0]))
        moment = time.monotonic() + rng.uniform(0, learning / 8 if kills % 4 else starting)
        while time.monotonic() < moment and killed.status().is_running:
            time.sleep(0.01)
        status = killed.status()
        if status.is_running:
            kill(killed)
            kills += 1
            states.append(status.state)
            print(f"kill {kills}: {status.state}, after epoch {status.epoch}", flush=True)
        resume_job(killed)  # also one that had finished: it is tested again
    wait(killed)
    print(f"{kills} kills ({', '.join(f'{states.count(state)} {state}' for state in sorted(set(states)))})")
    return is_as_through(through, killed)


def steps_of(run: Run) -> list[StepDone]:
    """Return the steps that a run has told so far."""
    return [event for event in run.events()[0] if isinstance(event, StepDone)]


def within_epochs(n_kills: int, rng: random.Random, folder: Path) -> bool:
    """Kill a training within an epoch that takes minutes; return whether all is well and little was lost."""
    options = options_for(folder, 12, 60, epochs=1, batch_size=1)
    through = start_run(options.copy(prefix="through"))
    wait(through)
    epoch_seconds = steps_of(through)[-1].seconds or 0.0
    print(f"an epoch: {epoch_seconds:.0f} s", flush=True)
    killed, well = start_run(options.copy(prefix="killed")), True
    moments = sorted(rng.uniform(0.1, 0.9) * epoch_seconds for _ in range(n_kills))
    for moment in moments:
        for event in follow(killed):
            if isinstance(event, StepDone) and (event.seconds or 0.0) >= moment:
                break
        kill(killed)
        before = steps_of(killed)
        resume_job(killed)
        after = next(event for event in follow(killed) if isinstance(event, StepDone) and event not in before)
        lost = (before[-1].seconds or 0.0) - (after.seconds or 0.0)
        well = well and lost <= MOST_SECONDS_LOST
        print(
            f"killed {before[-1].seconds:.0f} s into the epoch, at step {before[-1].step} of {before[-1].steps}; resumed at "
            f"step {after.step}: {max(0.0, lost):.0f} s of work lost", flush=True,
        )  # fmt: skip
    wait(killed)
    return is_as_through(through, killed) and well


def main(n_kills: int, n_long_kills: int, seed: int, folder: Path) -> int:
    """Kill both trainings; return an exit code."""
    rng = random.Random(seed)
    well = not n_kills or anywhere(n_kills, rng, folder / "anywhere")
    well = (not n_long_kills or within_epochs(n_long_kills, rng, folder / "within")) and well
    return 0 if well else 1


if __name__ == "__main__":
    given = sys.argv[1:4]
    numbers = [int(text) for text in given + ["20", "3", "0"][len(given) :]]
    if len(sys.argv) > 4:
        sys.exit(main(*numbers, Path(sys.argv[4])))
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(main(*numbers, Path(scratch)))
