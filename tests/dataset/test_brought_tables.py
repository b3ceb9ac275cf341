"""Tables as people bring them: every row becomes song of the right recording under the right name, or is told with its row."""

import os

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import Annotations, from_arrays, read_annotations, register_annotation_format, survey
from dss_widgets.dataset.annotations import formats as annotation_formats
from dss_widgets.errors import DataError

RAVEN = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)"


@pytest.fixture
def rec1(folder):
    """A folder with one recording of 10 s."""
    folder.audio("rec1.wav", 10, rate=8000)
    return folder


@pytest.fixture
def no_own_formats(monkeypatch):
    """Forget after the test what it registers."""
    monkeypatch.setattr(annotation_formats, "_own", [])


def song(folder, **choices):
    """Return what is annotated, by recording: (name, start, stop)."""
    return {
        entry.name: [
            (name, round(start, 6), round(stop, 6))
            for name, start, stop in zip(
                entry.annotations.names.tolist(),
                entry.annotations.start_seconds.tolist(),
                entry.annotations.stop_seconds.tolist(),
                strict=True,
            )
        ]
        for entry in survey(folder.path, **choices).recordings
    }


def told(folder, **choices):
    """Return all problems but that of rare types."""
    return [str(problem) for problem in survey(folder.path, **choices).problems if "Too rare" not in str(problem)]


def raven(rows, *more):
    """Return a Raven table of rows (start, stop, *more), with these headings beside the usual ones."""
    lines = ["\t".join([RAVEN, *more])]
    lines += [
        "\t".join(map(str, [i, "Spectrogram 1", 1, start, stop, 100, 200, *cells]))
        for i, (start, stop, *cells) in enumerate(rows, 1)
    ]
    return "\n".join(lines) + "\n"


# --- tables about several recordings


def test_a_table_named_after_one_recording_whose_rows_are_about_another_is_an_error(rec1):
    header = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tBegin File\tSpecies\n"
    rec1.text("rec1.txt", header + "".join(f"{i}\tS\t1\t{i}\t{i}.5\tother.wav\tA\n" for i in range(1, 7)))
    assert song(rec1) == {}
    assert told(rec1) == [
        "rec1.txt, row 2: is named after rec1.wav, but its rows are about other.wav, which is not here. Put that recording "
        "here; or, if rec1.wav is that recording, write its name in the table."
    ]


def test_rows_of_another_recording_that_is_here_go_to_it(rec1):
    rec1.audio("other.wav", 10, rate=8000)
    rec1.text("rec1.txt", raven([(1, 2, "rec1.wav", "A"), (3, 4, "other.wav", "A")], "Begin File", "Species"))
    assert song(rec1) == {"rec1.wav": [("A", 1, 2)], "other.wav": [("A", 3, 4)]}


@pytest.mark.parametrize("file", ["rec1.txt", "all.txt", "everything.selections.txt", "project.csv"])
@pytest.mark.parametrize("column", ["Begin File", "Begin Path"])
def test_three_recordings_in_one_table_get_their_own_rows(rec1, file, column):
    for name in ("rec2.wav", "rec3.wav"):
        rec1.audio(name, 10, rate=8000)
    before = "" if column == "Begin File" else "C:\\birds\\may\\"
    rows = [(t, t + 0.5, f"{before}rec{i}.wav", "A") for i in (1, 2, 3) for t in (1, 4, 7)]
    rec1.text(file, raven(rows, column, "Annotation"))
    assert song(rec1) == {f"rec{i}.wav": [("A", t, t + 0.5) for t in (1, 4, 7)] for i in (1, 2, 3)}
    assert told(rec1) == []


def test_times_that_count_over_several_recordings_become_those_within_each(rec1):
    rec1.audio("rec2.wav", 10, rate=8000)
    rows = [(1, 2, "rec1.wav", 1, "A"), (13, 14.5, "rec2.wav", 3, "B")]
    rec1.text("rec1.txt", raven(rows, "Begin File", "File Offset (s)", "Annotation"))
    assert song(rec1) == {"rec1.wav": [("A", 1, 2)], "rec2.wav": [("B", 3, 4.5)]}
    assert told(rec1) == []


def test_times_that_count_on_without_offsets_are_an_error(rec1):
    rec1.audio("rec2.wav", 20, rate=8000)
    rec1.text("rec1.txt", raven([(1, 2, "rec1.wav", "A"), (13, 14, "rec2.wav", "A")], "Begin File", "Annotation"))
    assert song(rec1) == {}
    assert told(rec1)[0].startswith("rec1.txt, row 3: has times that seem to count on from one recording to the next")


def test_offsets_without_recordings_are_an_error(rec1):
    rec1.text("rec1.txt", raven([(1, 2, 1, "A"), (13, 14, 3, "A")], "File Offset (s)", "Annotation"))
    assert told(rec1)[0].startswith("rec1.txt, row 3: its times are counted over several recordings")


