"""Processes that end with the one that started them, however that ended: also by ``kill -9``, which nobody can catch."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PARENT = "LUMBUNG_PARENT"
"""Names the process whose end its direct children follow."""

_PR_SET_PDEATHSIG = 1  # include/uapi/linux/prctl.h


def end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Have this process sent *number* when the thread that started it is gone. Linux only; elsewhere nothing happens."""
    if sys.platform != "linux":
        return
    before = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != before:  # it ended in this very moment
        os.kill(os.getpid(), number)


def with_lifeline(environment: dict[str, str]) -> dict[str, str]:
    """Return an environment whose direct children, if they ask, end with this process."""
    return {**environment, PARENT: str(os.getpid())}


def follow_parent() -> None:
    """End with the process that started this one, if it asked for that (see `with_lifeline`); at once if it is gone."""
    named = os.environ.get(PARENT, "")
    if named == str(os.getppid()):
        end_with_parent()
    elif named.isdecimal() and not _alive(int(named)):
        raise SystemExit(128 + signal.SIGTERM)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # there is one, of somebody else
    return True
