"""From the extract to SUMO's network by netconvert, with a list of all that the map left open.

What the map does not say is netconvert's to guess (lanes and speeds by the kind of street, plans by its own rule); what
it guessed stands in the list, with where and why. A correction goes into the map that netconvert reads.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Mapping
from pathlib import Path

from lumbung.city.engine.additional_files import parse
from lumbung.city.engine.networks import NetworkError
from lumbung.city.engine.plans import Plan, network_plan, plan_program, programs_xml
from lumbung.city.engine.safety import Rules
from lumbung.city.engine.sumo import sumo_binary
from lumbung.city.engine.topology import Junction, read_topology
from lumbung.city.importing.country import FAR_KM, Country
from lumbung.city.importing.extract import MAIN, Extract, Street, write_extract
from lumbung.city.importing.graph import Graph
from lumbung.city.importing.guesses import WHOLE, Guess

_LISTED = frozenset({*MAIN, *(f"{kind}_link" for kind in MAIN), "unclassified"})
Known = Mapping[tuple[str, str], Guess]


def corrected(known: Known, kind: str, name: object) -> str:
    """What the engineer said of a thing, or nothing."""
    guess = known.get((kind, str(name)))
    return guess.corrected if guess else ""


def build_network(
    extract: Extract, country: Country, known: Known, place: Path, folder: Path, side: str | None
) -> list[Guess]:
    """Let netconvert build the network, and return what was guessed for it.

    Parameters
    ----------
    extract : Extract
    country : Country
    known : mapping
        Corrections made before.
    place : Path
        The file of corrections, for errors.
    folder : Path
        Where ``extract.osm``, ``netconvert.log`` and ``town.net.xml`` go.
    side : {"left", "right"}, optional
        Where people drive, where the caller knows.

    Raises
    ------
    NetworkError
        A correction that cannot be read; netconvert's own words where it fails.
    """
    lanes_of, speeds_of = _kinds()
    guesses = [_side(country, known, place, side)]
    driven = guesses[0].corrected or guesses[0].guessed
    walks = _yes(known, place, "sidewalks", WHOLE, True)
    guesses.append(
        Guess("sidewalks", WHOLE, "", "yes", "sidewalks and crossings beside streets below 50 km/h")
    )
    tags: dict[int, dict[str, str]] = {}
    for number, street in extract.streets.items():
        kind, (lat, lon) = street.tags["highway"], extract.places[street.nodes[len(street.nodes) // 2]]
        told = {
            "lanes": _lanes_tag(street, corrected(known, "lanes", number), place),
            "maxspeed": _whole(corrected(known, "speed", number), place, f"speed of way {number}", 5, 130),
        }
        tags[number] = {key: value for key, value in told.items() if value}
        if kind not in _LISTED:
            continue
        if "lanes" not in street.tags:
            why = f"no lanes on the map; {kind}, each direction"
            guesses.append(
                Guess("lanes", str(number), street.name, str(lanes_of.get(kind, 1)), why, lat=lat, lon=lon)
            )
        if "maxspeed" not in street.tags:
            guessed = f"{speeds_of.get(kind, 13.89) * 3.6:.0f}"
            guesses.append(
                Guess(
                    "speed",
                    str(number),
                    street.name,
                    guessed,
                    f"no maxspeed on the map; {kind}, km/h",
                    lat=lat,
                    lon=lon,
                )
            )
    signals, missing = _signals(extract, known, place)
    guesses += missing
    write_extract(extract, folder / "extract.osm", tags, signals)
    _netconvert(folder, driven == "left", walks)
    return guesses


def _side(country: Country, known: Known, place: Path, side: str | None) -> Guess:
    why = f"{country.code}, {country.town} {country.distance_km:.0f} km"
    if country.distance_km > FAR_KM:
        why += " (?)"
    said = corrected(known, "side", WHOLE)
    if said not in ("", "left", "right"):
        raise NetworkError(f"{place}: side", repr(said), "left or right")
    return Guess("side", WHOLE, "", country.side, why, corrected=side or said)


def _yes(known: Known, place: Path, kind: str, name: object, otherwise: bool) -> bool:
    said = corrected(known, kind, name).lower()
    if said not in ("", "yes", "no", "ya", "tidak", "是", "否"):
        raise NetworkError(f"{place}: {kind} {name}", repr(said), "yes or no")
    return said in ("yes", "ya", "是") if said else otherwise


def _whole(text: str, place: Path, what: str, low: int, high: int) -> str:
    if not text:
        return ""
    if not text.isdigit() or not low <= int(text) <= high:
        raise NetworkError(f"{place}: {what}", repr(text), f"a whole number from {low} to {high}")
    return str(int(text))


def _lanes_tag(street: Street, said: str, place: Path) -> str:
    """Lanes of each direction, as the engineer says them, become the map's lanes of both."""
    number = _whole(said, place, f"lanes of way {street.id}", 1, 8)
    return str(int(number) * (1 if street.one_way else 2)) if number else ""


def _signals(extract: Extract, known: Known, place: Path) -> tuple[dict[int, bool], list[Guess]]:
    """Which nodes differ from the map, and where main streets meet without a signal."""
    changed = {
        int(name): _yes(known, place, kind, name, False)
        for (kind, name), guess in known.items()
        if kind == "signal" and name.isdigit() and guess.corrected and int(name) in extract.places
    }
    found = []
    near = _near(extract)
    for node, streets in sorted(extract.crossings()):
        if node not in near:
            lat, lon = extract.places[node]
            names = " / ".join(sorted({street.name for street in streets}))
            why = "main streets meet, no signal on the map"
            found.append(Guess("signal", str(node), names, "no", why, lat=lat, lon=lon))
    return changed, found


