"""Downloading a run: all that is chosen, its size before, nothing absurd, and through the page alone."""

import io
import zipfile
from pathlib import Path

import pytest

from dss_widgets.errors import DataError
from dss_widgets.panels.forms.delivery import PIECE_BYTES, Delivery
from dss_widgets.panels.results import archive
from dss_widgets.panels.results.archive import parts_of, zip_of
from dss_widgets.panels.results.download import Download
from dss_widgets.panels.style.words import size


@pytest.fixture
def run(pretend):
    made = pretend()
    made.end()
    stem = made.run.stem
    for ending in ("_model.keras", "_model.h5", "_params.yaml", "_results.h5", "_results_other.h5"):
        Path(f"{stem}{ending}").write_bytes(ending.encode() * 100)
    predicted = Path(f"{stem}_predictions")
    predicted.mkdir()
    (predicted / "new_annotations.csv").write_text("name,start_seconds,stop_seconds\n")
    Path(f"{stem}9_model.h5").write_bytes(b"of another run")
    return made.run


def names(content):
    return sorted(zipfile.ZipFile(io.BytesIO(content)).namelist())


def test_the_zip_file_holds_network_options_results_and_annotations(run):
    download = Download()
    download.run = run
    download.pack()
    endings = (
        ".run/job.yaml", "_model.h5", "_model.keras", "_params.yaml", "_predictions/new_annotations.csv", "_results.h5",
        "_results_other.h5",
    )  # fmt: skip
    assert names(download.delivery.content) == [f"{run.name}/{run.name}{ending}" for ending in endings]
    packed = zipfile.ZipFile(io.BytesIO(download.delivery.content))
    assert packed.read(f"{run.name}/{run.name}_model.h5") == b"_model.h5" * 100
    assert download.delivery.name == f"{run.name}.zip"
    assert download.delivery._offered["words"] == size(len(download.delivery.content))


def test_the_sizes_are_told_before_and_what_is_left_out_is_not_in_it(run):
    download = Download()
    download.run = run
    assert [box.description for box in download.boxes.values()] == [
        "network (2.1 kB)", f"options ({size(archive.parts_of(run)[1].n_bytes)})", "results of the tests (2.8 kB)",
        "predicted annotations (32 B)", "scores (csv)", "pictures",
    ]  # fmt: skip
    for name in ("model", "results", "params"):
        download.boxes[name].value = False
    assert download.make.description == "Make zip file (32 B)"
    download.pack()
    assert names(download.delivery.content) == [f"{run.name}/{run.name}_predictions/new_annotations.csv"]


def test_another_choice_takes_the_old_file_back(run):
    download = Download()
    download.run = run
    download.pack()
    download.boxes["model"].value = False
    assert not download.delivery.content
    assert not download.delivery.name


def test_an_absurd_size_is_refused_with_a_mend(run, monkeypatch):
    monkeypatch.setattr(archive, "MOST_BYTES", sum(part.n_bytes for part in parts_of(run)) - 1)
    download = Download()
    download.run = run
    assert download.make.disabled
    assert "Leave out what is large" in download.blockers[0]
    assert "scp" in download._said.value
    download.pack()
    assert not download.delivery.content
    download.boxes["results"].value = False
    assert not download.blockers


def test_nothing_is_offered_without_a_run_or_a_choice(run):
    download = Download()
    assert download.make.disabled
    assert "nothing of this run" in download.blockers[0]
    download.run = run
    for box in list(download.boxes.values()):
        box.value = False
    assert download.blockers == ("Choose what to download.",)


def test_a_link_out_of_the_roots_is_not_packed(run, monkeypatch, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("secret")
    (run.stem.with_name(f"{run.name}_predictions") / "x.csv").symlink_to(secret)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(run.folder.parent))
    assert not any(name.endswith("x.csv") for name in zipfile.ZipFile(zip_of(run, parts_of(run))).namelist())


def test_sizes_read_well():
    assert [size(n) for n in (0, 812, 4210, 18_000_000, 999_600, 1_340_000_000)] == [
        "0 B", "812 B", "4.2 kB", "18 MB", "1 MB", "1.3 GB",
    ]  # fmt: skip


def test_a_file_that_became_a_link_after_the_listing_is_not_packed(run, monkeypatch, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("secret")
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(run.folder.parent))
    download = Download()
    download.run = run
    listed = run.stem.with_name(f"{run.name}_predictions") / "new_annotations.csv"
    listed.unlink()
    listed.symlink_to(secret)
    with pytest.raises(DataError, match="outside"):
        zip_of(run, download.parts)


def test_a_file_that_grew_after_the_listing_does_not_fill_the_memory(run, monkeypatch):
    parts = parts_of(run)
    monkeypatch.setattr(archive, "MOST_BYTES", sum(part.n_bytes for part in parts))
    Path(f"{run.stem}_results.h5").write_bytes(b"x")
    monkeypatch.setattr(archive, "_size", lambda _: 0)
    Path(f"{run.stem}_model.h5").write_bytes(b"x" * 1_000_000)
    with pytest.raises(DataError, match="too large"):
        zip_of(run, parts)


def test_the_page_gets_the_file_in_pieces_as_it_asks_for_them(tmp_path):
    delivery, sent = Delivery(), []
    delivery.send = lambda answer, buffers=(): sent.append((answer, *buffers))
    content = bytes(range(256)) * 5000
    delivery.offer(io.BytesIO(content), "a.zip")
    number, got = delivery._offered["number"], b""
    while len(got) < len(content):
        delivery._handle_custom_msg({"number": number, "at": len(got)}, [])
        answer, piece = sent[-1]
        assert answer == {"number": number, "at": len(got)}
        assert 0 < len(piece) <= PIECE_BYTES
        got += piece
    assert got == content
    n_sent = len(sent)
    for message in ([], {}, {"number": number, "at": -1}, {"number": number, "at": "0"}):
        delivery._handle_custom_msg(message, [])
    assert len(sent) == n_sent
    delivery.clear()
    delivery._handle_custom_msg({"number": number, "at": 0}, [])
    assert "not offered any more" in sent[-1][0]["fault"]
