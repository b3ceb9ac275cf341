"""Learning on from a panel: what it would learn from, what stands against it, the press, and the page of rounds."""

import shutil

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import open_dataset
from dss_widgets.events import OutcomeTold, Progressed
from dss_widgets.panels import AnnotationPanel, Dashboard, LearningPanel
from dss_widgets.panels.learning.next_step import next_step
from dss_widgets.panels.learning.rounds import RoundsPage, rounds_table
from dss_widgets.results.params_file import write_params
from dss_widgets.results.rounds import Round, write_rounds
from dss_widgets.review.stretches import Stretch, write_stretches

HEAD = "name,start_seconds,stop_seconds\n"
FIRST = Round(0, "net0", "bird.npy", "t", scores={"macro_f1": 0.5, "segment_f1": 0.25})
SECOND = Round(1, "net1", "bird_round1.npy", "t", 1.5, 0.5, 40, 12, "weights", {}, {"macro_f1": 0.75, "segment_f1": 0.5})


@pytest.fixture
def network(dataset):
    """The files of a network that learned from the dataset."""
    stem = dataset.with_suffix(".res") / "20260101_120000"
    stem.parent.mkdir()
    told = {"data_dir": str(dataset), "dss_widgets": {}, "data_hash": open_dataset(dataset).fingerprint}
    write_params(f"{stem}_params.yaml", told)
    stem.with_name(f"{stem.name}_model.h5").write_bytes(b"")
    return stem


@pytest.fixture
def corrected(tmp_path):
    """A recording of 10 s with two labels, of which 4 s were looked through, and one that counts as a whole."""
    folder = tmp_path / "corrected"
    folder.mkdir()
    for name in ("new1", "new2"):
        soundfile.write(folder / f"{name}.wav", np.zeros(10 * 32_000), 32_000)
        (folder / f"{name}_annotations.csv").write_text("name,start_seconds,stop_seconds\na,1,1.5\na,8,8.5\n")
    (folder / "new1_reviewed.csv").write_text("start_seconds,stop_seconds\n0,4\n")
    return folder


def test_it_tells_what_it_would_learn_from_before_anything_is_pressed(network, corrected):
    panel = LearningPanel(network.parent, corrected)
    found = panel.to_learn
    assert (found.recordings, found.in_part, found.labels, found.changed) == (2, 1, 3, None)
    assert (found.seconds, found.seconds_unlabelled) == (pytest.approx(14), pytest.approx(12.5))
    assert found.train_seconds + found.val_seconds == pytest.approx(14)
    assert (found.store.name, found.has_test) == ("bird_round1.npy", True)
    assert panel.blockers == ()
    assert not panel.start.disabled
    for words in ("14.0 s", "1 of them in part", "12.5 s", "bird_round1.npy"):
        assert words in panel._told.value
    quiet = corrected.parent / "quiet"
    quiet.mkdir()
    soundfile.write(quiet / "wind.wav", np.zeros(2 * 32_000), 32_000)
    panel.options.no_song_folder = str(quiet)
    assert panel.to_learn.seconds_without_song == pytest.approx(2)
    assert "2.0 s in recordings without song" in panel._told.value
    panel.n_open = 3
    assert "3 proposals" in panel._told.value


def test_labels_that_differ_from_what_the_network_had_found_are_counted(network, corrected):
    found = network.with_name(f"{network.name}_predictions") / "corrected"
    found.mkdir(parents=True)
    for name in ("new1", "new2"):
        (found / f"{name}_annotations.csv").write_text("name,start_seconds,stop_seconds\na,1,1.5\nb,2,2.5\n")
    assert LearningPanel(network.parent, corrected).to_learn.changed == 2


