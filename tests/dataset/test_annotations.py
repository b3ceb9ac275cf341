"""Annotations: names are text as they stand, times survive a round trip, and what cannot be read is told with its row."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dss_widgets.dataset import Annotations, read_annotations, write_annotations
from dss_widgets.dataset.annotations.definitions import read_definitions
from dss_widgets.errors import DataError

ODD_NAMES = ["1", "01", "1.0", "NA", "N/A", "nan", "None", "null", "True", "\t", "@", "-", "Ω ñ 日本", "a,b", 'say "i"', "1e5"]

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda name: name.strip(" ") and name != "noise")
times = st.floats(0, 1e9, allow_nan=False)


def read(folder, text: str, encoding: str = "utf-8"):
    path = folder / "rec_annotations.csv"
    path.write_bytes(text.encode(encoding))
    return read_annotations(path)


# --- names


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_are_text_and_survive_a_round_trip(tmp_path, name):
    path = write_annotations(tmp_path / "rec_annotations.csv", Annotations.of([(name, 0.5, 1.0), ("a", 2, 3)]))
    annotations, problems = read_annotations(path)
    assert annotations.names.tolist() == [name, "a"]
    assert problems == []


def test_numbers_and_words_in_one_column_all_stay(tmp_path):
    annotations, _ = read(tmp_path, "name,start_seconds,stop_seconds\n1,0,1\na,1,2\n01,2,3\nNA,3,4\n")
    assert annotations.names.tolist() == ["1", "a", "01", "NA"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(names, times, times), max_size=8))
def test_names_and_times_survive_a_round_trip_exactly(tmp_path, entries):
    entries = [(name, min(a, b), max(a, b)) for name, a, b in entries]
    path = write_annotations(tmp_path / "rec_annotations.csv", Annotations.of(entries))
    annotations, problems = read_annotations(path)
    columns = (annotations.names.tolist(), annotations.start_seconds.tolist(), annotations.stop_seconds.tolist())
    assert sorted(zip(*columns, strict=True)) == sorted(entries)
    assert problems == []


@pytest.mark.parametrize(
    ("row", "message"), [("noise,0,1", "'noise' is what is left"), (",0,1", "has no name"), ("  ,0,1", "no name")]
)
def test_noise_and_empty_names_are_refused_with_their_row(tmp_path, row, message):
    annotations, problems = read(tmp_path, f"name,start_seconds,stop_seconds\nsine,0,1\n{row}\n")
    assert len(annotations) == 1
    assert [(p.row, p.file, message in p.message) for p in problems] == [(3, "rec_annotations.csv", True)]


# --- columns


def test_an_index_column_and_further_columns_are_ignored_empty_or_not(tmp_path):
    text = ",comment,stop_seconds,name,start_seconds,low_hz\n0,,1.5,sine,1.0,\n1,good,2.5,sine,2.0,300\n"
    annotations, problems = read(tmp_path, text)
    assert annotations.start_seconds.tolist() == [1.0, 2.0]
    assert annotations.stop_seconds.tolist() == [1.5, 2.5]
    assert problems == []


def test_a_byte_order_mark_and_windows_line_ends_are_no_obstacle(tmp_path):
    annotations, problems = read(tmp_path, "\ufeffname,start_seconds,stop_seconds\r\nsine,1,2\r\n\r\n")
    assert (annotations.names.tolist(), problems) == (["sine"], [])


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(DataError, match=r"row 1: the column stop_seconds is missing \(found: name, start_seconds\)"):
        read(tmp_path, "name,start_seconds\nsine,1\n")


@pytest.mark.parametrize("text", ["", "\n", "sine,0,1\n"])
def test_what_is_no_table_with_commas_is_refused_with_the_mend(tmp_path, text):
    with pytest.raises(DataError, match=r"first row must read name,start_seconds,stop_seconds, with commas"):
        read(tmp_path, text)


def test_another_encoding_is_refused_with_the_mend(tmp_path):
    with pytest.raises(DataError, match="CSV UTF-8"):
        read(tmp_path, "name,start_seconds,stop_seconds\nñ,0,1\n", encoding="latin-1")


@pytest.mark.parametrize("row", ['"sine,1,2', '"si"ne,1,2'])
def test_a_quotation_mark_that_would_swallow_rows_is_refused_with_its_row(tmp_path, row):
    with pytest.raises(
        DataError, match=r"rec_annotations\.csv, row 3: a quotation mark is not closed, or text goes on after it"
    ):
        read(tmp_path, f"name,start_seconds,stop_seconds\nsine,0,1\n{row}\nsine,3,4\n")


def test_a_file_with_nothing_but_its_first_row_has_no_annotations(tmp_path):
    annotations, problems = read(tmp_path, "name,start_seconds,stop_seconds\n")
    assert (len(annotations), problems) == (0, [])


# --- times


@pytest.mark.parametrize("empty", ["", "nan", "NaN", " "])
def test_a_row_without_a_start_declares_a_type_that_does_not_occur(tmp_path, empty):
    annotations, problems = read(
        tmp_path, f"name,start_seconds,stop_seconds\npulse,{empty},{empty}\nsine,{empty},0\ncall,1,2\n"
    )
    assert annotations.declared == {"pulse": "event", "sine": "segment"}
    assert annotations.names.tolist() == ["call"]
    assert annotations.song_types() == ["call", "pulse", "sine"]
    assert problems == []


def test_declared_types_survive_a_round_trip(tmp_path):
    annotations, _ = read(tmp_path, "name,start_seconds,stop_seconds\npulse,,\nsine,,0\ncall,1,2\n")
    again, _ = read_annotations(write_annotations(tmp_path / "again.csv", annotations))
    assert again.declared == {"pulse": "event", "sine": "segment"}


@pytest.mark.parametrize("times", ["one,2", "1,two", "1_0,2_0", "1,inf", "-inf,2", "1,"])
def test_times_that_are_no_numbers_are_told_with_their_row(tmp_path, times):
    annotations, problems = read(tmp_path, f"name,start_seconds,stop_seconds\nsine,{times}\nsine,5,6\n")
    assert len(annotations) == 1
    assert [problem.row for problem in problems] == [2]


def test_the_order_of_the_annotations_does_not_matter_for_the_file(tmp_path):
    entries = [("b", 1.0, 2.0), ("a", 1.0, 2.0), ("c", 0.0, 5.0)]
    one = write_annotations(tmp_path / "one.csv", Annotations.of(entries)).read_bytes()
    assert write_annotations(tmp_path / "two.csv", Annotations.of(reversed(entries))).read_bytes() == one


def test_a_file_that_cannot_be_written_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"rec_annotations\.csv: cannot be written \(Not a directory\)"):
        write_annotations(tmp_path / "file" / "rec_annotations.csv", Annotations.of([]))


def test_8000_annotations_are_read_at_once(tmp_path):
    rows = "".join(f"type{i % 30},{i / 10},{i / 10 + 0.05}\n" for i in range(8000))
    annotations, _ = read(tmp_path, "name,start_seconds,stop_seconds\n" + rows)
    assert len(annotations) == 8000
    assert math.isclose(float(np.sum(annotations.stop_seconds - annotations.start_seconds)), 400)


# --- definitions


def test_definitions_are_a_name_and_a_category_a_row(tmp_path):
    (tmp_path / "d.csv").write_text("pulse,event\n1,segment\n")
    assert read_definitions(tmp_path / "d.csv") == ({"pulse": ("event", 1), "1": ("segment", 2)}, [])


def test_one_row_of_definitions_is_enough(tmp_path):
    (tmp_path / "d.csv").write_text("pulse,event")
    assert read_definitions(tmp_path / "d.csv")[0] == {"pulse": ("event", 1)}


@pytest.mark.parametrize("row", ["sine,song", "sine", ",event", "noise,segment"])
def test_a_definition_that_cannot_be_is_told_with_its_row(tmp_path, row):
    (tmp_path / "d.csv").write_text(f"pulse,event\n{row}\n")
    definitions, problems = read_definitions(tmp_path / "d.csv")
    assert list(definitions) == ["pulse"]
    assert [problem.row for problem in problems] == [2]


def test_a_type_defined_twice_differently_is_told(tmp_path):
    (tmp_path / "d.csv").write_text("pulse,event\npulse,segment\n")
    assert "both event and segment" in read_definitions(tmp_path / "d.csv")[1][0].message
