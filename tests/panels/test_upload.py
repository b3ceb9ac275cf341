"""Uploads: only recordings and annotations, only into the open folder, over nothing, and whole or not at all."""

from pathlib import Path

import pytest

from dss_widgets.dataset.annotations.formats import BUILT_IN
from dss_widgets.errors import DataError
from dss_widgets.panels.forms import receiving as module
from dss_widgets.panels.forms.receiving import Receiving, upload_problems
from dss_widgets.panels.forms.upload import Upload

BAD_NAMES = [
    "../x.wav", "/etc/x.wav", "a/../b.wav", "a//b.wav", "./b.wav", ".a/b.wav", "a/" * 9 + "b.wav", "a/b\\c.wav",
    "..\\x.wav", "C:\\x.wav", "C:x.wav", "..", ".", "", ".hidden.wav", ".bashrc",
    "x\0.wav", "x\n.wav", "a" * 250 + ".wav", "é" * 120 + ".wav", "run.py", "x.ipynb", "x.npy", "x.sh", "noending",
    "%2e%2e%2fx", "bird_model.h5", "bird_Model.H5", "bird_results.h5",
]  # fmt: skip


class Page:
    """Does what the page does, message by message; tells what was answered."""

    def __init__(self, upload):
        self.upload, self.turn, self.answers = upload, 0, []
        upload.sender.send = self.answers.append

    def say(self, data=None, **message):
        self.turn += 1
        self.upload.sender._handle_custom_msg({"turn": self.turn, **message}, [] if data is None else [memoryview(data)])
        assert self.answers[-1]["turn"] == self.turn
        return self.answers[-1]["go"]

    def send(self, files, piece=1000):
        if not self.say(begin=[[name, len(content)] for name, content in files.items()]):
            return False
        for number, content in enumerate(files.values()):
            for at in range(0, len(content), piece):
                if not self.say(number=number, at=at, data=content[at : at + piece]):
                    return False
        return self.say(end=True) is False  # there is no more to come


@pytest.fixture
def folder(tmp_path, monkeypatch):
    root = tmp_path / "root"
    (root / "in").mkdir(parents=True)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(root))
    return root / "in"


@pytest.fixture
def upload(folder):
    return Upload(lambda: folder)


def everything_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_files_arrive_piece_by_piece_and_appear_together(upload, folder):
    files = {"bird.wav": bytes(range(256)) * 20, "bird_annotations.csv": b"name,start_seconds,stop_seconds\n", "empty.txt": b""}
    page = Page(upload)
    assert page.say(begin=[[name, len(content)] for name, content in files.items()])
    assert not [path for path in folder.iterdir() if not path.name.startswith(".")], "nothing half-written is seen"
    assert Page.send(page, files)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
    assert [path.name for path in upload.uploaded] == list(files)
    assert "3 files uploaded" in upload._said.value


@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
def test_names_that_lead_elsewhere_hide_or_are_no_sound_are_refused(upload, folder, name):
    assert upload_problems([(name, 3)], folder)
    assert not Page(upload).send({name: b"abc"})
    assert "Error" in upload._said.value
    assert everything_below(folder.parent) == ["in"]


def test_ordinary_names_are_not(folder):
    for name in ("bird 1.wav", "rec[1].WAV", "ü.flac", "x.y.z_annotations.csv", "a.TextGrid", "b.not.mat"):
        assert not upload_problems([(name, 3)], folder), name


@pytest.mark.parametrize("known", BUILT_IN, ids=lambda known: known.name)
def test_files_of_every_format_that_is_read_may_be_sent(folder, known):
    assert not upload_problems([(f"bird{suffix.upper()}", 3) for suffix in known.suffixes], folder)


def test_what_says_how_a_recording_was_made_may_be_sent_with_it(folder):
    assert not upload_problems([("bird.cbin", 3), ("bird.rec", 3)], folder)


def test_nothing_is_replaced_without_having_asked(upload, folder):
    (folder / "a.wav").write_bytes(b"old")
    page = Page(upload)
    assert not page.send({"a.wav": b"new"})
    assert "is there already" in upload._said.value
    assert "dss-off" not in upload.replace._dom_classes
    assert (folder / "a.wav").read_bytes() == b"old"
    upload.replace.value = True
    assert page.send({"a.wav": b"new"})
    assert (folder / "a.wav").read_bytes() == b"new"
    assert not upload.replace.value, "asked again each time"


def test_a_file_that_came_there_meanwhile_stays(folder):
    upload = Receiving([("a.wav", 3)], folder)
    upload.add(0, 0, b"new")
    (folder / "a.wav").write_bytes(b"old")
    with pytest.raises(DataError, match="was added there meanwhile"):
        upload.finish()
    assert (folder / "a.wav").read_bytes() == b"old"


