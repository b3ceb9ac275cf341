"""The page that shows a kernel's widgets: what would change them by itself waits until the page has them all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import cache

from ipywidgets import Widget


class Page:
    """Holds back what would change widgets while their page is loading.

    A page of Voila asks the kernel, which has run the notebook by then, for all widgets at once. One that is made
    meanwhile is announced to it before those that it is made of: the page looks for each of them in vain, seconds long,
    and shows an error in its place. In JupyterLab the page is there before the kernel: nothing is held back.
    """

    def __init__(self) -> None:
        self._is_shown = "VOILA_PREHEAT" not in os.environ
        self._held: list[tuple[asyncio.AbstractEventLoop, Callable[[], object]]] = []

    def watch(self, widget: Widget) -> None:
        """Take it that the page has all widgets once it shows this one."""
        if not self._is_shown:
            widget.set_trait("_view_count", 0)  # has the page count its views
            widget.observe(lambda _: self._shown(), "_view_count")

    def when_shown(self, act: Callable[[], object]) -> None:
        """Do something on the running loop: at once, or as soon as the page is there."""
        if self._is_shown:
            act()
        else:
            self._held.append((asyncio.get_running_loop(), act))

    async def shown(self) -> None:
        """Wait until the page is there."""
        there = asyncio.Event()
        self.when_shown(there.set)
        await there.wait()

    def _shown(self) -> None:
        self._is_shown = True
        for loop, act in self._held:
            loop.call_soon(act)
        self._held.clear()


@cache
def this_page() -> Page:
    """Return the page of this kernel."""
    return Page()
