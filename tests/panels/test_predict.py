"""Predicting from a panel: what stands against it, what it asks for, what it shows; the process itself is pretended here."""

import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.dataset.annotations.table import write_annotations
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.dataset.recordings.sound_profile import sound_profile
from dss_widgets.events import Progressed, RecordingDone, Warned
from dss_widgets.jobs import Run
from dss_widgets.panels import PredictPanel
from dss_widgets.panels.forms import file_list as file_list_module
from dss_widgets.panels.page_request import PageRequest
from dss_widgets.panels.prediction import files as files_module
from dss_widgets.panels.prediction import panel as predict_module
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.results.params_file import read_params, write_params

from ..known_thresholds import write_network


def finish(pretended):
    """Do what a worker does: write labels, and tell so."""
    options = pretended.job.options()
    out = Path(options.out_folder)
    out.mkdir(parents=True, exist_ok=True)
    pretended.tell(Warned(message="resampled"))
    for path in options.recordings:
        labels = Annotations.of([("a", 1.0, 1.2), ("p", 2.0, 2.0)])
        file = write_annotations(out / f"{Path(path).stem}_annotations.csv", labels)
        if options.probabilities:
            (out / f"{Path(path).stem}_probabilities.h5").write_bytes(b"p" * 1000)
        pretended.tell(RecordingDone(recording=path, file=str(file)))
    pretended.end()


@pytest.fixture
def networks(tmp_path):
    folder = tmp_path / "song.res"
    folder.mkdir()
    for name in ("20260101_120000", "20260102_120000"):
        (folder / f"{name}_params.yaml").write_text("{}")
        (folder / f"{name}_model.h5").write_bytes(b"")
    (folder / "20260103_120000_params.yaml").write_text("{}")
    return folder


@pytest.fixture
def panel(networks, bird, pretended_jobs):
    return PredictPanel(str(networks), str(bird))


@pytest.fixture
def predicted(pretended_jobs):
    def predict(panel):
        panel.predict()
        finish(pretended_jobs[-1])
        panel.tick()

    return predict


def test_it_offers_the_networks_newest_first_and_only_whole_ones(panel):
    assert [words for words, _ in panel.networks.network.options] == ["20260102_120000", "20260101_120000"]


def test_it_offers_the_recordings_all_of_them_chosen(panel):
    assert len(panel.choice.chosen.options) == len(panel.choice.chosen.value) == 3
    assert "3 of 3 recordings" in panel.choice._n_chosen.value


def test_a_run_from_elsewhere_chooses_its_network(panel, networks):
    panel.run = Run(networks / "20260101_120000.run")
    assert panel.networks.network.value == str(networks / "20260101_120000")


@pytest.mark.parametrize(
    ("what", "value", "reason"),
    [
        ("save_folder", "", "Choose a results folder with a trained network."),
        ("recordings", "", "Choose a folder of recordings"),
        ("event_threshold", "2", "Event threshold: must lie between 0 and 1"),
    ],
)
def test_predict_is_off_with_the_reason_beside_it(panel, what, value, reason):
    if what in panel.form.fields:
        panel.form.fields[what].widget.value = value
    else:
        panel.set_trait(what, value)
    assert panel.start.disabled
    assert any(reason in blocker for blocker in panel.blockers)
    assert panel.predict() is None


def test_folders_outside_of_the_allowed_ones_are_refused(networks, bird, monkeypatch, tmp_path):
    (tmp_path / "root").mkdir()
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
    panel = PredictPanel(str(networks), str(bird))
    assert not panel.networks.network.options
    assert not panel.choice.chosen.options
    assert any("outside" in blocker for blocker in panel.blockers)


@pytest.fixture
def learned(networks, bird):
    """What the latest network learned from, told in its params."""
    recording = open_recording(sorted(bird.glob("*.wav"))[0])
    sound = sound_profile(recording.read, recording.n_samples, recording.samplerate_hz)
    told = {"samplerate_x_Hz": recording.samplerate_hz, "nb_freq": 1, "dss_widgets": {"sound": sound.as_dict()}}
    write_params(networks / "20260102_120000_params.yaml", told)
    return sound


