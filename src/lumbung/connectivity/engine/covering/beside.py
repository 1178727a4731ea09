"""Solvers that run beside the search, and an end of the program that waits for them.

Where a solver does not stop in time, the answer does not wait for it: it runs in a daemon. HiGHS then asks Python whether to
stop while the interpreter is being taken down, and the thread that asks brings the process down with it (SIGABRT, after
the answer was printed). So the end waits until they have asked once more; they are told to stop then.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable
from weakref import WeakSet

LONGEST_WAIT = 60.0
"""Seconds that the end of the program waits at most for solvers that were told to stop."""

_running: WeakSet[threading.Thread] = WeakSet()


def beside(work: Callable[[], object]) -> threading.Thread:
    """Start work that has been given a way of asking whether it should stop, and return its thread."""
    thread = threading.Thread(target=work, daemon=True)
    _running.add(thread)
    thread.start()
    return thread


@atexit.register
def _wait() -> None:
    until = time.monotonic() + LONGEST_WAIT
    for thread in list(_running):
        thread.join(max(until - time.monotonic(), 0.0))
