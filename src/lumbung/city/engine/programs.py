"""A network's own signal programs: fixed, actuated, NEMA, switched by time of day.

Programs stand in the network and in additional files; SUMO runs the one read last, or the one a WAUT names. The
green states of all that may run are what a controller chooses from.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

GREEN = frozenset("Gg")
_CLEARING = frozenset("yu")


@dataclass(frozen=True)
class ProgramPhase:
    """A phase of the network's own program: signal state and duration [s].

    An actuated phase lasts from `least` to `most` seconds; a fixed one has both equal to its duration.
    """

    state: str
    duration: int
    least: int = 0
    most: int = 0


@dataclass(frozen=True)
class Program:
    """One program of a signal.

    Attributes
    ----------
    id, kind : str
        The kind is SUMO's ``type``: static, actuated, delay_based, NEMA.
    offset : int
        [s]
    phases : tuple of ProgramPhase
    yellow, all_red : int
        The transitions between them [s]; all-red is 0 where there is none.
    """

    id: str
    kind: str
    offset: int
    phases: tuple[ProgramPhase, ...]
    yellow: int
    all_red: int


def read_programs(
    logics: Iterable[ElementTree.Element], switches: dict[str, tuple[str, ...]]
) -> dict[str, tuple[Program, ...]]:
    """Read the programs that may run, by signal; the first is the one that runs at the beginning.

    Parameters
    ----------
    logics : iterable of Element
        ``tlLogic``, in the order SUMO reads them.
    switches : dict of str to tuple of str
        Signal to the programs a WAUT switches it to, the first one first.
    """
    found: defaultdict[str, dict[str, Program]] = defaultdict(dict)
    for logic in logics:
        name, program = logic.attrib["id"], _read_program(logic)
        if program.phases:
            found[name].pop(program.id, None)
            found[name][program.id] = program
    return {
        name: tuple(
            [programs[p] for p in switches.get(name, ()) if p in programs] or list(programs.values())[-1:]
        )
        for name, programs in found.items()
    }


def _read_program(logic: ElementTree.Element) -> Program:
    kind = logic.get("type", "static")
    adaptive = kind != "static"
    phases = []
    for p in logic.iter("phase"):
        duration = _whole(p.get("duration", "0"))
        least, most = _whole(p.get("minDur", "0")), _whole(p.get("maxDur", "0"))
        phases.append(
            ProgramPhase(
                p.get("state", ""),
                duration or most or least,
                least or duration if adaptive else 0,
                most or duration if adaptive else 0,
            )
        )
    offset = logic.get("offset", "0")
    program = Program(
        logic.get("programID", "0"),
        kind,
        _whole(offset) if offset != "begin" else 0,
        tuple(phases),
        max((p.duration for p in phases if "y" in p.state), default=3),
        max((p.duration for p in phases if set(p.state) <= set("rs")), default=0),
    )
    if kind == "NEMA":
        rings = {p.get("key", ""): p.get("value", "") for p in logic.iter("param")}
        steps = list(logic.iter("phase"))
        # a NEMA phase brings its own clearing times; no state spells them out
        program = replace(
            program,
            yellow=max((_whole(p.get("yellow", "3")) for p in steps), default=3),
            all_red=max((_whole(p.get("red", "0")) for p in steps), default=0),
        )
        return _nema(program, [p.get("name", "") for p in steps], rings)
    return program


def _whole(text: str) -> int:
    try:
        return round(float(text))
    except ValueError:
        return 0


def _nema(program: Program, names: Sequence[str], rings: dict[str, str]) -> Program:
    """Join the phases of the two rings: what a NEMA controller shows is one of each, on the same side of a barrier."""
    by_name = dict(zip(names, program.phases, strict=True))
    sides: list[list[list[str]]] = []
    for ring in ("ring1", "ring2"):
        steps = [s.strip() for s in rings.get(ring, "").split(",") if s.strip() in by_name]
        barriers = {
            b.strip() for key in ("barrierPhases", "barrier2Phases") for b in rings.get(key, "").split(",")
        }
        side: list[list[str]] = [[]]
        for step in steps:
            side[-1].append(step)
            if step in barriers:
                side.append([])
        sides.append([s for s in side if s])
    joined = [
        ProgramPhase(
            "".join(max(a, b, key=_strength) for a, b in zip(one.state, two.state, strict=True)),
            min(one.duration, two.duration),
            max(one.least, two.least),
            min(one.most, two.most),
        )
        for first, second in zip(*sides, strict=False)
        for one in (by_name[n] for n in first)
        for two in (by_name[n] for n in second)
        if len(one.state) == len(two.state)
    ]
    return replace(program, phases=tuple(joined) or program.phases)


def _strength(letter: str) -> int:
    return "rsgG".find(letter)


def green_states(programs: Iterable[Program]) -> tuple[str, ...]:
    """Return the distinct states with green and without yellow, in the programs' order."""
    states = (phase.state for program in programs for phase in program.phases)
    return tuple(dict.fromkeys(s for s in states if GREEN & set(s) and not _CLEARING & set(s)))
