"""Fields: a widget for every kind of option, made from the option's declaration.

A field holds what was typed; the value it stands for is in ``value`` only while the text can be read, and ``fault`` says
what is wrong while it cannot. So a bad value never reaches the options, and the typed text stays to be mended.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import traitlets as t
from ipywidgets import HTML, Box, Checkbox, Dropdown, Text, Widget

from dss_widgets.options import Option
from dss_widgets.panels.style.theme import classed, label, plain_layout, put, set_class, show, text
from dss_widgets.panels.style.words import capital, escape

_HUGE = 1e5
_OF_SONG = ("Targets", "Events", "Segments", "Comparison")
"""Groups of options whose times are those of syllables and pulses: people think of them in milliseconds."""


class Field(Box):
    """An option's widget with label, help and note.

    Attributes:
        option: the declaration it was made from.
        value: the option's value, as last readable.
        fault: what is wrong with what stands in the field, or ''; the end of a sentence that begins with the label.
        remark: what the value means, told under the field while nothing is wrong with it.
        suited: a value that suits the data, and why, as a sentence; None where data has no say.
    """

    value = t.Any()
    fault = t.Unicode()
    remark = t.Unicode()
    suited = t.Tuple(allow_none=True, default_value=None)

    def __init__(self, option: Option, widget: Widget, value: Any, *extra: Widget, wide: bool = False) -> None:
        self.option, self.widget = option, widget
        self._message, self._severity = "", ""
        self._help = text(_help(option))
        super().__init__(children=[widget, classed(self._help, "dss-aside"), *extra], layout=plain_layout(), value=value)
        classed(self, "dss-field", f"dss-field-{option.name}", *(["dss-wide"] if wide else []))
        self._draw()
        widget.observe(self._read, "value")
        self.observe(self._write, "value")
        self.observe(lambda _: self._draw(), "remark")
        self.observe(self._show_suited, "suited")

    def _text_of(self, value: Any) -> Any:
        """Return what the widget holds for a value."""
        return value

    def _value_of(self, held: Any) -> Any:
        """Return the value of what the widget holds, or raise ValueError."""
        return held

    def _read(self, _change: Any = None) -> None:
        try:
            value = self._value_of(self.widget.value)
        except ValueError as error:
            self.fault = str(error)
        else:
            self.fault = ""
            self.value = value
        self._draw()

    def _write(self, _change: Any = None) -> None:
        """Show a value that was set from outside; text that means the same stays as it was typed."""
        try:
            same = self._value_of(self.widget.value) == self.value
        except ValueError:
            same = False
        if not same:
            self.widget.value = self._text_of(self.value)
        self.fault = ""
        self._draw()

    def tell(self, message: str, severity: str = "error") -> None:
        """Let a message stand under the field; '' takes it away. What cannot be read comes first."""
        if (message, severity) != (self._message, self._severity):
            self._message, self._severity = message, severity
            self._draw()

    @property
    def disabled(self) -> bool:
        """Whether the field can be changed."""
        return bool(self.widget.disabled)

    @disabled.setter
    def disabled(self, off: bool) -> None:
        self.widget.disabled = off

    def _note(self) -> tuple[str, str]:
        """Return the note's words as HTML, and its kind."""
        if self.fault:
            return f"<b>Error:</b> {escape(capital(self.fault))}", "error"
        if self._severity == "hint" and self._message:
            return escape(self._message), "hint"
        if self._message:
            word = "Error" if self._severity == "error" else "Note"
            return f"<b>{word}:</b> {escape(self._message)}", self._severity
        meaning = self._meaning()
        remark = escape(" · ".join(filter(None, [self._unit(), meaning]))) if meaning else ""
        usual, word = (self.option.default, "default") if self.suited is None else (self.suited[0], "suggested")
        if self.value != usual and self.option.kind not in ("folder", "file"):
            changed = f'<span class="dss-changed">changed</span>, {word} {escape(self._words_of(usual))}'
            return f"{remark}{' · ' if remark else ''}{changed}", "muted"
        if self.suited is not None:
            return f'{remark}{" · " if remark else ""}<span class="dss-suits">suits your data</span>', "muted"
        return remark or escape(self._range_words()), "muted"

    def _words_of(self, value: Any) -> str:
        option = self.option
        if option.kind == "bool":
            return "ticked" if value else "not ticked"
        words = option.choices[value] if option.kind == "choice" and option.choices else self._text_of(value)
        return f"{words} {self._unit()}".strip() if words else option.placeholder or "empty"

    def _show_suited(self, _change: Any = None) -> None:
        why = "" if self.suited is None else f"For your data: {self._words_of(self.suited[0])}. {self.suited[1]}"
        put(self._help, _help(self.option, why))
        self._draw()

    def _unit(self) -> str:
        return self.option.unit

    def _meaning(self) -> str:
        return self.remark

    def _range_words(self) -> str:
        return range_words(self.option)

    def _draw(self) -> None:
        note, kind = self._note()
        set_class(self, "dss-has-error", kind == "error")
        self._put_words(label(self.option.label), f'<span class="dss-note dss-{kind}">{note}</span>')

    def _put_words(self, label: str, note: str) -> None:
        self.widget.description = f"{label}{note}"


