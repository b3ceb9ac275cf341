"""What is saved on the server is never something that is run, or that a run, a job or a dataset is made of."""

import pytest

from dss_widgets.errors import DataError
from dss_widgets.options import TrainingOptions
from dss_widgets.panels import TrainingPanel
from dss_widgets.panels.forms.folder_picker import FolderPicker
from dss_widgets.panels.forms.receiving import Receiving, upload_problems
from dss_widgets.panels.forms.save_file import SaveFile
from dss_widgets.panels.forms.saved_files import why_not_into

NAMES_THAT_ARE_RUN = [
    "sitecustomize.py", "numpy.py", "x.pth", ".bashrc", ".profile.yaml", "x.ipynb", "voila.json", "config", "x", "x.so", "x.sh",
    "x.yaml.py", "x.py\n.yaml", "job.yaml", "options.yaml", "birds_params.yaml", "x.YAML~", "a" * 300 + ".yaml",
]  # fmt: skip

PLACES_THAT_ARE_READ = [
    "a.run", "a.run/deep", "a.RUN", "a.npy", "a.npy/train", "a.zarr", ".config", ".config/autostart", ".git/hooks",
    "activate.d", "env", "env/bin", "conda/etc", "job",
]  # fmt: skip


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with all kinds of places in it, below a hidden one: the owner's choice is not questioned."""
    folder = tmp_path / ".hidden" / "root"
    folder.mkdir(parents=True)
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(folder))
    for name in [*PLACES_THAT_ARE_READ, "songs", "songs.res"]:
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("env/pyvenv.cfg", "conda/conda-meta", "job/job.yaml"):
        (folder / name).touch()
    return folder


@pytest.fixture
def config(root):
    saved = SaveFile(lambda content, path: path.write_text(content), lambda path: path.read_text().startswith("epochs"))
    saved.name, saved.content = "training.yaml", "epochs: 3\n"
    return saved


def files_of(root):
    return sorted(path for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", NAMES_THAT_ARE_RUN)
def test_a_config_ends_as_one_and_has_no_name_of_another_thing(config, root, name):
    before = files_of(root)
    config.path = f"{root}/songs/{name}"
    config.save.click()
    assert "Error" in config._said.value
    assert files_of(root) == before


@pytest.mark.parametrize("place", PLACES_THAT_ARE_READ)
def test_nothing_lands_where_it_would_be_read_or_run(config, root, place):
    before = files_of(root)
    config.path = f"{root}/{place}/training.yaml"
    assert config.write() is None
    assert "Choose" in config._said.value
    assert upload_problems([("a.wav", 3)], root / place)
    picker = FolderPicker(str(root))
    picker.go_to(root / place)
    picker._new_name.value = "new"
    picker._new.click()
    assert not (root / place / "new").exists()
    assert files_of(root) == before


@pytest.mark.parametrize("place", ["", "songs", "songs.res"])
@pytest.mark.parametrize("name", ["training.yaml", "mine.yml", "ü 1.yaml"])
def test_ordinary_files_are_saved_in_ordinary_folders(config, root, place, name):
    config.path = f"{root}/{place}/{name}"
    assert config.write() == root / place / name
    assert config.write(), "and saved again"


def test_a_link_is_judged_by_what_it_leads_to(config, root):
    (root / "a.run" / "options.yaml").write_text("epochs: 1\n")
    (root / "mine.yaml").symlink_to(root / "a.run" / "options.yaml")
    (root / "here").symlink_to(root / "a.run")
    for path in (root / "mine.yaml", root / "here" / "mine.yaml"):
        config.path = str(path)
        assert config.write() is None
    assert (root / "a.run" / "options.yaml").read_text() == "epochs: 1\n"


@pytest.mark.parametrize("name", [".new", "x.run", "x.npy", "x.d", "a\0b", "a\nb"])
def test_no_folder_is_made_that_would_be_something_else(root, name):
    picker = FolderPicker(str(root))
    picker._new_name.value = name
    picker._new.click()
    assert "Error" in picker._message.value
    assert not any(path.name == name.strip() for path in root.iterdir() if path.name not in PLACES_THAT_ARE_READ)


def test_a_folder_that_becomes_a_link_meanwhile_takes_nothing_more(root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    receiving = Receiving([("a.wav", 3)], root / "songs")
    (root / "songs").rename(root / "was")
    (root / "songs").symlink_to(outside)
    for act in (lambda: receiving.add(0, 0, b"abc"), receiving.finish):
        with pytest.raises(DataError, match=r"outside|not arrive"):
            act()
    assert not list(outside.iterdir())


def test_a_personal_notebook_may_save_below_hidden_folders(tmp_path, monkeypatch):
    monkeypatch.delenv("DSS_WIDGETS_ROOTS", raising=False)
    (tmp_path / ".mine").mkdir()
    assert why_not_into(tmp_path / ".mine") is None
    assert why_not_into(tmp_path / "a.run")


def test_a_press_from_a_page_saves_nothing_where_there_is_nothing_to_save(root):
    """The button is off while the form has errors; its message can be sent all the same."""
    panel = TrainingPanel(TrainingOptions())
    script = panel.save_script
    script.toggle()
    script.file.content = ""
    script.file.path = str(root / "songs" / "x.sh")
    script.file.save._handle_msg({"content": {"data": {"method": "custom", "content": {"event": "click"}}}, "buffers": []})
    assert not (root / "songs" / "x.sh").exists()
