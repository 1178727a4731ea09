"""Fixed plans: a cycle of phases with their greens, as today's controllers hold them.

A controller may hand in a plan instead of deciding every few seconds. ``"network"`` means the network's own plan,
untouched; otherwise a plan is a list of ``[phase, green seconds]`` with an offset, and yellow and all-red are put
between its phases. A plan is checked against the safety rules before anything runs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from lumbung.city.engine.conflicts import GREEN
from lumbung.city.engine.programs import ProgramPhase
from lumbung.city.engine.safety import SERVED, Rules, transition
from lumbung.city.engine.topology import Junction

PROGRAM_ID = "lumbung"
# More than any controller in the street holds (NTCIP 1202 knows 40 phases in a sequence), and checked in no time.
MOST_PHASES = 100
_WEEK_S = 604_800


class IllegalAction(ValueError):
    """A controller asked for something no signal can do. Names the junction, what was found, what was expected."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")

    def __reduce__(self) -> tuple[object, ...]:
        return (IllegalAction, (self.where, self.found, self.expected))


@dataclass(frozen=True)
class Plan:
    """A fixed plan for one junction.

    Attributes
    ----------
    phases : tuple of (int, int)
        Phase index and green [s], in order.
    offset : int
        Second of the simulated day at which the first phase begins, modulo the cycle.
    """

    phases: tuple[tuple[int, int], ...]
    offset: int = 0


def network_plan(junction: Junction) -> Plan:
    """Return the network's own plan as phase indices with their greens."""
    index = {state: number for number, state in enumerate(junction.phases)}
    greens = tuple((index[p.state], p.duration) for p in junction.program if p.state in index)
    return Plan(greens, junction.offset)


def plan_program(junction: Junction, plan: Plan, rules: Rules) -> tuple[ProgramPhase, ...]:
    """Spell a plan out, second by second: greens with all that must come between them; no state twice in a row.

    A plan of a single phase has no transition: it is green for ever.
    """
    program: list[ProgramPhase] = []
    time = 0.0
    walked: dict[int, float] = {}
    # the second cycle counts: then every crossing's last green is known
    for _ in range(2):
        program = []
        for number, (phase, green) in enumerate(plan.phases):
            before = junction.phases[phase]
            after = junction.phases[plan.phases[(number + 1) % len(plan.phases)][0]]
            program.append(ProgramPhase(before, green))
            time += green
            changes = transition(junction, rules, before, after, time, walked)
            for here, there in itertools.pairwise(changes):
                program.append(ProgramPhase(here.state, round(there.time - here.time)))
            for index in junction.on_foot:
                if after[index] in GREEN:
                    walked.pop(index, None)
                elif before[index] in GREEN:
                    walked[index] = time
            time = changes[-1].time
    return tuple(
        ProgramPhase(state, sum(phase.duration for phase in run))
        for state, run in itertools.groupby(program, key=lambda phase: phase.state)
    )


def longest_red(junction: Junction, program: tuple[ProgramPhase, ...]) -> tuple[int, int]:
    """Return the longest red of any link that some phase of the junction serves, and that link [s, index].

    A link the program never serves has an endless red, given as -1.
    """
    cycle = sum(p.most or p.duration for p in program)
    worst = (0, 0)
    for index in _indices(junction):
        red, run = 0, 0
        for phase in program + program:
            lasts = phase.most or phase.duration
            run = 0 if phase.state[index] in SERVED or phase.state[index] == "y" else run + lasts
            red = max(red, run)
        if red >= cycle:
            return -1, index
        worst = max(worst, (red, index))
    return worst


def shortest_green(junction: Junction, program: tuple[ProgramPhase, ...]) -> tuple[int, int]:
    """Return the shortest green of any link, and that link [s, index]."""
    greens = ((green, index) for index in _indices(junction) for green in _greens(program, index))
    return min(greens, default=(0, 0))


def _greens(program: tuple[ProgramPhase, ...], index: int) -> list[int]:
    """How long a link's greens last, each from red to red [s]."""
    reds = [k for k, phase in enumerate(program) if phase.state[index] not in GREEN]
    turned = program[reds[0] :] + program[: reds[0]] if reds else program
    runs = itertools.groupby(turned, key=lambda phase: phase.state[index] in GREEN)
    return [sum(p.least or p.duration for p in run) for green, run in runs if green]


def short_clearance(junction: Junction, program: tuple[ProgramPhase, ...]) -> tuple[int, float, int] | None:
    """Find a crossing whose walkers a program does not let reach the other side.

    Returns
    -------
    (int, float, int) or None
        The crossing's index, the seconds the program leaves, and those needed.
    """
    for crossing in junction.crossings:
        foes = junction.conflicts.foes.get(crossing.index, frozenset()) - junction.on_foot.keys()
        since: float | None = None
        # what stands before the first green of the crossing is seen in the second turn
        for here, there in itertools.pairwise((*program, *program, *program[:1])):
            on, off = here.state[crossing.index] in GREEN, there.state[crossing.index] not in GREEN
            since = 0.0 if on else None if since is None else since + (here.least or here.duration)
            gains = any(there.state[i] in GREEN and here.state[i] not in (there.state[i], "G") for i in foes)
            if off and gains and since is not None and since < crossing.clearance:
                return crossing.index, since, crossing.clearance
    return None


def _indices(junction: Junction) -> list[int]:
    """The links, on foot too, that some phase of the junction serves."""
    every = {link.index for link in junction.links} | set(junction.on_foot)
    return [i for i in sorted(every) if any(state[i] in SERVED for state in junction.phases)]


