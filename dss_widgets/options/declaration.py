"""An option as data: what a form, a flag, a config file and a table of the docs need to know of it."""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import traitlets as t

from dss_widgets.options.name_lists import format_mapping, format_names, parse_mapping, parse_names
from dss_widgets.options.paths import why_no_text

Kind = Literal["int", "float", "bool", "text", "choice", "flags", "folder", "file", "names", "mapping"]

_TRUE = {"true", "yes", "on", "1"}
_FALSE = {"false", "no", "off", "0"}
_NOTHING = {"", "none", "all", "-"}
_NO_ITEMS = {"", "none", "-"}
_MANY_DIGITS = "a number of hundreds of digits"


@dataclass(frozen=True)
class Option:
    """One declared option.

    Attributes:
        name: the attribute's name, also its key in config files.
        label: what stands beside the field.
        help: one or two sentences for a tooltip and ``--help``.
        kind: what its values are; ``flags`` is a list of booleans, ``names`` of names, ``mapping`` names to names.
        default: the value it has when nobody chooses.
        unit: the unit of its values, or ''.
        group: the section of a form it belongs to.
        das: DAS's name of it, or '' where DAS has none.
        optional: whether None (nothing chosen) is a value.
        minimum, maximum: bounds of a number, both allowed; None where there is none.
        choices: the values of a choice, and their words for a form.
        placeholder: what an empty field shows.
        shown: False while it has no effect yet.
    """

    name: str
    label: str
    help: str
    kind: Kind
    default: Any
    unit: str = ""
    group: str = ""
    das: str = ""
    optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: Mapping[Any, str] | None = None
    placeholder: str = ""
    shown: bool = True

    @property
    def flag(self) -> str:
        """The command-line flag, such as ``--event-width-seconds``."""
        return "--" + self.name.replace("_", "-")

    @property
    def das_flag(self) -> str:
        """DAS's own command-line flag, such as ``--nb-hist``, or ''."""
        return "--" + self.das.replace("_", "-") if self.das else ""

    def check(self, value: Any) -> str | None:
        """Return what is wrong with a value, as the end of a sentence that begins with the label; None if nothing is."""
        if value is None:
            return None if self.optional else "needs a value."
        if self.kind in ("int", "float"):
            return self._check_number(value)
        if self.kind == "choice" and value not in tuple(self.choices or ()):  # in a tuple, as lists cannot be looked up
            return f"must be one of {', '.join(map(str, self.choices or {}))}, not {shortened(value)}."
        if self.kind in ("text", "folder", "file") and isinstance(value, str):
            return why_no_text(value, is_path=self.kind != "text")
        if self.kind == "names" and self.choices:
            unknown = [name for name in value if name not in self.choices]
            if unknown:
                return f"can be {', '.join(self.choices)}, not {shortened(unknown[0])}."
        return None

    def _check_number(self, value: Any) -> str | None:
        if isinstance(value, bool):
            return f"must be a number, not {value}."
        if isinstance(value, float) and not math.isfinite(value):
            return f"must be a finite number, not {value}."
        unit = f" {self.unit}" if self.unit else ""
        low, high = self.minimum, self.maximum
        if low is not None and high is not None and not low <= value <= high:
            return f"must lie between {low:g} and {high:g}{unit}, not {_short(value)}."
        if low is not None and value < low:
            return f"must be at least {low:g}{unit}, not {_short(value)}."
        if high is not None and value > high:
            return f"must be at most {high:g}{unit}, not {_short(value)}."
        return None

    def parse(self, text: str) -> Any:
        """Turn what a user typed into a value.

        Returns:
            The value, within the option's bounds.

        Raises:
            ValueError: the text is no value of this option; the message ends a sentence that begins with the label.
        """
        text = text.strip()
        if self.optional and text.lower() in _NOTHING:
            return None
        if (self.kind == "flags" or (self.kind == "names" and self.choices)) and text.lower() in _NO_ITEMS:
            return []
        value = _PARSERS.get(self.kind, _parse_text)(self, text)
        wrong = self.check(value)
        if wrong:
            raise ValueError(wrong)
        return value

    def format(self, value: Any) -> str:
        """Turn a value into the text that :meth:`parse` reads."""
        if value is None:
            return ""
        return _FORMATTERS.get(self.kind, str)(value)


