"""Song types as the dataset is to have them: renamed, merged, left out, restricted."""

import numpy as np
import pytest

from dss_widgets.dataset import read_annotations


@pytest.fixture
def song(folder):
    for i in range(3):
        folder.add(
            f"rec{i}",
            [("slow", 0.1, 0.1), ("fast", 0.3, 0.3), ("sine", 0.4, 0.8), ("hum", 0.9, 1.4), ("click", 1.6, 1.6)],
            2,
        )
    return folder


def types_of(plan) -> dict[str, tuple[str, int]]:
    return {t.name: (t.category, t.count) for t in plan.survey.song_types}


def test_types_are_renamed_and_merged(song):
    plan = song.plan(song_type_names={"slow": "pulse", "fast": "pulse", "sine": "song"})
    assert types_of(plan) == {"click": ("event", 3), "hum": ("segment", 3), "pulse": ("event", 6), "song": ("segment", 3)}
    assert plan.class_names == ["noise", "click", "hum", "pulse", "song"]


def test_a_type_left_out_counts_as_noise(song):
    dataset = song.assemble(song_type_names={"hum": ""}, train_fraction=1, val_fraction=0, test_fraction=0)
    assert "hum" not in dataset.class_names
    assert (dataset.split("train").y()[950:1350, 0] == 1).all()


def test_restricting_keeps_the_named_types_alone(song):
    assert list(types_of(song.plan(only_song_types=["sine", "hum"]))) == ["hum", "sine"]


def test_restricting_is_about_the_new_names(song):
    plan = song.plan(song_type_names={"slow": "pulse", "fast": "pulse"}, only_song_types=["pulse"])
    assert types_of(plan) == {"pulse": ("event", 6)}


def test_two_types_can_exchange_their_names(song):
    plan = song.plan(song_type_names={"slow": "click", "click": "slow"})
    assert types_of(plan)["slow"] == ("event", 3)
    rec = plan.survey.recordings[0].annotations
    assert rec.start_seconds[rec.names == "slow"].tolist() == [1.6]


def test_the_dataset_and_its_annotations_have_the_new_names(song):
    dataset = song.assemble(song_type_names={"sine": "song", "hum": "song"}, individual_targets=True)
    assert dataset.song_types == ["click", "fast", "slow", "song"]
    names = read_annotations(dataset.path / "train" / "x_annotations.csv")[0].song_types()
    assert set(names) == {"click", "fast", "slow", "song"}


def test_events_and_segments_cannot_become_one_type(song):
    errors = song.plan(song_type_names={"slow": "x", "hum": "x"}).errors
    assert [error.field for error in errors] == ["song_type_names"]
    assert "'slow' (event), 'hum' (segment)" in str(errors[0]) or "'hum' (segment), 'slow' (event)" in str(errors[0])


@pytest.mark.parametrize(
    ("options", "field"),
    [({"song_type_names": {"sin": "song"}}, "song_type_names"), ({"only_song_types": ["sin", "sine"]}, "only_song_types")],
)
def test_a_name_that_occurs_nowhere_is_a_warning(song, options, field):
    told = [p for p in song.plan(**options).problems if p.field == field]
    assert [problem.severity for problem in told] == ["warning"]
    assert "'sin', which occurs nowhere" in told[0].message


@pytest.mark.parametrize(
    "options",
    [{"only_song_types": ["no such"]}, {"song_type_names": dict.fromkeys(["slow", "fast", "sine", "hum", "click"], "")}],
)
def test_leaving_out_everything_is_an_error(song, options):
    assert any("no song that occurs" in error.message for error in song.plan(**options).errors)


def test_without_any_renaming_the_survey_stays_as_it_is(song):
    assert np.array_equal([t.name for t in song.plan().survey.song_types], [t.name for t in song.survey().song_types])


def test_types_that_do_not_occur_are_renamed_too(song):
    song.rows("rec0", [("ghost", "", ""), ("slow", 0.1, 0.1)])
    assert types_of(song.plan(song_type_names={"ghost": "spirit"}))["spirit"] == ("event", 0)
