"""Assembling: the files are as planned, the same every time, and whatever happens nothing is lost or left half-written."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import assemble, from_arrays, is_unchanged, open_dataset, plan_splits, read_annotations
from dss_widgets.dataset.assembly import writing as writing_module
from dss_widgets.errors import Cancelled, DataError, DataProblemsError
from dss_widgets.options import AssemblyOptions

SONG = [("pulse", 0.0, 0.0), ("pulse", 0.21, 0.21), ("sine", 0.3, 0.8), ("sine", 1.2, 1.9), ("pulse", 2.0, 2.0)]


@pytest.fixture
def song(folder):
    for i in range(3):
        folder.add(f"rec{i}", SONG, 2)
    return folder


@pytest.fixture
def small_blocks(monkeypatch):
    """Many blocks and jobs even of short recordings."""
    monkeypatch.setattr(writing_module, "_BLOCK_VALUES", 4000)
    monkeypatch.setattr(writing_module, "_JOB_SAMPLES", 2500)


def left_in(path) -> list[str]:
    return sorted(p.name for p in path.iterdir())


# --- what is written


def test_audio_and_targets_of_every_stretch_are_where_the_plan_says(song, small_blocks):
    plan = song.plan(stratify="two-parts")
    dataset = open_dataset(assemble(plan))
    for stretch in plan.stretches:
        entry = next(e for e in plan.survey.recordings if e.name == stretch.recording)
        rows = slice(stretch.position, stretch.position + stretch.n_samples)
        split = dataset.split(stretch.split)
        np.testing.assert_array_equal(split.x[rows], entry.recording.read(stretch.start, stretch.stop).astype(np.float16))
        sine = split.y()[rows, dataset.class_names.index("sine")]
        expected = np.zeros(2000)
        expected[300:800] = expected[1200:1900] = 1
        np.testing.assert_array_equal(sine, expected[stretch.start : stretch.stop])


def test_the_arrays_have_the_planned_shapes_and_the_chosen_format(song):
    dataset = song.assemble(store_format="float32")
    for split, n in song.plan().split_samples.items():
        assert dataset.split(split).x.shape == (n, 1)
        assert dataset.split(split).y().shape == (n, 3)
        assert dataset.split(split).x.dtype == dataset.split(split).y().dtype == np.float32


@pytest.mark.parametrize(("store_format", "precision"), [("float16", 1e-3), ("float32", 1e-6)])
def test_every_row_of_the_targets_sums_to_one(song, store_format, precision):
    dataset = song.assemble(store_format=store_format)
    for split in ("train", "val", "test"):
        np.testing.assert_allclose(dataset.split(split).y().astype(float).sum(axis=1), 1, atol=precision)


def test_individual_targets_are_written_for_every_type(song):
    dataset = song.assemble(individual_targets=True)
    assert dataset.song_types == ["pulse", "sine"]
    assert dataset.split("train").y("sine").shape == (dataset.split("train").n_samples, 2)
    assert dataset.classes("sine") == (["noise", "sine"], ["segment", "segment"])
    assert dataset.classes("pulse") == (["noise", "pulse"], ["segment", "event"])


def test_a_split_that_is_left_out_has_zero_samples(song):
    dataset = song.assemble(train_fraction=0.8, test_fraction=0)
    assert dataset.split("test").n_samples == 0
    assert np.load(song.store / "test" / "y.npy").shape == (0, 3)


def test_the_annotations_of_a_split_fit_its_targets(song):
    dataset = song.assemble(stratify="two-parts", event_width_seconds=0)
    for split in ("train", "val", "test"):
        annotations, problems = read_annotations(song.store / split / "x_annotations.csv")
        targets = dataset.split(split).y()
        assert problems == []
        sines = annotations.select(annotations.names == "sine")
        expected = np.zeros(len(targets))
        for start, stop in zip(sines.start_seconds, sines.stop_seconds, strict=True):
            expected[round(start * 1000) : round(stop * 1000)] = 1
        np.testing.assert_array_equal(targets[:, 2] > 0, expected > 0)


def test_every_event_is_in_the_annotations_of_one_split_also_at_the_very_ends(song):
    song.assemble(stratify="two-parts")
    found = [read_annotations(song.store / split / "x_annotations.csv")[0] for split in ("train", "val", "test")]
    assert sum((a.names == "pulse").sum() for a in found) == 9
    assert all((a.start_seconds == a.stop_seconds)[a.names == "pulse"].all() for a in found)


@pytest.mark.parametrize("stratify", ["no", "two-parts", "blocks"])
def test_with_onset_offset_targets_the_annotated_ends_are_events_of_the_split_in_which_they_lie(song, stratify):
    dataset = song.assemble(stratify=stratify, block_seconds=0.25, onset_offset_targets=True, event_width_seconds=0)
    counts = dict.fromkeys(("syllable_onset", "syllable_offset"), 0)
    for split in dataset.splits.values():
        annotations, problems = read_annotations(split.folder / "x_annotations.csv")
        assert problems == []
        assert annotations.song_types() == sorted(dataset.class_names[1:])
        for name in counts:
            ends = annotations.select(annotations.names == name)
            peaks = np.flatnonzero(split.y()[:, dataset.class_names.index(name)])
            np.testing.assert_allclose(np.sort(ends.start_seconds), peaks / 1000, atol=1e-9)
            np.testing.assert_array_equal(ends.start_seconds, ends.stop_seconds)
            counts[name] += len(ends)
    assert counts == {"syllable_onset": 6, "syllable_offset": 6}


def test_an_onset_type_that_does_not_occur_in_a_split_is_declared_as_an_event(folder):
    folder.add("rec", [("sine", 0.1, 0.3)], 2)
    dataset = folder.assemble(onset_offset_targets=True, train_fraction=0.6, stratify="blocks", block_seconds=0.5)
    for split in dataset.splits.values():
        annotations, _ = read_annotations(split.folder / "x_annotations.csv")
        assert annotations.song_types() == ["sine", "syllable_offset", "syllable_onset"]


def test_without_annotations_as_csv_there_are_none(song):
    song.assemble(annotations_as_csv=False)
    assert not list(song.store.rglob("*.csv"))


def test_a_type_that_does_not_occur_has_a_column_all_the_same(folder):
    folder.add("rec", [*SONG, ("ghost", "", "")], 2)
    assert folder.assemble().class_names == ["noise", "ghost", "pulse", "sine"]


@pytest.mark.parametrize("names", [["1", "01"], ["NA", "nan", "None"], ["\t", "@"], ["ñ", "日本"]])
def test_odd_names_reach_the_dataset(folder, names):
    folder.add("rec", [(name, 0.2 + i / 10, 0.25 + i / 10) for i, name in enumerate(names)])
    dataset = folder.assemble(individual_targets=all(name.isprintable() for name in names))
    assert dataset.class_names == ["noise", *sorted(names)]


def test_recordings_of_other_rates_are_resampled_to_the_most_common(folder):
    for i, rate in enumerate((1000, 1000, 2000, 441)):
        folder.add(f"rec{i}", [("sine", 0.5, 1.0)], 2, rate=rate)
    dataset = folder.assemble()
    assert dataset.samplerate_hz == 1000
    assert sum(split.n_samples for split in dataset.splits.values()) == 8000
    assert sum(split.y()[:, 1].sum(dtype=float) for split in dataset.splits.values()) == 2000


def test_several_channels_stay_apart(folder):
    audio = folder.add("rec", SONG, 2, channels=3)
    dataset = folder.assemble(train_fraction=1, val_fraction=0, test_fraction=0)
    np.testing.assert_array_equal(dataset.split("train").x, audio.astype(np.float16))


def test_audio_too_large_for_float16_is_refused_with_the_mend(folder):
    found = from_arrays({"rec": (np.full(100, 1e6), 100, [("a", 0.1, 0.5)])})
    options = AssemblyOptions(store_folder=str(folder.store), seed=1)
    with pytest.raises(DataError, match=r"values above 65504, too large for float16. Choose the store format float32"):
        assemble(plan_splits(found, options))
    assemble(plan_splits(found, options.copy(store_format="float32")))


def test_audio_too_faint_for_float16_is_refused_with_the_mend(folder):
    found = from_arrays({"rec": (np.full(100, 1e-6), 100, [("a", 0.1, 0.5)])})
    options = AssemblyOptions(store_folder=str(folder.store), seed=1)
    with pytest.raises(DataError, match=r"too faint for float16 .*float32"):
        assemble(plan_splits(found, options))
    assert left_in(folder.path.parent) == ["data"]


def test_digital_silence_is_no_fault(folder):
    found = from_arrays({"rec": (np.zeros(100), 100, [("a", 0.1, 0.5)])})
    assemble(plan_splits(found, AssemblyOptions(store_folder=str(folder.store), seed=1)))


def test_arrays_in_memory_are_assembled_like_files(folder, contents):
    song = {f"rec{i}.wav": (folder.add(f"rec{i}", SONG, 2), 1000, SONG) for i in range(3)}
    here = folder.assemble()
    there = assemble(plan_splits(from_arrays(song), folder.options(store_folder=str(folder.path.parent / "m.npy"))))
    for split in ("train", "val", "test"):
        assert contents(here.path / split) == contents(there / split)


# --- attributes


def test_the_attributes_say_where_every_sample_comes_from(song):
    plan, attrs = song.plan(), song.assemble().attrs
    assert attrs["samplerate_x_Hz"] == attrs["samplerate_y_Hz"] == 1000
    assert attrs["class_names"] == ["noise", "pulse", "sine"]
    assert attrs["class_types"] == ["segment", "event", "segment"]
    assert attrs["options"]["seed"] == 1
    assert [(s["file"], s["first_sample"], s["last_sample"], s["split"], s["position"]) for s in attrs["stretches"]] == [
        (s.recording, s.start, s.stop - 1, s.split, s.position) for s in plan.stretches
    ]
    assert json.loads((song.store / "attrs.json").read_text()) == attrs


def test_the_pickled_attributes_hold_plain_values_that_numpy_itself_reads(song):
    song.assemble(individual_targets=True)
    attrs = np.load(song.store / "attrs.npy", allow_pickle=True)[()]

    def kinds(value):
        yield type(value)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from kinds(inner)

    assert set(kinds(attrs)) <= {dict, list, str, int, float, bool, type(None)}
    assert attrs["class_names_sine"] == ["noise", "sine"]


def test_rows_left_out_on_purpose_are_listed(song):
    song.add("rec3", [*SONG, ("sine", 1.5, 1.0)], 2)
    with pytest.raises(DataProblemsError, match="ends"):
        song.assemble()
    plan = song.plan(leave_out_bad_rows=True)
    assert plan.errors == ()
    assert any(problem.row == 7 and not problem.is_error for problem in plan.problems)
    assert open_dataset(assemble(plan)).attrs["left_out_rows"] == [
        {"file": "rec3_annotations.csv", "row": 7, "message": "'sine' ends (1.000 s) before it starts (1.500 s)."}
    ]


def test_the_milliseconds_trap_cannot_be_left_out(song):
    song.rows("rec0", [("sine", 100 * i, 100 * i + 50) for i in range(1, 19)])
    assert "look like milliseconds" in str(song.plan(leave_out_bad_rows=True).errors[0])


# --- the same every time


@pytest.mark.parametrize("stratify", ["no", "blocks"])
def test_same_folder_options_and_seed_give_the_same_bytes(song, contents, stratify):
    options = {"stratify": stratify, "block_seconds": 0.3, "individual_targets": True}
    song.assemble(**options)
    other = song.path.parent / "other.npy"
    song.assemble(**options, store_folder=str(other))
    assert contents(song.store) == contents(other)


def test_the_order_in_which_files_are_listed_does_not_matter(song, contents, monkeypatch):
    song.assemble()
    usual = contents(song.store)
    plan = song.plan(store_folder=str(song.path.parent / "other.npy"))
    reverse_listings(monkeypatch)
    again = song.plan(store_folder=str(song.path.parent / "other.npy"))
    assert again.stretches == plan.stretches
    assemble(again)
    monkeypatch.undo()
    assert contents(song.path.parent / "other.npy") == usual


def reverse_listings(monkeypatch) -> None:
    """Let every folder be listed in reverse, as another file system may."""
    listed = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path=".": sorted(listed(path), reverse=True))


def test_blocks_and_jobs_do_not_show(song, contents, monkeypatch):
    song.assemble()
    usual = contents(song.store)
    monkeypatch.setattr(writing_module, "_BLOCK_VALUES", 100)
    monkeypatch.setattr(writing_module, "_JOB_SAMPLES", 333)
    song.assemble(store_folder=str(song.path.parent / "other.npy"))
    assert contents(song.path.parent / "other.npy") == usual


@contextmanager
def processes():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        yield executor


@contextmanager
def dask():
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None)
    with cluster, distributed.Client(cluster) as client:
        yield client.get_executor()


@pytest.mark.parametrize("kind", [processes, pytest.param(dask, marks=pytest.mark.slow)])
def test_any_executor_can_do_the_work(song, contents, kind):
    song.assemble()
    told = []
    with kind() as executor:
        plan = song.plan(store_folder=str(song.path.parent / "other.npy"))
        assemble(plan, executor=executor, progress=told.append)
    assert contents(song.path.parent / "other.npy") == contents(song.store)
    assert told[-1].fraction == 1


@pytest.mark.slow
def test_on_dask_a_second_attempt_does_all_the_work_again(song, contents):
    """Its executor takes equal calls for one as long as their futures live, as they do in a traceback that a notebook keeps."""
    song.assemble()
    whole = contents(song.store)
    path = song.path / "rec1.wav"
    audio, rate = soundfile.read(path)
    soundfile.write(path, np.full_like(audio, np.nan), rate, subtype="FLOAT")
    again = song.plan(store_folder=str(song.path.parent / "other.npy"))
    with dask() as executor:
        with pytest.raises(DataError, match="holds NaN") as _kept:
            assemble(again, executor=executor)
        soundfile.write(path, audio, rate)
        assemble(again, executor=executor)
    assert contents(song.path.parent / "other.npy") == whole


def test_two_recordings_are_in_work_at_the_same_time(song, contents, monkeypatch):
    """The first two that are read wait for each other, each in its own thread; work on one at a time would never end."""
    song.assemble()
    usual = contents(song.store)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    both, begun = threading.Barrier(2, timeout=30), set()

    def waiting(entry):
        def read(start, stop):
            if entry.name not in begun:
                begun.add(entry.name)
                if len(begun) <= 2:
                    both.wait()
            return entry.recording.read_block(start, stop)

        return replace(entry, recording=replace(entry.recording, read_block=read))

    found = song.survey()
    found = replace(found, recordings=tuple(waiting(entry) for entry in found.recordings))
    assemble(plan_splits(found, song.options(store_folder=str(song.path.parent / "other.npy"))))
    assert len(begun) == 3
    assert contents(song.path.parent / "other.npy") == usual


# --- again into the same place


def test_a_dataset_is_not_overwritten_unless_told(song, contents):
    song.assemble()
    before = contents(song.store)
    with pytest.raises(DataError, match=r"exists already\. Choose another store folder, or allow it to be overwritten"):
        song.assemble(seed=2)
    assert contents(song.store) == before


def test_overwriting_leaves_nothing_of_the_old_dataset(song):
    song.assemble(individual_targets=True)
    song.assemble(overwrite=True)
    assert not list(song.store.rglob("y_*.npy"))
    assert left_in(song.path.parent) == ["data", "data.npy"]


def test_assembling_again_with_nothing_changed_says_so_and_writes_nothing(song):
    song.assemble()
    before = os.stat(song.store).st_mtime_ns, os.stat(song.store).st_ino
    assert is_unchanged(song.plan())
    song.assemble(overwrite=True)
    assert (os.stat(song.store).st_mtime_ns, os.stat(song.store).st_ino) == before
    with pytest.raises(DataError, match=r"made of the same recordings, annotations and options\. Nothing needs to be done"):
        song.assemble()


@pytest.mark.parametrize("what", ["audio", "annotations", "options"])
def test_what_has_changed_is_noticed(song, what):
    song.assemble()
    if what == "audio":
        song.audio("rec0.wav", 2, seed=99)
    elif what == "annotations":
        song.rows("rec0", SONG[:-1])
    assert not is_unchanged(song.plan(gap_seconds=0.01 if what == "options" else 0))


def test_a_folder_that_is_no_dataset_is_never_replaced(song):
    song.store.mkdir()
    (song.store / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match="exists and is no dataset"):
        song.assemble(overwrite=True)
    assert (song.store / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("file", ["notes.txt", "train/notes.txt", "models/a.npy"])
def test_a_dataset_with_somebodys_files_in_it_is_not_replaced(song, file):
    song.assemble()
    (song.store / file).parent.mkdir(exist_ok=True)
    (song.store / file).write_text("mine")
    with pytest.raises(DataError, match=r"which is not part of a dataset"):
        song.assemble(overwrite=True, seed=2)
    assert (song.store / file).exists()


def test_a_link_to_a_dataset_stays_a_link(song, tmp_path):
    real = tmp_path / "elsewhere" / "real.npy"
    song.assemble(store_folder=str(real))
    os.symlink(real, song.store)
    song.assemble(overwrite=True, seed=2)
    assert song.store.is_symlink()
    assert open_dataset(real).attrs["options"]["seed"] == 2
    assert left_in(real.parent) == ["real.npy"]


@pytest.mark.parametrize("store", ["data", "name", "name.npy.bak"])
def test_a_store_that_does_not_end_in_npy_is_refused(song, store):
    with pytest.raises(DataError, match=r"does not end in \.npy"):
        song.assemble(store_folder=str(song.path.parent / store))


def test_the_data_folder_is_never_the_store(tmp_path, folder):
    folder.add("rec", SONG, 2)
    named = tmp_path / "name.npy"
    folder.path.rename(named)
    folder.path = named
    with pytest.raises(DataError, match="is the data folder itself"):
        folder.assemble(store_folder=str(named))


# --- when something goes wrong


def test_folders_above_the_store_are_made(song):
    song.assemble(store_folder=str(song.path.parent / "a" / "b" / "c.npy"))
    assert (song.path.parent / "a" / "b" / "c.npy" / "attrs.npy").is_file()


def test_a_plan_with_errors_is_not_assembled(song):
    song.rows("rec0", [("sine", 1.5, 1.0)])
    with pytest.raises(DataProblemsError, match=r"rec0_annotations\.csv, row 2"):
        song.assemble()
    assert left_in(song.path.parent) == ["data"]


def test_cancelling_leaves_nothing_behind(song, small_blocks):
    calls = []

    def after_a_few() -> bool:
        calls.append(1)
        return len(calls) > 5

    with pytest.raises(Cancelled):
        assemble(song.plan(), cancelled=after_a_few)
    assert left_in(song.path.parent) == ["data"]


class Unheard(Executor):
    """Does calls in threads; as with dask's, its futures are cancelled, and the calls run on all the same."""

    def __init__(self, threads):
        self.threads, self.all = threads, []

    def submit(self, fn, /, *args):
        said = Future()
        self.all.append(self.threads.submit(fn, *args))
        self.all[-1].add_done_callback(lambda done: said.cancelled() or done.exception() or said.set_result(done.result()))
        return said


