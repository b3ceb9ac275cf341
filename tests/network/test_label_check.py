"""Wrong labels in real recordings, found by networks that did not learn from them."""

import numpy as np
import pytest
import soundfile

from dss_widgets.dataset import Annotations, write_annotations
from dss_widgets.errors import Cancelled, DataError
from dss_widgets.network.label_check import check_labels
from dss_widgets.options.label_check import LabelCheckOptions
from tests.network.conftest import RATE, tone_song


@pytest.fixture
def labelled(tmp_path):
    """Two recordings; in the second, the third label has the other type's name, and the fifth is missing."""
    folder = tmp_path / "song"
    folder.mkdir()
    for number in (1, 2):
        audio, targets = tone_song(8000, seed=30 + number)
        rows = []
        for column, name in ((1, "low"), (2, "high")):
            edges = (np.flatnonzero(np.diff(targets[:, column], prepend=0, append=0)) / RATE).tolist()
            rows += [(name, start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
        rows.sort(key=lambda row: row[1])
        if number == 2:
            rows[2] = ("high" if rows[2][0] == "low" else "low", *rows[2][1:])
            del rows[4]
        soundfile.write(folder / f"rec{number}.wav", audio.astype(np.float32), int(RATE), subtype="FLOAT")
        write_annotations(folder / f"rec{number}_annotations.csv", Annotations.of(rows))
    return folder


@pytest.mark.slow
def test_a_wrong_label_and_a_missing_one_come_first_and_none_is_changed(trained_run, labelled, tmp_path):
    before = {path: path.read_bytes() for path in labelled.iterdir()}
    options = LabelCheckOptions(data_folder=str(labelled), like=str(trained_run.stem), epochs=20)
    events = []
    found = check_labels(options, tmp_path / "work", on_event=events.append)
    assert not any("hardly learned" in getattr(event, "message", "") for event in events)
    told = [(stretch.recording.rpartition("/")[2], round(stretch.start_seconds, 1), stretch.reason) for stretch in found]
    assert told[0][:2] == ("rec2.wav", 0.5)
    assert "labelled 'high', but the networks say 'low'" in told[0][2]
    assert any(recording == "rec2.wav" and start == 0.9 and "not labelled" in reason for recording, start, reason in told[1:6])
    assert {path: path.read_bytes() for path in labelled.iterdir()} == before
    assert not any((tmp_path / "work").iterdir()), "what was needed for it is gone"


@pytest.mark.slow
def test_networks_that_have_hardly_learned_are_told(trained_run, labelled, tmp_path):
    events = []
    check_labels(
        LabelCheckOptions(data_folder=str(labelled), like=str(trained_run.stem), epochs=1),
        tmp_path / "work",
        on_event=events.append,
    )
    assert any("hardly learned" in getattr(event, "message", "") for event in events)


def test_it_takes_two_recordings(labelled, tmp_path):
    for path in labelled.glob("rec2*"):
        path.unlink()
    with pytest.raises(DataError, match="takes two"):
        check_labels(LabelCheckOptions(data_folder=str(labelled)), tmp_path / "work")


def test_it_can_be_stopped(labelled, tmp_path):
    with pytest.raises(Cancelled):
        check_labels(LabelCheckOptions(data_folder=str(labelled)), tmp_path / "work", should_stop=lambda: True)
