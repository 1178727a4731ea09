"""Who travels where through which signals: the demand as journeys, read once from SUMO.

A fast model of queues needs to know which turns every vehicle makes and how long it drives between stop lines. SUMO
knows: trips get their routes when they depart, flows their vehicles, and a scale multiplies them. One simulation
tells all of it, those still waiting to enter at its end included.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.city.engine.networks import Scenario
from lumbung.city.engine.sumo import simulation
from lumbung.city.engine.topology import Topology


@dataclass(frozen=True)
class Journeys:
    """Vehicles through signals, by departure.

    Attributes
    ----------
    depart : array of float, shape (vehicles,)
        When each wanted to set off [s].
    first : array of int, shape (vehicles + 1,)
        Where each vehicle's legs begin.
    movement : array of int, shape (legs,)
        The movement made at the end of each leg, numbered through all junctions in the topology's order.
    drive : array of float, shape (legs,)
        Seconds of free driving to the stop line, from the last one or from the departure.
    begin, end : float
        Simulated time [s].
    """

    depart: NDArray[np.float64]
    first: NDArray[np.int64]
    movement: NDArray[np.int64]
    drive: NDArray[np.float64]
    begin: float
    end: float


def read_journeys(scenario: Scenario, topology: Topology, seed: int) -> Journeys:
    """Simulate a scenario once under today's plans and note every journey.

    Parameters
    ----------
    scenario : Scenario
    topology : Topology
    seed : int
        Of SUMO; flows by chance and rerouting depend on it.
    """
    turns = {
        (m.edge_in, m.edge_out): number
        for number, m in enumerate(m for j in topology.junctions.values() for m in j.movements)
    }
    times: dict[str, float] = {}
    for lane in topology.lanes.values():
        times[lane.edge] = min(times.get(lane.edge, np.inf), lane.length / max(lane.speed, 0.1))
    wanted: dict[str, tuple[float, tuple[str, ...]]] = {}
    with simulation(scenario, seed) as run:
        route, late = run.call("vehicle", "getRoute"), run.call("vehicle", "getDepartDelay")
        departed = run.call("simulation", "getDepartedIDList")
        clock = float(scenario.begin)
        while clock < scenario.end and (np.isfinite(scenario.end) or run.expects()):
            run.api.simulationStep()
            clock = run.api.simulation.getTime()
            for name in departed():
                wanted[name] = (clock - max(late(name), 0.0), route(name))
        for name in run.api.simulation.getPendingVehicles():
            wanted[name] = (clock - max(late(name), 0.0), route(name))
    depart, first, movement, drive = [], [0], [], []
    for at, edges in sorted(wanted.values()):
        depart.append(at)
        since = 0.0
        for here, there in itertools.pairwise(edges):
            since += times.get(here, 0.0)
            if (here, there) in turns:
                movement.append(turns[here, there])
                drive.append(since)
                since = 0.0
        first.append(len(movement))
    return Journeys(
        np.array(depart, np.float64),
        np.array(first, np.int64),
        np.array(movement, np.int64),
        np.array(drive, np.float64),
        float(scenario.begin),
        clock,
    )
