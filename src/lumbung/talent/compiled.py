"""Where compiled kernels keep their machine code.

numba caches beside the source, but an installed package may be read-only. Modules with kernels import
``njit`` from here, so that the cache goes to the user's cache folder, or to a temporary one where there is no
such folder.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from platformdirs import user_cache_path


def _cache_folder() -> Path:
    folder = user_cache_path("lumbung") / "numba"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="lumbung-numba-"))
    if not os.access(folder, os.W_OK):
        return Path(tempfile.mkdtemp(prefix="lumbung-numba-"))
    return folder


if not os.environ.get("NUMBA_CACHE_DIR"):
    os.environ["NUMBA_CACHE_DIR"] = str(_cache_folder())
    if "numba" in sys.modules:  # numba read its settings at import, before the line above
        sys.modules["numba"].config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]

from numba import njit, types  # noqa: E402
from numba.extending import intrinsic, overload  # noqa: E402

__all__ = ["intrinsic", "njit", "overload", "types"]
