"""The maximisation step: item parameters that fit the expected counts best.

Each item is a small regression of its expected counts on ability, solved by Fisher scoring (which for the
two-parameter logistic is Newton's method) with step halving. The one-parameter model ties all slopes: its
information matrix is an arrow, solved by eliminating the intercepts.
"""

from __future__ import annotations

import math

import numpy as np

from lumbung.kernels.compiling import kernel
from lumbung.talent.irt.curves import GRADED, THREE_PL, curve

_FLOOR = 1e-300
_LARGEST_STEP = 2.0
LARGEST_SLOPE = 15.0
_INNER = 5
_SMALL = 1e-4  # a Newton step of this size leaves an error near its square


@kernel
def _evaluate_logistic(par, counts, theta, gradient, info):  # type: ignore[no-untyped-def]
    """The two-parameter logistic in closed form: one exponential and one logarithm per node."""
    a, d = par[0], par[1]
    value, g_a, g_d, h_aa, h_ad, h_dd = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for q in range(len(theta)):
        x, right = theta[q], counts[1, q]
        people = counts[0, q] + right
        z = a * x + d
        e = math.exp(-abs(z))
        p = 1.0 / (1.0 + e) if z >= 0 else e / (1.0 + e)
        value += right * z - people * (max(z, 0.0) + math.log1p(e))
        gap = right - people * p
        weight = people * e / ((1.0 + e) * (1.0 + e))
        g_a += gap * x
        g_d += gap
        h_aa += weight * x * x
        h_ad += weight * x
        h_dd += weight
    gradient[0], gradient[1] = g_a, g_d
    info[0, 0], info[1, 1] = h_aa, h_dd
    info[0, 1] = info[1, 0] = h_ad
    return value


@kernel
def evaluate(family, par, counts, theta, n_free, beta_prior, p, dp, gradient, info):  # type: ignore[no-untyped-def]
    """Expected log-likelihood of one item, with its gradient and Fisher information.

    ``beta_prior`` holds the two parameters of a beta prior on c; (1, 1) is no prior.
    """
    n_categories = counts.shape[0]
    for m in range(n_free):
        gradient[m] = 0.0
        for n in range(n_free):
            info[m, n] = 0.0
    if family == GRADED and n_categories == 2:
        return _evaluate_logistic(par, counts, theta, gradient, info)
    value = 0.0
    for q in range(len(theta)):
        people = 0.0
        for k in range(n_categories):
            people += counts[k, q]
        if people < 1e-12:
            continue
        curve(family, par, n_categories, theta[q], p, dp)
        for k in range(n_categories):
            prob = max(p[k], _FLOOR)
            value += counts[k, q] * math.log(prob)
            ratio = counts[k, q] / prob
            weight = people / prob
            for m in range(n_free):
                gradient[m] += ratio * dp[k, m]
                scaled = weight * dp[k, m]
                for n in range(m + 1):
                    info[m, n] += scaled * dp[k, n]
    if family == THREE_PL and n_free == 3:
        c = 1.0 / (1.0 + math.exp(-par[2]))
        alpha, beta = beta_prior[0] - 1.0, beta_prior[1] - 1.0
        value += alpha * math.log(c) + beta * math.log(1.0 - c)
        gradient[2] += alpha * (1.0 - c) - beta * c
        info[2, 2] += (alpha + beta) * c * (1.0 - c)
    for m in range(n_free):
        for n in range(m):
            info[n, m] = info[m, n]
    return value


@kernel
def _solve(info, gradient, n, step):  # type: ignore[no-untyped-def]
    """Cholesky solution with a ridge where the information is flat."""
    low = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            total = info[i, j]
            for k in range(j):
                total -= low[i, k] * low[j, k]
            if i == j:
                low[i, i] = math.sqrt(max(total, 1e-10 * (1.0 + abs(info[i, i]))))
            else:
                low[i, j] = total / low[j, j]
    for i in range(n):
        total = gradient[i]
        for k in range(i):
            total -= low[i, k] * step[k]
        step[i] = total / low[i, i]
    for i in range(n - 1, -1, -1):
        total = step[i]
        for k in range(i + 1, n):
            total -= low[k, i] * step[k]
        step[i] = total / low[i, i]


@kernel
def _allowed(family, par, n_categories):  # type: ignore[no-untyped-def]
    if not abs(par[0]) <= LARGEST_SLOPE:
        return False
    if family == THREE_PL:
        return abs(par[2]) < 12.0
    for k in range(2, n_categories):  # noqa: SIM110 (compiled)
        if not par[k] < par[k - 1]:
            return False
    return True


