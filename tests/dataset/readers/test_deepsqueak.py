"""DeepSqueak's calls: statistics saved as csv, and boxes."""

import pytest

HEADER = (
    "File,ID,Label,Accepted,Score,Begin Time (s),End Time (s),Call Length (s),Principal Frequency (kHz),Low Freq (kHz),"
    "High Freq (kHz),Delta Freq (kHz),Frequency Standard Deviation (kHz),Slope (kHz/s),Sinuosity,Mean Power (dB/Hz),Tonality,"
    "Peak Freq (kHz)\n"
)


def call(
    number: int, label: str, accepted: str, start: float, stop: float, *, file: str = "C:\\det\\rec Jun-11-2021 11_01 AM.mat"
) -> str:
    return f"{file},{number},{label},{accepted},0.94,{start},{stop},{stop - start},62,55,71,16,4.5,120,1.2,-85,0.41,63\n"


@pytest.mark.parametrize("file", ["rec_Stats.csv", "rec.csv", "rec Jun-11-2021 11_01 AM_Stats.csv"])
def test_statistics_are_read(rec, file):
    rec.text(file, HEADER + call(1, "USV", "1", 0.5, 1.5) + call(2, "22kHz", "TRUE", 2, 3))
    assert rec.entries() == [("USV", 0.5, 1.5), ("22kHz", 2, 3)]


@pytest.mark.parametrize("no", ["0", "FALSE", "false"])
def test_rejected_calls_are_left_out_and_told(rec, no):
    rec.text("rec_Stats.csv", HEADER + call(1, "USV", "1", 0.5, 1.5) + call(2, "USV", no, 2, 3))
    assert rec.entries() == [("USV", 0.5, 1.5)]
    (told,) = rec.about("rec_Stats.csv")
    assert told.startswith("rec_Stats.csv, row 3: a row rejected in DeepSqueak and left out.")


def test_another_column_may_hold_the_names(rec):
    rec.text("rec_Stats.csv", HEADER + call(1, "USV", "1", 0.5, 1.5))
    assert rec.entries(names_from=["Peak Freq (kHz)"]) == [("63", 0.5, 1.5)]
    assert rec.entries(names_from=["Species"]) == [("USV", 0.5, 1.5)]


def test_calls_of_several_recordings_are_dealt_to_them(rec):
    rec.audio("other.wav", 10, rate=1000)
    calls = [call(1, "USV", "1", i, i + 0.5, file=f"C:\\det\\{name}.mat") for i, name in enumerate(["rec", "other", "gone"])]
    rec.text("merged_Stats.csv", HEADER + "".join(calls))
    assert rec.entries("rec.wav") == [("USV", 0, 0.5)]
    assert rec.entries("other.wav") == [("USV", 1, 1.5)]
    assert len(rec.about("merged_Stats.csv")) == 1


def test_boxes_are_read(rec):
    rec.text("rec.csv", "0.5,1.5,55000,71000,USV\n2,3,20000,24000,22kHz\n")
    assert rec.entries() == [("USV", 0.5, 1.5), ("22kHz", 2, 3)]


def test_a_box_that_cannot_be_is_told_with_its_row(rec):
    rec.text("rec.csv", "0.5,1.5,55000,71000,USV\n2,soon,20000,24000,USV\n2,3,20000,24000,a,b\n")
    assert [error.split(":")[0] for error in rec.errors()] == ["rec.csv, row 2", "rec.csv, row 3"]