def _near(extract: Extract, radius: float = 40.0) -> set[int]:
    """Nodes at a mapped signal, or so near to one that it stands before this crossing [m]."""
    lat0, _ = extract.centre
    kx, ky = 111_320 * math.cos(math.radians(lat0)), 110_574
    cells: dict[tuple[int, int], list[tuple[float, float]]] = {}

    def cell(lat: float, lon: float) -> tuple[int, int]:
        return int(lat * ky // radius), int(lon * kx // radius)

    for node in extract.signals:
        cells.setdefault(cell(*extract.places[node]), []).append(extract.places[node])
    near = set()
    for node, (lat, lon) in extract.places.items():
        a, b = cell(lat, lon)
        around = (p for i in (-1, 0, 1) for j in (-1, 0, 1) for p in cells.get((a + i, b + j), ()))
        if any(math.hypot((lat - y) * ky, (lon - x) * kx) <= radius for y, x in around):
            near.add(node)
    return near


def _typemaps() -> list[Path]:
    """What netconvert takes for a kind of street; the second replaces the first's open-road speeds by a town's."""
    folder = sumo_binary().parents[1] / "data" / "typemap"
    return [folder / "osmNetconvert.typ.xml", folder / "osmNetconvertUrbanDe.typ.xml"]


def _kinds() -> tuple[dict[str, int], dict[str, float]]:
    """Lanes of each direction and speed [m/s] that netconvert takes for a kind of street."""
    lanes: dict[str, int] = {}
    speeds: dict[str, float] = {}
    for item in (t for path in _typemaps() for t in parse(path).iter("type")):
        kind = item.get("id", "").removeprefix("highway.")
        if "numLanes" in item.attrib:
            lanes[kind] = int(item.attrib["numLanes"])
        if "speed" in item.attrib:
            speeds[kind] = float(item.attrib["speed"])
    return lanes, speeds


def _netconvert(folder: Path, left: bool, walks: bool) -> None:
    command = [
        str(sumo_binary().parent / "netconvert"), "--osm-files", str(folder / "extract.osm"),
        "--type-files", ",".join(map(str, _typemaps())), "--output-file", str(folder / "town.net.xml"),
        "--geometry.remove", "--ramps.guess", "--junctions.join", "--tls.guess-signals", "--tls.discard-simple",
        "--tls.join", "--no-turnarounds.except-deadend", "--output.street-names", "--remove-edges.isolated",
        "--osm.turn-lanes", "--keep-edges.by-vclass", "passenger,bus", "--xml-validation", "never",
        "--lefthand", str(left).lower(),
    ]  # fmt: skip
    if walks:
        command += ["--sidewalks.guess", "--crossings.guess"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, timeout=3600
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NetworkError("netconvert", str(error), "a netconvert that runs (eclipse-sumo)") from None
    (folder / "netconvert.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    if done.returncode or not (folder / "town.net.xml").is_file():
        said = [line for line in done.stderr.splitlines() if line.startswith("Error")]
        raise NetworkError(
            "netconvert", "; ".join(said[:3]) or f"exit {done.returncode}", "a map that makes a network"
        )


def own_plans(net: Path, graph: Graph, known: Known, place: Path) -> tuple[str, list[Guess]]:
    """Return the plans that an engineer wrote, as SUMO's additional file, and every signal's plan as a guess.

    A plan is written as the greens of the phases in their order, with an offset where there is one: ``35 12 40; offset 20``.

    Raises
    ------
    NetworkError
        A plan that cannot be read, or has another number of greens than the signal has phases.
    """
    programs, guesses = [], []
    rules = Rules()
    for junction in read_topology(net).junctions.values():
        own = network_plan(junction)
        lat, lon = graph.plane.degrees(junction.x, junction.y)
        streets = " / ".join(
            dict.fromkeys(graph.edges[m.edge_in].name for m in junction.movements if m.edge_in in graph.edges)
        )
        guessed = " ".join(str(green) for _, green in own.phases)
        why = "maps know no plans; greens of the phases in their order [s], netconvert's rule"
        guesses.append(Guess("plan", junction.id, streets, guessed, why, lat=lat, lon=lon))
        said = corrected(known, "plan", junction.id)
        if said:
            plan = _read_plan(said, junction, own, place)
            programs.append((junction, plan_program(junction, plan, rules), plan.offset))
    return programs_xml(programs) if programs else "", guesses


def _read_plan(said: str, junction: Junction, own: Plan, place: Path) -> Plan:
    greens, _, offset = said.replace(",", " ").partition(";")
    words, shift = greens.split(), offset.replace("offset", "").strip() or "0"
    wanted = (
        f"{len(own.phases)} greens in whole seconds, e.g. {' '.join(str(g) for _, g in own.phases)}; offset 0"
    )
    if len(words) != len(own.phases) or not all(w.isdigit() and 1 <= int(w) <= 600 for w in words):
        raise NetworkError(f"{place}: plan {junction.id}", repr(said), wanted)
    if not shift.lstrip("-").isdigit():
        raise NetworkError(f"{place}: plan {junction.id}", repr(said), wanted)
    phases = tuple((phase, int(w)) for (phase, _), w in zip(own.phases, words, strict=True))
    return Plan(phases, int(shift))
