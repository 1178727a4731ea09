"""What a controller may see: induction loops, or cameras with a reach of 50 or 200 metres.

What can be seen decides what can be controlled, so the tier is an option of a challenge.

- ``loops``: two loops on each approach lane, one that a standing first vehicle covers and one further back. Each
  tells how many vehicles passed since the last decision and how long it was covered; the first also tells how long
  ago it was last covered.
- ``camera50``, ``camera200``: every vehicle on a lane towards the junction, within so many metres of its stop line
  along the road (through the unsignalised junctions on the way), or on the first lane after it: its distance to the
  end of its lane, its speed, and which movement it is going to make at the next signal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from xml.sax.saxutils import quoteattr

from lumbung.city.engine.sumo import Simulation
from lumbung.city.engine.topology import Junction, Topology

REACH = {"camera50": 50.0, "camera200": 200.0}
TIERS = ("loops", *REACH)

# A vehicle stands about 1 m before the line and is 4 to 5 m long: a loop here is covered by it.
STOP_LOOP_M = 3.0
ADVANCE_LOOP_M = 50.0
# Nearer to the first, a second loop would see nothing that the first does not.
_LOOPS_APART_M = 10.0
# On a lane shorter than this a vehicle that waits for the signal may stand before the lane begins.
SHORT_LANE_M = 15.0
# SUMO's own threshold for vehicles that halt.
STANDING_M_S = 0.1
# SUMO's own short intervals lose the time of a vehicle that stands on a loop through all of one: so one interval
# for all, and differences.
_FOR_EVER_S = 10_000_000


@dataclass(frozen=True)
class View:
    """A lane as one tier sees it.

    Attributes
    ----------
    lane : str
        May lie inside an unsignalised junction, where a lane after it is too short to stand on.
    edge : str
        The street it is, or leads into.
    length, speed : float
        [m], [m/s]
    junction : str
        The signal it leads to, or empty for a lane that only leads away.
    offset : float
        From the lane's end to that signal's stop line [m]; 0 on the approach itself.
    seen_from, seen_until : float
        A vehicle is seen when its front is at least `seen_from`, or at most `seen_until`, from the lane's start [m].
    """

    lane: str
    edge: str
    length: float
    speed: float
    junction: str
    offset: float
    seen_from: float
    seen_until: float


@dataclass(frozen=True)
class Stretch:
    """A lane on the way to a signal: metres from its end to the stop line, its length, and the lane whose way it is."""

    offset: float
    length: float
    junction: str
    follows: str


def views(topology: Topology, reach: float) -> dict[str, View]:
    """Find what cameras at all junctions see.

    Parameters
    ----------
    topology : Topology
    reach : float
        [m]

    Returns
    -------
    dict of str to View
        By lane, in the order of the lanes' names.
    """
    towards: dict[str, Stretch] = {}
    for junction in topology.junctions.values():
        for approach in approach_lanes(junction):
            for name, stretch in walk_upstream(topology, approach, junction.id, reach).items():
                if name not in towards or stretch.offset < towards[name].offset:
                    towards[name] = stretch
    away = {link.lane_out for junction in topology.junctions.values() for link in junction.links}
    found = {}
    for name in sorted(towards.keys() | away):
        length = topology.lanes[name].length if name in away else 0.0
        stretch = towards.get(name, Stretch(0.0, length, "", name))
        street = topology.lanes[stretch.follows]
        leads = bool(stretch.junction)
        found[name] = View(
            name,
            street.edge,
            stretch.length,
            street.speed,
            stretch.junction,
            stretch.offset,
            max(0.0, stretch.length + stretch.offset - reach) if leads else stretch.length + 1.0,
            min(stretch.length, reach) if name in away else -1.0,
        )
    return found


def approach_lanes(junction: Junction) -> tuple[str, ...]:
    """Return the lanes that end at the junction's signal, each once, in the order of the links."""
    return tuple(dict.fromkeys(link.lane_in for link in junction.links))


