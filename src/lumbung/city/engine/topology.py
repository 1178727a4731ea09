"""What a signal controller must know of a network: junctions, phases, movements, lanes.

Read from the SUMO network file, before any simulation runs. A *link* is one entry of a signal state string; a
*movement* is all the links of a junction that lead from one street to another; an *approach lane* ends at a
signal.
"""

from __future__ import annotations

import functools
import gzip
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from lumbung.city.engine.networks import NetworkError, Scenario

GREEN = frozenset("Gg")


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
class ProgramPhase:
    """A phase of the network's own program: signal state and duration [s]."""

    state: str
    duration: int


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
        The network's own plan, with its yellow phases.
    offset : int
        Of that plan [s].
    phases : tuple of str
        The distinct green states of the plan, in its order: what a controller chooses from.
    yellow, all_red : int
        Durations of the plan's own transitions [s]; all-red is 0 where it has none.
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


@dataclass(frozen=True)
class Topology:
    """A network as controllers see it.

    Attributes
    ----------
    junctions : dict of str to Junction
    lanes : dict of str to Lane
    upstream : dict of str to tuple of (str, float)
        Lane to the lanes that lead into it without passing a signal, each with the metres between them.
    next_edges : dict of str to frozenset of str
        Edge to the edges that can be reached from it directly.
    """

    junctions: dict[str, Junction]
    lanes: dict[str, Lane]
    upstream: dict[str, tuple[tuple[str, float], ...]]
    next_edges: dict[str, frozenset[str]] = field(repr=False)


def read_topology(net: Path) -> Topology:
    """Read a SUMO network; the result is kept, so that a second reading of the same file is free.

    Raises
    ------
    NetworkError
        The file cannot be read, is no SUMO network, or has no signals that a controller could change.
    """
    try:
        stat = net.stat()
    except OSError as error:
        raise NetworkError(str(net), error.strerror or str(error), "a SUMO network (.net.xml)") from None
    return _read_topology(net, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=16)
def _read_topology(net: Path, _modified: int, _size: int) -> Topology:
    root = _parse(net, "net")
    lanes, internal_length = _lanes(root)
    connections = [c for c in root.iter("connection") if not c.get("from", "").startswith(":")]
    junctions = _junctions(net, root, connections)
    return Topology(junctions, lanes, _upstream(connections, internal_length), _next_edges(connections))


def _parse(path: Path, tag: str) -> ElementTree.Element:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            # S314: expat of Python >= 3.7.1 bounds entity expansion, and reads nothing from outside the file
            root = ElementTree.parse(file).getroot()  # noqa: S314
    except OSError as error:
        raise NetworkError(str(path), error.strerror or str(error), "a readable file") from None
    except ElementTree.ParseError as error:
        raise NetworkError(
            f"{path}, line {error.position[0]}", f"broken XML ({error})", "a SUMO file"
        ) from None
    if root.tag != tag:
        raise NetworkError(str(path), f"root element <{root.tag}>", f"<{tag}>")
    return root


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


