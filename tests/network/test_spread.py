"""Annotating by an executor: the same files, the same words, whoever does it."""

import os
import pickle
import shutil
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np
import pytest
import soundfile

from dss_widgets.errors import Cancelled, DataError
from dss_widgets.network.predict import predict
from dss_widgets.network.processes import ProcessDiedError, Processes
from dss_widgets.options import PredictionOptions

from .conftest import RATE, tone_song

OPTIONS = PredictionOptions(probabilities=True)


@pytest.fixture(scope="module")
def season(tmp_path_factory):
    """Recordings in nested folders: some long, one faster, one damaged, one that is none."""
    folder = tmp_path_factory.mktemp("season")
    for i, (place, n_samples) in enumerate((("a", 5000), ("a", 300), ("a/deep", 4000), ("b", 700), ("b", 2000))):
        (folder / place).mkdir(parents=True, exist_ok=True)
        audio = tone_song(n_samples, seed=i)[0].astype(np.float32)
        soundfile.write(folder / place / f"{i}.wav", audio, int(RATE) * (2 if i == 4 else 1), subtype="FLOAT")
    soundfile.write(folder / "a/nan.wav", np.full(2000, np.nan), int(RATE), subtype="FLOAT")
    (folder / "b/none.wav").write_bytes(b"no audio")
    return folder


class Annotated:
    """What annotating a season came to."""

    def __init__(self, stem, season, out, executor=None):
        self.told, self.notices, self.progress = [], [], []
        with pytest.raises(DataError) as caught:
            predict(
                stem, season, out, OPTIONS, executor=executor, on_recording=self.told.append, on_notice=self.notices.append,
                on_progress=lambda *of: self.progress.append(of),
            )  # fmt: skip
        self.message = str(caught.value)
        self.files = {p.relative_to(out).as_posix(): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}
        self.ledger = {
            event.recording: (event.outcome, event.message, event.seconds, dict(event.counts), dict(event.song_seconds))
            for event in self.told
        }


@pytest.fixture(scope="module")
def one_by_one(trained_run, season, tmp_path_factory):
    return Annotated(trained_run.stem, season, tmp_path_factory.mktemp("one by one"))


@pytest.fixture(params=["threads", "processes", "dask"])
def executor(request):
    if request.param == "threads":
        with ThreadPoolExecutor(3) as threads:
            yield threads
    elif request.param == "processes":
        with Processes(2) as processes:
            yield processes
    else:
        distributed = pytest.importorskip("distributed")
        cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None)
        with cluster, distributed.Client(cluster) as client:
            yield client.get_executor()


@pytest.mark.slow
def test_every_executor_writes_the_same_bytes_and_tells_the_same(trained_run, season, one_by_one, executor, tmp_path):
    spread = Annotated(trained_run.stem, season, tmp_path, executor)
    assert spread.message == one_by_one.message
    assert list(spread.files) == list(one_by_one.files)
    assert len(spread.files) == 10
    assert spread.files == one_by_one.files
    assert spread.ledger == one_by_one.ledger
    assert len(spread.told) == 7
    assert sorted(spread.notices) == sorted(one_by_one.notices)
    assert spread.progress[-1] == (11_000, 11_000)
    assert spread.progress == sorted(spread.progress, key=lambda of: of[0])


class Losing(Executor):
    """Does tasks at once, but for those of some recordings, which it loses so often; equal ones are one, as dask's are."""

    def __init__(self, **times):
        self.times, self.known = times, {}

    def submit(self, fn, /, work):
        key = pickle.dumps((fn, work))
        if key not in self.known:
            self.known[key] = self.done(fn, work)
        return self.known[key]

    def done(self, fn, work):
        name = os.path.basename(work.recording).removesuffix(".wav")
        future = Future()
        if self.times.get(name, 0) > 0:
            self.times[name] -= 1
            future.set_exception(ProcessDiedError("SIGKILL"))
        else:
            future.set_result(fn(work))
        return future


@pytest.fixture
def whole(season, tmp_path):
    """The recordings of the season that are sound."""
    for name in ("a", "b"):
        shutil.copytree(season / name, tmp_path / "whole" / name, ignore=shutil.ignore_patterns("n*.wav"))
    return tmp_path / "whole"


@pytest.mark.slow
def test_a_recording_whose_process_died_is_tried_again_and_then_told_as_failed(trained_run, whole, tmp_path):
    told = []
    with pytest.raises(DataError, match=r"(?s)3\.wav: could not be annotated, twice \(.*SIGKILL\).*The other recordings were"):
        predict(trained_run.stem, whole, tmp_path / "out", executor=Losing(**{"0": 1, "3": 2}), on_recording=told.append)
    assert sorted((os.path.basename(event.recording), event.outcome) for event in told) == [
        (f"{i}.wav", "failed" if i == 3 else "done") for i in range(5)
    ]


def test_files_are_returned_in_the_order_of_the_recordings(trained_run, whole, tmp_path):
    written = predict(trained_run.stem, whole, tmp_path / "out", executor=Losing(**{"0": 1}))
    assert [path.name for path in written] == [f"{i}_annotations.csv" for i in (0, 1, 2, 3, 4)]


def test_an_executor_that_takes_nothing_more_is_told_of(trained_run, whole, tmp_path):
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(DataError, match=r"cannot be annotated: cannot schedule new.*Start it again"):
        predict(trained_run.stem, whole, tmp_path / "out", executor=executor)


def test_a_network_that_cannot_be_used_ends_it_before_anything_is_written(whole, tmp_path):
    with pytest.raises(DataError, match=r"nothing_params\.yaml: cannot be read"):
        predict(tmp_path / "nothing", whole, tmp_path / "out", executor=Losing())
    assert not (tmp_path / "out").exists()


def test_after_a_stop_what_was_told_is_there_and_it_goes_on_with_the_rest(trained_run, whole, tmp_path):
    told = []
    with ThreadPoolExecutor(1) as threads, pytest.raises(Cancelled):
        predict(
            trained_run.stem,
            whole,
            tmp_path / "out",
            executor=threads,
            on_recording=told.append,
            should_stop=lambda: bool(told),
        )
    first = {event.file for event in told}
    assert first == {str(path) for path in (tmp_path / "out").rglob("*.*")}
    predict(
        trained_run.stem, whole, tmp_path / "out", done=[event.recording for event in told], executor=Losing(),
        on_recording=told.append,
    )  # fmt: skip
    assert len({event.recording for event in told}) == len(told) == 5
    assert {event.outcome for event in told} == {"done"}