def walk_upstream(topology: Topology, lane: str, junction: str, reach: float) -> dict[str, Stretch]:
    """Find the lanes on the way to a stop line, up to *reach* metres before it.

    Lanes inside unsignalised junctions count where the lane after them is too short to stand on.
    """
    found: dict[str, Stretch] = {}
    frontier = [(0.0, lane)]
    while frontier:
        offset, here = frontier.pop()
        if offset >= reach or (here in found and found[here].offset <= offset):
            continue
        length = topology.lanes[here].length
        found[here] = Stretch(offset, length, junction, here)
        start = offset + length
        for feeder in topology.upstream.get(here, ()):
            if feeder.via and length < SHORT_LANE_M and start < reach and feeder.via not in found:
                found[feeder.via] = Stretch(start, feeder.inner, junction, here)
            frontier.append((start + feeder.inner, feeder.lane))
    return found


class Sensors(Protocol):
    """One tier at work on a running simulation."""

    def describe(self) -> dict[str, Any]:
        """Say what stays the same: lanes, their lengths, where the sensors are."""
        ...

    def additional(self) -> str:
        """Return the detectors SUMO must build, as elements of an additional file."""
        ...

    def attach(self, run: Simulation, now: float) -> None:
        """Connect to a simulation that has just started, at *now* [s]."""
        ...

    def read(self, now: float) -> dict[str, Any]:
        """Read what the sensors tell at *now* [s]."""
        ...


class Cameras:
    """Sees vehicles within reach of each junction.

    Parameters
    ----------
    topology : Topology
    reach : float
        [m]
    """

    def __init__(self, topology: Topology, reach: float) -> None:
        self._views = views(topology, reach)
        self._turns = _Turns(topology, self._views)
        self._names = list(self._views)
        self._places = {
            v.lane: (number, v.edge, v.length, v.seen_from, v.seen_until)
            for number, v in enumerate(self._views.values())
        }

    def describe(self) -> dict[str, Any]:
        """Say which lanes are seen, and from where."""
        return {
            v.lane: {
                "length": v.length,
                "speed": v.speed,
                "junction": v.junction,
                "offset": v.offset,
                "seen_from": v.seen_from,
                "seen_until": v.seen_until,
            }
            for v in self._views.values()
        }

    def additional(self) -> str:
        """Cameras need no detector of SUMO's."""
        return ""

    def attach(self, run: Simulation, now: float) -> None:
        """Connect to a simulation that has just started."""
        self._all, self._lane_of = run.call("vehicle", "getIDList"), run.call("vehicle", "getLaneID")
        self._position, self._speed = run.call("vehicle", "getLanePosition"), run.call("vehicle", "getSpeed")
        self._turns.attach(run.call("vehicle", "getRoute"))

    def read(self, now: float) -> dict[str, Any]:
        """Return ``{"vehicles": {lane: [[metres to the lane's end, speed in m/s, movement], …]}}``.

        The vehicles of a lane come front first. Lanes without a vehicle in sight are left out. The movement is an
        index into the movements of the junction that the lane leads to, or -1 where the vehicle does not go there.
        """
        # Vehicle by vehicle: most lanes are empty, and to ask each would take longer than to sort those seen.
        lane_of, position, speed, turns = self._lane_of, self._position, self._speed, self._turns
        known = self._places.get
        rows: dict[int, list[list[float]]] = {}
        for name in self._all():
            place = known(lane_of(name))
            if place is not None:
                number, edge, length, seen_from, seen_until = place
                at = position(name)
                if seen_until < at < seen_from:
                    continue
                vehicle = [length - at, speed(name), turns[name][edge]]
                if number in rows:
                    rows[number].append(vehicle)
                else:
                    rows[number] = [vehicle]
        for row in rows.values():
            if len(row) > 1:
                row.sort()
        names = self._names
        return {"vehicles": {names[number]: rows[number] for number in sorted(rows)}}


class _Turns(dict[str, dict[str, int]]):
    """For every vehicle seen, and every street of its way: its movement at the junction this street leads to."""

    def __init__(self, topology: Topology, seen: dict[str, View]) -> None:
        super().__init__()
        self._leads_to = {v.edge: v.junction for v in seen.values()}
        self._movement = {
            (m.edge_in, m.edge_out): (junction.id, number)
            for junction in topology.junctions.values()
            for number, m in enumerate(junction.movements)
        }

    def attach(self, route: Callable[[str], tuple[str, ...]]) -> None:
        self._route = route
        self.clear()

    def __missing__(self, vehicle: str) -> dict[str, int]:
        route = self._route(vehicle)
        turns = {route[-1]: -1}
        signal, movement = "", -1
        for here, there in zip(reversed(route[:-1]), reversed(route[1:]), strict=True):
            signal, movement = self._movement.get((here, there), (signal, movement))
            turns[here] = movement if signal == self._leads_to.get(here) else -1
        self[vehicle] = turns
        return turns


