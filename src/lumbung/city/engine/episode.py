"""One episode: a controller runs a network's signals for the simulated hours.

The controller gets the problem once, then an observation every few seconds, and answers with a phase for every
junction at once. Nothing is read from the simulation but what its sensors see, and only when it must decide.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from lumbung.city.engine.demand import check_demand
from lumbung.city.engine.metrics import STUCK_S, Metrics, is_gridlock, read_tripinfo
from lumbung.city.engine.networks import Scenario
from lumbung.city.engine.plans import IllegalAction, network_plan, plan_program, programs_xml, read_plan
from lumbung.city.engine.programs import ProgramPhase
from lumbung.city.engine.safety import Guard, Rules
from lumbung.city.engine.sensors import TIERS, Sensors, Watch, approach_lanes, make_sensors
from lumbung.city.engine.sumo import Simulation, simulation
from lumbung.city.engine.topology import Junction, Topology, scenario_topology

SAMPLE_S = 60
# Where a configuration names no end, everybody's arrival is the end; a locked network never sees it.
LONGEST_S = 86_400


class Controller(Protocol):
    """What runs the signals. See ``docs/city/writing-a-controller.md`` for the messages.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lumbung import city
    >>> class Alternating:
    ...     def start(self, problem):
    ...         self.junctions = problem["junctions"]
    ...     def step(self, observation):
    ...         return {name: int(observation["time"] // 30) % len(j["phases"]) for name, j in self.junctions.items()}
    ...
    >>> five_minutes = replace(city.resco("cologne1"), end=25500.0)
    >>> city.run_episode(five_minutes, Alternating(), city.Settings(), seed=0)
    <Episode of SUMO 1.28.0, 25200 to 25500 s: mean delay 55.5 s, 117 of 192 vehicles arrived>
    """

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
    sumo : str
        For TraCI: the path of another ``sumo`` executable than the installed one, e.g. of an older version.
    ignore_blocker : int
        SUMO's ``--ignore-junction-blocker`` [s]; 0 leaves it as the network's owner has it, by default off.
    trace : Path, optional
        Folder, into which SUMO writes where everybody is; see `lumbung.city.engine.trace`.

    Examples
    --------
    >>> from lumbung import city
    >>> city.Settings(sensors="loops").rules.min_green  # s
    5
    >>> try:
    ...     city.Settings(sensors="radar")
    ... except ValueError as error:
    ...     print(error)
    ...
    sensors: found 'radar', expected one of loops, camera50, camera200
    """

    sensors: str = "camera200"
    rules: Rules = field(default_factory=Rules)
    emissions: bool = False
    backend: str = "libsumo"
    sumo: str = ""
    ignore_blocker: int = 0
    trace: Path | None = None

    def __post_init__(self) -> None:
        if self.sumo and self.backend != "traci":
            raise ValueError(
                f"sumo: found {self.sumo!r} with backend {self.backend!r}, expected backend 'traci'"
            )
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
    begin, end : float
        Simulated time [s].

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lumbung import city
    >>> episode = city.run_today(replace(city.resco("cologne1"), end=25500.0), city.Settings(), seed=0)
    >>> episode
    <Episode of SUMO 1.28.0, 25200 to 25500 s: mean delay 29.1 s, 144 of 192 vehicles arrived>
    >>> episode.times, episode.queue
    ([25200.0, 25260.0, 25320.0, 25380.0, 25440.0, 25500.0], [0, 5, 10, 28, 9, 19])
    """

    metrics: Metrics
    engine: str
    times: list[float]
    queue: list[int]
    outside: list[int]
    lost: dict[str, float]
    decisions: list[tuple[float, dict[str, int]]]
    begin: float = 0.0
    end: float = 0.0

    def __repr__(self) -> str:
        m = self.metrics
        return (
            f"<Episode of {self.engine}, {self.begin:g} to {self.end:g} s: mean delay {m.delay:.1f} s, "
            f"{m.arrived:.0f} of {m.demanded:.0f} vehicles arrived>"
        )


def make_problem(
    scenario: Scenario, topology: Topology, settings: Settings, sensors: Sensors
) -> dict[str, Any]:
    """Tell a controller all that stays the same during an episode. Plain data only."""
    rules = settings.rules
    return {
        "network": scenario.name,
        "begin": scenario.begin,
        "end": scenario.end if math.isfinite(scenario.end) else None,
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
        # who must let whom pass where both are green: left turns, or right ones where people drive on the left
        "yields": [[i, sorted(others)] for i, others in junction.conflicts.yields.items()],
        "crossings": [
            {"index": c.index, "streets": list(c.streets), "length": c.length, "clearance": c.clearance}
            for c in junction.crossings
        ],
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

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lumbung import city
    >>> class FirstPhase:
    ...     def start(self, problem):
    ...         self.names = list(problem["junctions"])
    ...     def step(self, observation):
    ...         return dict.fromkeys(self.names, 0)
    ...
    >>> episode = city.run_episode(replace(city.resco("cologne1"), end=25500.0), FirstPhase(), city.Settings(), seed=0)
    >>> episode.metrics.forced  # phases that the longest red forced
    2.0
    """
    with open_episode(scenario, settings, seed, controller.start, record) as decisions:
        while not decisions.over:
            if decisions.asked:
                decisions.decide(controller.step(decisions.observe()))
            else:
                decisions.wait()
        return decisions.finish()


def run_today(scenario: Scenario, settings: Settings, seed: int) -> Episode:
    """Simulate what runs in the city today, untouched, whether or not it keeps the rules that new plans must keep.

    The same as plain SUMO on the same configuration with that seed and without teleports.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lumbung import city
    >>> city.run_today(replace(city.resco("cologne1"), end=25500.0), city.Settings(), seed=0)
    <Episode of SUMO 1.28.0, 25200 to 25500 s: mean delay 29.1 s, 144 of 192 vehicles arrived>
    """
    return _run_undecided(scenario, settings, seed, "", frozenset())


def run_programs(scenario: Scenario, settings: Settings, seed: int, programs: str) -> Episode:
    """Simulate programs for all junctions, given as SUMO's additional file, in place of those of the scenario.

    Whoever wrote them has kept the rules; nothing is checked here.
    """
    decided = frozenset(scenario_topology(scenario).junctions)
    return _run_undecided(scenario, settings, seed, programs, decided)


def _run_undecided(
    scenario: Scenario, settings: Settings, seed: int, additional: str, decided: frozenset[str]
) -> Episode:
    topology = scenario_topology(scenario)
    check_demand(scenario, topology)
    sensors = make_sensors(settings.sensors, topology)
    with _simulate(scenario, settings, seed, additional, decided) as run:
        decisions = Decisions(scenario, topology, settings, run, [], sensors, record=False)
        while not decisions.over:
            decisions.wait()
        return decisions.finish()


@contextmanager
def open_episode(
    scenario: Scenario,
    settings: Settings,
    seed: int,
    start: Callable[[dict[str, Any]], Any] = lambda problem: None,
    record: bool = False,
) -> Iterator[Decisions]:
    """Open an episode for whoever wants to hold the reins: one decision at a time.

    Parameters
    ----------
    scenario, settings, seed, record
        As in `run_episode`.
    start : callable
        Gets the problem before anything runs; may answer with plans.
    """
    topology = scenario_topology(scenario)
    check_demand(scenario, topology)
    sensors = make_sensors(settings.sensors, topology)
    answer = start(make_problem(scenario, topology, settings, sensors))
    untouched, programs = _read_plans(answer, topology, settings.rules)
    planned = untouched | {junction.id for junction, _, _ in programs}
    deciding = [j for j in topology.junctions.values() if j.id not in planned]
    detectors = sensors.additional() if deciding else ""
    additional = _additional(programs_xml(programs) if programs else "", detectors)
    decided = frozenset(topology.junctions) - untouched
    with _simulate(scenario, settings, seed, additional, decided) as run:
        yield Decisions(scenario, topology, settings, run, deciding, sensors, record)


def _simulate(
    scenario: Scenario, settings: Settings, seed: int, additional: str, decided: frozenset[str]
) -> AbstractContextManager[Simulation]:
    binary = Path(settings.sumo) if settings.sumo else None
    return simulation(
        scenario,
        seed,
        settings.backend,
        additional,
        settings.emissions,
        binary,
        decided,
        settings.ignore_blocker,
        settings.trace,
    )


def _read_plans(
    answer: Any, topology: Topology, rules: Rules
) -> tuple[set[str], list[tuple[Junction, tuple[ProgramPhase, ...], int]]]:
    """Return the junctions whose own programs run untouched, and the programs of the others that have plans."""
    if answer is None:
        return set(), []
    plans = answer.get("plans", {}) if isinstance(answer, dict) else None
    if not isinstance(plans, dict):
        raise IllegalAction(
            "answer to start", type(answer).__name__, 'nothing, or {"plans": {junction: plan}}'
        )
    untouched, programs = set(), []
    for name, content in plans.items():
        if name not in topology.junctions:
            raise IllegalAction("plans", f"junction {name!r}"[:120], "a junction of the problem")
        junction = topology.junctions[name]
        plan = read_plan(junction, content, rules)
        if plan is None:
            untouched.add(name)
        else:
            programs.append((junction, plan_program(junction, plan, rules), plan.offset))
    return untouched, programs


def _additional(programs: str, detectors: str) -> str:
    if not detectors:
        return programs
    body = programs.removeprefix("<additional>\n").removesuffix("</additional>\n")
    return f"<additional>\n{body}{detectors}\n</additional>\n"


class Decisions:
    """The clockwork of one episode: observe, decide, observe, …, finish. Made by `open_episode`."""

    def __init__(
        self,
        scenario: Scenario,
        topology: Topology,
        settings: Settings,
        run: Simulation,
        deciding: list[Junction],
        sensors: Sensors,
        record: bool,
    ) -> None:
        self._settings = settings
        self._begin, self._end = float(scenario.begin), float(scenario.end)
        self._run = run
        self._sensors = sensors
        self._record = record
        self._show = run.call("trafficlight", "setRedYellowGreenState")
        self._watch = Watch(topology, run)
        self._clock = self._sample_at = self._begin
        self._guards = {j.id: Guard(j, settings.rules, self._begin) for j in deciding}
        self._guard_of = {lane: self._guards[j.id] for j in deciding for lane in approach_lanes(j)}
        self._guard_of |= {c.edge: self._guards[j.id] for j in deciding for c in j.crossings}
        self._on_foot = any(j.crossings for j in deciding)
        self._coming: list[tuple[float, int, str, str]] = []
        self._order = 0
        self._times: list[float] = []
        self._queue: list[int] = []
        self._outside: list[int] = []
        self._decisions: list[tuple[float, dict[str, int]]] = []
        for guard in self._guards.values():
            self._show(guard.junction.id, guard.state)
        if self._guards:
            sensors.attach(run, self._begin)

    @property
    def over(self) -> bool:
        """Whether the simulated hours are over, or, where they have no end, everybody has arrived."""
        if math.isfinite(self._end):
            return self._clock >= self._end
        return self._clock >= self._begin + LONGEST_S or not self._run.expects()

    @property
    def asked(self) -> bool:
        """Whether some junction waits for decisions; where all have plans, `wait` instead."""
        return bool(self._guards)

    def observe(self) -> dict[str, Any]:
        """Return what the controller may know now."""
        now = self._clock
        self._note_calls(now)
        on_foot = {name: g.waiting_on_foot(now) for name, g in self._guards.items() if g.junction.crossings}
        return {
            "time": now,
            "phase": {name: guard.phase for name, guard in self._guards.items()},
            # negative while the signal is still clearing for its new phase
            "green": {name: now - guard.green_from for name, guard in self._guards.items()},
            **({"on_foot": on_foot} if self._on_foot else {}),
            **self._sensors.read(now),
        }

    def _note_calls(self, now: float) -> None:
        for lane in self._watch.standing_lanes():
            if lane in self._guard_of:
                self._guard_of[lane].call(now, lane)

    def decide(self, action: Any) -> None:
        """Carry an action out, within the rules, and simulate until the next decision.

        Raises
        ------
        IllegalAction
        """
        now, guards = self._clock, self._guards
        wanted = check_action(action, guards)
        changed = {}
        for name, guard in guards.items():
            if wanted[name] == guard.phase and now <= guard.due_from:
                continue
            changes = guard.decide(now, wanted[name])
            if changes:
                changed[name] = guard.phase
            for change in changes:
                self._order += 1
                heapq.heappush(self._coming, (change.time, self._order, name, change.state))
        if self._record and changed:
            self._decisions.append((now, changed))
        self._advance(now + self._settings.rules.decision_interval)

    def wait(self) -> None:
        """Simulate a minute in which nobody is asked."""
        self._advance(self._clock + SAMPLE_S)

    def finish(self) -> Episode:
        """End the simulation and put the figures together."""
        self._sample()
        gridlock = is_gridlock(*self._watch.stuck(STUCK_S))
        self._run.close()
        hours = (self._clock - self._begin) / 3600
        measured = read_tripinfo(self._run.tripinfo, hours, self._settings.emissions)
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
            self._run.version,
            self._times,
            self._queue,
            self._outside,
            self._watch.lost,
            self._decisions,
            self._begin,
            self._clock,
        )

    def _advance(self, until: float) -> None:
        if self._clock >= self._sample_at:
            self._sample()
            self._sample_at += SAMPLE_S
        until = min(until, self._end)
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

    def _sample(self) -> None:
        self._times.append(self._clock)
        self._queue.append(self._watch.queue())
        self._outside.append(self._watch.outside())
        self._watch.add_lost_time(SAMPLE_S)


def check_action(action: Any, guards: Mapping[str, Guard]) -> dict[str, int]:
    """Check what a controller answered.

    Returns
    -------
    dict of str to int
        A phase for every junction in *guards*.

    Raises
    ------
    IllegalAction
        Not a dictionary; a junction too few or too many; a phase that is no whole number (NaN is none) or unknown.
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
