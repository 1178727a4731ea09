"""Which greens of a signal exclude each other, from the network's own ``<request>`` table.

SUMO computes, for every junction, which of its links cross or merge (``foes``) and which must wait for which
(``response``). That holds for left- and right-hand traffic, odd geometries and crossings on foot alike, where any
rule of thumb about turns is wrong somewhere.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

# Priority green: nobody else may come. A `g` yields, and may meet its foes.
PRIORITY = "G"
GREEN = frozenset("Gg")


@dataclass(frozen=True)
class Conflicts:
    """Of one signal.

    Attributes
    ----------
    foes : dict of int to frozenset of int
        Link index to those whose ways cross or join its own, coming from another street.
    yields : dict of int to frozenset of int
        Link index to those it must let pass where both are green.
    """

    foes: Mapping[int, frozenset[int]]
    yields: Mapping[int, frozenset[int]]

    def clashes(self, state: str) -> Iterator[tuple[int, int]]:
        """Give the pairs of links that both have priority in *state* and cross or join."""
        for first, foes in self.foes.items():
            if state[first] == PRIORITY:
                yield from (
                    (first, other) for other in sorted(foes) if other > first and state[other] == PRIORITY
                )

    def must_yield(self, state: str, link: int) -> bool:
        """Tell whether a green link has to look for gaps in *state*: somebody it must let pass is green as well."""
        return state[link] == "g" and any(state[other] in GREEN for other in self.yields.get(link, ()))


def read_conflicts(
    root: ElementTree.Element, connections: Iterable[ElementTree.Element]
) -> dict[str, Conflicts]:
    """Read the conflicts of every signal.

    Parameters
    ----------
    root : Element
        Of a network.
    connections : iterable of Element
        All of its connections, those inside junctions and on foot included.

    Returns
    -------
    dict of str to Conflicts
        By the signal's id.
    """
    everything = list(connections)
    places, requests = _requests(root)
    following = {f"{c.attrib['from']}_{c.attrib['fromLane']}": c.get("via", "") for c in everything}
    governed: defaultdict[str, list[tuple[int, str, tuple[str, int]]]] = defaultdict(list)
    for c in everything:
        if c.get("tl") is not None:
            place = places.get(_inner_lane(c, following, places))
            if place is not None:
                governed[c.attrib["tl"]].append((int(c.attrib["linkIndex"]), c.attrib["from"], place))
    return {name: _of_signal(links, requests) for name, links in governed.items()}


def _requests(
    root: ElementTree.Element,
) -> tuple[dict[str, tuple[str, int]], dict[tuple[str, int], tuple[str, str]]]:
    places: dict[str, tuple[str, int]] = {}
    requests: dict[tuple[str, int], tuple[str, str]] = {}
    for junction in root.iter("junction"):
        if junction.get("type") == "internal":
            continue
        name = junction.attrib["id"]
        for number, lane in enumerate(junction.get("intLanes", "").split()):
            places[lane] = (name, number)
        for request in junction.iter("request"):
            # the last letter belongs to link 0
            requests[name, int(request.attrib["index"])] = (
                request.attrib["foes"][::-1],
                request.attrib["response"][::-1],
            )
    return places, requests


def _inner_lane(
    connection: ElementTree.Element, following: dict[str, str], places: dict[str, tuple[str, int]]
) -> str:
    """Follow a connection through its junction to the lane by which the junction numbers it."""
    lane = connection.get("via") or f"{connection.attrib['to']}_{connection.attrib['toLane']}"
    while lane not in places and following.get(lane):
        lane = following[lane]
    return lane


def _of_signal(
    links: list[tuple[int, str, tuple[str, int]]], requests: dict[tuple[str, int], tuple[str, str]]
) -> Conflicts:
    foes: defaultdict[int, set[int]] = defaultdict(set)
    yields: defaultdict[int, set[int]] = defaultdict(set)
    for index, street, (junction, number) in links:
        mine = requests.get((junction, number))
        if mine is None:
            continue
        for other, their_street, (their_junction, their_number) in links:
            # two lanes of one street that merge behind the line do so beside each other, as anywhere on the road
            if other == index or their_junction != junction or their_street == street:
                continue
            if their_number < len(mine[0]) and mine[0][their_number] == "1":
                foes[index].add(other)
                foes[other].add(index)
            if their_number < len(mine[1]) and mine[1][their_number] == "1":
                yields[index].add(other)
    return Conflicts(
        {index: frozenset(others) for index, others in sorted(foes.items())},
        {index: frozenset(others) for index, others in sorted(yields.items())},
    )
