"""The city's jobs: a model from a map; today's signals against retimed and adaptive ones, as report, sheets and a film."""

from __future__ import annotations

import csv
import io
import math
import runpy
import shutil
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from lumbung.desk.city.guess_table import NAME
from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.progress import JobError, Progress
from lumbung.proving.run_folder import write_whole

if TYPE_CHECKING:
    from lumbung.city.engine.episode import Episode, Settings
    from lumbung.city.engine.networks import Scenario
    from lumbung.city.engine.topology import Topology
    from lumbung.city.engine.trace import Trace
    from lumbung.city.importing.model import Model
    from lumbung.city.retiming.retime import Difference, Retiming
    from lumbung.desk.city.streets import Lie

    Judged = tuple[Difference, dict[str, Difference]]
    """The mean delay per vehicle [s] against today, and the vehicle-hours lost per hour by junction."""

LANGUAGES = ("en", "id", "zh")
EXAMPLE = "cologne1"
ADAPTIVE = "planner"
QUICK_S = 30.0
"""What a quick comparison may take in drives on SUMO, on the machine and the network that it is."""
SEARCH_S = 10.0
"""And what it may take in tries on the queue twin."""
HOUR_S = 3600.0
LEAST_S = 300.0
"""Of a network so large that it has no time for an hour, at least so much is driven."""
VARIANTS = ("today", "retimed", "adaptive")
T = TypeVar("T")


class Effort(msgspec.Struct, frozen=True):
    """How much is tried: tries per junction, neighbours on SUMO, seeds to choose on and others to judge on, and what is driven [s].

    ``driven`` is 0 where all of the scenario is, and ``search`` is None where the search on the twin may take its time [s].
    """

    steps: int
    refine: int
    train: int
    unseen: int
    driven: float = 0.0
    search: float | None = SEARCH_S

    @property
    def drives(self) -> int:
        """Drives on SUMO: journeys, candidates and neighbours; then today, retimed and adaptive."""
        return 1 + (FINALISTS + self.refine) * self.train + 3 * self.unseen


FINALISTS = 4
"""Candidates that the search hands to SUMO."""
THOROUGH = Effort(60, 20, 3, 20, search=None)
QUICK = (Effort(20, 4, 2, 5), Effort(20, 0, 1, 4), Effort(10, 0, 1, 3))


def signals(job: Job, progress: Progress) -> None:
    """Compare today's signals of a network with retimed plans and with an adaptive controller.

    Writes ``area.json`` (what the map shows) once the network is read, ``report.json`` with the figures, a film of each (``play-today``,
    …), the folders ``en``, ``id`` and ``zh`` with what ``lumbung city retime`` writes, and a time-space diagram a junction.

    Raises
    ------
    JobError
        ``network``: it cannot be read or simulated.
    """
    from lumbung.city.engine.episode import Settings
    from lumbung.city.engine.networks import NetworkError
    from lumbung.city.engine.sumo import SumoError
    from lumbung.city.engine.topology import scenario_topology
    from lumbung.city.retiming.retime import Difference, Retiming
    from lumbung.desk.city.streets import lie_of

    progress.stage("reading")
    try:
        scenario = _scenario(job)
        topology = scenario_topology(scenario)
        settings = Settings()
        effort = _kept(job.work / "effort.json", Effort, lambda: _effort(job, scenario, settings))
        whole, scenario = scenario, _part(scenario, effort)
        lie = lie_of(scenario.net)
        _write_area(job, scenario, topology, lie)
        progress.ready()
        retiming = _kept(
            job.work / "retiming.json", Retiming, lambda: _retime(job, scenario, settings, effort, progress)
        )
        adaptive = _kept(
            job.work / "adaptive.json",
            tuple[Difference, dict[str, Difference]],
            lambda: _adaptive(job, scenario, topology, settings, retiming, progress),
        )
        _write_report(job, whole, scenario, retiming, adaptive)
        progress.ready()
        progress.stage("filming", len(VARIANTS))
        traces = {}
        for variant in VARIANTS:
            traces[variant] = _film(job, variant, topology, lie)
            progress.advance()
        progress.stage("writing", len(LANGUAGES) + 1)
        _write_diagrams(job, scenario, topology, traces)
        progress.advance()
        _write_pages(job, scenario, topology, retiming, settings, progress)
    except (NetworkError, SumoError) as error:
        raise JobError("network", _plain(str(error), job)) from None
    progress.ready()


