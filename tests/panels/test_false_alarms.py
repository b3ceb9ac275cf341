"""Recordings without song, looked through from the results; and whether probabilities come true."""

from pathlib import Path

import pytest

from dss_widgets.events import OutcomeTold, Progressed, StateChanged
from dss_widgets.panels import ResultsPanel
from dss_widgets.panels.results.reliability import reliability_words
from dss_widgets.results.calibration import Bins, Reliability
from dss_widgets.results.no_song import NoSong, no_song_path, write_no_song

from ..known_thresholds import curves, write_network


def quiet():
    """What is found without song: nothing is annotated, so nothing matches."""
    told = curves().as_dict()
    for kind in ("events", "segments"):
        for row in told[kind].values():
            row |= {"annotated": 0, "matched": [0] * len(row["matched"])}
    told["seconds"] = 1800.0
    found = {"seconds": 1800.0, "found": {"pulse": 95, "sine": 10}}
    thresholds = {"events": 0.6, "segments": 0.5}
    return NoSong.from_dict({"thresholds": thresholds, "recordings": {"quiet.wav": found}, "curves": told})


@pytest.fixture
def panel(tmp_path):
    stem = write_network(tmp_path / "20260101_000000")
    Path(f"{stem}_model.h5").touch()
    return ResultsPanel(str(stem))


def test_it_is_off_until_a_folder_is_chosen(panel, tmp_path):
    assert panel.false_alarms.blockers == ("Choose a folder with recordings in which nothing sings.",)
    panel.false_alarms.folder = str(tmp_path / "nowhere")
    assert panel.false_alarms.blockers == ("There is no such folder.",)
    panel.false_alarms.start.click()
    assert not panel.false_alarms.working


def test_what_is_found_is_told_per_hour_there_and_beside_the_thresholds(panel, pretended_jobs, song):
    tool = panel.false_alarms
    tool.folder = str(song)
    tool.start.click()
    (job,) = pretended_jobs
    job.tell(StateChanged(state="working"), Progressed(done=1, total=4))
    tool.tick()
    assert tool.working
    assert "25%" in tool._progress.value
    write_no_song(panel.run.stem, quiet())
    job.tell(OutcomeTold(values={"file": str(no_song_path(panel.run.stem))}))
    job.end()
    tool.tick()
    assert ">190.0<" in tool._table.value, "95 in half an hour"
    assert ">190.0<" in panel.thresholds._table.value
    panel.thresholds.sliders["events"].value = 0.8
    assert ">152.0<" in panel.thresholds._table.value, "76 with a higher threshold"
    assert ResultsPanel(str(panel.run.stem)).false_alarms.found == quiet()


def test_a_diagram_for_every_song_type_and_all_numbers(panel):
    view = panel.reliability
    assert "dss-off" not in view._dom_classes
    assert view._pictures.value.count("<svg") == 4, "three classes, and the likeliest"
    assert "is so in" in view._pictures.value
    assert "0.9–1" in view._bins.value
    assert "Labels and thresholds do not use it" in view._words.value


def test_results_without_it_show_none(tmp_path):
    view = ResultsPanel(str(write_network(tmp_path / "1", test=False))).reliability
    assert "dss-off" in view._dom_classes


@pytest.mark.parametrize(
    ("temperature", "true", "words"),
    [(1.7, 4.9, "about as often right"), (1.7, 4.0, "too sure of itself"), (0.6, 6.0, "less sure than it could be")],
)
def test_the_temperature_is_told_in_words(temperature, true, words):
    bins = Bins((10,) * 10, (5.0,) * 10, (true,) * 10)
    told = reliability_words(Reliability(temperature, {"all": bins}, {"all": bins}))
    assert words in told
    assert f"{10 * abs(true - 5):.1f} percentage points" in told
