"""Two sets of annotations are found, read and put side by side, whatever they are made with."""

import shutil

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset.song import make_song
from dss_widgets.dataset.two_sets import pair_sets
from dss_widgets.errors import DataError, OptionsError
from dss_widgets.options.agreement import AgreementOptions

HEAD = "name,start_seconds,stop_seconds\n"


@pytest.fixture(scope="session")
def sung(tmp_path_factory):
    """Two recordings of three seconds, without annotations."""
    folder = tmp_path_factory.mktemp("two_sets")
    for path in make_song(folder, "bird", n_files=2, seconds=3, seed=1):
        path.rename(folder / f"rec{path.stem[-1]}.wav")
    for path in folder.glob("*.csv"):
        path.unlink()
    return folder


@pytest.fixture
def folders(sung, tmp_path):
    """Both recordings, the first of them annotated; and a folder for other annotations."""
    one, other = tmp_path / "one", tmp_path / "other"
    shutil.copytree(sung, one)
    other.mkdir()
    (one / "rec1_annotations.csv").write_text(HEAD + "a,1.0,1.2\np,2.0,2.0\n")
    return one, other


def test_annotations_of_any_format_need_no_recordings_beside_them(folders):
    one, other = folders
    (other / "rec1.txt").write_text("0.9\t1.2\ta\n2.0\t2.0\tp\n")  # Audacity's
    sets = pair_sets(one, other)
    [pair] = sets.pairs
    assert (pair.name, pair.seconds) == ("rec1.wav", 3.0)
    assert pair.other.start_seconds.tolist() == [0.9, 2.0]
    assert sets.categories == {"a": "segment", "p": "event"}


def test_recordings_may_differ_in_their_channels(folders):
    one, other = folders
    soundfile.write(one / "rec3.wav", np.zeros((4000, 2)), 4000)
    for folder in folders:
        for name in ("rec1", "rec3"):
            (folder / f"{name}_annotations.csv").write_text(HEAD + "a,0.5,0.6\n")
    assert len(pair_sets(one, other).pairs) == 2


def test_what_only_one_set_has_is_told(folders):
    one, other = folders
    for name in ("rec1", "rec2", "rec9"):
        (other / f"{name}_annotations.csv").write_text(HEAD + "b,1.0,1.2\n")
    sets = pair_sets(one, other)
    assert (sets.only_annotated, sets.only_other) == ((), ("rec2.wav",))
    assert sets.without_recording == (f"{other}/rec9_annotations.csv",)
    assert (sets.only_annotated_types, sets.only_other_types) == (("a", "p"), ("b",))
    assert sets.notices == ()


def test_names_are_mapped_and_proposals_are_labels(folders):
    one, other = folders
    (other / "rec1_annotations.csv").write_text(HEAD + "x_proposals,1.0,1.2\nrest,2.0,2.2\nsyllable_onset,1.0,1.0\n")
    sets = pair_sets(one, other, AgreementOptions(rename={"x": "a", "rest": ""}, rename_annotated={"p": "pulse"}))
    assert sets.pairs[0].other.names.tolist() == ["a"]
    assert sets.categories == {"a": "segment", "pulse": "event"}
    with pytest.raises(OptionsError, match=r"rename: names 'y', which occurs nowhere in .*other"):
        pair_sets(one, other, AgreementOptions(rename={"y": "a"}))


def test_only_what_both_looked_through_is_compared(folders):
    one, other = folders
    (other / "rec1_annotations.csv").write_text(HEAD + "a,1.0,1.2\na,2.5,2.6\n")
    (one / "rec1_reviewed.csv").write_text("start_seconds,stop_seconds\n0,1.5\n1.9,2.2\n")
    (one / "rec2_reviewed.csv").write_text("start_seconds,stop_seconds\n0,1\n")  # where nothing sings
    (other / "rec2_annotations.csv").write_text(HEAD + "a,0.5,0.7\na,2.5,2.6\n")
    first, second = pair_sets(one, other, AgreementOptions(reviewed_only=True)).pairs
    assert [len(labels) for labels in first.labels_compared()] == [2, 1]
    assert first.seconds == pytest.approx(1.8)
    assert [len(labels) for labels in second.labels_compared()] == [0, 1]
    (other / "rec1_reviewed.csv").write_text("start_seconds,stop_seconds\n2.1,3\n")
    assert pair_sets(one, other, AgreementOptions(reviewed_only=True)).pairs[0].spans == ((2.1, 2.2),)
    assert len(pair_sets(one, other).pairs[0].labels_compared()[1]) == 2, "else all is compared"


def test_folders_below_are_those_of_both(folders):
    one, other = folders
    for folder in (one, other):
        (folder / "bird1").mkdir()
    shutil.move(one / "rec1.wav", one / "bird1" / "rec1.wav")
    shutil.move(one / "rec1_annotations.csv", one / "bird1" / "rec1_annotations.csv")
    (other / "bird1" / "rec1_annotations.csv").write_text(HEAD + "a,1.0,1.2\n")
    with pytest.raises(DataError, match="--folders-below"):
        pair_sets(one, other)
    [pair] = pair_sets(one, other, AgreementOptions(folders_below=True)).pairs
    assert pair.name == "bird1/rec1.wav"


def test_what_is_wrong_names_set_file_and_row(folders, monkeypatch):
    one, other = folders
    with pytest.raises(DataError, match=r"other: annotates none of the recordings.*rec1\.wav"):
        pair_sets(one, other)
    table = other / "rec1_annotations.csv"
    table.write_text(HEAD + "a,1.0,1.2\na,2.0,1.2\n")
    with pytest.raises(DataError, match=r"other/rec1_annotations\.csv, row 3: 'a' ends"):
        pair_sets(one, other)
    table.write_text(HEAD + "a,1.0,1.0\n")
    with pytest.raises(DataError, match=r"'a' is an event in .*other and a segment in .*one.*a="):
        pair_sets(one, other)
    with pytest.raises(DataError, match="same folder"):
        pair_sets(one, one / ".." / "one")
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(one))
    with pytest.raises(DataError, match="other lies outside"):
        pair_sets(one, other)