def read_plan(junction: Junction, answer: Any, rules: Rules) -> Plan | None:
    """Check a plan that a controller handed in.

    Parameters
    ----------
    junction : Junction
    answer : "network" or dict
        ``{"phases": [[phase, green seconds], …], "offset": seconds}``.
    rules : Rules

    Returns
    -------
    Plan or None
        None where the network's own program shall run untouched: it keeps the rules, and yellow and all-red are its own.

    Raises
    ------
    IllegalAction
        Not of this form, too many phases, an unknown phase, a green below the minimum, a red above the maximum. The
        network's own plan is held to the same.
    """
    where = f"plan of junction {junction.id}"
    if answer == "network":
        return _own_plan(where, junction, rules)
    if not isinstance(answer, dict) or not isinstance(answer.get("phases"), list) or not answer["phases"]:
        raise IllegalAction(
            where, _show(answer), '"network" or {"phases": [[phase, green seconds], …], "offset": s}'
        )
    if len(answer["phases"]) > MOST_PHASES:
        raise IllegalAction(where, f"{len(answer['phases'])} phases", f"{MOST_PHASES} at most")
    offset = answer.get("offset", 0)
    if not _whole(offset) or abs(offset) > _WEEK_S:
        raise IllegalAction(f"{where}, offset", _show(offset), f"whole seconds, {_WEEK_S} at most")
    plan = Plan(tuple(_read_phase(where, junction, p, rules) for p in answer["phases"]), offset)
    _check_red(where, junction, plan_program(junction, plan, rules), rules)
    return plan


def _own_plan(where: str, junction: Junction, rules: Rules) -> Plan | None:
    """Hold the network's own plan to the rules; spell a fixed one out anew where only its clearing is another."""
    untouched = rules.yellow is None and rules.all_red is None
    for program in junction.programs:
        green, index = shortest_green(junction, program.phases)
        if green < rules.min_green:
            raise IllegalAction(
                f"{where} (the network's own, program {program.id!r})",
                f"link {index} green for {green} s",
                f"{rules.min_green} s or more",
            )
        _check_red(f"{where} (the network's own, program {program.id!r})", junction, program.phases, rules)
        untouched = untouched and short_clearance(junction, program.phases) is None
    if untouched:
        return None
    if len(junction.programs) > 1 or any(p.kind != "static" for p in junction.programs):
        raise IllegalAction(
            f"{where} (the network's own)",
            "a switched or actuated program with other clearing times than the rules'",
            'a fixed program, or a plan {"phases": [[phase, green seconds], …]}',
        )
    plan = network_plan(junction)
    _check_red(where, junction, plan_program(junction, plan, rules), rules)
    return plan


def _check_red(where: str, junction: Junction, program: tuple[ProgramPhase, ...], rules: Rules) -> None:
    red, index = longest_red(junction, program)
    if red < 0 or red > rules.max_red:
        raise IllegalAction(
            where, f"link {index} red for {'ever' if red < 0 else f'{red} s'}", f"{rules.max_red} s"
        )


def own_faults(junction: Junction, rules: Rules) -> list[str]:
    """Say where the network's own plans break the rules that a new plan must keep, one line for each."""
    faults = []
    for program in junction.programs:
        where = f"{junction.id}, program {program.id!r}"
        green, index = shortest_green(junction, program.phases)
        if green < rules.min_green:
            faults.append(f"{where}: link {index} green for {green} s, less than {rules.min_green} s")
        red, index = longest_red(junction, program.phases)
        if red < 0 or red > rules.max_red:
            lasts = "ever" if red < 0 else f"{red} s"
            faults.append(f"{where}: link {index} red for {lasts}, more than {rules.max_red} s")
        short = short_clearance(junction, program.phases)
        if short is not None:
            faults.append(f"{where}: crossing {short[0]} clears in {short[1]:g} s, needs {short[2]} s")
    return faults


def _read_phase(where: str, junction: Junction, pair: Any, rules: Rules) -> tuple[int, int]:
    if not isinstance(pair, list) or len(pair) != 2 or not _whole(pair[0]) or not _whole(pair[1]):
        raise IllegalAction(where, _show(pair), "[phase index, whole green seconds]")
    phase, green = pair
    if not 0 <= phase < len(junction.phases):
        raise IllegalAction(where, f"phase {phase}", f"a phase from 0 to {len(junction.phases) - 1}")
    if not rules.min_green <= green <= 3600:
        raise IllegalAction(where, f"{green} s of green", f"{rules.min_green} s or more (an hour at most)")
    return phase, green


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"


def programs_xml(programs: Iterable[tuple[Junction, tuple[ProgramPhase, ...], int]]) -> str:
    """Write programs as a SUMO additional file.

    Parameters
    ----------
    programs : iterable of (Junction, tuple of ProgramPhase, int)
        The junction, its program, its offset [s].

    Returns
    -------
    str
        Can be given to ``sumo --additional-files`` together with the network.
    """
    lines = ["<additional>"]
    for junction, program, offset in programs:
        lines.append(
            f'    <tlLogic id={quoteattr(junction.id)} type="static" programID="{PROGRAM_ID}" offset="{offset}">'
        )
        lines += [f'        <phase duration="{p.duration}" state="{p.state}"/>' for p in program]
        lines.append("    </tlLogic>")
    return "\n".join([*lines, "</additional>", ""])
