"""How the kernels of this engine are compiled: cached on disk, for the vector units of this machine.

Every kernel module takes ``kernel``, ``inlined`` and ``parallel_kernel`` from here, so that the floating-point rules
are stated once: products and sums may be fused, NaN and infinity do not occur inside a kernel (the faces check their
input), and nothing is re-associated but the plain sums of ``summing_kernel``, because range reduction in
``elementary`` depends on the order of operations.

The compiler's cache looks at the file of a kernel alone, but kernels here are made of functions from several files.
So the cache lies in a folder named after the content of all of them: a changed formula cannot meet an old kernel.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import platformdirs

Function = TypeVar("Function", bound=Callable[..., Any])

FLOATING_POINT = {"nnan", "ninf", "nsz", "contract"}


@cache
def cache_folder() -> Path:
    """Return a writable folder for this engine's compiled kernels; a temporary one where the home is read-only."""
    digest = hashlib.blake2b(digest_size=8)
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    base = os.environ.get("NUMBA_CACHE_DIR") or platformdirs.user_cache_path("lumbung") / "numba"
    wanted = Path(base) / f"connectivity-{digest.hexdigest()}"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted
    except OSError:
        return Path(tempfile.mkdtemp(prefix="lumbung-numba-"))


def _cached(function: Function, *, parallel: bool = False, reordered: bool = False) -> Function:
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder())
    try:
        compiled = numba.njit(
            function,
            cache=True,
            error_model="numpy",
            fastmath=FLOATING_POINT | {"reassoc"} if reordered else FLOATING_POINT,
            nogil=True,
            parallel=parallel,
        )
    finally:
        config.CACHE_DIR = before
    return cast(Function, compiled)


def kernel(function: Function) -> Function:
    """Compile a function at its first call and keep it on disk."""
    return _cached(function)


def summing_kernel(function: Function) -> Function:
    """The same for a function that only sums over points: its additions may be taken in any order, many at a time."""
    return _cached(function, reordered=True)


def parallel_kernel(function: Function) -> Function:
    """The same, with ``numba.prange`` shared out over threads."""
    return _cached(function, parallel=True)


def inlined(function: Function) -> Function:
    """Compile a function into each of its callers, so that a loop over it becomes vector code."""
    compiled = numba.njit(function, error_model="numpy", fastmath=FLOATING_POINT, forceinline=True)
    return cast(Function, compiled)
