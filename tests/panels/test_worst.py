"""Where the network errs most: the worst first, none twice, none without an error, and the sound that belongs to it."""

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset import open_dataset
from dss_widgets.panels import ResultsPanel
from dss_widgets.panels.datasets.facts import sources
from dss_widgets.panels.results.corrections import mistakes
from dss_widgets.panels.results.worst import wrong_stretches
from dss_widgets.results.results_file import ResultsWriter, read_results
from dss_widgets.results.scores import Scores, confusion_matrix
from dss_widgets.results.worst import MOST_STRETCHES, labels_of, worst_stretches


class Pretended:
    """Labels as a results file holds them."""

    def __init__(self, annotated, predicted):
        self.of = {"labels_test": np.asarray(annotated), "labels_pred": np.asarray(predicted)}
        self.n_samples = len(annotated)

    def read(self, name, start, stop):
        return self.of[name][start:stop]


LABELS = st.lists(st.integers(0, 2), max_size=400)


@given(st.data(), st.integers(1, 60), st.sampled_from([None, 1, 2]))
def test_stretches_are_in_order_of_badness_apart_and_all_wrong_somewhere(data, length, of_class):
    annotated = np.array(data.draw(LABELS), dtype=int)
    predicted = np.array(data.draw(st.lists(st.integers(0, 2), min_size=len(annotated), max_size=len(annotated))), dtype=int)
    found = worst_stretches(Pretended(annotated, predicted), length, of_class)
    wrong = annotated != predicted
    if of_class is not None:
        wrong &= (annotated == of_class) | (predicted == of_class)
    assert [stretch.n_wrong for stretch in found] == [int(wrong[s.start : s.stop].sum()) for s in found]
    whole = [(s.n_wrong - s.n_edge, s.n_wrong) for s in found]
    assert whole == sorted(whole, reverse=True)
    assert all(stretch.n_wrong > 0 for stretch in found)
    in_time = sorted(found, key=lambda stretch: stretch.start)
    assert all(a.stop <= b.start for a, b in itertools.pairwise(in_time))
    assert bool(found) == bool(wrong.any())


def test_the_worst_of_a_long_test_is_found_though_it_is_read_in_blocks():
    annotated = np.zeros(3_000_000, dtype=np.uint16)
    predicted = annotated.copy()
    predicted[2_097_000:2_097_400] = 1  # across the border of two blocks
    [worst] = worst_stretches(Pretended(annotated, predicted), 4000)
    assert worst.n_wrong == 400


def test_what_is_missed_added_or_confused_comes_before_edges_that_are_off():
    annotated, predicted = np.zeros((2, 10_000), dtype=int)
    annotated[1000:1900], predicted[1080:1980] = 1, 1  # found, and 80 samples late at either end
    annotated[3000:3060] = 1  # missed
    predicted[5000:5050] = 2  # added
    annotated[7000:7040], predicted[7000:7040] = 1, 2  # confused
    annotated[9000:9100], predicted[9000:9010] = 1, 1  # hardly found: missed
    found = worst_stretches(Pretended(annotated, predicted), 400)
    places = [next(i for i in range(1000, 10_000, 2000) if s.start <= i + 1000 and s.stop > i) for s in found]
    assert list(dict.fromkeys(places)) == [9000, 3000, 5000, 7000, 1000]
    assert [(s.n_wrong, s.n_edge) for s in found[-2:]] == [(80, 80), (80, 80)]


def test_there_are_not_endlessly_many():
    annotated = np.zeros(10_000, dtype=int)
    assert len(worst_stretches(Pretended(annotated, annotated + 1), 100)) == MOST_STRETCHES


def test_mistakes_are_told_the_longest_first():
    annotated, predicted = np.array([1] * 30 + [2] * 20 + [0] * 15), np.array([2] * 30 + [0] * 20 + [1] * 10 + [0] * 5)
    told = mistakes(annotated, predicted, ["noise", "a", "b"], 1000)
    assert told == "30 ms of ‘a’ labelled as ‘b’, 20 ms of ‘b’ missed and 10 ms of ‘a’ predicted where nothing is annotated"


@given(LABELS.filter(len))
def test_what_is_marked_as_wrong_is_all_that_is(annotated):
    annotated = np.array(annotated)
    marked = wrong_stretches(annotated, np.zeros_like(annotated), 100, 50.0)
    spans = np.round(np.stack([marked.start_seconds, marked.stop_seconds], axis=1) * 50 - 100).astype(int).tolist()
    again = np.zeros(len(annotated), dtype=bool)
    for start, stop in spans:
        again[start:stop] = True
    assert np.array_equal(again, annotated != 0)


