"""Item fit: S-X² of Orlando and Thissen (2000), and its graded form (Kang and Chen 2008).

People are grouped by their sum score, which is observed, and not by estimated ability, which the model made;
the expected share right in each group follows from the recursion of Lord and Wingersky.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt.design import Answers
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import normal_log_weights
from lumbung.talent.irt.sum_scores import sum_score_likelihood

_LEAST_EXPECTED = 1.0


class ItemFitError(ValueError):
    """Item fit cannot be computed from these answers."""


@dataclass(frozen=True)
class ItemFit:
    """S-X² per item.

    Attributes
    ----------
    statistic, degrees, p_value : float64 [items]
        NaN where an item has no parameters or too few groups.
    persons : float
        People with complete answers, on whom it rests.
    """

    statistic: NDArray[np.float64]
    degrees: NDArray[np.float64]
    p_value: NDArray[np.float64]
    persons: float


def _merge_small(observed: NDArray[np.float64], expected: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
    """Merge neighbouring score groups, from both ends towards the middle, until every expected count is at least 1."""
    tables = np.stack([observed, expected])

    def merge(group: int, into: int) -> None:
        nonlocal tables
        tables[:, into] += tables[:, group]
        tables = np.delete(tables, group, axis=1)

    while tables.shape[1] > 1 and tables[1, 0].min() < _LEAST_EXPECTED:
        merge(0, 1)
    while tables.shape[1] > 1 and tables[1, -1].min() < _LEAST_EXPECTED:
        merge(tables.shape[1] - 1, tables.shape[1] - 2)
    group = 1
    while group < tables.shape[1] - 1:
        if tables[1, group].min() < _LEAST_EXPECTED:
            merge(group, group + 1)
        else:
            group += 1
    return tables[0], tables[1]


def _score_tables(answers: Answers, items: ItemParameters) -> tuple[list[NDArray[np.float64]], float]:
    """For each item, people by sum score and answer, among those with complete answers."""
    known = items.known
    top = int((items.categories[known] - 1).sum())
    tables = [np.zeros((top + 1, c)) for c in items.categories]
    total = 0.0
    for where, block in answers.blocks():
        heads = answers.weights[where] if len(answers.weights) else np.ones(len(block))
        complete = (block[:, known] >= 0).all(axis=1)
        block, heads = block[complete], heads[complete]
        sums = block[:, known].sum(axis=1, dtype=np.int64)
        total += heads.sum()
        for j in np.flatnonzero(known):
            c = int(items.categories[j])
            tables[j] += np.bincount(sums * c + block[:, j], heads, minlength=(top + 1) * c).reshape(-1, c)
    return tables, total


def s_x2(answers: Answers, items: ItemParameters, theta: NDArray[np.float64], model: str) -> ItemFit:
    """S-X² of every item.

    Parameters
    ----------
    answers : packed answers
        People who missed an item are passed over.
    items : ItemParameters
    theta : float64 [nodes]
    model : str
        "1pl" counts one parameter per item, otherwise each item's own number.

    Raises
    ------
    ItemFitError
        If nobody has complete answers.
    """
    from scipy.special import gammaincc

    tables, persons = _score_tables(answers, items)
    if persons == 0:
        raise ItemFitError(
            "S-X² groups people by sum score and needs people who answered every item; nobody did"
        )
    known = np.flatnonzero(items.known)
    fitted = items.chosen(known)
    prior = np.exp(normal_log_weights(theta))
    whole = sum_score_likelihood(fitted, theta) @ prior
    curves = fitted.probabilities(theta)
    statistic, degrees = np.full(len(items), np.nan), np.full(len(items), np.nan)
    for place, j in enumerate(known):
        rest = sum_score_likelihood(fitted, theta, without=place)
        c = int(items.categories[j])
        chance = np.zeros((len(whole), c))
        for k in range(c):
            own = curves[fitted.row_starts[place] + k]
            chance[k:, k] = (rest[: len(rest) - k] * (own * prior)).sum(axis=1) / whole[k:]
        inner = slice(c - 1, len(whole) - (c - 1))  # at the ends the sum score decides the answer
        people = tables[j].sum(axis=1)
        used = people[inner] > 0
        observed = tables[j][inner][used]
        expected = (chance * people[:, None])[inner][used]
        if len(observed) < 2:
            continue
        possible = expected.sum(axis=0) >= _LEAST_EXPECTED  # a category nobody used has no counts to compare
        observed, expected, c = observed[:, possible], expected[:, possible], int(possible.sum())
        if c < 2:
            continue
        observed, expected = _merge_small(observed, expected)
        own_parameters = 1 if model == "1pl" else 3 if model == "3pl" else c
        free = len(observed) * (c - 1) - own_parameters
        if free > 0:
            statistic[j], degrees[j] = ((observed - expected) ** 2 / expected).sum(), free
    with np.errstate(invalid="ignore"):
        p_value = np.where(degrees > 0, gammaincc(np.maximum(degrees, 1) / 2, statistic / 2), np.nan)
    return ItemFit(statistic, degrees, p_value, persons)
