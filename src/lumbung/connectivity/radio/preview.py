"""A tower's map at once: the full model where the picture could change, and neighbours' values where it cannot.

Every fourth cell is a link of its own. Between cells of one class the rest take it over; where classes meet, and one block beyond,
cells are links too, at half the distance, and again at half of that. What the picture may miss is an island of signal, or a hole in it,
smaller than four cells; whoever needs every cell asks `lumbung.connectivity.radio.coverage.coverage_map`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand, demand_points
from lumbung.connectivity.radio.coverage import Model, Site, check_sites, lattice_of, service

APART = 4
"""Cells between the links that every map begins with; a power of two."""

Classes = Callable[[NDArray[np.floating]], NDArray[np.integer]]


def preview(
    ground: Terrain,
    site: Site,
    carrier: Carrier,
    budget: Budget,
    *,
    model: Model,
    radius: float,
    classes: Classes,
) -> tuple[NDArray[np.float32], Grid]:
    """Return a tower's RSRP [dBm] over the cells it may reach, and their grid.

    Parameters
    ----------
    ground : Terrain
    site : Site
    carrier, budget
        What it sends where it has none of its own.
    model : Model
    radius : float
        Largest distance looked at [km].
    classes : callable
        From RSRP [dBm] to the classes that the picture shows; NaN is nothing known.

    Raises
    ------
    lumbung.connectivity.radio.sites.CoverageError
        The site lies outside the terrain or on unknown ground.
    """
    check_sites(ground, [site])
    lattice = lattice_of(ground, [site], radius, 1)
    rows, columns = lattice.shape
    level = np.full((rows, columns), np.nan, np.float32)

    def compute(row: NDArray[np.intp], column: NDArray[np.intp]) -> None:
        latitude = ground.grid.north - (lattice.first_row + row) * ground.grid.step_lat
        longitude = ground.grid.west + (lattice.first_column + column) * ground.grid.step_lon
        heard = service(
            ground, [site], _cells(latitude, longitude), carrier, budget, model=model, radius=radius
        )
        level[row[heard.demand], column[heard.demand]] = heard.rsrp

    row, column = np.mgrid[0:rows:APART, 0:columns:APART].reshape(2, -1)
    compute(row, column)
    step = APART
    while step > 1:
        mixed = _mixed(classes(level[::step, ::step]))
        half = step // 2
        finer = level[::half, ::half]
        taken = level[::step, ::step].repeat(2, 0).repeat(2, 1)[: finer.shape[0], : finer.shape[1]]
        asked = mixed.repeat(2, 0).repeat(2, 1)[: finer.shape[0], : finer.shape[1]].copy()
        finer[...] = taken
        asked[::2, ::2] = False  # these are links already
        row, column = np.nonzero(asked)
        level[row * half, column * half] = np.nan
        compute(row * half, column * half)
        step = half
    return level, lattice.grid


def _mixed(found: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return which blocks have a corner of another class, or a neighbour that has."""
    rows, columns = found.shape
    low, high = found.copy(), found.copy()
    for down, right in ((1, 0), (0, 1), (1, 1)):
        corner = found[down:, right:]
        part = slice(0, rows - down), slice(0, columns - right)
        low[part], high[part] = np.minimum(low[part], corner), np.maximum(high[part], corner)
    mixed = low != high
    wide = np.pad(mixed, 1)
    around = (wide[i : i + rows, j : j + columns] for i in range(3) for j in range(3))
    return np.asarray(np.logical_or.reduce(list(around)))


def _cells(latitude: NDArray[np.floating], longitude: NDArray[np.floating]) -> Demand:
    nameless = ("",) * latitude.size
    return demand_points(
        latitude, longitude, np.zeros(latitude.size), id=nameless, name=nameless, source="cells"
    )
