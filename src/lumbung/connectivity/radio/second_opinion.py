"""Where another school of prediction says something else: Longley-Rice beside ITU-R P.1812, link by link.

Neither is the truth. Where both agree within a few decibels, a measurement would probably agree too; where they differ by more than
ten, the figure on the map hangs on the choice of model, and that is worth knowing before a mast is built on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.cellular import Carrier
from lumbung.connectivity.engine.longley_rice import longley_rice_loss
from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.engine.radials import Grid, profile_between
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import demand_points
from lumbung.connectivity.radio.coverage import CoverageMap, Model, service
from lumbung.connectivity.radio.sites import Site

DISPUTED_DB = 10.0
MOST_CELLS = 12_000
NEAREST_KM = 1.0
"""Below this distance Longley-Rice does not hold (NTIA Report 82-100)."""
_Floats = NDArray[np.float64]


def differences(
    ground: Terrain, sites: Sequence[Site], server: NDArray[np.integer], latitude: _Floats, longitude: _Floats, carrier: Carrier,
    model: Model,
) -> _Floats:  # fmt: skip
    """Return by how much more Longley-Rice loses than P.1812 between places and the sites that serve them [dB].

    Both see the same ground with what stands on it, but at the two ends; both give the median of time and places. NaN where no
    site serves, nearer than a kilometre, or where the ground is not known.

    Parameters
    ----------
    server
        Index of the site of each place, -1 for none.
    """
    result = np.full(latitude.size, np.nan)
    median = replace(model, time_percentage=50.0, location_percentage=50.0)
    height = ground.engine_height()
    for number in np.unique(server[server >= 0]):
        site = sites[int(number)]
        own = np.flatnonzero(server == number)
        places = demand_points(latitude[own], longitude[own], np.zeros(own.size))
        pairs = service(ground, [site], places, carrier, model=median, radius=1000.0)
        sent = (site.carrier or carrier).frequency
        for place, loss in zip(own[pairs.demand], pairs.loss, strict=True):
            other = _longley_rice(ground, height, site, latitude[place], longitude[place], sent, median)
            if other is not None:
                result[place] = other - loss
    return result


def _longley_rice(
    ground: Terrain, height: NDArray[np.float32], site: Site, latitude: float, longitude: float, frequency: float, model: Model
) -> float | None:  # fmt: skip
    distance, bare, clutter, _, _, known = profile_between(
        height, ground.clutter, ground.zone, ground.grid, site.latitude, site.longitude, latitude, longitude,
        ground.cell_metres * 1e-3,
    )  # fmt: skip
    if known < distance.size or distance[-1] < NEAREST_KM:
        return None
    seen = bare + clutter
    seen[0], seen[-1] = bare[0], bare[-1]
    return longley_rice_loss(
        seen, float(distance[1]) * 1000.0, frequency=frequency, transmitter_height=site.height,
        receiver_height=model.receiver_height, polarization=model.polarization, n0=min(max(model.n0, 250.0), 400.0),
    )  # fmt: skip


def second_opinion(
    ground: Terrain, sites: Sequence[Site], coverage: CoverageMap, carrier: Carrier, model: Model, least: float,
    most_cells: int = MOST_CELLS,
) -> tuple[Grid, NDArray[np.float32]]:  # fmt: skip
    """Return a raster of ``differences`` over the land of a coverage map with at least ``least`` [dBm], and its grid.

    Where that would be more than ``most_cells`` links, every second, third, ... cell stands for its neighbours.
    """
    every = 1
    while int((coverage.rsrp[::every, ::every] >= least).sum()) > most_cells:
        every += 1
    c = coverage.grid
    rsrp, server = coverage.rsrp[::every, ::every], coverage.server[::every, ::every]
    rows, columns = np.nonzero(rsrp >= least)
    latitude = np.asarray(c.north - rows * every * c.step_lat, np.float64)
    longitude = np.asarray(c.west + columns * every * c.step_lon, np.float64)
    dry = ground.zone[ground.cells(latitude, longitude)] != SEA
    rows, columns, latitude, longitude = rows[dry], columns[dry], latitude[dry], longitude[dry]
    result = np.full(rsrp.shape, np.nan, np.float32)
    result[rows, columns] = differences(
        ground, sites, server[rows, columns], latitude, longitude, carrier, model
    )
    return Grid(c.north, c.west, c.step_lat * every, c.step_lon * every), result