def test_it_says_that_recordings_sound_as_what_the_network_learned_from(learned, panel):
    assert panel.sound_fit.check.fits
    assert "✓ Sounds familiar" in panel.sound_fit._words.value
    panel.networks.network.value = panel.networks.network.options[1][1]
    assert panel.sound_fit.check is None, "the other network's params tell nothing"


def test_it_warns_of_recordings_from_another_microphone_and_draws_both(learned, networks, bird, pretended_jobs):
    for path in bird.glob("*.wav"):
        audio, rate = soundfile.read(path)
        soundfile.write(path, np.convolve(audio, np.ones(9) / 9, "same"), rate)
    panel = PredictPanel(str(networks), str(bird))
    assert {one.kind for one in panel.sound_fit.check.differences} >= {"missing"}
    assert "sound different from what the network learned from" in panel.sound_fit._words.value
    panel.sound_fit._picture.toggle()
    lines = panel.sound_fit._picture._lines
    assert np.allclose(lines[0].y, learned.loud, atol=0.06)
    assert np.array_equal(lines[2].y, panel.sound_fit.check.heard.loud)
    assert not panel.blockers, "it is a warning: one may annotate all the same"


def test_it_predicts_what_is_chosen_beside_the_network(panel, networks, pretended_jobs):
    panel.choice.chosen.value = panel.choice.chosen.value[:2]
    panel.options.fill_gap_seconds = 0.01
    panel.predict()
    (job,) = pretended_jobs
    options = job.job.options()
    assert [Path(path).name for path in options.recordings] == [Path(path).name for path in panel.choice.chosen.value]
    assert Path(options.out_folder) == networks / "20260102_120000_predictions" / Path(panel.recordings).name
    assert job.job.folder.parent == Path(options.out_folder)
    assert options.fill_gap_seconds == 0.01
    job.tell(Progressed(done=2, total=5))
    panel.tick()
    assert "40%" in panel._progress.value
    assert panel.start.disabled


def test_recordings_are_shared_out_among_as_many_processes_as_are_chosen(panel):
    field = panel.spread.fields["processes"].widget
    field.value = "none"
    assert panel.start.disabled
    field.value = "3"
    assert not panel.start.disabled
    assert panel.job_options().processes == 3
    assert "--processes 3" in panel.code()["Command line"]


def test_only_the_options_of_what_the_network_finds_are_shown(networks, bird):
    for name, kinds in (("20260101_120000", ["segment", "segment"]), ("20260102_120000", ["segment", "event"])):
        write_params(networks / f"{name}_params.yaml", {"class_names": ["noise", "a"], "class_types": kinds})
    panel = PredictPanel(str(networks), str(bird))
    shown = {}
    for stem in ("20260101_120000", "20260102_120000"):
        panel.networks.network.value = str(networks / stem)
        shown[stem] = [group for group, section in panel.form.sections.items() if not is_off(section)]
    assert shown == {"20260101_120000": ["Segments", "Files", "Computing"], "20260102_120000": ["Events", "Files", "Computing"]}
    panel.form.fields["event_threshold"].widget.value = "high"
    panel.networks.network.value = str(networks / "20260101_120000")
    assert not is_off(panel.form.sections["Events"]), "what is wrong can be mended"


def test_a_file_is_sent_when_the_page_asks_for_it(panel, monkeypatch, predicted):
    predicted(panel)
    sent, shown = [], panel.found.file_list
    monkeypatch.setattr(shown, "send", lambda message, buffers=None: sent.append((message, buffers)))
    turn = shown._listed["turn"]
    for number, at in ((1, turn), (1, turn - 1), (-1, turn), (99, turn), ("1", turn), (None, turn)):
        shown._asked(shown, {"turn": at, "file": number}, [])
    ((message, (content,)),) = sent
    assert message == {"turn": turn, "file": 1, "name": "bird-A_02_annotations.csv"}
    assert content == panel.files[1].read_bytes()
    panel.files[1].unlink()
    shown._asked(shown, {"turn": turn, "file": 1}, [])
    assert "bird-A_02_annotations.csv cannot be read (No such file" in sent[-1][0]["fault"]
    monkeypatch.setattr(file_list_module, "MOST_BYTES", 10)
    shown._asked(shown, {"turn": turn, "file": 0}, [])
    assert "too large" in sent[-1][0]["fault"]
    predicted_again = PredictPanel(panel.save_folder, panel.recordings)
    assert [row["saved"] for row in predicted_again.found.file_list._listed["files"]] == [False, False]
    assert predicted_again.found.saving.annotations.content, "all together can be"


