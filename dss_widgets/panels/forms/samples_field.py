"""A field for a number of samples: people think of durations, so it is typed in milliseconds once the sample rate is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import traitlets as t

from dss_widgets.options import Option
from dss_widgets.panels.forms.fields import TextField, range_words
from dss_widgets.panels.style.words import count

_TYPED = re.compile(r"(.*?)\s*(ms|samples?)?", re.IGNORECASE | re.DOTALL)
_MOST_DIGITS = 15


@dataclass(frozen=True)
class Sampling:
    """How samples and milliseconds go together.

    Attributes:
        rate_hz: samples a second; 0 where it is not known.
        whole: returns the nearest number of samples that can be.
    """

    rate_hz: float = 0.0
    whole: Callable[[float], int] = round


class SamplesField(TextField):
    """A number of samples, typed in milliseconds (``100``), or as samples (``4096 samples``); what it becomes is told.

    Attributes:
        sampling: how samples and milliseconds go together; while the rate is unknown, samples are typed.
    """

    sampling = t.Instance(Sampling, ())

    def __init__(self, option: Option, value: Any) -> None:
        super().__init__(option, value)
        self.observe(self._take_rate, "sampling")

    def _take_rate(self, change: t.Bunch) -> None:
        """Write the same number of samples as it is at another rate."""
        if change.old.rate_hz != change.new.rate_hz and not self.fault:
            self.widget.value = self._text_of(self.value)
            self._draw()

    def _text_of(self, value: Any) -> str:
        rate = self.sampling.rate_hz
        if not rate or value is None:
            return self.option.format(value)
        milliseconds = 1000 * value / rate
        texts = (f"{milliseconds:.{digits}g}" for digits in range(3, _MOST_DIGITS))
        found = (text for text in texts if "e" not in text and round(float(text) * rate / 1000) == value)
        return next(found, f"{milliseconds:f}")

    def _value_of(self, held: str) -> Any:
        typed = _TYPED.fullmatch(held.strip())
        assert typed is not None  # it fits any text
        number, unit = typed.group(1), (typed.group(2) or "").lower()
        if not self.sampling.rate_hz or unit.startswith("sample"):
            return self.option.parse(number)
        if self.value is not None and number == self._text_of(self.value):
            return self.value  # also where no such number of samples can be: that is told, and not changed
        milliseconds = self._in_milliseconds().parse(number)
        n_samples = self.sampling.whole(milliseconds * self.sampling.rate_hz / 1000)
        return int(min(max(n_samples, self.option.minimum or 0), self.option.maximum or n_samples))

    def _in_milliseconds(self) -> Option:
        def bound(n_samples: float | None) -> float | None:
            return None if n_samples is None else float(f"{1000 * n_samples / self.sampling.rate_hz:.3g}")

        low, high = bound(self.option.minimum), bound(self.option.maximum)
        return replace(self.option, kind="float", unit="ms", minimum=low, maximum=high)

    def _unit(self) -> str:
        return "ms" if self.sampling.rate_hz else self.option.unit

    def _meaning(self) -> str:
        if not self.sampling.rate_hz or self.value is None:
            return ""
        exact = self._text_of(self.value)
        told = count(self.value, "sample") + self.option.unit.removeprefix("samples")
        return told if exact == self.widget.value.strip().removesuffix("ms").strip() else f"{told}, {exact} ms"

    def _range_words(self) -> str:
        return range_words(self._in_milliseconds()) if self.sampling.rate_hz else range_words(self.option)
