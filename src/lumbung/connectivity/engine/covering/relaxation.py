"""The linear relaxation with odd-set cuts, by HiGHS's interior point method.

The simplex method is lost on these programs: every demand that is fully reached is a tie. An interior point needs two
seconds where simplex needs minutes, and its solution lies in the middle of the best face, where cuts bite. It is not
carried to a corner (no crossover); the bound is proven afterwards from the prices alone (see `bound`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from lumbung.connectivity.engine.covering.bound import Prices
from lumbung.connectivity.engine.covering.oddsets import coefficients
from lumbung.connectivity.engine.covering.problem import Covering, Floats, Lists


@dataclass(frozen=True)
class Relaxed:
    """A fractional plan and its prices.

    Attributes
    ----------
    x : float64 array, shape (options,)
    y : float64 array, shape (demands,)
    prices : Prices
    """

    x: Floats
    y: Floats
    prices: Prices


def model(problem: Covering, rows: Lists, sets: Lists, scale: float) -> highspy.HighsLp:
    """Write the program: columns x then y; rows covering, budget, sites with several options, cuts.

    Parameters
    ----------
    problem : Covering
    rows : Lists
        ``problem.cover`` turned.
    sets : Lists
        Odd sets whose cuts are added.
    scale : float
        Weights are divided by it.
    """
    n, m = problem.options, problem.demands
    sites = _shared_sites(problem)
    cut_options, cut_values = coefficients(sets, rows)
    row_of, column_of, value_of = [], [], []

    def entries(first_row: int, lists: Lists, offset: int, values: Floats) -> None:
        row_of.append(first_row + np.repeat(np.arange(len(lists)), lists.sizes))
        column_of.append(lists.indices.astype(np.int64) + offset)
        value_of.append(values)

    entries(0, rows, 0, np.full(len(rows.indices), -1.0))
    entries(0, Lists(np.arange(m + 1), np.arange(m, dtype=np.int32)), n, np.ones(m))
    entries(m, Lists(np.array([0, n]), np.arange(n, dtype=np.int32)), 0, problem.costs)
    entries(m + 1, sites, 0, np.ones(len(sites.indices)))
    entries(m + 1 + len(sites), cut_options, 0, -cut_values)
    entries(m + 1 + len(sites), sets, n, np.ones(len(sets.indices)))
    row, column, value = np.concatenate(row_of), np.concatenate(column_of), np.concatenate(value_of)
    order = np.lexsort((row, column))
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = n + m, m + 1 + len(sites) + len(sets)
    program.sense_ = highspy.ObjSense.kMaximize
    program.col_cost_ = np.concatenate([np.zeros(n), problem.weights / scale])
    program.col_lower_, program.col_upper_ = np.zeros(n + m), np.ones(n + m)
    program.row_lower_ = np.full(program.num_row_, -highspy.kHighsInf)
    program.row_upper_ = np.concatenate(
        [np.zeros(m), [problem.budget], np.ones(len(sites)), (sets.sizes - 1) / 2.0]
    )
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.start_ = np.searchsorted(column[order], np.arange(n + m + 1))
    program.a_matrix_.index_ = row[order]
    program.a_matrix_.value_ = value[order]
    return program


def _shared_sites(problem: Covering) -> Lists:
    order = np.argsort(problem.groups, kind="stable")
    ordered = problem.groups[order]
    starts = np.flatnonzero(np.append(True, np.diff(ordered) > 0)) if len(order) else np.empty(0, np.int64)
    lists = Lists(np.append(starts, len(order)).astype(np.int64), order.astype(np.int32))
    return lists.picked(np.flatnonzero(lists.sizes > 1))


def relax(
    problem: Covering, rows: Lists, sets: Lists, seconds: float, over: Callable[[], bool] = lambda: False
) -> Relaxed | None:
    """Solve the relaxation with the cuts of ``sets``, unless ``over`` says that time is up before ``seconds`` are.

    Returns
    -------
    Relaxed or None
        None where time ran out before the method had a solution.
    """
    if problem.options == 0 or problem.demands == 0:
        return None
    scale = float(problem.weights.mean()) or 1.0
    solver = quiet_solver(seconds, over)
    solver.setOptionValue("solver", "ipx")
    solver.setOptionValue("run_crossover", "off")
    solver.passModel(model(problem, rows, sets, scale))
    solver.run()
    if not solver.getSolution().value_valid or not solver.getSolution().dual_valid:
        return None
    solution = solver.getSolution()
    columns = np.clip(np.array(solution.col_value), 0.0, 1.0)
    duals = np.abs(np.array(solution.row_dual)) * scale
    n, m = problem.options, problem.demands
    cuts = duals[len(duals) - len(sets) :]
    return Relaxed(columns[:n], columns[n:], Prices(np.minimum(duals[:m], problem.weights), sets, cuts))


def quiet_solver(
    seconds: float, over: Callable[[], bool], told: Callable[[float], None] = lambda bound: None
) -> highspy._core._Highs:
    """Return HiGHS with nothing printed, one thread (so that results repeat) and a time limit [s].

    It asks ``over`` now and then whether to stop before, and tells ``told`` the bound of its branch and cut.
    """
    # highspy.Highs() prints a banner to stdout while it registers callbacks, before it can be told to be silent.
    solver = highspy._core._Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", max(0.01, seconds))

    def asked(kind: Any, _message: str, out: Any, answer: Any, _data: Any) -> None:
        if kind == highspy.cb.kCallbackMipInterrupt:
            told(float(out.mip_dual_bound))
        answer.user_interrupt = over()

    solver.setCallback(asked, None)
    for kind in (
        highspy.cb.kCallbackMipInterrupt,
        highspy.cb.kCallbackIpmInterrupt,
        highspy.cb.kCallbackSimplexInterrupt,
    ):
        solver.startCallback(kind)
    return solver
