"""Sonic Visualiser's layers: its own files and the tables that it exports, with and without headings, in seconds and frames."""

import pytest


def svl(model: str, *points: str, rate: int = 1000) -> str:
    """A layer as Sonic Visualiser exports it."""
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE sonic-visualiser>", "<sv>", "  <data>",
            f'    <model id="10" name="" sampleRate="{rate}" start="0" end="9000" type="sparse" resolution="1" '
            f'notifyOnAdd="true" dataset="9" {model} />',
            '    <dataset id="9" dimensions="3">', *(f"      <point {point} />" for point in points), "    </dataset>",
            "  </data>", "  <display>",
            '    <layer id="11" type="regions" name="Segmenter" model="10"  verticalScale="1" colour="#008000" />',
            "  </display>", "</sv>", "",
        ]
    )  # fmt: skip


REGION = 'dimensions="3" subtype="region" valueQuantization="0" minimum="1" maximum="10" units="segment-type"'
BOX = 'dimensions="2" subtype="box" minimum="318.507" maximum="634.188" units="Hz"'
NOTE = 'dimensions="3" subtype="note" valueQuantization="0" minimum="329.628" maximum="554.365" units="Hz"'
TEXT = 'dimensions="2" subtype="text"'


@pytest.mark.parametrize(
    ("model", "points", "expected"),
    [
        (REGION, ['frame="500" value="1" duration="1000" label="A"', 'frame="2000" value="2" duration="500" label="B"'],
         [("A", 0.5, 1.5), ("B", 2, 2.5)]),
        (BOX, ['frame="500" value="374.0" duration="1000" extent="101.9" label="phee"'], [("phee", 0.5, 1.5)]),
        (NOTE, ['frame="500" value="415.3" duration="1000" level="0.35" label="G#4"'], [("G#4", 0.5, 1.5)]),
        (TEXT, ['frame="500" height="0.66" label="Here&apos;s one"'], [("Here's one", 0.5, 0.5)]),
        ('dimensions="1"', ['frame="500" label=""', 'frame="900" label=""'], [("call", 0.5, 0.5), ("call", 0.9, 0.9)]),
    ],
)  # fmt: skip
def test_layers_that_mark_song_are_read(rec, model, points, expected):
    rec.text("rec.svl", svl(model, *points))
    assert rec.entries() == expected


def test_frames_count_at_the_rate_that_the_file_names(rec):
    rec.text("rec.svl", svl(REGION, 'frame="24000" value="1" duration="48000" label="A"', rate=48000))
    assert rec.entries() == [("A", 0.5, 1.5)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (svl('dimensions="2" units="Hz"', 'frame="1" value="2" label=""'), "row 5: is a layer of values along time"),
        (svl('dimensions="1" subtype="image"', 'frame="1" label="" image="x.png"'), "row 5: is a layer of images"),
        ('<sv><data><model id="1" sampleRate="8000" /></data></sv>', "holds no points"),
        ("<sv></sv>", "holds no points"),
        (svl(REGION, 'frame="soon" duration="1"'), "row 7: frame of <point> is 'soon' and no number"),
        (svl(REGION, 'frame="1" duration="1"', rate=0), "row 5: has a sample rate of 0 Hz"),
    ],
)
def test_other_layers_are_one_error_with_its_row(rec, text, told):
    rec.text("rec.svl", text)
    (error,) = rec.errors()
    assert told in error


# --- tables

REGIONS = [("A", 0.5, 1.5), ("B", 2, 2.5)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.500000000,1,1.000000000,A\n2.000000000,2,0.500000000,B", REGIONS),
        ("0.500000000,1,1.000000000,A\n2.000000000,2,0.500000000", [("A", 0.5, 1.5)]),
        ("0.500000000,1,1.000000000,1\n2.000000000,2,0.500000000,2", [("1", 0.5, 1.5), ("2", 2, 2.5)]),
        ("0.500000000,415.305,1.000000000,0.354331,A\n2.000000000,440,0.500000000,0.338583,B", REGIONS),
        ("0.500000000,1.500000000,374.032,475.985,A\n2.000000000,2.500000000,318.507,533.879,B", REGIONS),
        ("0.500000000,1.500000000,374.032,475.985\n2.000000000,2.500000000,3,5", [("call", 0.5, 1.5), ("call", 2, 2.5)]),
        ("0.500000000\n2.000000000", [("call", 0.5, 0.5), ("call", 2, 2)]),
        ("0.500000000,A\n2.000000000,B", [("A", 0.5, 0.5), ("B", 2, 2)]),
        ('0.500000000,0.664063,"Here, it began"\n2.000000000,0.34375,B', [("Here, it began", 0.5, 0.5), ("B", 2, 2)]),
        ("TIME,VALUE,DURATION,LABEL\n0.500000000,1,1.000000000,A\n2.000000000,2,0.500000000,B", REGIONS),
        ("TIME,VALUE,DURATION,LEVEL,LABEL\n0.500000000,440,1.000000000,0.5,A\n2.000000000,9,0.500000000,0.5,B", REGIONS),
        ("START,END,EXTENT START,EXTENT END,LABEL\n0.500000000,1.500000000,1,2,A\n2.000000000,2.500000000,1,2,B", REGIONS),
        ("TIME,LABEL\n0.500000000,1\n2.000000000,2", [("1", 0.5, 0.5), ("2", 2, 2)]),
        ("TIME,VALUE,LABEL\n0.500000000,0.5,A\n2.000000000,0.5,B", [("A", 0.5, 0.5), ("B", 2, 2)]),
        ("FRAME,VALUE,DURATION,LABEL\n500,1,1000,A\n2000,2,500,B", REGIONS),
        ("STARTFRAME,ENDFRAME,EXTENT START,EXTENT END,LABEL\n500,1500,1,2,A\n2000,2500,1,2,B", REGIONS),
        ("FRAME,LABEL\n500,A\n2000,B", [("A", 0.5, 0.5), ("B", 2, 2)]),
    ],
)  # fmt: skip
def test_exported_tables_are_read(rec, text, expected):
    rec.text("rec.csv", text)
    assert rec.entries() == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0.021333333,415.621\n0.026666667,415.193", "may be a curve of values"),
        ("0.500000000,1\n2.000000000,2", "may be a curve of values"),
        ("0.500000000,440,1.000000000,0.354331\n2.000000000,9,0.500000000,0.5", "or notes without names"),
        ("0.500000000,440,A\n2.000000000,441", "row 2: is a layer of values along time"),
        ("TIME,VALUE,LABEL\n0.021333333,415.621\n0.026666667,415.193", "row 2: is a layer of values along time"),
    ],
)
def test_tables_that_may_be_curves_are_one_error(rec, text, told):
    rec.text("rec.csv", text)
    (error,) = rec.errors()
    assert told in error
