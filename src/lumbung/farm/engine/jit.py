"""How the engine's formulas are compiled: numba, a cache folder that can always be written, two kinds of formula.

``exact`` keeps every operation in the order it is written, because a date hangs on it: the sum of development
rates that reaches 1, the leaf age that passes its span. ``smooth`` may fuse a multiplication with an addition,
because only a quantity hangs on it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
import platformdirs


@cache
def cache_folder() -> Path:
    """Return the folder for compiled kernels, made if need be.

    Its name carries a digest of the engine's sources: numba watches only the file of the entry kernel, and a
    formula that changed in another file must not meet yesterday's machine code. Where the home is read-only, a
    private temporary folder serves.
    """
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    folder = platformdirs.user_cache_path("lumbung") / f"farm-{digest.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="lumbung-farm-"))


def kernel(function: Callable[..., Any]) -> Any:
    """Compile an entry of the engine at its first call and keep the machine code in :func:`cache_folder`."""
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = os.environ.get("NUMBA_CACHE_DIR") or str(cache_folder())
    try:
        return numba.njit(function, nogil=True, error_model="numpy", fastmath=False, cache=True)
    finally:
        config.CACHE_DIR = before


# What is not said, numba takes from whichever caller is compiled first: fastmath=False must stand with the exact ones.
exact = numba.njit(nogil=True, error_model="numpy", fastmath=False, forceinline=True)
smooth = numba.njit(nogil=True, error_model="numpy", fastmath={"contract"}, forceinline=True)
block_step = numba.njit(nogil=True, error_model="numpy", fastmath=False)
smooth_block_step = numba.njit(nogil=True, error_model="numpy", fastmath={"contract"})
