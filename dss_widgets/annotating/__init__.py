"""The labels of one recording: proposed, drawn, corrected, undone, and kept in files after every change.

A :class:`Document` holds the labels, an edit (``edits``) makes a :class:`Change` of it, a :class:`Session` does edits on a
recording's labels and keeps them in ``<recording>_annotations.csv``.
"""

from dss_widgets.annotating.document import Change, Document
from dss_widgets.annotating.labels import Label
from dss_widgets.annotating.proposals import read_proposals
from dss_widgets.annotating.session import Conflict, Session

__all__ = ["Change", "Conflict", "Document", "Label", "Session", "read_proposals"]
