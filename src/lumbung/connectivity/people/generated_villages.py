"""Generated villages: places with people on generated ground, low and near the coast as real ones mostly are.

They are made up, and everything made of them is labelled generated.
"""

from __future__ import annotations

import numpy as np

from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.ground.terrain import GENERATED_LABEL, Terrain
from lumbung.connectivity.people.demand import Demand, demand_points

# People of a village: lognormal, median 700 and a long tail of small towns.
_MEDIAN_PEOPLE = 700.0
_SPREAD = 0.9
# Settling grows rarer with height: by a factor e every so many metres.
_HEIGHT_SCALE_M = 180.0


def generated_villages(ground: Terrain, count: int, seed: int) -> Demand:
    """Return villages on the land of a terrain; the same seed gives the same villages."""
    rng = np.random.default_rng([seed, 2])
    rows, columns = np.nonzero((ground.zone != SEA) & ~np.isnan(ground.height))
    liking = np.exp(-ground.height[rows, columns].astype(np.float64) / _HEIGHT_SCALE_M)
    chosen = rng.choice(rows.size, size=min(count, rows.size), replace=False, p=liking / liking.sum())
    people = np.round(_MEDIAN_PEOPLE * np.exp(_SPREAD * rng.normal(size=chosen.size)))
    return demand_points(
        ground.grid.north - rows[chosen] * ground.grid.step_lat,
        ground.grid.west + columns[chosen] * ground.grid.step_lon,
        people,
        id=[f"V{k + 1:03d}" for k in range(chosen.size)],
        source=f"{chosen.size} villages, seed {seed} ({GENERATED_LABEL})",
        generated=True,
    )
