"""Labels that a network contradicts, song without a label, and edges that are off."""

import numpy as np
import pytest

from dss_widgets.dataset.annotations.annotations import Annotations
from dss_widgets.review.contradictions import LabelSums, contradictions, worthiest

NAMES = ["noise", "a", "b", "p"]
RATE = 1000.0


def judged(labels, said, blocks=7):
    """What is contradicted where the network is sure of ``said`` (class, start, stop in seconds) and of noise elsewhere."""
    probabilities = np.zeros((5000, len(NAMES)))
    probabilities[:, 0] = 1
    for name, start, stop in said:
        rows = slice(round(start * RATE), max(round(stop * RATE), round(start * RATE) + 1))
        probabilities[rows] = np.eye(len(NAMES))[NAMES.index(name)]
    sums = LabelSums(Annotations.of(labels), len(NAMES), RATE)
    for block in np.array_split(probabilities, blocks):
        sums.add(block)
    return contradictions("rec.wav", Annotations.of(labels), sums.finish(), Annotations.of(said), NAMES)


@pytest.mark.parametrize("blocks", [1, 7, 600])
def test_what_the_network_says_too_is_not_listed(blocks):
    labels = [("a", 1.0, 1.5), ("p", 2.0, 2.0), ("b", 3.0, 3.2)]
    assert judged(labels, labels, blocks) == []


@pytest.mark.parametrize("blocks", [1, 7, 600])
def test_a_label_of_another_type_is_listed_with_what_the_network_says(blocks):
    (told,) = judged([("a", 1.0, 1.5)], [("b", 1.0, 1.5)], blocks)
    assert (told.recording, told.start_seconds, told.stop_seconds) == ("rec.wav", 1.0, 1.5)
    assert told.reason == "labelled 'a', but the networks say 'b' (100%; 'a': 0%)"


@pytest.mark.parametrize("label", [("a", 1.0, 1.5), ("p", 2.0, 2.0)])
def test_a_label_where_nothing_sings_is_listed(label):
    (told,) = judged([label], [])
    assert "the networks say no song" in told.reason


def test_an_event_nearby_is_the_same():
    assert judged([("p", 2.0, 2.0)], [("p", 2.004, 2.004)]) == []


def test_song_without_a_label_is_listed():
    (told,) = judged([("a", 1.0, 1.5)], [("a", 1.0, 1.5), ("b", 3.0, 3.3)])
    assert (told.start_seconds, told.reason) == (3.0, "not labelled, but the networks find 'b'")


def test_edges_that_are_off_come_last():
    found = worthiest(judged([("a", 1.0, 1.5), ("b", 3.0, 3.3)], [("a", 1.2, 1.5), ("a", 3.0, 3.3)]), 9)
    assert ["labelled 'b'" in found[0].reason, found[1].reason] == [
        True, "'a' begins +200 ms and ends +0 ms from where the networks have it"
    ]  # fmt: skip
    assert (found[0].worth, len(found)) == (1.0, 2)
    assert len(worthiest(found, 1)) == 1


def test_a_type_that_the_networks_never_learned_is_not_taken_for_noise_silently():
    (told,) = judged([("rare", 1.0, 1.5)], [("b", 1.0, 1.5)])
    assert "labelled 'rare'" in told.reason
