"""Nobody gets out of the allowed folders, and what was checked is what is read."""

import os
import shutil

import numpy as np
import pytest

from dss_widgets import roots
from dss_widgets.dataset import survey
from dss_widgets.dataset.checks.folder import content_hash, folder_problems
from dss_widgets.dataset.song import make_song
from dss_widgets.dataset.stores.npy_files import load_array
from dss_widgets.errors import DataError, RunError
from dss_widgets.network.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from dss_widgets.network.rows import Rows
from dss_widgets.network.schedule import LearningRate
from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.results.stems import CHECKPOINT
from dss_widgets.roots import allowed_roots, confined, open_confined, refused_paths, why_refused


@pytest.fixture
def root(tmp_path, monkeypatch):
    folder = tmp_path / "root"
    folder.mkdir()
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(folder))
    return folder


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


def ways_out(root, outside):
    link, deep = root / "link", root / "deep"
    link.symlink_to(outside)
    deep.mkdir()
    (deep / "up").symlink_to("../..")
    return [
        str(outside), "/", "/etc", f"{root}/..", f"{root}/../outside", f"{root}/deep/../../outside", str(link), f"{link}/x.npy",
        f"{deep}/up/outside", "..", "~", "~root", f"{root}-beside", f"{root}/\0", "//etc",
    ]  # fmt: skip


def test_no_way_leads_out(root, outside):
    for path in ways_out(root, outside):
        assert why_refused(path), path
        with pytest.raises(DataError):
            confined(path)


def test_what_lies_inside_may_be_used_also_before_it_exists(root):
    for path in (root, root / "a", root / "a" / "b.npy", f"{root}/a/../b"):
        assert why_refused(path) is None
        assert confined(path)


def test_several_roots_are_separated_as_in_path(root, outside, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", f"{root}{os.pathsep}{outside}")
    assert allowed_roots() == (root, outside)
    assert why_refused(outside) is None


def test_without_the_variable_nothing_is_confined(outside):
    assert allowed_roots() == ()
    assert why_refused(outside) is None


def test_an_empty_variable_opens_nothing(outside, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", "")
    assert why_refused(outside)
    assert why_refused("/")


def test_what_was_checked_is_what_is_read(root, outside, monkeypatch):
    (outside / "secret.txt").write_text("secret")
    inside = root / "notes.txt"
    inside.write_text("notes")
    with open_confined(inside, "r", encoding="utf-8") as file:
        assert file.read() == "notes"

    def replaced_meanwhile(path, *args, **more):
        inside.unlink()
        inside.symlink_to(outside / "secret.txt")
        return open(path, *args, **more)

    monkeypatch.setattr(roots, "open", replaced_meanwhile, raising=False)
    with pytest.raises((DataError, OSError)):
        open_confined(inside)


def test_links_that_lead_out_are_not_opened(root, outside):
    (outside / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(outside / "secret.txt")
    with pytest.raises(DataError, match="outside"):
        open_confined(root / "link.txt")


def test_a_pipe_is_not_waited_for(root):
    os.mkfifo(root / "pipe.csv")
    with pytest.raises(DataError, match="no ordinary file"):
        open_confined(root / "pipe.csv")


def test_files_are_opened_for_reading_only(root):
    with pytest.raises(ValueError, match="reading"):
        open_confined(root / "new.txt", "wb")
    assert not (root / "new.txt").exists()


def test_paths_that_options_name_are_looked_at_all(root, outside):
    options = TrainingOptions(store_folder=f"{root}/a.npy", initial_weights=f"{outside}/b_model.keras")
    assert [problem.field for problem in refused_paths(options)] == ["initial_weights"]
    options.update({"store_folder": f"{root}/../outside/a.npy", "initial_weights": ""})
    assert [problem.field for problem in refused_paths(options)] == ["store_folder", "save_folder"]
    options.update({"save_folder": str(root)})
    assert [problem.field for problem in refused_paths(options)] == ["store_folder"]
    assert list(refused_paths(TrainingOptions())) == []


def test_a_folder_that_follows_from_another_is_looked_at_too(root):
    (problem,) = refused_paths(AssemblyOptions(data_folder=str(root)))  # its dataset would lie beside the root
    assert problem.field == "store_folder"
    assert f"{root}.npy" in problem.message


@pytest.fixture
def swap(root, outside):
    """Put a link to a file outside in the place of one inside."""

    def do(path):
        secret = outside / path.name
        path.rename(secret)
        path.symlink_to(secret)

    return do


def test_a_recording_that_became_a_link_after_the_survey_is_neither_compared_nor_hashed(root, swap):
    make_song(root, "fly", n_files=1, seconds=4, seed=1)
    (wav,) = root.glob("*.wav")
    for path in [*root.iterdir()]:
        shutil.copy(path, root / path.name.replace(wav.stem, "copy"))
    found = survey(root)
    assert any("same audio" in str(problem) for problem in found.problems)
    recordings = [entry.recording for entry in found.recordings]
    swap(root / "copy.wav")
    assert not [problem for problem in folder_problems(recordings, ()) if "same audio" in str(problem)]
    with pytest.raises(DataError, match="outside"):
        content_hash(root / "copy.wav")


def test_rows_of_an_array_that_became_a_link_after_it_was_opened_are_not_read(root, swap):
    np.save(root / "x.npy", np.zeros((10, 2)))
    mapped = load_array(root / "x.npy")
    swap(root / "x.npy")
    with pytest.raises(DataError, match="outside"):
        Rows(mapped)


def test_a_checkpoint_that_is_a_link_is_not_read(root, swap):
    rate = LearningRate(0.1, None)
    save_checkpoint(root, TrainingState(1), rate, weights=[np.ones(2)], optimizer=[np.ones(2)], best_weights=[np.ones(2)])
    swap(root / CHECKPOINT)
    with pytest.raises(RunError, match="outside"):
        load_checkpoint(root, rate)
