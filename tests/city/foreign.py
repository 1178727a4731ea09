"""Forty configurations as strangers write them, small enough that SUMO runs each in a moment.

Networks come from netgenerate, demands are written here; everything is generated. Each entry is one way in which
somebody's own configuration differs from a network with a demand.
"""

from __future__ import annotations

import functools
import gzip
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from lumbung.city.engine.sumo import sumo_binary

GRID = ("--grid", "--grid.number", "2", "--grid.length", "120", "--grid.attach-length", "100", "--tls.guess",
        "--tls.guess.threshold", "0", "--no-turnarounds")  # fmt: skip
NETWORKS = {
    "right": ("--default.lanenumber", "2"),
    "left": ("--default.lanenumber", "2", "--lefthand"),
    "walking": ("--default.lanenumber", "2", "--sidewalks.guess", "--crossings.guess"),
    "walking left": ("--default.lanenumber", "2", "--sidewalks.guess", "--crossings.guess", "--lefthand"),
    "actuated": ("--default.lanenumber", "2", "--tls.default-type", "actuated"),
    "delay based": ("--default.lanenumber", "2", "--tls.default-type", "delay_based"),
    "nema": ("--default.lanenumber", "3", "--turn-lanes", "1", "--tls.default-type", "NEMA", "--tls.layout", "opposites",
             "--tls.left-green.time", "8"),
    "narrow": ("--default.lanenumber", "1"),
}  # fmt: skip
# Streets into and out of the grid, and one walk through it.
INTO = ("left0A0", "left1A1", "right0B0", "right1B1", "bottom0A0", "bottom1B0", "top0A1", "top1B1")
OUT = ("B0right0", "B1right1", "A0left0", "A1left1", "A1top0", "B1top1", "A0bottom0", "B0bottom1")
MOTORBIKES = (
    '<vType id="car" length="4.6" latAlignment="center"/>'
    '<vType id="motorbike" vClass="motorcycle" length="2.2" width="0.8" minGap="1.0" '
    'latAlignment="compact" lcPushy="0.6" minGapLat="0.2"/>'
)
TWO_PHASES = '<phase duration="{a}" state="{one}"/><phase duration="4" state="{one_y}"/>' \
    '<phase duration="{b}" state="{two}"/><phase duration="4" state="{two_y}"/>'  # fmt: skip


@functools.lru_cache
def network(kind: str, folder: Path) -> Path:
    """Let netgenerate build a network once."""
    path = folder / f"{kind.replace(' ', '-')}.net.xml"
    subprocess.run(
        [sumo_binary().parent / "netgenerate", *GRID, *NETWORKS[kind], "-o", path],
        check=True,
        capture_output=True,
    )
    return path


