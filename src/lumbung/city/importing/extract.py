"""Reads an OpenStreetMap extract: what people drive on, and the signals that were mapped.

``.osm``, ``.osm.gz`` and ``.osm.pbf`` are read alike, by libosmium. Kept are the streets of motor traffic with their
nodes, and the turn restrictions among them; they are written anew for netconvert, with what an engineer corrected.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from lumbung.city.engine.networks import NetworkError

ENDINGS = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf")
# The values of `highway` that motor traffic may use, without yards and tracks; each may have its `_link`.
MAIN = ("motorway", "trunk", "primary", "secondary", "tertiary")
STREETS = frozenset(
    {*MAIN, *(f"{kind}_link" for kind in MAIN), "unclassified", "residential", "living_street", "busway"}
)
_KEPT_TAGS = frozenset(
    {
        "highway", "name", "lanes", "lanes:forward", "lanes:backward", "maxspeed", "oneway", "junction", "access",
        "motor_vehicle", "motorcar", "motorcycle", "bus", "psv", "turn:lanes", "turn:lanes:forward", "turn:lanes:backward",
        "bridge", "tunnel", "layer", "width", "sidewalk", "area",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Street:
    """A way of the map: its nodes in order and its tags."""

    id: int
    nodes: tuple[int, ...]
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """As the map says, or its number."""
        return self.tags.get("name", f"way {self.id}")

    @property
    def one_way(self) -> bool:
        """Whether it is driven one way only."""
        return self.tags.get("oneway", "no") in ("yes", "true", "1", "-1") or (
            self.tags.get("junction") == "roundabout" and "oneway" not in self.tags
        )


@dataclass(frozen=True)
class Extract:
    """What of a map an importer needs.

    Attributes
    ----------
    path : Path
    streets : dict of int to Street
    places : dict of int to (float, float)
        Node to latitude and longitude [degrees].
    signals : frozenset of int
        Nodes that the map calls traffic signals.
    restrictions : tuple of (int, tuple of (str, int, str), dict)
        Turn restrictions: id, members (type, id, role), tags.
    cut : int
        Streets that the extract's border cut, or whose nodes it lacks.
    """

    path: Path
    streets: Mapping[int, Street]
    places: Mapping[int, tuple[float, float]]
    signals: frozenset[int]
    restrictions: tuple[tuple[int, tuple[tuple[str, int, str], ...], Mapping[str, str]], ...] = ()
    cut: int = 0
    _arms: dict[int, int] = field(default_factory=dict, repr=False)

    @property
    def centre(self) -> tuple[float, float]:
        """The mean of all nodes, latitude and longitude."""
        count = len(self.places)
        return (
            sum(lat for lat, _ in self.places.values()) / count,
            sum(lon for _, lon in self.places.values()) / count,
        )

    def crossings(self, kinds: Iterable[str] = MAIN) -> Iterator[tuple[int, list[Street]]]:
        """Give the nodes where streets of these kinds meet from three sides or more, with the streets."""
        wanted = frozenset(kinds)
        arms: Counter[int] = Counter()
        meeting: dict[int, list[Street]] = {}
        for street in self.streets.values():
            if street.tags["highway"] in wanted:
                for place, node in enumerate(street.nodes):
                    arms[node] += 2 - (place == 0) - (place == len(street.nodes) - 1)
                    meeting.setdefault(node, []).append(street)
        for node, count in arms.items():
            if count >= 3 and len({street.name for street in meeting[node]}) > 1:
                yield node, meeting[node]


def read_extract(path: Path) -> Extract:
    """Read an extract.

    Raises
    ------
    NetworkError
        No such file, another format, a broken file, or no street in it.
    """
    if not path.is_file():
        raise NetworkError(str(path), "no such file", "an OpenStreetMap extract")
    if not path.name.endswith(ENDINGS):
        raise NetworkError(str(path), f"a file called {path.suffix or path.name}", ", ".join(ENDINGS))
    import osmium

    try:
        streets, restrictions = _read_ways(osmium, path)
        wanted = {node for street in streets.values() for node in street.nodes}
        places, signals = _read_nodes(osmium, path, wanted)
    except (RuntimeError, OSError, ValueError) as error:
        raise NetworkError(
            str(path), f"{type(error).__name__}: {error}"[:200], "a whole OpenStreetMap file"
        ) from None
    whole = {}
    cut = 0
    for number, street in streets.items():
        kept = _longest_run(street.nodes, places)
        cut += len(kept) < len(street.nodes)
        if len(kept) > 1:
            whole[number] = Street(number, kept, street.tags)
    if not whole:
        raise NetworkError(str(path), "no street for motor traffic", "an extract of a town, with its nodes")
    used = {node for street in whole.values() for node in street.nodes}
    known = tuple(
        r for r in restrictions if all(ref in whole if kind == "w" else ref in used for kind, ref, _ in r[1])
    )
    return Extract(path, whole, {n: p for n, p in places.items() if n in used}, signals & used, known, cut)


def _read_ways(osmium: Any, path: Path) -> tuple[dict[int, Street], list[Any]]:
    streets: dict[int, Street] = {}
    restrictions = []
    entities = osmium.osm.WAY | osmium.osm.RELATION
    for item in osmium.FileProcessor(str(path), entities):
        tags = {tag.k: tag.v for tag in item.tags}
        if item.is_way():
            if tags.get("highway") in STREETS and tags.get("area") != "yes":
                nodes = tuple(node.ref for node in item.nodes)
                streets[item.id] = Street(item.id, nodes, {k: v for k, v in tags.items() if k in _KEPT_TAGS})
        elif tags.get("type") == "restriction":
            members = tuple((m.type, m.ref, m.role) for m in item.members)
            restrictions.append((item.id, members, tags))
    return streets, restrictions


def _read_nodes(
    osmium: Any, path: Path, wanted: set[int]
) -> tuple[dict[int, tuple[float, float]], frozenset[int]]:
    places: dict[int, tuple[float, float]] = {}
    signals = set()
    # an id filter of nothing would let everything pass
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(
        osmium.filter.IdFilter(wanted or {0})
    ):
        if node.location.valid():
            places[node.id] = (node.location.lat, node.location.lon)
            if node.tags.get("highway") == "traffic_signals":
                signals.add(node.id)
    return places, frozenset(signals)


def _longest_run(nodes: tuple[int, ...], places: Mapping[int, Any]) -> tuple[int, ...]:
    best: tuple[int, ...] = ()
    run: list[int] = []
    for node in (*nodes, None):
        if node in places and node is not None:
            run.append(node)
            continue
        best = max(best, tuple(run), key=len)
        run = []
    return best


def write_extract(
    extract: Extract,
    path: Path,
    tags: Mapping[int, Mapping[str, str]],
    signals: Mapping[int, bool],
) -> None:
    """Write an extract for netconvert.

    Parameters
    ----------
    extract : Extract
    path : Path
    tags : mapping of int to mapping of str to str
        Street to tags that replace the map's.
    signals : mapping of int to bool
        Node to whether it has a signal, against the map.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="lumbung">']
    for node, (lat, lon) in sorted(extract.places.items()):
        has = signals.get(node, node in extract.signals)
        inner = '<tag k="highway" v="traffic_signals"/>' if has else ""
        lines.append(f'<node id="{node}" version="1" lat="{lat:.7f}" lon="{lon:.7f}">{inner}</node>')
    for number, street in sorted(extract.streets.items()):
        refs = "".join(f'<nd ref="{node}"/>' for node in street.nodes)
        lines.append(
            f'<way id="{number}" version="1">{refs}{_tags({**street.tags, **tags.get(number, {})})}</way>'
        )
    words = {"n": "node", "w": "way", "r": "relation"}
    for number, members, known in extract.restrictions:
        refs = "".join(
            f'<member type="{words[kind]}" ref="{ref}" role={quoteattr(role)}/>'
            for kind, ref, role in members
        )
        lines.append(f'<relation id="{number}" version="1">{refs}{_tags(known)}</relation>')
    path.write_text("\n".join([*lines, "</osm>", ""]), encoding="utf-8")


def _tags(tags: Mapping[str, str]) -> str:
    # netconvert escapes names once more; what it reads it should be able to write
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v.replace('&', '+'))}/>" for k, v in tags.items())
