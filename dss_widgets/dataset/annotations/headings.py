"""What the headings of tables mean: which column holds onsets, offsets, names, recordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

_WITHIN_WORDS = re.compile(r"(?<=[a-z]{2})(?=[A-Z])")
"""Where words are joined without a space, as in SongType."""

_ELAN_UNIT = re.compile(r" (hh:mm:ss ms|ss msec|msec)$")
"""How ELAN's exported tables write units: ``Begin Time - ss.msec``."""

_UNIT = re.compile(r"(?:[ (\[]+)(ms|msecs?|milliseconds?|s|secs?|seconds?|samples?|[km]?hz|dba?|db fs|u|%)[)\]]?$|\(.*\)$")

STARTS = (
    "begin time", "start time", "starttime", "start", "begin", "onset", "onsets", "onset time", "time start", "tmin", "xmin",
    "time of onset", "t start", "from", "syllable start time",
)  # fmt: skip
STOPS = (
    "end time", "endtime", "stop time", "end", "stop", "offset", "offsets", "offset time", "time end", "tmax", "xmax",
    "time of offset", "t stop", "t end", "to", "syllable end time",
)  # fmt: skip
DURATIONS = ("duration", "delta time", "dur")

NAMES = (
    "annotation", "label", "species", "type", "call type", "name", "sound type", "song type", "common name", "call", "class",
    "syllable", "category", "vocalization", "vocalisation", "vocalization type", "vocalisation type", "element", "unit",
    "note type", "scientific name", "species code", "labels", "annotations", "names", "tag", "tags", "event",
    "phrase", "motif", "cluster",
    "text", "code", "id name", "manual id", "auto id",
)  # fmt: skip
"""Headings of columns with names, the likeliest first."""

REMARKS = (
    "comment", "comments", "note", "notes", "remark", "remarks", "annotator", "observer", "analyst", "recordist", "quality",
    "individual", "individual id", "animal", "animal id", "bird", "bird id", "mouse", "fly", "sex", "site", "tier",
)  # fmt: skip
"""Headings of columns with words (about a row, or who sings) that name song types only where nothing else can."""

RECORDINGS = (
    "notated path", "begin path", "begin file", "audio file", "audio filename", "audiofilename", "audio path", "sound file",
    "sound files", "soundfile", "filename", "file name", "file", "filepath", "file path", "path", "wav",
    "wav file", "recording", "in file",
)  # fmt: skip
"""Headings of columns that say which recording a row is about."""

_OTHER = frozenset(
    (
        "selection", "view", "channel", "low freq", "high freq", "file offset", "end file", "end path", "begin clock time",
        "end clock time", "begin date", "end date", "begin date time", "begin hour", "date", "time", "clock time", "confidence",
        "score", "index", "row", "annot path", "sequence", "annotator id", "week", "latitude", "longitude", "begin sample",
        "end sample", "occupancy", "low", "high", "overlap", "sensitivity", "model", "begin date & time", "locale", "color",
        "sort", "rendered", "indir", "folder", "outdir", "hour",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Heading:
    """A heading, apart from how it is written.

    Attributes:
        words: in lower case, with spaces for what stands between words, without the unit.
        unit: ``s``, ``ms``, ``samples`` or another one; '' if it names none.
    """

    words: str
    unit: str

    @classmethod
    def of(cls, text: str) -> Heading:
        """Take a heading apart: ``Begin Time (s)``, ``onset_s`` and ``start_seconds`` are alike."""
        return _heading(text)

    @property
    def may_be_names(self) -> bool:
        """Whether the column may hold names, by what it is called."""
        return not self.unit and self.words not in _KNOWN


_KNOWN = frozenset((*STARTS, *STOPS, *DURATIONS, *RECORDINGS, *_OTHER))
"""What is no heading of names."""


@lru_cache(1000)  # the same few occur in all tables of a folder
def _heading(text: str) -> Heading:
    apart = _WITHIN_WORDS.sub(" ", text.strip().strip('"')).lower()
    plain = re.sub(r"[\s_.-]+", " ", apart).strip()
    shown_as = _ELAN_UNIT.search(plain)
    if shown_as is not None:
        return Heading(plain[: shown_as.start()], "ms" if shown_as.group(1) == "msec" else "s" if "ss m" in plain else "")
    found = _UNIT.search(plain)
    if found is None or not found.start():
        return Heading(plain, "")
    unit = _UNITS.get((found.group(1) or found.group()).rstrip("s"), found.group())
    return Heading(plain[: found.start()].strip(), unit)


_UNITS = {"": "s", "ec": "s", "sec": "s", "second": "s", "m": "ms", "msec": "ms", "millisecond": "ms", "sample": "samples"}

SCALES = {"": 1.0, "s": 1.0, "ms": 0.001, "samples": 1.0}
"""What times are multiplied with to become seconds; samples stay samples."""


def find_all(headings: Sequence[Heading], meanings: Sequence[str], *, in_samples: bool = False) -> list[int]:
    """Return the columns that have a meaning, the likeliest first; samples only if there is nothing else, or asked for."""
    found = [i for i, heading in enumerate(headings) if heading.words in meanings and heading.unit in SCALES]
    if in_samples:
        found = [i for i in found if headings[i].unit == "samples"]
    else:
        found = [i for i in found if headings[i].unit != "samples"] or found
    return sorted(found, key=lambda i: (meanings.index(headings[i].words), i))


def find(headings: Sequence[Heading], meanings: Sequence[str], *, in_samples: bool = False) -> int | None:
    """Return the column that has a meaning, of several the likeliest; None if there is none."""
    return next(iter(find_all(headings, meanings, in_samples=in_samples)), None)
