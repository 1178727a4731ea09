"""Who would hear which site: by the full model over terrain, or within a distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.covering.discs import chord, on_sphere
from lumbung.connectivity.engine.covering.problem import Lists
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.siting.candidates import Place

if TYPE_CHECKING:
    from lumbung.connectivity.engine.cellular import Budget, Carrier
    from lumbung.connectivity.radio.coverage import Model


def within(places: Sequence[Place], demand: Demand, radius: float) -> Lists:
    """Return for each place the villages within ``radius`` [m] over the ground, whatever lies between."""
    if not places:
        return Lists.of([])
    homes = on_sphere(demand.latitude, demand.longitude)
    masts = on_sphere([p.latitude for p in places], [p.longitude for p in places])
    reach = float(chord(radius)) ** 2
    return Lists.of([np.flatnonzero(((homes - mast) ** 2).sum(axis=1) <= reach) for mast in masts])


def heard(
    places: Sequence[Place],
    demand: Demand,
    known: NDArray[np.bool_],
    ground: Terrain,
    carrier: Carrier,
    budget: Budget,
    model: Model,
    radius: float,
    threshold: float,
) -> Lists:
    """Return for each place the villages that receive it with at least ``threshold`` [dBm].

    Parameters
    ----------
    places : sequence of Place
        One entry per height to be considered; three sectors stand on each.
    demand : Demand
        Fitted to the terrain.
    known : bool array
        Which villages lie on known ground; the others hear nothing.
    ground : Terrain
    carrier, budget, model
        As for ``coverage.service``.
    radius : float
        Largest distance looked at [km].
    threshold : float
        RSRP from which a village is served [dBm].
    """
    from lumbung.connectivity.engine.antenna import three_sectors
    from lumbung.connectivity.radio.coverage import Site, service

    if not places:
        return Lists.of([])
    sites = [
        Site(f"{p.id}@{k}", p.latitude, p.longitude, p.height, tuple(three_sectors()))
        for k, p in enumerate(places)
    ]
    pairs = service(ground, sites, demand, carrier, budget, model=model, radius=radius)
    return Lists.of([points[known[points]] for points in pairs.served(threshold)])
