"""How the kernels of this engine are compiled: cached on disk, for the vector units of this machine.

Every kernel module takes ``kernel``, ``inlined`` and ``parallel_kernel`` from here, so that the floating-point rules are stated once:
products and sums may be fused, NaN and infinity do not occur inside a kernel (the faces check their input), and nothing
is ever re-associated, because range reduction in ``elementary`` depends on the order of operations.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import platformdirs


def _cache_folder() -> Path:
    """Return a writable folder for compiled kernels; a temporary one where the home cannot be written."""
    wanted = platformdirs.user_cache_path("lumbung") / "numba"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted
    except OSError:
        return Path(tempfile.mkdtemp(prefix="lumbung-numba-"))


if not os.environ.get("NUMBA_CACHE_DIR"):
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())

import numba  # noqa: E402  (the cache folder must be known before numba is imported)

FLOATING_POINT = {"nnan", "ninf", "nsz", "contract"}

kernel = numba.njit(cache=True, error_model="numpy", fastmath=FLOATING_POINT, nogil=True)
inlined = numba.njit(error_model="numpy", fastmath=FLOATING_POINT, forceinline=True)
parallel_kernel = numba.njit(
    cache=True, error_model="numpy", fastmath=FLOATING_POINT, parallel=True, nogil=True
)