def test_birdnets_one_table_for_many_recordings_is_read(rec1):
    rec1.audio("rec2.wav", 10, rate=8000)
    rows = [
        (0, 3, "Great Tit", "gretit1", 0.9, "/home/me/rec1.wav", 0),
        (13, 16, "Eurasian Wren", "eurwre1", 0.8, "/home/me/rec2.wav", 3),
    ]
    more = ("Common Name", "Species Code", "Confidence", "Begin Path", "File Offset (s)")
    rec1.text("BirdNET_SelectionTable.txt", raven(rows, *more))
    assert song(rec1) == {"rec1.wav": [("Great Tit", 0, 3)], "rec2.wav": [("Eurasian Wren", 3, 6)]}


def test_kaleidoscopes_offsets_and_durations_in_folders_are_read(rec1):
    rec1.audio("rec2.wav", 10, rate=8000)
    header = "INDIR,FOLDER,IN FILE,CHANNEL,OFFSET,DURATION,DATE,TIME,HOUR,MANUAL ID\n"
    rows = [f"C:\\d,may,rec{i}.wav,0,{i}.0,0.5,2024-05-01,05:00:00,5,{name}\n" for i, name in ((1, "A"), (2, "B"))]
    rec1.text("cluster.csv", header + "".join(rows))
    assert song(rec1) == {"rec1.wav": [("A", 1, 1.5)], "rec2.wav": [("B", 2, 2.5)]}
    assert told(rec1) == []


def test_kaleidoscopes_recordings_of_one_name_in_two_folders_are_an_error(rec1):
    rows = "may,rec1.wav,1,0.5,A\njune,rec1.wav,2,0.5,A\n"
    rec1.text("cluster.csv", "FOLDER,IN FILE,OFFSET,DURATION,MANUAL ID\n" + rows)
    assert "is about several recordings called rec1.wav (may/rec1.wav, june/rec1.wav)" in told(rec1)[0]


def test_rows_about_recordings_that_are_not_here_are_told_with_the_first_of_them(rec1):
    rec1.text("all.txt", raven([(1, 2, "rec1.wav", "A"), (3, 4, "gone.wav", "A")], "Begin File", "Annotation"))
    assert song(rec1) == {"rec1.wav": [("A", 1, 2)]}
    assert told(rec1)[0].startswith("all.txt, row 3: names 2 recordings, of which 1 are not here.")


def test_a_row_that_does_not_say_whose_song_it_is_is_an_error(rec1):
    rec1.text("all.txt", raven([(1, 2, "rec1.wav", "A"), (3, 4, "", "A")], "Begin File", "Annotation"))
    assert told(rec1)[0].startswith("all.txt, row 3: does not say which recording its rows from here on are about")


def test_a_recording_converted_to_another_format_is_still_meant(folder):
    folder.audio("rec1.flac", 10, rate=8000)
    folder.text("rec1.txt", raven([(1, 2, "rec1.wav", "A")], "Begin File", "Annotation"))
    assert song(folder) == {"rec1.flac": [("A", 1, 2)]}


# --- the column with the names


@pytest.mark.parametrize("heading", ["Call", "Song", "Bird", "Syllable type", "Vogel", "My own heading"])
def test_every_column_after_the_known_ones_can_hold_the_names(rec1, heading):
    rec1.text("rec1.txt", raven([(i, i + 0.5, "AB"[i % 2]) for i in range(8)], heading))
    assert {name for name, _, _ in song(rec1)["rec1.wav"]} == {"A", "B"}


def test_of_several_columns_with_names_the_likeliest_is_taken_and_told_and_another_can_be_chosen(rec1):
    rec1.text("rec1.txt", raven([(1, 2, "Anna", "x", "A"), (3, 4, "Ben", "y", "B")], "Observer", "Phase", "Species"))
    assert [name for name, _, _ in song(rec1)["rec1.wav"]] == ["A", "B"]
    assert told(rec1) == [
        "rec1.txt, row 1: has several columns that can be names: taken is 'Species', not 'Phase', 'Observer'. "
        "If that is not right, choose another under 'Column with the names'."
    ]
    assert [name for name, _, _ in song(rec1, names_from=["phase"])["rec1.wav"]] == ["x", "y"]
    assert told(rec1, names_from=["phase"]) == []


@pytest.mark.parametrize(
    ("about", "names"), [("Individual", "SongType"), ("Bird", "Call"), ("Tier", "calls"), ("Sex", "Elements")]
)
def test_who_sings_and_where_is_the_name_of_the_song_only_if_nothing_else_is(rec1, about, names):
    rec1.text("rec1.txt", raven([(1, 2, "anna", "A"), (3, 4, "ben", "B")], about, names))
    assert [name for name, _, _ in song(rec1)["rec1.wav"]] == ["A", "B"]
    rec1.text("rec1.txt", raven([(1, 2, "anna"), (3, 4, "ben")], about))
    assert [name for name, _, _ in song(rec1)["rec1.wav"]] == ["anna", "ben"]


def test_a_number_behind_every_label_is_no_part_of_it(rec1):
    rec1.text("rec1.BirdNET.results.txt", "0\t3\tParus major, Great Tit\t0.91\n3\t6\tTurdus merula, Blackbird\t0.8\n")
    assert [name for name, _, _ in song(rec1)["rec1.wav"]] == ["Parus major, Great Tit", "Turdus merula, Blackbird"]
    assert "has a number behind every name, such as a confidence" in told(rec1)[0]
    rec1.text("rec1.BirdNET.results.txt", "0\t3\tA\t0.91\n3\t6\tB\tloud\n")
    assert [name for name, _, _ in song(rec1)["rec1.wav"]] == ["A\t0.91", "B\tloud"]


