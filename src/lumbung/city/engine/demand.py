"""Whether a demand belongs to its network, found before anything runs, and said by file, vehicle and street."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from lumbung.city.engine.additional_files import elements
from lumbung.city.engine.configuration import read_time
from lumbung.city.engine.networks import NetworkError, Scenario
from lumbung.city.engine.topology import Topology

_VEHICLES = frozenset({"vehicle", "trip"})
_DEMAND = frozenset(
    {"vehicle", "trip", "flow", "route", "person", "personFlow", "container", "containerFlow"}
)
# Who travels, but departs when somebody else does, or at a rate.
_OTHERS = frozenset({"flow", "person", "personFlow", "container", "containerFlow"})
# Departures without a time of their own; they depend on others, or on the beginning.
_WHENEVER = frozenset({"triggered", "containerTriggered", "split", "now", "begin"})


def check_demand(scenario: Scenario, topology: Topology) -> int:
    """Check that the demand belongs to the network, and count the vehicles of the simulated hours.

    Parameters
    ----------
    scenario : Scenario
    topology : Topology
        Of that scenario.

    Returns
    -------
    int
        Vehicles that depart within ``[begin, end)``; those inside a ``flow``, or added by a scale, are not among them.

    Raises
    ------
    NetworkError
        Names file, vehicle and the edge that the network lacks, or says that nobody departs in these hours.
    """
    try:
        stamp = tuple(
            path.stat().st_mtime_ns for path in (scenario.net, *scenario.routes, *scenario.additional)
        )
    except OSError as error:
        raise NetworkError(str(error.filename), error.strerror or str(error), "a readable file") from None
    key = (scenario, stamp)
    if key not in _CHECKED:
        _CHECKED[key] = _check_demand(scenario, topology)
    return _CHECKED[key]


# What was found right before, so that a case played again does not read its demand again.
_CHECKED: dict[tuple[Scenario, tuple[int, ...]], int] = {}


def _check_demand(scenario: Scenario, topology: Topology) -> int:
    departing, others = 0, 0
    # what a user lets SUMO overlook is not ours to refuse
    strict = "ignore-route-errors" not in scenario.configuration
    for path in (*scenario.routes, *scenario.additional):
        for file, element in elements(path):
            if element.tag not in _DEMAND:
                continue
            if strict:
                _check_edges(file, element, topology)
            others += element.tag in _OTHERS
            if element.tag in _VEHICLES:
                departing += scenario.begin <= _departure(file, element, scenario.begin) < scenario.end
    if not departing and not others:
        raise NetworkError(
            ", ".join(str(p) for p in scenario.routes or scenario.additional),
            f"no vehicle that departs from {scenario.begin} s to {scenario.end} s",
            "a demand for the hours simulated",
        )
    return departing


def _departure(path: Path, element: ElementTree.Element, begin: float) -> float:
    depart = element.get("depart", "0")
    if depart in _WHENEVER:
        return begin
    return read_time(path, f"{element.tag} {element.get('id')}: depart", depart)


def _check_edges(path: Path, element: ElementTree.Element, topology: Topology) -> None:
    where = f"{path}: {element.tag} {element.get('id')}"
    edges, next_edges = topology.edges, topology.next_edges
    ends = [element.get(key) for key in ("from", "to") if element.get(key)]
    for route in [element, *element.iter("route")]:
        listed = route.get("edges", "").split()
        ends += listed
        for here, there in itertools.pairwise(listed):
            if here in edges and there in edges and there not in next_edges.get(here, ()):
                raise NetworkError(
                    where, f"street {there} after {here}", "a street that continues from the one before"
                )
    for edge in ends:
        if edge not in edges:
            raise NetworkError(
                where, f"edge {edge}", "an edge of the network (does the demand belong to it?)"
            )
