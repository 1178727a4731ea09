"""A small area made by hand: flat ground with one wall, four villages, three candidates."""

from __future__ import annotations

import math

import numpy as np

from lumbung.connectivity.challenge.remote_regions import RemoteArea
from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.ground.terrain import terrain
from lumbung.connectivity.people.demand import demand_points
from lumbung.connectivity.siting.candidates import Candidate, Place

STEP = 250.0 / (math.radians(1.0) * 6371000.0)


def walled(budget: float = 400.0) -> RemoteArea:
    """A at the fibre's side of a wall 600 m high; B beyond it; C on the wall itself. Villages 1, 2 west, 3, 4 east."""
    height = np.full((80, 160), 10.0, np.float32)
    height[:, 78:81] = 600.0
    ground = terrain(height, Grid(-8.0, 122.0, STEP, STEP), source="a wall", generated=True)

    def at(row: int, column: int) -> tuple[float, float]:
        return -8.0 - row * STEP, 122.0 + column * STEP

    spots = [at(38, 40), at(40, 62), at(40, 100), at(44, 120)]
    demand = demand_points(
        [s[0] for s in spots],
        [s[1] for s in spots],
        [100.0, 200.0, 300.0, 400.0],
        id=["1", "2", "3", "4"],
        generated=True,
    )
    candidates = tuple(
        Candidate(name, name, *at(row, column), (30.0, 60.0), {"tower": 100.0})
        for name, row, column in (("A", 40, 50), ("B", 40, 110), ("C", 40, 79))
    )
    return RemoteArea(
        "Walled", ground, demand, np.ones(4, bool), np.ones(4, bool), candidates, ((100.0, 130.0),) * 3,
        (Place("F", "F", *at(40, 20), 45.0),), budget,
    )  # fmt: skip