def _junctions(
    net: Path, root: ElementTree.Element, connections: list[ElementTree.Element]
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
    for logic in root.iter("tlLogic"):
        name = logic.attrib["id"]
        program = tuple(
            ProgramPhase(p.attrib["state"], round(float(p.attrib["duration"]))) for p in logic.iter("phase")
        )
        phases = _green_states(program)
        # a signal that guards nothing, or never gives green, leaves a controller nothing to decide
        if not links[name] or not phases:
            continue
        governed = links[name]
        _check_states(net, name, program, governed)
        x, y = _centre([places[target[c.attrib["from"]]] for _, c in governed])
        junctions[name] = Junction(
            name,
            x,
            y,
            tuple(sorted((link for link, _ in governed), key=lambda k: (k.index, k.lane_in, k.lane_out))),
            _movements(governed),
            program,
            round(float(logic.get("offset", 0))),
            phases,
            max((p.duration for p in program if "y" in p.state), default=3),
            max((p.duration for p in program if set(p.state) <= set("rs")), default=0),
        )
    if not junctions:
        raise NetworkError(str(net), "no traffic signals", "a network with at least one signalised junction")
    return junctions


def _green_states(program: tuple[ProgramPhase, ...]) -> tuple[str, ...]:
    greens = (p.state for p in program if GREEN & set(p.state) and not set("yu") & set(p.state))
    return tuple(dict.fromkeys(greens))


def _check_states(
    net: Path, name: str, program: tuple[ProgramPhase, ...], governed: list[tuple[Link, ElementTree.Element]]
) -> None:
    needed = 1 + max(link.index for link, _ in governed)
    for number, phase in enumerate(program):
        if len(phase.state) < needed:
            raise NetworkError(
                f"{net}: tlLogic {name}, phase {number}",
                f"a state of {len(phase.state)} letters",
                f"at least {needed}, one for each link",
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
) -> dict[str, tuple[tuple[str, float], ...]]:
    found: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for c in connections:
        if c.get("tl") is None:
            inner = internal_length.get(c.get("via", ""), 0.0)
            lane = f"{c.attrib['from']}_{c.attrib['fromLane']}"
            found[f"{c.attrib['to']}_{c.attrib['toLane']}"].append((lane, inner))
    return {lane: tuple(sources) for lane, sources in found.items()}


def _next_edges(connections: list[ElementTree.Element]) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for c in connections:
        found[c.attrib["from"]].add(c.attrib["to"])
    return {edge: frozenset(targets) for edge, targets in found.items()}


def check_demand(scenario: Scenario, topology: Topology) -> int:
    """Check that the demand belongs to the network, and count the vehicles of the simulated hours.

    Parameters
    ----------
    scenario : Scenario
    topology : Topology
        Of ``scenario.net``.

    Returns
    -------
    int
        Vehicles that depart within ``[begin, end)``; vehicles inside a ``flow`` are not among them.

    Raises
    ------
    NetworkError
        Names file, vehicle and the edge that the network lacks, or says that nobody departs in these hours.
    """
    edges = {lane.edge for lane in topology.lanes.values()}
    departing, flows = 0, 0
    for path in scenario.routes:
        for element in _parse(path, "routes"):
            if element.tag not in ("vehicle", "trip", "flow", "route"):
                continue
            _check_edges(path, element, edges, topology)
            flows += element.tag == "flow"
            if element.tag in ("vehicle", "trip"):
                departing += scenario.begin <= _departure(path, element) < scenario.end
    if not departing and not flows:
        raise NetworkError(
            ", ".join(str(p) for p in scenario.routes),
            f"no vehicle that departs from {scenario.begin} s to {scenario.end} s",
            "a demand for the hours simulated",
        )
    return departing


def _departure(path: Path, element: ElementTree.Element) -> float:
    try:
        return float(element.get("depart", "0"))
    except ValueError:
        raise NetworkError(
            f"{path}: {element.tag} {element.get('id')}", f"depart={element.get('depart')!r}", "seconds"
        ) from None


def _check_edges(path: Path, element: ElementTree.Element, edges: set[str], topology: Topology) -> None:
    where = f"{path}: {element.tag} {element.get('id')}"
    ends = [element.get(key) for key in ("from", "to") if element.get(key)]
    for route in [element, *element.iter("route")]:
        listed = route.get("edges", "").split()
        ends += listed
        for here, there in zip(listed, listed[1:], strict=False):
            if here in edges and there in edges and there not in topology.next_edges.get(here, ()):
                raise NetworkError(
                    where, f"{there} after {here}", "a street that continues from the one before"
                )
    for edge in ends:
        if edge not in edges:
            raise NetworkError(
                where, f"edge {edge}", "an edge of the network (does the demand belong to it?)"
            )
