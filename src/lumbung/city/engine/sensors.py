"""What a controller may see: induction loops, or cameras with a reach of 50 or 200 metres.

What can be seen decides what can be controlled, so the tier is an option of a challenge.

- ``loops``: two loops on each approach lane, one that a standing first vehicle covers and one further back.
Each
  tells how many vehicles passed since the last decision and how long it was covered; the first also tells how
  long ago it was last covered.
- ``camera50``, ``camera200``: every vehicle on a lane towards the junction, within so many metres of its stop
line
  along the road (through the unsignalised junctions on the way), or on the first lane after it: its distance
  to the end of its lane, its speed, and which movement it is going to make at the next signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol
from xml.sax.saxutils import quoteattr

from lumbung.city.engine.topology import Junction, Topology

REACH = {"camera50": 50.0, "camera200": 200.0}
TIERS = ("loops", *REACH)

# A vehicle stands about 1 m before the line and is 4 to 5 m long: a loop here is covered by it.
STOP_LOOP_M = 3.0
ADVANCE_LOOP_M = 50.0
# On a lane shorter than this the second loop would see nothing that the first does not.
SHORT_LANE_M = 20.0
_NO_SIGNAL = ("", -1)


@dataclass(frozen=True)
class View:
    """A lane as one tier sees it.

    Attributes
    ----------
    lane : str
    length : float
        [m]
    junction : str
        The signal it leads to, or empty for a lane that only leads away.
    offset : float
        From the lane's end to that signal's stop line [m]; 0 on the approach itself.
    seen_from, seen_until : float
        A vehicle is seen when its front is at least `seen_from`, or at most `seen_until`, from the lane's
        start [m].
    """

    lane: str
    length: float
    junction: str
    offset: float
    seen_from: float
    seen_until: float

    @property
    def whole(self) -> bool:
        """Whether the whole lane is seen."""
        return self.seen_from <= self.seen_until


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
    towards: dict[str, tuple[float, str]] = {}
    for junction in topology.junctions.values():
        for lane in approach_lanes(junction):
            _walk_upstream(topology, lane, junction.id, reach, towards)
    away = {link.lane_out for junction in topology.junctions.values() for link in junction.links}
    found = {}
    for name in sorted(towards.keys() | away):
        length = topology.lanes[name].length
        offset, junction_id = towards.get(name, (reach, ""))
        seen_from = max(0.0, length + offset - reach) if junction_id else length + 1.0
        until = min(length, reach) if name in away else -1.0
        found[name] = View(name, length, junction_id, offset if junction_id else 0.0, seen_from, until)
    return found


def approach_lanes(junction: Junction) -> tuple[str, ...]:
    """Return the lanes that end at the junction's signal, each once, in the order of the links."""
    return tuple(dict.fromkeys(link.lane_in for link in junction.links))


def _walk_upstream(
    topology: Topology, lane: str, junction: str, reach: float, towards: dict[str, tuple[float, str]]
) -> None:
    frontier = [(0.0, lane)]
    while frontier:
        offset, here = frontier.pop()
        if offset >= reach or (here in towards and towards[here] <= (offset, junction)):
            continue
        towards[here] = (offset, junction)
        length = topology.lanes[here].length
        frontier += [(offset + length + inner, source) for source, inner in topology.upstream.get(here, ())]


class Sensors(Protocol):
    """One tier at work on a running simulation."""

    def describe(self) -> dict[str, Any]:
        """Say what stays the same: lanes, their lengths, where the sensors are."""
        ...

    def additional(self, interval: int) -> str:
        """Return the detectors SUMO must build, as elements of an additional file."""
        ...

    def attach(self, api: Any) -> None:
        """Connect to a simulation that has just started."""
        ...

    def read(self) -> dict[str, Any]:
        """Read what the sensors tell now."""
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
        self._topology = topology
        self._views = views(topology, reach)
        self._movement = {
            (m.edge_in, m.edge_out): (junction.id, number)
            for junction in topology.junctions.values()
            for number, m in enumerate(junction.movements)
        }
        self._turns: dict[str, dict[str, tuple[str, int]]] = {}

    def describe(self) -> dict[str, Any]:
        """Say which lanes are seen, and from where."""
        return {
            v.lane: {
                "length": v.length,
                "speed": self._topology.lanes[v.lane].speed,
                "junction": v.junction,
                "offset": v.offset,
                "seen_from": v.seen_from,
                "seen_until": v.seen_until,
            }
            for v in self._views.values()
        }

    def additional(self, interval: int) -> str:
        """Cameras need no detector of SUMO's."""
        return ""

    def attach(self, api: Any) -> None:
        """Connect to a simulation that has just started."""
        lane, vehicle = api.lane, api.vehicle
        self._ids, self._position, self._speed = (
            lane.getLastStepVehicleIDs,
            vehicle.getLanePosition,
            vehicle.getSpeed,
        )
        self._route = vehicle.getRoute
        self._turns.clear()
        self._windows = [
            (
                v.lane,
                self._topology.lanes[v.lane].edge,
                v.junction,
                v.length,
                None if v.whole else (v.seen_from, v.seen_until),
            )
            for v in self._views.values()
        ]

    def read(self) -> dict[str, Any]:
        """Return ``{"vehicles": {lane: [[metres to the lane's end, speed in m/s, movement], …]}}``.

        The vehicles of a lane come front first. Lanes without a vehicle in sight are left out. The movement
        is an index into the movements of the junction that the lane leads to, or -1 where the vehicle does
        not go there.
        """
        ids, position, speed, turns = self._ids, self._position, self._speed, self._turns
        seen = {}
        for lane, edge, junction, length, window in self._windows:
            names = ids(lane)
            if not names:
                continue
            row = []
            for name in reversed(names):
                at = position(name)
                if window is not None and window[1] < at < window[0]:
                    continue
                if name not in turns:
                    turns[name] = self._turns_of(name)
                signal, movement = turns[name].get(edge, _NO_SIGNAL)
                row.append([length - at, speed(name), movement if signal == junction else -1])
            if row:
                seen[lane] = row
        return {"vehicles": seen}

    def _turns_of(self, vehicle: str) -> dict[str, tuple[str, int]]:
        """For every street of a vehicle's way, the next signal and the movement made there."""
        route = self._route(vehicle)
        turns: dict[str, tuple[str, int]] = {}
        ahead = _NO_SIGNAL
        for here, there in zip(reversed(route[:-1]), reversed(route[1:]), strict=True):
            ahead = self._movement.get((here, there), ahead)
            turns[here] = ahead
        return turns


