"""Which spans of a recording were looked through, kept beside it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dss_widgets.dataset.reviewed import joined, read_reviewed, reviewed_path, write_reviewed
from dss_widgets.errors import DataError

SPANS = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)).map(lambda s: (s[0] / 4, (s[0] + s[1]) / 4)), max_size=8)


@given(spans=SPANS)
def test_spans_are_read_back_in_order_and_as_one_where_they_touch(spans, tmp_path_factory):
    path = write_reviewed(tmp_path_factory.mktemp("spans") / "rec_reviewed.csv", spans)
    told = read_reviewed(path)
    assert told == joined(spans)
    assert all(before[1] < after[0] for before, after in pairwise(told))
    quarters = {q for start, stop in spans for q in range(round(start * 4), round(stop * 4))}
    assert sum(stop - start for start, stop in told) == len(quarters) / 4


def test_where_nothing_is_kept_nothing_is_known(tmp_path):
    assert read_reviewed(reviewed_path(tmp_path / "rec.wav")) is None


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "start_seconds,stop_seconds\n2,1\n", "start_seconds,stop_seconds\n1,\n"])
def test_what_is_no_span_is_told_with_its_row(text, tmp_path):
    (tmp_path / "rec_reviewed.csv").write_text(text)
    with pytest.raises(DataError, match=r"rec_reviewed\.csv, row \d"):
        read_reviewed(tmp_path / "rec_reviewed.csv")
