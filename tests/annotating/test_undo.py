"""Edits by the hundred, in any order, and back: on the model, and in the file."""

from collections import Counter

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dss_widgets.annotating import Document, Label, Session, edits
from dss_widgets.annotating.proposals import Proposals, TakeProposals
from dss_widgets.errors import EditError

SECONDS = 5.0
times = st.floats(-0.5, SECONDS + 0.5)
ids = st.lists(st.integers(1, 40), min_size=1, max_size=4).map(tuple)
names = st.sampled_from(["a", "b", "pulse", "new", 'Ärger, "1"'])
PROPOSALS = Proposals(
    tuple(Label(i, "a", i / 4, i / 4 + 0.1, "open", i / 20) for i in range(18)), {"a": "segment", "call": "segment"}, "net"
)

any_edit = st.one_of(
    st.builds(edits.Make, names, times, times),
    st.builds(edits.Move, ids, times),
    st.builds(edits.Stretch, ids, times, times),
    st.builds(edits.Split, ids, times),
    st.builds(edits.Merge, ids),
    st.builds(edits.Relabel, ids, names),
    st.builds(edits.Delete, ids),
    st.builds(edits.Approve, ids),
    st.builds(edits.Reject, ids),
    st.builds(edits.ApproveWithin, times, times),
    st.builds(edits.ApproveAbove, st.floats(0, 1)),
    st.builds(edits.AddType, names, st.sampled_from(["event", "segment"])),
    st.just(TakeProposals(PROPOSALS)),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undo")
    soundfile.write(folder / "bird1.wav", np.zeros(int(1000 * SECONDS)), 1000)
    return folder


def said(session):
    """Return what the labels say, however often each."""
    return Counter((x.name, x.start_seconds, x.stop_seconds, x.state) for x in session.document.labels.values())


def done(session, some):
    """Do edits, as far as they can be; returns how many were done."""
    n = 0
    for edit in some:
        try:
            n += not session.do(edit).is_empty
        except EditError:
            continue
        for label in session.document.labels.values():
            assert 0 <= label.start_seconds <= label.stop_seconds <= SECONDS
            assert (label.seconds == 0) == (session.document.song_types[label.name] == "event")
    return n


TABLE = 'name,start_seconds,stop_seconds,bird\na,0.50,0.6,Bo\npulse,1.0,1.00,\nb,2,2.5,"x, y"\n?,never,3,\n'


@given(some=st.lists(any_edit, min_size=200, max_size=200))
# no shrinking: 200 edits of which one is wrong are seen as they are
@settings(max_examples=6, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_200_random_edits_undone_give_the_first_file_back_and_done_again_the_last(folder, some):
    table, review = folder / "bird1_annotations.csv", folder / "bird1_annotations.review.json"
    first = TABLE.encode()
    table.write_bytes(first)
    review.unlink(missing_ok=True)
    session = Session(folder / "bird1.wav")
    n = done(session, some)
    last = table.read_bytes(), review.exists() and review.read_bytes(), session.document
    again = Session(folder / "bird1.wav")  # what lies in the files is all there is
    assert said(again) == said(session)
    for _ in range(n):
        session.undo()
    assert table.read_bytes() == first
    assert not review.exists()
    with pytest.raises(EditError, match="nothing to undo"):
        session.undo()
    for _ in range(n):
        session.redo()
    assert (table.read_bytes(), review.exists() and review.read_bytes()) == last[:2]
    assert session.document.labels == last[2].labels


@given(first=any_edit, second=any_edit)
def test_an_edit_never_changes_the_document_that_it_is_made_of(first, second):
    document = Document(
        SECONDS,
        labels={1: Label(1, "a", 0.5, 0.75), 2: Label(2, "a", 1.0, 1.5, "open", 0.4)},
        song_types={"a": "segment", "pulse": "event"},
    )
    before = dict(document.labels), dict(document.song_types)
    for edit in (first, second):
        try:
            edit.change(document).of(document)
        except EditError:
            continue
    assert (document.labels, document.song_types) == before
