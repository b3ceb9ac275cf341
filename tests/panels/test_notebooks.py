"""The notebooks of apps/: what is shipped is clean, and the tutorial really runs."""

from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

from dss_widgets.dataset import open_dataset
from dss_widgets.events import EpochDone
from dss_widgets.jobs import Run

APPS = Path(__file__).parents[2] / "apps"
TUTORIALS = {"lesson", "own_formats"}
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


@contextmanager
def ran(name, folder):
    """Run a notebook from top to bottom; its folder lives as long as its kernel, which ends with the block."""
    notebook = read(name)
    patient = Config({"KernelManager": {"shutdown_wait_time": 300}})  # a kernel that is killed cannot clear its folder away
    client = NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(folder)}}, config=patient)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        with client.setup_kernel():
            for index, cell in enumerate(notebook.cells):
                client.execute_cell(cell, index)  # raises where a cell fails
            yield notebook


def outputs_of(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def shows_a_panel(cell):
    return any("application/vnd.jupyter.widget-view+json" in output.get("data", {}) for output in cell.outputs)


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestLesson:
    """The lesson, run from top to bottom once, with its trainings."""

    @pytest.fixture(scope="class")
    def lesson(self, tmp_path_factory):
        """The notebook with its outputs, and what its runs told, the first trained one first."""
        folder = tmp_path_factory.mktemp("lesson")
        with ran("lesson", folder) as notebook:
            runs = sorted(folder.glob("*/birds.res/*.run"))[:2]  # what learns on comes after them
            told = [Run(run).events()[0] for run in runs]
        return notebook, told

    def test_no_cell_fails(self, lesson):
        assert not [output for output in outputs_of(lesson[0]) if output.output_type == "error"]

    def test_every_part_has_its_panel(self, lesson):
        last = {}
        part = ""
        for cell in lesson[0].cells:
            if cell.cell_type == "markdown":
                part = next((line for line in cell.source.splitlines() if line.startswith("## ")), part)
            elif shows_a_panel(cell):
                last[part] = cell
        parts = (
            "1. Events and segments",
            "2. Splits and leakage",
            "3. Over-fitting",
            "4. The confusion matrix",
            "5. The circle: correct, and learn on",
            "To take home",
        )
        assert {f"## {name}" for name in parts} <= set(last)

    def test_it_shows_the_leak_and_how_it_is_mended(self, lesson):
        leak, mended = (
            "".join(output.get("text", "") for output in cell.outputs)
            for cell in lesson[0].cells
            if cell.cell_type == "code" and ".problems" in cell.source
        )
        assert "individual" in leak
        assert "individual" not in mended

    def test_a_round_of_correcting_is_told(self, lesson):
        [told] = [
            "".join(output.get("text", "") for output in cell.outputs)
            for cell in lesson[0].cells
            if cell.cell_type == "code" and "job.outcome()" in cell.source
        ]
        assert [line[:8] for line in told.splitlines()] == ["round 0:", "round 1:"]

    def test_the_second_network_overfits_and_the_first_does_not(self, lesson):
        good, by_heart = ([event for event in told if isinstance(event, EpochDone)] for told in lesson[1])
        assert good[-1].val_loss < 0.5 * good[0].val_loss
        assert by_heart[-1].val_loss > 3 * by_heart[-1].loss
        assert by_heart[-1].val_loss > 2 * good[-1].val_loss
        assert all(told[-1].state == "finished" for told in lesson[1])


@pytest.mark.slow
class TestOwnFormats:
    """The tutorial, run from top to bottom once; its folder lives as long as its kernel, so it is looked at before the end."""

    @pytest.fixture(scope="class")
    def tutorial(self, tmp_path_factory):
        """The notebook with its outputs and the datasets it made, by name."""
        folder = tmp_path_factory.mktemp("own_formats")
        with ran("own_formats", folder) as notebook:
            datasets = {path.name: facts(path) for path in folder.glob("*/*.npy")}
        return notebook, datasets, folder

    def test_no_cell_fails(self, tutorial):
        outputs = outputs_of(tutorial[0])
        assert outputs
        assert not [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]

    def test_a_dataset_comes_out_of_the_made_up_formats(self, tutorial):
        names, kinds, samplerate_hz, n_samples = tutorial[1]["finches.npy"]
        assert names == ["noise", *"abcdefi"]
        assert set(kinds) == {"segment"}
        assert samplerate_hz == 32_000
        assert n_samples == 4 * 10 * 32_000

    def test_and_another_out_of_memory(self, tutorial):
        names, kinds, samplerate_hz, n_samples = tutorial[1]["flies.npy"]
        assert names == ["noise", "pulse", "sine"]
        assert kinds == ["segment", "event", "segment"]
        assert samplerate_hz == 10_000
        assert n_samples == 4 * 10 * 10_000

    def test_it_ends_with_the_dataset_panel(self, tutorial):
        assert shows_a_panel(tutorial[0].cells[-1])

    def test_it_leaves_nothing_behind(self, tutorial):
        assert not list(tutorial[2].glob("*/*.npy"))


def facts(store):
    dataset = open_dataset(store)
    n_samples = sum(split.n_samples for split in dataset.splits.values())
    return dataset.class_names, dataset.class_types, dataset.samplerate_hz, n_samples
