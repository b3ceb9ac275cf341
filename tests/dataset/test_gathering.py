"""Which recordings are meant: folders, patterns and lists; nothing outside, nothing twice."""

import os
from pathlib import Path

import pytest

from dss_widgets.dataset.recordings.gathering import gathered, home_of
from dss_widgets.errors import DataError


@pytest.fixture
def season(tmp_path):
    files = (
        "a/x.wav", "a/deep/y.flac", "b/x.wav", "b/[1] z.wav", "b/x_annotations.csv", ".hidden/x.wav", "a/.x.wav",
        "c.npy/train.npz", "d.run/x.wav", "b/x_probabilities.h5", "top.wav",
    )  # fmt: skip
    for file in files:
        path = tmp_path / "season" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path / "season"


def told(found, season):
    return [(each.path.relative_to(season).as_posix(), each.below.as_posix()) for each in found]


ALL = [("top.wav", "."), ("a/x.wav", "a"), ("a/deep/y.flac", "a/deep"), ("b/[1] z.wav", "b"), ("b/x.wav", "b")]


def test_a_folder_stands_for_all_recordings_in_it_and_below(season):
    assert told(gathered([season]), season) == ALL
    assert told(gathered([season, season / "a" / "x.wav"]), season) == ALL


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**/*.wav", ["a/x.wav", "b/[1] z.wav", "b/x.wav", "top.wav"]),
        ("*/x.wav", ["a/x.wav", "b/x.wav"]),
        ("a*", ["a/x.wav", "a/deep/y.flac"]),
        ("b/[1] z.wav", ["b/[1] z.wav"]),
        ("**", [path for path, _ in ALL]),
    ],
)
def test_patterns_match_recordings_and_folders(season, pattern, found):
    assert [path for path, _ in told(gathered([season / pattern]), season)] == found


def test_a_list_names_places_seen_from_its_own_folder(season, tmp_path):
    listing = season / "list.txt"
    listing.write_text("# of May\n\na/deep\nb/x.wav\n  gone.wav\n../season/top.wav\n", encoding="utf-8-sig")
    assert told(gathered([], listing), season.parent / "season")[:2] == [("a/deep/y.flac", "a/deep"), ("b/x.wav", "b")]
    assert [(each.path.name, each.below) for each in gathered([], listing)[2:]] == [
        ("gone.wav", Path()), ("top.wav", Path()),
    ]  # fmt: skip
    listing.write_text("# none\n")
    with pytest.raises(DataError, match="names no recordings"):
        gathered([], listing)


def test_folders_are_told_from_a_chosen_one_and_never_lead_upwards(season):
    assert [each.below.as_posix() for each in gathered([season / "a" / "deep"], relative_to=season)] == ["a/deep"]
    assert gathered([season / "a" / ".." / "b" / "x.wav"], relative_to=season / "a")[0].below == Path()


def test_what_has_no_recordings_says_so(season):
    (season / "empty").mkdir()
    for place in (season / "empty", season / "*.flac", season / "*" / ".." / "*.wav"):
        with pytest.raises(DataError, match=r"no recording|cannot follow a wildcard"):
            gathered([place])


def test_links_lead_nowhere(season, tmp_path, monkeypatch):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.wav").write_bytes(b"")
    (season / "a" / "out").symlink_to(outside)
    (season / "a" / "round").symlink_to(season)
    assert told(gathered([season]), season) == ALL
    places = [season / "**" / "*.wav", season / "*" / "*" / "*", season]
    assert "secret.wav" not in {each.path.name for each in gathered(places)}
    monkeypatch.setenv("DSS_WIDGETS_ROOTS", str(season))
    (season / "list.txt").write_text(f"{os.path.relpath(outside, season)}\n")
    for place, listing in ((outside, ""), (season / ".." / "outside" / "*.wav", ""), (season / "b", season / "list.txt")):
        with pytest.raises(DataError, match="lies outside"):
            gathered([place], listing)


def test_a_place_has_a_home(season):
    assert home_of(season) == season
    assert home_of(season / "top.wav") == home_of(season / "*.wav") == home_of(season / "**" / "*.wav") == season