def test_what_runs_on_after_a_stop_writes_into_no_other_dataset(song, contents):
    go_on, found = threading.Event(), song.survey()

    def late(start, stop, read=found.recordings[1].recording.read_block):
        go_on.wait(60)
        return read(start, stop)

    slow = replace(found.recordings[1], recording=replace(found.recordings[1].recording, read_block=late))
    slow = replace(found, recordings=(found.recordings[0], slow, found.recordings[2]))
    song.assemble(seed=2)
    whole = contents(song.store)
    with ThreadPoolExecutor(3) as threads:
        unheard = Unheard(threads)

        def let_it_end(told):
            if told.fraction == 1:
                go_on.set()
                wait(unheard.all)

        first = plan_splits(slow, song.options())
        with pytest.raises(Cancelled):
            assemble(first, overwrite=True, executor=unheard, cancelled=lambda: len(unheard.all) > 3)
        shutil.rmtree(song.store)
        assemble(song.plan(seed=2), progress=let_it_end)
    assert isinstance(unheard.all[-2].exception(), FileNotFoundError)
    assert contents(song.store) == whole


def test_cancelling_keeps_the_old_dataset(song, contents):
    song.assemble()
    before = contents(song.store)
    with pytest.raises(Cancelled):
        assemble(song.plan(seed=2), overwrite=True, cancelled=lambda: True)
    assert contents(song.store) == before