class TextField(Field):
    """Numbers, words and lists as text that is read as it is typed."""

    def __init__(self, option: Option, value: Any, *extra: Widget, wide: bool = False) -> None:
        self.option = option
        widget = Text(
            value=self._text_of(value), placeholder=option.placeholder, continuous_update=True,
            description_allow_html=True, layout=plain_layout(),
        )  # fmt: skip
        super().__init__(option, widget, value, *extra, wide=wide)

    def _text_of(self, value: Any) -> str:
        return self.option.format(value)

    def _value_of(self, held: str) -> Any:
        return self.option.parse(held)


class MillisecondsField(TextField):
    """A short time: the option is in seconds, the field in milliseconds."""

    def __init__(self, option: Option, value: Any) -> None:
        low, high = (None if bound is None else 1000 * bound for bound in (option.minimum, option.maximum))
        self._in_milliseconds = replace(option, unit="ms", minimum=low, maximum=high)
        super().__init__(option, value)

    def _text_of(self, value: Any) -> str:
        return "" if value is None else f"{1000 * value:.10g}"

    def _value_of(self, held: str) -> Any:
        value = self._in_milliseconds.parse(held)
        return None if value is None else float(f"{value / 1000:.12g}")  # 1.6 ms are 0.0016 s, not 0.00160000000000000001

    def _unit(self) -> str:
        return "ms"

    def _range_words(self) -> str:
        return range_words(self._in_milliseconds)


class ChoiceField(Field):
    """One of a few values."""

    def __init__(self, option: Option, value: Any) -> None:
        choices = [(words, choice) for choice, words in (option.choices or {}).items()]
        widget = Dropdown(options=choices, value=value, description_allow_html=True, layout=plain_layout())
        super().__init__(option, widget, value)


class BoolField(Field):
    """Yes or no."""

    def __init__(self, option: Option, value: Any) -> None:
        self.note: HTML = text()
        widget = Checkbox(value=value, description=option.label, indent=False, layout=plain_layout())
        super().__init__(option, widget, value, self.note)
        classed(self, "dss-bool")

    def _put_words(self, label: str, note: str) -> None:  # noqa: ARG002 - a check box keeps its label beside the box
        self.note.value = note


def make_field(option: Option, value: Any) -> Field:
    """Return the field for an option; folders are made with :class:`~dss_widgets.panels.forms.folder_picker.FolderField`."""
    if option.kind == "choice":
        return ChoiceField(option, value)
    if option.kind == "bool":
        return BoolField(option, value)
    if option.unit == "s" and option.group in _OF_SONG:
        return MillisecondsField(option, value)
    return TextField(option, value)


def range_words(option: Option) -> str:
    """Return an option's bounds and unit in words, or ''. A bound nobody will meet is not told."""
    low, high = option.minimum, option.maximum
    if option.kind not in ("int", "float") or low is None:
        return option.unit
    if high is None or high >= _HUGE * max(1.0, low):
        bounds = f"at least {low:g}" if low == 0 or low >= 1e-3 else "above 0"
    else:
        bounds = f"{low:g} to {high:g}" if low == 0 or low >= 1e-3 else f"above 0, at most {high:g}"
    return f"{bounds} {option.unit}".strip()


def _help(option: Option, why: str = "") -> str:
    """Return the help of an option as HTML; with why its value suits the data, where it does."""
    about = f'<summary aria-label="{escape(f"About {option.label}")}">?</summary>'
    more = f'<p class="dss-why">{escape(why)}</p>' if why else ""
    return f'<details class="dss-help">{about}<p>{escape(option.help)}</p>{more}</details>'


MOST_BOXES = 16
"""With more, the text must do."""


class FlagsField(TextField):
    """One yes or no for each of several things, such as blocks; ticked, or typed as ``True True False``.

    Attributes:
        count: how many things there are.
    """

    count = t.Int(0)

    def __init__(self, option: Option, value: Any) -> None:
        self.boxes: list[Checkbox] = []
        self._writing = False
        self._row = classed(Box(layout=plain_layout()), "dss-flag-boxes")
        super().__init__(option, value, self._row, wide=True)
        classed(self, "dss-flags")
        self.observe(self._build, "count")
        self.observe(self._show_boxes, "value")

    def _build(self, _change: Any = None) -> None:
        """Have as many boxes as there are things."""
        wanted = self.count if self.count <= MOST_BOXES else 0
        while len(self.boxes) > wanted:
            self.boxes.pop().close()
        while len(self.boxes) < wanted:
            box = Checkbox(description=str(len(self.boxes) + 1), indent=False, layout=plain_layout())
            box.tooltip = f"{self.option.label}: {len(self.boxes) + 1}"
            box.observe(self._ticked, "value")
            self.boxes.append(box)
        self._row.children = tuple(self.boxes)
        show(self._row, bool(self.boxes))
        self._show_boxes()

    def _show_boxes(self, _change: Any = None) -> None:
        self._writing = True
        for i, box in enumerate(self.boxes):
            box.value = i < len(self.value) and bool(self.value[i])
            box.disabled = self.widget.disabled
        self._writing = False

    def _ticked(self, _change: Any = None) -> None:
        """Take over what is ticked; nothing ticked is the empty list."""
        if not self._writing:
            ticked = [box.value for box in self.boxes]
            self.value = ticked if any(ticked) else []
