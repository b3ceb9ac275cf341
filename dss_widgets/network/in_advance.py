"""What comes next is made while one works with what is there."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_in_advance(items: Iterator[T]) -> Generator[T]:
    """Yield items, each of which is made, in a thread beside, while the one before it is worked with.

    What making one raises is raised in its place. Whoever takes no more waits until the one that is being made is.
    """
    end = object()
    with ThreadPoolExecutor(1, thread_name_prefix="in-advance") as thread:
        coming = thread.submit(next, items, end)
        while (item := coming.result()) is not end:
            coming = thread.submit(next, items, end)
            yield item  # type: ignore[misc]  # it is not the end