def test_a_link_out_of_the_roots_is_neither_followed_nor_replaced(upload, folder, tmp_path):
    secret = tmp_path / "secret.wav"
    secret.write_bytes(b"secret")
    (folder / "a.wav").symlink_to(secret)
    upload.replace.value = True
    assert not Page(upload).send({"a.wav": b"new"})
    assert secret.read_bytes() == b"secret"


def test_a_folder_outside_of_the_roots_is_refused(folder, tmp_path):
    for outside in (tmp_path, folder / ".." / "..", Path("/")):
        assert not Page(Upload(lambda outside=outside: outside)).send({"a.wav": b"abc"})
    assert not (tmp_path / "a.wav").exists()


def test_too_much_is_refused_before_anything_is_sent_with_a_mend(upload, folder, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 5000)
    page = Page(upload)
    assert not page.say(begin=[["a.wav", 3000], ["b.wav", 3000]])
    assert "6 kB is more than the 5 kB" in upload._said.value
    assert "scp" in upload._said.value
    monkeypatch.setattr(module, "_free", lambda _: 100)
    assert not page.say(begin=[["a.wav", 3000]])
    assert "do not fit" in upload._said.value
    assert everything_below(folder) == []


@pytest.mark.parametrize("piece", [(0, 0, b"abcdef"), (0, 1, b"ab"), (1, 0, b"abc"), (-1, 0, b"abc"), (0, 3, b"")])
def test_pieces_that_do_not_fit_what_was_announced_leave_nothing(folder, piece):
    upload = Receiving([("a.wav", 3)], folder)
    with pytest.raises(DataError):
        upload.add(*piece)
    with pytest.raises(DataError):
        upload.finish()
    upload.abandon()
    assert everything_below(folder) == []


NO_MESSAGES = [
    "x", [], {}, {"turn": "a"}, {"turn": 1, "begin": [3]}, {"turn": 1, "begin": 3}, {"turn": 1, "begin": [["a.wav", "3"]]},
]  # fmt: skip


@pytest.mark.parametrize("message", NO_MESSAGES)
def test_what_is_no_message_of_the_page_is_refused(upload, folder, message):
    page = Page(upload)
    upload.sender._handle_custom_msg(message, [])
    assert page.answers[-1]["go"] is False
    assert everything_below(folder) == []


def test_garbled_pieces_end_the_upload_and_leave_nothing(upload, folder):
    page = Page(upload)
    assert page.say(begin=[["a.wav", 3]])
    assert not page.say(number="0", at=0, data=b"abc")
    assert not page.say(end=True)
    assert everything_below(folder) == []


def test_a_file_that_is_gone_on_the_other_side_is_told(upload, folder):
    page = Page(upload)
    assert page.say(begin=[["a.wav", 3]])
    assert not page.say(fail=True)
    assert "could not be read on your side" in upload._said.value
    assert everything_below(folder) == []


def test_the_panel_that_is_closed_leaves_nothing_half_sent(upload, folder):
    Page(upload).say(begin=[["a.wav", 3]])
    upload.close()
    assert everything_below(folder) == []


def test_the_limit_is_said_before_one_chooses(upload):
    assert "200 MB at most" in upload.sender.limit


def test_a_folder_is_sent_with_the_folders_in_it_but_for_what_is_not_read(upload, folder):
    page = Page(upload)
    offered = [["day 1/a.wav", 3], ["day 1/.DS_Store", 6], ["day 1/x.exe", 2], ["day 1/in/b.wav", 3]]
    assert page.say(begin=offered)
    assert page.answers[-1]["wanted"] == [0, 3]
    assert page.say(number=0, at=0, data=b"abc")
    assert page.say(number=1, at=0, data=b"def")
    page.say(end=True)
    assert everything_below(folder) == ["day 1", "day 1/a.wav", "day 1/in", "day 1/in/b.wav"]
    assert "2 other files left out" in upload._said.value
    assert not page.say(begin=[["day 2/x.exe", 2]])
    assert "no recordings or annotations" in upload._said.value


def test_a_folder_that_is_a_link_out_of_the_roots_is_not_written_into(upload, folder, tmp_path):
    (tmp_path / "secret").mkdir()
    (folder / "day 1").symlink_to(tmp_path / "secret")
    assert not Page(upload).send({"day 1/a.wav": b"new"})
    receiving = Receiving([("day 2/a.wav", 3)], folder)
    receiving.add(0, 0, b"new")
    (folder / "day 2").symlink_to(tmp_path / "secret")
    with pytest.raises(DataError, match="outside"):
        receiving.finish()
    assert everything_below(tmp_path / "secret") == []


def test_an_upload_that_is_cancelled_leaves_nothing(upload, folder):
    page = Page(upload)
    assert page.say(begin=[["a.wav", 3]])
    assert not page.say(cancel=True)
    assert "Cancelled" in upload._said.value
    assert not page.say(number=0, at=0, data=b"abc")
    assert everything_below(folder) == []