def test_a_column_that_was_chosen_and_is_not_there_is_told(rec1):
    rec1.text("rec1.txt", raven([(1, 2, "A")], "Species"))
    assert told(rec1, names_from=["Spezies"])[0].startswith(
        "rec1.txt, row 1: has no column 'Spezies': its names are those under 'Species'."
    )


def test_what_is_alike_in_many_tables_is_told_once(folder):
    for i in range(5):
        folder.audio(f"rec{i}.wav", 10, rate=8000)
        folder.text(f"rec{i}.txt", raven([(1, 2, "A", "x")], "Species", "Phase"))
    assert len(told(folder)) == 1
    assert "So do 4 more files, such as rec1.txt." in told(folder)[0]


def test_measurements_counts_and_repeated_columns_are_no_names(rec1):
    more = ("Delta Time (s)", "Peak Freq (Hz)", "Occupancy", "old.selec", "channel")
    rec1.text("rec1.txt", raven([(i, i + 0.5, 0.5, 3000 + i, 0.3, i, 1) for i in range(6)], *more))
    assert {name for name, _, _ in song(rec1)["rec1.wav"]} == {"call"}
    assert told(rec1) == []


def test_numbers_that_may_stand_for_names_are_told(rec1):
    rec1.text("rec1.txt", raven([(i, i + 0.5, i % 2) for i in range(6)], "Gruppe"))
    assert told(rec1)[0].startswith("rec1.txt, row 1: has no names; the numbers under 'Gruppe' may stand for some.")
    assert {name for name, _, _ in song(rec1, names_from=["Gruppe"])["rec1.wav"]} == {"0", "1"}


def test_the_column_is_an_option_of_plan_and_check(rec1, capsys):
    from dss_widgets.cli import main

    rec1.text("rec1.txt", raven([(i, i + 0.5, "A", "xy"[i % 2]) for i in range(8)], "Species", "Phase"))
    for command in ("check", "plan"):
        main([command, str(rec1.path), "--names-from", "Phase", "--json"])
        told = capsys.readouterr().out
        assert '"x"' in told
        assert '"A"' not in told


# --- names with something in between


@pytest.mark.parametrize(
    ("recording", "file"),
    [
        ("bird_May_24.wav", "bird_May_24.audacity.txt"),
        ("rec1.wav", "rec1.BirdNET.selection.table.txt"),
        ("rec1.wav", "rec1.Table.2.selections.txt"),
        ("rec1.wav", "rec1.wav.labels.txt"),
        ("rec1.wav", "Rec1_annotated by Anna.txt"),
        ("rec1.wav", "rec1 (copy).txt"),
        ("rec1.wav", "rec1-labels.csv"),
    ],
)
def test_a_file_belongs_to_the_recording_whose_name_it_begins_with(folder, recording, file):
    folder.audio(recording, 10, rate=8000)
    folder.text(file, "1\t2\tA\n3\t4\tB\n")
    assert song(folder) == {recording: [("A", 1, 2), ("B", 3, 4)]}
    assert told(folder) == []


def test_a_longer_number_is_another_name(rec1):
    rec1.text("rec10.txt", "1\t2\tA\n")
    assert song(rec1) == {}
    assert any(warning.startswith("rec10.txt: has no recording of that name") for warning in told(rec1))


def test_of_nested_names_the_longer_one_followed_by_a_dot_is_meant(rec1):
    rec1.audio("rec1_a.wav", 10, rate=8000)
    rec1.text("rec1_a.audacity.txt", "1\t2\tA\n")
    assert song(rec1) == {"rec1_a.wav": [("A", 1, 2)]}


def test_a_file_that_ends_with_the_name_of_a_recording_says_how_to_name_it(rec1):
    rec1.text("Labels-rec1.txt", "1\t2\tA\n")
    assert any("or begin this file's name with that of its recording" in problem for problem in told(rec1))


@pytest.mark.parametrize("file", ["rec1.xlsx", "rec1.lab", "rec1.wav.ods"])
def test_a_file_of_a_recording_in_an_unknown_format_is_told_where_nothing_else_annotates_it(rec1, file):
    (rec1.path / file).write_bytes(b"PK\x03\x04\0\xff")
    (rec1.path / "rec1.png").write_bytes(b"")
    about = [problem for problem in told(rec1) if problem.startswith("rec1.wav: has no annotations")]
    assert len(about) == 1
    assert f"{file} beside it is in no format that is read" in about[0]
    rec1.rows("rec1", [("A", 1, 2)])
    assert told(rec1) == []


def test_an_empty_file_is_told_where_nothing_else_annotates_its_recording(rec1):
    rec1.text("rec1.txt", "")
    assert "rec1.txt: is empty." in told(rec1)[1]


