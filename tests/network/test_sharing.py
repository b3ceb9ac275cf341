"""The same answer tomorrow, and a network given to others: replay, verify, card."""

import json
import shutil
import zipfile
from itertools import chain

import h5py
import numpy as np
import pytest
import yaml

from dss_widgets.cli import main
from dss_widgets.dataset import open_dataset
from dss_widgets.errors import DataError
from dss_widgets.network.das_weights import read_das_weights, save_das_weights
from dss_widgets.network.evaluate import evaluate
from dss_widgets.network.trained import load_trained
from dss_widgets.network.verify import verify
from dss_widgets.options.card import CardOptions
from dss_widgets.results import read_params, write_params
from dss_widgets.results.card import card_text
from dss_widgets.results.replay import Replay, read_replay, replay_file, write_replay
from dss_widgets.results.sharing import pack_network


@pytest.fixture
def stem(trained_run, tmp_path):
    """A trained network whose files may be changed."""
    for path in trained_run.stem.parent.glob(f"{trained_run.stem.name}_*"):
        shutil.copy(path, tmp_path)
    return tmp_path / trained_run.stem.name


def change(stem, **values):
    """Replace some of a replay."""
    write_replay(stem, Replay(**{**vars(read_replay(stem)), **values}))


# --- verify


def test_a_training_leaves_a_replay_that_this_machine_still_computes(stem, store):
    replay = read_replay(stem)
    assert len(replay.audio) == 4000, "all of the test data, which lasts four seconds"
    np.testing.assert_array_equal(replay.audio, open_dataset(store).split("test").x[:])
    found = verify(f"{stem}_model.h5")
    assert (found.verdict, found.n_other_labels, found.is_same_network) == ("same", 0, True)
    assert found.largest_difference <= 1e-4
    assert found.versions_then == found.versions_now


def test_it_holds_at_most_four_seconds_with_every_song_type(trained_run, tmp_path):
    from .conftest import write_store

    dataset = write_store(tmp_path / "long.npy", test=60_000)
    audio, targets = (np.load(dataset / "test" / f"{name}.npy") for name in "xy")
    targets[: len(targets) // 2] = [1, 0, 0]
    np.save(dataset / "test" / "y.npy", targets)
    shutil.copytree(trained_run.stem.parent, tmp_path / "out", ignore=shutil.ignore_patterns("*_replay.h5"))
    evaluate(tmp_path / "out" / trained_run.stem.name, open_dataset(dataset))
    kept = read_replay(tmp_path / "out" / trained_run.stem.name)
    assert len(kept.audio) == 4000
    places = [i for i in range(0, len(audio) - 4000 + 1) if np.array_equal(audio[i : i + 4000], kept.audio)]
    assert places
    assert places[0] > len(audio) // 2 - 4000, "where there is song"


def test_testing_again_keeps_the_first_replay_of_the_same_weights(stem, store):
    change(stem, versions={"numpy": "1.0"})
    evaluate(stem, open_dataset(store))
    assert read_replay(stem).versions == {"numpy": "1.0"}


@pytest.mark.parametrize("ruin", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:999])])
def test_without_a_replay_that_can_be_read_it_is_told_how_to_get_one_and_testing_makes_it(stem, store, ruin, capsys):
    ruin(replay_file(stem))
    assert main(["verify", str(stem)]) == 1
    assert f"dss-widgets evaluate {stem}" in capsys.readouterr().err
    evaluate(stem, open_dataset(store))
    assert verify(stem).verdict == "same"


def pretend_another_answer(stem, change):
    """Change what was computed then, on another numpy."""
    replay = read_replay(stem)
    write_replay(stem, Replay(replay.audio, change(replay.probabilities), replay.weights, {**replay.versions, "numpy": "1.0"}))


@pytest.mark.slow
def test_answers_that_are_a_little_off_are_told_with_how_much_and_what_changed(stem, capsys):
    pretend_another_answer(stem, lambda probabilities: probabilities + np.float32(2e-3))
    found = verify(stem)
    assert (found.verdict, found.n_other_labels) == ("close", 0)
    assert main(["verify", str(stem)]) == 0
    told = "".join(capsys.readouterr())
    assert "computes nearly" in told
    assert "numpy 1.0 then" in told


