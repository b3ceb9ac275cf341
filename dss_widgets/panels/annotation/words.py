"""What the annotation panel says: where labels come from and go to, and what it asks for."""

from __future__ import annotations

from dataclasses import replace

from dss_widgets.annotating import Session
from dss_widgets.errors import Problem
from dss_widgets.options import AssemblyOptions
from dss_widgets.panels.style.theme import empty
from dss_widgets.panels.style.words import escape, problem_list


def said_of(session: Session) -> str:
    """Return where labels come from that lie elsewhere, and what is wrong with their files, as HTML."""
    whence, name = session.loaded.whence, session.table.name
    notes = (
        [Problem(f"The labels are those of {whence}.", f"Changes go to {name}; that file stays.", "warning")] if whence else []
    )
    return problem_list([*notes, *(replace(problem, severity="warning") for problem in session.loaded.problems)], limit=5)


def kept_words(session: Session) -> str:
    """Return where changes are kept, or why nothing can be changed, as HTML."""
    why = session.why_not()
    if why and session.conflict is None:
        return problem_list([Problem(why, severity="warning")])
    words = f"Every change is kept at once in <code>{escape(session.table.name)}</code>"
    if session.kept is not None:
        words += f"; the file as it was before is <code>{escape(session.kept.name)}</code>"
    return f'<p class="dss-muted dss-small">{words}.</p>'


RECORDINGS = replace(
    AssemblyOptions.declared()["data_folder"], label="Recordings", help="Folder with recordings to annotate, or one recording."
)
PROPOSED = replace(
    AssemblyOptions.declared()["data_folder"],
    name="proposals_folder", label="Proposals from (optional)",
    help="Folder with a network's predictions for these recordings. They become proposals, to approve, correct or reject.",
)  # fmt: skip
NOTHING = empty("No recordings yet", "Choose the folder that holds them, or one recording.")
NONE_THERE = empty("No recordings here", "Choose a folder that holds recordings (wav, flac, ogg, npz, h5 …).")
