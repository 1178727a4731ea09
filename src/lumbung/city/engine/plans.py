"""Fixed plans: a cycle of phases with their greens, as today's controllers hold them.

A controller may hand in a plan instead of deciding every few seconds. ``"network"`` means the network's own
plan, untouched; otherwise a plan is a list of ``[phase, green seconds]`` with an offset, and yellow and
all-red are put between its phases. A plan is checked against the safety rules before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import quoteattr

from lumbung.city.engine.safety import SERVED, Rules, all_red_state, yellow_state
from lumbung.city.engine.topology import Junction, ProgramPhase

PROGRAM_ID = "lumbung"


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
    """Spell a plan out, second by second: greens with the yellow and all-red between them.

    A plan of a single phase has no transition: it is green for ever.
    """
    program: list[ProgramPhase] = []
    for number, (phase, green) in enumerate(plan.phases):
        before = junction.phases[phase]
        after = junction.phases[plan.phases[(number + 1) % len(plan.phases)][0]]
        program.append(ProgramPhase(before, green))
        clearing = yellow_state(before, after)
        if "y" in clearing:
            program.append(ProgramPhase(clearing, rules.yellow_of(junction)))
            if rules.all_red_of(junction):
                program.append(ProgramPhase(all_red_state(before, after), rules.all_red_of(junction)))
    return tuple(program)


def longest_red(junction: Junction, program: tuple[ProgramPhase, ...]) -> tuple[int, int]:
    """Return the longest red of any link that some phase of the junction serves, and that link [s, index].

    A link the program never serves has an endless red, given as -1.
    """
    cycle = sum(p.duration for p in program)
    worst = (0, 0)
    for index in sorted({link.index for link in junction.links}):
        if not any(state[index] in SERVED for state in junction.phases):
            continue
        red, run = 0, 0
        for phase in program + program:
            run = 0 if phase.state[index] in SERVED or phase.state[index] == "y" else run + phase.duration
            red = max(red, run)
        if red >= cycle:
            return -1, index
        worst = max(worst, (red, index))
    return worst


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
        None where the network's own program shall run untouched.

    Raises
    ------
    IllegalAction
        Not of this form, an unknown phase, a green below the minimum, a red above the maximum.
    """
    where = f"plan of junction {junction.id}"
    if answer == "network":
        untouched = rules.yellow is None and rules.all_red is None
        return None if untouched else network_plan(junction)
    if not isinstance(answer, dict) or not isinstance(answer.get("phases"), list) or not answer["phases"]:
        raise IllegalAction(
            where, _show(answer), '"network" or {"phases": [[phase, green seconds], …], "offset": s}'
        )
    offset = answer.get("offset", 0)
    if not _whole(offset):
        raise IllegalAction(f"{where}, offset", _show(offset), "whole seconds")
    plan = Plan(tuple(_read_phase(where, junction, p, rules) for p in answer["phases"]), offset)
    red, index = longest_red(junction, plan_program(junction, plan, rules))
    if red < 0 or red > rules.max_red:
        raise IllegalAction(
            where, f"link {index} red for {'ever' if red < 0 else f'{red} s'}", f"{rules.max_red} s"
        )
    return plan


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