@kernel
def maximise(family, pars, active, counts, row_starts, theta, beta_prior):  # type: ignore[no-untyped-def]
    """Improve every active item's parameters in place."""
    width = max(pars.shape[1], 3) + 1
    p, dp = np.empty(width), np.empty((width, width))
    gradient, info, step, trial = np.empty(width), np.empty((width, width)), np.empty(width), np.zeros(width)
    for j in range(len(active)):
        if not active[j]:
            continue
        n_categories = row_starts[j + 1] - row_starts[j]
        free = 3 if family == THREE_PL else n_categories
        r = counts[row_starts[j] : row_starts[j + 1]]
        par = pars[j]
        value = evaluate(family, par, r, theta, free, beta_prior, p, dp, gradient, info)
        for _ in range(_INNER):
            _solve(info, gradient, free, step)
            largest = 0.0
            for m in range(free):
                largest = max(largest, abs(step[m]))
            scale = min(1.0, _LARGEST_STEP / max(largest, 1e-300))
            improved = False
            for _halving in range(25):
                for m in range(free):
                    trial[m] = par[m] + scale * step[m]
                if _allowed(family, trial, n_categories):
                    new = evaluate(family, trial, r, theta, free, beta_prior, p, dp, gradient, info)
                    if new >= value - 1e-13 * abs(value):
                        improved = True
                        break
                scale *= 0.5
            if not improved:
                break
            value = new
            for m in range(free):
                par[m] = trial[m]
            if scale * largest < _SMALL:
                break


@kernel
def maximise_one_slope(pars, active, counts, row_starts, theta):  # type: ignore[no-untyped-def]
    """Improve intercepts and the common slope of right/wrong items in place."""
    n_items = len(active)
    p, dp = np.empty(4), np.empty((4, 4))
    gradient, info, no_prior = np.empty(4), np.empty((4, 4)), np.ones(2)
    g_d, h_ad, h_dd = np.zeros(n_items), np.zeros(n_items), np.ones(n_items)
    trial = pars.copy()
    value, scale = -math.inf, 1.0
    step_a, step_d = 0.0, np.zeros(n_items)
    for _ in range(_INNER * 4):
        new, g_a, h_aa = 0.0, 0.0, 0.0
        for j in range(n_items):
            if active[j]:
                r = counts[row_starts[j] : row_starts[j + 1]]
                new += evaluate(0, trial[j], r, theta, 2, no_prior, p, dp, gradient, info)
                g_a += gradient[0]
                h_aa += info[0, 0]
                g_d[j], h_ad[j], h_dd[j] = gradient[1], info[0, 1], max(info[1, 1], 1e-10)
        if new < value - 1e-13 * abs(value):
            scale *= 0.5
            if scale < 1e-6:
                return
        else:
            pars[:] = trial
            if scale * abs(step_a) + scale * np.abs(step_d).max() < _SMALL and value > -math.inf:
                return
            value, scale = new, 1.0
            top, bottom = g_a, h_aa
            for j in range(n_items):
                if active[j]:
                    top -= h_ad[j] * g_d[j] / h_dd[j]
                    bottom -= h_ad[j] * h_ad[j] / h_dd[j]
            step_a = top / max(bottom, 1e-10)
            for j in range(n_items):
                step_d[j] = (g_d[j] - h_ad[j] * step_a) / h_dd[j] if active[j] else 0.0
        for j in range(n_items):
            if active[j]:
                trial[j, 0] = pars[j, 0] + scale * step_a
                trial[j, 1] = pars[j, 1] + scale * step_d[j]


@kernel
def gradients(family, pars, active, counts, row_starts, theta, beta_prior):  # type: ignore[no-untyped-def]
    """Gradient of the expected log-likelihood by every item's parameters, [items, parameters].

    At the parameters that gave the counts this is the gradient of the marginal log-likelihood (Fisher's identity).
    """
    width = max(pars.shape[1], 3) + 1
    p, dp = np.empty(width), np.empty((width, width))
    gradient, info = np.empty(width), np.empty((width, width))
    result = np.zeros(pars.shape)
    for j in range(len(active)):
        if active[j]:
            free = 3 if family == THREE_PL else row_starts[j + 1] - row_starts[j]
            r = counts[row_starts[j] : row_starts[j + 1]]
            evaluate(family, pars[j], r, theta, free, beta_prior, p, dp, gradient, info)
            for m in range(free):
                result[j, m] = gradient[m]
    return result
