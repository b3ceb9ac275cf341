"""TextGrids of Praat, in its long and its short text form.

Praat reads numbers, texts in quotes and flags in angle brackets that stand free, in their order, and passes over
everything else (https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html). So the two forms are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.readers.bounded import bounded_content
from dss_widgets.dataset.annotations.readers.tiers import Tier, reading_of
from dss_widgets.errors import DataError

ROUNDING_SECONDS = 1e-4
"""Neighbouring intervals that overlap by less touch each other: their times were rounded."""

_TOKEN = re.compile(
    r"""
    "(?P<text>(?:[^"]++|"")*+)"      # a text in quotes; a quote in it is doubled
    | (?P<open>")                    # a quote that never ends
    | ![^\n]*                        # a remark
    | <(?P<flag>[a-z]+)>
    | (?<!\S)(?P<number>[-+]?[0-9.][-+0-9.eE]*)%?(?!\S)
    """,
    re.VERBOSE,
)


def _read(file: AnnotationFile) -> Reading:
    """Read the tiers of a TextGrid, in their order; an interval or point without a name is none.

    Raises:
        DataError: it is no TextGrid in a text form, or damaged.
    """
    tokens = _Tokens(file.path, _text(file))
    if (
        tokens.text("what kind of file it is") not in ("ooTextFile", "ooTextFile short")
        or tokens.text("its class") != "TextGrid"
    ):
        raise tokens.error("does not begin as a TextGrid in a text form does")
    start, end = tokens.number("the start"), tokens.number("the end")
    n_tiers = tokens.count("the number of tiers") if tokens.flag() == "exists" else 0
    return replace(reading_of(file, [_tier(tokens) for _ in range(n_tiers)]), sound_seconds=end - start)


def _tier(tokens: _Tokens) -> Tier:
    kind = tokens.text("a tier's class")
    if kind not in ("IntervalTier", "TextTier"):
        raise tokens.error(f"has a tier of the class {kind!r}")
    tier = Tier(tokens.text("a tier's name"))
    tokens.number("a tier's start"), tokens.number("a tier's end")
    until = float("-inf")
    for _ in range(tokens.count("the number of entries")):
        start = tokens.number("a time")
        if kind == "IntervalTier":
            stop = tokens.number("an end")
            if 0 < until - start < ROUNDING_SECONDS and until <= stop:
                start = until
            until = stop
        else:
            stop = start
        name = tokens.text("a label").strip()
        if name:
            tier.entries.append((name, start, stop))
            tier.rows.append(tokens.row)
    return tier


class _Tokens:
    """What stands free in a TextGrid, one after the other, with the row on which it ends."""

    def __init__(self, path: Path, content: str) -> None:
        self._path = path
        self._content = content
        self._matches = self._all()
        self._counted = 0
        self.row = 1

    def _all(self) -> Iterator[re.Match[str]]:
        for match in _TOKEN.finditer(self._content):
            self.row += self._content.count("\n", self._counted, match.end())
            self._counted = match.end()
            if match["open"]:
                raise self.error("has a quotation mark that is not closed")
            if match.lastgroup:
                yield match

    def error(self, what: str) -> DataError:
        return DataError(f"{self._path}, row {self.row}: {what}. Save it again in Praat ('Save as text file').")

    def _next(self, kind: str, what: str) -> str:
        match = next(self._matches, None)
        if match is None:
            raise self.error(f"ends where {what} should follow")
        if match.lastgroup != kind:
            raise self.error(f"has {match.group()[:40]} where {what} should be")
        return match[kind]

    def text(self, what: str) -> str:
        return self._next("text", what).replace('""', '"')

    def flag(self) -> str:
        return self._next("flag", "<exists> or <absent>")

    def number(self, what: str) -> float:
        text = self._next("number", what)
        try:
            return float(text)
        except ValueError:
            raise self.error(f"has {text[:40]} where {what} should be") from None

    def count(self, what: str) -> int:
        number = self.number(what)
        if not 0 <= number <= len(self._content) or number != int(number):
            raise self.error(f"has {number:g} for {what}")
        return int(number)


def _text(file: AnnotationFile) -> str:
    """Return a TextGrid's text: Praat writes it in UTF-16 as soon as a label has a letter beyond ASCII, or in UTF-8."""
    form = None
    if bounded_content(file).startswith(b"ooBinaryFile"):
        form = "binary"
    elif file.text.lstrip().startswith('"Praat chronological TextGrid'):
        form = "chronological"
    if form:
        raise DataError(
            f"{file.path}, row 1: is in Praat's {form} form. Save it in Praat as a text file ('Save as text file')."
        )
    return file.text.replace("\r\n", "\n").replace("\r", "\n")


TEXTGRID = AnnotationFormat("TextGrid", (".textgrid",), _read)
