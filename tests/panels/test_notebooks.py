"""The notebooks of apps/: what is shipped is clean, and the tutorial really runs."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from dss_widgets.dataset import open_dataset

APPS = Path(__file__).parents[2] / "apps"
TUTORIALS = {"own_formats"}
NAMES = sorted(path.stem for path in APPS.glob("*.ipynb"))
DASHBOARDS = [name for name in NAMES if name not in TUTORIALS]


def read(name):
    return nbformat.read(APPS / f"{name}.ipynb", as_version=nbformat.NO_CONVERT)


def test_the_tutorials_and_the_dashboards_are_there():
    assert set(NAMES) > TUTORIALS
    assert "dashboard" in DASHBOARDS


@pytest.mark.parametrize("name", NAMES)
def test_every_notebook_is_valid(name):
    nbformat.validate(read(name))


@pytest.mark.parametrize("name", NAMES)
def test_no_notebook_stores_outputs(name):
    code = [cell for cell in read(name).cells if cell.cell_type == "code"]
    assert code
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_a_dashboard_has_two_or_three_cells(name):
    assert 2 <= len(read(name).cells) <= 3


@pytest.mark.slow
class TestOwnFormats:
    """The tutorial, run from top to bottom once; its folder lives as long as its kernel, so it is looked at before the end."""

    @pytest.fixture(scope="class")
    def ran(self, tmp_path_factory):
        """The notebook with its outputs and the datasets it made, by name."""
        folder = tmp_path_factory.mktemp("own_formats")
        notebook = read("own_formats")
        client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(folder)}})
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMPDIR", str(folder))
            patch.setenv("IPYTHONDIR", str(folder / "ipython"))
            with client.setup_kernel():
                for index, cell in enumerate(notebook.cells):
                    client.execute_cell(cell, index)  # raises where a cell fails
                datasets = {path.name: facts(path) for path in folder.glob("*/*.npy")}
        return notebook, datasets, folder

    def test_no_cell_fails(self, ran):
        outputs = [output for cell in ran[0].cells for output in cell.get("outputs", [])]
        assert outputs
        assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]

    def test_a_dataset_comes_out_of_the_made_up_formats(self, ran):
        names, kinds, samplerate_hz, n_samples = ran[1]["finches.npy"]
        assert names == ["noise", *"abcdefi"]
        assert set(kinds) == {"segment"}
        assert samplerate_hz == 32_000
        assert n_samples == 4 * 10 * 32_000

    def test_and_another_out_of_memory(self, ran):
        names, kinds, samplerate_hz, n_samples = ran[1]["flies.npy"]
        assert names == ["noise", "pulse", "sine"]
        assert kinds == ["segment", "event", "segment"]
        assert samplerate_hz == 10_000
        assert n_samples == 4 * 10 * 10_000

    def test_it_ends_with_the_dataset_panel(self, ran):
        (shown,) = ran[0].cells[-1].outputs
        assert "application/vnd.jupyter.widget-view+json" in shown.data

    def test_it_leaves_nothing_behind(self, ran):
        assert not list(ran[2].glob("*/*.npy"))


def facts(store):
    dataset = open_dataset(store)
    n_samples = sum(split.n_samples for split in dataset.splits.values())
    return dataset.class_names, dataset.class_types, dataset.samplerate_hz, n_samples
