"""From a first answer to one with a proven bound, by HiGHS on the program itself.

HiGHS starts from the greedy answer. Meeting the floors of regions is its business where the greedy one fails to.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import highspy
import numpy as np

from lumbung.connectivity.engine.covering.relaxation import quiet_solver
from lumbung.connectivity.engine.phasing.greedy import first_answer
from lumbung.connectivity.engine.phasing.program import pair_column, program, way_column
from lumbung.connectivity.engine.phasing.programme import Answer, Floats, Ints, PhasingError, Programme

_WHOLE = 1e-6


def solve(
    p: Programme,
    seconds: float,
    gap: float = 0.0,
    watch: Callable[[float, float, float], None] = lambda seconds, value, bound: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Answer:
    """Return the best answer found in a time, with a bound that no answer exceeds.

    Parameters
    ----------
    p : Programme
    seconds : float
        Time allowed [s].
    gap : float
        Good enough: stop when the bound is within this share of the value.
    watch : callable
        Told seconds, value and bound now and then.
    interrupted : callable
        Asked now and then whether to stop.

    Raises
    ------
    PhasingError
        Where no answer meets the floors, or none was found in the time.
    """
    begun = time.monotonic()
    if p.pairs == 0 or p.ways == 0:
        if p.needed().any():
            raise PhasingError("floors: nobody can be served at all, so no region's floor can be met")
        return _nothing(p, time.monotonic() - begun)
    start = filled(p, first_answer(p))
    known = start[0] if start is not None else 0.0
    relaxed = _relaxed(p, seconds - (time.monotonic() - begun), interrupted)
    watch(time.monotonic() - begun, known, relaxed)

    def told(bound: float) -> None:
        watch(time.monotonic() - begun, known, bound)

    solver = quiet_solver(seconds - (time.monotonic() - begun), interrupted, told)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_feasibility_tolerance", _WHOLE)
    solver.passModel(program(p))
    if start is not None:
        given = highspy.HighsSolution()
        given.col_value = list(start[1])
        solver.setSolution(given)
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        raise PhasingError(
            "floors: no programme within the money brings every region its share of people at the speed; lower the floors, "
            "give more money, or add candidates there"
        )
    bound = float(solver.getInfo().mip_dual_bound)
    best = start
    if solver.getSolution().value_valid:
        found = filled(p, since_of(p, np.array(solver.getSolution().col_value)))
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    if best is None:
        raise PhasingError(
            f"no programme that meets the floors was found in {seconds:g} s, and none was proven impossible; allow more time"
        )
    value, columns = best
    served = np.array([columns[pair_column(p, year)] for year in range(p.years)])
    bound = min(bound, relaxed) if np.isfinite(bound) else relaxed
    return Answer(since_of(p, columns), served, value, max(bound, value), time.monotonic() - begun)


def _relaxed(p: Programme, seconds: float, interrupted: Callable[[], bool]) -> float:
    """Return what half masts could bring, a bound that is there soon; everybody always where there is no time for it.

    Branch and cut solves the same program first, but tells nothing of it when its time is up too early.
    """
    solver = quiet_solver(seconds, interrupted)
    solver.passModel(program(p, whole=False))
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
        # One part in 1e7 for what the solver's tolerances let through.
        return float(solver.getInfo().objective_function_value * (1.0 + 1e-7))
    return float((p.worth.sum() * p.people).sum())


def _nothing(p: Programme, seconds: float) -> Answer:
    return Answer(np.full(p.ways, p.years, np.int64), np.zeros((p.years, p.pairs)), 0.0, 0.0, seconds)


def since_of(p: Programme, columns: Floats) -> Ints:
    """Return the year from which each way stands in a point of the program."""
    standing = np.array([columns[way_column(p, year)] > 0.5 for year in range(p.years)])
    return np.asarray(p.years - standing.sum(0), dtype=np.int64)


def filled(p: Programme, since: Ints) -> tuple[float, Floats] | None:
    """Return value and point of the program where the ways stand as said, everybody served as well as can be.

    None where that breaks a rule: money, chains or floors.
    """
    lp = program(p, whole=False)
    standing = np.concatenate([(since <= year).astype(np.float64) for year in range(p.years)])
    lower, upper = np.array(lp.col_lower_), np.array(lp.col_upper_)
    lower[: standing.size] = upper[: standing.size] = standing
    lp.col_lower_, lp.col_upper_ = lower, upper
    solver = quiet_solver(600.0, lambda: False)
    solver.passModel(lp)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    columns = np.array(solver.getSolution().col_value)
    return float(np.array(lp.col_cost_) @ columns), columns


__all__ = ["filled", "since_of", "solve"]