def trips(count: int = 60, every: float = 2.0, kinds: tuple[str, ...] = (), begin: float = 0.0) -> str:
    """Write trips from one side of the grid to another."""
    lines = []
    for n in range(count):
        kind = f' type="{kinds[n % len(kinds)]}"' if kinds else ""
        here, there = INTO[n % 8], OUT[(n * 5 + 3 * (n // 8)) % 8]
        lines.append(
            f'<trip id="{n}" depart="{begin + every * n:.1f}" from="{here}" to="{there}"{kind} departLane="best"/>'
        )
    return "".join(lines)


def walks(count: int = 20, every: float = 4.0) -> str:
    """Write people who walk through the grid, over crossings."""
    return "".join(
        f'<person id="p{n}" depart="{every * n:.1f}"><walk from="{INTO[n % 8]}" to="{OUT[(n * 3) % 8]}"/></person>'
        for n in range(count)
    )


def program(net: Path, signal: str, name: str, a: int, b: int, extra: str = "") -> str:
    """Write a two-phase program with the network's own states and other greens."""
    from lumbung.city.engine.topology import read_topology

    one, two = read_topology(net).junctions[signal].phases[:2]

    def clearing(before: str, after: str) -> str:
        return "".join("y" if x in "Gg" and z == "r" else x for x, z in zip(before, after, strict=True))

    steps = TWO_PHASES.format(a=a, b=b, one=one, two=two, one_y=clearing(one, two), two_y=clearing(two, one))
    return f'<tlLogic id="{signal}" type="static" programID="{name}" offset="0"{extra}>{steps}</tlLogic>'


class Writer:
    """Writes one configuration into a folder of its own."""

    def __init__(self, folder: Path, networks: Path) -> None:
        self.folder, self.networks = folder, networks
        self.folder.mkdir(parents=True)
        self.routes, self.additional = ["demand.rou.xml"], list[str]()

    def net(self, kind: str) -> Path:
        shutil.copy(network(kind, self.networks), self.folder / "map.net.xml")
        return self.folder / "map.net.xml"

    def file(self, name: str, body: str, root: str = "routes") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<{root}>{body}</{root}>\n", encoding="utf-8")

    def config(
        self, options: str = "", time: str = '<begin value="0"/><end value="200"/>', net: str = "map.net.xml"
    ) -> Path:
        files = f'<net-file value="{net}"/>'
        if self.routes:
            files += f'<route-files value="{",".join(self.routes)}"/>'
        if self.additional:
            files += f'<additional-files value="{",".join(self.additional)}"/>'
        path = self.folder / "their town.sumocfg"
        path.write_text(
            f"<configuration><input>{files}</input><time>{time}</time>{options}</configuration>\n"
        )
        return path


FOREIGN: dict[str, Callable[[Writer], Path]] = {}


def foreign(write: Callable[[Writer], Path]) -> Callable[[Writer], Path]:
    """Put a configuration on the shelf, under its function's name."""
    FOREIGN[write.__name__.replace("_", " ")] = write
    return write


def simple(
    w: Writer, kind: str = "right", options: str = "", time: str | None = None, demand: str | None = None
) -> Path:
    w.net(kind)
    w.file("demand.rou.xml", trips() if demand is None else demand)
    return w.config(options, time) if time else w.config(options)


def _kinds() -> None:
    for kind in NETWORKS:
        FOREIGN[f"network {kind}"] = functools.partial(lambda w, kind: simple(w, kind), kind=kind)
    options = {
        "step of half a second": '<step-length value="0.5"/><begin value="0"/><end value="200"/>',
        "step of a tenth": '<step-length value="0.1"/><begin value="0"/><end value="120"/>',
        "clock times": '<begin value="00:00:10"/><end value="00:03:00"/>',
        "days": '<begin value="0:00:00:10"/><end value="0:00:03:20"/>',
        "no end": '<begin value="0"/>',
        "fractions": '<begin value="10.5"/><end value="180.5"/><step-length value="0.5"/>',
    }
    for name, time in options.items():
        FOREIGN[name] = functools.partial(lambda w, time: simple(w, time=time), time=time)
    settings = {
        "scale of 2.5": '<processing><scale value="2.5"/></processing>',
        "scale of a half": '<processing><scale value="0.5"/></processing>',
        "a seed": '<random_number><seed value="77"/></random_number>',
        "outputs": '<output><fcd-output value="fcd.xml"/><tripinfo-output value="t.xml"/><precision value="1"/>'
        '<human-readable-time value="true"/></output><report><verbose value="true"/><log value="l.txt"/></report>',
        "teleports": '<processing><time-to-teleport value="150"/><ignore-junction-blocker value="20"/></processing>',
        "rerouting": '<routing><device.rerouting.probability value="1"/></routing>',
        "lane changes that last": '<processing><lanechange.duration value="2"/></processing>',
        "ballistic": '<processing><step-method.ballistic value="true"/><default.action-step-length value="1"/></processing>',
        "teleports off": '<processing><time-to-teleport value="-1"/><collision.action value="none"/></processing>',
    }  # fmt: skip
    for name, option in settings.items():
        FOREIGN[name] = functools.partial(lambda w, option: simple(w, options=option), option=option)


_kinds()


@foreign
def motorbikes(w: Writer) -> Path:
    w.net("right")
    w.file("demand.rou.xml", MOTORBIKES + trips(90, 1.5, ("motorbike", "motorbike", "car")))
    return w.config(
        '<processing><lateral-resolution value="0.8"/></processing>',
        '<step-length value="0.5"/><begin value="0"/><end value="200"/>',
    )


@foreign
def motorbikes_on_the_left(w: Writer) -> Path:
    w.net("left")
    w.file("demand.rou.xml", MOTORBIKES + trips(90, 1.5, ("motorbike", "motorbike", "car")))
    return w.config('<processing><lateral-resolution value="0.4"/></processing>')


@foreign
def people_on_foot(w: Writer) -> Path:
    return simple(w, "walking", demand=_together(trips(), walks()))


@foreign
def people_on_foot_on_the_left(w: Writer) -> Path:
    return simple(w, "walking left", demand=_together(trips(), walks()))


@foreign
def people_without_a_model(w: Writer) -> Path:
    return simple(
        w, "walking", '<processing><pedestrian.model value="nonInteracting"/></processing>',
        demand=_together(trips(), walks()),
    )  # fmt: skip


STOPS = (
    '<busStop id="first" lane="A0A1_1" startPos="20" endPos="50"/>'
    '<busStop id="second" lane="A1B1_1" startPos="20" endPos="50"/>'
)
BUSES = (
    '<vType id="bus" vClass="bus" length="12"/><route id="line" edges="bottom0A0 A0A1 A1B1 B1right1"/>'
    '<flow id="bus" type="bus" route="line" line="7" begin="0" period="60" number="3" departLane="best">'
    '<stop busStop="first" duration="15"/><stop busStop="second" duration="15"/></flow>'
)


@foreign
def bus_stops(w: Writer) -> Path:
    w.net("walking")
    w.file("stops.add.xml", STOPS, "additional")
    w.file("demand.rou.xml", BUSES + trips())
    w.additional.append("stops.add.xml")
    return w.config()


@foreign
def people_who_ride(w: Writer) -> Path:
    w.net("walking")
    w.file("stops.add.xml", STOPS, "additional")
    riders = "".join(
        f'<person id="r{n}" depart="{n * 5}.0"><walk from="bottom0A0" busStop="first"/>'
        '<ride busStop="second" lines="7"/><walk to="B1right1"/></person>'
        for n in range(6)
    )
    w.file("demand.rou.xml", BUSES + _together(trips(), riders))
    w.additional.append("stops.add.xml")
    return w.config(time='<begin value="0"/><end value="300"/>')


@foreign
def included_files(w: Writer) -> Path:
    w.net("right")
    w.file("demand.rou.xml", '<include href="parts/cars.xml"/>')
    w.file("parts/cars.xml", trips())
    w.file("all.add.xml", '<include href="parts/stops.xml"/>', "additional")
    w.file("parts/stops.xml", '<parkingArea id="lot" lane="A0A1_0" startPos="10" endPos="50"/>', "additional")
    w.additional.append("all.add.xml")
    return w.config()


@foreign
def a_program_of_their_own(w: Writer) -> Path:
    net = w.net("right")
    w.file("plan.add.xml", "".join(program(net, s, "ours", 15, 60) for s in ("A0", "B1")), "additional")
    w.file("demand.rou.xml", trips())
    w.additional.append("plan.add.xml")
    return w.config()


@foreign
def an_included_program(w: Writer) -> Path:
    net = w.net("left")
    w.file("sub/plan.xml", program(net, "A0", "ours", 60, 12), "additional")
    w.file("all.add.xml", '<include href="sub/plan.xml"/>', "additional")
    w.file("demand.rou.xml", trips())
    w.additional.append("all.add.xml")
    return w.config()


@foreign
def two_programs_in_the_network(w: Writer) -> Path:
    net = w.net("right")
    text = net.read_text()
    second = program(net, "A0", "night", 10, 70)
    net.write_text(text.replace("<junction ", second + "<junction ", 1))
    w.file("demand.rou.xml", trips())
    return w.config()


def switched(w: Writer, procedure: str) -> Path:
    net = w.net("right")
    plans = "".join(
        program(net, s, name, a, b)
        for s in ("A0", "A1")
        for name, a, b in (("early", 12, 50), ("late", 50, 12))
    )
    waut = (
        '<WAUT id="day" refTime="0" startProg="early"><wautSwitch time="60" to="late"/>'
        '<wautSwitch time="130" to="early"/></WAUT>'
    )
    joined = "".join(f'<wautJunction wautID="day" junctionID="{s}"{procedure}/>' for s in ("A0", "A1"))
    w.file("plans.add.xml", plans + waut + joined, "additional")
    w.file("demand.rou.xml", trips())
    w.additional.append("plans.add.xml")
    return w.config()


@foreign
def plans_by_time_of_day(w: Writer) -> Path:
    return switched(w, "")


@foreign
def plans_that_fade(w: Writer) -> Path:
    return switched(w, ' procedure="GSP" synchron="true"')


@foreign
def detectors_that_write(w: Writer) -> Path:
    w.net("right")
    w.file(
        "loops.add.xml",
        '<inductionLoop id="e1" lane="A0A1_0" pos="-10" period="60" file="loops.xml"/>'
        '<laneAreaDetector id="e2" lane="A1B1_0" pos="0" endPos="-1" period="60" file="areas.xml"/>'
        '<edgeData id="all" file="edges.xml" period="60"/>',
        "additional",
    )
    w.file("demand.rou.xml", trips())
    w.additional.append("loops.add.xml")
    return w.config()


@foreign
def demand_in_additional_files(w: Writer) -> Path:
    w.net("right")
    w.routes = []
    w.file("everything.add.xml", trips(), "additional")
    w.additional.append("everything.add.xml")
    return w.config()


@foreign
def flows_by_chance(w: Writer) -> Path:
    flows = "".join(
        f'<flow id="f{n}" begin="0" end="120" probability="0.08" from="{here}" to="{OUT[(n * 3) % 8]}"/>'
        for n, here in enumerate(INTO)
    )
    return simple(w, demand=flows)


@foreign
def kinds_by_chance(w: Writer) -> Path:
    kinds = (
        '<vTypeDistribution id="mix"><vType id="car" probability="0.6"/>'
        '<vType id="truck" vClass="truck" length="9" probability="0.4"/></vTypeDistribution>'
    )
    return simple(w, demand=kinds + trips(kinds=("mix",)))


@foreign
def departures_by_the_clock(w: Writer) -> Path:
    return simple(
        w,
        time='<begin value="07:00:00"/><end value="07:03:00"/>',
        demand="".join(
            f'<trip id="{n}" depart="07:{n * 2 // 60:02d}:{n * 2 % 60:02d}" from="{INTO[n % 8]}" to="{OUT[n * 5 % 8]}"/>'
            for n in range(60)
        ),
    )


@foreign
def packed_files(w: Writer) -> Path:
    net = w.net("right")
    (w.folder / "map.net.xml.gz").write_bytes(gzip.compress(net.read_bytes()))
    (w.folder / "demand.rou.xml.gz").write_bytes(gzip.compress(f"<routes>{trips()}</routes>".encode()))
    w.routes = ["demand.rou.xml.gz"]
    return w.config(net="map.net.xml.gz")


@foreign
def files_elsewhere(w: Writer) -> Path:
    net = network("right", w.networks)
    w.file("../elsewhere/demand.rou.xml", trips())
    w.routes = ["../elsewhere/demand.rou.xml"]
    return w.config(net=str(net))


@foreign
def slow_zones_and_detours(w: Writer) -> Path:
    w.net("right")
    w.file("zones/speeds.xml", '<step time="0" speed="6"/><step time="90" speed="13.9"/>', "vss")
    w.file(
        "zones/all.add.xml",
        '<variableSpeedSign id="slow" lanes="A0A1_0 A0A1_1" file="speeds.xml"/>'
        '<edgeData id="all" file="edges.xml" period="60"/>'
        '<rerouter id="closed" edges="left0A0"><interval begin="20" end="80">'
        '<destProbReroute id="B1right1" probability="1"/></interval></rerouter>',
        "additional",
    )
    w.file("demand.rou.xml", trips())
    w.additional.append("zones/all.add.xml")
    return w.config()


def _together(vehicles: str, people: str) -> str:
    """Sort two demands by departure, as SUMO wants them."""
    import xml.etree.ElementTree as ElementTree

    both = [*ElementTree.fromstring(f"<a>{vehicles}</a>"), *ElementTree.fromstring(f"<a>{people}</a>")]
    both.sort(key=lambda e: float(e.get("depart", "0")))
    return "".join(ElementTree.tostring(e, encoding="unicode") for e in both)