class Loops:
    """Two induction loops on each approach lane.

    Parameters
    ----------
    topology : Topology
    """

    def __init__(self, topology: Topology) -> None:
        self._places: dict[str, tuple[str, float, float | None]] = {}
        for junction in topology.junctions.values():
            for lane in approach_lanes(junction):
                self._places[lane] = (junction.id, *_loop_places(topology.lanes[lane].length))
        self._lanes = topology.lanes

    def describe(self) -> dict[str, Any]:
        """Say where the loops lie: metres from the stop line; None where a lane is too short for the second."""
        return {
            lane: {
                "length": self._lanes[lane].length,
                "speed": self._lanes[lane].speed,
                "junction": junction,
                "offset": 0.0,
                "stop_loop": stop,
                "advance_loop": advance,
            }
            for lane, (junction, stop, advance) in self._places.items()
        }

    def additional(self, interval: int) -> str:
        """Return the loops as SUMO detectors that count over *interval* seconds."""
        lines = []
        for lane, (_, stop, advance) in self._places.items():
            length = self._lanes[lane].length
            for kind, distance in (("stop", stop), ("advance", advance)):
                if distance is not None:
                    lines.append(
                        f"    <inductionLoop id={quoteattr(f'{kind}:{lane}')} lane={quoteattr(lane)} "
                        f'pos="{length - distance:.2f}" period="{interval}" file="NUL"/>'
                    )
        return "\n".join(lines)

    def attach(self, api: Any) -> None:
        """Connect to a simulation that has just started."""
        loop = api.inductionloop
        self._count, self._occupancy = loop.getLastIntervalVehicleNumber, loop.getLastIntervalOccupancy
        self._gap = loop.getTimeSinceDetection
        self._rows = [
            (lane, f"stop:{lane}", f"advance:{lane}" if advance is not None else None)
            for lane, (_, _, advance) in self._places.items()
        ]

    def read(self) -> dict[str, Any]:
        """Return ``{"loops": {lane: [stop count, stop occupancy, seconds since covered, advance count,
        occupancy]}}``.

        Counts and occupancies (percent) are of the last interval; the last two are None without a second
        loop.
        """
        count, occupancy, gap = self._count, self._occupancy, self._gap
        return {
            "loops": {
                lane: [
                    max(count(stop), 0),
                    max(occupancy(stop), 0.0),
                    gap(stop),
                    max(count(advance), 0) if advance else None,
                    max(occupancy(advance), 0.0) if advance else None,
                ]
                for lane, stop, advance in self._rows
            }
        }


def _loop_places(length: float) -> tuple[float, float | None]:
    stop = min(STOP_LOOP_M, length / 2)
    if length < SHORT_LANE_M:
        return stop, None
    return stop, min(ADVANCE_LOOP_M, length - 1.0)


def make_sensors(tier: str, topology: Topology) -> Sensors:
    """Build the sensors of a tier; *tier* is one of `TIERS`."""
    return Loops(topology) if tier == "loops" else Cameras(topology, REACH[tier])


class Watch:
    """What the engine itself looks at: who waits for a link, and queues over time for the pictures.

    Parameters
    ----------
    topology : Topology
    api : Any
        A running simulation.
    """

    def __init__(self, topology: Topology, api: Any) -> None:
        self._halting = api.lane.getLastStepHaltingNumber
        self._edge = api.edge
        self._pending = api.simulation.getPendingVehicles
        self._api = api
        self._approaches = [
            lane for junction in topology.junctions.values() for lane in approach_lanes(junction)
        ]
        self._limits = {lane.edge: lane.speed for lane in topology.lanes.values()}
        self.lost: dict[str, float] = {}

    def standing_lanes(self) -> set[str]:
        """Return the approach lanes on which a vehicle stands."""
        halting = self._halting
        return {lane for lane in self._approaches if halting(lane)}

    def queue(self) -> int:
        """Vehicles that stand on approach lanes."""
        return sum(self._halting(lane) for lane in self._approaches)

    def outside(self) -> int:
        """Vehicles that should have departed and found no room."""
        return len(self._pending())

    def add_lost_time(self, seconds: float) -> None:
        """Add the vehicle-seconds lost on every street, as if the present moment lasted *seconds*."""
        number, mean_speed = self._edge.getLastStepVehicleNumber, self._edge.getLastStepMeanSpeed
        for edge, limit in self._limits.items():
            vehicles = number(edge)
            if vehicles:
                lost = vehicles * seconds * max(0.0, 1.0 - mean_speed(edge) / limit)
                self.lost[edge] = self.lost.get(edge, 0.0) + lost

    def stuck(self, seconds: float) -> tuple[int, int]:
        """Return how many vehicles are on the road, and how many of them have stood still for *seconds*."""
        vehicles = self._api.vehicle.getIDList()
        wait = self._api.vehicle.getWaitingTime
        return len(vehicles), sum(wait(v) >= seconds for v in vehicles)
