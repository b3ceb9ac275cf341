"""What follows from what song is like."""

import pytest

from dss_widgets.options.song import SongFacts, TypeFacts

IN_TRAINS = TypeFacts("pulse", "event", 100, interval_seconds=0.03, neighbour_seconds=0.1)
SLOWER = TypeFacts("tick", "event", 100, interval_seconds=0.1, neighbour_seconds=0.3)
ALONE = TypeFacts("click", "event", 100, interval_seconds=0.03, neighbour_seconds=2.0)
FEW = TypeFacts("pulse", "event", 10, interval_seconds=0.03, neighbour_seconds=0.03)
NONE = TypeFacts("chirp", "event", 0)
SINE = TypeFacts("sine", "segment", 100, 0.3, 0.1, 3.0, 2.0)


def test_far_below_the_shortest_segments_there_is_no_song():
    hum = TypeFacts("hum", "segment", 100, 0.2, 0.15)
    assert SongFacts(10_000, 1, 10**6, 10**5, (IN_TRAINS, SINE, hum)).speck_seconds == pytest.approx(0.025)
    assert SongFacts(10_000, 1, 10**6, 10**5, (IN_TRAINS, NONE)).speck_seconds == 0


@pytest.mark.parametrize(
    ("types", "seconds"),
    [
        ([IN_TRAINS], pytest.approx(0.24)),
        ([IN_TRAINS, SLOWER, SINE, NONE], pytest.approx(0.8)),
        ([IN_TRAINS, ALONE], None),
        ([FEW], None),
        ([SINE, NONE], None),
    ],
)
def test_events_come_in_trains_where_those_of_all_types_have_neighbours(types, seconds):
    assert SongFacts(10_000, 1, 10**6, 10**5, tuple(types)).train_seconds == seconds
