"""Suggest from my data: networks near the published ones, free of contradictions, each value with its reason."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.options import PRESETS, TrainingOptions, misfit
from dss_widgets.options.song import SongFacts, TypeFacts
from dss_widgets.options.suggestion import as_options, changes, suggest


def segments(**seconds) -> tuple[TypeFacts, ...]:
    return tuple(TypeFacts(name, "segment", 100, typical, 0.7 * typical, 3 * typical) for name, typical in seconds.items())


PULSE = TypeFacts("pulse", "event", 1000, interval_seconds=0.036)
SYLLABLES = segments(**{name: 0.05 + 0.01 * i for i, name in enumerate("abcdefgh")})


def song(khz, types, *, minutes=10.0, channels=1, val_minutes=2.0) -> SongFacts:
    per_minute = int(60 * khz * 1000)
    return SongFacts(khz * 1000, channels, int(minutes * per_minute), int(val_minutes * per_minute), tuple(types))


VARIED = ["gain", "noise", "time_shift", "polarity"]
SPECIES = {
    "fly": song(10, [PULSE, *segments(sine=0.35)]),
    "fly-multichannel": song(10, [PULSE], channels=9),
    "mouse": song(300, segments(call=0.05)),
    "marmoset": song(44.1, segments(phee=0.8, twitter=0.5, trill=0.3, tsik=0.1)),
    "bengalese-finch": song(32, SYLLABLES),
    "zebra-finch": song(32, SYLLABLES[:6]),
}


@pytest.mark.parametrize("species", SPECIES)
def test_what_is_suggested_for_a_species_lies_near_what_was_published(species):
    published, found = PRESETS[species].options, as_options(suggest(SPECIES[species]))
    assert found["frontend"] == published["frontend"]
    assert found.get("downsample_factor", 1) / published["downsample_factor"] in (1, 2, 4)
    assert found["separable"] == published["separable"]
    assert found["learning_rate"] == published["learning_rate"]
    assert abs(found["blocks"] - published["blocks"]) <= 2
    for name, most in (("filter_duration", 2), ("filters", 2)):
        assert 1 / most <= found[name] / published[name] <= most, name
    assert 1 <= found["chunk_duration"] / published["chunk_duration"] <= 8


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (song(2.5, [PULSE, *segments(sine=0.5, ambient=0.75)]), {"frontend": "none", "chunk_duration": 4096}),
        (song(2, segments(up=1.5, down=2.0)), {"frontend": "stft", "downsample_factor": 8, "learning_rate": 0.003}),
        (song(2, [PULSE, *segments(up=1.5)]), {"frontend": "none"}),
        (song(250, segments(usv=0.046), minutes=0.2, val_minutes=0.05), {"frontend": "stft", "filters": 32}),
        (song(32, SYLLABLES), {"frontend": "stft", "downsample_factor": 16, "filters": 32, "blocks": 2}),
        (song(32, SYLLABLES * 3), {"filters": 64, "filter_duration": 16, "blocks": 3}),
        (
            song(96, segments(call=0.02), channels=2),
            {"frontend": "stft", "separable": [], "augmentations": [*VARIED[1:3], "microphone"]},
        ),
        (song(8, [PULSE], channels=9), {"frontend": "none", "separable": [True, True, False, False]}),
        (song(8, [PULSE], channels=3), {"frontend": "none", "separable": []}),
        (
            song(2.5, [PULSE]),
            {"filter_duration": 16, "blocks": 2, "augmentations": ["gain", "noise", "time_shift", "polarity"]},
        ),
    ],
)
def test_the_network_follows_rate_channels_and_song_types(facts, expected):
    assert expected.items() <= as_options(suggest(facts)).items()


def test_a_frame_is_never_coarser_than_events_bear():
    long_song = segments(call=2.0)
    assert as_options(suggest(song(44.1, long_song)))["downsample_factor"] == 32
    assert as_options(suggest(song(44.1, [*long_song, PULSE])))["downsample_factor"] == 16


@pytest.mark.parametrize(("milliseconds", "frames", "stretches"), [(41, 512, 4), (46, 512, 4), (65, 512, 4), (66, 1024, 2)])
def test_a_step_learns_from_four_stretches_where_each_can_hold_a_segment(milliseconds, frames, stretches):
    found = as_options(suggest(song(250, segments(call=milliseconds / 1000))))
    assert found["chunk_duration"] == frames * found["downsample_factor"]
    assert found["batch_size"] == stretches


def test_little_data_is_gone_through_more_often():
    epochs = [as_options(suggest(song(32, SYLLABLES, minutes=minutes)))["epochs"] for minutes in (0.2, 1, 10, 120)]
    assert epochs == sorted(epochs, reverse=True)
    assert epochs[0] > 2 * epochs[-1]


def test_without_validation_data_some_is_cut_from_train():
    assert as_options(suggest(song(32, SYLLABLES, val_minutes=0)))["validation_from_train"] == 0.15


def test_chunks_with_rare_types_come_more_often():
    rare = TypeFacts("rare", "segment", 3, 0.05, 0.04)
    assert as_options(suggest(song(32, [*SYLLABLES, rare])))["oversample_rare"]
    assert not as_options(suggest(song(32, segments(**dict.fromkeys("ab", 0.1)), minutes=1)))["oversample_rare"]


def test_every_value_has_a_reason_that_is_a_sentence():
    for facts in SPECIES.values():
        for advice in suggest(facts):
            assert advice.reason[0].isupper(), advice
            assert advice.reason.endswith("."), advice


def test_only_what_differs_is_a_change():
    options = TrainingOptions()
    advice = suggest(SPECIES["mouse"])
    assert changes(advice, options)
    options.update(as_options(advice))
    assert changes(advice, options) == ()


durations = st.floats(0.001, 20)
types = st.lists(
    st.builds(TypeFacts, st.just("s"), st.just("segment"), st.integers(0, 9), durations, durations, durations | st.none())
    | st.builds(TypeFacts, st.just("p"), st.just("event"), st.integers(0, 9), interval_seconds=durations | st.none()),
    min_size=1, max_size=30,
)  # fmt: skip


some_song = st.builds(
    SongFacts,
    st.floats(500, 500_000),
    st.integers(1, 16),
    st.integers(2**12, 10**9),
    st.integers(0, 10**8),
    types.map(tuple),
)


@given(some_song)
def test_a_suggestion_for_any_data_is_free_of_contradictions(facts):
    options = TrainingOptions(**as_options(suggest(facts)))
    assert [str(p) for p in options.problems() if p.field != "store_folder"] == []
    assert math.log2(options.chunk_duration).is_integer()


@given(
    some_song,
    st.fixed_dictionaries(
        {},
        optional={
            "frontend": st.sampled_from(["none", "stft"]), "downsample_factor": st.sampled_from([4, 8, 64]),
            "blocks": st.integers(1, 6), "filter_duration": st.integers(1, 64), "batch_size": st.integers(1, 64),
            "filters": st.integers(1, 64), "separable": st.just([]), "epochs": st.just(3),
        },
    ),
)  # fmt: skip
def test_what_is_suggested_goes_with_what_was_chosen(facts, chosen):
    found = as_options(suggest(facts, chosen))
    assert not set(found) & set(chosen)
    options = TrainingOptions(**found, **chosen)
    assert [str(p) for p in options.problems() if p.is_error and p.field != "store_folder"] == []


def test_a_preset_says_where_song_is_too_long_or_too_short_for_it():
    assert misfit("zebra-finch", 32_000, 1, song(32, SYLLABLES)) == ""
    told = misfit("zebra-finch", 32_000, 1, song(32, segments(whistle=3.0)))
    assert told == "It sees 128 ms at once; 'whistle' typically lasts 3 s."
    told = misfit("quick", 4_000, 1, song(4, segments(click=0.008)))
    assert told == "It tells times to 4 ms; 'click' typically lasts 8 ms."
