"""Show code: what it shows does what the form says."""

import argparse
import shlex

import pytest

from dss_widgets.cli import build_parser
from dss_widgets.cli.choosing import training_options
from dss_widgets.cli.flags import add_option_flags, options_from
from dss_widgets.options import AssemblyOptions, TrainingOptions, load_options
from dss_widgets.panels.forms.code import (
    ShowCode,
    assembly_command,
    assembly_python,
    code_of,
    training_command,
    training_python,
)

ASSEMBLY = {
    "data_folder": "my song", "train_split": "files", "gap_seconds": 0.002, "seed": 7, "individual_targets": True,
    "annotations_as_csv": False, "group": "^([^_]+)_",
}  # fmt: skip
TRAINING = {
    "store_folder": "my song.npy", "separable": [True, False, False], "ignore_boundaries": False, "lstm_units": 4,
    "learning_rate": 1e-4, "downsample_factor": 8, "prefix": "bird A",
}  # fmt: skip


def words_of(command):
    return shlex.split(command.replace("\\\n", " "))[1:]


def test_the_command_line_of_assembling_says_the_same():
    options = AssemblyOptions(**ASSEMBLY)
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    add_option_flags(parser, AssemblyOptions, without=["data_folder"])
    args = parser.parse_args(words_of(assembly_command(options))[1:])
    assert options_from(args, AssemblyOptions, data_folder=args.folder) == options


def test_the_command_line_of_training_says_the_same():
    options = TrainingOptions(**TRAINING)
    assert training_options(build_parser().parse_args(words_of(training_command(options)))) == options


@pytest.mark.parametrize("options", [AssemblyOptions(**ASSEMBLY), TrainingOptions(**TRAINING)], ids=["assembly", "training"])
def test_the_config_file_says_the_same(options, tmp_path):
    texts = code_of(options)
    [name] = [title for title in texts if title.endswith(".yaml")]
    (tmp_path / name).write_text(texts[name], encoding="utf-8")
    assert load_options(type(options), tmp_path / name) == options


def test_the_python_of_assembling_assembles(bird):
    namespace = {}
    exec(assembly_python(AssemblyOptions(data_folder=str(bird), seed=3)), namespace)
    assert (bird.with_name("bird.npy") / "attrs.npy").is_file()
    assert namespace["options"].seed == 3


def test_the_python_of_training_makes_the_same_options():
    code = training_python(TrainingOptions(**TRAINING))
    namespace = {}
    exec(code.partition("run = ")[0], namespace)
    assert namespace["options"] == TrainingOptions(**TRAINING)


def test_the_code_follows_the_form_while_it_is_open():
    options = AssemblyOptions(data_folder="song")
    code = ShowCode(options)
    assert not code._code.value, "nothing is made before it is asked for"
    code.toggle()
    options.seed = 12
    assert "seed=12" in code._code.value
    code._kinds.value = "assembly.yaml"
    assert "seed: 12" in code._code.value
    assert code._code.file == "assembly.yaml"
