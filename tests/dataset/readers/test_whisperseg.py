"""WhisperSeg's annotations: lists in JSON, tables of one recording and of many."""

import json

import pytest

SETTINGS = {"species": "bengalese_finch", "sr": 32000, "min_frequency": 0, "spec_time_step": 0.0025, "tolerance": 0.01}
LISTS = {"onset": [0.5, 2], "offset": [1.5, 2.5], "cluster": ["finch_0", "01"]}
EXPECTED = [("finch_0", 0.5, 1.5), ("01", 2, 2.5)]


@pytest.mark.parametrize("found", [{**LISTS, **SETTINGS}, {**SETTINGS, **dict(reversed(LISTS.items()))}])
@pytest.mark.parametrize("indent", [None, 2])
def test_lists_in_json_are_read(rec, found, indent):
    rec.text("rec.json", json.dumps(found, indent=indent))
    assert rec.entries() == EXPECTED


def test_a_long_list_before_the_times_is_read(rec):
    n = 2000
    found = {"cluster": ["a"] * n, "onset": [i / n for i in range(n)], "offset": [(i + 1) / n for i in range(n)]}
    rec.text("rec.json", json.dumps(found))
    assert len(rec.entries()) == n


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({**LISTS, "offset": [1.5]}, "its lists differ in length (2 onsets, 1 offsets, 2 names)"),
        ({**LISTS, "cluster": "a"}, "its lists differ in length (2 onsets, 2 offsets, no list of names)"),
        ({**LISTS, "onset": [0.5, "soon"]}, "annotation 2: 'soon' is not a time in seconds"),
        ({**LISTS, "onset": [0.5, None]}, "annotation 2: None is not a time in seconds"),
        ({**LISTS, "onset": [0.5, float("nan")]}, "annotation 2: nan is not a time in seconds"),
        ({**LISTS, "onset": [0.5, 10**400]}, "is not a time in seconds"),
        ({**LISTS, "cluster": ["a", None]}, "annotation 2: None is no name"),
    ],
)
def test_lists_that_cannot_be_are_one_error(rec, found, told):
    rec.text("rec.json", json.dumps(found))
    (error,) = rec.errors()
    assert told in error


@pytest.mark.parametrize("text", ['{"onset": [1, 2', '{"onset": ' + "[" * 100_000])
def test_damaged_json_is_one_error(rec, text):
    rec.text("rec.json", text)
    (error,) = rec.errors()
    assert "is damaged JSON" in error


def test_lists_without_names_are_calls(rec):
    rec.text("rec.json", '{"onset": [0.5], "offset": [1.5]}')
    assert rec.entries() == [("call", 0.5, 1.5)]


@pytest.mark.parametrize(
    "text", ['{"name": "rec"}', '{"onset": [1, 2], "tempo": 3}', "[1, 2]", '{"onset": 3}', "onset: [1]", ""]
)
def test_other_json_is_passed_over(rec, text):
    rec.add("rec", [("sine", 1, 2)], 10)
    rec.text("rec.json", text)
    assert rec.about("rec.json") == []


@pytest.mark.parametrize(
    "text",
    [
        "onset,offset,cluster\n0.5,1.5,finch_0\n2,2.5,01\n",
        ",onset,offset,cluster\n0,0.5,1.5,finch_0\n1,2,2.5,01\n",
        "onset;offset;cluster\n0,5;1,5;finch_0\n2;2,5;01\n",
    ],
)
def test_tables_are_read(rec, text):
    rec.text("rec.csv", text)
    assert rec.entries() == EXPECTED


def test_a_table_of_many_recordings_is_dealt_to_them(rec):
    rec.audio("other.wav", 10, rate=1000)
    rec.text("out.csv", "filename,onset,offset,cluster\nrec.wav,0.5,1.5,a\nother.wav,2,3,b\n")
    assert rec.entries("rec.wav") == [("a", 0.5, 1.5)]
    assert rec.entries("other.wav") == [("b", 2, 3)]
