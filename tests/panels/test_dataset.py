"""The dataset panel: what an assembled dataset holds, page by page, and where it comes from."""

import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from dss_widgets.dataset.assembly.assemble import assemble
from dss_widgets.dataset.recordings.opening import open_recording
from dss_widgets.dataset.splits.plan import plan_splits
from dss_widgets.dataset.stores.store import open_dataset
from dss_widgets.dataset.survey import survey
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels import DatasetPanel
from dss_widgets.panels.datasets.facts import next_song, shares, source_words, sources
from dss_widgets.panels.datasets.panel import sound_of


@pytest.fixture
def panel(dataset):
    return DatasetPanel(str(dataset))


@pytest.fixture
def foreign(dataset):
    """The dataset as DAS writes it: without a word on where its parts come from."""
    attrs = {
        name: value
        for name, value in json.loads((dataset / "attrs.json").read_text()).items()
        if name in ("samplerate_x_Hz", "samplerate_y_Hz", "class_names", "class_types")
    }
    (dataset / "attrs.json").unlink()
    np.save(dataset / "attrs.npy", attrs)
    return dataset


def test_it_says_what_the_dataset_holds(panel):
    assert "32 kHz, one channel" in panel._facts.value
    assert "Share of the samples" in panel._shares.value
    assert "Options it was assembled with" in panel._made.value
    assert [words for words, _ in panel._splits.options] == ["train", "validation", "test"]


def test_what_was_open_before_a_wrong_folder_is_dimmed_and_no_other(panel, dataset):
    parts = (panel._facts, panel._pages, panel._amounts)
    panel.store = str(dataset.parent / "nothing.npy")
    assert "nothing.npy" in panel._message.value
    assert "32 kHz" in panel._facts.value
    assert all("dss-dimmed" in part._dom_classes and "dss-off" not in part._dom_classes for part in parts)
    panel.store = str(dataset)
    assert not any("dss-dimmed" in part._dom_classes for part in parts)
    panel.store = ""
    assert "dss-off" in panel._pages._dom_classes


def test_it_opens_where_there_is_song(panel):
    begins = panel.view.place[0] + 0.1 * panel.view.seconds
    targets = panel.dataset.split("train").y()
    sample = round(begins * panel.dataset.samplerate_hz)
    assert targets[sample + 10, 0] < 0.5


def test_a_page_tells_the_recording_and_the_time_it_comes_from(dataset, bird):
    opened = open_dataset(dataset)
    for split in ("train", "val", "test"):
        rate = opened.samplerate_hz
        audio = sound_of(opened, split).read(round(0.1 * rate), round(0.3 * rate))[:, 0]
        (source,) = sources(opened, split, 0.1, 0.3)
        recording = open_recording(bird / source.file)
        start = round(source.start_seconds * recording.samplerate_hz)
        original = recording.read(start, start + len(audio))[:, 0]
        np.testing.assert_allclose(audio, original, atol=1e-3)


def test_a_page_over_the_border_of_two_stretches_names_both(dataset):
    opened = open_dataset(dataset)
    border = next(s["position"] for s in opened.attrs["stretches"] if s["split"] == "train" and s["position"] > 0)
    seconds = border / opened.samplerate_hz
    found = sources(opened, "train", seconds - 0.1, seconds + 0.1)
    assert len(found) == 2
    assert found[1].position_seconds == pytest.approx(seconds)
    assert "then" in source_words(found)


def test_a_dataset_of_das_is_paged_through_without_sources(foreign):
    panel = DatasetPanel(str(foreign))
    assert panel.view.sound.n_samples == panel.dataset.split("train").n_samples
    assert "does not say which recordings" in panel._source.value
    assert "Assembled by another program" in panel._made.value


def test_another_split_begins_at_its_own_song(panel):
    panel._splits.value = "test"
    assert panel.split == "test"
    assert panel.view.sound.seconds == pytest.approx(panel.dataset.split("test").n_samples / panel.dataset.samplerate_hz)