def test_the_result_is_looked_at_and_downloaded(panel, predicted):
    predicted(panel)
    assert "✓ Annotated</span> 3 recordings" in panel._progress.value
    assert "Before you can start" not in panel._reasons.value, "nothing is wrong: they were just annotated"
    assert "again, choose what becomes of earlier predictions" in panel._reasons.value
    assert "Resampled" in panel._progress.value
    assert len(panel.files) == 3
    rows = [(row["name"], row["detail"], row["saved"]) for row in panel.found.file_list._listed["files"]]
    assert rows[0] == ("bird-A_01_annotations.csv", "2", True)
    assert panel.found.saving.annotations.name == "20260102_120000_predictions.zip"
    names = zipfile.ZipFile(io.BytesIO(panel.found.saving.annotations.content)).namelist()
    assert names == [file.name for file in panel.files]
    assert len(panel.found.audio.view._tracks) == 2
    titles = [track["title"] for track in panel.found.audio.view._tracks]
    assert titles == ["Annotated", "Predicted"], "what people annotated stands above it"
    assert panel.found.audio.view.place == pytest.approx((0.9, 1.9))


def names_in(delivery):
    return zipfile.ZipFile(io.BytesIO(delivery.content)).namelist()


def is_off(widget):
    return "dss-off" in widget._dom_classes


def test_probabilities_are_packed_when_they_were_kept_and_are_asked_for(panel, predicted):
    panel.options.probabilities = True
    predicted(panel)
    assert all(name.endswith(".csv") for name in names_in(panel.found.saving.annotations))
    assert not panel.found.saving.probabilities.content, "they are large"
    assert "(3 kB)" in panel.found.saving.pack.description
    panel.found.saving.pack.click()
    names = names_in(panel.found.saving.probabilities)
    assert {"bird-A_01_annotations.csv", "bird-A_01_probabilities.h5"} <= set(names)
    assert len(names) == 6
    assert panel.found.saving.probabilities.name == "20260102_120000_probabilities.zip"


def test_earlier_probabilities_are_not_offered_as_if_they_were_of_this_prediction(panel, predicted):
    panel.options.probabilities = True
    predicted(panel)
    panel.found.saving.pack.click()
    panel.options.probabilities, panel.existing.choice.value = False, "overwrite"
    predicted(panel)
    assert is_off(panel.found.saving.pack)
    assert not panel.found.saving.probabilities.content


def test_probabilities_too_large_for_a_page_are_told_of(panel, monkeypatch, networks, predicted):
    monkeypatch.setattr("dss_widgets.panels.prediction.files.MOST_BYTES", 2000)
    panel.options.probabilities = True
    predicted(panel)
    assert is_off(panel.found.saving.pack)
    assert "too large to download here" in panel.found.saving._said.value
    assert str(networks / "20260102_120000_predictions") in panel.found.saving._said.value


def test_next_song_goes_to_the_next_label(panel, predicted):
    predicted(panel)
    panel.found.audio.next.click()
    assert panel.found.audio.view.place == pytest.approx((1.9, 2.9))


def test_earlier_predictions_are_replaced_only_when_told(panel, pretended_jobs, predicted):
    predicted(panel)
    assert any("holds annotations of bird-A_01.wav, " in blocker for blocker in panel.blockers)
    panel.existing.choice.value = "skip"
    assert any("annotated already" in blocker for blocker in panel.blockers)
    for choice in ("merge", "overwrite"):
        panel.existing.choice.value = choice
        assert not panel.blockers
    panel.predict()
    assert pretended_jobs[-1].job.options().existing == "overwrite"


