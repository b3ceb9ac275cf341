"""Saving a form: as a config, and as a script for a shell or Slurm; only where one may write, and never over something else."""

import os
import subprocess

import pytest

from dss_widgets.options import TrainingOptions, load_options
from dss_widgets.panels import TrainingPanel


@pytest.fixture
def panel(dataset):
    return TrainingPanel(TrainingOptions(store_folder=str(dataset)))


@pytest.fixture
def script(panel):
    panel.save_script.toggle()
    return panel.save_script


def test_the_script_says_what_the_form_says(panel, script):
    panel.form.fields["filters"].widget.value = "17"
    assert "filters: 17" in script.file.content
    assert script.file.code.file == script.file.name
    assert script.file.name == "train_bird.sh"


def test_lines_for_the_environment_stand_in_it(script):
    script.environment.value = "module load x\n\nconda activate song"
    assert "module load x\nconda activate song\n" in script.file.content


def test_for_slurm_it_has_the_scheduler_lines(script):
    assert "#SBATCH" not in script.file.content
    script.kind.value = "slurm"
    assert "dss-off" not in script.slurm._dom_classes
    script.slurm.value = "--time=2:00:00\n#--gres=gpu:1"
    assert "#SBATCH --time=2:00:00\n##SBATCH --gres=gpu:1" in script.file.content
    assert script.file.name.endswith(".sbatch")


def test_it_is_saved_where_one_may_write_and_is_a_shell_script(script, tmp_path):
    script.file.path = str(tmp_path / "train.sh")
    script.file.save.click()
    assert "✓ Saved" in script.file._said.value
    assert os.access(tmp_path / "train.sh", os.X_OK)
    subprocess.run(["bash", "-n", tmp_path / "train.sh"], check=True)


def test_it_is_replaced_by_its_like_but_nothing_else_is(script, tmp_path):
    script.file.path = str(tmp_path / "train.sh")
    assert script.file.write()
    assert script.file.write()
    (tmp_path / "mine.sh").write_text("mine")
    script.file.path = str(tmp_path / "mine.sh")
    assert script.file.write() is None
    assert "is something else" in script.file._said.value
    assert (tmp_path / "mine.sh").read_text() == "mine"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "is empty"),
        ("/etc/x.sh", "outside"),
        ("root/../../x.sh", "outside"),
        ("root", "is a folder"),
        ("root/no/x.sh", "is not a folder"),
    ],
)
def test_a_path_that_may_not_be_written_is_refused_with_the_reason(script, tmp_path, monkeypatch, path, words):
    (tmp_path / "root").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
    script.file.path = path
    assert script.file.write() is None
    assert words in script.file._said.value


def test_with_errors_there_is_no_script_but_the_reason(panel, script):
    panel.form.fields["chunk_duration"].widget.value = "2"
    assert script.file.content == ""
    assert script.file.save.disabled
    assert "must be longer than twice" in script._trouble.value


def test_a_saved_config_holds_the_options_and_can_be_loaded(panel, tmp_path):
    panel.form.fields["filters"].widget.value = "17"
    panel.save_config.toggle()
    panel.save_config.file.path = str(tmp_path / "mine.yaml")
    panel.save_config.file.save.click()
    assert load_options(TrainingOptions, tmp_path / "mine.yaml").filters == 17
    panel.form.fields["filters"].widget.value = "18"
    assert "filters: 18" in panel.save_config.file.content
    assert panel.save_config.file.write(), "a config may be replaced"
