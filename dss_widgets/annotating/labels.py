"""A label: what sings when, and whether a person or a network says so."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal, get_args

from dss_widgets.dataset.annotations.annotations import PROPOSALS, name_problem
from dss_widgets.errors import EditError

State = Literal["human", "open", "approved", "changed", "rejected"]
"""Whose label it is: a person's, or a network's proposal that nobody has looked at (open), or that somebody has approved as it
was, changed or rejected."""

STATES: tuple[State, ...] = get_args(State)

COUNTING = ("human", "approved", "changed")
"""States of labels that count as annotations, and are written as such."""

MOST_LETTERS = 100
"""In the name of a song type that is made here."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of a recording.

    Attributes:
        id: its number, which stays its own while the recording is open.
        name: song type.
        start_seconds, stop_seconds: onset and offset; equal for events.
        state: whose label it is.
        probability: what the network gave the proposal, from 0 to 1; None: not known.
    """

    id: int
    name: str
    start_seconds: float
    stop_seconds: float
    state: State = "human"
    probability: float | None = None

    @property
    def counts(self) -> bool:
        """Whether it counts as an annotation."""
        return self.state in COUNTING

    @property
    def is_proposal(self) -> bool:
        """Whether a network made it, whatever became of it since."""
        return self.state != "human"

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.stop_seconds - self.start_seconds


def new_name(typed: str) -> str:
    """Return the name of a song type that somebody typed.

    Raises:
        EditError: no song type can be called so.
    """
    name = unicodedata.normalize("NFC", typed.strip())
    problem = name_problem("", None, name)
    if problem is not None:
        raise EditError(f"A song type {problem.message} Choose another name.")
    if len(name) > MOST_LETTERS:
        raise EditError(f"A song type's name has at most {MOST_LETTERS} letters, not {len(name)}. Choose a shorter one.")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise EditError("A song type's name cannot hold line breaks or control characters. Choose another name.")
    if name.endswith(PROPOSALS):
        raise EditError(f"Names that end in {PROPOSALS} stand for proposals of a network. Choose another name.")
    return name