def test_recordings_below_the_folder_are_annotated_too_and_keep_their_folders(panel, bird, networks, tmp_path):
    season = tmp_path / "season"
    for day in ("1", "2"):
        shutil.copytree(bird, season / day)
    panel.recordings = str(season)
    names = [name for name, _ in panel.choice.chosen.options]
    assert names == [f"{day}/{path.name}" for day in ("1", "2") for path in sorted(bird.glob("*.wav"))]
    options = panel.job_options()
    assert (options.relative_to, len(options.recordings)) == (str(season), len(names))
    for path in options.recordings:
        file = panel.out_folder / Path(path).parent.name / f"{Path(path).stem}_annotations.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_annotations(file, Annotations.of([("a", 1.0, 1.2)]))
    shown = PredictPanel(str(networks), str(season))
    assert len(shown.files) == len(names)
    with zipfile.ZipFile(files_module.zip_of(shown.files)) as packed:
        assert len(set(packed.namelist())) == len(names)
    assert shown.found.file_list._listed["files"][0]["name"].startswith("1/")
    assert [name for name, _ in shown.found.audio.recording.options] == names


def test_recordings_of_one_name_in_two_folders_keep_their_annotations_apart(panel, bird, predicted):
    predicted(panel)
    earlier = panel.files
    panel.recordings = str(shutil.copytree(bird, bird.with_name("day_2")))
    assert not panel.blockers
    assert not panel.files
    assert is_off(panel.existing)
    assert "Nothing predicted yet" in panel.found._empty.value
    assert not is_off(panel.found._empty)
    panel.recordings = str(bird)
    assert panel.files == earlier, "what was found there is still to be seen"


def test_what_was_found_on_an_earlier_visit_is_shown(panel, networks, bird, predicted):
    predicted(panel)
    later = PredictPanel(str(networks), str(bird))
    assert later.files == panel.files
    assert is_off(later.found._empty)
    assert len(later.found.audio.view._tracks) == 2
    assert later.found.saving.annotations.content
    later.choice.chosen.value = later.choice.chosen.value[:1]
    assert len(later.files) == 1


def test_song_types_have_the_colours_that_the_network_gives_them(panel, networks, predicted):
    kinds = {"class_names": ["noise", "z", "a"], "class_types": ["segment"] * 3}
    write_params(networks / "20260102_120000_params.yaml", kinds)
    predicted(panel)
    colours = song_colours(kinds["class_names"])
    assert {name: panel.found.audio._colours[name] for name in kinds["class_names"]} == colours


def test_it_can_be_cancelled(panel, pretended_jobs):
    panel.predict()
    panel.cancel.click()
    assert pretended_jobs[0].is_asked_to_stop
    pretended_jobs[0].end("stopped")
    assert not panel.tick()
    assert "Cancelled" in panel._progress.value
    assert not panel.predicting


def test_what_went_wrong_is_told(panel, pretended_jobs):
    panel.predict()
    pretended_jobs[0].end("failed", "The network has another [sample] rate.")
    panel.tick()
    assert "another [sample] rate" in panel._progress.value


def test_a_link_to_a_run_opens_its_folder():
    assert predict_module.asked_for(PageRequest("song", "song.npy", "/data/x.res/1.run")) == ("/data/x.res", "song")
    assert predict_module.asked_for(PageRequest("song", "song.npy", "")) == ("song.res", "song")
    assert predict_module.asked_for(PageRequest()) == ("", "")


def test_the_code_names_network_recordings_and_options(panel):
    panel.options.event_threshold = 0.7
    code = panel.code()
    assert "    event_threshold=0.7,\n" in code["Python"]
    assert "--event-threshold 0.7" in code["Command line"]
    assert "bird-A_01.wav" in code["Command line"]


def test_annotating_that_goes_on_is_found_again_when_the_page_is_opened_anew(panel, networks, bird, pretended_jobs):
    panel.predict()
    pretended_jobs[0].tell(Progressed(done=3, total=4))
    later = PredictPanel(str(networks), str(bird))
    assert later.predicting
    assert "75%" in later._progress.value
    finish(pretended_jobs[0])
    assert not later.tick()
    assert len(later.files) == 3