def test_folders_with_recordings_within_the_folder_are_named(rec1):
    rec1.rows("rec1", [("A", 1, 2)])
    for inner, n in (("may", 2), ("june", 1), ("rec1.res", 1), ("notes", 0)):
        (rec1.path / inner).mkdir()
        for i in range(n):
            rec1.audio(f"{inner}/r{i}.wav", 0.01, rate=8000)
    assert told(rec1) == [
        "Folders within this one hold recordings that are not read: june (1), may (2). "
        "Choose 'Folders below' (--folders-below) to read them too, or choose one of them."
    ]
    rec1.text(
        "all.csv", "label,onset_s,offset_s,notated_path\nA,0,0.001,may/r0.wav\nA,0,0.001,may/r1.wav\nA,0,0.001,june/r0.wav\n"
    )
    assert told(rec1) == []


def test_a_name_that_may_be_that_of_two_recordings_is_an_error(rec1):
    rec1.audio("rec1_a.wav", 10, rate=8000)
    rec1.text("rec1_a_b.txt", "1\t2\tA\n")
    assert song(rec1) == {}
    assert any("its name begins with those of rec1.wav and rec1_a.wav" in problem for problem in told(rec1))


def test_several_tables_of_one_recording_are_read_together_and_told(rec1):
    rec1.text("rec1.Table.1.selections.txt", raven([(1, 2, "A")], "Annotation"))
    rec1.text("rec1.Table.2.selections.txt", raven([(3, 4, "B"), (1, 2, "A")], "Annotation"))
    assert song(rec1) == {"rec1.wav": [("A", 1, 2), ("B", 3, 4), ("A", 1, 2)]}
    assert any("rec1.wav: is annotated by 2 files together" in problem for problem in told(rec1))
    assert any(
        problem.startswith("rec1.Table.2.selections.txt, row 3: 'A' at 1.000 s stands in row 2 of rec1.Table.1.selections.txt")
        for problem in told(rec1)
    )


def test_rows_beyond_the_end_name_the_file_that_they_are_from(rec1):
    rec1.text("rec1.Table.1.selections.txt", raven([(1, 2, "A")], "Annotation"))
    rec1.text("rec1.Table.2.selections.txt", raven([(3, 14, "B")], "Annotation"))
    assert any(problem.startswith("rec1.Table.2.selections.txt, row 2: 'B'") for problem in told(rec1))


