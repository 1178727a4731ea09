"""Where the machine code of kernels is kept between processes: one file for each kernel and kind of argument.

A file's name is a digest of everything that decides its content: what the kernel reaches (`reach`), the types of the
arguments, the processor, and the versions of Python and the compiler. It is written aside and moved into place. So two
processes that compile the same kernel write the same file, nothing ever has to be corrected or locked, and a file that is
there is right. (numba's own index of a kernel is read, changed and written without a lock: of two processes that compile
for different arguments at once, one can be handed the other's code later.)

The folder is ``kernels`` in the user's cache folder, or in the folder that NUMBA_CACHE_DIR names when a kernel is compiled.
No environment variable and no setting of numba is written. Where the folder cannot be written, kernels are compiled
for the process alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import pickle
import sys
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
import platformdirs
from numba.core.caching import _Cache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from lumbung.kernels import reach

KEPT_DAYS = 90  # how long machine code nobody uses is kept
_CHECKSUM = 16  # bytes in front of a file's content
# Settings of numba that change the code it makes.
_SETTINGS = (
    "OPT",
    "LOOP_VECTORIZE",
    "SLP_VECTORIZE",
    "BOUNDSCHECK",
    "DEBUGINFO_DEFAULT",
    "DISABLE_INTEL_SVML",
)
_log = logging.getLogger(__name__)


def cache_folder() -> Path:
    """Return the folder for machine code; it may not exist yet."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(named) if named else platformdirs.user_cache_path("lumbung")) / "kernels"


class KernelStore(_Cache):
    """The files of one kernel, as numba asks for them while it compiles.

    Parameters
    ----------
    dispatcher
        The compiled function; what it reaches is looked at when it is compiled, not before, since the functions it calls
        may be defined after it.
    """

    def __init__(self, dispatcher: Any) -> None:
        self._dispatcher = dispatcher
        function = dispatcher.py_func
        self.name = f"{function.__module__}.{function.__qualname__}".replace("<", "").replace(">", "")
        self._enabled = True

    @property
    def cache_path(self) -> str:
        return str(cache_folder())

    def path(self, signature: Any, codegen: Any) -> Path | None:
        """Return the file for these types of arguments, or None if they have no lasting name."""
        types = repr(signature)
        if " at 0x" in types:  # a function handed over as an argument is named by its address
            return None
        key = hashlib.blake2b(digest_size=16)
        named = repr(reach.fields(signature))
        for part in (reach.digest(self._dispatcher), types, named, repr(codegen.magic_tuple()), _compiler()):
            key.update(part.encode() + b"\0")
        return cache_folder() / f"{self.name}-{key.hexdigest()}.nbc"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the kept compile result for a signature, or None."""
        target_context.refresh()
        path = self.path(sig, target_context.codegen()) if self._enabled else None
        if path is None:
            return None
        try:
            content = path.read_bytes()
        except OSError:
            return None
        body = content[_CHECKSUM:]
        if hashlib.blake2b(body, digest_size=_CHECKSUM).digest() != content[:_CHECKSUM]:
            _log.warning("%s is damaged; compiling anew", path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used today: see _forget
        rebuild: Any = CompileResult._rebuild
        return rebuild(target_context, *pickle.loads(body))  # noqa: S301  (the user's own cache folder)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compile result, if it can be kept."""
        path = self.path(sig, data.codegen) if self._enabled else None
        if path is None or data.library.has_dynamic_globals or data.lifted:
            return
        body: bytes = dumps(data._reduce())  # type: ignore[no-untyped-call]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, hashlib.blake2b(body, digest_size=_CHECKSUM).digest() + body)
            self._forget(path)
        except OSError as error:
            _say_once(f"Compiled kernels cannot be kept in {path.parent} ({error.strerror}): every start compiles anew. "
                      "Name a folder that can be written in NUMBA_CACHE_DIR.")  # fmt: skip

    def _forget(self, fresh: Path) -> None:
        """Remove this kernel's files that nobody has used for long: each change of a formula leaves one."""
        limit = time.time() - KEPT_DAYS * 86400
        for path in fresh.parent.glob(f"{self.name}-*.nbc"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < limit:
                    path.unlink()

    def enable(self) -> None:
        self._enabled = True

    def disable(self) -> None:
        self._enabled = False

    def flush(self) -> None:
        """Remove all files of this kernel."""
        for path in cache_folder().glob(f"{self.name}-*.nbc"):
            path.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        # Windows refuses while another process reads what is there, which is then the same.
        with contextlib.suppress(PermissionError):
            Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)


@cache
def _compiler() -> str:
    config: Any = numba.config
    settings = [(name, getattr(config, name, None)) for name in _SETTINGS]
    return repr(
        (sys.implementation.cache_tag, numba.__version__, llvmlite.__version__, np.__version__, settings)
    )


@cache
def _say_once(text: str) -> None:
    _log.warning("%s", text)