class Loops:
    """Two induction loops on each approach lane.

    Parameters
    ----------
    topology : Topology
    """

    def __init__(self, topology: Topology) -> None:
        self._loops: dict[str, tuple[_Loop, _Loop | None]] = {}
        self._junctions: dict[str, str] = {}
        for junction in topology.junctions.values():
            for lane in approach_lanes(junction):
                self._junctions[lane] = junction.id
                self._loops[lane] = _place_loops(topology, lane)
        self._lanes = topology.lanes

    def describe(self) -> dict[str, Any]:
        """Say where the loops lie: metres from the stop line; None where there is no second."""
        return {
            lane: {
                "length": self._lanes[lane].length,
                "speed": self._lanes[lane].speed,
                "junction": self._junctions[lane],
                "offset": 0.0,
                "stop_loop": stop.distance,
                "advance_loop": advance.distance if advance else None,
            }
            for lane, (stop, advance) in self._loops.items()
        }

    def additional(self) -> str:
        """Return the loops as SUMO detectors that count from the beginning to the end."""
        lines = []
        for lane, loops in self._loops.items():
            for kind, loop in zip(("stop", "advance"), loops, strict=True):
                if loop:
                    lines.append(
                        f"    <inductionLoop id={quoteattr(f'{kind}:{lane}')} lane={quoteattr(loop.lane)} "
                        f'pos="{loop.position:.2f}" period="{_FOR_EVER_S}" file="NUL"/>'
                    )
        return "\n".join(lines)

    def attach(self, run: Simulation, now: float) -> None:
        """Connect to a simulation that has just started."""
        self._count = run.call("inductionloop", "getIntervalVehicleNumber")
        self._occupancy = run.call("inductionloop", "getIntervalOccupancy")
        self._gap = run.call("inductionloop", "getTimeSinceDetection")
        self._begin = self._before = now
        self._rows = [
            (lane, f"stop:{lane}", f"advance:{lane}" if advance is not None else None)
            for lane, (_, advance) in self._loops.items()
        ]
        self._totals: dict[str, tuple[int, float]] = {}

    def read(self, now: float) -> dict[str, Any]:
        """Return ``{"loops": {lane: [stop count, stop occupancy, seconds since covered, advance count, occupancy]}}``.

        Counts and occupancies (percent) are of the time since the last reading; the last two are None without a
        second loop.
        """
        lasted = max(now - self._before, 1.0)
        seen: dict[str, list[float | None]] = {}
        for lane, stop, advance in self._rows:
            row: list[float | None] = [*self._since(stop, now, lasted), self._gap(stop)]
            row += self._since(advance, now, lasted) if advance else (None, None)
            seen[lane] = row
        self._before = now
        return {"loops": seen}

    def _since(self, loop: str, now: float, lasted: float) -> tuple[int, float]:
        """Vehicles and percentage of time covered since the last reading."""
        count = max(self._count(loop), 0)
        covered = max(self._occupancy(loop), 0.0) / 100 * (now - self._begin)
        count_before, covered_before = self._totals.get(loop, (0, 0.0))
        self._totals[loop] = (count, covered)
        return count - count_before, min(max(100 * (covered - covered_before) / lasted, 0.0), 100.0)


@dataclass(frozen=True)
class _Loop:
    """A loop: its lane, its place on it from the start [m], metres along the road to the stop line."""

    lane: str
    position: float
    distance: float


def _place_loops(topology: Topology, approach: str) -> tuple[_Loop, _Loop | None]:
    """Place two loops before a stop line, upstream of short lanes as far as the way does not branch."""
    lane, start = approach, 0.0
    stop: _Loop | None = None
    while True:
        length = topology.lanes[lane].length
        if stop is None and start + length > STOP_LOOP_M:
            distance = min(max(STOP_LOOP_M, start + 0.5), start + length)
            stop = _Loop(lane, length - (distance - start), distance)
        if start + length > ADVANCE_LOOP_M:
            distance = min(max(ADVANCE_LOOP_M, start + 0.5), start + length)
            advance = _Loop(lane, length - (distance - start), distance)
            return stop or _Loop(lane, length / 2, start + length / 2), advance
        feeders = topology.upstream.get(lane, ())
        if len(feeders) != 1:
            stop = stop or _Loop(lane, length / 2, start + length / 2)
            farthest = start + length - 1.0
            far_enough = farthest >= stop.distance + _LOOPS_APART_M
            return stop, _Loop(lane, 1.0, farthest) if far_enough else None
        start += length + feeders[0].inner
        lane = feeders[0].lane