# --- a first row that does not fit


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("rec1.txt", "0,5\t1,5\tA\n2\t2,5\tB\n"),
        ("rec1.txt", "0:00:00.5\t0:00:01.5\tA\n0:00:02\t0:00:02.5\tB\n"),
        ("rec1.txt", "00:00,5\t00:01,5\tA\n00:02,0\t00:02,5\tB\n"),
        ("rec1.txt", "0.5 1.5 A\n2.0 2.5 B\n"),
        ("rec1.txt", "Start\tEnd\tLabel\n0.5\t1.5\tA\n2\t2.5\tB\n"),
        ("rec1.csv", "onset_s;offset_s;label\n0,5;1,5;A\n2;2,5;B\n"),
        ("rec1.csv", "onset_s,offset_s,label\n0.5,1.5,A\n2,2.5,B\n"),
        ("rec1.csv", "sep=;\nonset_s;offset_s;label\n0,5;1,5;A\n2;2,5;B\n"),
        ("rec1.csv", "start,end,label\n0.5,1.5,A\n2,2.5,B\n"),
        ("rec1.csv", "label,onset (ms),offset (ms)\nA,500,1500\nB,2000,2500\n"),
        ("rec1.csv", "label,start_sample,stop_sample\nA,4000,12000\nB,16000,20000\n"),
        ("rec1.tsv", "begin\tduration\tname\n0.5\t1\tA\n2\t.5\tB\n"),
        ("rec1.txt", "start|end|label\n0.5|1.5|A\n2|2.5|B\n"),
        ("rec1.txt", "Begin Time - ss.msec\tEnd Time - ss.msec\tDuration - ss.msec\tcall\n0.5\t1.5\t1\tA\n2\t2.5\t.5\tB\n"),
        (
            "rec1.txt",
            "Begin Time - hh:mm:ss.ms\tBegin Time - msec\tEnd Time - hh:mm:ss.ms\tEnd Time - msec\tcall\n"
            "00:00:00.500\t500\t00:00:01.500\t1500\tA\n00:00:02.000\t2000\t00:00:02.500\t2500\tB\n",
        ),
        ("rec1.csv", "label,onset_s,offset_s,onset_sample,offset_sample\nA,,,4000,12000\nB,,,16000,20000\n"),
        ("rec1.txt", RAVEN.replace("\t", ";") + ";Annotation\n1;S;1;0,5;1,5;0;0;A\n2;S;1;2;2,5;0;0;B\n"),
        ("rec1.txt", '"Begin Time (s)"\t"End Time (s)"\t"Annotation"\n0.5\t1.5\t"A"\n2\t2.5\t"B"\n'),
        ("rec1_annotations.csv", "name;start_seconds;stop_seconds\nA;0,5;1,5\nB;2;2,5\n"),
        ("rec1_annotations.csv", "name\tstart_seconds\tstop_seconds\nA\t0:00.5\t0:01.5\nB\t2\t2.5\n"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_decimal_commas_semicolons_clock_times_and_utf_16_are_read(rec1, file, text, encoding):
    rec1.text(file, text, encoding)
    assert song(rec1) == {"rec1.wav": [("A", 0.5, 1.5), ("B", 2, 2.5)]}
    assert told(rec1) == []


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
@pytest.mark.parametrize(
    ("file", "text"), [("rec1.txt", "0.5\t1.5\tA\n2\t3\tmésange\n"), ("rec1.csv", "onset_s,offset_s,label\n0.5,1.5,mésange\n")]
)
def test_another_encoding_is_an_error_with_its_row(rec1, file, text, encoding):
    rec1.text(file, text, encoding)
    assert told(rec1)[0].startswith(f"{file}, row 2: is not text in UTF-8 or UTF-16")
    assert not any("has no annotations" in problem for problem in told(rec1))


@pytest.mark.parametrize(
    ("file", "text", "row"),
    [
        ("rec1.txt", "half past\t1.5\tA\n2.0\t2.5\tB\n", 1),
        ("rec1.txt", "exported by some program\n0.5\t1.5\tA\n", 1),
        ("rec1.txt", "foo\tbar\tbaz\n0.5\t1.5\tA\n", 1),
        ("rec1.csv", "onset_s,label\n0.5,A\n", 1),
        ("rec1.txt", RAVEN.replace("\tEnd Time (s)", "") + "\n1\tS\t1\t0.5\t0\t0\n", 1),
        ("rec1.txt", "0.5\t1.5\tA\n0:00:70\t0:00:71\tB\n", 2),
        ("rec1.txt", "0.5\t1.5\tA\n1,5\t2,5\tB\n", 2),
        ("rec1.txt", "0.5,1.5,A\n1,5,2,5,B\n", 2),
        ("rec1.txt", "0.5\t1.5\tA\n2.0\n", 2),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_row(rec1, file, text, row):
    rec1.text(file, text)
    assert any(str(p).startswith(f"{file}, row {row}: ") for p in rec1.survey().errors)
    assert not any("has no annotations" in problem for problem in told(rec1))


def test_a_note_beside_a_recording_is_told_as_what_it_is(rec1):
    rec1.text("rec1.txt", "Recorded in May.\tGood weather.\n")
    assert any(problem.startswith("rec1.txt, row 1: holds no times of song ('Recorded in May.") for problem in told(rec1))


def test_a_note_beside_an_annotated_recording_is_nothing_to_tell(rec1):
    rec1.rows("rec1", [("A", 1, 2)])
    rec1.text("rec1.txt", "Recorded on 12 5 2024 in May.\n")
    assert told(rec1) == []


# --- rows longer than their header


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("rec1_annotations.csv", "name,start_seconds,stop_seconds\nB,1,2\nA,0,5,1,2\n"),
        ("rec1_annotations.csv", "name,start_seconds,stop_seconds\nB,1,2\nA, small,3,4\n"),
        ("rec1.csv", "onset_s,offset_s,label\n1,2,B\n0,5,1,2,A\n"),
        ("rec1.txt", RAVEN + "\tAnnotation\n1\tS\t1\t1\t2\t0\t0\tB\n2\tS\t1\t3\t4\t0\t0\tA\tsmall\n"),
    ],
)
def test_a_row_longer_than_its_header_is_an_error_with_the_likely_cause(rec1, file, text):
    rec1.text(file, text)
    assert song(rec1) == {"rec1.wav": [("B", 1, 2)]}
    assert told(rec1)[0].startswith(f"{file}, row 3: has ")
    assert "a comma within a number or name is the likely cause" in told(rec1)[0]


@pytest.mark.parametrize("file", ["rec1.csv", "rec1_annotations.csv"])
def test_row_numbers_without_a_heading_are_told_once_as_what_they_are(rec1, file):
    rec1.text(file, '"name","start_seconds","stop_seconds"\n"1","A",1,2\n"2","B",3,4\n')
    errors = rec1.errors()
    assert len(errors) == 1
    assert errors[0].startswith(f"{file}, row 2: has one cell more in every row than in the header: the row's number, as R")


def test_empty_cells_behind_the_last_column_are_nothing(rec1):
    rec1.text("rec1_annotations.csv", "name,start_seconds,stop_seconds\nA,1,2,,\n")
    assert (song(rec1), told(rec1)) == ({"rec1.wav": [("A", 1, 2)]}, [])


def test_a_row_cut_before_its_start_is_an_error_and_no_declaration(rec1):
    rec1.text("rec1_annotations.csv", "stop_seconds,name,start_seconds\n2,B,1\n0.5,A\n")
    assert song(rec1) == {"rec1.wav": [("B", 1, 2)]}
    assert [t.name for t in rec1.survey().song_types] == ["B"]
    assert told(rec1)[0].startswith("rec1_annotations.csv, row 3: has 2 cells, and the header 3: its start is missing.")


# --- Raven's selection numbers


def test_selections_whose_numbers_repeat_all_count(rec1):
    lines = [f"{i % 4 + 1}\tSpectrogram 1\t1\t{i}\t{i}.5\t0\t0\t{'AB'[i // 4]}" for i in range(8)]
    rec1.text("rec1.txt", "\n".join([RAVEN + "\tAnnotation", *lines]) + "\n")
    assert [name for name, _, _ in song(rec1)["rec1.wav"]] == list("AAAABBBB")


@pytest.mark.parametrize(
    ("second", "count"),
    [
        (("1", "Waveform 1", "1", "1", "2"), 1),
        (("1", "Spectrogram 1", "1", "1", "2"), 2),
        (("2", "Waveform 1", "1", "1", "2"), 2),
        (("1", "Waveform 1", "2", "1", "2"), 2),
        (("1", "Waveform 1", "1", "3", "4"), 2),
    ],
)
def test_two_rows_are_one_selection_only_if_number_times_and_channel_agree_and_the_views_differ(rec1, second, count):
    rows = ["1\tSpectrogram 1\t1\t1\t2\t0\t0\tA", "\t".join(second) + "\t0\t0\tA"]
    rec1.text("rec1.txt", "\n".join([RAVEN + "\tAnnotation", *rows]) + "\n")
    assert len(song(rec1)["rec1.wav"]) == count


def test_a_selection_that_one_of_its_views_names_has_that_name(rec1):
    rows = [
        f"{i}\t{view}\t1\t{i}\t{i}.5\t0\t0\t{name}"
        for i in (1, 2)
        for view, name in (("Waveform 1", ""), ("Spectrogram 1", "A"))
    ]
    rec1.text("rec1.txt", "\n".join([RAVEN + "\tAnnotation", *rows]) + "\n")
    assert song(rec1) == {"rec1.wav": [("A", 1, 1.5), ("A", 2, 2.5)]}
    assert told(rec1) == []


# --- noise, no names, no times, whatever reads them


def by_raven(folder, entries):
    folder.text("rec1.txt", raven([(start, stop, name) for name, start, stop in entries], "Annotation"))


def by_audacity(folder, entries):
    folder.text("rec1.txt", "".join(f"{start}\t{stop}\t{name}\n" for name, start, stop in entries))


def by_simple_seq(folder, entries):
    folder.text("rec1.csv", "onset_s,offset_s,label\n" + "".join(f"{start},{stop},{name}\n" for name, start, stop in entries))


def by_generic_seq(folder, entries):
    rows = "".join(f"{name},{start},{stop},rec1.wav\n" for name, start, stop in entries)
    folder.text("all.csv", "label,onset_s,offset_s,notated_path\n" + rows)


def by_das(folder, entries):
    folder.rows("rec1", entries)


def by_own_format(folder, entries):
    register_annotation_format(".mine", lambda path: Annotations.of(entries, file=path.name))
    folder.text("rec1.mine", "")


WAYS = [by_raven, by_audacity, by_simple_seq, by_generic_seq, by_das, by_own_format]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "entry", [("noise", 3, 4), ("", 3, 4), ("  ", 3, 4), ("A", 3, "nan"), ("A", "nan", 4), ("A", 3, "inf")]
)
def test_noise_blank_names_and_times_that_are_none_are_told_by_all_readers(rec1, no_own_formats, way, entry):
    way(rec1, [("B", 1, 2), entry])
    found = rec1.survey()
    rows = {name for e in found.recordings for name in e.annotations.names.tolist()}
    declares = way is by_das and entry == ("A", "nan", 4)  # DAS's way to say that a type exists
    assert rows == {"B"}
    assert bool(found.errors) != declares
    assert not declares or {t.name for t in found.song_types} == {"A", "B"}
    assert declares or way is by_own_format or any(problem.row for problem in found.errors)


