"""Several networks at once from the terminal: which names are networks, and who annotates what."""

import shutil

import pytest
import soundfile

from dss_widgets.cli import main
from dss_widgets.cli.networks import networks_among
from dss_widgets.jobs import find_job

from ..known_thresholds import write_network


@pytest.fixture
def place(tmp_path):
    """Two networks, and recordings."""
    for name in ("one", "two"):
        write_network(tmp_path / name, test=False)
    write_network(tmp_path / "whine", test=False, params={"class_names": ["noise", "whine"], "class_types": ["segment"] * 2})
    (tmp_path / "season").mkdir()
    soundfile.write(tmp_path / "season" / "new.wav", [0.0] * 1000, 1000)
    return tmp_path


def test_runs_their_files_and_stems_are_told_from_recordings(place):
    (place / "two.run").mkdir()
    (place / "one_params.yaml.wav").touch()
    networks = [f"{place}/one", f"{place}/two.run/", f"{place}/whine_validation.json"]
    recordings = [f"{place}/season", f"{place}/season/*.wav", f"{place}/one_params.yaml.wav", f"{place}/gone.wav"]
    assert networks_among([*networks, *recordings]) == (networks, recordings)


def test_a_name_that_may_be_either_is_an_error_with_both_mends(place, capsys):
    shutil.copytree(place / "season", place / "two")
    assert main(["predict", f"{place}/one", f"{place}/two", f"{place}/season"]) == 1
    told = capsys.readouterr().err
    assert "two: is both there as" in told
    assert "two_params.yaml" in told
    assert networks_among([f"{place}/two_params.yaml", f"{place}/two/"]) == ([f"{place}/two_params.yaml"], [f"{place}/two/"])


def test_it_says_who_annotates_what_before_it_starts(place, capsys):
    assert main(["predict", "--create", f"{place}/one", f"{place}/whine", f"{place}/season", "--out", f"{place}/out"]) == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "pulse from one (F1 0.923 on validation data)", "sine from one (F1 0.900 on validation data)",
        "whine from whine (no validation score)",
    ]  # fmt: skip
    options = find_job(printed.out.strip()).options()
    assert (options.networks, options.combine) == ([f"{place}/one", f"{place}/whine"], "best")
    assert options.recordings == [f"{place}/season"]


def test_the_mean_is_asked_for_by_a_flag(place, capsys):
    words = ["predict", "--create", f"{place}/one", f"{place}/two", f"{place}/season", "--combine", "mean"]
    assert main(words) == 0
    printed = capsys.readouterr()
    assert printed.err.startswith("pulse from the mean of one (F1 0.923 on validation data) and two (F1 0.923")
    assert find_job(printed.out.strip()).options().combine == "mean"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{}/one", "{}/season", "--combine", "mean"], "combine: says how several networks are used together"),
        (["{}/one", "{}/two"], "recordings: is empty"),
        (["{}/one", "{}/one_params.yaml", "{}/season"], "is named twice"),
        (["{}/one", "{}/gone.run", "{}/season"], "gone_params.yaml: cannot be read"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_started(place, capsys, words, told):
    assert main(["predict", *(word.format(place) for word in words)]) == 1
    assert told in capsys.readouterr().err
    assert not list(place.rglob("predict_*"))
