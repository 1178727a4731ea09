"""What a signal controller must know of a network: junctions, phases, movements, lanes.

Read from the SUMO network file, before any simulation runs. A *link* is one entry of a signal state string; a
*movement* is all the links of a junction that lead from one street to another; an *approach lane* ends at a signal.
"""

from __future__ import annotations

import functools
import math
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lumbung.city.engine.additional_files import parse, read_additional
from lumbung.city.engine.conflicts import Conflicts, read_conflicts
from lumbung.city.engine.networks import NetworkError, Scenario
from lumbung.city.engine.programs import Program, ProgramPhase, green_states, read_programs

# Pedestrians clear a crossing at this pace; guidelines take 1.0 to 1.2 m/s (RiLSA, HCM).
WALKING_M_S = 1.2


@dataclass(frozen=True)
class Lane:
    """A lane outside junctions. Length [m], allowed speed [m/s], shape [(x, y) in m]."""

    id: str
    edge: str
    length: float
    speed: float
    shape: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Link:
    """One connection that an entry of the signal state governs."""

    index: int
    lane_in: str
    lane_out: str
    direction: str


@dataclass(frozen=True)
class Movement:
    """From one street to another across a junction.

    Attributes
    ----------
    edge_in, edge_out : str
    direction : str
        SUMO's letter: ``s`` straight, ``l`` left, ``r`` right, ``t`` turn around, ``L``/``R`` partly.
    links : tuple of int
        Indices into the signal state.
    lanes_in, lanes_out : tuple of str
    """

    edge_in: str
    edge_out: str
    direction: str
    links: tuple[int, ...]
    lanes_in: tuple[str, ...]
    lanes_out: tuple[str, ...]


@dataclass(frozen=True)
class Crossing:
    """A signalised crossing on foot.

    Attributes
    ----------
    index : int
        Into the signal state.
    edge : str
        The crossing.
    waits : tuple of str
        Edges on which people wait for it.
    streets : tuple of str
        The streets it crosses.
    length : float
        [m]
    clearance : int
        Seconds that somebody needs who set off in the last moment of green.
    """

    index: int
    edge: str
    waits: tuple[str, ...]
    streets: tuple[str, ...]
    length: float
    clearance: int


@dataclass(frozen=True)
class Junction:
    """A signalised junction.

    Attributes
    ----------
    id : str
        Of the traffic light.
    x, y : float
        Place on the network's plane [m].
    links : tuple of Link
        A link index may govern several connections, and then occurs as often.
    movements : tuple of Movement
    program : tuple of ProgramPhase
        The network's own plan, with its yellow phases; the one that runs first, where several are switched.
    offset : int
        Of that plan [s].
    phases : tuple of str
        The distinct green states of all its plans, in their order: what a controller chooses from.
    yellow, all_red : int
        Durations of the plan's own transitions [s]; all-red is 0 where it has none.
    crossings : tuple of Crossing
        On foot.
    conflicts : Conflicts
        Which links cross or join, and who must let whom pass.
    programs : tuple of Program
        All plans that may run, the first one first.
    """

    id: str
    x: float
    y: float
    links: tuple[Link, ...]
    movements: tuple[Movement, ...]
    program: tuple[ProgramPhase, ...]
    offset: int
    phases: tuple[str, ...]
    yellow: int
    all_red: int
    crossings: tuple[Crossing, ...] = ()
    conflicts: Conflicts = field(default=Conflicts({}, {}), repr=False)
    programs: tuple[Program, ...] = field(default=(), repr=False)

    @functools.cached_property
    def on_foot(self) -> dict[int, Crossing]:
        """The crossings by their index into the signal state."""
        return {crossing.index: crossing for crossing in self.crossings}


@dataclass(frozen=True)
class Feeder:
    """A lane that leads into another without passing a signal, through a lane inside a junction (or none).

    Attributes
    ----------
    lane : str
    via : str
        The lane inside the junction; empty where there is none.
    inner : float
        Length of that [m].
    """

    lane: str
    via: str
    inner: float


@dataclass(frozen=True)
class Topology:
    """A network as controllers see it.

    Attributes
    ----------
    junctions : dict of str to Junction
    lanes : dict of str to Lane
    upstream : dict of str to tuple of Feeder
        Lane to the lanes that lead into it without passing a signal, each with the metres between them.
    next_edges : dict of str to frozenset of str
        Edge to the edges that can be reached from it directly.
    edges : frozenset of str
        All streets and paths, outside junctions.
    """

    junctions: dict[str, Junction]
    lanes: dict[str, Lane]
    upstream: dict[str, tuple[Feeder, ...]]
    next_edges: dict[str, frozenset[str]] = field(repr=False)
    edges: frozenset[str] = field(repr=False)


