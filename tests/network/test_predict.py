"""Predictions: as long as the audio, the same whatever the block size, at the network's sample rate."""

import os
import shutil
import subprocess
import sys
import tracemalloc
from functools import partial

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import open_recording, read_annotations
from dss_widgets.errors import Cancelled, DataError, OptionsError
from dss_widgets.network import annotate as annotate_module
from dss_widgets.network.predict import annotate, predict, probabilities
from dss_widgets.network.probabilities import probability_blocks
from dss_widgets.network.trained import load_trained
from dss_widgets.options import PredictionOptions

from .conftest import RATE, tone_song


@pytest.fixture(scope="module")
def trained(trained_run):
    return load_trained(trained_run.stem)


def audio(n_samples):
    return tone_song(n_samples, seed=9)[0].astype(np.float32)


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "bird one.wav"
    soundfile.write(path, audio(5000), int(RATE), subtype="FLOAT")
    return path


@pytest.mark.parametrize("n_samples", [1, 2, 3, 4, 5, 127, 252, 253, 254, 255, 256, 257, 506, 507, 1000, 5001])
def test_there_are_as_many_rows_as_samples_for_every_length(trained, n_samples):
    found = probabilities(trained, audio(n_samples))
    assert found.shape == (n_samples, 3)
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_an_array_with_values_that_are_no_numbers_is_an_error_that_says_where(trained):
    sound = audio(1000)
    sound[400] = np.inf
    with pytest.raises(DataError, match=r"The audio: holds NaN or infinite values, first at 0\.400 s"):
        probabilities(trained, sound)


def test_integers_are_as_loud_in_an_array_as_in_a_recording(trained):
    sound = np.clip(audio(1000), -1, 1)
    integers = np.round(sound * 32767).astype(np.int16)
    np.testing.assert_allclose(probabilities(trained, integers), probabilities(trained, sound), atol=0.02)


def test_no_audio_has_no_rows(trained):
    assert probabilities(trained, np.zeros((0, 1), np.float32)).shape == (0, 3)


@pytest.mark.parametrize("block_samples", [1, 600, 1700, 10**6])
def test_the_result_does_not_depend_on_the_block_size(trained, block_samples):
    sound = audio(4321)
    one_by_one = np.concatenate(
        [block for _, block in probability_blocks(trained, lambda a, b: sound[a:b], 4321, block_samples=256)]
    )
    assert np.array_equal(probabilities(trained, sound, block_samples=block_samples), one_by_one)


def test_the_end_is_as_good_as_the_middle(trained):
    sound = audio(4300)
    cut = probabilities(trained, sound[:4100])
    whole = probabilities(trained, sound)[:4100]
    assert (cut.argmax(axis=1) == whole.argmax(axis=1))[-200:].mean() > 0.9


def test_a_sample_is_predicted_from_the_chunk_in_whose_inner_part_it_lies(trained):
    sound = audio(1000)
    settings = trained.settings
    second = trained.network.model(sound[None, settings.grid(1000).stride :][:, : settings.chunk_duration]).numpy()[0]
    found = probabilities(trained, sound)
    first, last = settings.grid(1000).counted(1)
    start = settings.grid(1000).start(1)
    assert found[first:last] == pytest.approx(second[first - start : last - start], abs=1e-5)


def test_the_network_knows_the_tones(trained):
    sound, targets = tone_song(4000, seed=5)
    found = probabilities(trained, sound)
    assert (found.argmax(axis=1) == targets.argmax(axis=1)).mean() > 0.9


def test_annotations_are_written_in_the_format_of_das(trained_run, recording, tmp_path):
    notices = []
    paths = predict(trained_run.stem, [recording], tmp_path / "found", on_notice=notices.append)
    assert [path.name for path in paths] == ["bird one_annotations.csv"]
    found, problems = read_annotations(paths[0])
    assert not problems
    assert set(found.names) == {"low", "high"}
    assert abs(len(found) - 24) <= 6
    assert notices == []


def test_proposals_are_told_from_annotations_by_their_names(trained_run, recording, tmp_path):
    (path,) = predict(trained_run.stem, [recording], tmp_path / "found", PredictionOptions(proposals=True))
    assert set(read_annotations(path)[0].names) == {"low_proposals", "high_proposals"}