def test_an_interrupt_leaves_nothing_behind(song, small_blocks):
    def interrupt(_progress):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assemble(song.plan(), progress=interrupt)
    assert left_in(song.path.parent) == ["data"]


def test_progress_ends_at_all_samples(song, small_blocks):
    told = []
    assemble(song.plan(), progress=told.append)
    assert told[-1].done_samples == told[-1].total_samples == 6000
    assert told[-1].fraction == 1
    assert told[-1].seconds_left == 0


def test_audio_that_turns_out_to_be_nan_is_an_error_that_names_it(song):
    audio = np.zeros((2000, 1))
    audio[700] = np.nan
    np.savez(song.path / "bad.npz", data=audio, samplerate=1000)
    song.rows("bad", SONG)
    with pytest.raises(DataError, match=r"bad\.npz: holds NaN or infinite values, first at 0\.700 s"):
        song.assemble()
    assert left_in(song.path.parent) == ["data"]


def test_a_recording_that_is_gone_is_an_error_that_names_it(song):
    plan = song.plan()
    (song.path / "rec1.wav").unlink()
    with pytest.raises(DataError, match=r"rec1\.wav: cannot be read"):
        assemble(plan)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs limits of a POSIX system")
@pytest.mark.parametrize("old", [False, True])
def test_a_disk_without_room_is_told_and_nothing_is_lost(song, contents, old):
    if old:
        song.assemble()
    before = contents(song.path.parent)
    script = f"""
import resource, sys
from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.errors import DataError
from dss_widgets.options import AssemblyOptions
plan = plan_splits(survey({str(song.path)!r}), AssemblyOptions(data_folder={str(song.path)!r}, seed=2))
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
try:
    assemble(plan, overwrite=True)
except DataError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "cannot be written (File too large). Nothing was changed" in done.stdout
    assert contents(song.path.parent) == before


def test_a_disk_that_fills_up_is_told_as_that(song, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("dss_widgets.dataset.stores.npy_files.ArrayFile.write", full)
    with pytest.raises(DataError, match=r"the disk is full\)\. Nothing was changed; make room"):
        song.assemble()
    assert left_in(song.path.parent) == ["data"]


def test_too_little_room_is_told_before_anything_is_written(song, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _path: type("Usage", (), {"free": 1000})())
    with pytest.raises(DataError, match=r"needs 1\.\d MB but 0\.0 MB are free"):
        song.assemble()
    assert left_in(song.path.parent) == ["data"]


@pytest.mark.parametrize("place", ["/proc/store.npy", "file/store.npy"])
def test_a_place_that_cannot_be_written_is_told(song, place):
    (song.path.parent / "file").write_text("")
    with pytest.raises(DataError, match=r"store\.npy: cannot be written"):
        song.assemble(store_folder=str(song.path.parent / place))


# --- other processes

IN_ANOTHER_PROCESS = """
import os, signal, sys
from dss_widgets.dataset import assemble, plan_splits, survey
from dss_widgets.dataset.assembly import writing
from dss_widgets.options import AssemblyOptions
import dss_widgets.dataset.assembly.destination as place
writing._BLOCK_VALUES = 4000
folder, moment = sys.argv[1:]
plan = plan_splits(survey(folder), AssemblyOptions(data_folder=folder, seed=2))

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def wait(progress):
    print("writing", flush=True)
    sys.stdin.readline()

