"""Which individual a recording is of, as far as its file's name makes it evident."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_NOUNS = (
    "animal|individual|indiv|subject|subj|bird|finch|canary|fly|mouse|rat|bat|frog|pup|male|female|monkey|marmoset|gerbil|vole|"
    "cricket|dolphin|seal|whale"
)
_APART = r"[_\-. /]"
_NO_ANIMALS = (
    "rec|recording|file|session|sess|day|dph|week|month|year|night|trial|run|exp|experiment|ch|chan|channel|mic|take|part|block|"
    "track|song|bout|motif|syllable|call|pulse|sine|wav|audio|clip|sample|site|station|plot|loc|location|arena|chamber|cage|box|"
    "setup|rig|cam|camera|seg|segment|chunk|version|ver|no|nr|nb|group|test|train|val|data|date|time|jan|feb|mar|apr|may|jun|"
    "jul|aug|sep|oct|nov|dec"
)
_RING = rf"(?!(?:{_NO_ANIMALS})\d)[a-z]{{2,}}\d{{1,4}}(?:[a-z]+\d{{0,4}})?"
"""A name as colour rings make it (``gy6or6``, ``bk12``): letters, then few digits; what numbers other things is none."""


@dataclass(frozen=True)
class Individuals:
    """Who is recorded where.

    Attributes:
        of: the individual by the recording's file name.
        expression: the regular expression that finds them: what the option *Group* takes.
    """

    of: dict[str, str]
    expression: str


def evident_individuals(files: Sequence[str]) -> Individuals | None:
    """Return the individuals that the names of recordings tell; None where that is not evident.

    It is evident when every name has an animal's number or letter (``mouse_07_day1``, ``birdB-3``), or begins with what looks
    like rings (``gy6or6_0812``), and when several recordings share an individual while there are others. Dates, sessions,
    channels and the like are no individuals. Where in doubt, nothing is said: a wrong suspicion is worse than none.

    Args:
        files: names of recordings, with their endings or without.
    """
    for expression in _expressions(files):
        found = _found(expression, files)
        counts = Counter(found.values())
        shared = sum(n for n in counts.values() if n > 1)
        if len(found) == len(files) and len(counts) > 1 and 2 * shared >= len(files):
            return Individuals(found, _simplest(expression, files, next(iter(found.values()))))
    return None


def without_ending(file: str) -> str:
    """Return a recording's name without its ending, with the folders in which it lies."""
    folders, slash, name = file.rpartition("/")
    return f"{folders}{slash}{os.path.splitext(name)[0]}"


def _found(expression: str, files: Sequence[str]) -> dict[str, str]:
    matches = {file: re.search(expression, without_ending(file)) for file in files}
    return {file: match.group(1) for file, match in matches.items() if match is not None}


def _expressions(files: Sequence[str]) -> Iterator[str]:
    """Yield expressions that may find the individuals, the surest first."""
    stem = without_ending(files[0]) if files else ""
    noun = re.search(rf"(?:^|{_APART})({_NOUNS})({_APART}?)(?:\d{{1,4}}[a-z]?|[a-z])(?={_APART}|$)", stem, re.IGNORECASE)
    if noun is not None:
        word, apart = noun.group(1), re.escape(noun.group(2))
        yield rf"(?i)(?:^|{_APART})({word}{apart}(?:\d{{1,4}}[a-z]?|[a-z]))(?={_APART}|$)"
    if re.match(rf"{_RING}{_APART}", stem, re.IGNORECASE):
        yield rf"(?i)^({_RING}){_APART}"


def _simplest(expression: str, files: Sequence[str], example: str) -> str:
    """Return the shortest expression that makes the same groups, as one would write it by hand."""
    word = re.escape(re.sub(r"(?:\d+[a-z]?|[a-z])$", "", example, flags=re.IGNORECASE))
    same = _partition(_found(expression, files))
    shorter = (*(f"^([^{sign}]+){sign}" for sign in "/_-. "), rf"({word}\d+)", f"({word}[A-Za-z])(?:_|$)")
    return next((short for short in shorter if _partition(_found(short, files)) == same), expression)


def _partition(found: dict[str, str]) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for file, group in found.items():
        groups.setdefault(group, set()).add(file)
    return {frozenset(group) for group in groups.values()}
