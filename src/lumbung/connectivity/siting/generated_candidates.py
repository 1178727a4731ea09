"""Generated candidates: hilltops near generated villages with made-up costs, to try a study without any file.

Their costs look like a planner's and are none; the study's sources say that the ground and the people are generated.
"""

from __future__ import annotations

import numpy as np

from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand
from lumbung.connectivity.siting.candidates import Candidate, Place

_EVERY = 2
_REACH_M = 3000.0


def generated_candidates(ground: Terrain, demand: Demand, seed: int) -> tuple[Candidate, ...]:
    """Return a candidate on the highest ground near every second village; the same seed gives the same ones."""
    rng = np.random.default_rng([seed, 3])
    reach = max(int(_REACH_M / ground.cell_metres), 1)
    found: dict[tuple[int, int], Candidate] = {}
    for k in range(0, demand.size, _EVERY):
        row, column = (int(part[0]) for part in ground.cells(demand.latitude[[k]], demand.longitude[[k]]))
        top, left = max(row - reach, 0), max(column - reach, 0)
        near = ground.height[top : row + reach + 1, left : column + reach + 1]
        i, j = np.unravel_index(int(np.nanargmax(near)), near.shape)
        cell = (top + int(i), left + int(j))
        costs = {
            "land": float(rng.integers(3, 12)),
            "power": float(rng.integers(5, 30)),
            "road": round(float(near.max()) / 30.0),
        }
        found.setdefault(
            cell,
            Candidate(
                f"C{len(found) + 1:03d}",
                f"C{len(found) + 1:03d}",
                ground.grid.north - cell[0] * ground.grid.step_lat,
                ground.grid.west + cell[1] * ground.grid.step_lon,
                (30.0, 60.0),
                costs,
            ),
        )
    return tuple(found.values())


def generated_fibre(ground: Terrain, demand: Demand) -> tuple[Place, ...]:
    """Return fibre points at the two largest villages."""
    largest = np.argsort(-demand.people, kind="stable")[:2]
    return tuple(
        Place(f"F{n}", f"F{n}", float(demand.latitude[k]), float(demand.longitude[k]), 40.0)
        for n, k in enumerate(largest, 1)
    )
