"""What a link names is what a dashboard opens with, if it lies inside of the folders that may be used."""

import itertools
import json
import re
import shutil
from pathlib import Path
from urllib.parse import urlencode

import pytest
from ipywidgets import HTML

from dss_widgets.panels import this_request

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
    assert opened("annotate", folder=bird).recording == str(min(bird.glob("*.wav")))


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


NOWHERE = ["/nowhere/at all", "../nothing", "~nobody", "%2e%2e", "a\x00b", "<b>bold</b>"]


@pytest.mark.parametrize(
    ("name", "named"),
    [
        *(("dashboard", named) for named in NOWHERE),
        *itertools.product(["annotate", "assemble", "inspect", "monitor", "predict", "train"], ["/nowhere/at all", "a\x00b"]),
    ],
)
def test_a_link_that_leads_nowhere_opens_the_page_all_the_same(opened, name, named):
    for kind in ("folder", "store", "run"):
        opened(name, **{kind: named})


def said(panel):
    """Return all that a panel says now, as text."""
    if "dss-off" in panel._dom_classes:
        return ""
    own = getattr(panel, "value", "") if isinstance(panel, HTML) else ""
    return " ".join([own, *map(said, getattr(panel, "children", ()))])


TAKEN = {
    "assemble": ["folder"], "inspect": ["store"], "train": ["store", "run"], "monitor": ["store", "run"],
    "predict": ["folder", "store", "run"], "dashboard": ["folder", "store", "run"], "annotate": ["folder", "run"],
}  # fmt: skip
"""What the links to each app may name."""

EVERY_LINK = pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, kinds in TAKEN.items() for kind in kinds])


@pytest.fixture
def there(run, bird, dataset):
    """What links can name, by kind."""
    return {"folder": bird, "store": dataset, "run": run.folder}


@EVERY_LINK
def test_a_link_to_what_is_not_there_is_told(opened, tmp_path, name, kind):
    told = said(opened(name, **{kind: tmp_path / "gone" / "night<1>.npy"}))
    assert re.search(r"night&lt;1&gt;.npy(&#x27;)?:? (there is no such|is not a folder)", told)


@EVERY_LINK
def test_a_link_to_what_may_not_be_used_is_told(opened, there, monkeypatch, name, kind):
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", "/nowhere")
    panel = opened(name, **{kind: there[kind]})
    assert "outside of the folders that may be used" in said(panel)


@pytest.mark.parametrize("name", ["monitor", "train", "predict", "dashboard"])
def test_a_link_to_a_folder_of_runs_is_told_which_there_are(opened, run, name):
    assert run.name in said(opened(name, run=run.folder.parent))


@EVERY_LINK
def test_of_a_link_to_what_is_there_nothing_is_told(opened, there, name, kind):
    panel = opened(name, **{kind: there[kind]})
    assert "dss-opening-problems" not in str([child._dom_classes for child in panel.children])
    assert "no such" not in said(panel)


def test_where_only_the_files_of_a_run_are_left_they_are_looked_at(opened, run, dataset):
    run.stem.with_name(f"{run.name}_params.yaml").write_text("{}", encoding="utf-8")
    shutil.rmtree(run.folder)
    assert "no such" not in said(opened("monitor", run=run.folder))
    assert opened("monitor", run=run.folder).run == run


def test_what_was_used_last_and_is_gone_is_not_told(opened, tmp_path, monkeypatch):
    monkeypatch.setenv("DSS_WIDGETS_STORE", str(tmp_path / "gone.npy"))
    assert "no such" not in said(opened("monitor"))


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
            assert not opened("predict", folder=way).choice.chosen.options

    def test_a_dataset_outside_is_not_opened(self, opened, dataset, bird, root):
        for way in self.ways_to(dataset, root):
            assert opened("inspect", store=way).dataset is None
            assert opened("train", store=way).begin() is None
            assert opened("monitor", store=way).run is None
            assert not opened("predict", store=way).networks.network.options
        assert opened("train", folder=bird).options.store_folder == ""  # bird.npy is there, beside it

    def test_a_run_outside_is_not_attached_to(self, opened, run, root):
        for way in self.ways_to(run.folder, root):
            for name in ("dashboard", "monitor", "train", "predict"):
                assert opened(name, run=way).run is None, name

    def test_a_name_leads_nowhere_else(self, opened, run, root):
        inside = root / "inside.npy"
        for way in (f"../../bird.res/{run.name}", f"..{run.folder}"):
            assert opened("train", run=way, store=inside).run is None
            assert opened("monitor", run=way, store=inside).run is None


def test_no_link_is_an_empty_visit(monkeypatch):
    monkeypatch.delenv("QUERY_STRING", raising=False)
    assert this_request().find_run() is None
    assert this_request().training_options().store_folder == ""