def shortened(value: Any) -> str:
    """Return how a value is written, cut where it is long."""
    form = reprlib.Repr()
    form.maxstring = form.maxother = form.maxlong = 100
    try:
        return form.repr(value)
    except ValueError:  # Python does not write thousands of digits
        return _MANY_DIGITS


def _short(value: float) -> str:
    try:
        return f"{value:g}"
    except OverflowError:
        return _MANY_DIGITS


def _format_float(value: float) -> str:
    short = f"{value:.12g}"
    return short if float(short) == value else repr(float(value))


def _parse_text(_option: Option, text: str) -> str:
    return text


def _parse_int(_option: Option, text: str) -> int:
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"must be a whole number, not {text!r}.") from None
    if not number.is_integer():
        raise ValueError(f"must be a whole number, not {text}.")
    return int(number) if "e" in text.lower() or "." in text else int(text)


def _parse_float(_option: Option, text: str) -> float:
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", text):
        raise ValueError(
            f"has a comma that can mean two things in {text!r}: write {text.replace(',', '')} or {text.replace(',', '.')}."
        )
    try:
        return float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        raise ValueError(f"must be a number, not {text!r}.") from None


def _parse_bool(_option: Option, text: str) -> bool:
    if text.lower() in _TRUE:
        return True
    if text.lower() in _FALSE:
        return False
    raise ValueError(f"must be true or false, not {text!r}.")


def _parse_choice(option: Option, text: str) -> Any:
    for value, words in (option.choices or {}).items():
        if text.lower() in (str(value).lower(), words.lower()):
            return value
    raise ValueError(f"must be one of {', '.join(map(str, option.choices or {}))}, not {text!r}.")


def _parse_flags(option: Option, text: str) -> list[bool]:
    return [_parse_bool(option, part) for part in text.replace(",", " ").split()]


def _parse_names(_option: Option, text: str) -> list[str]:
    return parse_names(text)


def _parse_mapping(_option: Option, text: str) -> dict[str, str]:
    return parse_mapping(text)


_PARSERS = {
    "int": _parse_int,
    "float": _parse_float,
    "bool": _parse_bool,
    "choice": _parse_choice,
    "flags": _parse_flags,
    "names": _parse_names,
    "mapping": _parse_mapping,
}

_FORMATTERS: Mapping[str, Callable[[Any], str]] = {
    "float": _format_float,
    "flags": lambda flags: " ".join(str(bool(flag)) for flag in flags),
    "bool": lambda value: "true" if value else "false",
    "names": format_names,
    "mapping": format_mapping,
}

_KINDS: tuple[tuple[type[t.TraitType[Any, Any]], Kind], ...] = (
    (t.Enum, "choice"),
    (t.Bool, "bool"),
    (t.Int, "int"),
    (t.Float, "float"),
    (t.List, "flags"),
    (t.Dict, "mapping"),
    (t.Unicode, "text"),
)


def describe(name: str, trait: t.TraitType[Any, Any]) -> Option:
    """Read an option's declaration off its trait and the trait's tags."""
    tags = trait.metadata
    kind = tags.get("kind") or next(kind for trait_type, kind in _KINDS if isinstance(trait, trait_type))
    choices = None
    if kind == "choice":
        words = tags.get("words", {})
        choices = {value: words.get(value, str(value)) for value in getattr(trait, "values", ())}
    elif kind == "names" and "words" in tags:
        choices = dict(tags["words"])
    return Option(
        name=name,
        label=tags["label"],
        help=tags["help_text"],
        kind=kind,
        default=trait.default(),
        unit=tags.get("unit", ""),
        group=tags.get("group", ""),
        das=tags.get("das", ""),
        optional=trait.allow_none,
        minimum=_bound(getattr(trait, "min", None)),
        maximum=_bound(getattr(trait, "max", None)),
        choices=choices,
        placeholder=tags.get("placeholder", ""),
        shown=tags.get("shown", True),
    )


def _bound(value: float | None) -> float | None:
    return None if value is None or math.isinf(value) else value
