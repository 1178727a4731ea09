"""One desk at a time in a folder: two supervisors would give the same job to two workers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO


def alone(folder: Path) -> IO[bytes] | None:
    """Hold a desk's folder until the returned file is closed or the process ends; None where another desk holds it.

    Parameters
    ----------
    folder : Path
        It is there.
    """
    file = (folder / ".lock").open("ab")
    try:
        if os.name == "posix":
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    except OSError:
        file.close()
        return None
    return file
