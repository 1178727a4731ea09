"""The kinds of work a worker can do: each is a function of a job and of what tells how far it is."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from lumbung.desk.jobs.progress import Work

# kind -> (function, what must be installed for it, the extra that brings that)
KINDS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "farm.calendar": ("lumbung.desk.farm.work:calendar", ("numba", "aquacrop", "openpyxl"), "farm"),
    "connectivity.coverage": (
        "lumbung.desk.connectivity.work:coverage",
        ("numba", "rasterio", "openpyxl"),
        "connectivity",
    ),
    "connectivity.plan": (
        "lumbung.desk.connectivity.work:plan",
        ("numba", "rasterio", "openpyxl"),
        "connectivity",
    ),
    "city.import": ("lumbung.desk.city.work:import_map", ("sumo", "libsumo", "osmium"), "city"),
    "city.signals": ("lumbung.desk.city.work:signals", ("sumo", "libsumo", "numba"), "city"),
    "adopted.run": ("lumbung.desk.adopted.work:run", (), ""),
    "adopted.attach": ("lumbung.desk.adopted.work:attach", ("httpx",), "node"),
    "layers.draw": ("lumbung.desk.layers.work:draw", ("rasterio",), "connectivity"),
    "sandbox.check": ("lumbung.desk.sandbox.work:check", (), ""),
}
WARM = ("lumbung.desk.farm.work:warm", "lumbung.desk.connectivity.work:warm", "lumbung.desk.city.work:warm")
"""What a worker does first, so that the first job does not wait for compilers."""


def installed(kind: str) -> bool:
    """Return whether everything is installed that a kind of work needs."""
    return all(find_spec(name) is not None for name in KINDS[kind][1])


def work_of(kind: str) -> Work:
    """Return the function that does a kind of work."""
    return function(KINDS[kind][0])


def function(path: str) -> Work:
    """Return what ``module:name`` names."""
    module, _, name = path.partition(":")
    found: Work = getattr(import_module(module), name)
    return found
