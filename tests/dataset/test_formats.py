"""Other tools' annotations reach the same table; a user's own format is one registered function."""

import numpy as np
import pytest

from dss_widgets.dataset import Annotations, register_annotation_format
from dss_widgets.dataset.annotations import formats as annotation_formats
from dss_widgets.dataset.recordings.opening import open_recording


@pytest.fixture
def rec(folder):
    folder.audio("rec.wav", 10, rate=1000)
    return folder


@pytest.fixture
def no_own_formats(monkeypatch):
    """Forget after the test what it registers."""
    monkeypatch.setattr(annotation_formats, "_own", [])


def entries(folder, name: str = "rec.wav") -> list[tuple[str, float, float]]:
    found = next(e for e in folder.survey().recordings if e.name == name).annotations
    columns = (found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist())
    return list(zip(*columns, strict=True))


# --- Audacity


@pytest.mark.parametrize("file", ["rec.txt", "rec.wav.txt", "REC.TXT"])
def test_audacity_labels_are_read(rec, file):
    rec.text(file, "0.5\t1.5\tsine\n2.0\t2.0\tpulse\n3\t4\t01\n5\t6\tNA\n")
    assert entries(rec) == [("sine", 0.5, 1.5), ("pulse", 2, 2), ("01", 3, 4), ("NA", 5, 6)]


def test_the_frequencies_of_extended_audacity_labels_are_passed_over(rec):
    rec.text("rec.txt", "0.5\t1.5\tSP\n\\\t6441.06\t12296.57\n2.0\t2.5\tCRER\n\\\t2593.1\t8866.9\n")
    assert entries(rec) == [("SP", 0.5, 1.5), ("CRER", 2, 2.5)]


def test_audacity_labels_without_a_name_are_calls(rec):
    rec.text("rec.txt", "0.5\t1.5\t\n2.0\t2.5\n")
    assert entries(rec) == [("call", 0.5, 1.5), ("call", 2, 2.5)]


def test_a_text_file_that_is_no_annotation_is_passed_over(rec):
    rec.text("rec.txt", "Recorded in May.\tGood weather.\n")
    rec.text("readme.txt", "")
    assert rec.survey().recordings == ()


# --- Raven

RAVEN = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\n"


@pytest.mark.parametrize("file", ["rec.Table.1.selections.txt", "rec.selections.txt", "rec.txt", "rec.wav.txt"])
def test_raven_selection_tables_are_read(rec, file):
    rec.text(file, RAVEN + "1\tSpectrogram 1\t1\t0.5\t1.5\t100\t200\tchirp\n2\tSpectrogram 1\t1\t2\t3\t100\t200\t01\n")
    assert entries(rec) == [("chirp", 0.5, 1.5), ("01", 2, 3)]


def test_a_selection_listed_for_two_views_counts_once(rec):
    rec.text("rec.txt", RAVEN + "1\tWaveform 1\t1\t0.5\t1.5\t0\t0\tchirp\n1\tSpectrogram 1\t1\t0.5\t1.5\t0\t0\tchirp\n")
    assert entries(rec) == [("chirp", 0.5, 1.5)]


def test_selections_without_labels_are_calls(rec):
    rec.text("rec.txt", "Begin Time (s)\tEnd Time (s)\tSelection\n0.5\t1.5\t1\n2\t3\t2\n")
    assert entries(rec) == [("call", 0.5, 1.5), ("call", 2, 3)]


def test_selections_without_numbers_all_count(rec):
    rec.text("rec.txt", "Begin Time (s)\tEnd Time (s)\n0.5\t1.5\n2\t3\n")
    assert len(entries(rec)) == 2


def test_a_time_that_is_no_number_is_told_with_file_and_row(rec):
    rec.text("rec.txt", RAVEN + "1\tS\t1\thalf past\t1.5\t0\t0\tchirp\n")
    assert rec.errors()[0].startswith("rec.txt, row 2: 'half past' is not a time in seconds.")


# --- simple-seq and generic-seq


def test_simple_sequences_are_read(rec):
    rec.text("rec.csv", "onset_s,offset_s,label\n0.5,1.5,a\n2,3,NA\n4,5,01\n")
    assert entries(rec) == [("a", 0.5, 1.5), ("NA", 2, 3), ("01", 4, 5)]


@pytest.mark.parametrize("unit", ["s", "sample"])
def test_generic_sequences_annotate_many_recordings(rec, unit):
    rec.audio("other.wav", 10, rate=2000)
    scale = {"s": (1, 1), "sample": (1000, 2000)}[unit]
    rows = [f"a,{1 * scale[0]},{2 * scale[0]},/data/rec.wav,x,0,0", f"01,{3 * scale[1]},{4 * scale[1]},C:\\d\\other.wav,x,0,1"]
    header = f"label,onset_{unit},offset_{unit},notated_path,annot_path,sequence,annotation"
    rec.text("all.csv", "\n".join([header, *rows]) + "\n")
    assert entries(rec) == [("a", 1, 2)]
    assert entries(rec, "other.wav") == [("01", 3, 4)]


def test_recordings_that_a_file_names_and_that_are_not_there_are_told(rec):
    rec.text("all.csv", "label,onset_s,offset_s,notated_path\na,1,2,rec.wav\na,1,2,gone.wav\n")
    assert any("names 2 recordings, of which 1 are not here" in warning for warning in rec.warnings())


