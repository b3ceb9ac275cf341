"""What a network finds where nothing sings: counted, also for other thresholds, and kept beside its files."""

import shutil

import numpy as np
import pytest
import soundfile

from dss_widgets.errors import Cancelled, DataError
from dss_widgets.network.false_alarms import false_alarms
from dss_widgets.network.predict import predict
from dss_widgets.results.no_song import Rate, no_song_path, read_no_song

from .conftest import RATE, tone_song


@pytest.fixture
def stem(trained_run, tmp_path):
    for path in trained_run.stem.parent.glob(f"{trained_run.stem.name}_*"):
        shutil.copy(path, tmp_path)
    return tmp_path / trained_run.stem.name


@pytest.fixture
def recordings(tmp_path):
    """One of noise alone, one in which something does sing, as a mistake of whoever chose it, and a damaged one."""
    paths = [tmp_path / f"{name}.wav" for name in ("quiet", "song", "broken")]
    soundfile.write(paths[0], np.random.default_rng(1).normal(0, 0.02, 4000), int(RATE))
    soundfile.write(paths[1], tone_song(4000)[0].astype(np.float32), int(RATE))
    paths[2].write_bytes(paths[0].read_bytes()[:20])
    return paths


@pytest.mark.slow
def test_all_that_annotating_would_write_is_a_false_alarm(stem, recordings, tmp_path):
    notices = []
    found = false_alarms(stem, recordings, on_notice=notices.append)
    assert any("broken.wav" in notice for notice in notices)
    assert found == read_no_song(stem)
    written = predict(stem, recordings[:2], tmp_path / "annotations")
    by_file = [[line.split(",")[0] for line in path.read_text().splitlines()[1:]] for path in written]
    lines = [name for names in by_file for name in names]
    for rate in found.rates():
        assert rate.n == lines.count(rate.name)
        assert rate.per_hour == pytest.approx(rate.n / (8 / 3600))
        assert rate.interval[0] <= rate.per_hour <= rate.interval[1]
    assert sum(rate.n for rate in found.rates()) > 10, "the song of the second one"
    assert [sum(told["found"].values()) for told in found.by_recording.values()] == [len(told) for told in by_file]
    fewer = found.rates({"segments": 0.99})
    assert sum(rate.n for rate in fewer) <= sum(rate.n for rate in found.rates())


@pytest.mark.slow
def test_what_cannot_be_counted_or_was_stopped_leaves_the_last_count(stem, recordings):
    false_alarms(stem, recordings[:1])
    before = no_song_path(stem).read_bytes()
    with pytest.raises(Cancelled):
        false_alarms(stem, recordings[1:2], should_stop=lambda: True)
    with pytest.raises(DataError, match=r"broken\.wav"):
        false_alarms(stem, recordings[2:])
    assert no_song_path(stem).read_bytes() == before


def test_none_in_an_hour_still_leaves_a_few_possible():
    assert Rate("a", 0, 1.0).interval == (0.0, pytest.approx(3.69, abs=0.01))
    assert Rate("a", 10, 2.0).interval == (pytest.approx(2.40, abs=0.01), pytest.approx(9.20, abs=0.01))
