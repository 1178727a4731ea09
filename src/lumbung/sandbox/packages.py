"""What a solution may import besides the standard library: places of this machine, named one by one.

The box shows each at ``/packages``, and no other package of the machine. Distributions are found by their own records of
what they installed; modules are single files, shown with the packages above them.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from lumbung.sandbox.faults import SandboxUnavailable

PLAIN = ("numpy",)
"""The distributions of a solution that declares nothing."""


class NotInstalled(SandboxUnavailable):
    """A distribution or module is not installed here."""


@dataclass(frozen=True)
class Place:
    """A file or folder, and where below ``/packages`` it is shown; empty for the whole of it."""

    outside: Path
    inside: str


@dataclass(frozen=True)
class Packages:
    """All that a solution may import."""

    places: tuple[Place, ...]


@functools.cache
def plain() -> Packages:
    """Return what a solution sees that declares nothing.

    Raises
    ------
    NotInstalled
    """
    return installed(PLAIN)


def built(folder: Path) -> Packages:
    """Return a folder of packages as the whole of what a solution sees."""
    return Packages((Place(folder, ""),))


def installed(distributions: Sequence[str], modules: Sequence[str] = ()) -> Packages:
    """Return the installed *distributions* and single *modules*.

    Parameters
    ----------
    distributions
        Names, as ``pip`` knows them; what they depend on is not included.
    modules
        Dotted names of modules of one file; the ``__init__.py`` of the packages above come with them.

    Raises
    ------
    NotInstalled
    """
    places = [place for name in distributions for place in _places_of(found(name))]
    return Packages(tuple(dict.fromkeys([*places, *_files_of(modules)])))


def found(name: str) -> Distribution:
    """Find an installed distribution.

    Raises
    ------
    NotInstalled
    """
    try:
        return distribution(name)
    except PackageNotFoundError:
        raise NotInstalled(f"the package {name} is not installed here") from None


def present(distributions: Sequence[str]) -> tuple[str, ...]:
    """Return those of *distributions* that are installed here."""

    def here(name: str) -> bool:
        try:
            found(name)
        except NotInstalled:
            return False
        return True

    return tuple(filter(here, distributions))


def _places_of(dist: Distribution) -> Iterable[Place]:
    # Scripts lie outside ("../../bin/f2py"), and caches are made here.
    tops = {file.parts[0] for file in dist.files or () if file.parts[0] not in ("..", "__pycache__")}
    for top in sorted(tops):
        outside = Path(str(dist.locate_file(top)))
        if outside.exists():
            yield Place(outside, top)


def _files_of(modules: Sequence[str]) -> Iterable[Place]:
    named = dict.fromkeys(
        ".".join(parts[:length])
        for module in modules
        for parts in [module.split(".")]
        for length in range(1, len(parts) + 1)
    )
    for name in named:
        try:
            spec = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            spec = None
        if spec is None or spec.origin is None:
            raise NotInstalled(f"the module {name} is not installed here")
        file = Path(spec.origin)
        inside = name.replace(".", "/") + ("/__init__.py" if file.name == "__init__.py" else ".py")
        yield Place(file, inside)


@functools.cache
def codec_folder() -> Path:
    """Return where the codec lies by which the guest program speaks: the package ``msgpack``."""
    spec = importlib.util.find_spec("msgpack")
    assert spec is not None and spec.origin is not None, "Lumbung depends on msgpack"
    return Path(spec.origin).parent