# --- which file counts


def test_das_annotations_come_first_and_the_others_are_told(rec):
    rec.rows("rec", [("sine", 1, 2), ("sine", 3, 4), ("sine", 5, 6)])
    rec.text("rec.txt", "0.5\t1.5\tother\n")
    assert {name for name, _, _ in entries(rec)} == {"sine"}


def test_of_two_formats_the_one_not_read_is_told(rec):
    rec.text("rec.txt", "0.5\t1.5\ta\n")
    rec.text("rec.csv", "onset_s,offset_s,label\n0.5,1.5,b\n")
    assert len(entries(rec)) == 1
    assert any("is not read: rec.csv annotates the same recording" in warning for warning in rec.warnings())


def test_another_tools_annotations_without_a_recording_are_told(rec):
    rec.text("lost.txt", "0.5\t1.5\ta\n")
    assert any(warning.startswith("lost.txt: has no recording of that name") for warning in rec.warnings())


def test_rows_of_other_formats_are_checked_alike(rec):
    rec.text("rec.txt", "0.5\t1.5\ta\n12\t13\ta\n")
    assert rec.errors()[0].startswith("rec.txt, row 2: 'a' (12.000 s to 13.000 s) lies beyond the end of the recording")


# --- own formats


def test_a_users_own_format_is_one_registered_function(rec, no_own_formats):
    def read_labels(path):
        return Annotations.of([(line.split("@")[0], float(line.split("@")[1]), float(line.split("@")[2])) for line in
                               path.read_text().splitlines()], file=path.name)  # fmt: skip

    register_annotation_format(".labels", read_labels)
    rec.text("rec.labels", "song@1@2\nsong@3@4")
    assert entries(rec) == [("song", 1, 2), ("song", 3, 4)]


def test_whatever_a_users_own_reader_raises_is_a_problem_of_that_file(rec, no_own_formats):
    register_annotation_format(".labels", lambda path: [float(line) for line in path.read_text().splitlines()])
    rec.text("rec.labels", "song@1@2")
    found = rec.survey()
    assert [problem.file for problem in found.errors] == ["rec.labels"]
    assert "ValueError" in found.errors[0].message


def test_a_users_own_format_about_many_recordings_is_one_registered_function(rec, no_own_formats):
    def read_all(path):
        seconds = open_recording(path.parent / "rec.wav").duration_seconds
        return {path.parent / "rec.wav": Annotations.of([("all", 0, seconds)], file=path.name)}

    register_annotation_format("sessions.json", collection=read_all)
    rec.text("Sessions.json", "{}")
    assert entries(rec) == [("all", 0, 10)]


@pytest.mark.parametrize("arguments", [("", str), (".x",), (".x", str, {"collection": str})])
def test_a_format_needs_a_suffix_and_one_reader(arguments):
    *positional, keywords = arguments if isinstance(arguments[-1], dict) else (*arguments, {})
    with pytest.raises(ValueError, match="needs a suffix, and either"):
        register_annotation_format(*positional, **keywords)


# --- files of other tools

TEXTGRID = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 10
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "song"
        xmin = 0
        xmax = 10
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 1
            text = ""
        intervals [2]:
            xmin = 1
            xmax = 2.5
            text = "01"
        intervals [3]:
            xmin = 2.5
            xmax = 10
            text = ""
    item [2]:
        class = "TextTier"
        name = "clicks"
        xmin = 0
        xmax = 10
        points: size = 1
        points [1]:
            number = 4.25
            mark = "click"
"""

KOUMURA = """<?xml version="1.0" encoding="UTF-8"?>
<Sequences><NumSequence>2</NumSequence>
<Sequence><WaveFileName>0.wav</WaveFileName><Position>1000</Position><Length>500</Length><NumNote>1</NumNote>
<Note><Position>100</Position><Length>200</Length><Label>0</Label></Note></Sequence>
<Sequence><WaveFileName>0.wav</WaveFileName><Position>3000</Position><Length>500</Length><NumNote>1</NumNote>
<Note><Position>10</Position><Length>20</Length><Label>7</Label></Note></Sequence>
</Sequences>"""


def test_praat_text_grids_are_read_intervals_as_segments_and_points_as_events(rec):
    rec.text("rec.TextGrid", TEXTGRID)
    assert entries(rec) == [("01", 1, 2.5), ("click", 4.25, 4.25)]
    assert {t.name: t.category for t in rec.survey().song_types} == {"01": "segment", "click": "event"}


@pytest.mark.parametrize("labels", ["a", "abb"])
def test_not_mat_files_are_read_with_times_in_milliseconds(rec, labels):
    from scipy.io import savemat

    onsets = np.arange(1, len(labels) + 1) * 1000.0
    savemat(rec.path / "rec.wav.not.mat", {"onsets": onsets, "offsets": onsets + 500, "labels": labels, "Fs": 1000})
    assert entries(rec) == [(label, i + 1.0, i + 1.5) for i, label in enumerate(labels)]


def test_koumura_positions_are_within_sequences_that_have_a_position(folder):
    (folder.path / "Wave").mkdir()
    folder.audio("Wave/0.wav", 10, rate=1000)
    folder.text("Annotation.xml", KOUMURA)
    assert entries(folder, "0.wav") == [("0", 1.1, 1.3), ("7", 3.01, 3.03)]
