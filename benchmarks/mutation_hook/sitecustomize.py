"""Runs at the start of every Python process that a test starts while `benchmarks/mutation.py` is at work.

The workers that judges live in are processes of their own: a mutant that stopped at the first of them would survive
whatever their tests say. What the environment names is done here too: calls are noted, or one module is loaded mutated.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Sequence
from types import CodeType, FrameType, ModuleType

HITS = "LUMBUNG_MUTATION_HITS"
"""Names the file to which each function called in the package is noted, once a process: file, function."""
MUTANT = "LUMBUNG_MUTANT"
"""Names a module, and the file with its mutated source: ``lumbung.proving.run=/tmp/x.py``."""

_PACKAGE = f"{os.sep}lumbung{os.sep}"


class Mutated(importlib.abc.MetaPathFinder):
    """Finds one module as ever, and loads another source for it."""

    def __init__(self, module: str, source: str) -> None:
        self._module, self._source = module, source

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(name, spec.origin, self._source)
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, source: str) -> None:
        super().__init__(name, path)
        self._text = source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._text, self.path, "exec", dont_inherit=True)


def trace(note: Callable[[str, str], None]) -> None:
    """Call *note* with file and name of each function of the package that is called from now on in any thread."""
    seen: set[CodeType] = set()

    def called(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if code not in seen:
            seen.add(code)
            if _PACKAGE in code.co_filename:
                note(code.co_filename, code.co_qualname)

    threading.settrace(called)
    sys.settrace(called)


def _begin() -> None:
    if hits := os.environ.get(HITS):

        def note(file: str, function: str) -> None:
            with open(hits, "a", encoding="utf-8") as notes:  # noqa: PTH123 - it must load as little as it can
                notes.write(f"{file}\t{function}\n")

        trace(note)
    module, _, file = os.environ.get(MUTANT, "").partition("=")
    if file and os.path.exists(file):  # noqa: PTH110
        with open(file, encoding="utf-8") as source:  # noqa: PTH123
            sys.meta_path.insert(0, Mutated(module, source.read()))


_begin()
