"""What a link names is what a dashboard opens with, if it lies inside of the folders that may be used."""

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from dss_widgets.panels import this_visit

APPS = Path(__file__).parents[2] / "apps"


@pytest.fixture
def opened(monkeypatch):
    """Run the cells of an app as the visitor of a link does; returns its panel."""
    panels = []

    def open_app(name, **query):
        monkeypatch.setenv("QUERY_STRING", urlencode(query))
        notebook = json.loads((APPS / f"{name}.ipynb").read_text(encoding="utf-8"))
        *before, last = "\n".join("".join(cell["source"]) for cell in notebook["cells"]).splitlines()
        namespace = {}
        exec("\n".join(before), namespace)
        panels.append(eval(last, namespace))
        assert "dss-panel" in panels[-1]._dom_classes
        return panels[-1]

    yield open_app
    for panel in panels:
        panel.close()


@pytest.fixture
def run(pretend):
    made = pretend()
    made.epoch(1, 1.0, 1.0, best=1, best_loss=1.0)
    made.end()
    return made.run


def test_a_folder_opens_what_is_in_it(opened, bird):
    assert opened("assemble", folder=bird).options.data_folder == str(bird)
    assert opened("dashboard", folder=bird).panel(0).options.data_folder == str(bird)
    assert opened("predict", folder=bird).recordings == str(bird)


def test_a_dataset_opens_it(opened, dataset):
    assert opened("inspect", store=dataset).dataset.path == dataset
    assert opened("train", store=dataset).options.store_folder == str(dataset)
    assert opened("dashboard", store=dataset).step == 1


def test_a_folder_opens_the_dataset_that_was_made_of_it(opened, bird, dataset):
    assert opened("train", folder=bird).options.store_folder == str(dataset)


def test_a_dataset_opens_its_runs(opened, dataset, run):
    assert opened("monitor", store=dataset).run == run
    assert opened("predict", store=dataset).save_folder == str(run.folder.parent)


@pytest.mark.parametrize("by_name", [False, True])
def test_a_run_opens_it_by_path_or_by_name(opened, dataset, run, by_name):
    link = {"run": run.name, "store": dataset} if by_name else {"run": run.folder}
    for name in ("dashboard", "monitor", "train", "predict"):
        assert opened(name, **link).run == run, name
    assert opened("train", **link).options.store_folder == str(dataset)


@pytest.mark.parametrize("name", ["assemble", "dashboard", "inspect", "monitor", "predict", "train"])
@pytest.mark.parametrize("named", ["/nowhere/at all", "../nothing", "~nobody", "%2e%2e", "a\x00b", "<b>bold</b>"])
def test_a_link_that_leads_nowhere_opens_the_page_all_the_same(opened, name, named):
    for kind in ("folder", "store", "run"):
        opened(name, **{kind: named})


class TestConfined:
    """The same links, where the recordings, the dataset and the run lie outside."""

    @pytest.fixture
    def root(self, tmp_path, monkeypatch):
        folder = tmp_path / "root"
        folder.mkdir()
        (folder / "link").symlink_to(tmp_path)
        monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(folder))
        return folder

    def ways_to(self, path, root):
        return [path, f"{root}/../{path.relative_to(root.parent)}", root / "link" / path.relative_to(root.parent)]

    def test_recordings_outside_are_not_looked_at(self, opened, root, bird):
        for way in self.ways_to(bird, root):
            assert opened("assemble", folder=way).planner.survey is None
            assert opened("dashboard", folder=way).panel(0).planner.survey is None
            assert not opened("predict", folder=way).chosen.options

    def test_a_dataset_outside_is_not_opened(self, opened, root, dataset, bird):
        for way in self.ways_to(dataset, root):
            assert opened("inspect", store=way).dataset is None
            assert opened("train", store=way).begin() is None
            assert opened("monitor", store=way).run is None
            assert not opened("predict", store=way).network.options
        assert opened("train", folder=bird).options.store_folder == ""  # bird.npy is there, beside it

    def test_a_run_outside_is_not_attached_to(self, opened, root, run):
        for way in self.ways_to(run.folder, root):
            for name in ("dashboard", "monitor", "train", "predict"):
                assert opened(name, run=way).run is None, name

    def test_a_name_leads_nowhere_else(self, opened, root, run):
        inside = root / "inside.npy"
        for way in (f"../../bird.res/{run.name}", f"..{run.folder}"):
            assert opened("train", run=way, store=inside).run is None
            assert opened("monitor", run=way, store=inside).run is None


def test_no_link_is_an_empty_visit(monkeypatch):
    monkeypatch.delenv("QUERY_STRING", raising=False)
    assert this_visit().find_run() is None
    assert this_visit().training_options().store_folder == ""
