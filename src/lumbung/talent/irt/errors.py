"""Standard errors of item parameters.

- *observed*: minus the derivative of the marginal score, which Fisher's identity gives from one expectation
  step (the information of Louis 1982 and Oakes 1999), differentiated numerically.
- *crossprod*: the sum of outer products of person scores (the empirical information), on at most 200,000
  people and scaled to all; its own sampling error is then below one per cent of a standard error for most
  designs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lumbung.kernels.compiling import REORDERED, kernel
from lumbung.talent.irt import curves
from lumbung.talent.irt.dense import DenseAnswers
from lumbung.talent.irt.design import Answers, Design, State, expect
from lumbung.talent.irt.expectation import Expected, normalise, posteriors_dense
from lumbung.talent.irt.maximisation import gradients
from lumbung.talent.irt.quadrature import normal_log_weights

_STEP = 1e-4
_OBSERVED_WORK = 1_000_000  # parameters x rows up to which the observed information is affordable
_PEOPLE_PER_PARAMETER = 20  # fewer people make the cross-products too noisy
_SAMPLE = (50_000, 200_000)  # people on whom cross-products rest, at least and at most
_SAMPLE_PER_PARAMETER = 200


@kernel(arithmetic=REORDERED)
def _person_scores(block, item_rows, log_rows, log_prior, score_rows, columns, scores, posterior):  # type: ignore[no-untyped-def]
    """Score of each person: posterior mean of the derivative of each answer's log-probability."""
    nodes = len(log_prior)
    s = np.empty(nodes)
    for i in range(block.shape[0]):
        for q in range(nodes):
            s[q] = log_prior[q]
        for j in range(block.shape[1]):
            if block[i, j] >= 0:
                row = log_rows[item_rows[j] + block[i, j]]
                for q in range(nodes):
                    s[q] += row[q]
        normalise(s, 1.0)
        for q in range(nodes):
            posterior[i, q] = s[q]
        for j in range(block.shape[1]):
            if block[i, j] >= 0:
                row_number = item_rows[j] + block[i, j]
                for m in range(columns.shape[1]):
                    if columns[j, m] >= 0:
                        derivative = score_rows[row_number, m]
                        total = 0.0
                        for q in range(nodes):
                            total += s[q] * derivative[q]
                        scores[i, columns[j, m]] += total


@kernel
def _pick_scores(block, item_rows, means, columns, scores):  # type: ignore[no-untyped-def]
    """Score of each person from the posterior means of all derivatives, [persons, rows, places]."""
    for i in range(block.shape[0]):
        for j in range(block.shape[1]):
            if block[i, j] >= 0:
                for m in range(columns.shape[1]):
                    if columns[j, m] >= 0:
                        scores[i, columns[j, m]] += means[i, item_rows[j] + block[i, j], m]


@kernel
def _add_sparse_products(scores, heads, info):  # type: ignore[no-untyped-def]
    """Add outer products of score vectors that are mostly zero to the lower triangle."""
    places = np.empty(scores.shape[1], np.int64)
    for i in range(scores.shape[0]):
        n = 0
        for m in range(scores.shape[1]):
            if scores[i, m] != 0.0:
                places[n] = m
                n += 1
        for x in range(n):
            scaled = heads[i] * scores[i, places[x]]
            target = info[places[x]]
            for y in range(x + 1):
                target[places[y]] += scaled * scores[i, places[y]]


def _group_score(
    people: NDArray[np.float64], theta: NDArray[np.float64], mean: float, sd: float
) -> tuple[float, float]:
    z = (theta - mean) / sd
    return float(people @ z / sd), float(people @ (z**2 - 1))


def marginal_score(
    state: State, design: Design, totals: NDArray[np.float64], results: Sequence[Expected]
) -> NDArray[np.float64]:
    """Gradient of the marginal log-likelihood by the free parameters, from one expectation step at ``state``."""
    table = gradients(
        design.family, state.pars, design.active, totals, design.row_starts, design.theta, design.beta_prior
    )
    if design.model == "1pl":
        items = np.concatenate([[table[design.active, 0].sum()], table[design.active, 1]])
    else:
        items = table[design.free()]
    moments = np.array(
        [
            _group_score(results[g].people, design.theta, state.means[g], state.sds[g])
            for g in range(1, design.n_groups)
        ]
    ).reshape(-1, 2)
    return np.concatenate([items, moments[:, 0], moments[:, 1]])


