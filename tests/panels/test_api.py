"""Every panel has the same small public face, and panels are put together by their traits."""

import shlex
from pathlib import Path

import pytest
from traitlets import dlink, link

from dss_widgets.dataset.splits.plan import plan_splits
from dss_widgets.dataset.survey import survey
from dss_widgets.options import AssemblyOptions, PredictionOptions, TrainingOptions, load_options
from dss_widgets.panels import (
    AssemblyPanel,
    Dashboard,
    DatasetPanel,
    LossCurves,
    Monitor,
    PredictPanel,
    ResultsPanel,
    RunMonitor,
    SplitPreview,
    TrainingPanel,
)  # fmt: skip
from dss_widgets.panels.training import panel as training_module


@pytest.fixture
def ended(pretend):
    """A run that was trained and tested."""
    run = pretend()
    run.epoch(1, 0.5, 0.6, best=1, best_loss=0.6)
    run.end()
    return run.run


def test_assembling_training_and_watching_link_by_traits_in_a_cell_of_ones_own(bird, pretend, monkeypatch, wait_for):
    assembly, training, monitor = AssemblyPanel(AssemblyOptions(data_folder=str(bird))), TrainingPanel(watch=False), Monitor()
    dlink((assembly, "dataset"), (training.options, "store_folder"))
    link((training, "run"), (monitor, "run"))
    assembly.overwrite.value = True
    assembly.assemble()
    wait_for(lambda: not assembly.tick())
    assert training.options.store_folder == assembly.dataset == str(bird.with_name("bird.npy"))
    started = []
    monkeypatch.setattr(training_module, "start_run", lambda *_: started.append(pretend()) or started[0].run)
    training.begin()
    assert training.run == started[0].run == monitor.run
    assert monitor.save_folder == str(bird.with_name("bird.res")), "it goes to where the run is"
    assert list(monitor.runs._rows) == [started[0].run.folder]
    started[0].epoch(1, 0.5, 0.6, best=1, best_loss=0.6)
    monitor.curves.tick()
    assert "best: epoch <b>1</b>" in monitor.curves._legend.value


def test_results_and_predictions_follow_the_monitor(ended, bird):
    monitor, results, predict = RunMonitor(str(ended.folder.parent)), ResultsPanel(), PredictPanel(recordings=str(bird))
    dlink((monitor, "run"), (results, "run"))
    dlink((monitor, "run"), (predict, "run"))
    monitor.run = monitor.newest()
    assert results.outcome is not None
    assert predict.save_folder == str(ended.folder.parent)


@pytest.fixture
def opened(bird, dataset, ended):
    """Open a panel by its name, with something to show."""
    options = AssemblyOptions(data_folder=str(bird), seed=1)
    kinds = {
        "SplitPreview": lambda: SplitPreview(plan_splits(survey(bird), options)),
        "DatasetPanel": lambda: DatasetPanel(str(dataset)),
        "LossCurves": lambda: LossCurves(ended),
        "RunMonitor": lambda: RunMonitor(str(ended.folder.parent), ended),
        "Monitor": lambda: Monitor(str(ended.folder.parent)),
        "ResultsPanel": lambda: ResultsPanel(ended),
        "PredictPanel": lambda: PredictPanel(str(ended.folder.parent), str(bird)),
        "Dashboard": lambda: Dashboard(folder=str(bird)),
    }
    return lambda name: kinds[name]()


KINDS = {"assembly.yaml": AssemblyOptions, "training.yaml": TrainingOptions, "prediction.yaml": PredictionOptions}


@pytest.mark.parametrize(
    "name", ["SplitPreview", "DatasetPanel", "LossCurves", "RunMonitor", "ResultsPanel", "PredictPanel", "Dashboard"]
)
def test_every_panel_shows_its_code_as_python_as_a_command_and_as_a_config_file(opened, name, tmp_path):
    show_code = opened(name).show_code
    show_code.toggle()
    titles = show_code._kinds.options
    assert titles[:2] == ("Python", "Command line")
    files = [title for title in titles if title.endswith(".yaml")]
    assert files
    for title in titles:
        show_code._kinds.value = title
        assert show_code._code.value
    texts = show_code._texts()
    compile(texts["Python"], name, "exec")
    assert shlex.split(texts["Command line"].replace("\\\n", " "))[0] == "dss-widgets"
    for file in files:
        (tmp_path / file).write_text(texts[file], encoding="utf-8")
        assert load_options(KINDS[file], tmp_path / file)


