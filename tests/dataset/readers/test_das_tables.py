"""DAS's tables under the names that its window took before _annotations.csv."""

import pytest

TABLE = "name,start_seconds,stop_seconds\nsine,0.5,1.5\npulse,2,2\n"


@pytest.mark.parametrize("file", ["rec.csv", "rec_songmanual.csv"])
def test_older_tables_are_read(rec, file):
    rec.text(file, TABLE)
    assert rec.entries() == [("sine", 0.5, 1.5), ("pulse", 2, 2)]


def test_the_index_that_pandas_writes_is_passed_over(rec):
    rec.text("rec.csv", ",name,start_seconds,stop_seconds\n0,sine,0.5,1.5\n")
    assert rec.entries() == [("sine", 0.5, 1.5)]


def test_a_table_of_today_comes_first_and_the_older_one_is_told(rec):
    rec.rows("rec", [("new", 1, 2)])
    rec.text("rec.csv", TABLE)
    assert rec.entries() == [("new", 1, 2)]
    assert len(rec.about("rec.csv")) == 1


def test_a_table_that_names_recordings_is_not_taken_for_one_of_them(rec):
    rec.audio("other.wav", 10, rate=1000)
    rec.text("rec.csv", "name,start_seconds,stop_seconds,filename\nsine,0.5,1.5,other.wav\n")
    assert rec.entries("other.wav") == [("sine", 0.5, 1.5)]


def test_definitions_count_for_older_tables_too(rec):
    rec.text("rec_songmanual.csv", "name,start_seconds,stop_seconds\npulse,2,2\n")
    rec.text("rec_definitions.csv", "pulse,event\nsine,segment\n")
    assert {t.name: t.category for t in rec.survey().song_types} == {"pulse": "event", "sine": "segment"}


def test_declared_types_and_bad_rows_are_those_of_todays_tables(rec):
    rec.text("rec.csv", "name,start_seconds,stop_seconds\nsine,nan,0\npulse,2,2\npulse,soon,3\n")
    assert {t.name for t in rec.survey().song_types} == {"pulse", "sine"}
    assert rec.errors()[0].startswith("rec.csv, row 4:")
