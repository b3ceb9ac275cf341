"""Networks tested on animals that they never heard: what tests takes no part in what is learned, and nothing is left."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import Annotations, plan_splits, survey, write_annotations
from dss_widgets.dataset.splits.held_out import folds, hold_out
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.events import Progressed
from dss_widgets.network.cross_validation import cross_validate
from dss_widgets.options import AssemblyOptions
from dss_widgets.options.cross_validation import CrossValidationOptions
from dss_widgets.results.cross_validation import CrossValidation, Fold
from tests.network.conftest import RATE, tone_song


@pytest.fixture(scope="module")
def animals(tmp_path_factory):
    """Two recordings of each of two birds."""
    folder = tmp_path_factory.mktemp("birds") / "song"
    folder.mkdir()
    for seed, name in enumerate(("bird1_a", "bird1_b", "bird2_a", "bird2_b"), start=40):
        audio, targets = tone_song(8000, seed=seed)
        rows = []
        for column, song_type in ((1, "low"), (2, "high")):
            edges = (np.flatnonzero(np.diff(targets[:, column], prepend=0, append=0)) / RATE).tolist()
            rows += [(song_type, start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
        soundfile.write(folder / f"{name}.wav", audio.astype(np.float32), int(RATE), subtype="FLOAT")
        write_annotations(folder / f"{name}_annotations.csv", Annotations.of(sorted(rows, key=lambda row: row[1])))
    return folder


@pytest.fixture
def options(animals, trained_run):
    return CrossValidationOptions(data_folder=str(animals), like=str(trained_run.stem), epochs=8)


@pytest.mark.slow
def test_each_animal_is_tested_by_a_network_that_never_heard_it(options, tmp_path):
    told, events = [], []
    found = cross_validate(options, tmp_path / "work", on_fold=told.append, on_event=events.append)
    assert sorted(fold.held_out for fold in found.folds) == [("bird1",), ("bird2",)]
    assert list(found.folds) == told
    assert all(fold.recordings == 2 and fold.seconds == 16 for fold in found.folds)
    assert all(fold.scores["macro_f1"] > 0.6 for fold in found.folds), "tones are learned from one bird for the other"
    assert set(found.score_names) >= {"macro_f1", "segment_f1"}
    assert not any((tmp_path / "work").iterdir()), "what was needed for it is gone"
    shares = [event.done / event.total for event in events if isinstance(event, Progressed)]
    assert shares == sorted(shares)
    made = []
    again = cross_validate(options, tmp_path / "work", known=told[:1], on_fold=made.append)
    assert (made, again) == (told[1:], found), "what is known is not made again, and the same seed gives the same"


@pytest.mark.slow
def test_it_can_be_stopped(options, tmp_path):
    with pytest.raises(Cancelled):
        cross_validate(options, tmp_path / "work", should_stop=lambda: True)
    assert not any((tmp_path / "work").iterdir())


@pytest.mark.slow
def test_animals_that_nobody_can_tell_apart_are_an_error_with_the_mend(options, tmp_path):
    folder = tmp_path / "song"
    folder.mkdir()
    for number, path in enumerate(sorted(Path(options.data_folder).glob("*.wav"))):
        (folder / f"rec{number}.wav").write_bytes(path.read_bytes())
        (folder / f"rec{number}_annotations.csv").write_text(path.with_name(f"{path.stem}_annotations.csv").read_text())
    with pytest.raises(DataError, match=r"--group.*--by recordings"):
        cross_validate(options.copy(data_folder=str(folder)), tmp_path / "work")


def test_held_out_recordings_are_the_test_and_no_part_of_anything_else(animals):
    plan = plan_splits(survey(animals), AssemblyOptions(data_folder=str(animals), seed=1, keep_individuals_together=True))
    held_out = hold_out(plan, ["bird1_a.wav"])
    assert held_out.recordings_of("test") == ["bird1_a.wav"]
    assert not {"bird1_a.wav"} & {*held_out.recordings_of("train"), *held_out.recordings_of("val")}
    assert held_out.split_seconds()["val"] == pytest.approx(0.15 * 24, rel=0.2)
    assert sum(held_out.split_seconds().values()) == pytest.approx(32)
    parts = folds(plan, 5, whole=True)
    assert sorted(map(sorted, parts)) == [["bird1_a.wav", "bird1_b.wav"], ["bird2_a.wav", "bird2_b.wav"]]
    assert sorted(map(len, folds(plan, 5))) == [1, 1, 1, 1]


def test_what_they_say():
    few = CrossValidation("individuals", tuple(Fold((f"b{i}",), 1, 9.0, {"macro_f1": 0.8 + i / 10}) for i in range(2)))
    assert few.words()[0].startswith(
        "On an animal that it never heard, macro F1 is 0.850 at the mean of 2 networks, from 0.800 (b0)"
    )
    assert "tell little about other animals" in few.words()[1]
    odd = CrossValidation("recordings", tuple(Fold((f"r{i}",), 1, 9.0, {"macro_f1": 0.95 if i else 0.4}) for i in range(6)))
    assert "One is far below the others" in odd.words()[1]
    assert CrossValidation.of("recordings", odd.as_dict()["folds"]) == odd
