"""Recordings in folders below the one that is chosen: named with their folders, from the survey to the dataset."""

import shutil

import pytest

from dss_widgets.dataset import assemble, open_dataset, plan_splits, survey
from dss_widgets.dataset.corrected import find_corrected
from dss_widgets.dataset.counts import count_song
from dss_widgets.dataset.export import export_annotations
from dss_widgets.dataset.growing import grow_dataset, next_store, plan_growth
from dss_widgets.dataset.reviewed import write_reviewed
from dss_widgets.dataset.song import make_song
from dss_widgets.errors import DataError
from dss_widgets.options import AssemblyOptions

NAMES = ["bird1/rec.wav", "bird1/day1/rec.wav", "bird2/rec.wav", "bird2/two.wav"]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Recordings, two of one name among them."""
    song, season = tmp_path_factory.mktemp("song"), tmp_path_factory.mktemp("below") / "season"
    make_song(song, "bird", n_files=4, seconds=3, seed=1)
    for source, name in zip(sorted(song.glob("*.wav")), NAMES, strict=True):
        target = season / name
        target.parent.mkdir(parents=True, exist_ok=True)
        for ending in (".wav", "_annotations.csv", "_definitions.csv"):
            shutil.copy(source.with_name(source.stem + ending), target.with_name(target.stem + ending))
    return season


@pytest.fixture
def season(made, tmp_path):
    return shutil.copytree(made, tmp_path / "season")


def test_they_are_read_only_where_that_is_asked_for(season):
    assert [entry.name for entry in survey(season, below=True).recordings] == NAMES
    without = survey(season)
    assert without.recordings == ()
    (told,) = [problem for problem in without.problems if not problem.is_error]
    assert "--folders-below" in str(told)


def test_each_has_the_annotations_beside_it_and_problems_name_the_folder(season):
    before = survey(season, below=True)
    (season / "bird1" / "rec_annotations.csv").write_text("name,start_seconds,stop_seconds\na,1.0,99.0\n")
    (season / "bird2" / "two.wav").write_bytes(b"RIFF")
    found = survey(season, below=True)
    assert {problem.file for problem in found.errors} == {"bird1/rec_annotations.csv", "bird2/two.wav"}
    assert [problem.file for problem in found.bad_rows] == ["bird1/rec_annotations.csv"]
    same = {entry.name: len(entry.annotations) for entry in before.recordings}
    assert all(len(e.annotations) == same[e.name] for e in found.recordings if e.name != "bird1/rec.wav")


def test_folders_without_annotations_and_what_is_made_here_are_left_out(season):
    for folder in ("raw", "net.res", ".hidden"):
        (season / folder).mkdir()
        shutil.copy(season / "bird1" / "rec.wav", season / folder)
    found = survey(season, below=True)
    assert [entry.name for entry in found.recordings] == NAMES
    assert [str(problem) for problem in found.problems if "raw (1)" in str(problem) and not problem.is_error]


def test_a_recording_that_a_table_further_up_names_comes_once(season):
    (season / "all.csv").write_text("file,name,start_seconds,stop_seconds\nbird2/two.wav,a,0.1,0.2\n")
    found = survey(season, below=True)
    names = [entry.name for entry in found.recordings]
    assert len(names) == len(set(names)) == 4


def test_a_dataset_is_split_by_the_folders_and_says_what_it_is_made_of(season, tmp_path):
    options = AssemblyOptions(
        data_folder=str(season), store_folder=str(tmp_path / "made.npy"), folders_below=True, group="^([^/]+)/",
        test_split="files", test_fraction=0.5, train_fraction=0.25, val_fraction=0.25, seed=1,
    )  # fmt: skip
    plan = plan_splits(survey(season, below=True), options)
    tested = {name.partition("/")[0] for name in plan.recordings_of("test")}
    assert len(tested) == 1
    assert tested.isdisjoint(name.partition("/")[0] for name in plan.recordings_of("train"))
    dataset = open_dataset(assemble(plan))
    assert [told["file"] for told in dataset.attrs["recordings"]] == NAMES
    assert dataset.split("train").n_samples > 0


def test_animals_are_known_by_the_names_of_folders(season, tmp_path):
    options = AssemblyOptions(
        data_folder=str(season), store_folder=str(tmp_path / "made.npy"), folders_below=True, keep_individuals_together=True,
        test_split="files", seed=1,
    )  # fmt: skip
    assert set(plan_splits(survey(season, below=True), options).individuals.values()) == {"bird1", "bird2"}


def test_counts_and_exports_keep_recordings_of_one_name_apart(season, tmp_path):
    assert list(dict.fromkeys(row["recording"] for row in count_song(survey(season, below=True)))) == NAMES
    written = export_annotations(season, "audacity", tmp_path / "labels", below=True)
    assert sorted(path.relative_to(tmp_path / "labels").as_posix() for path in written) == sorted(
        name.replace(".wav", ".txt") for name in NAMES
    )


def test_annotations_in_a_folder_of_their_own_meet_their_recordings(season, tmp_path):
    apart = tmp_path / "annotations"
    for path in season.rglob("*.csv"):
        target = apart / path.relative_to(season)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    found = survey(apart, recordings=season, below=True)
    assert [entry.name for entry in found.recordings] == NAMES
    assert not found.problems or not found.errors


@pytest.fixture
def dataset(season, tmp_path):
    """A dataset in which one animal is test data."""
    options = AssemblyOptions(
        data_folder=str(season), store_folder=str(tmp_path / "made.npy"), folders_below=True, group="^([^/]+)/",
        test_split="files", test_fraction=0.5, train_fraction=0.4, val_fraction=0.1, seed=1,
    )  # fmt: skip
    return open_dataset(assemble(plan_splits(survey(season, below=True), options)))


def grown(dataset, folder, **how):
    growth = plan_growth(dataset, find_corrected(folder, below=True, **how))
    return growth, open_dataset(grow_dataset(dataset, growth, next_store(dataset.path)))


@pytest.mark.parametrize("part", ["", "all", "copied"])
def test_a_dataset_knows_its_recordings_again_where_they_lie(dataset, season, tmp_path, part):
    """Corrected are the labels of one animal's folder, of the whole season, or of copies elsewhere: all are known again."""
    tested = {told["file"].partition("/")[0] for told in dataset.stretches if told["split"] == "test"}
    (learned,) = {"bird1", "bird2"} - tested
    folder = season / learned if part == "" else season
    if part == "copied":
        folder = shutil.copytree(season / learned, tmp_path / "copied" / "elsewhere")
    growth, new = grown(dataset, folder)
    assert sum(growth.added.values()) == 0, "nothing of it is new"
    assert growth.replaced_seconds == pytest.approx(6)
    assert growth.in_test_seconds == pytest.approx(6 if part == "all" else 0)
    assert sorted(told["file"] for told in new.attrs["recordings"]) == sorted(NAMES)


