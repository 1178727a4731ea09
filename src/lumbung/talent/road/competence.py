"""From measured abilities to people per level.

A head count says how many; a measured ability says how many *of which level*. A measured ability is not
exact, so a person counts toward each level with the probability that the true ability lies there; counting
point estimates instead would put too many people at both ends.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray


class CompetenceError(ValueError):
    """Abilities, cuts or counts that cannot be turned into levels."""


@dataclass(frozen=True)
class LevelShares:
    """Shares of people by level.

    Attributes
    ----------
    shares : float64 [levels + 1]
        Below the first cut, then at each level.
    standard_error : float64 [levels + 1]
        From sampling people; infinite populations.
    people : int
    """

    shares: NDArray[np.float64]
    standard_error: NDArray[np.float64]
    people: int


def shares_at_levels(mean: float, sd: float, cuts: Sequence[float]) -> NDArray[np.float64]:
    """Shares of a normal ability distribution below the first cut and at each level above."""
    below = np.array([NormalDist(mean, sd).cdf(cut) for cut in cuts])
    return np.diff(np.concatenate([[0.0], below, [1.0]]))


def measured_shares(theta: ArrayLike, standard_error: ArrayLike, cuts: Sequence[float]) -> LevelShares:
    """Shares by level from posterior means and standard deviations of a sample of people.

    Raises
    ------
    CompetenceError
        If arrays differ in length or are empty, an error is not positive, or cuts do not rise.
    """
    from scipy.special import ndtr

    means, errors = np.asarray(theta, float), np.asarray(standard_error, float)
    if means.shape != errors.shape or means.ndim != 1 or not len(means):
        raise CompetenceError(f"expected one error per ability, found {errors.shape} for {means.shape}")
    if not (np.isfinite(means).all() and (errors > 0).all() and np.isfinite(errors).all()):
        raise CompetenceError("abilities must be finite and standard errors positive and finite")
    if any(b <= a for a, b in pairwise(cuts)):
        raise CompetenceError(f"cuts must rise; found {list(cuts)}")
    below = ndtr((np.asarray(cuts)[None, :] - means[:, None]) / errors[:, None])
    ends = np.concatenate([np.zeros((len(means), 1)), below, np.ones((len(means), 1))], axis=1)
    chance = np.diff(ends, axis=1)
    return LevelShares(chance.mean(axis=0), chance.std(axis=0) / np.sqrt(len(means)), len(means))


def ability_of(theta: ArrayLike, standard_error: ArrayLike) -> dict[str, float]:
    """Mean, its standard error, and standard deviation of true ability in the population a sample was drawn from.

    The variance of true ability is that of the posterior means plus the mean posterior variance.
    """
    means, errors = np.asarray(theta, float), np.asarray(standard_error, float)
    if len(means) < 2 or means.shape != errors.shape:
        raise CompetenceError(f"expected at least two abilities with their errors, found {means.shape}")
    sd = float(np.sqrt(means.var() + (errors**2).mean()))
    return {"mean": float(means.mean()), "mean_error": sd / float(np.sqrt(len(means))), "sd": sd}


def read_abilities(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Abilities and standard errors from a CSV with columns ``theta`` and ``standard_error``, as `score` prints it.

    Raises
    ------
    CompetenceError
        If a column is missing or a value is no number, naming the line.
    """
    theta, errors = [], []
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if not {"theta", "standard_error"} <= set(reader.fieldnames or []):
            raise CompetenceError(f"{path}, line 1: expected columns theta and standard_error")
        for number, row in enumerate(reader, start=2):
            try:
                theta.append(float(row["theta"]))
                errors.append(float(row["standard_error"]))
            except (TypeError, ValueError):
                raise CompetenceError(
                    f"{path}, line {number}: found theta {row['theta']!r}, standard_error {row['standard_error']!r}; "
                    "expected numbers"
                ) from None
    return np.array(theta), np.array(errors)


def read_counts(
    path: Path, provinces: Sequence[str], levels: Sequence[str], total: int | None = None
) -> NDArray[np.int64]:
    """Counts of verified credentials per province and level.

    Parameters
    ----------
    path : Path
        CSV with columns ``province,level,people``. A row whose province is ``total`` states the sum of all others.
    total : int, optional
        A total stated elsewhere.

    Returns
    -------
    int64 [provinces, levels]

    Raises
    ------
    CompetenceError
        If a column, province, level or number is wrong (naming the line), a pair appears twice, or a stated
        total differs from the sum: the table is then refused, since nobody can know which of the two is right.
    """
    counts = np.zeros((len(provinces), len(levels)), dtype=np.int64)
    seen: set[tuple[str, str]] = set()
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if not {"province", "level", "people"} <= set(reader.fieldnames or []):
            raise CompetenceError(
                f"{path}, line 1: expected columns province,level,people; found {reader.fieldnames}"
            )
        for number, row in enumerate(reader, start=2):
            people = _people(row["people"], f"{path}, line {number}")
            if row["province"].strip().lower() == "total":
                total = people
                continue
            pair = (row["province"].strip(), row["level"].strip())
            if pair[0] not in provinces or pair[1] not in levels:
                raise CompetenceError(f"{path}, line {number}: unknown province or level {pair}")
            if pair in seen:
                raise CompetenceError(f"{path}, line {number}: {pair} appears twice")
            seen.add(pair)
            counts[list(provinces).index(pair[0]), list(levels).index(pair[1])] = people
    if total is not None and total != counts.sum():
        raise CompetenceError(
            f"{path}: the stated total is {total:,} but the rows sum to {int(counts.sum()):,} "
            f"({int(counts.sum()) - total:+,}); correct the table or leave the total out"
        )
    return counts


def _people(text: str | None, where: str) -> int:
    try:
        people = int((text or "").strip().replace("_", ""))
    except ValueError:
        raise CompetenceError(f"{where}, column people: found {text!r}, expected a whole number") from None
    if people < 0:
        raise CompetenceError(f"{where}, column people: found {people}, expected at least 0")
    return people