def scenario_topology(scenario: Scenario) -> Topology:
    """Read a scenario's network with the programs of its additional files."""
    return read_topology(scenario.net, scenario.additional)


def read_topology(net: Path, additional: tuple[Path, ...] = ()) -> Topology:
    """Read a SUMO network; the result is kept, so that a second reading of the same files is free.

    Parameters
    ----------
    net : Path
    additional : tuple of Path
        Additional files, whose programs stand before the network's.

    Raises
    ------
    NetworkError
        A file cannot be read, is no SUMO network, or has no signals that a controller could change; a program gives
        priority green to streets that cross.
    """
    try:
        stats = tuple((path.stat().st_mtime_ns, path.stat().st_size) for path in (net, *additional))
    except OSError as error:
        raise NetworkError(str(error.filename), error.strerror or str(error), "a readable file") from None
    return _read_topology(net, additional, stats)


@functools.lru_cache(maxsize=16)
def _read_topology(net: Path, additional: tuple[Path, ...], _stats: tuple[tuple[int, int], ...]) -> Topology:
    root = parse(net)
    if root.tag != "net":
        raise NetworkError(str(net), f"root element <{root.tag}>", "<net>")
    lanes, internal_length = _lanes(root)
    everything = list(root.iter("connection"))
    connections = [c for c in everything if not c.get("from", "").startswith(":")]
    extra = read_additional(additional)
    programs = read_programs([*root.iter("tlLogic"), *extra.programs], extra.switches)
    conflicts = read_conflicts(root, everything)
    crossings = _crossings(root, everything)
    junctions = _junctions(net, root, connections, programs, conflicts, crossings)
    edges = frozenset(e.attrib["id"] for e in root.iter("edge") if e.get("function") is None)
    return Topology(
        junctions, lanes, _upstream(connections, internal_length), _next_edges(connections), edges
    )


def _lanes(root: ElementTree.Element) -> tuple[dict[str, Lane], dict[str, float]]:
    lanes: dict[str, Lane] = {}
    internal: dict[str, float] = {}
    for edge in root.iter("edge"):
        for lane in edge.iter("lane"):
            if edge.get("function") == "internal":
                internal[lane.attrib["id"]] = float(lane.attrib["length"])
            elif edge.get("function") is None:
                lanes[lane.attrib["id"]] = Lane(
                    lane.attrib["id"],
                    edge.attrib["id"],
                    float(lane.attrib["length"]),
                    float(lane.attrib["speed"]),
                    _shape(lane.attrib["shape"]),
                )
    return lanes, internal


def _shape(text: str) -> tuple[tuple[float, float], ...]:
    points = (point.split(",") for point in text.split())
    return tuple((float(p[0]), float(p[1])) for p in points)


def _crossings(
    root: ElementTree.Element, connections: list[ElementTree.Element]
) -> dict[str, tuple[Crossing, ...]]:
    edges = {e.attrib["id"]: e for e in root.iter("edge") if e.get("function") == "crossing"}
    signals: defaultdict[str, set[tuple[int, str]]] = defaultdict(set)
    waits: defaultdict[str, set[str]] = defaultdict(set)
    for c in connections:
        for here, there in (("from", "to"), ("to", "from")):
            crossing = c.attrib[here]
            if crossing in edges:
                # people wait at either end, whichever end the connection with the signal begins at
                waits[crossing].add(c.attrib[there])
                if c.get("tl") is not None:
                    signals[c.attrib["tl"]].add((int(c.attrib["linkIndex"]), crossing))
    return {
        signal: tuple(_crossing(index, edges[edge], waits[edge]) for index, edge in sorted(found))
        for signal, found in signals.items()
    }


def _crossing(index: int, edge: ElementTree.Element, waits: set[str]) -> Crossing:
    length = max(float(lane.attrib["length"]) for lane in edge.iter("lane"))
    return Crossing(
        index,
        edge.attrib["id"],
        tuple(sorted(waits)),
        tuple(edge.get("crossingEdges", "").split()),
        length,
        math.ceil(length / WALKING_M_S),
    )


