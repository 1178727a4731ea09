"""How the engine's formulas are compiled: numba, a cache folder that can always be written, two kinds of formula.

``exact`` keeps every operation in the order it is written, because a date hangs on it: the sum of development
rates that reaches 1, the leaf age that passes its span. ``smooth`` may fuse a multiplication with an addition,
because only a quantity hangs on it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import platformdirs


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


if "NUMBA_CACHE_DIR" not in os.environ:
    os.environ["NUMBA_CACHE_DIR"] = str(cache_folder())

from numba import njit  # noqa: E402  (numba reads NUMBA_CACHE_DIR once, while it is imported)

exact = njit(nogil=True, error_model="numpy", forceinline=True)
smooth = njit(nogil=True, error_model="numpy", forceinline=True, fastmath={"contract"})
block_step = njit(nogil=True, error_model="numpy")
smooth_block_step = njit(nogil=True, error_model="numpy", fastmath={"contract"})
kernel = njit(nogil=True, error_model="numpy", cache=True)
