"""From a controller to signal programs: what an engineer types into the controllers of a city.

Runs today's plans and the controller on the city's own network, condenses what the controller did into one fixed
plan per junction, runs that too, and writes the plans (as SUMO programs and as a sheet per junction) beside an honest
comparison: a fixed plan cannot do all that the live controller does. Where it cannot even do what today's plan does,
no plan is written, and the report says so.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lumbung.city.engine.episode import Controller, Episode, Settings, run_episode, run_today
from lumbung.city.engine.networks import Scenario
from lumbung.city.engine.plans import (
    Plan,
    longest_red,
    network_plan,
    own_faults,
    plan_program,
    programs_xml,
)
from lumbung.city.engine.safety import Rules
from lumbung.city.engine.topology import Junction, Topology, scenario_topology
from lumbung.city.pictures import delay_maps
from lumbung.city.signals_report import LANGUAGES, write_report

SHORTEST_CYCLE_S, LONGEST_CYCLE_S = 40, 120
# Today and the fixed plan are compared on so many seeds: one alone is luck where queues are long.
COMPARED_SEEDS = 3
_SIGNALS = {
    "today": {"en": "today", "id": "sekarang", "zh": "现行"},
    "live": {"en": "controller live", "id": "pengendali langsung", "zh": "实时控制"},
    "fixed": {"en": "fixed plans", "id": "rencana tetap", "zh": "固定配时"},
}


class _Plans:
    """A controller that hands in plans and has nothing left to decide."""

    def __init__(self, plans: dict[str, Any]) -> None:
        self._plans = plans

    def start(self, problem: dict[str, Any]) -> Any:
        return {"plans": self._plans}

    def step(self, observation: dict[str, Any]) -> Any:
        return {}


class _Listening:
    """Passes everything through to a controller, and remembers the plans it handed in."""

    def __init__(self, inner: Controller) -> None:
        self._inner = inner
        self.answer: Any = None

    def start(self, problem: dict[str, Any]) -> Any:
        self.answer = self._inner.start(problem)
        return self.answer

    def step(self, observation: dict[str, Any]) -> Any:
        return self._inner.step(observation)


def write_signals(
    scenario: Scenario, controller: Controller, settings: Settings, out: Path, seed: int = 0
) -> list[Path]:
    """Apply a controller to a network and write what a city can use.

    Parameters
    ----------
    scenario : Scenario
    controller : Controller
    settings : Settings
    out : Path
        Folder; made where it does not exist.
    seed : int
        Of the simulations compared.

    Returns
    -------
    list of Path
        ``report.txt``, ``comparison.csv``, ``switches.csv`` (every change the controller made) and ``map-LANGUAGE.svg``; and, where the fixed
        plans are no worse than today's, ``programs.add.xml`` for SUMO and ``sheets/JUNCTION.csv``.
    """
    topology = scenario_topology(scenario)
    seeds = range(seed, seed + COMPARED_SEEDS)
    today = [run_today(scenario, settings, s) for s in seeds]
    listening = _Listening(controller)
    live = run_episode(scenario, listening, settings, seed, record=True)
    handed = (listening.answer or {}).get("plans", {})
    plans = {
        junction.id: _plan_of(junction, handed.get(junction.id), live, settings.rules)
        for junction in topology.junctions.values()
    }
    answers = {
        name: "network" if handed.get(name) == "network" else _as_answer(plan) for name, plan in plans.items()
    }
    fixed = [run_episode(scenario, _Plans(answers), settings, s) for s in seeds]
    before, after = _mean_delay(today), _mean_delay(fixed)
    better = after <= before
    faults = [fault for j in topology.junctions.values() for fault in own_faults(j, settings.rules)]
    out.mkdir(parents=True, exist_ok=True)
    _remove_plans(out, topology)
    written = [
        write_report(out / "report.txt", seeds, before, after, scenario.notes, faults),
        _write_comparison(out / "comparison.csv", seeds, today, live, fixed),
        _write_switches(out / "switches.csv", live),
        *_draw_maps(out, topology, {"today": today[0], "live": live, "fixed": fixed[0]}),
    ]
    if better:
        written.append(_write_programs(out / "programs.add.xml", topology, plans, settings.rules))
        written += _write_sheets(out / "sheets", topology, plans, settings.rules)
    return written


def _draw_maps(out: Path, topology: Topology, shown: dict[str, Episode]) -> list[Path]:
    """Draw where time is lost under each of the signals, all on the first seed; one picture a language."""
    written = []
    for language in LANGUAGES:
        named = [(_SIGNALS[key][language], e.metrics.delay, e.lost) for key, e in shown.items()]
        written.append(out / f"map-{language}.svg")
        written[-1].write_text(delay_maps(topology, named), encoding="utf-8")
    return written


def _mean_delay(episodes: Sequence[Episode]) -> float:
    return sum(episode.metrics.delay for episode in episodes) / len(episodes)


def _remove_plans(out: Path, topology: Topology) -> None:
    """Take away what an earlier run left: nobody shall find a plan beside a report that refuses it."""
    (out / "programs.add.xml").unlink(missing_ok=True)
    for name in topology.junctions:
        (out / "sheets" / f"{file_name(name)}.csv").unlink(missing_ok=True)


def _plan_of(junction: Junction, handed: Any, live: Episode, rules: Rules) -> Plan:
    if handed == "network":
        return network_plan(junction)
    if handed is not None:
        return Plan(tuple((p[0], p[1]) for p in handed["phases"]), handed.get("offset", 0))
    switches = [(time, changed[junction.id]) for time, changed in live.decisions if junction.id in changed]
    return condense(junction, switches, live.begin, live.end, rules)


def condense(
    junction: Junction, switches: Sequence[tuple[float, int]], begin: float, end: float, rules: Rules
) -> Plan:
    """Condense what a controller did at a junction into one fixed plan.

    The green of each phase is its share of all green; the cycle is the mean time between two services of the busiest
    phase, within 40 to 120 s, and is shortened or lengthened until every green is long enough and no red too long.

    Parameters
    ----------
    junction : Junction
    switches : sequence of (float, int)
        When a phase was begun [s], and which; the first phase is shown from *begin* on.
    begin, end : float
        [s]
    rules : Rules

    Returns
    -------
    Plan
        The phases that were used, in the network's order.
    """
    shown = [0.0] * len(junction.phases)
    times = [0] * len(junction.phases)
    since, phase = begin, 0
    for time, following in [*switches, (end, -1)]:
        shown[phase] += time - since
        times[phase] += 1
        since, phase = time, following
    used = _needed_phases(junction, shown)
    total = sum(shown[p] for p in used) or 1.0
    busiest = max(used, key=lambda p: shown[p])
    cycle = min(max((end - begin) / max(times[busiest], 1), SHORTEST_CYCLE_S), LONGEST_CYCLE_S)
    plan = _split(used, [shown[p] / total for p in used], cycle, junction, rules)
    while not 0 <= longest_red(junction, plan_program(junction, plan, rules))[0] <= rules.max_red:
        cycle -= 5
        if cycle < SHORTEST_CYCLE_S:
            return network_plan(junction)
        plan = _split(used, [shown[p] / total for p in used], cycle, junction, rules)
    return plan


def _needed_phases(junction: Junction, shown: Sequence[float]) -> list[int]:
    """The phases that were used, and enough others that every link gets green."""
    used = [p for p, seconds in enumerate(shown) if seconds > 0.02 * sum(shown)] or [0]
    for index in sorted({link.index for link in junction.links}):
        serving = [p for p, state in enumerate(junction.phases) if state[index] in "Ggs"]
        if serving and not set(serving) & set(used):
            used.append(max(serving, key=lambda p: shown[p]))
    return sorted(used)


def _split(
    used: Sequence[int], shares: Sequence[float], cycle: float, junction: Junction, rules: Rules
) -> Plan:
    lost = len(used) * (rules.yellow_of(junction) + rules.all_red_of(junction)) if len(used) > 1 else 0
    spare = max(cycle - lost - len(used) * rules.min_green, 0.0)
    greens = [max(share * (cycle - lost) - rules.min_green, 0.0) for share in shares]
    scale = spare / sum(greens) if sum(greens) else 0.0
    return Plan(tuple((p, rules.min_green + round(g * scale)) for p, g in zip(used, greens, strict=True)))


def _as_answer(plan: Plan) -> dict[str, Any]:
    return {"phases": [list(pair) for pair in plan.phases], "offset": plan.offset}


def _write_comparison(
    path: Path, seeds: range, today: Sequence[Episode], live: Episode, fixed: Sequence[Episode]
) -> Path:
    rows = [("today", s, e) for s, e in zip(seeds, today, strict=True)]
    rows += [("live", seeds[0], live)]
    rows += [("fixed plan", s, e) for s, e in zip(seeds, fixed, strict=True)]
    names = list(live.metrics.as_dict())
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["signals", "seed", "engine", *names])
        for label, seed, episode in rows:
            figures = episode.metrics.as_dict()
            writer.writerow([label, seed, episode.engine, *(f"{figures[name]:.2f}" for name in names)])
    return path


def _write_programs(path: Path, topology: Topology, plans: dict[str, Plan], rules: Rules) -> Path:
    programs = (
        (junction, plan_program(junction, plans[junction.id], rules), plans[junction.id].offset)
        for junction in topology.junctions.values()
    )
    path.write_text(programs_xml(programs), encoding="utf-8")
    return path


def _write_switches(path: Path, live: Episode) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["time_s", "junction", "phase"])
        for time, changed in live.decisions:
            writer.writerows((f"{time:g}", junction, phase) for junction, phase in changed.items())
    return path


def _write_sheets(folder: Path, topology: Topology, plans: dict[str, Plan], rules: Rules) -> list[Path]:
    folder.mkdir(exist_ok=True)
    written = []
    for junction in topology.junctions.values():
        plan = plans[junction.id]
        program = plan_program(junction, plan, rules)
        path = folder / f"{file_name(junction.id)}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["junction", junction.id])
            writer.writerow(["cycle_s", sum(p.duration for p in program)])
            writer.writerow(["offset_s", plan.offset])
            writer.writerow([])
            writer.writerow(["starts_s", "lasts_s", "state", "green_for"])
            start = 0
            for step in program:
                writer.writerow([start, step.duration, step.state, served_by(junction, step.state)])
                start += step.duration
        written.append(path)
    return written


def served_by(junction: Junction, state: str, on_foot: str = "on foot over {streets}") -> str:
    """Name the streets and crossings that have green in a state; *on_foot* words the latter."""
    served = [m for m in junction.movements if "y" not in state and any(state[i] in "Gg" for i in m.links)]
    crossed = [" + ".join(c.streets) for c in junction.crossings if state[c.index] in "Gg"]
    walks = [on_foot.format(streets=streets) for streets in crossed]
    return "; ".join([f"{m.edge_in} > {m.edge_out}" for m in served] + walks)


def file_name(junction: str) -> str:
    """Turn a junction's id into a file name: long or unusual ones keep their beginning and get a digest."""
    plain = re.sub(r"[^A-Za-z0-9_.-]", "_", junction)
    if plain == junction and len(plain) <= 60:
        return plain
    return f"{plain[:48]}-{hashlib.sha256(junction.encode()).hexdigest()[:8]}"
