"""Labels that Avisoft keeps within the wav file."""

import struct

import pytest

CONTENT = [("0.5", "1.5", "trill", "M"), ("2", "3", "trill", "M"), ("4.25", "6000", "click", "a")]


def record(start: str, second: str, text: str, letter: str) -> bytes:
    return f"{float(start):<14e}\t{float(second):<14e}\t{text:<31}\t{letter}\r\n".encode("cp1252")


def add_chunk(path, *records: bytes, title: bytes = b" " * 63 + b"\r\n") -> None:
    """Put labels behind a wav file's sound, as Avisoft does."""
    content = title + b"".join(records)
    wav = path.read_bytes() + b"LBL " + struct.pack("<I", len(content)) + content
    path.write_bytes(wav[:4] + struct.pack("<I", len(wav) - 8) + wav[8:])


@pytest.fixture
def labelled(rec):
    add_chunk(rec.path / "rec.wav", *(record(*one) for one in CONTENT))
    return rec


def test_sections_are_segments_and_points_are_events(labelled):
    assert labelled.entries() == [("trill", 0.5, 1.5), ("trill", 2, 3), ("click", 4.25, 4.25)]
    assert {t.name: t.category for t in labelled.survey().song_types} == {"trill": "segment", "click": "event"}


def test_layers_are_chosen_as_tiers_are(labelled):
    assert labelled.entries(names_from=["points"]) == [("click", 4.25, 4.25)]
    (told,) = labelled.about("rec.wav")
    assert told.startswith("rec.wav: has the tiers 'layer 1', 'points': taken are 'layer 1', 'points'.")


def test_whatever_else_annotates_the_recording_comes_first(labelled):
    labelled.rows("rec", [("sine", 1, 2)])
    assert labelled.entries() == [("sine", 1, 2)]


def test_labels_without_text_are_calls(rec):
    add_chunk(rec.path / "rec.wav", record("0.5", "1.5", "", "M"))
    assert rec.entries() == [("call", 0.5, 1.5)]


def test_letters_beyond_ascii_are_read(rec):
    add_chunk(rec.path / "rec.wav", record("0.5", "1.5", "Männchen", "P"))
    assert rec.entries() == [("Männchen", 0.5, 1.5)]


def test_a_title_alone_is_no_label(rec):
    add_chunk(rec.path / "rec.wav")
    assert rec.survey().recordings == ()


def test_a_damaged_label_is_told_with_its_number(rec):
    add_chunk(rec.path / "rec.wav", record("0.5", "1.5", "a", "M"), b"x" * 65)
    assert rec.errors()[0].startswith("rec.wav: its label 2 is damaged")


def test_labels_that_are_cut_short_are_told(labelled):
    path = labelled.path / "rec.wav"
    path.write_bytes(path.read_bytes()[:-40])
    assert any("labels end too early" in error for error in labelled.errors())
