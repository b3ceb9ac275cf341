"""The readers that fuzz.py tries, each with a valid file or folder to damage. A further reader is one more line at the end."""

from __future__ import annotations

import contextlib
import io
import json
import os
import struct
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import h5py
import numpy as np
import soundfile

from dss_widgets.cli import main
from dss_widgets.dataset import assemble, open_dataset, open_recording, plan_splits, read_annotations, survey
from dss_widgets.dataset.song.files import make_song
from dss_widgets.errors import DataError, DssWidgetsError
from dss_widgets.options import AssemblyOptions, TrainingOptions, load_options, save_options
from dss_widgets.options.prediction import PredictionOptions
from dss_widgets.results import ResultsWriter, Scores, read_results
from dss_widgets.results.params_file import read_params, write_params
from dss_widgets.results.probabilities_file import probabilities_file, read_probabilities

TESTS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Reader:
    """What is tried.

    Attributes:
        name: of the reader.
        make: writes something valid into an empty folder, and returns the path to read.
        read: reads it as deeply as anybody does.
        damages: which files are damaged, as a pattern of names.
        weight: how many cases it gets, relative to others.
    """

    name: str
    make: Callable[[Path], Path]
    read: Callable[[Path], Any]
    damages: str = "*"
    weight: float = 1.0


# --- annotations and recordings


def _annotated(file: str, content: str) -> Callable[[Path], Path]:
    """Return what makes a recording with annotations in a file."""

    def make(folder: Path) -> Path:
        soundfile.write(folder / "rec.wav", np.zeros(10_000), 1000)
        (folder / file).write_text(content, encoding="utf-8")
        return folder

    return make


def _survey(folder: Path) -> None:
    found = survey(folder)
    for entry in found.recordings:
        _ = entry.annotations.names.tolist(), entry.annotations.start_seconds.tolist()
    for problem in found.problems:
        str(problem)


def _table(path: Path) -> Path:
    path /= "rec_annotations.csv"
    path.write_text("name,start_seconds,stop_seconds\nsine,0.5,1.5\npulse,2.0,2.0\nNA,3,4\nsine,nan,\n")
    return path


TABLE = "name,start_seconds,stop_seconds\nsine,0.5,1.5\npulse,2.0,2.0\n01,3,4\n"
AUDACITY = "0.5\t1.5\tsine\n\\\t6441.06\t12296.57\n2.0\t2.0\tpulse\n3\t4\t01\n"
RAVEN = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n"
    "1\tSpectrogram 1\t1\t0.5\t1.5\t100\t200\tchirp\n2\tSpectrogram 1\t1\t2\t3\t100\t200\t01\n"
)
SIMPLE = "onset_s,offset_s,label\n0.5,1.5,a\n2,3,b\n"
GENERIC = (
    "label,onset_s,offset_s,onset_sample,offset_sample,notated_path,annot_path,sequence,annotation\n"
    "a,0.5,1.5,,,rec.wav,ann.csv,0,0\nb,2.0,3.0,,,rec.wav,ann.csv,0,0\n"
)
TEXTGRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 10\ntiers? <exists>\nsize = 1\nitem []:\n'
    '    item [1]:\n        class = "IntervalTier"\n        name = "phones"\n        xmin = 0\n        xmax = 10\n'
    '        intervals: size = 2\n        intervals [1]:\n            xmin = 0\n            xmax = 1\n            text = ""\n'
    '        intervals [2]:\n            xmin = 1\n            xmax = 10\n            text = "a"\n'
)
KOUMURA = (
    "<Sequences><NumSequence>1</NumSequence><Sequence><WaveFileName>rec.wav</WaveFileName><Position>0</Position>"
    "<Length>10000</Length><NumNote>2</NumNote><Note><Position>500</Position><Length>1000</Length><Label>0</Label></Note>"
    "<Note><Position>2000</Position><Length>500</Length><Label>1</Label></Note></Sequence></Sequences>"
)

