"""What two nodes of one core each gain over one: in training one network together, and in annotating many recordings.

usage: python nodes.py [ROUNDS]

All take turns, ROUNDS times (3 by default), each in processes of its own: one process on one core; two on a core each, as nodes
of a cluster would have them; and two that have half of the work each and know nothing of each other, which is what a
second core is worth here (memory, cache and whatever else runs are shared), and the most that sharing can gain. Training: the
default network (32 filters of 16, 3 blocks) without and with a spectrogram, 32 chunks a batch and, with a spectrogram, 64 (a
step of it takes a fourth of the time, but as long to add up), in steps a second after the first epoch, which compiles,
validation included. Annotating: 40 recordings of 30 s, from the first recording's end to the last one's. The machine needs two
idle cores.
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

SPECTROGRAM = {"frontend": "stft", "downsample_factor": 16, "chunk_duration": 4096}
NETWORKS = {
    "waveform": {"frontend": "none", "chunk_duration": 1024, "data_fraction": 0.08, "batch_size": 32},
    "spectrogram": {**SPECTROGRAM, "batch_size": 32},
    "spectrogram, 64 chunks": {**SPECTROGRAM, "batch_size": 64},
}
EPOCHS = 4
CORES = sorted(os.sched_getaffinity(0))

WAYS = {"one": "one", "two": "two together", "apart": "two apart"}


def on_cores(*cores: int) -> None:
    """Have this process, and those that it starts from now on, use only some cores."""
    os.sched_setaffinity(0, cores)


def finished(job):
    """Return the events of a job once it has finished."""
    list(follow(job))
    status = job.status()
    if status.state != "finished":
        sys.exit(f"{status.message}\n" + "\n".join(job.log_tail()))
    return job.events()[0]


def apart(start) -> list:
    """Start a job on each of two cores, and return the events of both once they have finished."""
    jobs = []
    for core in CORES[:2]:
        on_cores(core)
        jobs.append(start(len(jobs)))
    return [finished(job) for job in jobs]


def steps_a_second(store: Path, folder: Path, network: dict, way: str) -> float:
    """Return how many steps of learning are done in a second; apart, by the slower one, of half as many chunks each."""
    options = TrainingOptions(
        store_folder=str(store), save_folder=str(folder), epochs=EPOCHS, filters=32, filter_duration=16, blocks=3,
        seed=1, **network,
    )  # fmt: skip
    if way == "apart":
        half = options.copy(batch_size=options.batch_size // 2, data_fraction=options.data_fraction / 2)
        return min(map(_steps_a_second, apart(lambda k: start_run(half.copy(save_folder=str(folder / str(k)))))))
    on_cores(*(CORES[:1] if way == "one" else CORES))
    return _steps_a_second(finished(start_run(options.copy(devices=1 if way == "one" else 2))))


def _steps_a_second(events) -> float:
    [steps] = {event.steps_per_epoch for event in events if hasattr(event, "steps_per_epoch")}
    epochs = [event.seconds for event in events if isinstance(event, EpochDone)]
    return steps / statistics.median(after - before for before, after in pairwise(epochs))


def recordings_a_second(stem: Path, song: Path, folder: Path, way: str) -> float:
    """Return how many recordings are annotated in a second; apart, by both."""
    recordings = sorted(map(str, song.glob("*.wav")))
    options = AnnotatingOptions(network=str(stem), recordings=recordings, out_folder=str(folder))
    if way == "apart":

        def start(k: int):
            return start_job("predict", options.copy(recordings=recordings[k::2], out_folder=str(folder / str(k))))

        return 2 * min(_recordings_a_second(events, 1) for events in apart(start))
    n = 1 if way == "one" else 2
    on_cores(*CORES[:n])
    return _recordings_a_second(finished(start_job("predict", options.copy(processes=n))), n)


def _recordings_a_second(events, n: int) -> float:
    times = [event.time for event in events if isinstance(event, RecordingDone)]
    return (len(times) - n) / (times[-1] - times[n - 1])  # by then all processes have begun


def told(what: str, unit: str, speeds: dict[str, list[float]]) -> None:
    """Print the medians, and how they compare with one alone round by round."""
    print(f"{what}, {unit}: " + ", ".join(f"{WAYS[way]} {statistics.median(found):.2f}" for way, found in speeds.items()))
    for way in ("two", "apart"):
        ratios = sorted(many / one for one, many in zip(speeds["one"], speeds[way], strict=True))
        print(f"    {WAYS[way]}: {statistics.median(ratios):.2f} times one ({ratios[0]:.2f} to {ratios[-1]:.2f})", flush=True)


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    if len(CORES) < 2:
        sys.exit("This takes two cores.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_song(folder / "song", "bird", n_files=40, seconds=30, seed=1)
        make_song(folder / "few", "bird", n_files=18, seconds=20, seed=2)
        store = assemble(plan_splits(survey(folder / "few"), AssemblyOptions(data_folder=str(folder / "few"), seed=1)))
        for label, network in NETWORKS.items():
            speeds: dict[str, list[float]] = {way: [] for way in WAYS}
            for number in range(rounds):
                for way, found in speeds.items():
                    found.append(steps_a_second(store, folder / f"{label}{number}_{way}", network, way))
            told(f"training, {label}", "steps/s", speeds)
        [params] = (folder / "spectrogram0_one").glob("*_params.yaml")
        stem = params.with_name(params.name.removesuffix("_params.yaml"))
        speeds = {way: [] for way in WAYS}
        for number in range(rounds):
            for way, found in speeds.items():
                found.append(recordings_a_second(stem, folder / "song", folder / f"out{number}_{way}", way))
        told("annotating", "recordings/s", speeds)


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"took {time.monotonic() - began:.0f} s")
