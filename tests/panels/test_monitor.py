"""Several runs at once: compared, judged, and those of which only the files are left."""

import shutil

import numpy as np
import pytest

from dss_widgets.events import TrainingBegan
from dss_widgets.jobs import RunStatus
from dss_widgets.network.checkpoint import TrainingState
from dss_widgets.network.messages import collapse_warnings
from dss_widgets.panels import LossCurves, Monitor, RunMonitor
from dss_widgets.panels.monitoring.loss_curves import recall_plots
from dss_widgets.panels.monitoring.run_card import lasting_warnings
from dss_widgets.panels.run_history import RunHistory, status_of
from dss_widgets.results.params_file import write_params
from dss_widgets.results.scores import Scores

CLASSES = ["noise", "a", "b"]


@pytest.fixture
def two(pretend):
    runs = [pretend("20260101_120000"), pretend("20260102_120000")]
    for factor, run in enumerate(runs, start=1):
        for epoch in (1, 2, 3):
            run.epoch(epoch, 1 / epoch, factor / epoch, best=epoch, best_loss=factor / epoch)
        run.end()
    return runs


@pytest.fixture
def monitor(two):
    return Monitor(str(two[0].run.folder.parent))


def test_it_opens_on_the_newest_run_with_its_curves_and_results(monitor, two):
    assert monitor.run == two[1].run
    assert monitor.curves.run == monitor.results.run == two[1].run
    assert "Macro F1" in monitor.results._summary.value


def test_a_run_that_has_ended_tells_how_it_came_out(monitor, two):
    told = monitor.card._progress.value
    for words in ("Macro F1 of the test</dt><dd>0.", "Best validation loss</dt><dd>0.6667", "Training time", "Ended"):
        assert words in told


def test_a_run_that_somebody_else_deletes_leaves_nothing_behind(monitor, two):
    two[1].run.delete()
    monitor.runs.tick()
    assert monitor.run is None
    assert "No training yet" in monitor.card._state.value
    assert not monitor.card._progress.value
    assert "dss-off" in monitor.card.delete._dom_classes


def test_runs_that_are_ticked_are_drawn_beside_the_chosen_one(monitor, two):
    row = monitor.runs._rows[two[0].run.folder]
    row.tick.value = True
    assert monitor.curves.others == (two[0].run,)
    (line,) = monitor.curves._plot._others
    assert line.visible
    np.testing.assert_allclose(line.y, [1, 1 / 2, 1 / 3])
    assert two[0].run.name in monitor.curves._legend.value
    row.tick.value = False
    assert not line.visible


def test_the_chosen_run_is_not_drawn_twice(monitor, two):
    monitor.runs._rows[two[1].run.folder].tick.value = True
    assert not monitor.curves.follower.other_histories


def test_the_axes_hold_the_compared_runs_too(two):
    curves = LossCurves(two[0].run)
    curves.others = (two[1].run,)
    assert curves._plot._y["log"].max >= 2


def test_other_runs_are_followed_live(pretend):
    mine, other = pretend("20260101_120000"), pretend("20260102_120000")
    mine.epoch(1, 1.0, 1.0, best=1, best_loss=1.0)
    mine.end()
    curves = LossCurves(mine.run)
    curves.others = (other.run,)
    other.epoch(1, 1.0, 0.5, best=1, best_loss=0.5)
    assert curves.tick(), "there may be more of the other"
    assert list(curves._plot._others[0].y) == [0.5]


def test_without_comparing_there_is_nothing_to_tick(two):
    monitor = RunMonitor(str(two[0].run.folder.parent))
    assert all(row.tick is None for row in monitor._rows.values())


class TestCopied:
    @pytest.fixture
    def folder(self, tmp_path):
        folder = tmp_path / "copied.res"
        folder.mkdir()
        params = {"class_names": ["noise", "a"], "conf_mat": [[8, 2], [0, 10]]}
        write_params(folder / "20260101_120000_params.yaml", params)
        return folder

    def test_files_without_a_run_folder_are_listed_with_their_score(self, folder):
        monitor = RunMonitor(str(folder))
        (row,) = monitor._rows.values()
        assert "files only" in row._cells.value
        assert "F1 0.899" in row._cells.value
        assert monitor.n_running == 0

    def test_they_are_judged_but_not_resumed(self, folder):
        monitor = Monitor(str(folder))
        assert "Macro F1" in monitor.results._summary.value
        assert "dss-off" in monitor.card.resume._dom_classes
        assert "not resumed" in monitor.card._state.value

    def test_a_run_whose_folder_is_there_is_what_its_events_say(self, two):
        assert status_of(two[0].run).state == "finished"
        shutil.rmtree(two[0].run.folder)
        assert status_of(two[0].run).state == "copied"


class TestRecalls:
    def history(self, recalls, best=0):
        history = RunHistory.__new__(RunHistory)
        history.epochs = list(range(1, len(next(iter(recalls.values()))) + 1))
        history.status = RunStatus(best_epoch=best)
        history.recalls, history.began = recalls, TrainingBegan(epochs=9, classes=("noise", *recalls))
        return history

    def test_every_song_type_has_a_plot_with_its_last_value(self):
        html = recall_plots(self.history({"a": [0.1, 0.5], "<b>": [0.0, 0.25]}))
        assert html.count("<polyline") == 2
        assert "<b>50%</b>" in html
        assert "&lt;b&gt;" in html

    def test_the_number_is_that_of_the_epoch_that_is_kept(self):
        html = recall_plots(self.history({"a": [0.1, 0.9, 0.5]}, best=2))
        assert "<b>90%</b>" in html
        assert "the number is of epoch 2, which is kept" in html
        assert "50%" not in html

    def test_a_type_that_is_not_found_any_more_is_said_to_be(self):
        html = recall_plots(self.history({"a": [0.0, 0.0, 0.0], "b": [0.0, 0.0, 0.1]}))
        assert html.count("not found</b>") == 1

    def test_a_warning_that_a_type_is_not_found_goes_once_it_is_found(self, pretend):
        run = pretend()
        history = RunHistory(run.run)
        for epoch in range(1, 6):
            run.epoch(epoch, 1.0, 1.0, best=epoch, best_loss=1.0, recall={"a": 0.0, "b": 0.0})
        scores = Scores.of(CLASSES, np.array([[9, 0, 0], [5, 0, 0], [5, 0, 0]]))
        for message in collapse_warnings(TrainingState(1, zero_recall={"a": 4, "b": 4}), scores):
            run.tell("warning", message=message)
        run.tell("warning", message="The disk is nearly full.")
        history.update()
        assert len(lasting_warnings(history)) == 3
        run.epoch(6, 1.0, 1.0, best=6, best_loss=1.0, recall={"a": 0.0, "b": 0.1})
        history.update()
        told = lasting_warnings(history)
        assert [words.split()[0] for words in told] == ["'a'", "The"]

    def test_before_the_first_epoch_there_is_none(self, pretend):
        assert recall_plots(RunHistory(pretend().run)) == ""

    def test_ten_thousand_epochs_stay_small(self):
        rng = np.random.default_rng(1)
        assert len(recall_plots(self.history({"a": rng.random(10_000).tolist()}))) < 6000


def test_the_tab_tells_of_a_run_while_it_goes_and_at_its_end(pretend):
    run = pretend()
    monitor = Monitor(str(run.run.folder.parent), run.run)
    assert monitor.card._signal.told == {"words": "epoch 1 of 10", "run": monitor.card.history.run.name, "going": True}
    run.end()
    monitor.curves.tick()
    assert monitor.card._signal.told["words"] == "✓ finished"
    assert not monitor.card._signal.told["going"]
