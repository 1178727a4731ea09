"""A queue twin: the network as vehicles that stand in lanes before stop lines, simulated in milliseconds.

Every vehicle is followed from stop line to stop line. A lane lets one vehicle pass per saturation headway while its
movement is green; who must give way passes when nobody he has to let pass has just gone; a street that is full lets
nobody in, so queues spill back. It knows no car following and no lane changes: it ranks plans, and SUMO decides.

References
----------
Saturation headway and start-up loss are the planner's (1.8 s, 2 s); HCM 2010, chapter 31, has 1900 veh/h and 2 s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.city.engine.journeys import Journeys
from lumbung.city.engine.programs import ProgramPhase
from lumbung.city.engine.topology import Topology
from lumbung.kernels.compiling import kernel

HEADWAY_S = 1.8
START_UP_S = 2
# Somebody who gives way needs so many seconds since the last one he let pass.
GAP_S = 3.0
# Room a standing vehicle takes [m].
ROOM_M = 7.5
# What a stop costs beside the standing: slowing down and speeding up again to 50 km/h at 2.6 and 4.5 m/s², half of each.
STOP_S = 4.0

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """What the twin says of plans.

    Attributes
    ----------
    delay : float
        Mean delay of a journey [s].
    by_movement : array of float, shape (movements,)
        Vehicle-seconds lost.
    updates : int
        Vehicles moved past a stop line, and vehicle-seconds of standing looked after.
    """

    delay: float
    by_movement: NDArray[np.float64]
    updates: int


class Twin:
    """A network's queues; made once, evaluated many times.

    Parameters
    ----------
    topology : Topology
    journeys : Journeys
    """

    def __init__(self, topology: Topology, journeys: Journeys) -> None:
        self.topology, self.journeys = topology, journeys
        movements = [(j, m) for j in topology.junctions.values() for m in j.movements]
        lanes = {lane: k for k, lane in enumerate(dict.fromkeys(x for _, m in movements for x in m.lanes_in))}
        edges = {e: k for k, e in enumerate(dict.fromkeys(m.edge_in for _, m in movements))}
        room = np.zeros(len(edges))
        for lane in topology.lanes.values():
            if lane.edge in edges:
                room[edges[lane.edge]] += max(1.0, lane.length / ROOM_M)
        self._room = room
        self._edge = np.array([edges[m.edge_in] for _, m in movements], np.int64)
        self._lane_first, self._lanes = _ragged([[lanes[x] for x in m.lanes_in] for _, m in movements])
        number = {(j.id, i): k for k, (j, m) in enumerate(movements) for i in m.links}
        yields = [
            sorted(
                {
                    number[j.id, other]
                    for i in m.links
                    for other in j.conflicts.yields.get(i, ())
                    if (j.id, other) in number and number[j.id, other] != k
                }
            )
            for k, (j, m) in enumerate(movements)
        ]
        self._yield_first, self._yields = _ragged(yields)
        self._links = {j.id: [m.links for m in j.movements] for j in topology.junctions.values()}
        self._count = len(lanes)
        # a search changes one junction at a time; the others' signals are spelt out once
        self._known: dict[tuple[str, tuple[ProgramPhase, ...]], list[NDArray[np.int8]]] = {}

    def run(self, programs: Mapping[str, tuple[tuple[ProgramPhase, ...], int]]) -> Outcome:
        """Simulate the journeys under programs.

        Parameters
        ----------
        programs : mapping of str to (tuple of ProgramPhase, int)
            Junction to its program and offset [s].
        """
        tables = [table for name in self._links for table in self._tables(name, programs[name][0])]
        cycles = np.array([len(table) for table in tables], np.int64)
        firsts = np.concatenate([[0], np.cumsum(cycles)[:-1]])
        offsets = np.array([programs[name][1] for name, rows in self._links.items() for _ in rows], np.int64)
        j = self.journeys
        waited, updates = _simulate(
            j.depart, j.first, j.movement, j.drive, j.begin, j.end,
            self._lane_first, self._lanes, self._count, self._edge, self._room, self._yield_first, self._yields,
            np.concatenate(tables), firsts, cycles, offsets,
        )  # fmt: skip
        return Outcome(float(waited.sum()) / max(len(j.depart), 1), waited, int(updates))

    def _tables(self, name: str, program: tuple[ProgramPhase, ...]) -> list[NDArray[np.int8]]:
        if (name, program) not in self._known:
            letters = [phase.state for phase in program for _ in range(phase.duration)]
            self._known[name, program] = [_greens(letters, links) for links in self._links[name]]
        return self._known[name, program]


def _ragged(rows: list[list[int]]) -> tuple[Ints, Ints]:
    first = np.zeros(len(rows) + 1, np.int64)
    first[1:] = np.cumsum([len(row) for row in rows])
    return first, np.array([x for row in rows for x in row], np.int64)


def _greens(letters: list[str], links: tuple[int, ...]) -> NDArray[np.int8]:
    """A movement's signal, second by second: 0 red, 1 green that gives way, 2 priority; start-up seconds are red."""
    table = np.zeros(len(letters), np.int8)
    for second, state in enumerate(letters):
        best = {state[i] for i in links}
        table[second] = 2 if "G" in best else 1 if best & {"g", "s"} else 0
    if (table == 0).any():
        begins = np.flatnonzero((table > 0) & (np.roll(table, 1) == 0))
        for begin in begins:
            for k in range(START_UP_S - 1):
                table[(begin + k) % len(table)] = 0
    return table