DCASE = "Audiofilename,Starttime,Endtime,CLASS_1,CLASS_2\nrec.wav,0.5,1.5,POS,NEG\nrec.wav,2,3,NEG,POS\nrec.wav,4,5,UNK,NEG\n"
DEEPSQUEAK = (
    "File,ID,Label,Accepted,Score,Begin Time (s),End Time (s),Call Length (s),Principal Frequency (kHz)\n"
    "rec.mat,1,USV,1,0.94,0.5,1.5,1,62\nrec.mat,2,22kHz,TRUE,0.94,2,3,1,62\n"
)
SONGEXPLORER = "rec.wav,500,1500,annotated,mel-sine\nrec.wav,2000,2000,annotated,mel-pulse\n"
USVSEG = "#,start,end,duration,maxfreq,maxamp\n1,0.5,1.5,1000.0,72.5,-18.2\n2,2.0,3.0,1000.0,74,-19.1\n"
WHISPERSEG = json.dumps({"onset": [0.5, 2], "offset": [1.5, 2.5], "cluster": ["finch_0", "01"], "sr": 32000, "tolerance": 0.01})
WHISPERSEG_TABLE = "filename,onset,offset,cluster\nrec.wav,0.5,1.5,a\nrec.wav,2,3,01\n"
SVL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE sonic-visualiser>\n<sv><data>\n<model id="10" name="" sampleRate="1000" '
    'start="0" end="9000" type="sparse" resolution="1" dataset="9" dimensions="3" subtype="region" units="type" />\n'
    '<dataset id="9" dimensions="3"><point frame="500" value="1" duration="1000" label="A" />\n'
    '<point frame="2000" value="2" duration="500" label="B" /></dataset></data>\n'
    '<display><layer id="11" type="regions" name="Segmenter" model="10" /></display></sv>\n'
)
ELAN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT AUTHOR="" DATE="" FORMAT="3.0" VERSION="3.0">\n'
    '<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="file:///data/rec.wav" '
    'MIME_TYPE="audio/x-wav" RELATIVE_MEDIA_URL="./rec.wav"/></HEADER>\n<TIME_ORDER>\n'
    '<TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="500"/><TIME_SLOT TIME_SLOT_ID="ts2"/><TIME_SLOT TIME_SLOT_ID="ts3" '
    'TIME_VALUE="3000"/>\n</TIME_ORDER>\n<TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="song">\n<ANNOTATION>'
    '<ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>motif'
    "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n<ANNOTATION>"
    '<ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3"><ANNOTATION_VALUE>R&amp;D'
    "</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n</TIER>\n"
    '<TIER LINGUISTIC_TYPE_REF="default-lt" PARENT_REF="song" TIER_ID="notes"><ANNOTATION><REF_ANNOTATION '
    'ANNOTATION_ID="a3" ANNOTATION_REF="a1"><ANNOTATION_VALUE>x</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>\n'
    '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>\n</ANNOTATION_DOCUMENT>\n'
)


def _avisoft(folder: Path) -> Path:
    """Put labels behind a wav file's sound."""
    soundfile.write(folder / "rec.wav", np.zeros(10_000), 1000)
    rows = [("0.5", "1.5", "trill", "M"), ("4.25", "6000", "click", "a")]
    told = [f"{float(one):<14e}\t{float(two):<14e}\t{name:<31}\t{letter}\r\n" for one, two, name, letter in rows]
    content = b" " * 63 + b"\r\n" + "".join(told).encode("cp1252")
    wav = (folder / "rec.wav").read_bytes() + b"LBL " + struct.pack("<I", len(content)) + content
    (folder / "rec.wav").write_bytes(wav[:4] + struct.pack("<I", len(wav) - 8) + wav[8:])
    return folder


