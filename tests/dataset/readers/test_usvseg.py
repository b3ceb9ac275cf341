"""USVSEG's tables of calls without names."""

import pytest


@pytest.mark.parametrize("more", ["", ",meanfreq,cvfreq"])
@pytest.mark.parametrize("file", ["rec_dat.csv", "rec.csv"])
def test_calls_are_read(rec, file, more):
    values = ",61.250,0.1234" if more else ""
    rows = [f"1,0.5000,1.5000,1000.0,72.500,-18.20{values}", f"2,2.0000,3.0000,1000.0,74.000,-19.10{values}"]
    rec.text(file, "\n".join([f"#,start,end,duration,maxfreq,maxamp{more}", *rows]) + "\n")
    assert rec.entries() == [("call", 0.5, 1.5), ("call", 2, 3)]
    assert rec.about(file) == []


def test_a_time_that_is_none_is_told_with_its_row(rec):
    rec.text("rec_dat.csv", "#,start,end,duration,maxfreq,maxamp\n1,0.5,1.5,1,72,-18\n2,NaN,soon,1,72,-18\n")
    assert [error.split(":")[0] for error in rec.errors()] == ["rec_dat.csv, row 3"]
