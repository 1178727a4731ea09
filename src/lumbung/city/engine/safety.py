"""The rules no controller may break: yellow, all-red, minimum green, maximum red.

One `Guard` stands between a controller and each signal. It knows states and clocks only, no simulator.

- *Yellow.* A link that loses green shows yellow first; links that stay green keep it.
- *All-red.* After yellow, a link that lost green shows red for so long before any other link gets green.
- *Minimum green.* A phase stays green at least so long. An earlier request is not carried out, and counted.
- *Maximum red.* A link is *called* when a vehicle stands on its lane while it is red; the call is kept until green.
  From its call no link stays red longer than this, whatever the controller asks: the guard overrides it, and counts
  that. It acts early enough for the transition to fit. Where several links are due at once, or a minimum green has
  just begun, the later one may wait a little longer.
- *On foot.* A crossing shows no yellow. Whoever set off in its last moment of green reaches the other side, at the
  pace of `topology.WALKING_M_S`, before a link whose way crosses it gets green. People who wait call it like vehicles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lumbung.city.engine.conflicts import GREEN
from lumbung.city.engine.topology import Junction

SERVED = frozenset("Ggs")
_NEVER = float("inf")


class RuleError(ValueError):
    """A rule set that no signal could keep. Names the rule, what was found, what was expected."""

    def __init__(self, where: str, found: str, expected: str) -> None:
        self.where, self.found, self.expected = where, found, expected
        super().__init__(f"{where}: found {found}, expected {expected}")

    def __reduce__(self) -> tuple[object, ...]:
        return (RuleError, (self.where, self.found, self.expected))


@dataclass(frozen=True)
class Rules:
    """Times every signal keeps [s].

    Attributes
    ----------
    min_green : int
        5 s, the shortest green of the RESCO networks' own plans.
    max_red : int
        120 s, the longest cycle that the German guideline RiLSA recommends for fixed plans.
    yellow, all_red : int, optional
        By default those of each junction's own plan.
    decision_interval : int
        Seconds from one decision to the next.
    """

    min_green: int = 5
    max_red: int = 120
    yellow: int | None = None
    all_red: int | None = None
    decision_interval: int = 5

    def __post_init__(self) -> None:
        bounds = {
            "min_green": (self.min_green, 1, 60),
            "max_red": (self.max_red, 30, 3600),
            "yellow": (3 if self.yellow is None else self.yellow, 2, 10),
            "all_red": (0 if self.all_red is None else self.all_red, 0, 10),
            "decision_interval": (self.decision_interval, 1, 60),
        }
        for name, (value, low, high) in bounds.items():
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise RuleError(name, repr(value), f"whole seconds from {low} to {high}")

    def yellow_of(self, junction: Junction) -> int:
        """Return the yellow time of *junction* [s]."""
        return junction.yellow if self.yellow is None else self.yellow

    def all_red_of(self, junction: Junction) -> int:
        """Return the all-red time of *junction* [s]."""
        return junction.all_red if self.all_red is None else self.all_red


@dataclass(frozen=True)
class Change:
    """A signal state to be shown from a moment on [s]."""

    time: float
    state: str


def transition(
    junction: Junction, rules: Rules, before: str, after: str, now: float, walked: Mapping[int, float]
) -> list[Change]:
    """Spell out the way from one green state to another: clearing on foot, yellow, all-red, and the new state last.

    Parameters
    ----------
    junction : Junction
    rules : Rules
    before, after : str
        Signal states.
    now : float
        When it begins [s].
    walked : mapping of int to float
        Crossings that show red already, by their index, and since when [s].
    """
    on_foot = junction.on_foot
    loses = [i for i, (b, a) in enumerate(zip(before, after, strict=True)) if b in GREEN and a not in GREEN]
    vehicles = [i for i in loses if i not in on_foot]
    needs = rules.yellow_of(junction) + rules.all_red_of(junction) if vehicles else 0.0
    for index, crossing in on_foot.items():
        since = now if index in loses else walked.get(index)
        if since is not None and _threatens(junction, index, before, after):
            needs = max(needs, since + crossing.clearance - now)
    changes = []
    walking = "".join("r" if i in on_foot and i in loses else b for i, b in enumerate(before))
    clearing = "".join("y" if i in vehicles else letter for i, letter in enumerate(walking))
    empty = "".join(
        w if w in GREEN and a in GREEN else (a if a not in GREEN else "r")
        for w, a in zip(walking, after, strict=True)
    )
    yellow_from = now + needs
    if vehicles:
        yellow_from -= rules.yellow_of(junction) + rules.all_red_of(junction)
    if yellow_from > now:
        changes.append(Change(now, walking))
    if vehicles:
        changes.append(Change(yellow_from, clearing))
        if rules.all_red_of(junction):
            changes.append(Change(yellow_from + rules.yellow_of(junction), empty))
    return [*changes, Change(now + needs, after)]


def _threatens(junction: Junction, crossing: int, before: str, after: str) -> bool:
    """Tell whether *after* lets somebody drive over a crossing who could not, or had to give way, in *before*."""
    foes = junction.conflicts.foes.get(crossing)
    if foes is None:
        # a network that does not say who crosses whom: everybody
        foes = frozenset(link.index for link in junction.links)
    return after[crossing] not in GREEN and any(
        after[i] in GREEN and before[i] not in (after[i], "G") for i in foes if i not in junction.on_foot
    )


class Guard:
    """Keeps one signal within the rules.

    Parameters
    ----------
    junction : Junction
    rules : Rules
    now : float
        Simulated time [s]; the signal starts with its first phase.

    Attributes
    ----------
    phase : int
        Index of the phase shown, or being switched to.
    green_from : float
        When that phase became, or becomes, green [s].
    early, forced : int
        Requests refused for minimum green; requests overridden for maximum red.
    due_from : float
        After this moment a called link cannot wait for the next decision [s].
    longest_red : float
        The longest that a called link stayed red [s], among those served; see `open_red` for those still red.
    """

    def __init__(self, junction: Junction, rules: Rules, now: float) -> None:
        self.junction = junction
        self.phase = 0
        self.green_from = now
        self.early = 0
        self.forced = 0
        self.longest_red = 0.0
        self._rules = rules
        self._yellow = rules.yellow_of(junction)
        self._all_red = rules.all_red_of(junction)
        longest = max((c.clearance for c in junction.crossings), default=0)
        self._lead = rules.decision_interval + max(self._yellow + self._all_red, longest)
        # crossing -> since when it shows red
        self._walked: dict[int, float] = {}
        self._links_of: dict[str, list[int]] = {}
        for crossing in junction.crossings:
            if any(state[crossing.index] in SERVED for state in junction.phases):
                self._links_of.setdefault(crossing.edge, []).append(crossing.index)
        for link in junction.links:
            if any(state[link.index] in SERVED for state in junction.phases):
                self._links_of.setdefault(link.lane_in, []).append(link.index)
        # link -> when a vehicle was first seen waiting for it at red
        self._called: dict[int, float] = {}
        self._oldest = _NEVER
        self.due_from = _NEVER

    @property
    def state(self) -> str:
        """The state of the current phase."""
        return self.junction.phases[self.phase]

    def call(self, now: float, lane: str) -> None:
        """Note that a vehicle stands on an approach lane, or a person before a crossing, and so calls its red links."""
        state = self.state
        for index in self._links_of.get(lane, ()):
            if state[index] not in SERVED and index not in self._called:
                self._called[index] = now
                if now < self._oldest:
                    self._set_oldest(now)

    def decide(self, now: float, wanted: int) -> list[Change]:
        """Take the controller's wish, and return what the signal shall show.

        Parameters
        ----------
        now : float
            [s]
        wanted : int
            Index of the phase the controller asks for.

        Returns
        -------
        list of Change
            Empty when the phase stays.
        """
        if now > self.due_from:
            served = self._serve_due(now, wanted)
            if served != self.phase and served != wanted and self._may_change(now):
                self.forced += 1
            wanted = served
        if wanted == self.phase:
            return []
        if not self._may_change(now):
            self.early += 1
            return []
        return self._switch(now, wanted)

    def waiting_on_foot(self, now: float) -> list[list[float]]:
        """Return ``[crossing's index, seconds since its call]`` for every crossing that was called and shows red."""
        return [[i, now - self._called[i]] for i in self.junction.on_foot if i in self._called]

    def open_red(self, now: float) -> float:
        """Return for how long the link that was called first has been red [s]."""
        return max(0.0, now - self._oldest)

    def _set_oldest(self, since: float) -> None:
        self._oldest = since
        self.due_from = since + self._rules.max_red - self._lead

    def _may_change(self, now: float) -> bool:
        return now - self.green_from >= self._rules.min_green

    def _serve_due(self, now: float, wanted: int) -> int:
        limit = now + self._lead - self._rules.max_red
        due = [index for index, since in self._called.items() if since < limit]
        first = min(due, key=lambda index: self._called[index])
        states = self.junction.phases
        if states[wanted][first] in SERVED:
            return wanted
        candidates = [p for p, state in enumerate(states) if state[first] in SERVED]
        return max(candidates, key=lambda p: (sum(states[p][index] in SERVED for index in due), -p))

    def _switch(self, now: float, phase: int) -> list[Change]:
        before, after = self.state, self.junction.phases[phase]
        changes = transition(self.junction, self._rules, before, after, now, self._walked)
        time = changes[-1].time
        for index in self.junction.on_foot:
            if after[index] in GREEN:
                self._walked.pop(index, None)
            elif before[index] in GREEN:
                self._walked[index] = now
        for index in [index for index in self._called if after[index] in SERVED]:
            self.longest_red = max(self.longest_red, time - self._called.pop(index))
        self._set_oldest(min(self._called.values(), default=_NEVER))
        self.phase, self.green_from = phase, time
        return changes