@pytest.mark.parametrize("entry", [("noise", 3, 4), ("", 3, 4), ("A", 3, float("nan")), ("A", float("nan"), 4)])
def test_noise_blank_names_and_times_that_are_none_are_told_of_arrays(entry):
    found = from_arrays({"rec1": (np.zeros(80_000), 8000, [("B", 1, 2), entry])})
    assert [len(e.annotations) for e in found.recordings] == [1]
    assert [problem.file for problem in found.errors] == ["rec1"]


@pytest.mark.parametrize("way", WAYS)
def test_a_start_before_zero_by_rounding_is_zero(rec1, no_own_formats, way):
    way(rec1, [("A", -1e-9, 1), ("A", 2, 3)])
    assert song(rec1) == {"rec1.wav": [("A", 0, 1), ("A", 2, 3)]}
    assert rec1.errors() == []


def test_an_event_before_zero_by_rounding_stays_an_event():
    found = from_arrays({"rec1": (np.zeros(80_000), 8000, [("A", -1e-9, -1e-9)])})
    assert found.recordings[0].annotations.stop_seconds.tolist() == [0]
    assert found.song_types[0].category == "event"


# --- generic-seq


@pytest.mark.parametrize("row", ["A", "A,1", "A,1,2", "A,1,2,rec1.wav,x,y", "A,1,2," + "x" * 5000 + ".wav", "A,1,2,a\0b.wav"])
def test_a_ragged_row_of_generic_seq_is_told_and_the_others_are_read(rec1, row):
    rec1.text("all.csv", f"label,onset_s,offset_s,notated_path\nA,1,2,rec1.wav\n{row}\n")
    assert song(rec1) == {"rec1.wav": [("A", 1, 2)]}
    assert any(problem.startswith("all.csv, row 3: ") for problem in told(rec1))


