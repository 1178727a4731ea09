"""Checks exported signal plans against the network file alone, with none of the code that made or enforced them.

It reads SUMO's two files itself: who crosses whom from ``<request>``, crossings from their lanes, plans second by second.
"""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from pathlib import Path

PACE_M_S = 1.2


class Network:
    """What of a network bears on the safety of its plans, by traffic light."""

    def __init__(self, net: Path) -> None:
        root = ElementTree.parse(net).getroot()
        row: dict[str, tuple[str, int]] = {}
        foes: dict[tuple[str, int], str] = {}
        for junction in root.iter("junction"):
            if junction.get("type") == "internal":
                continue
            for number, lane in enumerate(junction.get("intLanes", "").split()):
                row[lane] = (junction.attrib["id"], number)
            for request in junction.iter("request"):
                foes[junction.attrib["id"], int(request.attrib["index"])] = request.attrib["foes"]
        length = {lane.attrib["id"]: float(lane.attrib["length"]) for lane in root.iter("lane")}
        onward = {
            f"{c.attrib['from']}_{c.attrib['fromLane']}": c.get("via", "") for c in root.iter("connection")
        }
        # signal -> link -> the rows of the request table it stands for, with the street it comes from
        self.rows: dict[str, dict[int, set[tuple[str, int, str]]]] = defaultdict(lambda: defaultdict(set))
        self.walk_s: dict[str, dict[int, float]] = defaultdict(dict)
        for c in root.iter("connection"):
            if c.get("tl") is None:
                continue
            lane = c.get("via") or f"{c.attrib['to']}_{c.attrib['toLane']}"
            while lane not in row and onward.get(lane):
                lane = onward[lane]
            if lane not in row:
                continue
            light, link = c.attrib["tl"], int(c.attrib["linkIndex"])
            self.rows[light][link].add((*row[lane], c.attrib["from"]))
            crossing = f"{c.attrib['to']}_{c.attrib['toLane']}"
            if "_c" in c.attrib["to"] and c.attrib["to"].startswith(":"):
                self.walk_s[light][link] = length[crossing] / PACE_M_S
        self._foes = foes
        self.yellow = {
            logic.attrib["id"]: min(
                (float(p.attrib["duration"]) for p in logic.iter("phase") if "y" in p.attrib["state"]),
                default=3.0,
            )
            for logic in root.iter("tlLogic")
        }

    def cross(self, light: str, one: int, two: int) -> bool:
        """Whether two links' ways cross or join, coming from different streets."""
        return any(
            junction == other and street != their_street and self._foes[junction, a][::-1][b] == "1"
            for junction, a, street in self.rows[light][one]
            for other, b, their_street in self.rows[light][two]
        )


def violations(
    net: Path, plans: Path, min_green: float = 5.0, max_red: float = 120.0, dead: bool = False
) -> list[str]:
    """List every violation in the plans of an additional file; *dead*: links that are never green are none."""
    network = Network(net)
    found = []
    for logic in ElementTree.parse(plans).getroot().iter("tlLogic"):
        light = logic.attrib["id"]
        seconds = [
            phase.attrib["state"]
            for phase in logic.iter("phase")
            for _ in range(round(float(phase.attrib["duration"])))
        ]
        where = f"{light}, program {logic.get('programID')}"
        found += [f"{where}: {said}" for said in _program(network, light, seconds, min_green, max_red, dead)]
    return found


def _program(
    network: Network, light: str, seconds: list[str], min_green: float, max_red: float, dead: bool
) -> list[str]:
    said = []
    links = [link for link in network.rows[light] if link < len(seconds[0])]
    walks = network.walk_s[light]
    for one, two in itertools.combinations(links, 2):
        if network.cross(light, one, two) and any(s[one] == s[two] == "G" for s in seconds):
            said.append(f"links {one} and {two} both have priority and cross")
    for link in links:
        letters = "".join(s[link] for s in seconds)
        green = [letter in "Gg" for letter in letters]
        if not any(green):
            if not dead and "s" not in letters:
                said.append(f"link {link} is never green")
            continue
        if all(green):
            continue
        first = next(k for k in range(len(green)) if green[k] and not green[k - 1])
        turned = letters[first:] + letters[:first]
        for kind, run in itertools.groupby(turned, key=lambda letter: "green" if letter in "Gg" else letter):
            lasts = len(list(run))
            if kind == "green" and lasts < min_green:
                said.append(f"link {link} green for {lasts} s")
            if kind in "ru" and kind == "r" and lasts > max_red:
                said.append(f"link {link} red for {lasts} s")
            if kind == "y" and lasts < network.yellow[light]:
                said.append(f"link {link} yellow for {lasts} s, not {network.yellow[light]:g} s")
        for here, there in itertools.pairwise(turned + turned[0]):
            if here in "Gg" and there == "r" and link not in walks:
                said.append(f"link {link} loses green without yellow")
    for link, needs in walks.items():
        foes = [other for other in links if other not in walks and network.cross(light, link, other)]
        since = None
        for here, there in itertools.pairwise(seconds * 2 + seconds[:1]):
            since = 0 if here[link] in "Gg" else None if since is None else since + 1
            gains = [k for k in foes if there[k] in "Gg" and here[k] not in (there[k], "G")]
            if gains and there[link] not in "Gg" and since is not None and since < needs - 1e-6:
                said.append(
                    f"link {gains[0]} gets green {since} s after crossing {link}, which needs {needs:.1f} s"
                )
    return list(dict.fromkeys(said))
