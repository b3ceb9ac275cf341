"""Answers to what pages want of a sound, one after the other in a thread: the kernel stays free for everything else."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from dss_widgets.panels.sound.tiles import Tiles, Wanted

Send = Callable[[dict[str, Any], bytes], None]
"""Takes an answer and its binary part; called from any thread."""

MOST_WANTED = 96
"""Tiles that one request may name; more are left out."""

_MOST_PAGES = 4

AHEAD_BYTES, WINDOW_SECONDS = 3_000_000, 1.0
"""How much is sent in a while of what may be needed later: a slow connection stays free for what is seen."""


class Answers:
    """Works off requests; of each page only the newest counts, what older ones wanted besides is dropped.

    Args:
        tiles: of the sound that is shown.
        send: sends an answer.
        beside: whether there is a loop that must not wait; else everything is done at once.
    """

    def __init__(self, tiles: Tiles, send: Send, *, beside: bool) -> None:
        self._tiles, self._send, self._beside = tiles, send, beside
        self._wanted: dict[str, deque[Wanted]] = {}
        self._seen: dict[str, int] = {}
        self._estimated: dict[str, list[Wanted]] = {}
        self._first: deque[Callable[[], tuple[dict[str, Any], bytes]]] = deque()
        self._sent: deque[tuple[float, int]] = deque()
        self._lock, self._woken = threading.Lock(), threading.Event()
        self._is_working = False

    def want(self, page: str, wanted: Sequence[Wanted], n_seen: int | None = None) -> None:
        """Send a page these tiles, and nothing else that it wanted before.

        Args:
            page: the page.
            wanted: the tiles, in their order.
            n_seen: how many of them are to be seen; the others may be needed later, and wait where there is little room.
        """
        with self._lock:
            self._wanted.pop(page, None)
            self._wanted[page] = deque(wanted[:MOST_WANTED])
            self._seen[page] = len(wanted) if n_seen is None else n_seen
            self._estimated.pop(page, None)
            for old in list(self._wanted)[:-_MOST_PAGES]:
                del self._wanted[old]
                del self._seen[old]
        self._start()

    def first(self, make: Callable[[], tuple[dict[str, Any], bytes]], *, alone: bool) -> None:
        """Send something else before all tiles.

        Args:
            make: makes the answer and its binary part.
            alone: whether nothing else of this sort counts any more.
        """
        with self._lock:
            if alone:
                self._first.clear()
            self._first.append(make)
        self._start()

    def drop(self) -> None:
        """Forget everything that is wanted."""
        with self._lock:
            self._wanted.clear()
            self._estimated.clear()
            self._first.clear()
        self._woken.set()

    def _start(self) -> None:
        self._woken.set()
        with self._lock:
            if self._is_working:
                return
            self._is_working = True
        if self._beside:
            threading.Thread(target=self._work, daemon=True).start()
        else:
            self._work()

    def _work(self) -> None:
        while True:
            self._pause()
            with self._lock:
                step = self._next()
                self._is_working = step is not None
            if step is None:
                return
            for answer, data in step():
                self._sent.append((time.monotonic(), len(data)))
                self._send(answer, data)

    def _pause(self) -> None:
        """Let what may be needed later wait until there is room for it; what is seen, or asked for, never waits."""
        while self._beside:
            now = time.monotonic()
            while self._sent and self._sent[0][0] < now - WINDOW_SECONDS:
                self._sent.popleft()
            if self._is_urgent() or sum(size for _, size in self._sent) < AHEAD_BYTES:
                return
            self._woken.clear()
            self._woken.wait(self._sent[0][0] + WINDOW_SECONDS - now + 0.001)

    def _is_urgent(self) -> bool:
        """Return whether somebody waits for what comes next; also where nothing does."""
        with self._lock:
            is_ahead = any(self._wanted.values())
            return not is_ahead or bool(self._first) or any(self._seen[page] > 0 for page, left in self._wanted.items() if left)

    def _next(self) -> Callable[[], Iterator[tuple[dict[str, Any], bytes]]] | None:
        """Return the next step of the work, as what yields its answers; None: all is done. The lock is held."""
        if self._first:
            make = self._first.popleft()
            return lambda: iter([make()])
        for page in sorted(self._wanted, key=lambda page: self._seen[page] <= 0):
            if self._wanted[page]:
                self._seen[page] -= 1
                wanted = self._wanted[page].popleft()
                return lambda: self._tile(page, wanted)
        for page in reversed(self._estimated):
            if self._estimated[page]:
                wanted = self._estimated[page][0]
                return lambda: self._learn(page, wanted)
        return None

    def _tile(self, page: str, wanted: Wanted) -> Iterator[tuple[dict[str, Any], bytes]]:
        try:
            tile = self._tiles.tile(wanted)
        except Exception as error:  # whatever a file does to its reader: it is told in the view, and the next tile is made
            yield {"kind": "tile", "tile": list(wanted), "fault": str(error)}, b""
            return
        if tile.is_estimate:
            with self._lock:
                self._estimated.setdefault(page, []).append(wanted)
        about = {"shape": list(tile.values.shape), "estimate": tile.is_estimate}
        if wanted.kind == "power":
            about["top"] = self._tiles.top_decibels
        yield {"kind": "tile", "tile": list(wanted), **about}, tile.values.tobytes()

    def _learn(self, page: str, wanted: Wanted) -> Iterator[tuple[dict[str, Any], bytes]]:
        try:
            is_known = self._tiles.learn(wanted)
        except Exception:  # making the tile tells it
            is_known = True
        if is_known:
            with self._lock:
                if wanted in self._estimated.get(page, ()):
                    self._estimated[page].remove(wanted)
            yield from self._tile(page, wanted)
