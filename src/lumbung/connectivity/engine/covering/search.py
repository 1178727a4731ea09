"""The search for the best plan and for the proof that no plan is much better.

Reduce exactly, take the greedy plan with its bound, then go round: a linear relaxation with odd-set cuts proves a bound
while swaps improve the plan beside it; what the bound rules out goes, and the problem is reduced again. When rounds no
longer pay, branch and cut settles the remainder. It ends when bound and value meet, at the gap asked for, or when time
is up, and says which.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from lumbung.connectivity.engine.covering.beside import beside
from lumbung.connectivity.engine.covering.bound import proven_bound
from lumbung.connectivity.engine.covering.greedy import greedy
from lumbung.connectivity.engine.covering.interchange import COLD, interchange
from lumbung.connectivity.engine.covering.oddsets import violated
from lumbung.connectivity.engine.covering.problem import Covering, Ints, Lists
from lumbung.connectivity.engine.covering.reduction import Reduced, reduced
from lumbung.connectivity.engine.covering.relaxation import Relaxed, relax
from lumbung.connectivity.engine.covering.remainder import branch_and_cut

SWAPS = 6400
"""Swaps tried beside one relaxation, for each option: about as long as the relaxation takes."""

WARMTHS = (0.03, 0.05, 0.03, 0.02)
"""Warmth at which coolings begin, by turns."""

RECOMBINED = 8
"""How many of the latest plans are recombined."""

PATIENCE = 2.0
"""How long branch and cut is waited for when it has been told to stop [s]; taken from the time allowed, not added to it."""

RESERVE = 0.05
"""Share of the time allowed that solvers are told to leave for what comes after them, as far as ``PATIENCE``."""

STEADY = 0.02
"""A round, or a relaxation, that closes less than this share of the gap did not pay."""

SMALL = 60_000
"""Entries of a cover that branch and cut settles fast enough to be tried at once."""


@dataclass
class Cooling:
    """A swap search that cools over several rounds.

    Attributes
    ----------
    problem : Covering
        The problem left, over ``options`` of it alone.
    rows : Lists
    options : int64 array
    plan : int64 array
        Where the search stands, as options of ``problem``.
    warmth, factor : float
        Of the next round, and what it falls by in each.
    rounds : int
        Rounds left.
    """

    problem: Covering
    rows: Lists
    options: Ints
    plan: Ints
    warmth: float
    factor: float
    rounds: int


@dataclass(frozen=True)
class Stage:
    """One line of progress: what was done, when [s], and where value and bound stand."""

    what: str
    seconds: float
    value: float
    bound: float


@dataclass
class Knowledge:
    """All that a search has learnt: enough to go on from after an interruption.

    Attributes
    ----------
    chosen : int64 array
        The best plan met.
    value, bound : float
    alive : bool array, shape (options,)
        Options that a better plan may choose.
    forced : int64 array
        Options that a better plan must choose.
    sets : Lists
        Odd sets, over the whole problem's demands.
    rounds : int
    """

    chosen: Ints
    value: float
    bound: float
    alive: np.ndarray
    forced: Ints
    sets: Lists
    rounds: int = 0


@dataclass(frozen=True)
class Answer:
    """A plan, its value, and the proven bound on every plan's.

    Attributes
    ----------
    chosen : int64 array
        Options, rising.
    value, bound : float
    seconds : float
    ending : str
        ``optimal`` (value and bound meet), ``gap`` (as close as asked), ``interrupted`` or ``time``.
    stages : tuple of Stage
    """

    chosen: Ints
    value: float
    bound: float
    seconds: float
    ending: str
    stages: tuple[Stage, ...] = field(repr=False, default=())

    @property
    def optimal(self) -> bool:
        """Whether the bound proves that no plan is better."""
        return self.ending == "optimal"

    @property
    def gap(self) -> float:
        """How much more than ``value`` any plan could be worth, as a share of ``value``."""
        return (
            (self.bound - self.value) / self.value if self.value > 0 else (0.0 if self.bound <= 0 else np.inf)
        )


def maximise(
    problem: Covering,
    seconds: float,
    gap: float = 0.0,
    seed: int = 0,
    watch: Callable[[Stage, Knowledge], None] = lambda stage, knowledge: None,
    knowledge: Knowledge | None = None,
    enough: float = np.inf,
    clock: Callable[[], float] = time.monotonic,
    interrupted: Callable[[], bool] = lambda: False,
) -> Answer:
    """Find the plan that reaches the most weight within the budget, and prove how good it is.

    Parameters
    ----------
    problem : Covering
    seconds : float
        Time allowed [s]. What is found depends on it only through when the search is stopped.
    gap : float
        Stop as soon as the bound exceeds the value by no more than this share.
    seed : int
    watch : callable
        Told of every stage, with what is known by then.
    knowledge : Knowledge, optional
        What an earlier search of the same problem had learnt.
    enough : float
        Stop as soon as a plan is worth this much, or the bound proves that none is.
    clock : callable
        Gives the time [s].
    interrupted : callable
        Asked now and then, also from inside the solver and from another thread: where it says yes, the search ends as
        if time were up and gives the best plan so far.

    Returns
    -------
    Answer
    """
    return _Search(problem, seconds, gap, seed, watch, knowledge, enough, clock, interrupted).run()


@cache
def prepare() -> None:
    """Compile what a search needs, or read it from the cache, by solving a problem of seven places.

    On a new machine this takes most of a minute once, which should not be taken from the time a person allows.
    """
    lines = [(0, 1, 2), (0, 3, 4), (0, 5, 6), (1, 3, 5), (1, 4, 6), (2, 3, 6), (2, 4, 5)]
    maximise(Covering.counting(Lists.of(lines), np.ones(7), 2), np.inf)


class _Search:
    def __init__(  # type: ignore[no-untyped-def]
        self, problem, seconds, gap, seed, watch, knowledge, enough, clock, interrupted
    ) -> None:
        self.problem: Covering = problem
        self.gap, self.seed, self.watch, self.clock = gap, seed, watch, clock
        self.enough, self.interrupted = enough, interrupted
        self.begun = clock()
        self.deadline = self.begun + seconds
        self.reserve = min(PATIENCE, RESERVE * seconds)
        self.stages: list[Stage] = []
        self.whole = problem.whole
        nothing = np.empty(0, np.int64)
        self.known: Knowledge = knowledge or Knowledge(
            nothing, 0.0, float(problem.weights.sum()), np.ones(problem.options, bool), nothing, Lists.of([])
        )
        self.support: np.ndarray | None = None
        self.cooling: dict[int, Cooling] = {}
        self.coolings = 0
        self.paid = True
        self.likely = np.empty(0, np.int64)
        self.pool: list[Ints] = []

    def run(self) -> Answer:
        self._reduce()
        if not self.over():
            self._greedy()
        if not self.over():
            self._swap(self._effort() // 4)
        stale = 0
        while not self.over() and stale < 3:
            before = self.known.bound - self.known.value
            if self._settled_small():
                break
            if not self.paid:
                self._swap_twice()
                self.paid = True
                continue
            if not self._round():
                break
            if self.known.rounds % 2 == 0 and not self.over():
                self._recombine()
            after = self.known.bound - self.known.value
            stale = stale + 1 if after > before * (1 - STEADY) else 0
        if not self.over():
            self._finish()
        return self._answer()

    # Where the search stands

    def left(self) -> float:
        return 0.0 if self.interrupted() else float(self.deadline - self.clock())

    def for_solvers(self) -> float:
        """Time a solver may take [s]: it looks at the clock now and then only."""
        return max(0.0, self.left() - float(self.reserve))

    def late(self) -> bool:
        return self.left() <= 0

    def met(self) -> bool:
        """Whether no plan can be better than the one in hand."""
        least = 1.0 if self.whole else 1e-9 * max(1.0, self.known.value)
        return self.known.bound < self.known.value + least

    def over(self) -> bool:
        return self.met() or self.close() or self.late()

    def close(self) -> bool:
        """Whether the answer is as good as was asked for."""
        near = self.known.bound <= self.known.value * (1 + self.gap)
        return bool(near or self.known.value >= self.enough or self.known.bound < self.enough < np.inf)

    def _say(self, what: str) -> None:
        stage = Stage(what, self.clock() - self.begun, self.known.value, self.known.bound)
        self.stages.append(stage)
        self.watch(stage, self.known)

    def _answer(self) -> Answer:
        bound = self.known.value if self.met() else self.known.bound
        stopped = "interrupted" if self.interrupted() else "time"
        ending = "optimal" if self.met() else "gap" if self.close() else stopped
        return Answer(
            self.known.chosen, self.known.value, bound, self.clock() - self.begun, ending, tuple(self.stages)
        )

    def _offer(self, chosen: Ints) -> None:
        """Take a plan of the whole problem if it is better; its value is summed afresh."""
        if not self.problem.feasible(chosen):
            return
        value = self.problem.value(chosen)
        if value > self.known.value:
            self.known.chosen, self.known.value = np.sort(chosen), value

    def _prove(self, bound: float) -> None:
        """Take a bound on all plans that may be better than the one in hand."""
        if self.whole:
            bound = float(np.floor(bound + 1e-6))
        self.known.bound = max(self.known.value, min(self.known.bound, bound))

    # What it does

    def _reduce(self) -> None:
        self.now: Reduced = reduced(self.problem, self.known.alive, self.known.forced)
        self.sets = self.now.mapped(self.known.sets)
        self.support = None
        self.cooling.clear()
        self._prove(self.now.settled + float(self.now.problem.weights.sum()))
        if self.now.problem.options == 0:
            self._offer(self.now.forced)
            self._prove(self.now.settled)
        self._say(f"reduced to {self.now.problem.options} options, {self.now.problem.demands} demands")

    def _greedy(self) -> None:
        chosen, bound = greedy(self.now.problem)
        self._offer(self.now.whole(chosen))
        self._prove(self.now.settled + bound)
        self._say("greedy")

    def _start(self) -> Ints:
        """The best plan as options of the problem left; those no longer in it are replaced by greedy choices."""
        held = np.flatnonzero(np.isin(self.now.options, self.known.chosen))
        if len(held) + len(self.now.forced) == len(self.known.chosen):
            return held
        return greedy(self.now.problem)[0]

    def _swap(self, swaps: int) -> None:
        self._offer_swapped(self._swapped(self._turn(), swaps))

    def _swap_twice(self) -> None:
        """Two coolings side by side, where the last relaxation told little."""
        with ThreadPoolExecutor(1) as beside:
            turns = [self._turn(place) for place in (1, 0)]
            other = beside.submit(self._swapped, turns[0], self._effort())
            swapped = self._swapped(turns[1], self._effort())
            self._offer_swapped(other.result())
        self._offer_swapped(swapped)

    def _offer_swapped(self, chosen: Ints) -> None:
        self._offer(chosen)
        self.pool.append(chosen)
        self._say("swaps")

    def _turn(self, place: int = 0) -> tuple[Cooling, int]:
        """What cools next at a place, and the seed of its round."""
        cooling = self.cooling.get(place)
        if cooling is None or cooling.rounds == 0:
            cooling = self.cooling[place] = self._cooling()
        self.seed += 1
        return cooling, self.seed

    def _swapped(self, turn: tuple[Cooling, int], swaps: int) -> Ints:
        """Go on cooling for one round and return the best plan met in it."""
        cooling, seed = turn
        best, cooling.plan = interchange(
            cooling.problem,
            cooling.rows,
            cooling.plan,
            swaps,
            seed,
            cooling.warmth,
            cooling.factor,
            self.late,
        )
        cooling.warmth *= cooling.factor
        cooling.rounds -= 1
        return self.now.whole(cooling.options[best])

    def _cooling(self) -> Cooling:
        """Begin to cool, by turns from the best plan and from a greedy one, and now and then over the relaxation's
        options alone: they lack a few of the best plan's, but cool faster. Many coolings of one round find more than
        a few long ones, until there were many."""
        turn = self.coolings
        self.coolings += 1
        rounds = 1 << min(turn // 8, 5)
        problem = self.now.problem
        start = self._start() if turn % 2 else greedy(problem)[0]
        options = np.arange(problem.options)
        if self.support is not None and turn % 4 == 3:
            options = np.union1d(self.support, start)
        part = Covering(
            problem.cover.picked(options), problem.weights, problem.costs[options], problem.budget,
            problem.groups[options],
        )  # fmt: skip
        warmth = WARMTHS[turn % len(WARMTHS)]
        return Cooling(
            part, part.cover.turned(part.demands), options, np.searchsorted(options, np.sort(start)), warmth,
            COLD ** (1 / rounds), rounds,
        )  # fmt: skip

    def _effort(self) -> int:
        """Swaps to try in a round."""
        options = self.now.problem.options
        return max(100_000, min(50_000_000, SWAPS * options))

    def _recombine(self) -> None:
        """Solve the problem over the options of the latest plans alone: good plans share most of what is right."""
        self.pool = self.pool[-RECOMBINED:]
        among = np.zeros(self.problem.options, bool)
        among[np.concatenate([*self.pool, self.known.chosen])] = True
        among[self.likely] = True
        small = reduced(self.problem, among, self.known.forced)
        seconds = min(self.for_solvers(), 2.0 + 0.1 * (self.clock() - self.begun))
        start = np.flatnonzero(np.isin(small.options, self.known.chosen))
        chosen, _ = branch_and_cut(
            small.problem, small.rows, small.mapped(self.known.sets), start, seconds, self.gap, self.late
        )
        if chosen is not None:
            self._offer(small.whole(chosen))
        self._say(f"recombined {len(self.pool)} plans, {small.problem.options} options")

    def _round(self) -> bool:
        """One relaxation, swaps beside it, cuts and fixing after it. False where time ran out."""
        problem, rows, sets, seconds = self.now.problem, self.now.rows, self.sets, self.for_solvers()
        outcome: list[Relaxed | None] = []
        relaxing = beside(lambda: outcome.append(relax(problem, rows, sets, seconds, self.late)))
        swapped = self._swapped(self._turn(), self._effort())
        while relaxing.is_alive() and not self.late():
            relaxing.join(0.05)
        relaxed = outcome[0] if outcome else None
        self._offer_swapped(swapped)
        if relaxed is None:
            return False
        self.support = np.flatnonzero(relaxed.x > 1e-4)
        self.likely = self.now.options[relaxed.x > 0.2]
        self.known.rounds += 1
        open_before = self.known.bound - self.known.value
        self._fix(relaxed)
        self.paid = self.known.bound - self.known.value < open_before * (1 - STEADY)
        self._say("relaxation")
        if self.over():
            return True
        self._cut(relaxed)
        if self.known.alive.sum() < 0.9 * self.now.problem.options:
            self._reduce()
        return True

    def _fix(self, relaxed: Relaxed) -> None:
        problem = self.now.problem
        bound = proven_bound(problem, relaxed.prices, self.now.rows)
        self._prove(self.now.settled + bound.value)
        better = self.known.value - self.now.settled + (1 - 1e-6 if self.whole else 0.0)
        out = bound.with_option(problem.groups) < better
        self.known.alive[self.now.options[out]] = False
        needed = (bound.without_option(problem.groups) < better) & ~out
        alone = np.bincount(problem.groups[~out], minlength=problem.options)[problem.groups] == 1
        new = self.now.options[needed & alone]
        self.known.forced = np.concatenate([self.known.forced, new])

    def _cut(self, relaxed: Relaxed) -> None:
        tight = relaxed.prices.cuts > 1e-7 * float(self.now.problem.weights.mean())
        kept = self.sets.picked(np.flatnonzero(tight))
        new = violated(self.now.problem, self.now.rows, relaxed.x, relaxed.y, 0.03)
        both = {tuple(part[k]): None for part in (kept, new) for k in range(len(part))}
        self.sets = Lists.of(list(both))
        self.known.sets = self.now.unmapped(self.sets)

    def _settled_small(self) -> bool:
        """Try branch and cut once the remainder is small enough to be done with at once."""
        return bool(self.known.rounds >= 2 and len(self.now.problem.cover.indices) < SMALL)

    def _finish(self) -> None:
        """Branch and cut in all the time left, swaps beside it."""
        now, sets, start, seconds = self.now, self.sets, self._start(), self.for_solvers()
        proven: list[float] = [np.inf]
        outcome: list[tuple[Ints | None, float]] = []

        def branch() -> None:
            outcome.append(
                branch_and_cut(
                    now.problem, now.rows, sets, start, seconds, self.gap, self.over, proven.append
                )
            )

        # One linear program inside may go on for long without asking whether it should.
        branching = beside(branch)
        turn = 0
        while branching.is_alive() and not self.over():
            turn += 1
            self._swap(self._effort())
            self._prove(now.settled + min(proven))
            if turn % 4 == 0 and not self.over():
                self._recombine()
        branching.join(min(PATIENCE, max(self.deadline - self.clock(), self.reserve)))
        chosen, bound = outcome[0] if outcome else (None, min(proven))
        if chosen is not None:
            self._offer(self.now.whole(chosen))
        self._prove(self.now.settled + bound)
        self._say("branch and cut")