def test_another_sample_rate_is_resampled_with_a_notice(trained, trained_run, tmp_path):
    import soxr

    path = tmp_path / "fast.wav"
    soundfile.write(path, soxr.resample(audio(5000), RATE, 2500), 2500, subtype="FLOAT")
    notices = []
    (written,) = predict(trained_run.stem, [path], tmp_path / "found", on_notice=notices.append)
    assert notices == ["fast.wav: resampled from 2500 Hz to the 1000 Hz that the network was trained with."]
    found = read_annotations(written)[0]
    assert found.stop_seconds.max() <= 5.0
    assert abs(len(found) - 24) <= 6
    assert probabilities(trained, open_recording(path), on_notice=notices.append).shape == (5000, 3)


def test_audio_with_other_channels_is_refused(trained, trained_run, tmp_path):
    with pytest.raises(DataError, match="has 2 channels, but the network was trained with 1"):
        probabilities(trained, np.zeros((100, 2), np.float32))
    soundfile.write(tmp_path / "two.wav", np.zeros((1000, 2)), 1000)
    with pytest.raises(DataError, match=r"two\.wav has 2 channels"):
        predict(trained_run.stem, [tmp_path / "two.wav"], tmp_path / "found")
    assert not (tmp_path / "found").exists()


def test_a_damaged_recording_does_not_hold_up_the_others(trained_run, recording, tmp_path):
    nan = recording.with_name("a nan.wav")
    soundfile.write(nan, np.full(2000, np.nan), 1000, subtype="FLOAT")
    with pytest.raises(DataError, match=r"(?s)a nan\.wav: .*NaN.*The other recordings were annotated"):
        predict(trained_run.stem, [nan, recording], tmp_path / "found", PredictionOptions(probabilities=True))
    assert sorted(os.listdir(tmp_path / "found")) == ["bird one_annotations.csv", "bird one_probabilities.h5"]


def test_a_recording_that_cannot_be_opened_does_not_hold_up_the_others_and_each_is_told_at_once(
    trained_run, recording, tmp_path
):
    paths = [tmp_path / "x.wav", recording, tmp_path / "gone.wav"]
    paths[0].write_bytes(b"no audio")
    told = []
    with pytest.raises(DataError, match=r"(?s)x\.wav.*gone\.wav: there is no such file.*The other recordings were annotated"):
        predict(trained_run.stem, paths, tmp_path / "found", on_recording=told.append)
    assert os.listdir(tmp_path / "found") == ["bird one_annotations.csv"]
    assert {(event.recording, event.outcome) for event in told} == {
        (str(paths[0]), "failed"), (str(paths[2]), "failed"), (str(recording), "done")
    }  # fmt: skip
    assert all(event.message.startswith(event.recording) for event in told if event.outcome == "failed")


def test_a_recording_that_was_never_closed_is_annotated_with_a_notice_and_an_empty_one_is_refused(
    trained_run, recording, tmp_path
):
    data = bytearray(recording.read_bytes())
    size = data.index(b"data") + 4
    data[4:8] = data[size : size + 4] = bytes(4)
    unfinished, empty = recording.with_name("unfinished.wav"), recording.with_name("empty.wav")
    unfinished.write_bytes(data)
    soundfile.write(empty, np.zeros(0), int(RATE))
    notices = []
    with pytest.raises(DataError, match=r"empty\.wav: is empty: it has no samples"):
        predict(trained_run.stem, [recording, unfinished, empty], tmp_path / "found", on_notice=notices.append)
    assert [notice.partition(":")[0] for notice in notices] == ["unfinished.wav"]
    whole, same = (read_annotations(tmp_path / "found" / f"{name}_annotations.csv")[0] for name in ("bird one", "unfinished"))
    assert same.start_seconds.tolist() == whole.start_seconds.tolist() != []
    assert not (tmp_path / "found" / "empty_annotations.csv").exists()


