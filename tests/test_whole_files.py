"""Files appear whole or not at all."""

import os

import pytest

from dss_widgets.whole_files import appearing_whole, partial_path


def test_the_file_appears_when_all_of_it_is_written(tmp_path):
    path = tmp_path / "notes.txt"
    with appearing_whole(path) as partial:
        partial.write_text("all of it")
        assert not path.exists()
    assert path.read_text() == "all of it"
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_what_was_there_stays_if_writing_fails(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError), appearing_whole(path) as partial, partial.open("w", encoding="ascii") as file:
        print("half", "\N{SNOWMAN}", file=file)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["notes.txt"]


def test_the_hidden_name_keeps_the_ending_by_which_libraries_know_the_format(tmp_path):
    hidden = partial_path(tmp_path / "net.keras")
    assert hidden.name.startswith(".net.")
    assert hidden.suffix == ".keras"
    assert str(os.getpid()) in hidden.name


def test_a_place_that_cannot_be_written_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="nowhere"), appearing_whole(tmp_path / "nowhere" / "notes.txt") as partial:
        partial.write_text("x")