if moment == "replacing":
    rename = os.rename
    os.rename = lambda a, b: (rename(a, b), die()) if str(b).endswith(".replaced") else rename(a, b)
assemble(plan, overwrite=True, progress={"writing": die, "waiting": wait}.get(moment))
"""


def run_elsewhere(song, moment: str) -> subprocess.Popen:
    command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(song.path), moment]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("old", [False, True])
def test_kill_9_while_writing_leaves_the_old_dataset_or_none_and_the_next_attempt_clears_up(song, contents, old):
    if old:
        song.assemble()
    before = contents(song.store) if old else {}
    killed = run_elsewhere(song, "writing")
    killed.communicate()
    assert killed.returncode == -signal.SIGKILL
    assert (contents(song.store) if song.store.exists() else {}) == before
    assert left_in(song.path.parent) != ["data", "data.npy"][: 1 + old]

    song.assemble(overwrite=True, seed=3)
    assert left_in(song.path.parent) == ["data", "data.npy"]


def test_kill_9_in_the_moment_of_replacing_loses_nothing(song, contents):
    song.assemble()
    before = contents(song.store)
    run_elsewhere(song, "replacing").communicate()
    assert not song.store.exists()

    with pytest.raises(DataError, match="exists already"):
        song.assemble(seed=3)
    assert contents(song.store) == before
    assert left_in(song.path.parent) == ["data", "data.npy"]


def test_two_processes_do_not_write_one_dataset_at_once(song):
    other = run_elsewhere(song, "waiting")
    assert other.stdout.readline() == "writing\n"
    with pytest.raises(DataError, match="is being assembled by another process right now"):
        song.assemble(overwrite=True)
    _, errors = other.communicate("go on\n" * 100)
    assert (other.returncode, errors) == (0, "")
    assert open_dataset(song.store).attrs["options"]["seed"] == 2
    assert left_in(song.path.parent) == ["data", "data.npy"]
