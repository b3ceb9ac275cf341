"""A dataset grows by what was corrected: test data stay, labels are replaced where they lie already, silence is noise."""

import numpy as np
import pytest

from dss_widgets.dataset import assemble, open_dataset, plan_splits, read_annotations, survey
from dss_widgets.dataset.corrected import find_corrected
from dss_widgets.dataset.growing import grow_dataset, next_store, plan_growth
from dss_widgets.dataset.reviewed import write_reviewed
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.options import AssemblyOptions
from tests.dataset.conftest import DataFolder

RATE = 1000


@pytest.fixture
def old(folder):
    """A dataset of two recordings, train, validation and test by samples."""
    for name in ("rec1", "rec2"):
        folder.add(name, [("a", t + 0.1, t + 0.4) for t in range(10)], seconds=10, rate=RATE)
    options = AssemblyOptions(data_folder=str(folder.path), seed=1, individual_targets=True, annotations_as_csv=True)
    return open_dataset(assemble(plan_splits(survey(folder.path), options)))


@pytest.fixture
def more(tmp_path):
    return DataFolder(tmp_path / "corrected")


def grown(old, corrected, **how):
    growth = plan_growth(old, corrected, **how)
    return open_dataset(grow_dataset(old, growth, next_store(old.path))), growth


def test_new_recordings_join_train_and_validation_and_the_test_stays(old, more):
    audio = more.add("new", [("b", t + 0.2, t + 0.5) for t in range(40)], seconds=40, rate=RATE)
    new, growth = grown(old, find_corrected(more.path))
    assert new.path.name == "data_round1.npy" or new.path.name.endswith("_round1.npy")
    assert new.class_names == ["noise", "a", "b"]
    assert np.array_equal(new.split("test").x, old.split("test").x)
    assert np.array_equal(new.split("test").y()[:, :2], old.split("test").y())
    assert not new.split("test").y()[:, 2].any()
    assert growth.added["train"] + growth.added["val"] == pytest.approx(40)
    assert growth.added["val"] == 10
    for split in ("train", "val"):
        n = old.split(split).n_samples
        assert np.array_equal(new.split(split).x[:n], old.split(split).x)
        np.testing.assert_allclose(new.split(split).y().sum(axis=1), 1, atol=1e-3)
        for told in (t for t in new.stretches if t["file"] == "new.wav" and t["split"] == split):
            rows = slice(told["position"], told["position"] + told["last_sample"] - told["first_sample"] + 1)
            assert np.array_equal(
                new.split(split).x[rows], audio[told["first_sample"] : told["last_sample"] + 1].astype(np.float16)
            )
    assert new.split("train").y("b").shape[1] == 2
    assert new.fingerprint != old.fingerprint
    assert next_store(new.path).name.endswith("_round2.npy")


def test_only_what_was_reviewed_is_taken_and_silence_in_it_is_noise(old, more):
    more.add("new", [("a", 0.1, 0.3), ("a", 5.0, 5.5)], seconds=10, rate=RATE)
    write_reviewed(more.path / "new_reviewed.csv", [(0.0, 1.0), (7.0, 8.0)])
    more.audio("quiet.wav", 5, rate=RATE)
    write_reviewed(more.path / "quiet_reviewed.csv", [(2.0, 3.5)])
    new, growth = grown(old, find_corrected(more.path))
    assert sum(growth.added.values()) == pytest.approx(3.5)
    n = old.split("train").n_samples
    song = sum(float(new.split(s).y()[old.split(s).n_samples :, 1].sum()) for s in ("train", "val"))
    assert song == pytest.approx(200)
    assert n < new.split("train").n_samples