def test_corrections_are_looked_at_again_as_they_come(network, corrected):
    panel = LearningPanel(network.parent, corrected)
    (corrected / "new2_annotations.csv").write_text("name,start_seconds,stop_seconds\na,1,1.5\n")
    panel.look()
    assert panel.to_learn.labels == 2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda at: shutil.rmtree(at / "corrected"), "is not a folder"),
        (lambda at: (at / "corrected" / "new1_annotations.csv").write_text(f"{HEAD}a,3,2\n"), "new1"),
        (lambda at: (at / "corrected" / "new1_reviewed.csv").write_text(f"{HEAD[5:]}3,1\n"), "no span of time"),
        (lambda at: shutil.rmtree(at / "bird.npy"), "bird.npy"),
        (lambda at: write_params(at / "bird.res" / "20260101_120000_params.yaml", {}), "does not say which dataset"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("network", "corrected")
def test_what_stands_against_it_is_told_and_pressing_does_nothing(spoil, words, pretended_jobs, tmp_path):
    spoil(tmp_path)
    panel = LearningPanel(tmp_path / "bird.res", tmp_path / "corrected")
    assert any(words in blocker for blocker in panel.blockers), panel.blockers
    assert panel.start.disabled
    panel.start.click()
    panel.learn()
    assert pretended_jobs == []


def test_nothing_is_chosen_yet(tmp_path):
    assert LearningPanel().blockers == ("Choose a folder of results with a trained network.",)


def test_one_press_learns_on_and_the_new_network_goes_on_with_its_rounds(network, corrected, pretended_jobs):
    panel = LearningPanel(network.parent, corrected)
    panel.options.start = "weights"
    panel.start.click()
    [job] = pretended_jobs
    options = job.job.options()
    assert (options.network, options.corrected_folder, options.start) == (str(network), str(corrected), "weights")
    job.tell(Progressed(done=1, total=4, doing="learning on from its weights"))
    assert panel.tick()
    assert "Learning on from its weights: 25%" in panel._progress.value
    assert panel.start.disabled
    again = LearningPanel(network.parent, "")
    assert (again.learning, again.corrected) == (True, str(corrected)), "it is found again after the page was loaded anew"
    again.stop.click()
    assert job.is_asked_to_stop

    new = network.with_name("20260102_120000")
    write_params(f"{new}_params.yaml", {})
    new.with_name(f"{new.name}_model.h5").write_bytes(b"")
    write_rounds(new, [FIRST, SECOND])
    job.tell(OutcomeTold(values={"network": str(new), "store": "grown.npy"}))
    job.end()
    panel.tick()
    assert panel.learned == str(new) == panel.networks.network
    assert panel.rounds.rounds == (FIRST, SECOND)
    assert "brought 0.250 of macro F1" in panel.rounds._next.value


def test_learning_that_was_stopped_goes_on(network, corrected, pretended_jobs):
    panel = LearningPanel(network.parent, corrected)
    panel.start.click()
    pretended_jobs[0].end("stopped")
    panel.tick()
    assert panel.start.description == "Go on"
    panel.start.click()
    assert pretended_jobs[0].job == pretended_jobs[-1].job


def test_the_annotation_panel_learns_from_what_is_annotated_in_it(network, corrected):
    panel = AnnotationPanel(corrected)
    assert "dss-off" in panel.look_first._dom_classes
    panel.networks.save_folder = str(network.parent)
    assert panel.learning.to_learn.labels == 3
    panel.recordings = str(corrected / "new2.wav")
    assert panel.learning.corrected == str(corrected)


def test_stretches_that_a_network_finds_are_walked_through(network, corrected, pretended_jobs):
    panel = AnnotationPanel(corrected)
    panel.networks.save_folder = str(network.parent)
    panel.look_first.start.click()
    [job] = pretended_jobs
    assert [path.rpartition("/")[2] for path in job.job.options().recordings] == ["new1.wav", "new2.wav"]
    stretch = Stretch(str(corrected / "new2.wav"), 2.0, 3.0, "unsure", 1.0)
    path = write_stretches(job.job.folder / "stretches.json", [stretch])
    job.tell(OutcomeTold(values={"stretches": str(path)}))
    job.end()
    panel.look_first.watch.tick()
    assert panel.walk.shown == stretch
    assert panel.recording == str(corrected / "new2.wav")


def test_the_dashboard_goes_on_with_the_network_that_learned(network, corrected, dataset, pretend):
    run = pretend("20260103_120000")
    run.end()
    dashboard = Dashboard(folder=str(corrected), store=str(dataset))
    panel = dashboard.panel(4)
    assert panel.networks.save_folder == str(network.parent)
    panel.learning.learned = str(run.run.stem)
    assert dashboard.run == run.run
    panel.learning.learning = True
    assert "learning on" in dashboard._buttons[4].description


def test_rounds_are_told_and_drawn():
    page = RoundsPage()
    assert "No round yet" in page._empty.value
    page.rounds = (FIRST, SECOND)
    assert "+0.250" in page._table.value
    line = page._plot._lines["macro_f1"]
    assert (line.x.tolist(), line.y.tolist()) == ([0, 1.5], [0.5, 0.75])
    other = Round(**{**SECOND.as_dict(), "number": 2, "test": "u", "network": "<b>"})
    page.rounds = (FIRST, SECOND, other)
    assert "other test data than before" in page._table.value
    assert "&lt;b&gt;" in page._table.value
    assert "dss-off" in page._plot_box._dom_classes, "a single round is no curve"
    assert "0.50 without song" in rounds_table([FIRST, SECOND])


@pytest.mark.parametrize(
    ("scores", "words"),
    [
        ((0.5,), "first round"), ((0.5, 0.7), "another one is worth it"), ((0.5, 0.98), "annotate your other recordings"),
        ((0.5, 0.4), "cost 0.100"), ((0.5, 0.502), "Correct more at a time"), ((0.5, None), "no test data"),
        ((0.98, 0.981), "hardly anything. The network is good"),
    ],
)  # fmt: skip
def test_what_to_do_next(scores, words):
    rounds = [Round(i, "n", "d", "t", scores={} if s is None else {"macro_f1": s}) for i, s in enumerate(scores)]
    assert words in next_step(rounds)