def _junctions(
    net: Path,
    root: ElementTree.Element,
    connections: list[ElementTree.Element],
    programs: dict[str, tuple[Program, ...]],
    conflicts: dict[str, Conflicts],
    crossings: dict[str, tuple[Crossing, ...]],
) -> dict[str, Junction]:
    links: defaultdict[str, list[tuple[Link, ElementTree.Element]]] = defaultdict(list)
    for c in connections:
        if c.get("tl") is not None:
            link = Link(
                int(c.attrib["linkIndex"]),
                f"{c.attrib['from']}_{c.attrib['fromLane']}",
                f"{c.attrib['to']}_{c.attrib['toLane']}",
                c.get("dir", "s"),
            )
            links[c.attrib["tl"]].append((link, c))
    target = {e.attrib["id"]: e.get("to", "") for e in root.iter("edge")}
    places = {j.attrib["id"]: (float(j.attrib["x"]), float(j.attrib["y"])) for j in root.iter("junction")}
    junctions: dict[str, Junction] = {}
    for name, plans in programs.items():
        phases = green_states(plans)
        # a signal that guards nothing, or never gives green, leaves a controller nothing to decide
        if not links[name] or not phases:
            continue
        governed, on_foot = links[name], crossings.get(name, ())
        indices = [link.index for link, _ in governed] + [c.index for c in on_foot]
        _check_lengths(net, name, plans, 1 + max(indices))
        _check_clashes(net, name, plans, governed, conflicts.get(name, Conflicts({}, {})))
        x, y = _centre([places[target[c.attrib["from"]]] for _, c in governed])
        junctions[name] = Junction(
            name,
            x,
            y,
            tuple(sorted((link for link, _ in governed), key=lambda k: (k.index, k.lane_in, k.lane_out))),
            _movements(governed),
            plans[0].phases,
            plans[0].offset,
            phases,
            plans[0].yellow,
            plans[0].all_red,
            on_foot,
            conflicts.get(name, Conflicts({}, {})),
            plans,
        )
    if not junctions:
        raise NetworkError(str(net), "no traffic signals", "a network with at least one signalised junction")
    return junctions


def _check_lengths(net: Path, name: str, programs: Sequence[Program], needed: int) -> None:
    for program in programs:
        for number, phase in enumerate(program.phases):
            if len(phase.state) < needed:
                raise NetworkError(
                    f"{net}: tlLogic {name}, phase {number}",
                    f"a state of {len(phase.state)} letters",
                    f"at least {needed}, one for each link",
                )


def _check_clashes(
    net: Path,
    name: str,
    programs: Sequence[Program],
    governed: list[tuple[Link, ElementTree.Element]],
    conflicts: Conflicts,
) -> None:
    """Refuse a program in which streets that cross both have priority green: nobody could be told to drive by it."""
    ways = {link.index: f"{c.attrib['from']} > {c.attrib['to']}" for link, c in governed}
    for program in programs:
        for number, phase in enumerate(program.phases):
            clash = next(conflicts.clashes(phase.state), None)
            if clash is not None:
                one, two = (f"{index} ({ways.get(index, 'on foot')})" for index in clash)
                raise NetworkError(
                    f"{net}: tlLogic {name}, program {program.id!r}, phase {number}",
                    f"priority green (G) for links {one} and {two}, whose ways cross or join",
                    "g for the one that must give way, or red (the network's own <request foes>)",
                )


def _centre(points: list[tuple[float, float]]) -> tuple[float, float]:
    distinct = sorted(set(points))
    return sum(p[0] for p in distinct) / len(distinct), sum(p[1] for p in distinct) / len(distinct)


def _movements(governed: list[tuple[Link, ElementTree.Element]]) -> tuple[Movement, ...]:
    grouped: defaultdict[tuple[str, str], list[Link]] = defaultdict(list)
    for link, c in governed:
        grouped[c.attrib["from"], c.attrib["to"]].append(link)
    movements = []
    for (edge_in, edge_out), links in grouped.items():
        links.sort(key=lambda k: (k.index, k.lane_in, k.lane_out))
        movements.append(
            Movement(
                edge_in,
                edge_out,
                links[0].direction,
                tuple(dict.fromkeys(k.index for k in links)),
                tuple(dict.fromkeys(k.lane_in for k in links)),
                tuple(dict.fromkeys(k.lane_out for k in links)),
            )
        )
    return tuple(sorted(movements, key=lambda m: m.links))


def _upstream(
    connections: list[ElementTree.Element], internal_length: dict[str, float]
) -> dict[str, tuple[Feeder, ...]]:
    found: defaultdict[str, list[Feeder]] = defaultdict(list)
    for c in connections:
        if c.get("tl") is None:
            via = c.get("via", "")
            lane = f"{c.attrib['from']}_{c.attrib['fromLane']}"
            feeder = Feeder(lane, via, internal_length.get(via, 0.0))
            found[f"{c.attrib['to']}_{c.attrib['toLane']}"].append(feeder)
    return {lane: tuple(sources) for lane, sources in found.items()}


def _next_edges(connections: list[ElementTree.Element]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for c in connections:
        found[c.attrib["from"]].add(c.attrib["to"])
    return {edge: frozenset(targets) for edge, targets in found.items()}
