"""A whole study that is generated: islands, villages, candidates with made-up costs and fibre, to try without any file."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.ground.generated_terrain import generated_islands
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import Demand, placed_on
from lumbung.connectivity.people.generated_villages import generated_villages
from lumbung.connectivity.siting.candidates import Candidate, Place
from lumbung.connectivity.siting.generated_candidates import generated_candidates, generated_fibre

_VILLAGES = 400


def generated_study(
    seed: int,
) -> tuple[Terrain, Demand, NDArray[np.bool_], tuple[Candidate, ...], tuple[Place, ...]]:
    """Return ground, villages, which of them lie on known ground, candidates on near hilltops, and two fibre points."""
    ground = generated_islands(seed)
    demand, known = placed_on(generated_villages(ground, _VILLAGES, seed), ground)
    candidates = generated_candidates(ground, demand, seed)
    return ground, demand, np.asarray(known), candidates, generated_fibre(ground, demand)