@pytest.fixture
def tested(dataset, tmp_path):
    """A test of a network that misses everything after the first eighth, on a real dataset."""
    store = open_dataset(dataset)
    targets = np.asarray(store.split("test").y(), dtype=np.float32)
    found = targets.copy()
    found[len(found) // 8 :] = 0
    found[len(found) // 8 :, 0] = 1
    params = {
        "class_names": store.class_names, "class_types": store.class_types, "samplerate_x_Hz": store.samplerate_hz,
        "data_dir": str(dataset), "data_hash": store.fingerprint, "dss_widgets": {},
    }  # fmt: skip
    stem = dataset.with_suffix(".res") / "20260101_120000"
    stem.parent.mkdir(exist_ok=True)
    confusion = confusion_matrix(targets.argmax(axis=1), found.argmax(axis=1), len(store.class_names))
    with ResultsWriter(f"{stem}_results.h5", store.class_names, params=params, history={}) as results:
        results.add(targets, found)
        results.finish(Scores.of(store.class_names, confusion))
    return stem


def test_it_shows_the_worst_with_its_sound_labels_and_where_it_is_from(tested):
    worst = ResultsPanel(str(tested)).worst
    assert "dss-off" not in worst._dom_classes
    assert "missed" in worst._told.value
    assert ".wav" in worst._told.value
    results = read_results(tested)
    first = worst.stretches[0]
    rate = results.params["samplerate_x_Hz"]
    sound = worst.view.sound
    assert worst.view.seconds == pytest.approx((first.stop - first.start) / rate)
    assert sound.start_seconds <= worst.view.place[0] <= worst.view.place[1] <= sound.stop_seconds
    assert np.ptp(sound.read(0, sound.n_samples)) > 0
    probabilities = sound.curves.read(0, sound.n_samples)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-2)
    annotated, predicted = labels_of(results, first.start, first.stop)
    assert first.n_wrong == np.sum(annotated != predicted)
    assert [track["title"] for track in worst.view._tracks] == ["Annotated", "Predicted", "Wrong"]
    assert "in all" in worst.view._tracks[2]["total"], "not a count of slivers"
    assert "1 of" in worst._place.value


def test_the_axis_tells_the_time_of_the_recording_where_the_stretch_is_from_one_alone(tested, dataset):
    worst = ResultsPanel(str(tested)).worst
    worst.span.value = 0.2
    rate, seen = worst._labels.samplerate_hz, set()
    for place, stretch in enumerate(worst.stretches):
        worst.place = place
        start = stretch.start / rate
        whence = sources(open_dataset(dataset), "test", start, stretch.stop / rate)
        alone = len(whence) == 1
        assert worst.view.place[0] == pytest.approx(whence[0].start_seconds if alone else start)
        assert worst.view.sound.axis == f"time in the {'recording' if alone else 'test split'} (s)"
        seen.add(alone)
    assert True in seen


def test_a_stretch_is_labelled_as_it_is_in_the_whole(tested):
    labels = ResultsPanel(str(tested)).outcome.labels
    rate, n_samples = labels.samplerate_hz, labels.results.n_samples
    whole = labels.annotations()
    for start in range(0, n_samples, n_samples // 5):
        stop = min(n_samples, start + round(0.5 * rate))
        for part, all_of_it in zip(labels.within(start, stop), whole, strict=True):
            there = (all_of_it.stop_seconds >= start / rate) & (all_of_it.start_seconds <= stop / rate)
            expected = all_of_it.select(there)
            assert part.names.tolist() == expected.names.tolist()
            np.testing.assert_allclose(part.start_seconds, expected.start_seconds, atol=1e-6)
            np.testing.assert_allclose(part.stop_seconds, expected.stop_seconds, atol=1e-6)


def test_one_pages_to_the_next_worst_and_back(tested):
    worst = ResultsPanel(str(tested)).worst
    assert worst.back.disabled
    before = worst._told.value
    worst.on.click()
    assert worst.place == 1
    assert worst._told.value != before
    worst.back.click()
    assert worst._told.value == before
    worst.place = len(worst.stretches) - 1
    assert worst.on.disabled


def test_errors_of_one_song_type_alone_can_be_looked_at(tested):
    worst = ResultsPanel(str(tested)).worst
    total = sum(stretch.n_wrong for stretch in worst.stretches)
    worst.song.value = 1
    assert 0 < sum(stretch.n_wrong for stretch in worst.stretches) < total
    name = worst._labels.class_names[1]
    assert f"‘{name}’" in worst._told.value


def test_another_span_looks_for_the_worst_anew(tested):
    worst = ResultsPanel(str(tested)).worst
    worst.span.value = 0.2
    rate = worst._labels.samplerate_hz
    assert worst.stretches[0].stop - worst.stretches[0].start == pytest.approx(0.2 * rate, abs=4)


def test_a_dataset_that_was_assembled_anew_gives_no_wrong_sound(tested, dataset):
    attrs = json.loads((dataset / "attrs.json").read_text())
    attrs["fingerprint"] = "another"
    np.save(dataset / "attrs.npy", np.array(attrs, dtype=object), allow_pickle=True)
    worst = ResultsPanel(str(tested)).worst
    assert "reassembled since" in worst._told.value
    assert worst.view.sound.n_channels == 0
    assert "missed" in worst._told.value, "what was annotated and found stands in the results"


def test_a_network_without_errors_is_told(tested):
    results = read_results(tested)
    right = results.read("y_test")
    with ResultsWriter(f"{tested}_results.h5", results.class_names, params=results.params, history={}) as writer:
        writer.add(right, right)
        n = len(results.class_names)
        writer.finish(Scores.of(results.class_names, confusion_matrix(right.argmax(axis=1), right.argmax(axis=1), n)))
    assert "No errors" in ResultsPanel(str(tested)).worst._told.value


def test_the_recordings_of_the_worst_are_corrected_where_they_still_lie(tested, bird):
    worst = ResultsPanel(str(tested)).worst
    worst.go_to(1)
    asked = []
    worst.correct.take = asked.append
    worst.correct.button.click()
    [wanted] = asked
    shown = worst.stretches[1]
    rate = read_results(tested).params["samplerate_x_Hz"]
    stretch = wanted.stretches[wanted.place]
    assert stretch.recording.startswith(str(bird))
    assert stretch.stop_seconds - stretch.start_seconds <= (shown.stop - shown.start) / rate + 1e-6
    assert stretch.reason.split(",")[0] in worst._told.value
    for recording in bird.glob("*.wav"):
        recording.unlink()
    worst.correct.draw()
    assert not worst.correct.button.allowed
    worst.correct.button.click()
    assert len(asked) == 1