def test_what_a_place_comes_from_is_told_as_one_moves(panel):
    panel.view.go_to(0)
    before = panel._source.value
    panel.view.go_to(1e9)
    assert panel._source.value != before


def test_next_goes_to_the_next_of_a_song_type_and_says_when_there_is_none(panel):
    panel.song.value = panel.dataset.class_names[1]
    panel.view.go_to(0)
    places = []
    for _ in range(100):
        panel.find_next()
        if "No more of it" in panel._said.value:
            break
        places.append(panel.view.place[0])
    assert places == sorted(places)
    assert "No more of it" in panel._said.value


def test_song_is_found_across_blocks(monkeypatch):
    monkeypatch.setattr("dss_widgets.panels.datasets.facts._BLOCK", 10)
    targets = np.zeros((40, 2), dtype=np.float32)
    targets[8:13, 1] = targets[30:31, 1] = 1
    assert [next_song(targets, [1], start) for start in (0, 8, 9, 13, 31)] == [8, 30, 30, 30, None]


def test_shares_of_a_long_split_are_estimated_from_parts_spread_evenly(dataset, monkeypatch):
    opened = open_dataset(dataset)
    exact = shares(opened, "train")
    assert not exact.estimated
    assert exact.of == pytest.approx(opened.shares("train"), abs=1e-6)
    monkeypatch.setattr("dss_widgets.panels.datasets.facts._BLOCK", 1024)
    monkeypatch.setattr("dss_widgets.panels.datasets.facts._MOST_BLOCKS", 40)
    rough = shares(opened, "train")
    assert rough.estimated
    assert rough.of["noise"] == pytest.approx(exact.of["noise"], abs=0.15)


def test_individual_targets_can_be_looked_at_alone(bird, tmp_path):
    options = AssemblyOptions(data_folder=str(bird), store_folder=str(tmp_path / "alone.npy"), individual_targets=True, seed=1)
    panel = DatasetPanel(str(assemble(plan_splits(survey(bird), options))))
    assert "dss-off" not in panel.targets._dom_classes
    panel.targets.value = panel.dataset.song_types[0]
    assert panel.view.sound.curves.names == ("noise", panel.dataset.song_types[0])


@pytest.mark.parametrize(("store", "words"), [("", "No dataset yet"), ("nowhere.npy", "is not a folder")])
def test_what_cannot_be_opened_is_told(store, words, tmp_path):
    panel = DatasetPanel(str(tmp_path / store) if store else "")
    assert words in panel._message.value
    assert "dss-off" in panel._pages._dom_classes


def test_a_dataset_outside_of_the_allowed_folders_is_not_opened(dataset, monkeypatch, tmp_path):
    (tmp_path / "root").mkdir()
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(tmp_path / "root"))
    panel = DatasetPanel(str(dataset))
    assert panel.dataset is None
    assert "outside" in panel._message.value


# --- datasets that DAS itself made


@pytest.fixture(scope="module")
def made_by_das(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("das")
    with tarfile.open(Path(__file__).parents[1] / "dataset" / "data" / "das.tar.gz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("name", ["made.npy", "made.zarr", "made.h5"])
def test_datasets_of_das_are_paged_through_whatever_they_are_kept_in(made_by_das, name):
    panel = DatasetPanel(str(made_by_das / name))
    assert panel.dataset is not None, panel._message.value
    panel.split = "test"
    panel.view.go_to(0, 0.05)
    panel.song.value = "sine"
    panel.find_next()
    assert panel.view.place[0] == pytest.approx(0.2, abs=0.1)
    panel.targets.value = "sine"
    start, stop = (round(edge * panel.dataset.samplerate_hz) for edge in panel.view.place)
    assert panel.view.sound.curves.read(start, stop)[:, 1].max() == 1
    assert "Assembled by another program, such as DAS" in panel._made.value


def test_a_folder_that_das_made_says_which_recording_is_seen(made_by_das):
    panel = DatasetPanel(str(made_by_das / "made.npy"))
    panel.split = "test"
    assert "<b>rec0</b> 0.000 to 0.500 s" in panel._source.value
