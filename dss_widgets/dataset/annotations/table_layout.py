"""Which column of a table with headings holds what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile
from dss_widgets.dataset.annotations.headings import DURATIONS, RECORDINGS, STARTS, STOPS, Heading, find, find_all
from dss_widgets.errors import DataError, Problem


@dataclass(frozen=True)
class Layout:
    """Which column is what; None: there is none."""

    titles: tuple[str, ...]
    headings: tuple[Heading, ...]
    start: int
    last: int
    last_is_duration: bool

    def column(self, words: str) -> int | None:
        """Return the first column with a heading."""
        return next((i for i, heading in enumerate(self.headings) if heading.words == words), None)

    @cached_property
    def notices(self) -> tuple[Problem, ...]:
        """What to tell where several columns can be the onsets, or the offsets."""
        told = []
        for taken, meanings in ((self.start, STARTS), (self.last, STOPS)):
            unit = self.headings[taken].unit
            others = [
                self.titles[i]
                for i in find_all(self.headings, meanings)
                if i not in (self.start, self.last)
                and (self.headings[i].words != self.headings[taken].words or self.headings[i].unit == unit)
            ]  # the same in another unit is no other time
            if others:
                message = f"has several columns that can hold times: taken is {self.titles[taken]!r}, not "
                mend = "Rename the others if that is right, or the right one to 'start' or 'end'."
                told.append(Problem(f"{message}{', '.join(map(repr, others))}.", mend, severity="warning"))
        return tuple(told)

    @property
    def in_samples(self) -> bool:
        """Whether times are in samples."""
        return self.headings[self.start].unit == "samples"

    @cached_property
    def recordings(self) -> list[int]:
        """The columns that say which recording a row is about, the surest first."""
        found = [i for i, heading in enumerate(self.headings) if heading.words in RECORDINGS]
        return sorted(found, key=lambda i: RECORDINGS.index(self.headings[i].words))

    @cached_property
    def selection(self) -> tuple[int | None, int | None, int | None]:
        """The columns with Raven's number of the selection, its view and its channel."""
        return self.column("selection"), self.column("view"), self.column("channel")


@lru_cache(1000)  # the same few headers occur in all tables of a folder
def layout_told(titles: tuple[str, ...], *, in_samples: bool = False) -> Layout | str:
    """Return the layout that headings tell, or what they lack; ``in_samples``: with columns of samples alone."""
    headings = tuple(Heading.of(text) for text in titles)
    start, stop, duration = (find(headings, words, in_samples=in_samples) for words in (STARTS, STOPS, DURATIONS))
    if start is None and stop is not None and duration is not None and headings[stop].words == "offset":
        return Layout(titles, headings, stop, duration, last_is_duration=True)  # Kaleidoscope's offset from the beginning
    if start is None:
        return "onsets (such as 'Begin Time (s)')"
    if stop is not None:
        return Layout(titles, headings, start, stop, last_is_duration=False)
    if duration is not None:
        return Layout(titles, headings, start, duration, last_is_duration=True)
    return "offsets (such as 'End Time (s)')"


def layout_of(file: AnnotationFile) -> Layout:
    """Return the layout of a table: that in seconds, unless all its onsets are blank and there are some in samples.

    Raises:
        DataError: it has no onsets or no offsets.
    """
    titles = tuple(file.table.first)
    layout = layout_told(titles)
    if isinstance(layout, Layout) and not any(
        cells[layout.start].strip() for _, cells in file.table.rows[1:] if len(cells) > layout.start
    ):
        other = layout_told(titles, in_samples=True)
        layout = other if isinstance(other, Layout) else layout
    if isinstance(layout, str):
        row, told = file.table.rows[0][0], ", ".join(filter(None, map(str.strip, titles)))
        raise DataError(f"{file.path}, row {row}: no column holds {layout}; found: {told}. Export the table with it.")
    return layout
