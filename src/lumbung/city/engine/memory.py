"""Memory that begins alike for every episode.

SUMO orders some of its work by the addresses of its objects: on cologne1, a process that has simulated before gives
another second of delay than a new one, with the same seed. Addresses grow in the order of allocation only where
nothing was freed before. The C library gives each thread a region ("arena") of its own and hands the regions of ended
threads on, so an episode runs in a thread whose region nobody has used yet.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")

# glibc, malloc/arena.c: regions begin at multiples of this; the first block of an unused one lies near its beginning.
_REGION = 64 * 2**20
_BEGINNING = 8192
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3
_MOST = 512


def in_fresh_memory(work: Callable[[], Result]) -> Result:
    """Do *work* in a thread whose memory is unused, and return what it returns or raise what it raises.

    Where the C library is not glibc, *work* is done here: same seeds may then differ in one process.
    """
    library = _LIBRARY
    if library is None:
        return work()
    done: list[tuple[Result | None, BaseException | None]] = []
    leave = threading.Event()
    holders: list[threading.Thread] = []
    try:
        while not done and len(holders) < _MOST:
            tried = threading.Event()
            thread = threading.Thread(
                target=_hold, args=(library, work, done, tried, leave), name="lumbung-episode", daemon=True
            )
            holders.append(thread)
            thread.start()
            tried.wait()
    finally:
        leave.set()  # interrupted, we do not wait: the work ends when its controller is closed
    for thread in holders:
        thread.join()
    library.malloc_trim(0)
    if not done:
        return work()
    result, error = done[0]
    if error is not None:
        raise error
    return result  # type: ignore[return-value]


def _hold(
    library: Any,
    work: Callable[[], Result],
    done: list[tuple[Result | None, BaseException | None]],
    tried: threading.Event,
    leave: threading.Event,
) -> None:
    """Work if this thread's region is unused; else keep it from the others until one has worked."""
    try:
        block = library.malloc(24)
        unused = block % _REGION < _BEGINNING
        library.free(block)
        if unused:
            try:
                done.append((work(), None))
            except BaseException as error:
                done.append((None, error))
    finally:
        tried.set()
    leave.wait()


def _library() -> Any:
    """Return the C library where it is glibc, set up so that regions stay apart and keep large blocks."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return None
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.restype, library.free.argtypes = None, [ctypes.c_void_p]
    library.mallopt(_ARENA_MAX, 16 * _MOST)
    library.mallopt(_MMAP_THRESHOLD, 2**25)
    return library


# At import: once a process has used more than eight regions, glibc holds to the number it chose by itself.
_LIBRARY = _library()