def test_where_no_recording_can_be_opened_no_folder_is_left(trained_run, tmp_path):
    with pytest.raises(DataError) as caught:
        predict(trained_run.stem, [tmp_path / "gone.wav"], tmp_path / "found")
    assert "The other recordings" not in str(caught.value)
    assert not (tmp_path / "found").exists()


@pytest.fixture
def three(recording):
    """Three recordings of the same length."""
    paths = [recording, *(recording.with_name(f"bird {number}.wav") for number in ("two", "three"))]
    for path in paths[1:]:
        soundfile.write(path, audio(5000)[::-1], int(RATE), subtype="FLOAT")
    return paths


def test_each_recording_is_told_when_its_files_are_there(trained_run, three, tmp_path):
    told = []

    def on_recording(event):
        assert read_annotations(event.file)
        told.append(event)

    written = predict(trained_run.stem, three, tmp_path / "found", on_recording=on_recording)
    assert [(event.recording, event.file) for event in told] == list(zip(map(str, three), map(str, written), strict=True))
    found = read_annotations(written[0])[0]
    assert told[0].seconds == 5.0
    assert sum(told[0].counts.values()) == len(found)
    lasting = (found.stop_seconds - found.start_seconds)[found.names == "low"].sum()
    assert told[0].song_seconds["low"] == pytest.approx(lasting, abs=1e-5)


@pytest.mark.parametrize("asked", [1, 4, 6])
def test_a_stop_leaves_whole_files_and_what_follows_ends_as_if_there_had_been_none(
    trained_run, three, tmp_path, monkeypatch, asked
):
    monkeypatch.setattr("dss_widgets.network.computed.probability_blocks", partial(probability_blocks, block_samples=2500))
    options = PredictionOptions(probabilities=True)
    predict(trained_run.stem, three, tmp_path / "through", options)
    told, times = [], iter(range(100))
    with pytest.raises(Cancelled):
        predict(
            trained_run.stem, three, tmp_path / "found", options, on_recording=told.append,
            should_stop=lambda: next(times) == asked,
        )  # fmt: skip
    assert len(told) < 3
    assert set(os.listdir(tmp_path / "found")) == {
        f"{path.stem}_{ending}" for path in three[: len(told)] for ending in ("annotations.csv", "probabilities.h5")
    }
    first = len(told)
    predict(
        trained_run.stem, three, tmp_path / "found", options, done=[event.recording for event in told], on_recording=told.append
    )
    assert [event.recording for event in told] == [str(path) for path in three]
    assert {event.outcome for event in told[first:]} == {"done"}
    for path in three:
        name = f"{path.stem}_annotations.csv"
        assert (tmp_path / "found" / name).read_bytes() == (tmp_path / "through" / name).read_bytes()


def test_annotations_that_were_not_told_before_the_interruption_are_kept_and_told(trained_run, three, tmp_path):
    predict(trained_run.stem, three[:2], tmp_path / "found")
    kept = tmp_path / "found" / "bird two_annotations.csv"
    kept.write_text("name,start_seconds,stop_seconds\nmine,0,1\n")
    told = []
    written = predict(trained_run.stem, three, tmp_path / "found", done=[str(three[0])], on_recording=told.append)
    assert [path.name for path in written] == ["bird three_annotations.csv"]
    assert [(event.recording, event.outcome, event.file) for event in told] == [
        (str(three[1]), "skipped", str(kept)), (str(three[2]), "done", str(written[0]))
    ]  # fmt: skip
    assert "mine" in kept.read_text()


def test_what_a_killed_call_left_half_written_is_removed_by_the_next(trained_run, recording, tmp_path):
    killed = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    (tmp_path / "found").mkdir()
    for ending in ("annotations.{}.partial.csv", "probabilities.{}.partial.h5"):
        (tmp_path / "found" / f".bird one_{ending.format(killed.stdout.strip())}").write_bytes(b"half")
    predict(trained_run.stem, recording, tmp_path / "found", PredictionOptions(probabilities=True), done=[])
    assert sorted(os.listdir(tmp_path / "found")) == ["bird one_annotations.csv", "bird one_probabilities.h5"]