def import_map(job: Job, progress: Progress) -> None:
    """Make a model of a town from its map, its counts and its buses.

    ``input/guesses.csv`` holds what was guessed and what somebody says instead; it is read first and written anew, so that a
    correction outlives every import. ``area.json``, ``report.json`` and ``town.zip`` come out.

    Raises
    ------
    JobError
        ``map``: something given cannot be read or used.
    """
    from lumbung.city.engine.networks import NetworkError
    from lumbung.city.importing.generated_town import write_town
    from lumbung.city.importing.model import import_model
    from lumbung.city.importing.pages import report_lines, write_pages

    progress.stage("reading")
    options = job.order().options
    town = job.work / "town"
    shutil.rmtree(town, ignore_errors=True)
    town.mkdir()
    corrections = job.input / NAME
    if corrections.exists():
        shutil.copyfile(corrections, town / NAME)
    place = write_town(job.work / "town.osm") if options.get("generated") else _given(job, "map")
    try:
        model = import_model(
            place, town, _given(job, "counts"), _given(job, "gtfs"), options.get("side") or None, None,
            tell=lambda said: progress.stage(f"importing-{said}"),
        )  # fmt: skip
        progress.stage("writing")
        write_pages(model, "en")
    except NetworkError as error:
        raise JobError("map", _plain(str(error), job)) from None
    finally:
        # also of an import that was refused: what one needs to mend it
        if (town / NAME).exists():
            write_whole(corrections, (town / NAME).read_bytes())
    job.write_result(
        "report.json",
        {language: _report_of(report_lines(model, language)) for language in LANGUAGES}
        | {"signals": model.signals, "vehicles": model.vehicles, "counted": model.table is not None},
    )
    _write_town_area(job, model)
    _write_zip(job.result / "town.zip", town)
    for name in ("guesses.csv", "guesses.geojson", "geh.csv", "approaches.csv"):
        if (town / name).exists():
            write_whole(job.result / name, (town / name).read_bytes())
    progress.ready()


def _report_of(lines: list[str]) -> list[str]:
    """Return the report's sentences without those that speak of the command line."""
    return [line.removeprefix("  - ") for line in lines if line and "lumbung city" not in line]


def _given(job: Job, what: str) -> Any:
    return next(iter(sorted(job.input.glob(f"{what}.*"))), None)


def _plain(text: str, job: Job) -> str:
    """Return what an engine found without the desk's own folders."""
    for folder in (job.work / "scenario", job.work / "town", job.work, job.input):
        text = text.replace(f"{folder}/", "")
    return text.replace(str(job.work / "scenario"), "").replace(str(job.folder), "")


def _scenario(job: Job) -> Scenario:
    from lumbung.city.engine.networks import NetworkError, resco
    from lumbung.city.engine.scenario_files import read_scenario
    from lumbung.sandbox.parcels import ParcelError, ParcelLimits, unpack

    if job.order().options.get("example"):
        return resco(EXAMPLE)
    archive = _given(job, "scenario")
    folder = job.work / "scenario"
    if not folder.exists():
        try:
            unpack(archive, folder, ParcelLimits(total_bytes=4 * 2**30))
        except ParcelError as error:
            raise JobError("archive", _plain(str(error), job)) from None
    found = sorted(folder.rglob("*.sumocfg"), key=lambda path: len(path.parts))
    if not found:
        raise NetworkError(archive.name, "no .sumocfg", "a SUMO configuration beside its network and demand")
    return read_scenario(found[0].parent, folder.name)


def _kept(path: Path, kind: type[T], make: Callable[[], T]) -> T:
    """Return what was computed before; else compute it and keep it."""
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=kind, dec_hook=_range_of)
    found = make()
    write_whole(path, msgspec.json.encode(found, enc_hook=_ends))
    return found


def _ends(value: Any) -> Any:
    if isinstance(value, range):
        return [value.start, value.stop]
    raise NotImplementedError(type(value))


def _range_of(kind: type, value: Any) -> Any:
    return range(*value) if kind is range else value


def _retime(job: Job, scenario: Scenario, settings: Settings, effort: Effort, progress: Progress) -> Retiming:
    from lumbung.city.retiming.retime import UNSEEN_FROM, retime

    progress.stage("retiming", FINALISTS + effort.refine + effort.unseen + 2)
    return retime(
        scenario, settings, range(effort.train), range(UNSEEN_FROM, UNSEEN_FROM + effort.unseen), effort.steps, effort.refine,
        tell=lambda said: progress.advance(), seconds=math.inf if effort.search is None else effort.search, keep=partial(_kept_in, job.work / "drives"),
        trace=job.work / "trace",
    )  # fmt: skip


