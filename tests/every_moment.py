"""Kill -9 at every moment: what tests do in a process of its own, which forks, with this folder as its working directory."""

import os
import signal
from collections.abc import Callable, Iterator


def killed_at_every_moment(
    work: Callable[[], object], watch: Callable[[Callable[[], None]], object], *, before: Callable[[], object]
) -> Iterator[int]:
    """Do work in child after child, the first of which is killed at its first moment, the next at its second, and so on.

    Args:
        work: what each child does.
        watch: has what it is given called at every moment of the work that counts, such as when a file is touched.
        before: called ahead of each child.

    Yields:
        How many there were, after each child; the last is the one that came through.
    """
    number, came_through = 0, False
    while not came_through:
        before()
        number += 1
        child = os.fork()
        if child == 0:
            _work_until(number, work, watch)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, -signal.SIGKILL), code
        came_through = code == 0
        yield number


def _work_until(last: int, work: Callable[[], object], watch: Callable[[Callable[[], None]], object]) -> None:
    """Work until the moment of a number, or to the end; never return."""
    left = last

    def moment() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        watch(moment)
        work()
        os._exit(0)
    finally:
        os._exit(1)
