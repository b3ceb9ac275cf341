"""XML that somebody else made, read as plain elements with their rows: nothing outside of the file, nothing that grows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile
from dss_widgets.dataset.annotations.readers.bounded import bounded_content
from dss_widgets.errors import DataError

_DEEPEST = 64


@dataclass(eq=False)
class Element:
    """An element of an XML file.

    Attributes:
        tag: its name.
        attributes: its attributes, by name.
        row: the line on which it begins, counted from 1.
        children: the elements within it.
        pieces: the text directly within it, as it comes.
    """

    tag: str
    attributes: dict[str, str]
    row: int
    children: list[Element] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text directly within the element, without the space around it."""
        return "".join(self.pieces).strip()

    def all(self, tag: str) -> Iterator[Element]:
        """Yield the children of this name."""
        return (child for child in self.children if child.tag == tag)

    def first(self, tag: str) -> Element | None:
        """Return the first child of this name, if there is one."""
        return next(self.all(tag), None)


def read_xml(file: AnnotationFile, root: str) -> Element:
    """Read an XML file whole.

    Args:
        file: the file.
        root: the name that its outermost element must have.

    Returns:
        The outermost element.

    Raises:
        DataError: the file cannot be read, is too large, is not well-formed, declares entities (text that stands for other
            text or another file), or is another kind of document.
    """
    path, document = file.path, Element("", {}, 0)
    open_elements = [document]
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if len(open_elements) > _DEEPEST:
            raise DataError(f"{path}, row {parser.CurrentLineNumber}: elements lie too deep in each other. Export it again.")
        element = Element(tag, attributes, parser.CurrentLineNumber)
        open_elements[-1].children.append(element)
        open_elements.append(element)

    def end(_: str) -> None:
        open_elements.pop()

    def write(text: str) -> None:
        open_elements[-1].pieces.append(text)

    def refuse(*_: object) -> NoReturn:
        raise DataError(
            f"{path}, row {parser.CurrentLineNumber}: has an entity of its own, which is not read. Export the file again."
        )

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = write
    parser.EntityDeclHandler = parser.ExternalEntityRefHandler = parser.SkippedEntityHandler = refuse
    try:
        parser.Parse(bounded_content(file), True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        row = getattr(error, "lineno", parser.CurrentLineNumber)
        raise DataError(f"{path}, row {row}: is damaged XML ({error}). Export the file again.") from error
    found = document.children[0]
    if found.tag != root:
        raise DataError(f"{path}, row {found.row}: begins with <{found.tag}> and not with <{root}>. Is it of another kind?")
    return found


def number_of(path: Path, element: Element, value: str | None, what: str) -> float:
    """Return a number that stands in an element.

    Raises:
        DataError: there is none.
    """
    try:
        return float(value or "")
    except ValueError:
        raise DataError(
            f"{path}, row {element.row}: {what} of <{element.tag}> is {value!r} and no number. Export the file again."
        ) from None
