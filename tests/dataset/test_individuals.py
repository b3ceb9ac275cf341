"""The same individual in two splits is told where that matters, and nothing is told where nothing is evident."""

import re
from pathlib import Path

import pytest

from dss_widgets.cli import main
from dss_widgets.dataset.splits.individuals import evident_individuals
from dss_widgets.errors import OptionsError

FILES = {"train_split": "files", "val_split": "files", "test_split": "files"}


def told(plan) -> list[str]:
    return [str(problem) for problem in plan.problems if problem.field == "group"]


@pytest.mark.parametrize(
    ("names", "whom"),
    [
        (["mouse_07_day1", "mouse_07_day2", "mouse_08_day1"], "mouse_07"),
        (["birdA_01", "birdA_02", "birdB_01"], "birdA"),
        (["2024-05-01_animal3.a", "2024-05-02_animal3.b", "2024-05-01_animal4.c"], "animal3"),
        (["gy6or6_0808", "gy6or6_0809", "pu11wh87_0808"], "gy6or6"),
        (["bk12-1", "bk12-2", "bk13-1", "bk13-2"], "bk12"),
        (["day1_Male2", "day2_Male2", "day1_Male3"], "Male2"),
    ],
)
def test_evident_names_tell_the_individuals_and_the_expression_finds_them(names, whom):
    files = [f"{name}.wav" for name in names]
    found = evident_individuals(files)
    assert found.of[files[0]] == found.of[files[1]] == whom
    assert found.of[files[2]] != whom
    by_expression = [re.search(found.expression, Path(file).stem).group(1) for file in files]
    assert by_expression[0] == by_expression[1] != by_expression[2]


def test_the_expression_is_one_that_a_person_would_write():
    assert evident_individuals(["birdA_01.wav", "birdA_02.wav", "birdB_01.wav"]).expression == "^([^_]+)_"
    assert evident_individuals(["d1_mouse7_x.wav", "d2_mouse7_x.wav", "d1_mouse8_y.wav"]).expression == r"(mouse\d+)"


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["gy6or6_0808", "gy6or6_0809", "gy6or6_0810"],  # one individual: nothing to keep apart
        ["bird_1", "bird_2", "bird_3"],  # everybody once
        ["rec1_a", "rec1_b", "rec2_a", "rec2_b"],
        ["day1_a", "day1_b", "day2_a", "day2_b"],
        ["ch1_0", "ch1_1", "ch2_0", "ch2_1"],
        ["20161207T102314_ch1", "20161207T102314_ch2", "20190122T093303a-7"],
        ["wt_1", "wt_2", "ko_1", "ko_2"],
        ["birdA_01", "birdA_02", "unnamed"],  # not all names say so
        ["song1_1", "song1_2", "song2_1", "song2_2"],
        ["may12_1", "may12_2", "may13_1", "may13_2"],
    ],
)
def test_where_names_are_not_evident_nobody_is_suspected(names):
    assert evident_individuals([f"{name}.wav" for name in names]) is None


@pytest.fixture
def birds(folder):
    for bird in "abcdef":
        for day in range(3):
            folder.add(f"bird{bird}_{day}", seconds=2)
    return folder


def seed_that_divides_a_bird(birds, **options) -> int:
    return next(
        seed
        for seed in range(20)
        if (plan := birds.plan(**options, seed=seed)).individuals_of("train") & plan.individuals_of("test")
    )


def test_a_test_by_files_of_the_same_individuals_is_told_with_two_files_and_the_mend(birds):
    (line,) = told(birds.plan(**FILES, seed=seed_that_divides_a_bird(birds, **FILES)))
    assert re.search(r"in train and in test, for example 'bird(.)' \(bird\1_\d.wav and bird\1_\d.wav\)", line)
    assert "put ^([^_]+)_ into Group" in line


def test_following_the_mend_ends_the_warning(birds):
    plan = birds.plan(**FILES, seed=seed_that_divides_a_bird(birds, **FILES), group="^([^_]+)_")
    assert not told(plan)
    assert not plan.individuals_of("train") & plan.individuals_of("test")


def test_a_test_by_samples_is_of_the_same_individuals_by_choice(birds):
    assert not told(birds.plan())


def test_the_recommended_way_is_not_warned_about(birds):
    assert not told(birds.plan(test_split="files", group="^([^_]+)_")), "train and validation may share individuals"


def test_a_group_in_train_and_test_is_told(birds):
    lines = told(birds.plan(train_split="samples", val_split="files", test_split="samples", group="^([^_]+)_"))
    assert any("groups are in train and in test" in line for line in lines)


def test_a_group_table_that_is_not_there_is_told_whatever_the_splits_are_made_by(birds, tmp_path):
    for options in ({}, FILES):
        with pytest.raises(OptionsError, match=r"nowhere\.csv: cannot be read"):
            birds.plan(**options, group="bird", group_table=str(tmp_path / "nowhere.csv"))


def test_a_column_of_a_table_tells_who_is_in_which_split(birds, tmp_path):
    lines = [f"bird{bird}_{day}.wav,{'north' if bird in 'abc' else 'south'}" for bird in "abcdef" for day in range(3)]
    (tmp_path / "t.csv").write_text("file,site\n" + "\n".join(lines))
    plan = birds.plan(group="site", group_table=str(tmp_path / "t.csv"), test_split="files")
    assert plan.individuals_of("test") | plan.individuals_of("train") == {"north", "south"}
    assert plan.as_dict()["splits"]["test"]["individuals"] == sorted(plan.individuals_of("test"))


def test_the_command_line_counts_them_too(birds, capsys):
    assert main(["plan", str(birds.path), "--seed", "1"]) == 0
    header, _, train = capsys.readouterr().out.splitlines()[2:5]
    assert header.split()[-1] == "individuals"
    assert train.split()[-1] == "6"
