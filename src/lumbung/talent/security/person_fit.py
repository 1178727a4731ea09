"""Person fit: do a person's answers hang together?

``lz`` (Drasgow, Levine and Williams 1985) standardises the log-likelihood of the answers at the person's
ability. With an *estimated* ability it is not standard normal: its variance is too small, so that too few are
found. ``lz*`` (Snijders 2001; for the estimators used here Magis, Raîche and Béland 2012) corrects mean and
variance for the estimation. A low value means hard items right and easy ones wrong: copied answers, a key
leaked in part, a stand-in for some of the time, or a bad day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.talent.irt.ability import score
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.responses import as_categories

_CHUNK = 8192


class PersonFitError(ValueError):
    """Person fit cannot be computed for these items."""


@dataclass(frozen=True)
class PersonFit:
    """Fit of each person.

    Attributes
    ----------
    lz, lz_star : float64 [persons]
        NaN for a person with fewer than 3 answers, or whose answers leave no variance.
    theta : float64 [persons]
        The ability it was computed at.
    """

    lz: NDArray[np.float64]
    lz_star: NDArray[np.float64]
    theta: NDArray[np.float64]

    def flagged(self, level: float = 0.01) -> NDArray[np.bool_]:
        """Persons below the lower ``level`` quantile of the standard normal distribution."""
        from statistics import NormalDist

        with np.errstate(invalid="ignore"):
            return np.asarray(self.lz_star < NormalDist().inv_cdf(level))


def person_fit(
    responses: ArrayLike,
    items: ItemParameters,
    method: Literal["map", "ml"] = "map",
    mean: float = 0.0,
    sd: float = 1.0,
) -> PersonFit:
    """``lz`` and ``lz*`` of each person.

    Parameters
    ----------
    responses : array [persons, items]
        1 right, 0 wrong, negative or NaN not seen.
    items : ItemParameters
        Right/wrong items.
    method : {"map", "ml"}
        Ability estimator; "map" exists for everybody.
    mean, sd : float
        Normal prior of "map".

    Raises
    ------
    PersonFitError
        For graded items.
    """
    if (items.categories > 2).any():
        raise PersonFitError("lz* is given for right/wrong items only")
    answers = as_categories(responses)
    theta = score(answers, items, method, mean=mean, sd=sd).theta
    lz, star = np.empty(len(answers)), np.empty(len(answers))
    for low in range(0, len(answers), _CHUNK):
        part = slice(low, low + _CHUNK)
        pull = (mean - theta[part]) / sd**2 if method == "map" else np.zeros(len(theta[part]))
        lz[part], star[part] = _fit(answers[part], items, theta[part], pull)
    return PersonFit(lz, star, theta)


def _fit(
    answers: NDArray[np.int16], items: ItemParameters, theta: NDArray[np.float64], pull: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Equations 3-8 of Magis et al.; ``pull`` is r0, the prior's part in the estimating equation."""
    used = (answers >= 0) & items.known
    p = np.clip(items.probabilities(theta)[1::2].T, 1e-12, 1 - 1e-12)
    c = np.where(items.known, items.guessing, 0.0)
    slope = np.where(items.known, items.slopes, 0.0) * (p - c) * (1 - p) / (1 - c)
    weight = np.where(used, np.log(p / (1 - p)), 0.0)
    ratio = np.where(used, slope / (p * (1 - p)), 0.0)
    spread = np.where(used, p * (1 - p), 0.0)
    centred = np.where(used, answers - p, 0.0)
    deviation = (centred * weight).sum(axis=1)
    enough = used.sum(axis=1) >= 3
    with np.errstate(divide="ignore", invalid="ignore"):
        lz = deviation / np.sqrt((weight**2 * spread).sum(axis=1))
        factor = (slope * weight * used).sum(axis=1) / (slope * ratio).sum(axis=1)
        tilted = weight - factor[:, None] * ratio
        star = (deviation + factor * pull) / np.sqrt((tilted**2 * spread).sum(axis=1))
    return np.where(enough, lz, np.nan), np.where(enough & np.isfinite(star), star, np.nan)