def test_what_is_new_joins_with_its_place_below_the_data_folder_and_is_known_in_the_next_round(dataset, season):
    for name in ("rec.wav", "rec_annotations.csv"):
        (season / "bird1/day9").mkdir(exist_ok=True)
        shutil.copy(season / "bird2" / name, season / "bird1/day9" / name)
    audio = bytearray((season / "bird1/day9/rec.wav").read_bytes())
    audio[2000:2010] = bytes(10)
    (season / "bird1/day9/rec.wav").write_bytes(audio)
    quiet = season / "bird2/quiet.wav"
    shutil.copy(season / "bird1/rec.wav", quiet)
    write_reviewed(season / "bird2/quiet_reviewed.csv", [(1.0, 2.0)])
    growth, new = grown(dataset, season)
    assert sum(growth.added.values()) == pytest.approx(4)
    assert {told["file"] for told in new.attrs["recordings"]} == {*NAMES, "bird1/day9/rec.wav", "bird2/quiet.wav"}
    again = plan_growth(new, find_corrected(season / "bird1", below=True))
    assert sum(again.added.values()) == 0


def test_a_recording_that_was_corrected_twice_is_told(dataset, season, tmp_path):
    for place in ("one", "two"):
        shutil.copytree(season / "bird2", tmp_path / "copied" / place)
    with pytest.raises(DataError, match=r"are the same recording of .*made\.npy, bird2/rec\.wav"):
        plan_growth(dataset, find_corrected(tmp_path / "copied", below=True))