def observed_information(
    answers: Sequence[Answers], state: State, design: Design, threads: int | None = None
) -> NDArray[np.float64]:
    """Observed information of the free parameters, in the order of ``State.to_vector``."""

    def score_at(vector: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = state.from_vector(vector, design)
        return marginal_score(moved, design, *expect(answers, moved, design, np.float64, threads))

    x = state.to_vector(design)
    info = np.empty((len(x), len(x)))
    for m, step in enumerate(_STEP * np.eye(len(x))):
        info[m] = (score_at(x - step) - score_at(x + step)) / (2 * _STEP)
    return (info + info.T) / 2


def sample_size(n_free: int) -> int:
    """People on whom cross-products of this many parameters rest."""
    return int(np.clip(_SAMPLE_PER_PARAMETER * n_free, *_SAMPLE))


def crossprod_information(answers: Sequence[Answers], state: State, design: Design) -> NDArray[np.float64]:
    """Cross-product information of the free parameters, in the order of ``State.to_vector``."""
    n_free = len(state.to_vector(design))
    info = np.zeros((n_free, n_free))
    all_rows = sum(given.n_rows for given in answers)
    for group, given in enumerate(answers):
        size = max(1, int(sample_size(n_free) * given.n_rows / all_rows))
        part = given.thinned(size) if given.n_rows > size else given
        found = _group_crossprod(part, state, design, group)
        info += found * (given.n_persons / part.n_persons)
    return info


def _group_crossprod(part: Answers, state: State, design: Design, group: int) -> NDArray[np.float64]:
    items = design.item_of[group]
    columns, n_free = design.columns()[items], len(state.to_vector(design))
    starts = design.row_starts
    rows = curves.log_probabilities(design.family, state.pars, design.categories, starts, design.theta)
    rows[np.repeat(~design.active, design.categories)] = 0.0
    derivative = curves.score_functions(design.family, state.pars, design.categories, starts, design.theta)
    prior = normal_log_weights(design.theta, state.means[group], state.sds[group])
    info, lower = np.zeros((n_free, n_free)), np.zeros((n_free, n_free))
    tables = None
    if isinstance(part, DenseAnswers):
        tables = part.tables(rows[design.group_rows(group)], prior, np.float64)
    for where, block in part.blocks(2048):
        scores, posterior = np.zeros((len(block), n_free)), np.empty((len(block), len(design.theta)))
        if isinstance(part, DenseAnswers) and tables is not None:
            wide = np.empty((len(block), tables.shape[2]))
            posteriors_dense(part.codes[where], tables, wide)
            posterior = wide[:, : len(design.theta)]
            flat = posterior @ derivative.reshape(-1, len(design.theta)).T
            means = flat.reshape(len(block), *derivative.shape[:2])
            _pick_scores(block, starts[items], means, columns, scores)
        else:
            _person_scores(block, starts[items], rows, prior, derivative, columns, scores, posterior)
        if group:
            z = (design.theta - state.means[group]) / state.sds[group]
            first = n_free - 2 * (design.n_groups - 1) + group - 1
            scores[:, first] = posterior @ z / state.sds[group]
            scores[:, first + design.n_groups - 1] = posterior @ (z**2 - 1)
        heads = part.weights[where] if len(part.weights) else np.ones(len(block))
        if (scores == 0).mean() > 0.5:
            _add_sparse_products(scores, heads, lower)
        else:
            info += (scores * heads[:, None]).T @ scores
    return info + np.tril(lower) + np.tril(lower, -1).T


def covariance(
    answers: Sequence[Answers], state: State, design: Design, method: str, threads: int | None
) -> tuple[str, NDArray[np.float64] | None]:
    """Covariance of the free parameters and the method used; None where the information is singular."""
    if method == "auto":
        n_free, n_rows = len(state.to_vector(design)), sum(given.n_rows for given in answers)
        plenty = n_rows >= _PEOPLE_PER_PARAMETER * n_free
        method = "crossprod" if n_free * n_rows > _OBSERVED_WORK and plenty else "observed"
    if method == "none":
        return method, None
    if method == "observed":
        info = observed_information(answers, state, design, threads)
    elif method == "crossprod":
        info = crossprod_information(answers, state, design)
    else:
        raise ValueError(
            f"standard errors {method!r} are not known; choose auto, observed, crossprod or none"
        )
    try:
        np.linalg.cholesky(info)
        return method, np.asarray(np.linalg.inv(info), dtype=np.float64)
    except np.linalg.LinAlgError:
        return method, None


def table_errors(
    state: State, design: Design, cov: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Standard errors of the parameter table, and of the difficulties ``-d / a`` by the delta method."""
    pars = state.pars
    found = np.full(pars.shape, np.nan)
    thresholds = 1 if design.model == "3pl" else design.width - 1
    difficulty = np.full((len(pars), thresholds), np.nan)
    if cov is None:
        return found, difficulty
    table = design.columns()
    used = table >= 0
    found[used] = np.sqrt(np.diag(cov)[table[used]])
    for j, m in np.argwhere(used[:, 1 : thresholds + 1]):
        a, d = pars[j, 0], pars[j, m + 1]
        slope = np.array([d / a**2, -1 / a])
        index = table[j, [0, m + 1]]
        difficulty[j, m] = np.sqrt(slope @ cov[np.ix_(index, index)] @ slope)
    return found, difficulty