def make_sensors(tier: str, topology: Topology) -> Sensors:
    """Build the sensors of a tier; *tier* is one of `TIERS`."""
    return Loops(topology) if tier == "loops" else Cameras(topology, REACH[tier])


class Watch:
    """What the engine itself looks at: who waits for a link, and queues over time for the pictures.

    Parameters
    ----------
    topology : Topology
    run : Simulation
        A running simulation.
    """

    def __init__(self, topology: Topology, run: Simulation) -> None:
        self._halting = run.call("lane", "getLastStepHaltingNumber")
        self._number = run.call("edge", "getLastStepVehicleNumber")
        self._mean_speed = run.call("edge", "getLastStepMeanSpeed")
        self._pending = run.call("simulation", "getPendingVehicles")
        self._vehicles, self._wait = run.call("vehicle", "getIDList"), run.call("vehicle", "getWaitingTime")
        self._stands_for = _stands_for(topology)
        self._people = run.call("edge", "getLastStepPersonIDs")
        self._pace, self._next = run.call("person", "getSpeed"), run.call("person", "getNextEdge")
        self._waits = _waits_for(topology)
        self._approaches = [lane for j in topology.junctions.values() for lane in approach_lanes(j)]
        self._limits = {lane.edge: lane.speed for lane in topology.lanes.values()}
        self.lost: dict[str, float] = {}

    def standing_lanes(self) -> list[str]:
        """Return the approach lanes on which, or right before which, a vehicle stands; crossings that people wait for.

        In an order of their own: a set's would be another in every process, and where two links are due at once the
        first one called is served first.
        """
        halting = self._halting
        found = dict.fromkeys(name for lane, names in self._stands_for if halting(lane) for name in names)
        for edge, crossings in self._waits.items():
            for person in self._people(edge):
                if self._pace(person) < STANDING_M_S and self._next(person) in crossings:
                    found[self._next(person)] = None
        return list(found)

    def queue(self) -> int:
        """Vehicles that stand on approach lanes."""
        return sum(self._halting(lane) for lane in self._approaches)

    def outside(self) -> int:
        """Vehicles that should have departed and found no room."""
        return len(self._pending())

    def add_lost_time(self, seconds: float) -> None:
        """Add the vehicle-seconds lost on every street, as if the present moment lasted *seconds*."""
        number, mean_speed = self._number, self._mean_speed
        for edge, limit in self._limits.items():
            vehicles = number(edge)
            if vehicles:
                lost = vehicles * seconds * max(0.0, 1.0 - mean_speed(edge) / limit)
                self.lost[edge] = self.lost.get(edge, 0.0) + lost

    def stuck(self, seconds: float) -> tuple[int, int]:
        """Return how many vehicles are on the road, and how many of them have stood still for *seconds*."""
        vehicles = self._vehicles()
        return len(vehicles), sum(self._wait(v) >= seconds for v in vehicles)


def _waits_for(topology: Topology) -> dict[str, frozenset[str]]:
    """For every edge on which people wait, the signalised crossings they may wait for."""
    found: dict[str, set[str]] = {}
    for junction in topology.junctions.values():
        for crossing in junction.crossings:
            for edge in crossing.waits:
                found.setdefault(edge, set()).add(crossing.edge)
    return {edge: frozenset(crossings) for edge, crossings in found.items()}


def _stands_for(topology: Topology) -> list[tuple[str, list[str]]]:
    """For every lane on which a vehicle may wait for a signal, the approach lanes it may wait for."""
    found: dict[str, list[str]] = {}
    for junction in topology.junctions.values():
        for approach in approach_lanes(junction):
            for lane in walk_upstream(topology, approach, junction.id, SHORT_LANE_M):
                found.setdefault(lane, []).append(approach)
    return list(found.items())
