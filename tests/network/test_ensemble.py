"""Several networks used together: each song type as its own networks find it, in one file."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset.annotations.table import read_annotations
from dss_widgets.errors import DataError
from dss_widgets.network.ensemble import Group, in_step
from dss_widgets.network.predict import predict, probabilities
from dss_widgets.network.probabilities import fitting
from dss_widgets.network.trained import load_trained
from dss_widgets.options import PredictionOptions, TrainingOptions
from dss_widgets.results.ensemble import plan_ensemble
from dss_widgets.results.params_file import read_params, write_params
from dss_widgets.results.probabilities_file import read_probabilities
from dss_widgets.results.stems import network_files

from .conftest import RATE, TINY, Run, tone_song


@pytest.fixture(scope="module")
def singles(store, tmp_path_factory):
    """Networks for one song type each, with other chunks each."""
    folder = tmp_path_factory.mktemp("singles")
    made = {}
    for name, chunk in (("high", 256), ("low", 320)):
        values = {**TINY, "epochs": 8, "chunk_duration": chunk, "song_type": name}
        made[name] = Run(TrainingOptions(**values, store_folder=str(store), save_folder=str(folder)), folder, name).stem
    return made


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    path = tmp_path_factory.mktemp("new") / "song.wav"
    soundfile.write(path, tone_song(5000, seed=9)[0].astype(np.float32), int(RATE), subtype="FLOAT")
    return path


def labels(stem, recording, out, **more):
    """Return (start, stop) of every song type in the file that networks write, by name."""
    (file,) = predict(stem, recording, out, **more)
    found, _ = read_annotations(file)
    spans = zip(found.names.tolist(), found.start_seconds.tolist(), found.stop_seconds.tolist(), strict=True)
    told = {}
    for name, *span in spans:
        told.setdefault(name, []).append(span)
    assert found.start_seconds.tolist() == sorted(found.start_seconds.tolist())
    return told


@pytest.mark.slow
def test_each_song_type_is_exactly_what_its_network_finds_alone(singles, recording, tmp_path):
    together = labels([singles["high"], singles["low"]], recording, tmp_path / "both")
    alone = {name: labels(stem, recording, tmp_path / name)[name] for name, stem in singles.items()}
    assert together == alone
    assert len(together["low"]) >= 10


@pytest.mark.slow
def test_of_two_that_know_a_type_the_better_one_on_validation_data_answers_it(trained_run, singles, recording, tmp_path):
    networks = [trained_run.stem, singles["low"]]
    plan = plan_ensemble(networks)
    of_all = labels(trained_run.stem, recording, tmp_path / "all")
    wanted = {"high": of_all["high"]}
    best = max(plan.members, key=lambda member: member.f1["low"]).stem
    wanted["low"] = labels(best, recording, tmp_path / "best")["low"]
    assert labels(networks, recording, tmp_path / "together") == wanted


def test_the_mean_is_of_those_that_know_a_type_and_its_labels_are_made_as_one_networks(trained_run, recording, tmp_path):
    twin = copied(trained_run.stem, tmp_path / "twin")
    assert labels([trained_run.stem, twin], recording, tmp_path / "mean", combine="mean") == labels(
        trained_run.stem, recording, tmp_path / "one"
    )


def copied(stem, place, **changes):
    """Copy a network, with other params."""
    for path in network_files(stem):
        place.with_name(path.name.replace(stem.name, place.name)).write_bytes(path.read_bytes())
    write_params(place.with_name(f"{place.name}_params.yaml"), {**read_params(stem), **changes})
    return place


@pytest.mark.slow
def test_kept_probabilities_are_the_mean_and_what_no_network_finds_is_noise(trained_run, singles, recording, tmp_path):
    kept = PredictionOptions(probabilities=True)
    audio = soundfile.read(recording, dtype="float32")[0]
    high, low, both = (probabilities(load_trained(stem), audio) for stem in (singles["high"], singles["low"], trained_run.stem))

    _, file = predict([singles["high"], trained_run.stem], recording, tmp_path / "mean", kept, combine="mean")
    found, names, _ = read_probabilities(file)
    assert names == ["noise", "high", "low"]
    np.testing.assert_allclose(found[:, 1], (high[:, 1] + both[:, 2]) / 2, atol=1e-5)
    np.testing.assert_allclose(found[:, 2], both[:, 1], atol=1e-5)

    _, file = predict([singles["low"], singles["high"]], recording, tmp_path / "best", kept)
    found, names, _ = read_probabilities(file)
    assert names == ["noise", "low", "high"]
    np.testing.assert_allclose(found[:, 0], (1 - low[:, 1]) * (1 - high[:, 1]), atol=1e-5)


@pytest.mark.slow
def test_networks_at_other_rates_hear_the_recording_each_at_its_own(singles, recording, tmp_path):
    slow = copied(singles["low"], tmp_path / "slow", samplerate_x_Hz=RATE / 2)
    progress, notices = [], []
    together = labels(
        [singles["high"], slow], recording, tmp_path / "both", on_progress=lambda *told: progress.append(told),
        on_notice=notices.append,
    )  # fmt: skip
    assert together["high"] == labels(singles["high"], recording, tmp_path / "high")["high"]
    assert together.get("low") == labels(slow, recording, tmp_path / "low").get("low")
    assert progress == sorted(progress)
    assert progress[-1] == (5000, 5000)
    assert [notice for notice in notices if "resampled" in notice] == [notices[0]]
    with pytest.raises(DataError, match="one sample rate"):
        predict([singles["high"], slow], recording, tmp_path / "kept", PredictionOptions(probabilities=True))
    assert not (tmp_path / "kept").exists()


@pytest.mark.slow
def test_what_is_odd_about_a_recording_is_told_once_however_many_networks_hear_it(singles, recording, tmp_path, monkeypatch):
    def odd(network, opened, on_notice):
        on_notice("odd")
        return fitting(network, opened, on_notice)

    monkeypatch.setattr("dss_widgets.network.computed.fitting", odd)
    slow = copied(singles["low"], tmp_path / "slow", samplerate_x_Hz=RATE / 2)
    notices = []
    predict([singles["high"], slow], recording, tmp_path / "out", on_notice=notices.append)
    assert notices.count("odd") == 1


@pytest.mark.slow
def test_executors_write_the_same_files(trained_run, singles, recording, tmp_path):
    networks = [singles["high"], trained_run.stem]
    (here,) = predict(networks, recording, tmp_path / "here", combine="mean")
    with ThreadPoolExecutor(2) as executor:
        (there,) = predict(networks, recording, tmp_path / "there", combine="mean", executor=executor)
    assert there.read_bytes() == here.read_bytes()


def test_thresholds_and_durations_of_a_mean_lie_between_those_of_its_networks(trained_run, tmp_path):
    other = copied(trained_run.stem, tmp_path / "other", post_opt={"segment_thres": 0.9, "gap_dur": 0.04})
    pair = [load_trained(trained_run.stem), load_trained(other)]
    own = [Group.of([network], ["low"]).labeller(PredictionOptions()).rules for network in pair]
    rules = Group.of(pair, ["low"]).labeller(PredictionOptions()).rules
    assert rules.segment_threshold == pytest.approx((own[0].segment_threshold + 0.9) / 2)
    assert rules.fill_gap_seconds == pytest.approx((own[0].fill_gap_seconds + 0.04) / 2)
    typed = Group.of(pair, ["low"]).labeller(PredictionOptions(segment_threshold=0.3)).rules
    assert typed.segment_threshold == 0.3


@pytest.mark.parametrize("cuts", [[(3, 4), (7,)], [(1,) * 7, (2, 5)], [(7,)], [(), ()]])
def test_streams_that_are_cut_differently_go_in_step(cuts):
    def stream(lengths, shift):
        at = 0
        for n in lengths:
            yield at, np.arange(at, at + n)[:, None] + shift
            at += n

    n = sum(cuts[0])
    told = list(in_step([stream(lengths, 100 * i) for i, lengths in enumerate(cuts)]))
    for i in range(len(cuts)):
        rows = [rows[i] for _, rows in told]
        np.testing.assert_array_equal(np.concatenate([np.zeros((0, 1)), *rows])[:, 0], np.arange(n) + 100 * i)
    assert [at for at, _ in told] == np.cumsum([0, *(len(rows[0]) for _, rows in told)])[:-1].tolist()
