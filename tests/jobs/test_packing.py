"""Jobs are carried to another machine, run there, and come back with the paths of their own; nothing of anybody's is lost."""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from dss_widgets.cli import main
from dss_widgets.errors import DataError, RunError
from dss_widgets.jobs import create_job, find_job, follow, resume_job
from dss_widgets.jobs.packing import pack, unpack
from dss_widgets.options.evaluation import EvaluationOptions
from dss_widgets.results import read_results
from dss_widgets.results.ensemble import ENSEMBLE
from dss_widgets.results.params_file import read_params


@pytest.fixture
def carried(work, tmp_path):
    """A training that was packed and unpacked on another machine, where nothing of this one is."""
    job = create_job("train", work("train"))
    return job, unpack(pack(job, tmp_path / "there.zip"), tmp_path / "elsewhere")


@pytest.mark.slow
def test_a_training_runs_on_another_machine_and_comes_back_into_the_list(work, store, tmp_path, capsys):
    """By the commands, with the first machine's files out of the way while it is on the other."""
    job = create_job("train", work("train").copy(store_folder=str(shutil.copytree(store, tmp_path / "here.npy"))))
    home, dataset = job.folder.parent, tmp_path / "here.npy"
    options = job.options()
    assert main(["pack", str(job.folder), str(tmp_path / "there.zip")]) == 0
    for path in (home, dataset):
        path.rename(path.with_name(f"{path.name}.away"))
    assert main(["unpack", str(tmp_path / "there.zip"), str(tmp_path / "elsewhere")]) == 0
    there = find_job(capsys.readouterr().out.splitlines()[1])
    list(follow(resume_job(there)))
    assert there.status().state == "finished", there.status()
    assert main(["pack", str(there.folder), str(tmp_path / "back.zip")]) == 0
    assert not [name for name in zipfile.ZipFile(tmp_path / "back.zip").namelist() if name.startswith("data/")]
    weights = Path(f"{there.stem}_model.h5").read_bytes()
    shutil.rmtree(tmp_path / "elsewhere")
    for path in (home, dataset):
        path.with_name(f"{path.name}.away").rename(path)
    assert main(["unpack", str(tmp_path / "back.zip")]) == 0
    assert job.status().state == "finished"
    assert job.options() == options
    assert Path(f"{job.stem}_model.h5").read_bytes() == weights
    assert read_params(f"{job.stem}_params.yaml")["data_dir"] == str(dataset)
    assert read_results(job.stem).params["data_dir"] == str(dataset)
    assert "elsewhere" not in job.files.events.read_text()
    assert create_job("evaluate", EvaluationOptions(network=str(job.stem))), "it can be tested again"


@pytest.mark.slow
def test_annotating_with_two_networks_comes_back_beside_what_is_there_and_replaces_nothing(work, tmp_path):
    options = work("predict")
    twin = Path(options.network).with_name("twin")
    for path in twin.parent.iterdir():
        shutil.copy(path, path.with_name(path.name.replace(Path(options.network).name, "twin")))
    job = create_job("predict", options.copy(more_networks=[str(twin)], combine="mean"))
    there = unpack(pack(job, tmp_path / "there.zip"), tmp_path / "elsewhere")
    assert all("elsewhere" in path for path in (*there.options().networks, *there.options().recordings))
    list(follow(resume_job(there)))
    assert there.status().state == "finished", there.status()
    answered = there.status().outcome["networks"]
    assert {Path(network).name for told in answered.values() for network in told["networks"]} == {
        "twin",
        Path(options.network).name,
    }
    assert json.loads((there.folder / ENSEMBLE).read_text())["song_types"] == answered
    back = pack(there, tmp_path / "back.zip")
    human = job.folder.parent / there.outcome()[0].name
    human.write_text("by hand")
    with pytest.raises(DataError, match=f"{human.name}: would be replaced"):
        unpack(back)
    assert human.read_text() == "by hand"
    human.unlink()
    assert unpack(back) == job
    assert [path.parent for path in job.outcome()] == [job.folder.parent] * 3
    assert all(path.is_file() for path in job.outcome())
    assert list(job.status().recordings) == job.options().recordings


def test_what_was_never_here_is_not_put_back(carried, tmp_path):
    job, there = carried
    back = pack(there, tmp_path / "back.zip")
    shutil.rmtree(job.folder)
    with pytest.raises(DataError, match="did not come from"):
        unpack(back)


def test_a_place_or_a_file_that_is_there_is_not_replaced(carried, tmp_path):
    job, there = carried
    with pytest.raises(DataError, match="exists already"):
        unpack(tmp_path / "there.zip", tmp_path / "elsewhere")
    with pytest.raises(DataError, match="exists already"):
        pack(job, tmp_path / "there.zip")
    assert there.files.is_job()


def test_work_that_cannot_be_carried_says_so(work, tmp_path):
    with pytest.raises(RunError, match="cannot be carried"):
        pack(create_job("assemble", work("assemble")), tmp_path / "pack.zip")
    assert not (tmp_path / "pack.zip").exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["pattern", "list", "above"])
def test_recordings_that_elsewhere_would_be_others_are_not_carried(how, work, song, tmp_path):
    (tmp_path / "list.txt").write_text(f"{song}\n")
    named = {
        "pattern": {"recordings": [f"{song}/*.wav"]},
        "list": {"recordings": [], "list_file": str(tmp_path / "list.txt")},
        "above": {"recordings": [str(song)], "relative_to": str(song.parent)},
    }[how]
    job = create_job("predict", work("predict").copy(**named))
    with pytest.raises(RunError, match="Name them so"):
        pack(job, tmp_path / "there.zip")
    assert not (tmp_path / "there.zip").exists()


@pytest.mark.parametrize("name", ["results/../../outside", "results/x/../../../outside", "data/..\\outside"])
def test_an_entry_that_would_leave_its_folder_is_refused_and_nothing_stays(name, carried, tmp_path):
    with zipfile.ZipFile(tmp_path / "there.zip", "a") as file:
        file.writestr(name, "x")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataError, match="outside of its folder"):
        unpack(tmp_path / "there.zip", tmp_path / "another")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(40)])
def test_a_file_that_is_no_pack_is_told_as_such(content, tmp_path):
    (tmp_path / "pack.zip").write_bytes(content)
    with pytest.raises(DataError, match=r"pack.zip"):
        unpack(tmp_path / "pack.zip", tmp_path / "somewhere")


def test_another_zip_file_is_no_pack(tmp_path):
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as file:
        file.writestr("pack.json", '{"job": "../x", "home": 3}')
    with pytest.raises(DataError, match="no pack"):
        unpack(tmp_path / "pack.zip", tmp_path / "somewhere")


def test_outside_of_the_folders_that_may_be_used_nothing_is_written(carried, tmp_path, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "elsewhere"))
    with pytest.raises(DataError, match="outside"):
        unpack(tmp_path / "there.zip", tmp_path / "elsewhere" / "again")
