"""Nobody gets out of the allowed folders: typed, picked, linked or from a file."""

import pytest

from dss_widgets.options import AssemblyOptions, TrainingOptions
from dss_widgets.panels import AssemblyPanel, Dashboard, RunMonitor, TrainingPanel
from dss_widgets.panels.forms.folder_listing import list_folder
from dss_widgets.panels.forms.folder_picker import FolderField, FolderPicker
from dss_widgets.panels.forms.form import Form
from dss_widgets.panels.forms.load_config import LoadConfig


@pytest.fixture
def root(tmp_path, monkeypatch):
    folder = tmp_path / "root"
    folder.mkdir()
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(folder))
    return folder


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    return folder


def test_a_typed_path_that_leads_out_never_reaches_the_options(root, outside):
    option = AssemblyOptions.declared()["data_folder"]
    for path in (str(outside), f"{root}/../outside", "..", f"{root}-beside", f"{root}/\0"):
        field = FolderField(option, "")
        field.widget.value = path
        assert field.value == ""
        assert field.fault


def test_the_browser_offers_nothing_outside_and_does_not_go_up_beyond_a_root(root, outside):
    (root / "inside").mkdir()
    (root / "link").symlink_to(outside)
    picker = FolderPicker(str(root))
    assert [path.name for path, _ in list_folder(root).folders] == ["inside"]
    assert picker._up.disabled
    picker.go_to(outside)
    assert picker.folder == root


def test_a_folder_outside_is_not_even_read_when_python_or_a_config_sets_it(root, bird):
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(bird)))
    assert panel.planner.survey is None
    assert any("outside" in reason for reason in panel.blockers)


def test_a_store_that_would_lie_beside_the_root_is_refused(root, song):
    for file in song.iterdir():
        (root / file.name).write_bytes(file.read_bytes())
    panel = AssemblyPanel(AssemblyOptions(data_folder=str(root)))
    assert panel.planner.plan is None
    assert panel.start.disabled
    panel.assemble()
    assert panel.watch.job is None


def test_a_dataset_or_save_folder_outside_is_not_opened(dataset, root):
    panel = TrainingPanel(TrainingOptions(store_folder=str(dataset)))
    assert "No dataset yet" in panel._meaning.value
    assert panel.begin() is None
    assert RunMonitor(str(dataset.with_suffix(".res"))).newest() is None


def test_a_group_table_outside_stops_planning(root, outside, song):
    folder = root / "song"
    folder.mkdir()
    for file in song.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (outside / "table.csv").write_text("file,bird\n")
    options = AssemblyOptions(data_folder=str(folder), group_table=str(outside / "table.csv"), group="bird")
    assert AssemblyPanel(options).planner.plan is None


def test_a_config_file_outside_is_not_read(root, outside):
    (outside / "c.yaml").write_text("epochs: 3\n")
    options = TrainingOptions()
    LoadConfig(options).load_path(str(outside / "c.yaml"))
    assert options.epochs == TrainingOptions().epochs


def test_a_config_that_names_a_folder_outside_is_told_of_under_the_field(root, outside):
    options = TrainingOptions()
    form = Form(options, ["Dataset"])
    LoadConfig(options).load_text(f"save_folder: {outside}\n", "c.yaml")
    assert any(problem.field == "save_folder" for problem in form.errors)


def test_a_link_to_a_run_outside_opens_the_page_but_not_the_run(pretend, root, monkeypatch):
    run = pretend().run
    monkeypatch.setenv("QUERY_STRING", f"run={run.folder}")
    assert Dashboard().run is None


def test_a_new_folder_cannot_be_made_elsewhere(root, outside):
    picker = FolderPicker(str(root))
    for name in ("../outside/new", str(outside / "new"), "..", ""):
        picker._new_name.value = name
        picker._new.click()
    assert not list(outside.iterdir())
    picker._new_name.value = "new"
    picker._new.click()
    assert (root / "new").is_dir()
