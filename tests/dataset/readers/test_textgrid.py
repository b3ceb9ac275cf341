"""TextGrids of Praat: all text forms, its quotes, rounded times, and the choice of a tier."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st


def long_form(*tiers: tuple[str, list[tuple[float, float, str]]]) -> str:
    """A TextGrid as Praat's 'Save as text file' writes it; entries that stop where they start are points."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", "xmax = 10 ", "tiers? <exists> "]
    lines += [f"size = {len(tiers)} ", "item []: "]
    for i, (name, entries) in enumerate(tiers, 1):
        points = bool(entries) and all(start == stop for start, stop, _ in entries)
        lines += [
            f"    item [{i}]:",
            f'        class = "{"TextTier" if points else "IntervalTier"}" ',
            f'        name = "{name}" ',
        ]
        lines += ["        xmin = 0 ", "        xmax = 10 "]
        lines += [f"        {'points' if points else 'intervals'}: size = {len(entries)} "]
        for j, (start, stop, text) in enumerate(entries, 1):
            quoted = '"' + text.replace('"', '""') + '"'
            if points:
                lines += [f"        points [{j}]:", f"            number = {start} ", f"            mark = {quoted} "]
            else:
                lines += [f"        intervals [{j}]:", f"            xmin = {start} ", f"            xmax = {stop} "]
                lines += [f"            text = {quoted} "]
    return "\n".join(lines) + "\n"


SONG = ("song", [(0, 1, ""), (1, 2.5, "a"), (2.5, 4, "b"), (4, 10, "")])
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
10
<exists>
2
"IntervalTier"
"song"
0
10
2
1
2.5
"a"
2.5
10
""
"TextTier"
"clicks"
0
10
1
4.25
"click"
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_long_form_is_read_in_praats_encodings(rec, encoding):
    tier = ("song", [(1, 2.5, "a"), (2.5, 4, "\u0283\u02d0")])
    rec.text("rec.TextGrid", long_form(tier), encoding)
    assert rec.entries() == [("a", 1, 2.5), ("\u0283\u02d0", 2.5, 4)]


def test_the_short_form_is_read(rec):
    rec.text("rec.TextGrid", SHORT)
    assert rec.entries() == [("a", 1, 2.5), ("click", 4.25, 4.25)]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_lines_may_end_as_on_windows_or_old_macs(rec, end):
    rec.text("rec.TextGrid", long_form(SONG).replace("\n", end))
    assert rec.entries() == [("a", 1, 2.5), ("b", 2.5, 4)]


def test_remarks_are_passed_over(rec):
    rec.text("rec.TextGrid", long_form(SONG).replace("size = 1 ", "size = 1 ! the only tier\n! 7 more words"))
    assert rec.entries() == [("a", 1, 2.5), ("b", 2.5, 4)]


@pytest.mark.parametrize("name", ['say "hi"', '"', '""', "a!b", "<exists>", "7", "two\nlines", "\u00e9"])
def test_a_name_is_read_as_it_was_written(rec, name):
    rec.text("rec.TextGrid", long_form(("song", [(1, 2, name)])))
    assert rec.entries() == [(name, 1, 2)]


@given(names=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8), min_size=1, max_size=6))
def test_any_names_come_back_in_their_order(tmp_path_factory, names):
    from dss_widgets.dataset.annotations.annotation_file import AnnotationFile
    from dss_widgets.dataset.annotations.formats import format_of

    path = tmp_path_factory.mktemp("grid") / "rec.TextGrid"
    path.write_text(long_form(("song", [(i, i + 0.5, name) for i, name in enumerate(names)])), encoding="utf-8", newline="")
    file = AnnotationFile(path)
    found = format_of(file).reading_of(file).by_recording[""]
    assert found.names.tolist() == [name.strip() for name in names if name.strip()]


# --- neighbours


@pytest.mark.parametrize("start", [1.5, 1.49999, 1.4999999])
def test_neighbours_that_overlap_by_rounding_touch(rec, start):
    rec.text("rec.TextGrid", long_form(("song", [(1, 1.5000001, "a"), (start, 2, "a")])))
    assert rec.entries() == [("a", 1, 1.5000001), ("a", 1.5000001, 2)]
    assert rec.about("rec.TextGrid") == []


def test_intervals_that_do_overlap_are_told_row_by_row(rec):
    rec.text("rec.TextGrid", long_form(("song", [(1, 2, "a"), (1.5, 3, "a")])))
    assert rec.entries() == [("a", 1, 2), ("a", 1.5, 3)]
    assert len(rec.about("rec.TextGrid")) == 1


