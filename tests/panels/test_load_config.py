"""A config file fills in the form: all of it, or nothing with the reason."""

import datetime

import pytest

from dss_widgets.options import TrainingOptions, save_options
from dss_widgets.panels import TrainingPanel
from dss_widgets.results import write_params


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
        ("epochs: many", "epochs: must be a whole number"),
        ("epoch: 3", "epoch: is not an option. Did you mean"),
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


def test_a_number_as_people_write_it_is_one_wherever_the_file_comes_from(panel, tmp_path):
    (tmp_path / "c.yaml").write_text("learning_rate: 1e-4")
    panel.load.load_path(str(tmp_path / "c.yaml"))
    assert panel.options.learning_rate == 1e-4
    panel.load.load_text("learning_rate: 2e-4", "c.yaml")
    assert panel.options.learning_rate == 2e-4


def test_a_file_that_is_not_there_is_told(panel):
    panel.load.load_path("nowhere.yaml")
    assert "cannot be read" in panel.load._said.value


def test_the_params_of_a_network_say_how_to_train_another_one(panel, tmp_path):
    store = panel.options.store_folder
    path = write_params(
        tmp_path / "x_params.yaml", {"nb_hist": 2048, "nb_filters": 9, "learning_rate": 1e-4, "data_dir": "b.npy"}
    )
    panel.load.load_path(str(path))
    assert (panel.options.chunk_duration, panel.options.filters, panel.options.store_folder) == (2048, 9, store)
    assert panel.options.learning_rate_schedule == "fixed"
    panel.load.load_text(path.read_text().replace("2048", "4096"), "y_params.yaml")
    assert panel.options.chunk_duration == 4096


def test_a_file_too_large_for_a_config_is_told_and_not_cut(panel, tmp_path):
    before = panel.options.as_dict()
    (tmp_path / "c.yaml").write_text("epochs: 3\n" + "# long\n" * 200_000)
    panel.load.load_path(str(tmp_path / "c.yaml"))
    assert "too large" in panel.load._said.value
    assert panel.options.as_dict() == before


def test_a_link_that_leads_out_is_not_loaded(panel, tmp_path, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
    (tmp_path / "root").mkdir()
    (tmp_path / "c.yaml").write_text("epochs: 3\n")
    (tmp_path / "root" / "c.yaml").symlink_to(tmp_path / "c.yaml")
    before = panel.options.as_dict()
    panel.load.load_path(str(tmp_path / "root" / "c.yaml"))
    assert "outside" in panel.load._said.value
    assert panel.options.as_dict() == before
