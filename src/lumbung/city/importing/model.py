"""An import from beginning to end: map, corrections, counts and buses in; a model that SUMO runs out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from lumbung.city.engine.networks import NetworkError
from lumbung.city.engine.topology import read_topology
from lumbung.city.importing.build import build_network, own_plans
from lumbung.city.importing.buses import Buses, read_buses
from lumbung.city.importing.country import Country, country_of
from lumbung.city.importing.counts import CountTable, read_counts
from lumbung.city.importing.demand import Demand, estimate, guessed_demand, write_routes
from lumbung.city.importing.extract import Extract, read_extract
from lumbung.city.importing.graph import Graph, read_graph
from lumbung.city.importing.guesses import Guess, keep_corrections, read_guesses, write_guesses
from lumbung.city.importing.measured import Match, count_again
from lumbung.city.importing.places import find_places

# Where nobody counted, an hour of the morning is simulated.
MORNING_S = (7 * 3600.0, 8 * 3600.0)


@dataclass(frozen=True)
class Model:
    """What an import came to.

    Attributes
    ----------
    folder : Path
    extract : Extract
    country : Country
    graph : Graph
    guesses : list of Guess
    signals : int
    demand : Demand
    vehicles : int
    table : CountTable, optional
        None where nobody counted: the demand is generated, and no more.
    lost_places : int
        Counted places that were not found.
    matches : list of Match
        By counted place and hour.
    buses : Buses, optional
    """

    folder: Path
    extract: Extract
    country: Country
    graph: Graph
    guesses: list[Guess]
    signals: int
    demand: Demand
    vehicles: int
    table: CountTable | None
    lost_places: int
    matches: list[Match]
    buses: Buses | None

    def __repr__(self) -> str:
        demand = "generated demand" if self.table is None else "demand from counts"
        return f"<Model in {self.folder}: signals {self.signals}, vehicles {self.vehicles}, {demand}>"

    @property
    def configuration(self) -> Path:
        """What SUMO runs and retiming reads."""
        return self.folder / "town.sumocfg"


def import_model(
    place: Path,
    out: Path,
    counts: Path | None = None,
    feed: Path | None = None,
    side: str | None = None,
    day: str | None = None,
    tell: Callable[[str], None] = lambda said: None,
) -> Model:
    """Import a town.

    Parameters
    ----------
    place : Path
        An OpenStreetMap extract.
    out : Path
        Folder; ``guesses.csv`` in it is read first and its corrections are kept, all else is written anew.
    counts : Path, optional
        A table of counts.
    feed : Path, optional
        A GTFS feed, a ZIP file or a folder.
    side : {"left", "right"}, optional
        Where people drive; by the country otherwise.
    day : str, optional
        The day of the buses, ``2026-03-02``; the one with most trips otherwise.
    tell : callable
        Gets a word on what is being done.

    Raises
    ------
    NetworkError
        Something given cannot be read or used; names the place.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import city
    >>> metres = {1: (0, -180), 2: (0, 0), 3: (0, 180), 4: (-180, 0), 5: (180, 0)}  # two streets that cross: generated
    >>> nodes = "".join(
    ...     f"<node id='{n}' version='1' lat='{-6.914 + y / 110574}' lon='{107.609 + x / 110512}'>"
    ...     + ("<tag k='highway' v='traffic_signals'/>" if n == 2 else "")
    ...     + "</node>"
    ...     for n, (x, y) in metres.items()
    ... )
    >>> ways = "".join(
    ...     f"<way id='{way}' version='1'>"
    ...     + "".join(f"<nd ref='{n}'/>" for n in along)
    ...     + "<tag k='highway' v='secondary'/></way>"
    ...     for way, along in {8: (4, 2, 5), 9: (1, 2, 3)}.items()
    ... )
    >>> _ = Path("town.osm").write_text(f"<osm version='0.6'>{nodes}{ways}</osm>")
    >>> city.import_model(Path("town.osm"), Path("model"))
    <Model in model: signals 1, vehicles 1000, generated demand>
    """
    corrections = out / "guesses.csv"
    known = read_guesses(corrections)
    table = read_counts(counts) if counts else None
    tell("map")
    extract = read_extract(place)
    country = country_of(*extract.centre)
    out.mkdir(parents=True, exist_ok=True)
    tell("network")
    guesses = build_network(extract, country, known, corrections, out, side)
    net = out / "town.net.xml"
    graph = read_graph(net)
    if not graph.signal:
        write_guesses(corrections, keep_corrections(guesses, known))
        raise NetworkError(
            str(place),
            "no signal on this map",
            f"a map with signals, or yes in column corrected at the crossings that have one: {corrections}",
        )
    plans, of_plans = own_plans(net, graph, known, corrections)
    guesses += of_plans
    # written before anything may be refused: what one needs to mend it
    write_guesses(corrections, keep_corrections(guesses, known))
    _approaches(out / "approaches.csv", graph)
    lost, demand = 0, None
    if table is not None:
        tell("counts")
        found, of_places = find_places((row.where for row in table.rows), graph, known, corrections)
        guesses += of_places
        write_guesses(corrections, keep_corrections(guesses, known))
        wheres = {row.where for row in table.rows}
        lost = len(wheres) - len(found)
        if not found:
            raise NetworkError(
                str(counts),
                f"none of its {len(wheres)} places on the map, the first is {next(iter(wheres))}",
                f"edges of {out / 'approaches.csv'}, points on the map, or corrections in {corrections}",
            )
        tell("routes")
        demand = estimate(graph, table.rows, found)
    begin, end = (demand.intervals[0][0], demand.intervals[-1][1]) if demand else MORNING_S
    demand = demand or guessed_demand(graph, begin, end)
    if not demand.routes:
        raise NetworkError(
            str(place), "no way through the map", "an extract with streets that lead through it"
        )
    text, first, vehicles = write_routes(demand, graph)
    (out / "town.rou.xml").write_text(text, encoding="utf-8")
    start = min(begin, first // 60 * 60)
    buses = None
    if feed is not None:
        tell("buses")
        buses = read_buses(feed, graph, start, end, day)
    _configure(out, plans, buses, start, end)
    matches: list[Match] = []
    if table is not None:
        tell("SUMO")
        matches = count_again(out / "town.sumocfg", demand)
        _write_matches(out / "geh.csv", matches)
    return Model(
        out, extract, country, graph, keep_corrections(guesses, known), len(read_topology(net).junctions), demand,
        vehicles, table, lost, matches, buses,
    )  # fmt: skip


def _configure(out: Path, plans: str, buses: Buses | None, begin: float, end: float) -> None:
    additional, routes = [], ["town.rou.xml"]
    for name, text in (("plans.add.xml", plans), ("stops.add.xml", buses.stops_xml if buses else "")):
        (out / name).unlink(missing_ok=True)
        if text:
            (out / name).write_text(text, encoding="utf-8")
            additional.append(name)
    (out / "buses.rou.xml").unlink(missing_ok=True)
    if buses and buses.vehicles:
        (out / "buses.rou.xml").write_text(buses.routes_xml, encoding="utf-8")
        routes.append("buses.rou.xml")
    inputs = [("net-file", "town.net.xml"), ("route-files", ",".join(routes))]
    if additional:
        inputs.append(("additional-files", ",".join(additional)))
    lines = "".join(f"        <{key} value={quoteattr(value)}/>\n" for key, value in inputs)
    (out / "town.sumocfg").write_text(
        f"<sumoConfiguration>\n    <input>\n{lines}    </input>\n    <time>\n"
        f'        <begin value="{begin:g}"/>\n        <end value="{end:g}"/>\n    </time>\n</sumoConfiguration>\n',
        encoding="utf-8",
    )


def _approaches(path: Path, graph: Graph) -> None:
    """List the streets that end at signals: what an engineer needs to fill in counts."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["edge", "street", "signal", "heading", "to", "to_street", "turn", "lat", "lon"])
        words = {"l": "left", "L": "left", "s": "straight", "r": "right", "R": "right", "t": "around"}
        for name, signal in sorted(graph.signal.items()):
            edge = graph.edges[name]
            lat, lon = graph.plane.degrees(*edge.shape[-1])
            for to in graph.after[name]:
                turn = words.get(graph.turns[name, to], "")
                row = [name, edge.name, signal, round(edge.heading), to, graph.edges[to].name, turn]
                writer.writerow([*row, f"{lat:.6f}", f"{lon:.6f}"])


def _write_matches(path: Path, matches: list[Match]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["edge", "to", "begin_s", "end_s", "counted_veh_h", "model_veh_h", "geh"])
        for m in matches:
            writer.writerow(
                [
                    m.edge,
                    m.to,
                    f"{m.begin:g}",
                    f"{m.end:g}",
                    f"{m.counted:.1f}",
                    f"{m.model:.1f}",
                    f"{m.geh:.2f}",
                ]
            )