def test_the_python_of_a_preview_plans_these_splits_and_writes_nothing(opened, bird, capsys):
    dataset_before = set(bird.parent.iterdir())
    namespace = {}
    preview = opened("SplitPreview")
    exec(preview.code()["Python"], namespace)
    assert namespace["plan"].stretches == preview.plan.stretches
    assert "train" in capsys.readouterr().out
    assert set(bird.parent.iterdir()) == dataset_before


def test_the_python_of_the_dashboard_names_what_the_forms_say(bird):
    dashboard = Dashboard(folder=str(bird))
    dashboard.panel(0).options.gap_seconds = 0.005
    dashboard.panel(1).options.epochs = 7
    python = dashboard.code()["Python"]
    assert "gap_seconds=0.005" in python
    assert "epochs=7" in python
    assert f"store_folder={str(bird.with_name('bird.npy'))!r}" in python, "also before it is assembled"


def test_what_a_run_was_trained_with_is_told_by_every_panel_about_runs(opened):
    for name in ("LossCurves", "RunMonitor", "Monitor", "ResultsPanel"):
        assert opened(name).options.epochs == 10
    assert LossCurves().options is None
    assert opened("SplitPreview").options.seed == 1


def test_what_stops_a_panel_is_told_as_sentences(tmp_path):
    for panel in (AssemblyPanel(), TrainingPanel(), PredictPanel(str(tmp_path), str(tmp_path)), ResultsPanel()):
        assert panel.blockers
        assert all(reason.rstrip().endswith(".") for reason in panel.blockers)


def test_tabs_of_the_dashboard_lead_from_judging_to_annotating(ended, bird):
    dashboard = Dashboard(folder=str(bird), run=str(ended.folder))
    assert dashboard.step == 2
    assert "train a network first" in dashboard._why.value, "the run left no network"
    for ending in ("_params.yaml", "_model.h5"):
        ended.stem.with_name(f"{ended.name}{ending}").write_text("{}")
    dashboard._draw()
    dashboard._next.click()
    panel = dashboard.panel(3)
    assert panel.networks.network.value == str(ended.stem)
    assert len(panel.choice.chosen.value) == 3
    assert not panel.blockers
    panel.files = (bird / "a_annotations.csv",)
    assert "1 recording annotated" in dashboard._buttons[3].description


def test_with_all_steps_open_nothing_is_sent_while_nothing_happens(bird, pretend, monkeypatch):
    run = pretend()
    run.epoch(1, 0.5, 0.6, best=1, best_loss=0.6)
    dashboard = Dashboard(folder=str(bird))
    panels = [dashboard.panel(step) for step in range(4)]
    tickers = [ticker for panel in (*panels, panels[2].runs, panels[2].curves, panels[2].results) for ticker in panel._tickers]
    assert len(tickers) >= 6
    counted = []
    monkeypatch.setattr("ipywidgets.Widget._send", lambda *message, **_: counted.append(message))
    for ticker in [*tickers, panels[1].curves._ticker] * 20:
        ticker._tick()
    assert not counted


def test_whatever_follows_a_run_looks_often_enough_for_half_a_second(bird, pretend):
    pretend()
    monitor = Monitor(str(bird.with_name("bird.res")))
    for panel in (monitor.runs, monitor.curves, monitor.results):
        assert panel._ticker._seconds <= 0.4


@pytest.mark.parametrize("as_given", [str, Path])
def test_a_panel_opens_what_it_is_given(bird, dataset, pretend, as_given):
    run = pretend()
    run.end()
    assert AssemblyPanel(as_given(bird)).planner.survey.folder == bird
    assert TrainingPanel(as_given(dataset)).blockers == ()
    folder = dataset.with_suffix(".res")
    assert ResultsPanel(as_given(folder)).run == run.run
    assert ResultsPanel(as_given(run.run.stem)).run == run.run
    assert Dashboard(as_given(bird)).panel(0).options.data_folder == str(bird)
    assert Monitor(as_given(folder)).run == run.run
    assert PredictPanel(as_given(folder), as_given(bird)).choice.chosen.value
    assert DatasetPanel(as_given(dataset)).dataset.class_names


def test_a_results_folder_without_runs_shows_what_to_do_first(tmp_path):
    assert ResultsPanel(str(tmp_path)).run is None