def test_two_recordings_of_one_name_in_different_folders_are_an_error(rec1):
    rows = "A,1,2,/data/birdA/rec1.wav\nB,3,4,/data/birdB/rec1.wav\n"
    rec1.text("all.csv", "label,onset_s,offset_s,notated_path\n" + rows)
    assert song(rec1) == {}
    assert told(rec1) == [
        "all.csv, row 2: is about several recordings called rec1.wav (/data/birdA/rec1.wav, /data/birdB/rec1.wav), of which "
        "one is here: it is unclear whose song is whose, and none of it is used. Give every recording a name of its own, in "
        "the table too."
    ]


def test_ravens_paths_in_different_folders_are_an_error_too(rec1):
    rows = [(1, 2, "/data/birdA/rec1.wav", "A"), (3, 4, "/data/birdB/rec1.wav", "A")]
    rec1.text("rec1.txt", raven(rows, "Begin Path", "Annotation"))
    assert song(rec1) == {}
    assert "is about several recordings called rec1.wav" in told(rec1)[0]


def test_one_recording_written_with_and_without_its_folder_is_one(rec1):
    rec1.text("all.csv", "label,onset_s,offset_s,notated_path\nA,1,2,C:\\d\\rec1.wav\nA,3,4,rec1.wav\nA,5,6,./rec1.wav\n")
    assert song(rec1) == {"rec1.wav": [("A", 1, 2), ("A", 3, 4), ("A", 5, 6)]}


def test_a_second_source_of_the_same_format_is_read_too_and_told(rec1):
    for i, file in enumerate(("a.csv", "b.csv")):
        rec1.text(file, f"label,onset_s,offset_s,notated_path\nA,{i},{i}.5,rec1.wav\n")
    assert song(rec1) == {"rec1.wav": [("A", 0, 0.5), ("A", 1, 1.5)]}
    assert told(rec1)[0].startswith("rec1.wav: is annotated by 2 files together: a.csv, b.csv.")


def test_a_second_source_of_another_format_is_told(rec1):
    rec1.text("all.csv", "label,onset_s,offset_s,notated_path\nA,1,2,rec1.wav\n")
    rec1.rows("rec1", [("B", 1, 2)])
    assert song(rec1) == {"rec1.wav": [("B", 1, 2)]}
    assert told(rec1)[0].startswith("all.csv: is not read: rec1_annotations.csv annotates the same recording, rec1.wav.")


@pytest.mark.parametrize("unit", ["s", "sample"])
def test_one_damaged_recording_does_not_touch_the_others(rec1, unit):
    (rec1.path / "bad.wav").write_bytes(b"RIFF nonsense")
    rec1.text("all.csv", f"label,onset_{unit},offset_{unit},notated_path\nA,1,2,bad.wav\nA,1,2,rec1.wav\n")
    found = rec1.survey()
    assert [entry.name for entry in found.recordings] == ["rec1.wav"]
    assert [problem.file for problem in found.errors] == ["bad.wav"]


# --- cells that declare types by accident


@pytest.mark.parametrize(
    "last",
    [
        "Total,,",
        "Total",
        "Total,,12",
        "Total, ,",
        "sum,,",
        "Mean (s),,",
        "n = 3,,",
        "Grand total,,",
        "A sum,,7",
        "Summe,,",
        "=SUM(B2:B4),,",
        "\0\0\0",
        "\0\0,,",
        "\0\0\0\n\0\0",
    ],
)
def test_what_stands_under_the_rows_without_times_is_a_warning_with_its_row_and_no_type(rec1, last):
    rec1.text("rec1_annotations.csv", f"name,start_seconds,stop_seconds\nA,1,2\nA,3,4\nA,5,6\n{last}")
    found = rec1.survey()
    assert [song_type.name for song_type in found.song_types] == ["A"]
    assert [(problem.severity, problem.file, problem.row) for problem in found.problems] == [
        ("warning", "rec1_annotations.csv", 5)
    ]


@pytest.mark.parametrize("rows", ["B,,\nA,1,2\n", "B,,\n", "A,1,2\nB,,\n"])
def test_a_type_declared_by_empty_cells_is_one_also_under_the_rows_where_das_writes_it(rec1, rows):
    rec1.text("rec1_annotations.csv", f"name,start_seconds,stop_seconds\n{rows}")
    assert "B" in {t.name for t in rec1.survey().song_types}


@pytest.mark.parametrize(("row", "category"), [("B,nan,nan", "event"), ("B,nan,0", "segment"), ("B,,0", "segment")])
def test_a_declaration_has_a_name_and_says_so(rec1, row, category):
    rec1.text("rec1_annotations.csv", f"name,start_seconds,stop_seconds\nA,1,2\n{row}\n")
    assert {t.name: t.category for t in rec1.survey().song_types} == {"A": "segment", "B": category}


def test_a_declaration_by_empty_cells_counts_where_the_type_is_known(folder):
    folder.add("a", [("A", 0.1, 0.2), ("B", "", "")])
    folder.add("b", [("B", 0.5, 0.5)])
    assert [song_type.name for song_type in folder.survey().song_types] == ["A", "B"]
    assert not any("no times" in warning for warning in folder.warnings())


def test_a_sum_under_ravens_rows_is_a_warning(rec1):
    rec1.text("rec1.txt", raven([(1, 2, "A")], "Annotation") + "Total\t\t\t\t\t\t\t\n")
    assert song(rec1) == {"rec1.wav": [("A", 1, 2)]}
    assert told(rec1)[0].startswith("rec1.txt, row 3: has no times (Total) and is left out.")