@pytest.mark.slow
def test_other_answers_are_an_error(stem, capsys):
    pretend_another_answer(stem, lambda probabilities: np.roll(probabilities, 50, axis=0))
    assert main(["verify", str(stem), "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "different"
    assert f"{document['n_other_labels']} of 4000 samples get another label" in verify(stem).words


def test_other_weights_are_told(stem):
    trained = load_trained(stem)
    others = {name: [array * 1.5 for array in arrays] for name, arrays in trained.weights.items()}
    save_das_weights(f"{stem}_model.h5", trained.settings.architecture, others)
    stem.with_name(f"{stem.name}_model.keras").unlink()
    assert "Its weights are not those that were tested then" in verify(stem).words


def test_a_replay_of_another_network_is_an_error(stem):
    change(stem, probabilities=read_replay(stem).probabilities[:, :2])
    with pytest.raises(DataError, match="2 classes, the network has 3"):
        verify(stem)
    change(stem, audio=np.zeros((4000, 2), np.float32))
    with pytest.raises(DataError, match="2 channels"):
        verify(stem)


@pytest.mark.parametrize("damage", ["audio", "probabilities", "versions", "weights"])
def test_a_replay_that_lacks_something_or_holds_something_else_is_an_error(stem, damage):
    with h5py.File(replay_file(stem), "a") as file:
        del file[damage]
        if damage in ("versions", "audio"):
            file[damage] = np.bytes_(b"[1, 2]")
    with pytest.raises(DataError, match="Test the network again"):
        verify(stem)


# --- card


TOLD = CardOptions(
    title="Tones", description="Two tones | in noise.", authors="A. Nna", license="CC-BY-4.0", citation="doi:10.5281/zenodo.1"
)


def test_the_card_tells_data_options_scores_licence_and_how_to_cite(stem):
    card = card_text(stem, TOLD)
    _, header, text = card.split("---\n", 2)
    head = yaml.safe_load(header)
    assert head["license"] == "cc-by-4.0"
    score = head["model-index"][0]["results"][0]["metrics"][0]["value"]
    assert f"macro F1 {score:.3f}" in text
    for line in (
        "# Tones",
        "Two tones \\| in noise.",
        "one channel at 1 000 Hz",
        "| low | segment | from onset to offset |",
        "| train | 8.0 s |",
        "| test | 4.0 s |",
        "| Number of filters | 4 |",
        "Licence: CC-BY-4.0.",
        "Trained by A. Nna.",
        "doi:10.5281/zenodo.1",
        "eLife 10:e68837",
        f"dss-widgets verify {stem.name}",
    ):
        assert line in text, line


def test_without_dataset_test_or_replay_it_says_so(stem, tmp_path):
    write_params(f"{stem}_params.yaml", {**read_params(stem), "data_dir": str(tmp_path / "gone.npy")})
    for ending in ("_results.h5", "_replay.h5"):
        stem.with_name(stem.name + ending).unlink()
    text = card_text(stem, CardOptions())
    assert "A dataset named `gone.npy`, which is not described here." in text
    assert "It has not been tested." in text
    assert "No licence is stated" in text
    assert "verify" not in text


def test_a_reassembled_dataset_is_not_taken_for_the_one_that_was_trained_on(stem):
    write_params(f"{stem}_params.yaml", {**read_params(stem), "data_hash": "other"})
    assert "which is not described here" in card_text(stem, CardOptions())


def test_what_people_write_is_no_markup(stem):
    told = CardOptions(title="<img src=x>", description="[a](b) *c*\n# d", authors="<b>")
    _, _, text = card_text(stem, told).split("---\n", 2)
    assert "<img" not in text
    assert "<b>" not in text
    assert "\n# d" not in text


@pytest.mark.slow
def test_the_zip_file_opens_elsewhere_and_computes_the_same(stem, tmp_path, capsys):
    out = tmp_path / "given" / "tones.zip"
    out.parent.mkdir()
    assert main(["card", str(stem), "--out", str(out), "--license", "CC0-1.0"]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    with zipfile.ZipFile(out) as archive:
        names = {name.removeprefix(f"{stem.name}/") for name in archive.namelist()}
        archive.extractall(tmp_path / "elsewhere")
    endings = ("_model.h5", "_model.keras", "_params.yaml", "_replay.h5", "_validation.json")
    assert names == {"README.md", *(stem.name + ending for ending in endings)}
    other = tmp_path / "elsewhere" / stem.name / stem.name
    assert verify(other).verdict == "same"
    assert str(tmp_path) not in other.with_name(f"{stem.name}_params.yaml").read_text()
    assert "store_folder: tones.npy" in other.with_name(f"{stem.name}_params.yaml").read_text()


def test_the_same_network_gives_the_same_zip_file(stem, tmp_path):
    one, other = (pack_network(stem, tmp_path / name).read_bytes() for name in ("one.zip", "other.zip"))
    assert one == other


@pytest.mark.slow
def test_a_file_that_is_there_is_replaced_only_if_that_is_asked_for(stem, capsys):
    out = stem.with_name(f"{stem.name}.zip")
    out.write_bytes(b"mine")
    assert main(["card", str(stem)]) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert out.read_bytes() == b"mine"
    assert main(["card", str(stem), "--overwrite"]) == 0
    assert zipfile.is_zipfile(out)


def test_where_nothing_can_be_written_it_says_so(stem, tmp_path):
    with pytest.raises(DataError, match="cannot be written"):
        pack_network(stem, tmp_path / "missing" / "out.zip")
    with pytest.raises(DataError, match="no_network_params"):
        pack_network(tmp_path / "no_network", tmp_path / "out.zip")
    assert not list(tmp_path.glob("*.zip"))


@pytest.mark.slow
def test_a_keras_file_of_das_stays_out_its_weights_come_in(stem, tmp_path):
    params = read_params(stem)
    write_params(f"{stem}_params.yaml", {name: value for name, value in params.items() if name != "dss_widgets"})
    trained = load_trained(stem)
    stem.with_name(f"{stem.name}_model.h5").unlink()
    assert main(["card", str(stem), "--out", str(tmp_path / "out.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert f"{stem.name}/{stem.name}_model.keras" not in archive.namelist()
        archive.extractall(tmp_path / "elsewhere")
    read = read_das_weights(tmp_path / "elsewhere" / stem.name / f"{stem.name}_model.h5", trained.settings.architecture)
    assert all(map(np.array_equal, chain(*read.values()), chain(*trained.weights.values())))
