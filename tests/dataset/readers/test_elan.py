"""ELAN's documents: tiers whose times stand in slots, and what is safe to read of an XML file."""

import pytest

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2026-11-27T10:00:00+01:00" FORMAT="3.0" VERSION="3.0">
    <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
        <MEDIA_DESCRIPTOR MEDIA_URL="file:///data/rec.wav" MIME_TYPE="audio/x-wav" RELATIVE_MEDIA_URL="./rec.wav"/>
        <PROPERTY NAME="lastUsedAnnotationId">8</PROPERTY>
    </HEADER>
"""


def slots(*times: int | None) -> str:
    lines = [
        f'        <TIME_SLOT TIME_SLOT_ID="ts{i}"' + ("" if time is None else f' TIME_VALUE="{time}"') + "/>"
        for i, time in enumerate(times, 1)
    ]
    return "\n".join(["    <TIME_ORDER>", *lines, "    </TIME_ORDER>", ""])


def tier(name: str, *annotations: str, parent: str = "") -> str:
    of = f' PARENT_REF="{parent}"' if parent else ""
    lines = [f"        <ANNOTATION>{annotation}</ANNOTATION>" for annotation in annotations]
    return "\n".join([f'    <TIER LINGUISTIC_TYPE_REF="default-lt"{of} TIER_ID="{name}">', *lines, "    </TIER>", ""])


def aligned(number: int, start: int, stop: int, name: str) -> str:
    return (
        f'<ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}" TIME_SLOT_REF1="ts{start}" TIME_SLOT_REF2="ts{stop}">'
        f"<ANNOTATION_VALUE>{name}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>"
    )


def referring(number: int, to: int, name: str) -> str:
    return (
        f'<REF_ANNOTATION ANNOTATION_ID="a{number}" ANNOTATION_REF="a{to}">'
        f"<ANNOTATION_VALUE>{name}</ANNOTATION_VALUE></REF_ANNOTATION>"
    )


TAIL = '    <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/>\n</ANNOTATION_DOCUMENT>\n'
SONG = tier("song", aligned(1, 1, 2, "motif"), aligned(2, 3, 4, "R&amp;D"))
TIMES = slots(500, 1500, 2000, 3000)


def test_annotations_have_the_times_of_their_slots(rec):
    rec.text("rec.eaf", HEAD + TIMES + SONG + TAIL)
    assert rec.entries() == [("motif", 0.5, 1.5), ("R&D", 2, 3)]
    assert rec.about("rec.eaf") == []


def test_annotations_without_times_of_their_own_share_the_time_between(rec):
    words = tier("words", aligned(1, 1, 2, "a"), aligned(2, 2, 3, "b"), aligned(3, 3, 4, "c"), aligned(4, 5, 6, "d"))
    rec.text("rec.eaf", HEAD + slots(1000, None, None, 4000, 5000, 6000) + words + TAIL)
    assert rec.entries() == [("a", 1, 2), ("b", 2, 3), ("c", 3, 4), ("d", 5, 6)]


def test_tiers_that_say_more_about_others_count_only_if_they_are_chosen(rec):
    notes = tier("notes", referring(3, 1, "x"), referring(4, 1, "y"), referring(5, 2, "z"), parent="song")
    kinds = tier("kinds", referring(6, 3, "up"), parent="notes")
    rec.text("rec.eaf", HEAD + TIMES + kinds + notes + SONG + TAIL)
    assert [name for name, _, _ in rec.entries()] == ["motif", "R&D"]
    assert rec.entries(names_from=["notes"]) == [("x", 0.5, 1), ("y", 1, 1.5), ("z", 2, 3)]
    assert rec.entries(names_from=["kinds"]) == [("up", 0.5, 1)]
    (told,) = rec.about("rec.eaf")
    assert told.startswith("rec.eaf: has the tiers 'kinds', 'notes', 'song': taken is 'song', not 'kinds', 'notes'.")


def test_annotations_of_which_none_has_a_name_are_calls(rec):
    rec.text("rec.eaf", HEAD + TIMES + tier("song", aligned(1, 1, 2, ""), aligned(2, 3, 4, " ")) + TAIL)
    assert rec.entries() == [("call", 0.5, 1.5), ("call", 2, 3)]


def test_a_single_annotation_without_a_name_is_told_with_its_line(rec):
    rec.text("rec.eaf", HEAD + TIMES + tier("song", aligned(1, 1, 2, "a"), aligned(2, 3, 4, "")) + TAIL)
    assert any(told.startswith("rec.eaf, row 15:") for told in rec.about("rec.eaf"))


@pytest.mark.parametrize(
    ("media", "is_told"), [("other.wav", True), ("video/REC.mp4", False), ("C:\\d\\rec.wav", False), ("", False)]
)
def test_a_document_that_was_made_on_another_recording_is_told(rec, media, is_told):
    head = HEAD.replace("/data/rec.wav", media)
    rec.text("rec.eaf", (head if media else head.replace("file://", "")) + TIMES + SONG + TAIL)
    assert len(rec.entries()) == 2
    assert bool(rec.about("rec.eaf")) == is_told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + TIMES + SONG, "is damaged XML"),
        (HEAD + slots(500, 1500) + SONG + TAIL, "row 13: refers to a time slot 'ts3' that is not there"),
        (HEAD + TIMES.replace("3000", "soon") + SONG + TAIL, "row 11: TIME_VALUE of <TIME_SLOT> is 'soon' and no number"),
        (HEAD + slots(500, None, 2000, 3000) + SONG + TAIL, "row 15: an annotation has no time"),
        (HEAD + slots(None, 1500, 2000, 3000) + SONG + TAIL, "row 14: an annotation has no time"),
        (HEAD + TIMES + tier("notes", referring(3, 1, "x"), parent="song") + TAIL, "row 14: refers to an annotation 'a1'"),
        (HEAD + TIMES + tier("a", parent="b") + tier("b", parent="a") + TAIL, "row 13: tiers refer to each other in a circle"),
        (HEAD.replace("milliseconds", "PAL-frames") + TIMES + SONG + TAIL, "row 3: has times in PAL-frames"),
        (HEAD.replace("MIME", 'TIME_ORIGIN="250" MIME') + TIMES + SONG + TAIL, "row 4: its recording is shifted by 250 ms"),
        ("<sv></sv>", "row 1: begins with <sv> and not with <ANNOTATION_DOCUMENT>"),
        ("", "is damaged XML"),
        ("<a>" * 1000, "elements lie too deep in each other"),
    ],
)
def test_what_cannot_be_read_is_one_error_with_its_row(rec, text, told):
    rec.text("rec.eaf", text)
    (error,) = rec.errors()
    assert error.startswith("rec.eaf")
    assert told in error


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY who "motif">]>',
        '<!DOCTYPE x [<!ENTITY who SYSTEM "secret.txt">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "secret.txt"> %p;]>',
        '<!DOCTYPE x SYSTEM "secret.dtd">',
    ],
)
def test_nothing_outside_of_an_xml_file_is_read_and_nothing_in_it_is_expanded(rec, declared):
    rec.text("secret.txt", "secret")
    rec.text("secret.dtd", '<!ENTITY who "secret">')
    song = tier("song", aligned(1, 1, 2, "&who;"))
    rec.text("rec.eaf", HEAD.replace("?>\n", f"?>{declared}\n", 1) + TIMES + song + TAIL)
    (error,) = rec.errors()
    assert "has an entity of its own, which is not read" in error


def test_a_file_that_is_far_too_large_is_refused(rec, monkeypatch):
    from dss_widgets.dataset.annotations.readers import bounded

    monkeypatch.setattr(bounded, "MOST_BYTES", 1000)
    rec.text("rec.eaf", HEAD + TIMES + SONG + TAIL)
    (error,) = rec.errors()
    assert "is larger than" in error