# --- Unicode, and names that are numbers

COMPOSED, DECOMPOSED = "m\u00e9sange", "me\u0301sange"


def test_one_name_in_two_unicode_forms_is_one_type_told_once(folder):
    folder.add("a", [(COMPOSED, 0.1, 0.2), (DECOMPOSED, 0.3, 0.4), (COMPOSED, 0.5, 0.6)])
    folder.add("b", [(DECOMPOSED, 0.1, 0.2)])
    found = folder.survey()
    assert [(song_type.name, song_type.count) for song_type in found.song_types] == [(COMPOSED, 4)]
    assert [str(problem) for problem in found.problems] == [
        f"Written in two Unicode forms that look the same: {COMPOSED!r}. The forms are taken as one. Nothing needs to be done."
    ]


@pytest.mark.parametrize(("recording", "table"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
@pytest.mark.parametrize("ending", ["_annotations.csv", ".txt"])
def test_a_recording_and_its_table_may_be_named_in_two_unicode_forms(folder, recording, table, ending):
    folder.audio(f"{recording}.wav", 10, rate=8000)
    text = "name,start_seconds,stop_seconds\nA,1,2\n" if ending.endswith("csv") else "1\t2\tA\n"
    folder.text(table + ending, text)
    assert song(folder) == {f"{recording}.wav": [("A", 1, 2)]}
    assert len(told(folder)) == 1
    assert "in another Unicode form" in told(folder)[0]


def test_a_table_may_name_its_recording_in_another_unicode_form(folder):
    folder.audio(f"{COMPOSED}.wav", 10, rate=8000)
    folder.text("all.csv", f"label,onset_s,offset_s,notated_path\nA,1,2,{DECOMPOSED}.wav\n")
    assert song(folder) == {f"{COMPOSED}.wav": [("A", 1, 2)]}


@pytest.mark.parametrize(("name", "becomes"), [(1, "1"), (2.5, "2.5"), (np.int64(3), "3"), ("x", "x"), (np.str_("y"), "y")])
def test_names_may_be_numbers_in_arrays(name, becomes):
    found = from_arrays({"r1": (np.zeros(80_000), 8000, [(name, 1, 2)])})
    assert [song_type.name for song_type in found.song_types] == [becomes]


@pytest.mark.parametrize("entry", [(None, 1, 2), (b"a", 1, 2), (True, 1, 2), ("a", "one", 2), ("a", 1), ("a", 1, 2, 3), 5])
def test_what_is_no_annotation_in_arrays_is_an_error_that_says_so(entry):
    with pytest.raises(DataError, match="r1: annotation 1 "):
        from_arrays({"r1": (np.zeros(80_000), 8000, [entry])})


# --- times beyond the recording


@pytest.mark.parametrize(
    ("start", "says"),
    [(36_000.5, "may be a clock's"), (120.25, "may be a clock's")],
)
def test_times_of_a_clock_are_not_called_milliseconds(folder, start, says):
    folder.add("rec1", [("A", start + i, start + i + 0.25) for i in range(8)], 10)
    assert says in folder.errors()[0]
    assert "milliseconds" not in folder.errors()[0]


def test_times_of_another_recording_are_not_called_milliseconds(folder):
    folder.add("rec1", [("A", 20.5 * i, 20.5 * i + 0.3) for i in range(8)], 2)
    assert "may be another recording's" in folder.errors()[0]
    assert "milliseconds" not in folder.errors()[0]


# --- paths that files name stay within the allowed folders


def test_a_recording_that_a_file_names_outside_of_the_allowed_folders_is_an_error(rec1, tmp_path, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(rec1.path))
    soundfile.write(tmp_path / "secret.wav", np.zeros(80_000), 8000)
    rec1.text("all.csv", f"label,onset_s,offset_s,notated_path\nA,1,2,rec1.wav\nA,1,2,{tmp_path}/secret.wav\n")
    assert song(rec1) == {"rec1.wav": [("A", 1, 2)]}
    assert any("all.csv, row 3:" in problem and "lies outside of the folders" in problem for problem in rec1.errors())


@pytest.mark.parametrize("what", ["secret.wav", "secret.txt"])
def test_a_link_that_leads_out_of_the_allowed_folders_is_an_error(rec1, tmp_path, monkeypatch, what):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(rec1.path))
    soundfile.write(tmp_path / "secret.wav", np.zeros(80_000), 8000)
    (tmp_path / "secret.txt").write_text("1\t2\tA\n")
    os.symlink(tmp_path / what, rec1.path / f"rec1{'.flac' if what.endswith('wav') else '.txt'}")
    assert any("lies outside of the folders" in problem for problem in rec1.errors())
    assert song(rec1) == {}


# --- on every way in


def test_the_public_reader_sees_what_the_survey_sees(tmp_path):
    (tmp_path / "a_annotations.csv").write_text("name;start_seconds;stop_seconds\nA;0,5;1,5\nnoise;1;2\nA;1;2;3\n")
    found, problems = read_annotations(tmp_path / "a_annotations.csv")
    assert found.start_seconds.tolist() == [0.5]
    assert [problem.row for problem in problems] == [3, 4]
