"""Annotation documents of ELAN (``.eaf``): tiers of annotations, whose times stand in a list of slots of their own.

The format: https://www.mpi.nl/tools/elan/EAF_Annotation_Format_3.0_and_ELAN.pdf
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from dss_widgets.dataset.annotations.annotation_file import AnnotationFile, Reading
from dss_widgets.dataset.annotations.annotation_format import AnnotationFormat
from dss_widgets.dataset.annotations.named_recordings import one_form
from dss_widgets.dataset.annotations.readers.tiers import Tier, reading_of
from dss_widgets.dataset.annotations.readers.xml_elements import Element, number_of, read_xml
from dss_widgets.errors import DataError, Problem

_Spans = dict[str, tuple[float, float]]
"""Start and stop in seconds of annotations, by their ids."""


def _tiers(path: Path, document: Element) -> list[Tier]:
    """Return the tiers of an ELAN document.

    Annotations that refer to others, on tiers without times, last as long as what they refer to; several that refer to the
    same one divide it, as ELAN shows them.

    Raises:
        DataError: it is no such document, or damaged.
    """
    _check_times(path, document)
    slots = _slots(path, document)
    spans: _Spans = {}
    tiers = {}
    for element in _parents_first(path, list(document.all("TIER"))):
        aligned = [a for outer in element.all("ANNOTATION") for a in outer.all("ALIGNABLE_ANNOTATION")]
        referring = [a for outer in element.all("ANNOTATION") for a in outer.all("REF_ANNOTATION")]
        spans.update(_aligned(path, aligned, slots))
        spans.update(_referring(path, referring, spans))
        tier = Tier(element.attributes.get("TIER_ID", ""), element.attributes.get("PARENT_REF"))
        for annotation in [*aligned, *referring]:
            value = annotation.first("ANNOTATION_VALUE")
            name = value.text if value is not None else ""
            tier.entries.append((name, *spans[annotation.attributes.get("ANNOTATION_ID", "")]))
            tier.rows.append(annotation.row)
        tiers[element.row] = tier
    return [tiers[row] for row in sorted(tiers)]


def _check_times(path: Path, document: Element) -> None:
    header = document.first("HEADER")
    if header is None:
        return
    unit = header.attributes.get("TIME_UNITS", "milliseconds")
    if unit != "milliseconds":
        raise DataError(f"{path}, row {header.row}: has times in {unit}. Save it again in ELAN, which writes milliseconds.")
    for media in header.all("MEDIA_DESCRIPTOR"):
        if media.attributes.get("TIME_ORIGIN", "0") != "0":
            raise DataError(
                f"{path}, row {media.row}: its recording is shifted by {media.attributes['TIME_ORIGIN']} ms in ELAN. "
                "Set its offset to 0 (Options, Media Synchronization Mode), and save it again."
            )


def _slots(path: Path, document: Element) -> dict[str, float | None]:
    """Return the time of every slot in seconds; None for those that ELAN spreads between others."""
    return {
        slot.attributes.get("TIME_SLOT_ID", ""): (
            number_of(path, slot, slot.attributes["TIME_VALUE"], "TIME_VALUE") / 1000
            if "TIME_VALUE" in slot.attributes
            else None
        )
        for order in document.all("TIME_ORDER")
        for slot in order.all("TIME_SLOT")
    }


def _parents_first(path: Path, tiers: Sequence[Element]) -> Iterator[Element]:
    """Yield tiers such that none comes before the one whose annotations it refers to."""
    waiting, known = list(tiers), {tier.attributes.get("TIER_ID") for tier in tiers}
    while waiting:
        open_ids = {tier.attributes.get("TIER_ID") for tier in waiting}
        ready = [tier for tier in waiting if tier.attributes.get("PARENT_REF") not in open_ids & known]
        if not ready:
            raise DataError(f"{path}, row {waiting[0].row}: tiers refer to each other in a circle. Export the file again.")
        yield from ready
        waiting = [tier for tier in waiting if tier not in ready]


def _aligned(path: Path, annotations: Sequence[Element], slots: Mapping[str, float | None]) -> _Spans:
    """Return the spans of annotations that have slots; those between two slots with times share what lies between."""
    spans: _Spans = {}
    chain: list[Element] = []
    start = 0.0
    for annotation in annotations:
        first, last = (_slot(path, annotation, slots, end) for end in ("TIME_SLOT_REF1", "TIME_SLOT_REF2"))
        if (first is None) != bool(chain):
            raise _no_time(path, annotation)
        if first is not None:
            start = first
        chain.append(annotation)
        if last is not None:
            spans.update(_divided(chain, start, last))
            chain = []
    if chain:
        raise _no_time(path, chain[0])
    return spans


def _slot(path: Path, annotation: Element, slots: Mapping[str, float | None], end: str) -> float | None:
    slot = annotation.attributes.get(end, "")
    if slot not in slots:
        raise DataError(
            f"{path}, row {annotation.row}: refers to a time slot {slot!r} that is not there. Export the file again."
        )
    return slots[slot]


def _no_time(path: Path, annotation: Element) -> DataError:
    return DataError(f"{path}, row {annotation.row}: an annotation has no time. Give it one in ELAN, or delete it.")


def _referring(path: Path, annotations: Sequence[Element], spans: Mapping[str, tuple[float, float]]) -> _Spans:
    by_parent: dict[str, list[Element]] = {}
    for annotation in annotations:
        parent = annotation.attributes.get("ANNOTATION_REF", "")
        if parent not in spans:
            raise DataError(
                f"{path}, row {annotation.row}: refers to an annotation {parent!r} that is not there. Export the file again."
            )
        by_parent.setdefault(parent, []).append(annotation)
    return {name: span for parent, parts in by_parent.items() for name, span in _divided(parts, *spans[parent]).items()}


def _divided(parts: Sequence[Element], start: float, stop: float) -> _Spans:
    """Return equal spans, one after the other, between two times."""
    step = (stop - start) / len(parts)
    ends = [start + i * step for i in range(len(parts))] + [stop]
    return {part.attributes.get("ANNOTATION_ID", ""): (ends[i], ends[i + 1]) for i, part in enumerate(parts)}


def _read(file: AnnotationFile) -> Reading:
    document = read_xml(file, "ANNOTATION_DOCUMENT")
    reading = reading_of(file, _tiers(file.path, document))
    return replace(reading, notices=(*reading.notices, *_other_media(file, document)))


def _other_media(file: AnnotationFile, document: Element) -> Iterator[Problem]:
    """Yield a warning if a document is named after another recording than the one that it was made on."""
    header = document.first("HEADER")
    media = [] if header is None else list(header.all("MEDIA_DESCRIPTOR"))
    urls = [unquote(m.attributes.get("MEDIA_URL", "")).replace("\\", "/") for m in media]
    stems = [one_form(PurePosixPath(url).stem) for url in urls if url]
    if stems and not any(one_form(file.name).casefold().startswith(stem.casefold()) for stem in stems):
        yield Problem(
            "is named after another recording than the one that it was made on in ELAN.",
            "See under Edit, Linked Files whether it is the same one, and ignore this if so.",
            severity="warning", file=file.name, row=media[0].row,
        )  # fmt: skip


ELAN = AnnotationFormat("ELAN", (".eaf",), _read)