def _cbin(folder: Path) -> Path:
    (folder / "rec.cbin").write_bytes((AUDIO[:, 0] * 30_000).astype(">i2").tobytes())
    (folder / "rec.rec").write_text("begin rec =      0 ms\n\nADFREQ = 8000\nChans = 1\nSamples = 3000\n")
    return folder / "rec.cbin"


def _defined(folder: Path) -> Path:
    (folder / "rec_definitions.csv").write_text("sine,segment\npulse,event\n01,segment\n")
    return _annotated("rec_annotations.csv", TABLE)(folder)


def _not_mat(folder: Path) -> Path:
    from scipy.io import savemat

    soundfile.write(folder / "rec.wav", np.zeros(10_000), 1000)
    onsets = np.array([[500.0], [2000.0]])
    savemat(folder / "rec.wav.not.mat", {"onsets": onsets, "offsets": onsets + 500, "labels": "ab", "Fs": 1000.0})
    return folder


def _koumura(folder: Path) -> Path:
    (folder / "Wave").mkdir()
    soundfile.write(folder / "Wave" / "rec.wav", np.zeros(10_000), 1000)
    (folder / "Annotation.xml").write_text(KOUMURA)
    return folder


AUDIO = np.random.default_rng(1).uniform(-0.5, 0.5, (3000, 2)).astype(np.float32)