def _effort(job: Job, scenario: Scenario, settings: Settings) -> Effort:
    """Return the most thorough of the quick efforts that this machine has time for, and of how much of the hours."""
    from lumbung.city.engine.episode import run_today

    if job.order().options.get("effort") == "thorough":
        return THOROUGH
    length = min(scenario.end - scenario.begin, HOUR_S)
    for tried in (LEAST_S, 3 * LEAST_S):
        tried = min(tried, length)
        begun = time.monotonic()
        run_today(replace(scenario, end=scenario.begin + tried), settings, 0)
        took = time.monotonic() - begun
        if took > QUICK_S / 10:
            break
    for part in (1.0, 0.5, 0.25, 1 / 8):
        hours = max(part * length, LEAST_S)
        # streets fill as time goes on, so that the second quarter of an hour takes longer than the first
        each = took * max(hours / tried, 1.0) ** 1.3
        for effort in QUICK:
            if effort.drives * each <= QUICK_S:
                return _driving(effort, hours, scenario)
    return _driving(QUICK[-1], LEAST_S, scenario)


def _driving(effort: Effort, seconds: float, scenario: Scenario) -> Effort:
    whole = seconds >= scenario.end - scenario.begin
    return msgspec.structs.replace(effort, driven=0.0 if whole else seconds)


def _part(scenario: Scenario, effort: Effort) -> Scenario:
    """Return the part of a scenario that is driven, from its beginning."""
    return replace(scenario, end=scenario.begin + effort.driven) if effort.driven else scenario


def _kept_in(folder: Path, name: str, kind: type[T], make: Callable[[], T]) -> T:
    return _kept(folder / f"{name}.json", kind, make)


def _controller() -> Any:
    import lumbung.city

    path = Path(lumbung.city.__file__).parent / "solutions" / ADAPTIVE / "solution.py"
    return runpy.run_path(str(path))["Solution"]()


def _adaptive(
    job: Job,
    scenario: Scenario,
    topology: Topology,
    settings: Settings,
    retiming: Retiming,
    progress: Progress,
) -> Judged:
    from lumbung.city.engine.episode import Episode
    from lumbung.city.engine.watched import watched
    from lumbung.city.retiming.retime import compare

    progress.stage("adapting", len(retiming.unseen))
    after = []
    for seed in retiming.unseen:
        first = seed == retiming.unseen[0]
        how = replace(settings, trace=job.work / "trace" / "adaptive" if first else None)
        drive = partial(watched, how, partial(_adapted, scenario, seed))
        after.append(_kept(job.work / "drives" / f"adaptive-{seed}.json", Episode, drive))
        progress.advance()
    return compare(topology, retiming.today, after)


def _adapted(scenario: Scenario, seed: int, settings: Settings) -> Episode:
    from lumbung.city.engine.episode import run_episode

    return run_episode(scenario, _controller(), settings, seed)


def _film(job: Job, variant: str, topology: Topology, lie: Lie) -> Trace:
    """Write what the page plays: the first of the hours that were judged."""
    from lumbung.city.engine.trace import read_trace
    from lumbung.desk.city.playing import packed, played

    trace = read_trace(job.work / "trace" / variant)
    tracks, box = packed(trace, lie)
    write_whole(job.result / f"play-{variant}.bin", tracks)
    job.write_result(f"play-{variant}.json", played(trace, topology, lie, box))
    return trace


def _write_area(job: Job, scenario: Scenario, topology: Topology, lie: Lie) -> None:
    from lumbung.city.signals import file_name
    from lumbung.desk.city.streets import bounds_of, drawn_streets

    streets = drawn_streets(topology, lie)
    names = _street_names(scenario.net)
    job.write_result(
        "area.json",
        {
            "bounds": bounds_of(streets), "somewhere": lie.known, "streets": streets, "network": scenario.name,
            "licence": scenario.licence, "origin": scenario.origin, "notes": list(scenario.notes),
            "junctions": [
                {
                    "id": j.id, "file": file_name(j.id), "name": _junction_name(j, names),
                    **dict(zip(("longitude", "latitude"), lie.degrees(j.x, j.y), strict=True)),
                }
                for j in topology.junctions.values()
            ],
        },
    )  # fmt: skip


def _street_names(net: Path) -> dict[str, str]:
    from lumbung.city.engine.additional_files import parse

    return {edge.attrib["id"]: edge.get("name", "") for edge in parse(net).iter("edge")}


def _junction_name(junction: Any, names: dict[str, str]) -> str:
    """Return the streets that meet there, the id where they have no names."""
    streets = dict.fromkeys(names.get(m.edge_in, "") for m in junction.movements)
    return " / ".join(name for name in list(streets)[:3] if name) or str(junction.id)


