"""The probabilities of a prediction under the labels: read stretch by stretch, at the recording's own rate."""

import numpy as np
import pytest
import soundfile

from dss_widgets.errors import DataError
from dss_widgets.panels import AnnotationPanel
from dss_widgets.results.probabilities_file import Probabilities, probabilities_file


def write(path, rate, values):
    with probabilities_file(path, ["noise", "b", "a"], ["segment"] * 3, rate) as file:
        file.add(values)


@pytest.fixture
def values():
    found = np.random.default_rng(0).random((40_000, 3)).astype(np.float32)
    return found / found.sum(axis=1, keepdims=True)


@pytest.fixture
def folder(tmp_path, values):
    """A recording at 8 kHz, and a prediction at 4 kHz."""
    soundfile.write(tmp_path / "one.wav", np.zeros(80_000), 8000)
    (tmp_path / "predicted").mkdir()
    (tmp_path / "predicted" / "one_annotations.csv").write_text("name,start_seconds,stop_seconds\na,6,7\n")
    write(tmp_path / "predicted" / "one_probabilities.h5", 4000.0, values)
    return tmp_path


def test_they_are_drawn_at_the_times_of_the_recording(folder, values):
    curves = AnnotationPanel(folder, folder / "predicted").editor.sound.curves
    assert curves.names == ("b", "a")
    np.testing.assert_array_equal(curves.read(20_000, 20_004), values[[10_000, 10_000, 10_001, 10_001], 1:])
    np.testing.assert_array_equal(curves.read(79_998, 80_002), values[[39_999] * 4, 1:])
    assert curves.read(5, 5).shape == (0, 2)


def test_they_come_and_go_with_the_proposals_and_the_place_stays(folder):
    panel = AnnotationPanel(folder)
    assert panel.editor.sound.curves is None
    panel.editor.go_to(3.0, 1.5)
    panel.proposals = str(folder / "predicted")
    assert panel.editor.sound.curves is not None
    assert panel.editor.place == (3.0, 4.5)
    assert panel.editor.session.document.n_open() == 1
    panel.proposals = ""
    assert panel.editor.sound.curves is None


def test_those_beside_the_recording_count_too_and_damaged_ones_are_left_out(folder, values):
    write(folder / "one_probabilities.h5", 8000.0, values)
    assert AnnotationPanel(folder).editor.sound.curves is not None
    (folder / "one_probabilities.h5").write_bytes(b"none")
    assert AnnotationPanel(folder).editor.sound.curves is None


def test_a_file_that_was_written_anew_is_not_taken_for_the_one_before(folder, values):
    path = folder / "predicted" / "one_probabilities.h5"
    found = Probabilities.of(path)
    write(path, 4000.0, values[:100])
    with pytest.raises(DataError, match="written anew"):
        found.read(0, 10, 8000.0)
