"""A file of one format is never taken for another's, whatever else its ending is used for."""

import pytest

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile
from dss_widgets.dataset.annotations.formats import format_of

RAVEN = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tSpecies\n"
SAMPLES = [
    ("Raven", "rec.txt", RAVEN + "1\tSpectrogram 1\t1\t0.5\t1.5\t100\t200\tchirp\n"),
    ("Raven", "rec.csv", RAVEN.replace("\t", ",") + "1,Spectrogram 1,1,0.5,1.5,100,200,chirp\n"),
    ("Audacity", "rec.txt", "0.5\t1.5\tsine\n"),
    ("Audacity", "rec.txt", "0.500000\t1.500000\t440\n"),
    ("Audacity", "rec.csv", "0.5,1.5,sine\n"),
    ("simple-seq", "rec.csv", "onset_s,offset_s,label\n0.5,1.5,a\n"),
    ("generic-seq", "rec.csv", "label,onset_s,offset_s,notated_path,annot_path,sequence,annotation\na,1,2,rec.wav,x,0,0\n"),
    ("table of times", "rec.csv", "start,end,label\n0.5,1.5,a\n"),
    ("table of times", "rec.csv", "start,end,duration,label\n0.5,1.5,1,a\n"),
    ("table of times", "rec.csv", "onset,offset,name\n0.5,1.5,a\n"),
    ("DAS (older)", "rec.csv", "name,start_seconds,stop_seconds\na,0.5,1.5\n"),
    ("DAS (older)", "rec_songmanual.csv", ",name,start_seconds,stop_seconds\n0,a,0.5,1.5\n"),
    ("WhisperSeg", "rec.csv", "onset,offset,cluster\n0.5,1.5,a\n"),
    ("WhisperSeg", "out.csv", "filename,onset,offset,cluster\nrec.wav,0.5,1.5,a\n"),
    ("WhisperSeg", "rec.json", '{"onset": [0.5], "offset": [1.5], "cluster": ["a"]}'),
    ("SongExplorer", "rec.wav-annotated-person1.csv", "rec.wav,500,1500,annotated,a\n"),
    ("SongExplorer", "rec.csv", "rec.wav,500,1500,annotated,a\n"),
    ("DCASE few-shot", "rec.csv", "Audiofilename,Starttime,Endtime,Q\nrec.wav,0.5,1.5,POS\n"),
    ("DeepSqueak", "rec.csv", "ID,Label,Accepted,Score,Begin Time (s),End Time (s),Call Length (s)\n1,a,1,0.9,0.5,1.5,1\n"),
    ("boxes of DeepSqueak or Sonic Visualiser", "rec.csv", "0.5,1.5,55000,71000,USV\n"),
    ("USVSEG", "rec_dat.csv", "#,start,end,duration,maxfreq,maxamp\n1,0.5,1.5,1,72,-18\n"),
    ("Sonic Visualiser's table", "rec.csv", "0.500000000,1,1.000000000,A\n"),
    ("Sonic Visualiser's table", "rec.csv", "0.500000000,1.500000000,374.032,475.985,A\n"),
    ("Sonic Visualiser's table", "rec.csv", "TIME,VALUE,DURATION,LABEL\n0.500000000,1,1.000000000,A\n"),
    ("Sonic Visualiser", "rec.svl", "<sv></sv>"),
    ("ELAN", "rec.eaf", "<ANNOTATION_DOCUMENT></ANNOTATION_DOCUMENT>"),
    ("TextGrid", "rec.TextGrid", 'File type = "ooTextFile"'),
    ("evsonganaly", "rec.wav.not.mat", ""),
    ("Koumura", "Annotation.xml", "<Sequences></Sequences>"),
    ("Koumura", "Bird0_Annotation.xml", "<?xml version='1.0'?>\n<Sequences></Sequences>"),
    (None, "rec.txt", "Recorded in May.\tGood weather.\n"),
    (None, "rec.csv", "file,individual\nrec.wav,7\n"),
    (None, "rec.csv", "date,time,label\n2026-05-01,12:30,sunny\n"),
    (None, "rec.csv", "rec.wav,3,4,yes,no\n"),
    (None, "rec.csv", "#,start,end\n"[:1]),
    (None, "rec.csv", ""),
    (None, "rec.json", '{"onset_threshold": 3}'),
    (None, "rec.json", '{"onset": [1, 2], "tempo": 120}'),
    (None, "rec.xml", "<Sequences></Sequences>"),
    (None, "my_annotation.xml", "<annotation><object/></annotation>"),
]


@pytest.mark.parametrize(("name", "file", "text"), SAMPLES)
def test_a_file_is_recognised_as_what_it_is(tmp_path, name, file, text):
    (tmp_path / file).write_text(text, newline="")
    found = format_of(AnnotationFile(tmp_path / file))
    assert (found and found.name) == name


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize(("name", "file", "text"), [sample for sample in SAMPLES if sample[1].endswith(".csv")])
def test_tables_are_recognised_in_every_encoding(tmp_path, name, file, text, encoding):
    (tmp_path / file).write_text(text, encoding=encoding, newline="")
    found = format_of(AnnotationFile(tmp_path / file))
    assert (found and found.name) == name
