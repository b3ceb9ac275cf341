"""The run monitor lists what is in a save folder, whoever started it."""

from dss_widgets.panels import RunMonitor


def rows(monitor):
    return {row.run.name: row._cells.value for row in monitor._rows.values()}


def test_an_empty_folder_says_what_to_do_first(tmp_path):
    assert "No runs here yet" in RunMonitor(str(tmp_path))._empty.value


def test_runs_are_listed_newest_first_with_state_and_epoch(pretend, dataset):
    old, new = pretend("20260101_120000"), pretend("20260102_120000", epochs=7)
    old.epoch(4, 0.2, 0.25, best=4, best_loss=0.25)
    old.end()
    monitor = RunMonitor(str(dataset.with_suffix(".res")))
    assert list(rows(monitor)) == ["20260102_120000", "20260101_120000"]
    assert "training" in rows(monitor)["20260102_120000"]
    assert "epoch 1 of 7" in rows(monitor)["20260102_120000"]
    assert "finished" in rows(monitor)["20260101_120000"]
    assert "loss 0.25" in rows(monitor)["20260101_120000"]
    assert monitor.n_running == 1
    assert monitor.newest() == new.run


def test_a_run_that_is_started_elsewhere_appears(pretend, dataset):
    pretend("20260101_120000")
    monitor = RunMonitor(str(dataset.with_suffix(".res")))
    pretend("20260102_120000")
    monitor.tick()
    assert len(rows(monitor)) == 2


def test_a_killed_worker_is_shown_as_died(pretend, dataset):
    run = pretend()
    monitor = RunMonitor(str(dataset.with_suffix(".res")))
    run.drop_lock()
    monitor.tick()
    assert "died" in rows(monitor)["20260101_120000"]


def test_a_click_chooses_a_run(pretend, dataset):
    run = pretend()
    monitor = RunMonitor(str(dataset.with_suffix(".res")))
    row = next(iter(monitor._rows.values()))
    row.button.click()
    assert monitor.run == run.run
    assert "dss-selected" in row.button._dom_classes


def test_nothing_is_sent_when_nothing_has_happened(pretend, dataset, monkeypatch):
    pretend()
    monitor = RunMonitor(str(dataset.with_suffix(".res")))
    counted = []
    monkeypatch.setattr("ipywidgets.Widget._send", lambda *message, **_: counted.append(message))
    for _ in range(20):
        monitor.tick()
    assert not counted


def test_a_deleted_run_disappears(pretend, dataset):
    run = pretend()
    run.end()
    monitor = RunMonitor(str(dataset.with_suffix(".res")))
    run.run.delete()
    monitor.tick()
    assert not rows(monitor)