def test_corrected_labels_of_the_datasets_own_train_data_take_the_place_of_the_old_ones(old, folder):
    told = next(t for t in old.stretches if t["file"] == "rec1.wav" and t["split"] == "train")
    begin, end = told["first_sample"] / RATE, (told["last_sample"] + 1) / RATE
    folder.rows("rec1", [("b", begin + 0.5, begin + 0.6)])
    write_reviewed(folder.path / "rec1_reviewed.csv", [(begin, begin + 1.0)])
    (folder.path / "rec2_annotations.csv").unlink()
    new, growth = grown(old, find_corrected(folder.path))
    assert growth.replaced_seconds == pytest.approx(1.0)
    assert not sum(growth.added.values())
    assert new.split("train").n_samples == old.split("train").n_samples
    rows = slice(told["position"], told["position"] + RATE)
    assert new.split("train").y()[rows, 1].sum() == 0
    assert new.split("train").y()[rows, 2].sum() == 100
    assert np.array_equal(new.split("train").y()[rows.stop :, :2], old.split("train").y()[rows.stop :])
    labels, _ = read_annotations(new.path / "train" / "x_annotations.csv")
    assert labels.names.tolist().count("b") == 1
    assert end > begin + 1


def test_nothing_is_learned_from_test_data(old, folder):
    told = next(t for t in old.stretches if t["file"] == "rec1.wav" and t["split"] == "test")
    spans = [(told["first_sample"] / RATE, (told["last_sample"] + 1) / RATE)]
    write_reviewed(folder.path / "rec1_reviewed.csv", spans)
    (folder.path / "rec2_annotations.csv").unlink()
    with pytest.raises(DataError, match="test data"):
        plan_growth(old, find_corrected(folder.path))


def test_recordings_without_song_are_noise_and_join_where_they_are_said_to_be(old, tmp_path):
    quiet = DataFolder(tmp_path / "quiet")
    quiet.audio("wind.wav", 6, rate=2 * RATE)
    corrected = find_corrected(None, no_song=quiet.path)
    assert corrected.without_song == {"wind.wav"}
    new, growth = grown(old, corrected)
    assert sum(growth.added.values()) == pytest.approx(6)
    assert (new.split("train").y()[old.split("train").n_samples :, 0] == 1).all()


def test_new_test_data_only_where_asked_for_and_never_of_chosen_stretches(old, more):
    for name in ("n1", "n2", "n3"):
        more.add(name, [("a", 1, 2)], seconds=5, rate=RATE)
    write_reviewed(more.path / "n1_reviewed.csv", [(0.0, 3.0)])
    growth = plan_growth(old, find_corrected(more.path), new_test_fraction=0.9)
    assert {s.recording for s in growth.plan.of_split("test")} <= {"n2.wav", "n3.wav"}
    assert growth.added["test"] == pytest.approx(5)
    assert not plan_growth(old, find_corrected(more.path)).added["test"]


@pytest.mark.parametrize(("rows", "told"), [
    ([("a_proposals", 1, 2)], "nobody has approved"), ([("a", 1, 1)], "annotated as event"), ([("a", 7, 9)], "beyond the end"),
])  # fmt: skip
def test_labels_that_cannot_be_are_told(rows, told, old, more):
    more.add("new", rows, seconds=5, rate=RATE)
    with pytest.raises(DataError, match=told):
        plan_growth(old, find_corrected(more.path))


def test_another_recording_of_a_name_that_the_dataset_has_is_told(old, more):
    more.add("rec1", [("a", 1, 2)], seconds=5, rate=RATE, seed=99)
    with pytest.raises(DataError, match="another recording"):
        plan_growth(old, find_corrected(more.path))


def test_nothing_is_replaced_and_nothing_half_written(old, more):
    more.add("new", [("a", 1, 2)], seconds=5, rate=RATE)
    growth = plan_growth(old, find_corrected(more.path))
    with pytest.raises(DataError, match="exists already"):
        grow_dataset(old, growth, old.path)
    with pytest.raises(Cancelled):
        grow_dataset(old, growth, next_store(old.path), cancelled=lambda: True)
    assert not [path for path in old.path.parent.iterdir() if "round" in path.name and path.suffix == ".npy"]


def test_a_list_of_reviewed_spans_annotates_nothing(folder):
    folder.audio("rec.wav", 5)
    write_reviewed(folder.path / "rec_reviewed.csv", [(0.0, 2.0)])
    assert not survey(folder.path).recordings