def _write_town_area(job: Job, model: Model) -> None:
    from lumbung.city.engine.topology import read_topology
    from lumbung.desk.city.streets import bounds_of, drawn_streets, lie_of

    net = model.folder / "town.net.xml"
    streets = drawn_streets(read_topology(net), lie_of(net))
    job.write_result(
        "area.json",
        {"bounds": bounds_of(streets), "somewhere": True, "streets": streets, "junctions": []},
    )


def _write_report(
    job: Job, whole: Scenario, scenario: Scenario, retiming: Retiming, adaptive: Judged
) -> None:
    delay, junctions = adaptive

    def told(d: Difference) -> dict[str, float]:
        return {"before": d.before, "after": d.after, "low": d.low, "high": d.high}

    job.write_result(
        "report.json",
        {
            "exported": retiming.exported, "retimed": told(retiming.delay), "adaptive": told(delay),
            "seeds": len(retiming.unseen), "periods": len(retiming.periods), "begin": scenario.begin,
            "part": [scenario.begin, scenario.end] if scenario.end < whole.end else None, "searched": retiming.searched,
            "junctions": {
                name: {"retimed": told(d), "adaptive": told(junctions[name])}
                for name, d in retiming.junctions.items()
            },
        },
    )  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(
        ["junction", "today_veh_h_per_h", "retimed_veh_h_per_h", "retimed_change_low", "retimed_change_high",
         "adaptive_veh_h_per_h", "adaptive_change_low", "adaptive_change_high"]
    )  # fmt: skip
    for name, d in retiming.junctions.items():
        a = junctions[name]
        writer.writerow(
            [name, *(f"{v:.3f}" for v in (d.before, d.after, d.low, d.high, a.after, a.low, a.high))]
        )
    write_whole(job.result / "junctions.csv", text.getvalue().encode())


def _write_diagrams(job: Job, scenario: Scenario, topology: Topology, traces: dict[str, Trace]) -> None:
    """Draw every junction's street as it is today and as it would be, in the middle of the hours."""
    from lumbung.city.signals import file_name
    from lumbung.city.time_space import WINDOW_S, draw_time_space, main_street

    names = {j["id"]: j["name"] for j in job.read_result("area.json")["junctions"]}
    middle = _middle(scenario, traces["today"]) - WINDOW_S / 2
    for junction in topology.junctions.values():
        street = main_street(topology, junction, traces["today"])
        if street is None:
            continue
        for variant, trace in traces.items():
            drawn = draw_time_space(topology, street, trace, names, max(middle, trace.begin))
            write_whole(job.result / "time-space" / f"{file_name(junction.id)}-{variant}.svg", drawn.encode())


def _middle(scenario: Scenario, trace: Trace) -> float:
    from lumbung.city.engine.trace import EVERY_S

    last = trace.begin + EVERY_S * (int(trace.frame.max()) if len(trace.frame) else 0)
    return (trace.begin + min(scenario.end, last)) / 2


def _write_pages(
    job: Job,
    scenario: Scenario,
    topology: Topology,
    retiming: Retiming,
    settings: Settings,
    progress: Progress,
) -> None:
    """Write a language's folder aside and put it in the place of the one before."""
    from lumbung.city.retiming.pages import write_retiming

    for language in LANGUAGES:
        draft, before = job.work / f"draft-{language}", job.work / f"before-{language}"
        for folder in (draft, before):
            shutil.rmtree(folder, ignore_errors=True)
        write_retiming(topology, retiming, settings, scenario.notes, draft, language)
        target = job.result / language
        if target.exists():
            target.replace(before)
        draft.replace(target)
        shutil.rmtree(before, ignore_errors=True)
        progress.advance()


def _write_zip(path: Path, folder: Path) -> None:
    draft = path.with_name(f".{path.name}")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder))
    draft.replace(path)


def warm(_job: Job, _progress: Progress) -> None:
    """Load SUMO and compile the queue model: a junction's hour, one try."""
    from lumbung.city.engine.episode import Settings
    from lumbung.city.engine.journeys import read_journeys
    from lumbung.city.engine.networks import resco
    from lumbung.city.engine.topology import scenario_topology
    from lumbung.city.retiming.search import Search

    scenario = replace(resco(EXAMPLE), end=resco(EXAMPLE).begin + 120)
    topology = scenario_topology(scenario)
    Search(topology, read_journeys(scenario, topology, 0), Settings().rules, seed=0, steps=1).run()