def test_nothing_is_removed_where_nothing_may_be_written(trained_run, recording, tmp_path_factory, monkeypatch):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    half = tmp_path_factory.mktemp("outside") / f".bird one_annotations.{ended.pid}.partial.csv"
    half.write_bytes(b"half")
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", os.pathsep.join([str(recording.parent), os.path.dirname(trained_run.stem)]))
    with pytest.raises(DataError, match="outside"):
        predict(trained_run.stem, recording, half.parent)
    assert half.exists()


def test_a_call_that_continues_and_may_overwrite_leaves_out_only_what_was_told(trained_run, three, tmp_path):
    predict(trained_run.stem, three, tmp_path / "found")
    for path in (tmp_path / "found").iterdir():
        path.write_text("name,start_seconds,stop_seconds\nold,0,1\n")
    written = predict(trained_run.stem, three, tmp_path / "found", done=[three[0]], overwrite=True)
    assert [path.name for path in written] == ["bird two_annotations.csv", "bird three_annotations.csv"]
    assert [path.name for path in (tmp_path / "found").iterdir() if "old" in path.read_text()] == ["bird one_annotations.csv"]


def test_options_that_leave_nothing_to_find_are_refused(trained_run, recording, tmp_path):
    options = PredictionOptions(event_farthest_seconds=0.005)
    with pytest.raises(OptionsError, match="no event would be left"):
        predict(trained_run.stem, [recording], tmp_path / "found", options)
    assert not (tmp_path / "found").exists()


def test_one_recording_need_not_be_in_a_list(trained_run, recording, tmp_path):
    assert predict(trained_run.stem, str(recording), tmp_path / "found")[0].is_file()


def test_human_annotations_are_never_replaced_unasked(trained_run, recording):
    by_hand = recording.with_name("bird one_annotations.csv")
    by_hand.write_text("name,start_seconds,stop_seconds\nmine,0,1\n")
    with pytest.raises(DataError, match="is there already"):
        predict(trained_run.stem, [recording], recording.parent)
    assert "mine" in by_hand.read_text()
    predict(trained_run.stem, [recording], recording.parent, overwrite=True)
    assert "mine" not in by_hand.read_text()


def test_two_recordings_of_one_name_do_not_overwrite_each_other(trained_run, recording, tmp_path):
    other = tmp_path / "other" / recording.name
    other.parent.mkdir()
    other.write_bytes(recording.read_bytes())
    with pytest.raises(DataError, match="several recordings have this name"):
        predict(trained_run.stem, [recording, other], tmp_path / "found")


