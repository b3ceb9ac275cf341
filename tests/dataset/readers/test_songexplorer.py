"""SongExplorer's tables: samples, no header, several of one recording, and what it found itself."""

import pytest

ANNOTATED = "rec.wav,500,1500,annotated,mel-sine\nrec.wav,2000,2000,annotated,mel-pulse\n"


def test_samples_become_seconds_and_points_events(rec):
    rec.text("rec.wav-annotated-person1.csv", ANNOTATED)
    assert rec.entries() == [("mel-sine", 0.5, 1.5), ("mel-pulse", 2, 2)]


def test_tables_of_several_people_are_read_together(rec):
    rec.text("rec.wav-annotated-person1.csv", ANNOTATED)
    rec.text("rec.wav-annotated-notsong.csv", "rec.wav,3000,3500,annotated,not_mel-sine\n")
    assert sorted(name for name, _, _ in rec.entries()) == ["mel-pulse", "mel-sine", "not_mel-sine"]


def test_the_recording_that_a_row_names_counts(rec):
    rec.audio("other.wav", 10, rate=2000)
    rec.text("rec.wav-annotated.csv", "other.wav,1000,3000,annotated,mel-sine\n")
    assert rec.entries("other.wav") == [("mel-sine", 0.5, 1.5)]


@pytest.mark.parametrize("kind", ["detected", "predicted"])
def test_what_it_found_itself_is_left_out_and_told(rec, kind):
    rec.text("rec.wav-annotated-person1.csv", ANNOTATED)
    rec.text(f"rec.wav-{kind}.csv", f"rec.wav,388,795,{kind},neither\nrec.wav,813,829,{kind},time\n")
    assert [name for name, _, _ in rec.entries()] == ["mel-sine", "mel-pulse"]
    (told,) = rec.about(f"rec.wav-{kind}.csv")
    assert told.startswith(f"rec.wav-{kind}.csv, row 1: 2 rows found by SongExplorer itself")
    assert rec.errors() == []


def test_a_recording_with_nothing_else_stays_unannotated(rec):
    rec.text("rec.wav-detected.csv", "rec.wav,388,795,detected,neither\n")
    assert rec.survey().recordings == ()


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("rec.wav,soon,1500,annotated,a", "row 3: 'soon' is not a time"),
        ("rec.wav,1,2,annotated,a,b", "row 3: has 6 cells"),
        ("rec.wav,20000,30000,annotated,a", "row 3: 'a' (20.000 s to 30.000 s) lies beyond"),
    ],
)
def test_a_row_that_cannot_be_is_told(rec, row, told):
    rec.text("rec.wav-annotated.csv", ANNOTATED + row + "\n")
    (error,) = rec.errors()
    assert told in error