@kernel
def _simulate(
    depart: Floats, first: Ints, movement: Ints, drive: Floats, begin: float, end: float,
    lane_first: Ints, lanes: Ints, lane_count: int, edge: Ints, room: Floats, yield_first: Ints, yields: Ints,
    table: NDArray[np.int8], table_first: Ints, cycle: Ints, offset: Ints,
) -> tuple[Floats, int]:  # fmt: skip
    n, seconds = len(depart), int(end - begin)
    movements = len(edge)
    waited = np.zeros(movements)
    # vehicles that reach a line within a second, as linked lists; then the queues of lanes, likewise
    due = np.full(seconds + 1, -1, np.int64)
    following = np.full(n, -1, np.int64)
    leg = np.zeros(n, np.int64)
    arrival = np.zeros(n)
    head = np.full(lane_count, -1, np.int64)
    tail = np.full(lane_count, -1, np.int64)
    length = np.zeros(lane_count, np.int64)
    ready = np.zeros(lane_count)
    passed = np.full(movements, -1e9)
    inside = np.zeros(len(room), np.int64)
    updates = 0
    for v in range(n):
        if first[v] == first[v + 1]:
            continue
        leg[v] = first[v]
        arrival[v] = depart[v] - begin + drive[first[v]]
        second = int(arrival[v])
        if 0 <= second < seconds:
            following[v] = due[second]
            due[second] = v
    for now in range(seconds):
        v = due[now]
        while v >= 0:
            after = following[v]
            m = movement[leg[v]]
            lane = lanes[lane_first[m]]
            for k in range(lane_first[m], lane_first[m + 1]):
                if length[lanes[k]] < length[lane]:
                    lane = lanes[k]
            following[v] = -1
            if tail[lane] >= 0:
                following[tail[lane]] = v
            else:
                head[lane] = v
            tail[lane] = v
            length[lane] += 1
            updates += 1
            v = after
        for lane in range(lane_count):
            while head[lane] >= 0 and ready[lane] <= now + 1:
                v = head[lane]
                m = movement[leg[v]]
                light = table[table_first[m] + (now + int(begin) - offset[m]) % cycle[m]]
                updates += 1
                if light == 0:
                    break
                if light == 1:
                    free = True
                    for k in range(yield_first[m], yield_first[m + 1]):
                        if now - passed[yields[k]] < GAP_S:
                            free = False
                            break
                    if not free:
                        break
                last = leg[v] + 1 == first[v + 1]
                if not last:
                    ahead = edge[movement[leg[v] + 1]]
                    if inside[ahead] >= room[ahead]:
                        break
                leaves = max(float(now), max(ready[lane], arrival[v]))
                waited[m] += leaves - arrival[v]
                if leaves > arrival[v] + 1:
                    waited[m] += STOP_S
                ready[lane] = leaves + HEADWAY_S
                passed[m] = now
                head[lane] = following[v]
                if head[lane] < 0:
                    tail[lane] = -1
                following[v] = -1
                length[lane] -= 1
                if leg[v] > first[v]:
                    inside[edge[m]] -= 1
                if not last:
                    leg[v] += 1
                    inside[ahead] += 1
                    arrival[v] = leaves + drive[leg[v]]
                    second = max(int(arrival[v]), now + 1)
                    if second < seconds:
                        following[v] = due[second]
                        due[second] = v
    for lane in range(lane_count):
        v = head[lane]
        while v >= 0:
            waited[movement[leg[v]]] += seconds - arrival[v]
            v = following[v]
    return waited, updates
