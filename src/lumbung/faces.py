"""The public names of a room, imported when they are first used.

A room's ``__init__`` lists its names three times, for three readers: under ``TYPE_CHECKING`` for type checkers, in
``__all__`` for people and ``import *``, and in the table given here, which says where each lives. A test holds the three
together. Where a package is missing that the room needs, the error names the extra that brings it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any


class MissingExtra(ModuleNotFoundError):
    """A package is not installed that an extra of Lumbung brings."""


def face(
    room: str, where: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a room.

    Parameters
    ----------
    room
        The package, e.g. ``"lumbung.farm"``; its last part is the name of its extra.
    where
        For each module below the room, the public names it holds.
    """
    homes = {name: module for module, names in where.items() for name in names}

    def lookup(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        try:
            found = getattr(importlib.import_module(f"{room}.{homes[name]}"), name)
        except ModuleNotFoundError as error:
            raise missing(error, room.rpartition(".")[2]) from error
        setattr(sys.modules[room], name, found)
        return found

    def listing() -> list[str]:
        return sorted({*vars(sys.modules[room]), *homes})

    return lookup, listing


def missing(error: ModuleNotFoundError, extra: str) -> ModuleNotFoundError:
    """Return the error that names the extra, or the same error where the missing module is ours."""
    package = (error.name or "lumbung").partition(".")[0]
    if package == "lumbung":
        return error
    return MissingExtra(
        f"the module {error.name} is not installed: pip install 'lumbung[{extra}]'", name=error.name
    )


def optional(package: str) -> ModuleType:
    """Import a package that no extra brings because few need it; without it, say how to install it.

    Raises
    ------
    MissingExtra
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise MissingExtra(
            f"this needs {package}, which is not installed: pip install {package}", name=package
        ) from error