def test_annotating_that_was_cut_short_goes_on_where_it_was(panel, networks, bird, pretended_jobs):
    panel.predict()
    (job,) = pretended_jobs
    first = panel.choice.chosen.value[0]
    file = panel.out_folder / f"{Path(first).stem}_annotations.csv"
    write_annotations(file, Annotations.of([]))
    job.tell(RecordingDone(recording=first, file=str(file)))
    job.drop_lock()
    later = PredictPanel(str(networks), str(bird))
    assert not later.blockers, "what the same work has made is in nobody's way"
    later.predict()
    assert pretended_jobs[-1].job == job.job


@pytest.fixture
def several(tmp_path, bird, pretended_jobs):
    """A panel with a network for two song types, its twin, and one for a third."""
    folder = tmp_path / "several.res"
    folder.mkdir()
    whine = {"class_names": ["noise", "whine"], "class_types": ["segment", "segment"]}
    for name, params in (("3_all", {}), ("2_twin", {}), ("1_whine", whine)):
        write_network(folder / name, test=False, params=params)
        (folder / f"{name}_model.h5").write_bytes(b"")
    panel = PredictPanel(str(folder), str(bird))
    panel.networks.network.value = f"{folder}/3_all"
    return panel


def test_several_networks_annotate_together_and_each_is_said_what_it_is_there_for(several, pretended_jobs, predicted):
    together = several.networks.others
    alone = several.out_folder
    assert not together.networks
    assert several.job_options().networks == [several.networks.network.value]
    assert [stem.rpartition("/")[2] for _, stem in together.chosen.options] == ["2_twin", "1_whine"]

    whine = together.chosen.options[1][1]
    together.chosen.value = (whine,)
    assert not several.blockers
    assert "<b>whine</b> from 1_whine (no validation score)" in together._words.value
    assert "<b>pulse</b> from 3_all (F1 0.923 on validation data)" in together._words.value
    assert several.out_folder != alone
    assert any(f"predict {several.networks.network.value} {whine}" in text.replace("'", "") for text in several.code().values())
    predicted(several)
    options = pretended_jobs[0].job.options()
    assert (options.networks, options.combine) == ([several.networks.network.value, whine], "best")
    assert several.found.audio.song_types == ("noise", "pulse", "sine", "whine")
    together.chosen.value = ()
    assert several.files == (), "what several have found is not shown as if one had"


def test_several_are_offered_where_there_are_others_alone(several, bird, tmp_path):
    assert not is_off(several.networks.others)
    assert is_off(PredictPanel(str(tmp_path / "nothing.res"), str(bird)).networks.others)


def test_networks_that_do_not_go_together_are_no_choice_and_the_mean_is(several):
    together = several.networks.others
    together.chosen.value = (together.chosen.options[0][1],)
    assert "2_twin: is best at none of its song types" in together._words.value
    best = several.out_folder
    together.how.value = "mean"
    assert "<b>sine</b> from the mean of 3_all" in together._words.value
    assert several.job_options().combine == "mean"
    assert several.out_folder != best
    stereo = Path(together.chosen.options[1][1])
    write_params(f"{stereo}_params.yaml", {**read_params(stereo), "nb_freq": 2})
    together.chosen.value = (str(stereo),)
    assert several.start.disabled
    assert "2 channels" in several.blockers[0]


def test_the_choice_of_several_stays_when_another_network_comes(several):
    first, together = several.networks.others.chosen.options[0][1], several.networks.others
    others = (several.networks.network.value, together.chosen.options[1][1])
    several.networks.network.value = first
    together.chosen.value = others
    write_network(Path(first).with_name("0_late"), test=False)
    Path(first).with_name("0_late_model.h5").write_bytes(b"")
    several.networks.follow()
    assert together.chosen.options[-1][0].startswith("0_late")
    assert several.job_options().networks == [first, *others]
    assert together.ensemble is not None
