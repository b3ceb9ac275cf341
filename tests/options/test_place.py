"""Where jobs run: times as Slurm reads them, places that have a name, what was asked for last, and who may run commands."""

import pytest

from dss_widgets.cli import build_parser, main
from dss_widgets.cli.places import place_from
from dss_widgets.errors import DataError, OptionsError
from dss_widgets.options import PlaceOptions, TrainingOptions
from dss_widgets.options.place_presets import keep_place, last_place, place_presets, preset_named, refused_commands

NAMED = """
gpu:
  partition: gpu
  gpus: 1
  time_limit: 1-00:00:00
  environment: module load cuda
small:
  on: slurm
  cpus: 2
"""


@pytest.fixture(autouse=True)
def own_config(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DSS_WIDGETS_PLACES", str(tmp_path / "places.yaml"))
    return tmp_path / "places.yaml"


@pytest.mark.parametrize(("text", "seconds"), [
    ("90", 5400), ("90:30", 5430), ("1:30:00", 5400), ("1-12", 129600), ("1-12:30", 131400), ("2-0:0:5", 172805),
    ("", None), ("soon", None), ("1:2:3:4", None), ("-5", None),
])  # fmt: skip
def test_a_time_limit_is_read_as_slurm_reads_it(text, seconds):
    assert PlaceOptions(on="slurm", time_limit=text).time_limit_seconds == seconds


@pytest.mark.parametrize("asked", [
    {"time_limit": "soon"}, {"partition": "a b"}, {"account": "x;y"}, {"sbatch_options": "long"}, {"sbatch_options": "--a='"},
])  # fmt: skip
def test_what_slurm_could_not_take_is_told_with_its_field(asked):
    (problem,) = PlaceOptions(on="slurm", **asked).problems()
    assert problem.field == next(iter(asked))
    assert list(PlaceOptions(**asked).problems()) == [], "on this computer it has no effect"


def test_a_place_that_has_a_name_is_found_and_flags_override_it(own_config):
    own_config.write_text(NAMED)
    args = build_parser().parse_args(["train", "x.npy", "--place", "gpu", "--gpus", "2"])
    place = place_from(args)
    assert (place.on, place.partition, place.gpus, place.environment) == ("slurm", "gpu", 2, "module load cuda")
    assert place_presets()["small"].cpus == 2


def test_what_was_asked_for_last_comes_back_and_runs_here_unless_one_says_otherwise():
    keep_place(PlaceOptions(on="slurm", partition="gpu", cpus=3))
    assert last_place() == PlaceOptions(on="here", partition="gpu", cpus=3)
    here, there = (build_parser().parse_args(["train", "x.npy", *flags]) for flags in ([], ["--on", "slurm"]))
    assert not place_from(here).is_slurm
    assert place_from(there) == PlaceOptions(on="slurm", partition="gpu", cpus=3)


@pytest.mark.parametrize(("content", "words"), [
    ("gpu: 3", "'gpu' is no place"), ("gpu:\n  cores: 3", "cores"), ("gpu:\n  cpus: many", "cpus"),
    ("[", "no.* YAML"), ("- 1", "name: value"),
])  # fmt: skip
def test_a_damaged_file_of_places_is_named(own_config, content, words):
    own_config.write_text(content)
    with pytest.raises((DataError, OptionsError), match=words):
        place_presets()
    with pytest.raises((DataError, OptionsError), match=r"places\.yaml"):
        place_presets()


def test_a_name_that_is_none_is_told_with_those_that_are(own_config, capsys):
    own_config.write_text(NAMED)
    with pytest.raises(DataError, match=r"'cpu' is no place.*gpu, small"):
        preset_named("cpu")
    assert main(["assemble", "x", "--place", "cpu"]) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_whoever_is_confined_to_folders_runs_no_commands_but_the_admins(own_config, monkeypatch):
    own_config.write_text(NAMED)
    typed = PlaceOptions(on="slurm", environment="touch /x", sbatch_options="--wrap=x")
    assert refused_commands(typed) == []
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", "/data")
    assert [problem.field for problem in refused_commands(typed)] == ["environment", "sbatch_options"]
    assert refused_commands(PlaceOptions(on="slurm", environment="module load cuda")) == []


@pytest.mark.parametrize("name", ["devices", "nodes"])
def test_whoever_is_confined_to_folders_opens_no_unguarded_ports(name, monkeypatch):
    shared = TrainingOptions(**{name: 2})
    assert name not in [problem.field for problem in shared.problems()]
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", "/data")
    assert name in [problem.field for problem in shared.problems() if problem.is_error]
