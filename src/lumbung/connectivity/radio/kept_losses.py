"""Losses of finished sites kept on disk, so that a long map goes on where it was killed.

A file holds the losses of one site's cells and is named after everything they hang on: another ground, height, carrier or
model is another name, and what is half written has no name yet. Nothing is trusted that does not fit.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.ground.terrain import Terrain

_Floats = NDArray[np.float64]


class KeptLosses:
    """A folder of losses over one ground.

    Parameters
    ----------
    folder : Path
        Made when the first site is finished.
    ground : Terrain
    """

    def __init__(self, folder: Path, ground: Terrain) -> None:
        self.folder = folder
        digest = hashlib.blake2b(repr(ground.grid).encode(), digest_size=16)
        for raster in (ground.height, ground.clutter, ground.zone):
            digest.update(np.ascontiguousarray(raster).data)
        self._ground = digest.hexdigest()
        self.found = 0

    def losses(self, cells: int, hangs_on: tuple[object, ...], computed: Callable[[], _Floats]) -> _Floats:
        """Return the losses of a site's cells: those kept, else those computed, which are kept from now on.

        Parameters
        ----------
        cells : int
            How many there are.
        hangs_on : tuple
            What else decides the losses, besides the ground; its ``repr`` must say all of it.
        computed : callable
        """
        name = hashlib.blake2b(repr((self._ground, hangs_on)).encode(), digest_size=16).hexdigest()
        path = self.folder / f"{name}.npy"
        kept = _read(path, cells)
        if kept is not None:
            self.found += 1
            return kept
        loss = computed()
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        with unfinished.open("wb") as file:
            np.save(file, loss)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        return loss

    def forget(self) -> None:
        """Remove what was kept, once the map is written."""
        if self.folder.is_dir():
            for path in (*self.folder.glob("*.npy"), *self.folder.glob("*.part")):
                path.unlink()
            self.folder.rmdir()


def _read(path: Path, cells: int) -> _Floats | None:
    try:
        kept = np.load(path, allow_pickle=False)
    except (OSError, ValueError):
        return None
    return kept if kept.shape == (cells,) and kept.dtype == np.float64 else None