# --- tiers

WORDS = ("words", [(1, 4, "motif")])
CLICKS = ("clicks", [(4.25, 4.25, "click"), (5, 5, "")])


def test_point_tiers_are_events(rec):
    rec.text("rec.TextGrid", long_form(CLICKS))
    assert rec.entries() == [("click", 4.25, 4.25)]
    assert [t.category for t in rec.survey().song_types] == ["event"]


def test_of_tiers_that_mark_the_same_song_the_first_is_read_and_that_is_told(rec):
    rec.text("rec.TextGrid", long_form(SONG, WORDS, ("empty", [(0, 10, "")]), CLICKS))
    assert [name for name, _, _ in rec.entries()] == ["a", "b", "click"]
    (told,) = rec.about("rec.TextGrid")
    assert told.startswith("rec.TextGrid: has the tiers 'song', 'words', 'clicks': taken are 'song', 'clicks', not 'words'.")


@pytest.mark.parametrize("other", [(1.2, 4.2, "x"), (5, 6, "x"), (1, 3, "x"), (0.5, 4, "x")])
def test_tiers_that_mark_other_song_are_read_together_and_that_is_told(rec, other):
    rec.text("rec.TextGrid", long_form(SONG, ("other bird", [other])))
    assert [name for name, _, _ in rec.entries()] == ["a", "b", "x"]
    assert len(rec.about("rec.TextGrid")) == 1


def test_of_two_names_for_the_same_song_the_first_is_read(rec):
    rec.text("rec.TextGrid", long_form(SONG, ("annotator 2", [(1.0004, 2.5, "c"), (2.5, 4.0003, "d")])))
    assert [name for name, _, _ in rec.entries()] == ["a", "b"]


def test_with_one_tier_that_has_names_nothing_is_told(rec):
    rec.text("rec.TextGrid", long_form(SONG, ("empty", [(0, 10, "")])))
    assert rec.about("rec.TextGrid") == []


@pytest.mark.parametrize("chosen", [["words"], ["Words "], ["nothing", "words"]])
def test_a_tier_is_chosen_by_its_name(rec, chosen):
    rec.text("rec.TextGrid", long_form(SONG, WORDS, CLICKS))
    assert rec.entries(names_from=chosen) == [("motif", 1, 4)]


def test_a_chosen_tier_that_is_not_there_is_told(rec):
    rec.text("rec.TextGrid", long_form(SONG, WORDS))
    told = [str(problem) for problem in rec.survey(names_from=["syllables"]).problems]
    assert any("has no tier 'syllables': taken is 'song', not 'words'." in line for line in told)


# --- what cannot be read


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda text: text[: text.index("text = ")], r"row 17: ends where a label should follow"),
        (lambda text: text.replace("xmin = 2.5", "xmin = soon"), r'row 26: has "b" where an end should be'),
        (lambda text: text.replace('"a"', '"a'), r"where a label should be|quotation mark"),
        (lambda text: text.replace("intervals: size = 4", "intervals: size = 9"), r"ends where a time should follow"),
        (lambda text: text.replace("size = 1", "size = 1e99"), r"has 1e\+99 for the number of tiers"),
        (lambda text: text.replace("IntervalTier", "PitchTier"), r"has a tier of the class 'PitchTier'"),
        (lambda text: text.replace('"TextGrid"', '"Pitch"'), r"does not begin as a TextGrid"),
        (lambda _: '"Praat chronological TextGrid text file"\n0 10', r"row 1: is in Praat's chronological form"),
        (lambda _: "ooBinaryFile\x08TextGrid", r"row 1: is in Praat's binary form"),
        (lambda _: "", r"ends where what kind of file it is should follow"),
    ],
)
def test_a_damaged_text_grid_is_one_error_with_its_row(rec, damage, told):
    rec.text("rec.TextGrid", damage(long_form(SONG)))
    (error,) = rec.errors()
    assert error.startswith("rec.TextGrid")
    assert re.search(told, error), error
    assert "Praat" in error


def test_a_row_that_cannot_be_is_told_with_its_line(rec):
    rec.text("rec.TextGrid", long_form(("song", [(1, 2, "a"), (12, 13, "b")])))
    assert rec.errors()[0].startswith("rec.TextGrid, row 22: 'b' (12.000 s to 13.000 s) lies beyond")
