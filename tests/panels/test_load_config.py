"""A config file fills in the form: all of it, or nothing with the reason."""

import datetime

import pytest

from dss_widgets.options import TrainingOptions, save_options
from dss_widgets.panels import TrainingPanel


@pytest.fixture
def panel(dataset):
    return TrainingPanel(TrainingOptions(store_folder=str(dataset)))


def test_a_config_on_the_server_is_loaded_by_its_path(panel, tmp_path, dataset):
    path = save_options(TrainingOptions(store_folder=str(dataset), epochs=3, filters=8), tmp_path / "c.yaml")
    panel.load.load_path(str(path))
    assert (panel.options.epochs, panel.options.filters) == (3, 8)
    assert panel.form.fields["epochs"].widget.value == "3"


def test_an_uploaded_config_is_loaded(panel):
    file = {"name": "c.yaml", "type": "", "size": 10, "content": memoryview(b"epochs: 3\n")}
    panel.load.upload.value = ({**file, "last_modified": datetime.datetime(2026, 1, 1)},)
    assert panel.options.epochs == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("epochs: many", "whole number"),
        ("epoch: 3", "Did you mean"),
        ("- 3", "holds no"),
        ("a: [", "is not a YAML file"),
        ("a: !!python/object/apply:os.getcwd []", "is not a YAML file"),
    ],
)
def test_a_bad_config_changes_nothing_and_says_why(panel, text, told):
    before = panel.options.as_dict()
    panel.load.load_text(text, "c.yaml")
    assert panel.options.as_dict() == before
    assert told in panel.load._said.value


def test_a_file_that_is_not_there_is_told(panel):
    panel.load.load_path("nowhere.yaml")
    assert "cannot be read" in panel.load._said.value
