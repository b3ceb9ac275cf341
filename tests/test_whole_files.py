"""Files appear whole or not at all."""

import os
import subprocess
import sys

import pytest

from dss_widgets.whole_files import appearing_whole, partial_path, remove_leftovers_of


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


@pytest.mark.skipif(os.name != "posix", reason="elsewhere nothing tells who is alive without harm")
def test_leftovers_of_many_files_go_and_nothing_else_does(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    def left_half(name, pid=ended.pid):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        hidden = path.with_name(partial_path(path).name.replace(f".{os.getpid()}.", f".{pid}."))
        hidden.write_text("half")
        return hidden

    names = ["a.csv", "rec[1].b.csv", "bird two_annotations.csv", "notes", "x.partial.csv", "within/a.csv"]
    gone = [left_half(name) for name in names]
    stay = [
        left_half("b.csv"),
        left_half("a.h5"),
        left_half("within/notes"),
        left_half("a.csv", os.getppid()),
        tmp_path / "a.csv",
    ]
    stay[-1].write_text("whole")
    remove_leftovers_of(*(tmp_path / name for name in names), tmp_path / "nowhere" / "a.csv")
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in stay)


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="as Linux tells it")
def test_what_a_process_left_that_ended_and_that_nobody_asked_about_yet_goes_too(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)  # as in a container whose first process asks about none
    path = tmp_path / "a.csv"
    left = path.with_name(partial_path(path).name.replace(f".{os.getpid()}.", f".{ended.pid}."))
    left.write_text("half")
    remove_leftovers_of(path)
    assert not left.exists()
    ended.wait()
