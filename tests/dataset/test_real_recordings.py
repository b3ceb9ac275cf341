"""Real recordings with human annotations, where they are at hand: counts, traps, and a whole assembly."""

from pathlib import Path

import numpy as np
import pytest

from dss_widgets.dataset import assemble, open_dataset, open_recording, plan_splits, survey
from dss_widgets.options import AssemblyOptions

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

pytestmark = [pytest.mark.real, pytest.mark.skipif(not DATA.is_dir(), reason="the real recordings are not here")]


def counts(folder: str) -> dict[str, int]:
    return {song_type.name: song_type.count for song_type in survey(DATA / folder).song_types}


@pytest.mark.parametrize(
    ("folder", "files", "rate", "seconds"), [("bengalese_finch", 10, 32_000, 96), ("mouse_usv", 4, 250_000, 21)]
)
def test_the_recordings_are_as_their_readme_says(folder, files, rate, seconds):
    found = survey(DATA / folder)
    assert (len(found.recordings), found.samplerate_hz) == (files, rate)
    assert found.duration_seconds == pytest.approx(seconds, abs=1)
    assert found.errors == ()


def test_every_annotation_is_counted():
    assert sum(counts("bengalese_finch").values()) == 601
    assert sorted(counts("bengalese_finch")) == list("abcdefghijk")
    assert counts("mouse_usv") == {"usv": 120}
    assert counts("fly") == {"ambient": 33, "pulse": 618, "sine": 26}
    assert {t.name: t.category for t in survey(DATA / "fly").song_types}["pulse"] == "event"


def test_the_milliseconds_trap_is_named_as_such():
    errors = [str(problem) for problem in survey(DATA / "native" / "das_csv_in_ms").errors]
    assert len(errors) == 1
    assert "look like milliseconds" in errors[0]


def test_raven_and_audacity_files_are_read():
    assert len(survey(DATA / "native" / "raven").recordings) == 2
    assert survey(DATA / "native" / "raven").errors == ()
    assert counts("native/audacity") == {"CRER": 4, "SP": 14}


def test_a_cbin_holds_the_same_song_as_its_wav():
    name = "gy6or6_baseline_230312_0809.141"
    cbin = open_recording(DATA / "native" / "notmat" / f"{name}.cbin")
    wav = open_recording(DATA / "bengalese_finch" / f"{name}.wav")
    assert (cbin.samplerate_hz, cbin.n_samples) == (wav.samplerate_hz, wav.n_samples)
    np.testing.assert_allclose(cbin.read(), wav.read(), atol=1e-4)


def test_not_mat_annotations_are_those_of_the_csv():
    name = "gy6or6_baseline_230312_0809.141"
    found = survey(DATA / "native" / "notmat").recordings[0].annotations
    expected = next(e for e in survey(DATA / "bengalese_finch").recordings if e.recording.name == name).annotations
    assert found.names.tolist() == expected.names.tolist()
    np.testing.assert_allclose(found.start_seconds, expected.start_seconds, atol=1e-3)


def test_koumura_annotations_are_read_for_the_recordings_that_are_here():
    found = survey(DATA / "native" / "koumura")
    assert [entry.name for entry in found.recordings] == ["0.wav", "1.wav", "2.wav", "3.wav"]
    assert found.errors == ()
    assert any("names 135 recordings, of which 131 are not here" in str(problem) for problem in found.problems)


@pytest.mark.parametrize("folder", ["bengalese_finch", "mouse_usv", "fly"])
def test_a_whole_folder_is_assembled(tmp_path, folder):
    options = AssemblyOptions(
        data_folder=str(DATA / folder), store_folder=str(tmp_path / "x.npy"), seed=1, test_split="files", gap_seconds=0.002
    )
    plan = plan_splits(survey(DATA / folder), options)
    dataset = open_dataset(assemble(plan))
    assert sum(split.n_samples for split in dataset.splits.values()) == sum(plan.lengths.values())
    for split in dataset.splits.values():
        y = np.asarray(split.y()[:200_000], dtype=np.float32)
        np.testing.assert_allclose(y.sum(axis=1), 1, atol=2e-3)
