"""Handing calls to whichever executor, such that each is done."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Anew:
    """A function that equals no other, not even another made of the same one; it can be pickled, as the function can.

    Args:
        function: what is called.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._token = uuid.uuid4().hex
        self.__name__ = function.__name__  # what a cluster's dashboard calls it

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)


def submit_anew(executor: Executor, function: Callable[..., Result], *args: Any) -> Future[Result]:
    """Have a function called by an executor, also where that takes equal calls for one.

    ``dask.distributed``'s gives the outcome of an earlier call with the same arguments, also its error, as long as something
    refers to that one's future: files that are gone since are not written again, and a second try is none.

    Returns:
        The future of the call.

    Raises:
        RuntimeError: the executor takes nothing more.
    """
    return executor.submit(_Anew(function), *args)
