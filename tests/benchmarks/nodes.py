"""What two nodes of one core each gain over one: in training one network together, and in annotating many recordings.

usage: python nodes.py [ROUNDS]

Both take turns, ROUNDS times (3 by default), each in processes of its own: one process on one core, and two on a core each, as
nodes of a cluster would have them. Training: the default network (32 filters of 16, 3 blocks, 32 chunks a batch) without and
with a spectrogram, in steps a second after the first epoch, which compiles, validation included.
Annotating: 40 recordings of 30 s, from the first recording's end to the last one's. The machine needs two idle cores.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.song import make_song
from dss_widgets.events import EpochDone, RecordingDone
from dss_widgets.jobs import follow, start_job, start_run
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.options.prediction import AnnotatingOptions

NETWORKS = {
    "waveform": {"frontend": "none", "chunk_duration": 1024},
    "spectrogram": {"frontend": "stft", "downsample_factor": 16, "chunk_duration": 4096},
}
EPOCHS = 4


def on_cores(n: int) -> None:
    """Have this process, and those that it starts, use only so many cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:n] if n == 1 else ALL)


ALL = os.sched_getaffinity(0)


def finished(job):
    """Return the events of a job once it has finished."""
    list(follow(job))
    status = job.status()
    if status.state != "finished":
        sys.exit(f"{status.message}\n" + "\n".join(job.log_tail()))
    return job.events()[0]


def steps_a_second(store: Path, folder: Path, network: dict, n: int) -> float:
    """Return how many steps of learning are done in a second."""
    options = TrainingOptions(
        store_folder=str(store), save_folder=str(folder), epochs=EPOCHS, filters=32, filter_duration=16, blocks=3,
        batch_size=32, seed=1, devices=n, **network,
    )  # fmt: skip
    on_cores(n)
    events = finished(start_run(options))
    [steps] = {event.steps_per_epoch for event in events if hasattr(event, "steps_per_epoch")}
    epochs = [event.seconds for event in events if isinstance(event, EpochDone)]
    per_epoch = [after - before for before, after in pairwise(epochs)]
    return steps / statistics.median(per_epoch)


def recordings_a_second(stem: Path, song: Path, folder: Path, n: int) -> float:
    """Return how many recordings are annotated in a second."""
    on_cores(n)
    options = AnnotatingOptions(network=str(stem), recordings=[str(song)], out_folder=str(folder), processes=n)
    times = [event.time for event in finished(start_job("predict", options)) if isinstance(event, RecordingDone)]
    first = times[n - 1]  # by then all processes have begun
    return (len(times) - n) / (times[-1] - first)


def told(what: str, one: list[float], two: list[float], unit: str) -> None:
    """Print the medians, and the ratio of each round's."""
    ratios = sorted(b / a for a, b in zip(one, two, strict=True))
    medians = f"{statistics.median(one):.2f} and {statistics.median(two):.2f} {unit}"
    print(f"{what}: {medians}; ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    if len(ALL) < 2:
        sys.exit("This takes two cores.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_song(folder / "song", "bird", n_files=40, seconds=30, seed=1)
        make_song(folder / "few", "bird", n_files=6, seconds=20, seed=2)
        store = assemble(plan_splits(survey(folder / "few"), AssemblyOptions(data_folder=str(folder / "few"), seed=1)))
        for label, network in NETWORKS.items():
            speeds = {1: [], 2: []}
            for number in range(rounds):
                for n, found in speeds.items():
                    found.append(steps_a_second(store, folder / f"{label}{number}_{n}", network, n))
            told(f"training, {label}", speeds[1], speeds[2], "steps/s")
        [stem] = {
            path.with_name(path.name.removesuffix("_params.yaml")) for path in (folder / "spectrogram0_1").glob("*_params.yaml")
        }
        speeds = {1: [], 2: []}
        for number in range(rounds):
            for n, found in speeds.items():
                found.append(recordings_a_second(stem, folder / "song", folder / f"out{number}_{n}", n))
        told("annotating", speeds[1], speeds[2], "recordings/s")


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"took {time.monotonic() - began:.0f} s")
