"""Branch and cut on what is left, by HiGHS.

Once the bound has ruled most options out, the rest is a small integer program; HiGHS starts from the best plan known
and the odd-set cuts found so far. Only options need be whole: the demands then follow.
"""

from __future__ import annotations

from collections.abc import Callable

import highspy
import numpy as np

from lumbung.connectivity.engine.covering.problem import Covering, Floats, Ints, Lists
from lumbung.connectivity.engine.covering.relaxation import model, quiet_solver


def branch_and_cut(
    problem: Covering,
    rows: Lists,
    sets: Lists,
    start: Ints | None,
    seconds: float,
    gap: float,
    over: Callable[[], bool] = lambda: False,
    told: Callable[[float], None] = lambda bound: None,
) -> tuple[Ints | None, float]:
    """Solve as far as time allows.

    Parameters
    ----------
    problem : Covering
    rows : Lists
        ``problem.cover`` turned.
    sets : Lists
        Odd sets whose cuts are added.
    start : int64 array or None
        A plan to begin with.
    seconds : float
        Time allowed [s].
    gap : float
        Stop when the bound is within this share of the value.
    over : callable
        Asked now and then whether to stop before.
    told : callable
        Told the bound now and then.

    Returns
    -------
    chosen : int64 array or None
        The best plan met; None where there was none.
    bound : float
        HiGHS's bound on every plan of this problem; infinite where it had none.
    """
    n = problem.options
    solver = quiet_solver(seconds, over, told)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_abs_gap", 0.5 if problem.whole else 1e-9)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
    program = model(problem, rows, sets, 1.0)
    kinds = highspy.HighsVarType
    program.integrality_ = [kinds.kInteger] * n + [kinds.kContinuous] * problem.demands
    solver.passModel(program)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = list(_point(problem, start))
        solver.setSolution(solution)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return None, -np.inf
    info = solver.getInfo()
    bound = float(info.mip_dual_bound)
    found = solver.getSolution()
    chosen = np.flatnonzero(np.array(found.col_value)[:n] > 0.5) if found.value_valid else None
    return chosen, bound if np.isfinite(bound) and abs(bound) < 1e29 else np.inf


def _point(problem: Covering, chosen: Ints) -> Floats:
    point = np.zeros(problem.options + problem.demands)
    point[chosen] = 1.0
    for j in chosen:
        point[problem.options + problem.cover[j].astype(np.int64)] = 1.0
    return point
