"""No button that is greyed out or hidden changes anything when a page presses it all the same, in any panel."""

import pytest
from ipywidgets import Button
from ipywidgets.widgets import widget as living

from dss_widgets import panels
from dss_widgets.events import Progressed, StateChanged
from dss_widgets.jobs import create_job, lock, start
from dss_widgets.jobs.event_file import append_event
from dss_widgets.options import TrainingOptions
from dss_widgets.options.assembly import AssemblingOptions
from dss_widgets.options.evaluation import EvaluationOptions
from dss_widgets.panels.panel import Panel
from dss_widgets.results.params_file import write_params

PANELS = sorted(name for name in panels.__all__ if isinstance(getattr(panels, name), type) and name != "PageRequest")


@pytest.fixture
def page(monkeypatch):
    """All widgets of what a test makes, and the processes that were started: none is."""
    before, started = set(living._instances), []
    monkeypatch.setattr(start, "launch", started.append)

    def there():
        return [widget for key, widget in [*living._instances.items()] if key not in before]

    yield there, started
    for widget in there():
        widget.close()


def press(button):
    button._handle_msg({"content": {"data": {"method": "custom", "content": {"event": "click"}}}, "buffers": []})


def off_buttons(widgets):
    """Return the buttons that may not be pressed; those of a step or tool that a press would open may."""
    shown = [widget for widget in widgets if hasattr(widget, "layout")]
    off = [widget for widget in shown if "dss-off" in widget._dom_classes or widget.layout.display == "none"]
    off = [widget for widget in off if not isinstance(widget, Panel) and "dss-tool-body" not in widget._dom_classes]
    hidden = set()
    while off:
        widget = off.pop()
        if widget not in hidden:
            hidden.add(widget)
            off += getattr(widget, "children", ())
    return [widget for widget in shown if isinstance(widget, Button) and (widget.disabled or widget in hidden)]


def files(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*") if path.is_file()}


def harm_done(page, folder):
    """Press every button that is off, and return those that changed a file or started a process."""
    there, started = page
    harmful = []
    for button in off_buttons(there()):
        before = files(folder)
        press(button)
        if started or files(folder) != before:
            harmful.append((button.description, button._dom_classes))
            started.clear()
    return harmful


@pytest.mark.slow
@pytest.mark.parametrize("name", PANELS)
def test_nothing_happens_in_a_panel_that_was_just_opened(name, page, tmp_path):
    getattr(panels, name)()
    assert harm_done(page, tmp_path) == []


@pytest.fixture
def dashboard(dataset, pretend):
    """All steps of a dashboard with a run that is at work."""

    def make(run):
        board = panels.Dashboard(folder=dataset.with_suffix(""), store=dataset, run=run.folder)
        for step in range(4):
            board.step = step
        return board

    return make


def test_nothing_happens_while_a_run_is_at_work(page, dashboard, pretend, tmp_path):
    run = pretend()
    run.step(1, 1, 0.5)
    dashboard(run.run)
    assert harm_done(page, tmp_path) == []
    assert run.run.status().is_running


def test_nothing_happens_while_work_of_every_other_kind_goes_on(page, dashboard, pretend, tmp_path):
    run = pretend()
    run.end()
    stem = run.run.stem
    stem.with_name(f"{stem.name}_model.h5").touch()
    write_params(
        f"{stem}_params.yaml", {"class_names": ["noise", "a"], "class_types": ["segment"] * 2, "samplerate_x_Hz": 1000.0}
    )
    board = dashboard(run.run)
    works = {
        "assemble": AssemblingOptions(**board.panel(0).options.as_dict(), overwrite=True),
        "evaluate": EvaluationOptions(network=str(stem)),
        "predict": board.panel(3).job_options(),
        "measure": TrainingOptions(**board.panel(1).options.as_dict()),
    }
    jobs = [create_job(kind, options) for kind, options in works.items()]
    held = [lock.acquire(job.files.lock) for job in jobs]
    for job in jobs:
        append_event(job.files.events, StateChanged(state="preparing"))
        append_event(job.files.events, Progressed(done=1, total=4))
    again = dashboard(run.run)
    assert again.panel(0).assembling
    assert again.panel(2).results.test_again.working
    assert again.panel(3).predicting
    assert harm_done(page, tmp_path) == []
    for file in held:
        file.close()