def test_recordings_of_one_name_in_two_folders_keep_their_folders(trained_run, recording, tmp_path):
    season = tmp_path / "season"
    for place in ("a", "a/deep", "b"):
        (season / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(recording, season / place)
    written = predict(trained_run.stem, season, tmp_path / "found")
    assert [path.parent.relative_to(tmp_path / "found").as_posix() for path in written] == ["a", "a/deep", "b"]
    assert len({path.read_bytes() for path in written}) == 1


def test_annotations_do_not_leave_the_allowed_folders_by_a_link(trained_run, recording, tmp_path, monkeypatch):
    for folder in ("root/season/a", "root/found", "outside"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(recording, tmp_path / "root/season/a")
    (tmp_path / "root/season/linked.wav").symlink_to(recording)
    (tmp_path / "root/found/a").symlink_to(tmp_path / "outside")
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", os.pathsep.join([str(tmp_path / "root"), str(trained_run.stem.parent)]))
    with pytest.raises(DataError, match=r"(?s)linked\.wav.*lies outside.*found/a/bird one_annotations\.csv.*lies outside"):
        predict(trained_run.stem, tmp_path / "root/season", tmp_path / "root/found")
    assert not os.listdir(tmp_path / "outside")


def test_only_the_next_recordings_are_opened_however_many_there_are(trained_run, tmp_path, monkeypatch):
    season, opened = tmp_path / "season", []
    season.mkdir()
    for i in range(20):
        soundfile.write(season / f"{i:02}.wav", audio(300), int(RATE), subtype="FLOAT")
    real = annotate_module.open_recording
    monkeypatch.setattr(annotate_module, "open_recording", lambda path: opened.append(path) or real(path))
    progress, told = [], []

    def on_recording(_event):
        told.append((len(opened), len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0))

    predict(
        trained_run.stem, season, tmp_path / "found", on_recording=on_recording, on_progress=lambda *of: progress.append(of)
    )
    assert all(i < n <= i + 2 for i, (n, _) in enumerate(told))
    assert len(told) == len(opened) == 20
    assert max(n for _, n in told) - told[0][1] <= 2
    assert progress == [(300 * (i + 1), 6000) for i in range(20)]


def test_a_recording_whose_annotations_cannot_be_joined_does_not_hold_up_the_others(trained_run, three, tmp_path, monkeypatch):
    monkeypatch.setattr("dss_widgets.network.computed.probability_blocks", partial(probability_blocks, block_samples=300))
    predict(trained_run.stem, three, tmp_path / "alone")
    (tmp_path / "found").mkdir()
    unreadable = tmp_path / "found" / f"{three[0].stem}_annotations.csv"
    unreadable.write_bytes(b"neither,nor\n")
    with pytest.raises(DataError, match=unreadable.name):
        predict(trained_run.stem, three, tmp_path / "found", PredictionOptions(proposals=True), existing="merge")
    assert unreadable.read_bytes() == b"neither,nor\n"
    for path in three[1:]:
        name = f"{path.stem}_annotations.csv"
        found, alone = (read_annotations(tmp_path / place / name)[0] for place in ("found", "alone"))
        assert list(found.start_seconds) == list(alone.start_seconds)


def test_annotations_that_are_there_are_skipped_in_a_call_of_its_own(trained_run, three, tmp_path):
    predict(trained_run.stem, three[:2], tmp_path / "found")
    told = []
    written = predict(trained_run.stem, three, tmp_path / "found", existing="skip", on_recording=told.append)
    assert [path.name for path in written] == ["bird three_annotations.csv"]
    assert [event.outcome for event in told] == ["skipped", "skipped", "done"]
    assert told[0].counts.keys() == {"low", "high"}


def test_labels_by_hand_win_over_proposals_and_merging_again_changes_nothing(trained_run, recording, tmp_path):
    (path,) = predict(trained_run.stem, recording)
    all_found = read_annotations(path)[0]
    path.write_text("start_seconds,stop_seconds,name,by\n0.5,2.5,mine,Ada\n4,nan,broken,\n1,2,low_proposals,\n")
    recording.with_name("bird one_reviewed.csv").write_text("start_seconds,stop_seconds\n4.0,5.0\n")
    predict(trained_run.stem, recording, existing="merge")
    text = path.read_text()
    assert text.startswith("start_seconds,stop_seconds,name,by\n0.5,2.5,mine,Ada\n4,nan,broken,\n")
    found, _ = read_annotations(path)
    proposed = found.select(found.names != "mine")
    free = (all_found.start_seconds >= 2.5) & (all_found.stop_seconds <= 4.0) | (all_found.stop_seconds <= 0.5)
    assert 0 < len(proposed) == free.sum() < len(all_found)
    assert set(proposed.names) == {"low_proposals", "high_proposals"}
    predict(trained_run.stem, recording, existing="merge")
    assert path.read_text() == text


def test_progress_goes_over_all_recordings(trained_run, recording, tmp_path):
    other = recording.with_name("bird two.wav")
    other.write_bytes(recording.read_bytes())
    told = []
    predict(
        trained_run.stem, [recording, other], tmp_path / "found", on_progress=lambda done, total: told.append((done, total))
    )
    assert told[-1] == (10_000, 10_000)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_memory_does_not_grow_with_the_length(trained):
    def peak(n_samples):
        tracemalloc.start()
        for _ in probability_blocks(trained, lambda a, b: np.zeros((b - a, 1), np.float32), n_samples, block_samples=20_000):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(50_000)
    assert peak(1_000_000) < 1.5 * peak(100_000)


def test_an_empty_recording_has_no_annotations(trained, tmp_path):
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), int(RATE))
    assert len(annotate(trained, open_recording(tmp_path / "empty.wav"))) == 0
