"""One episode: a controller runs a network's signals for the simulated hours.

The controller gets the problem once, then an observation every few seconds, and answers with a phase for
every junction at once. Nothing is read from the simulation but what its sensors see, and only when it must
decide.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from lumbung.city.engine.metrics import STUCK_S, Metrics, is_gridlock, read_tripinfo
from lumbung.city.engine.networks import Scenario
from lumbung.city.engine.plans import IllegalAction, network_plan, plan_program, programs_xml, read_plan
from lumbung.city.engine.safety import Guard, Rules
from lumbung.city.engine.sensors import TIERS, Sensors, Watch, make_sensors
from lumbung.city.engine.sumo import Simulation, simulation, sumo_version
from lumbung.city.engine.topology import Junction, Topology, check_demand, read_topology

SAMPLE_S = 60


class Controller(Protocol):
    """What runs the signals. See ``docs/city/writing-a-controller.md`` for the messages."""

    def start(self, problem: dict[str, Any]) -> Any:
        """Receive what stays the same; may answer ``{"plans": {junction: plan}}``."""
        ...

    def step(self, observation: dict[str, Any]) -> Any:
        """Answer ``{junction: phase index}`` for every junction without a plan."""
        ...


@dataclass(frozen=True)
class Settings:
    """How an episode is run.

    Attributes
    ----------
    sensors : str
        One of `TIERS`.
    rules : Rules
    emissions : bool
    backend : {"libsumo", "traci"}
    """

    sensors: str = "camera200"
    rules: Rules = field(default_factory=Rules)
    emissions: bool = False
    backend: str = "libsumo"

    def __post_init__(self) -> None:
        if self.sensors not in TIERS:
            raise ValueError(f"sensors: found {self.sensors!r}, expected one of {', '.join(TIERS)}")


@dataclass(frozen=True)
class Episode:
    """What an episode gave.

    Attributes
    ----------
    metrics : Metrics
    engine : str
        SUMO and its version.
    times, queue, outside : list
        Every minute: simulated time [s], vehicles standing before signals, vehicles waiting to enter.
    lost : dict of str to float
        Vehicle-seconds lost by street, sampled once a minute.
    decisions : list of (float, dict of str to int)
        Time and the phase that each junction began, where `record` was asked for.
    """

    metrics: Metrics
    engine: str
    times: list[float]
    queue: list[int]
    outside: list[int]
    lost: dict[str, float]
    decisions: list[tuple[float, dict[str, int]]]


def make_problem(
    scenario: Scenario, topology: Topology, settings: Settings, sensors: Sensors
) -> dict[str, Any]:
    """Tell a controller all that stays the same during an episode. Plain data only."""
    rules = settings.rules
    return {
        "network": scenario.name,
        "begin": scenario.begin,
        "end": scenario.end,
        "decision_interval": rules.decision_interval,
        "min_green": rules.min_green,
        "max_red": rules.max_red,
        "sensors": settings.sensors,
        "junctions": {j.id: _describe(j, rules) for j in topology.junctions.values()},
        "lanes": sensors.describe(),
    }


def _describe(junction: Junction, rules: Rules) -> dict[str, Any]:
    plan = network_plan(junction)
    return {
        "x": junction.x,
        "y": junction.y,
        "phases": list(junction.phases),
        "yellow": rules.yellow_of(junction),
        "all_red": rules.all_red_of(junction),
        "plan": {"phases": [list(p) for p in plan.phases], "offset": plan.offset},
        "links": [[k.index, k.lane_in, k.lane_out] for k in junction.links],
        "movements": [
            {
                "from": m.edge_in,
                "to": m.edge_out,
                "direction": m.direction,
                "links": list(m.links),
                "lanes_in": list(m.lanes_in),
                "lanes_out": list(m.lanes_out),
            }
            for m in junction.movements
        ],
    }


def run_episode(
    scenario: Scenario, controller: Controller, settings: Settings, seed: int, record: bool = False
) -> Episode:
    """Simulate one episode under a controller.

    Parameters
    ----------
    scenario : Scenario
    controller : Controller
    settings : Settings
    seed : int
        Of SUMO. The same seed, version and decisions give the same bits.
    record : bool
        Keep every change of phase.

    Raises
    ------
    IllegalAction
        The controller answered what no signal can do.
    NetworkError
        Network and demand cannot be simulated.
    SumoError
        SUMO failed.
    """
    topology = read_topology(scenario.net)
    check_demand(scenario, topology)
    sensors = make_sensors(settings.sensors, topology)
    answer = controller.start(make_problem(scenario, topology, settings, sensors))
    planned, programs = _read_plans(answer, topology, settings.rules)
    deciding = [j for j in topology.junctions.values() if j.id not in planned]
    detectors = sensors.additional(settings.rules.decision_interval) if deciding else ""
    additional = _additional(programs, detectors)
    with simulation(scenario, seed, settings.backend, additional, settings.emissions) as run:
        episode = _Run(scenario, topology, settings, run, deciding, sensors)
        episode.play(controller, record)
        stuck = episode.watch.stuck(STUCK_S)
        run.close()
        measured = read_tripinfo(run.tripinfo, (scenario.end - scenario.begin) / 3600, settings.emissions)
    return episode.result(measured, is_gridlock(*stuck))


def _read_plans(answer: Any, topology: Topology, rules: Rules) -> tuple[set[str], str]:
    if answer is None:
        return set(), ""
    plans = answer.get("plans", {}) if isinstance(answer, dict) else None
    if not isinstance(plans, dict):
        raise IllegalAction(
            "answer to start", type(answer).__name__, 'nothing, or {"plans": {junction: plan}}'
        )
    programs = []
    for name, content in plans.items():
        if name not in topology.junctions:
            raise IllegalAction("plans", f"junction {name!r}", "a junction of the problem")
        junction = topology.junctions[name]
        plan = read_plan(junction, content, rules)
        if plan is not None:
            programs.append((junction, plan_program(junction, plan, rules), plan.offset))
    return set(plans), programs_xml(programs) if programs else ""


def _additional(programs: str, detectors: str) -> str:
    if not detectors:
        return programs
    body = programs.removeprefix("<additional>\n").removesuffix("</additional>\n")
    return f"<additional>\n{body}{detectors}\n</additional>\n"


class _Run:
    """The clockwork of one episode."""

    def __init__(
        self,
        scenario: Scenario,
        topology: Topology,
        settings: Settings,
        run: Simulation,
        deciding: list[Junction],
        sensors: Sensors,
    ) -> None:
        self._scenario = scenario
        self._interval = settings.rules.decision_interval
        self._run = run
        self._sensors = sensors
        self._show = run.api.trafficlight.setRedYellowGreenState
        self.watch = Watch(topology, run.api)
        self._clock = now = float(scenario.begin)
        self._guards = {j.id: Guard(j, settings.rules, now) for j in deciding}
        self._coming: list[tuple[float, int, str, str]] = []
        self._order = 0
        self._times: list[float] = []
        self._queue: list[int] = []
        self._outside: list[int] = []
        self._decisions: list[tuple[float, dict[str, int]]] = []

    def play(self, controller: Controller, record: bool) -> None:
        """Run from begin to end."""
        now, end = float(self._scenario.begin), float(self._scenario.end)
        for guard in self._guards.values():
            self._show(guard.junction.id, guard.state)
        if self._guards:
            self._sensors.attach(self._run.api)
        sample_at = now
        interval = self._interval if self._guards else SAMPLE_S
        while now < end:
            if now >= sample_at:
                self._sample(now)
                sample_at += SAMPLE_S
            if self._guards:
                changed = self._decide(now, controller)
                if record and changed:
                    self._decisions.append((now, changed))
            now = min(now + interval, end)
            self._advance(now)
        self._sample(now)

    def _decide(self, now: float, controller: Controller) -> dict[str, int]:
        guards = self._guards
        observation = {
            "time": now,
            "phase": {name: guard.phase for name, guard in guards.items()},
            # negative while the signal is still clearing for its new phase
            "green": {name: now - guard.green_from for name, guard in guards.items()},
            **self._sensors.read(),
        }
        wanted = check_action(controller.step(observation), guards)
        changed = {}
        standing = self.watch.standing_lanes()
        for name, guard in guards.items():
            changes = guard.decide(now, wanted[name], standing)
            if changes:
                changed[name] = guard.phase
            for change in changes:
                self._order += 1
                heapq.heappush(self._coming, (change.time, self._order, name, change.state))
        return changed

    def _advance(self, until: float) -> None:
        coming = self._coming
        while coming and coming[0][0] < until:
            time, _, name, state = heapq.heappop(coming)
            if time > self._clock:
                self._to(time)
            self._show(name, state)
        self._to(until)

    def _to(self, time: float) -> None:
        self._clock = time
        self._run.advance(time)

    def _sample(self, now: float) -> None:
        self._times.append(now)
        self._queue.append(self.watch.queue())
        self._outside.append(self.watch.outside())
        self.watch.add_lost_time(SAMPLE_S)

    def result(self, measured: Metrics, gridlock: bool) -> Episode:
        """Put the figures together."""
        guards = self._guards.values()
        full = {
            **measured.__dict__,
            "gridlock": float(gridlock),
            "forced": float(sum(g.forced for g in guards)),
            "early": float(sum(g.early for g in guards)),
            "longest_red": max((max(g.longest_red, g.open_red(self._clock)) for g in guards), default=0.0),
        }
        return Episode(
            Metrics(**full),
            sumo_version(),
            self._times,
            self._queue,
            self._outside,
            self.watch.lost,
            self._decisions,
        )


def check_action(action: Any, guards: Mapping[str, Guard]) -> dict[str, int]:
    """Check what a controller answered.

    Returns
    -------
    dict of str to int
        A phase for every junction in *guards*.

    Raises
    ------
    IllegalAction
        Not a dictionary; a junction too few or too many; a phase that is no whole number (NaN is none) or
        unknown.
    """
    if not isinstance(action, dict):
        raise IllegalAction("action", type(action).__name__, "a dictionary {junction: phase index}")
    if action.keys() != guards.keys():
        missing = next((name for name in guards if name not in action), None)
        if missing is not None:
            raise IllegalAction(
                f"junction {missing}", "no phase", f"a phase for each of {len(guards)} junctions"
            )
        extra = next(name for name in action if name not in guards)
        raise IllegalAction("action", f"junction {extra!r}", "only junctions that wait for a decision")
    for name, phase in action.items():
        known = len(guards[name].junction.phases)
        if type(phase) is not int or not 0 <= phase < known:
            raise IllegalAction(
                f"junction {name}", _show(phase), f"a phase index, a whole number from 0 to {known - 1}"
            )
    return action


def _show(phase: Any) -> str:
    return f"{type(phase).__name__} {phase!r}"[:80]