def _npz(save: Callable[..., None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        save(folder / "rec.npz", data=AUDIO, samplerate=1000)
        return folder / "rec.npz"

    return make


def _h5_recording(folder: Path) -> Path:
    with h5py.File(folder / "rec.h5", "w") as file:
        file.create_dataset("data", data=AUDIO, chunks=(500, 2), compression="gzip")
        file["data"].attrs["samplerate"] = 1000
    return folder / "rec.h5"


def _sound(ending: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        soundfile.write(folder / f"rec{ending}", AUDIO, 8000)
        return folder / f"rec{ending}"

    return make


def _recording(path: Path) -> None:
    recording = open_recording(path)
    if recording.n_samples * recording.n_channels > 10**8:
        recording.read(0, 1000)  # nobody reads hours at once
    else:
        recording.read()
    with contextlib.suppress(DataError):
        recording.read(max(0, recording.n_samples - 10), recording.n_samples)


# --- datasets


def _dataset(folder: Path) -> Path:
    make_song(folder / "song", "fly", n_files=2, seconds=4, seed=1)
    options = AssemblyOptions(data_folder=str(folder / "song"), seed=1, test_fraction=0.2, individual_targets=True)
    return assemble(plan_splits(survey(options.data_folder), options))


def _das_dataset(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        with tarfile.open(TESTS / "dataset" / "data" / "das.tar.gz") as archive:
            archive.extractall(folder, filter="data", members=[m for m in archive.getmembers() if m.name.startswith(name)])
        return folder / name

    return make


def _look_through(path: Path) -> None:
    dataset = open_dataset(path)
    json.dumps(dataset.as_dict())
    _ = dataset.stretches, dataset.fingerprint, dataset.n_channels
    for split in dataset.splits.values():
        np.asarray(split.x[: split.n_samples])
        for name in ("", *dataset.song_types):
            dataset.classes(name)
            with contextlib.suppress(DataError):
                np.asarray(split.y(name)[:], dtype=np.float32)


# --- what training leaves


NAMES = ["noise", "sine", "pulse"]
MATCH = {
    "n_annotated": 3, "n_predicted": 3, "n_matched": 2, "precision": 0.6, "recall": 0.6, "f1": 0.6,
    "median_error_seconds": 0.001, "median_offset_error_seconds": None,
}  # fmt: skip


def _results(folder: Path) -> Path:
    rng = np.random.default_rng(1)
    told = {"events": {"pulse": MATCH}, "segments": {"sine": MATCH}, "all_segments": MATCH, "tolerance_seconds": 0.01}
    with ResultsWriter(
        folder / "a_results.h5",
        NAMES,
        params={"nb_hist": 64, "class_names": NAMES},
        history={"loss": [1.0, 0.5], "val_loss": [None, 1]},
    ) as results:
        results.add(np.eye(3)[rng.integers(0, 3, 500)], rng.dirichlet([1, 1, 1], 500))
        results.finish(Scores.of(NAMES, np.arange(9).reshape(3, 3)), {"annotations": {**told, "syllable_error_rate": 0.1}})
    return folder / "a_results.h5"


def _old_results(folder: Path) -> Path:
    """Write results as version 0.1.0 did: texts of variable length."""
    scores = Scores.of(NAMES, np.arange(9).reshape(3, 3)).as_dict()
    with h5py.File(folder / "a_results.h5", "w") as file:
        file.attrs["class_names"] = json.dumps(NAMES)
        file.attrs["params"] = json.dumps({"nb_hist": 64})
        file.attrs["scores"] = json.dumps({**scores, "annotations": {"events": {"pulse": MATCH}, "tolerance_seconds": 0.01}})
        file["fit_hist/loss"] = np.array([1.0, 0.5])
        file["confusion_matrix"] = np.arange(9).reshape(3, 3)
        for name, values in (("y_test", np.eye(3, dtype="f2")), ("y_pred", np.eye(3, dtype="f2"))):
            file.create_dataset(name, data=values, chunks=(10, 3), maxshape=(None, 3), compression="gzip", shuffle=True)
        for name in ("labels_test", "labels_pred"):
            file.create_dataset(name, data=np.arange(3, dtype="u2"), chunks=(10,), maxshape=(None,), compression="gzip")
    return folder / "a_results.h5"


def _read_results(path: Path) -> None:
    from dss_widgets.cli.report import report_text

    results = read_results(path)
    report_text(results)
    json.dumps([results.scores.as_dict() if results.scores else None, list(results.more_scores), dict(results.params)])
    for name in ("y_test", "y_pred", "labels_test", "labels_pred"):
        results.read(name)


def _probabilities(folder: Path) -> Path:
    path = folder / "rec_probabilities.h5"
    with probabilities_file(path, NAMES, ["segment", "segment", "event"], 1000.0, recording="rec.wav") as written:
        written.add(np.random.default_rng(1).dirichlet([1, 1, 1], 700).astype(np.float32))
    return path


def _params(folder: Path) -> Path:
    params = {
        "nb_hist": 1024, "class_names": NAMES, "class_types": ["segment", "segment", "event"], "samplerate_x_Hz": 1000.0,
        "nb_conv": 2, "kernel_size": 16, "nb_filters": 8, "use_separable": [True, False], "ignore_boundaries": True,
        "post_opt": {"gap_dur": 0.1},
        "nb_pre_conv": 0, "pre_nb_dft": 64, "nb_lstm_units": 0, "data_padding": 32, "nb_channels": 1,
    }  # fmt: skip
    return write_params(folder / "a_params.yaml", params)


def _read_params(path: Path) -> None:
    from dss_widgets.results.labels import LabellingRules
    from dss_widgets.results.params_options import options_of_params

    params = read_params(path)
    LabellingRules.of(PredictionOptions(), params)
    options_of_params(params)


def _config(kind: type[Any]) -> Callable[[Path], Path]:
    return lambda folder: save_options(kind(), folder / "config.yaml")


def _read_config(kind: type[Any]) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        options = load_options(kind, path)
        for problem in options.problems():
            str(problem)

    return read


# --- runs, checkpoints and networks


def _run(folder: Path) -> Path:
    from dss_widgets import events
    from dss_widgets.jobs.event_file import append_event
    from dss_widgets.jobs.folder import JobFolder

    files = JobFolder(folder / "20260101_120000.run")
    files.path.mkdir()
    scores = Scores.of(NAMES, np.arange(9).reshape(3, 3))
    epoch = {"loss": 0.9, "val_loss": 0.8, "best": True, "best_epoch": 1, "best_val_loss": 0.8, "seconds_left": 3.0}
    for event in (
        events.StateChanged(state="starting"),
        events.TrainingBegan(epochs=5, steps_per_epoch=10, n_weights=100, classes=tuple(NAMES)),
        events.StepDone(epoch=1, step=3, steps=10, loss=1.0),
        events.EpochDone(epoch=1, recall={"sine": 0.5}, f1={"sine": 0.5}, macro_f1=0.5, **epoch),
        events.Warned(message="it is slow"),
        events.Progressed(done=1, total=2, doing="testing"),
        events.NetworkTested(class_names=tuple(NAMES), per_class=scores.per_class(), macro_f1=0.5),
        events.RecordingDone(recording="rec.wav", file="rec_annotations.csv"),
        events.OutcomeTold(values={"store": "a.npy"}),
        events.StateChanged(state="finished"),
    ):
        append_event(files.events, event)
    files.write("train", TrainingOptions())
    files.worker.write_text(json.dumps({"pid": 1, "host": "elsewhere"}))
    return folder


def _read_runs(folder: Path) -> None:
    from dss_widgets.jobs import list_jobs

    for job in list_jobs(folder):
        json.dumps(job.as_dict())
        with contextlib.suppress(DssWidgetsError):
            job.options()


def _checkpoint(folder: Path) -> Path:
    from dss_widgets.network.checkpoint import TrainingState, save_checkpoint
    from dss_widgets.network.schedule import LearningRate

    arrays = [np.ones((3, 4), np.float32), np.ones(4, np.float32)]
    save_checkpoint(folder, TrainingState(1), LearningRate(0.1, None), weights=arrays, optimizer=arrays, best_weights=arrays)
    return folder


def _read_checkpoint(folder: Path) -> None:
    from dss_widgets.network.checkpoint import load_checkpoint
    from dss_widgets.network.schedule import LearningRate

    load_checkpoint(folder, LearningRate(0.1, None))


def _network(folder: Path) -> Path:
    from dss_widgets.network.das_weights import save_das_weights
    from dss_widgets.network.keras_file import save_whole_network
    from dss_widgets.network.model import build_network
    from dss_widgets.network.params import network_params

    path = _params(folder)
    network = build_network(network_params(read_params(path), path).architecture)
    save_whole_network(folder / "a_model.keras", network)
    save_das_weights(folder / "a_model.h5", network)
    return folder / "a"


def _load_network(path: Path) -> None:
    from dss_widgets.network.trained import load_trained

    load_trained(path)


def _load_alone(name: str) -> Callable[[Path], None]:
    """Return what loads a network whose weights lie in one file alone: no other one is taken where it is damaged."""

    def load(path: Path) -> None:
        for file in path.parent.glob("a_model.*"):
            if file.name != name:
                file.unlink()
        _load_network(path)

    return load


# --- the command line


def _command(*arguments: str) -> Callable[[Path], None]:
    """Return what runs a command on a path: it must end with 0 or 1, or with what it cannot understand, 2."""

    def run(path: Path) -> None:
        told = io.StringIO()
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            try:
                code = main([argument.replace("PATH", str(path)) for argument in arguments])
            except SystemExit as end:
                code = end.code
        assert code in (0, 1, 2), code
        assert "\x1b" not in told.getvalue(), "the terminal is given what names hold"

    return run


READERS = {
    reader.name: reader
    for reader in (
        Reader("table", _table, read_annotations),
        Reader("survey-table", _annotated("rec_annotations.csv", TABLE), _survey, "*.csv"),
        Reader("survey-definitions", _defined, _survey, "*_definitions.csv", 0.5),
        Reader("audacity", _annotated("rec.txt", AUDACITY), _survey, "*.txt"),
        Reader("raven", _annotated("rec.selections.txt", RAVEN), _survey, "*.txt"),
        Reader("simple-seq", _annotated("rec.wav.csv", SIMPLE), _survey, "*.csv"),
        Reader("generic-seq", _annotated("all.csv", GENERIC), _survey, "*.csv"),
        Reader("textgrid", _annotated("rec.TextGrid", TEXTGRID), _survey, "*.TextGrid"),
        Reader("dcase", _annotated("rec.csv", DCASE), _survey, "*.csv", 0.5),
        Reader("deepsqueak", _annotated("rec_Stats.csv", DEEPSQUEAK), _survey, "*.csv", 0.5),
        Reader("songexplorer", _annotated("rec.wav-annotated.csv", SONGEXPLORER), _survey, "*.csv", 0.5),
        Reader("usvseg", _annotated("rec_dat.csv", USVSEG), _survey, "*.csv", 0.5),
        Reader("whisperseg", _annotated("rec.json", WHISPERSEG), _survey, "*.json"),
        Reader("whisperseg-table", _annotated("all.csv", WHISPERSEG_TABLE), _survey, "*.csv", 0.5),
        Reader("sonic-visualiser", _annotated("rec.svl", SVL), _survey, "*.svl"),
        Reader("elan", _annotated("rec.eaf", ELAN), _survey, "*.eaf"),
        Reader("avisoft", _avisoft, _survey, "*.wav"),
        Reader("cbin", _cbin, _recording, weight=0.5),
        Reader("koumura", _koumura, _survey, "*.xml"),
        Reader("not-mat", _not_mat, _survey, "*.mat"),
        Reader("wav", _sound(".wav"), _recording),
        Reader("flac", _sound(".flac"), _recording),
        Reader("ogg", _sound(".ogg"), _recording, weight=0.5),
        Reader("mp3", _sound(".mp3"), _recording, weight=0.5),
        Reader("npz", _npz(np.savez), _recording),
        Reader("npz-compressed", _npz(np.savez_compressed), _recording),
        Reader("h5-recording", _h5_recording, _recording),
        Reader("dataset", _dataset, _look_through, "*.npy", 3),
        Reader("attributes", _dataset, _look_through, "attrs.npy", 3),
        Reader("das-folder", _das_dataset("made.npy"), _look_through, "*.npy"),
        Reader("das-h5", _das_dataset("made.h5"), _look_through, weight=0.3),
        Reader("das-zarr", _das_dataset("made.zarr"), _look_through, weight=2),
        Reader("results", _results, _read_results, weight=3),
        Reader("old-results", _old_results, _read_results, weight=0.3),
        Reader("probabilities", _probabilities, read_probabilities, weight=2),
        Reader("params", _params, _read_params, weight=2),
        Reader("config-assembly", _config(AssemblyOptions), _read_config(AssemblyOptions)),
        Reader("config-training", _config(TrainingOptions), _read_config(TrainingOptions)),
        Reader("config-prediction", _config(PredictionOptions), _read_config(PredictionOptions), weight=0.5),
        Reader("runs", _run, _read_runs),
        Reader("checkpoint", _checkpoint, _read_checkpoint),
        Reader("keras", _network, _load_alone("a_model.keras"), "*.keras", 0.4),
        Reader("model-h5", _network, _load_alone("a_model.h5"), "*.h5", 0.4),
        Reader("network-params", _network, _load_network, "*.yaml", 0.2),
        Reader("cli-inspect", _dataset, _command("inspect", "PATH"), "*.npy"),
        Reader("cli-inspect-json", _das_dataset("made.npy"), _command("inspect", "PATH", "--json"), "*.npy", 0.5),
        Reader("cli-report", _results, _command("report", "PATH")),
        Reader("cli-runs", _run, _command("runs", "PATH", "--json"), weight=0.5),
        Reader("cli-check", _annotated("rec_annotations.csv", TABLE), _command("check", "PATH"), "*", 0.5),
        Reader("cli-config", _config(AssemblyOptions), _command("plan", "/nowhere", "--config", "PATH"), weight=0.5),
    )
}
"""Every reader by its name."""
