"""The sound view: one module in the page, and the kernel's end of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from importlib.resources import files
from typing import Any

import anywidget
import numpy as np
import traitlets as t

from dss_widgets.errors import DataError
from dss_widgets.panels.background import running_loop
from dss_widgets.panels.sound.answers import Answers
from dss_widgets.panels.sound.playing import PIECE, Playing, played
from dss_widgets.panels.sound.sound import Sound
from dss_widgets.panels.sound.tiles import Tiles, Wanted
from dss_widgets.panels.sound.tracks import Track
from dss_widgets.panels.style.palette import song_colours
from dss_widgets.panels.style.theme import plain_layout

_PARTS = ("looks", "supply", "pictures", "labels", "player", "controls", "view", "drawing")
"""The module's parts, in the order in which they are put together: pages load it as one, without a bundler."""


def module(*more: str, view: str = "View") -> str:
    """Return the module's text.

    Args:
        more: further parts, as text.
        view: the class that is shown.
    """
    folder = files(__package__).joinpath("page")
    parts = [folder.joinpath(f"{name}.js").read_text(encoding="utf-8") for name in _PARTS]
    return "\n".join([*parts, *more, f"export default showing({view});\n"])


class SoundView(anywidget.AnyWidget):
    """Waveform, spectrogram, curves and labels over one axis of time, to look at and to listen to.

    The page asks for what it shows, in tiles; each request replaces the page's last one. Answers name the sound that they
    are of by its number, so that those of an earlier sound are dropped.

    Args:
        name: what the sound is, for screen readers.
        seconds: how much is shown at first.

    Attributes:
        sound: what is shown; None: nothing.
        place: what is in view, from and to, in seconds of the sound's axis.
        fault: why there is no sound, shown in its place; '' for none.
    """

    _esm = module()

    sound = t.Instance(Sound, allow_none=True)
    name = t.Unicode("Sound").tag(sync=True)
    place = t.Tuple(t.Float(), t.Float(), default_value=(0.0, 1.0)).tag(sync=True)
    fault = t.Unicode().tag(sync=True)
    _shown = t.Dict().tag(sync=True)
    _tracks: t.List = t.List().tag(sync=True)

    def __init__(self, name: str = "Sound", seconds: float = 1.0) -> None:
        self._answers: Answers | None = None
        self._number, self._loop = 0, running_loop()
        super().__init__(name=name, place=(0.0, seconds), layout=plain_layout())
        self.on_msg(self._asked)

    @property
    def seconds(self) -> float:
        """How much is in view."""
        return self.place[1] - self.place[0]

    def show(
        self, sound: Sound, tracks: Sequence[Track] = (), start: float | None = None, seconds: float | None = None
    ) -> None:
        """Show a sound.

        Args:
            sound: the sound.
            tracks: labels in it.
            start: what is shown first, in seconds of its axis; None: what is in view, as far as it is in the sound.
            seconds: how much is shown; None: as much as before.
        """
        seconds = self.seconds if seconds is None else seconds
        with self.hold_sync():
            self.fault = ""
            self.sound = sound
            self.label(tracks)
            self.go_to(self.place[0] if start is None else start, seconds)

    def label(self, tracks: Sequence[Track]) -> None:
        """Show other labels in the same sound."""
        self._tracks = [track.packed() for track in tracks]

    def go_to(self, start: float, seconds: float | None = None) -> None:
        """Show another place, as far as there is sound; in seconds of its axis."""
        sound = self.sound
        if sound is not None:
            seconds = min(self.seconds if seconds is None else seconds, sound.seconds)
            start = min(max(sound.start_seconds, start), sound.stop_seconds - seconds)
            self.place = (start, start + seconds)

    def say(self, words: object) -> None:
        """Say in the sound's place why it cannot be shown."""
        self.fault = str(words)

    @t.observe("sound")
    def _new_sound(self, _change: Any) -> None:
        if self._answers is not None:
            self._answers.drop()
        self._number += 1
        sound, self._answers = self.sound, None
        if sound is None:
            self._shown = {}
            return
        self._loop = running_loop()
        self._answers = Answers(Tiles(sound), partial(self._answer, self._number), beside=self._loop is not None)
        curves = sound.curves
        colours = song_colours(curves.names if curves else ())
        drawn = curves and [curves.title, list(curves.names), [colours[name] for name in curves.names]]
        self._shown = {
            "number": self._number, "rate": sound.samplerate_hz, "samples": sound.n_samples, "channels": sound.n_channels,
            "start": sound.start_seconds, "axis": sound.axis,
            "curves": drawn and dict(zip(("title", "names", "colours"), drawn, strict=True)),
        }  # fmt: skip

    def _asked(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """Take a request of the page; what is none is passed over."""
        if not isinstance(message, dict) or message.get("number") != self._number or self._answers is None:
            return
        try:
            if message["kind"] == "tiles":
                self._answers.want(
                    str(message["page"]), [Wanted.parse(told) for told in message["wanted"]], int(message["seen"])
                )
            elif message["kind"] == "play":
                self._answers.first(self._piece(message), alone=message["piece"] == 0)
        except (KeyError, TypeError, ValueError):
            return

    def _piece(self, message: dict[str, Any]) -> Callable[[], tuple[dict[str, Any], bytes]]:
        """Return what makes a piece of what is to be played."""
        assert self.sound is not None
        low, high = float(message["low"]), float(message["high"])
        how = Playing(int(message["channel"]), float(message["slowed"]), low, high)
        start, stop, piece = float(message["start"]), float(message["stop"]), int(message["piece"])
        told = {"kind": "sound", "page": str(message["page"]), "take": int(message["take"]), "piece": piece}
        return partial(sound_piece, self.sound, how, (start, stop), piece, told)

    def _answer(self, number: int, answer: dict[str, Any], data: bytes) -> None:
        if self._loop is None:
            self._send_answer(number, answer, data)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._send_answer, number, answer, data)

    def _send_answer(self, number: int, answer: dict[str, Any], data: bytes) -> None:
        if number == self._number and self.comm is not None:
            self.send({"number": number, **answer}, [data])


def sound_piece(
    sound: Sound, how: Playing, place: tuple[float, float], piece: int, told: dict[str, Any]
) -> tuple[dict[str, Any], bytes]:
    """Return a piece of a stretch as it is played, with what is told of it.

    Args:
        sound, how: what is played, and how.
        place: samples of the sound, from and to.
        piece: which piece, from 0.
        told: what is told anyway.

    Returns:
        What is told, with the sample rate and the number of samples of the whole stretch, and the samples as float32.
    """
    try:
        audio = played(sound, how)
        ratio = audio.n_samples / sound.n_samples
        start, stop = (min(audio.n_samples, max(0, math.floor(edge * ratio + 0.5))) for edge in place)
        first = start + piece * PIECE
        if piece < 0 or first >= stop:
            return {**told, "fault": "there is nothing to play here"}, b""
        heard = audio.read(first, min(stop, first + PIECE))[:, 0]
    except (DataError, ValueError) as error:
        return {**told, "fault": str(error)}, b""
    return {**told, "rate": audio.samplerate_hz, "samples": stop - start}, np.ascontiguousarray(heard, "<f4").tobytes()
