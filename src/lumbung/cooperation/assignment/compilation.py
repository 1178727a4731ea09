"""Where numba keeps compiled kernels: the package sets the folder, since its own may be read-only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def _cache_folder() -> Path:
    import platformdirs

    wanted = platformdirs.user_cache_path("lumbung") / "numba"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=wanted):
            return wanted
    except OSError:  # a read-only home: compile once for this process instead
        return Path(tempfile.mkdtemp(prefix="lumbung-numba-"))


if not os.environ.get("NUMBA_CACHE_DIR"):
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())

from numba import njit  # noqa: E402  (numba reads NUMBA_CACHE_DIR once, while it is imported)

__all__ = ["njit"]
