"""Linking: put the items of one form on the scale of another through the items they share.

Separate calibrations each set mean 0 and standard deviation 1 for their own people, so the same item has
different numbers. The scales differ by ``theta_to = A theta_from + B``. Four classic ways to find A and B:

- mean-sigma (Marco 1977) and mean-mean (Loyd and Hoover 1980), from moments of b and a;
- Haebara (1980): the curves of each shared item should agree;
- Stocking and Lord (1983): the expected sum score of the shared items should agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lumbung.talent.irt.curves import THREE_PL
from lumbung.talent.irt.parameters import ItemParameters
from lumbung.talent.irt.quadrature import equally_spaced, normal_log_weights

Method = Literal["stocking-lord", "haebara", "mean-sigma", "mean-mean"]
METHODS: tuple[Method, ...] = ("stocking-lord", "haebara", "mean-sigma", "mean-mean")


class LinkingError(ValueError):
    """The forms cannot be linked."""


@dataclass(frozen=True)
class Link:
    """``theta_to = slope * theta_from + shift``.

    Attributes
    ----------
    slope, shift : float
    shared : tuple of str
        Names of the items used.
    worst : float
        Largest difference, over ability and shared items, between the two curves after linking; an item
        that moved (drift) shows here.
    worst_item : str
    """

    slope: float
    shift: float
    shared: tuple[str, ...]
    worst: float
    worst_item: str

    def ability(self, theta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Abilities on the scale linked to."""
        return self.slope * theta + self.shift

    def items(self, items: ItemParameters) -> ItemParameters:
        """Items on the scale linked to."""
        return rescaled(items, self.slope, self.shift)


def rescaled(items: ItemParameters, slope: float, shift: float) -> ItemParameters:
    """Items under ``theta* = slope * theta + shift``: ``a* = a / slope``, ``d* = d - a* shift``."""
    table = items.table.copy()
    table[:, 0] = items.table[:, 0] / slope
    last = 2 if items.family == THREE_PL else table.shape[1]
    used = np.ones((len(items), last - 1), dtype=bool)
    if items.family != THREE_PL:
        used = np.arange(1, last)[None, :] < items.categories[:, None]
    table[:, 1:last] -= np.where(used, table[:, :1] * shift, 0.0)
    return replace(items, table=table)


def _shared(old: ItemParameters, new: ItemParameters) -> tuple[ItemParameters, ItemParameters]:
    places = {name: k for k, name in enumerate(old.names) if old.known[k]}
    pairs = [(places[name], k) for k, name in enumerate(new.names) if name in places and new.known[k]]
    pairs = [(i, k) for i, k in pairs if old.categories[i] == new.categories[k]]
    if len(pairs) < 2:
        raise LinkingError(
            f"linking needs at least two shared items (same name, same number of categories); found {len(pairs)}"
        )
    return old.chosen([i for i, _ in pairs]), new.chosen([k for _, k in pairs])


def _moments(old: ItemParameters, new: ItemParameters, method: Method) -> tuple[float, float]:
    b_old, b_new = np.nanmean(old.difficulties, axis=1), np.nanmean(new.difficulties, axis=1)
    if method == "mean-mean":
        slope = float(new.slopes.mean() / old.slopes.mean())
    else:
        all_old, all_new = old.difficulties, new.difficulties
        slope = float(np.nanstd(all_old) / np.nanstd(all_new))
    return slope, float(b_old.mean() - slope * b_new.mean())


def _expected_scores(items: ItemParameters, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected score of each item at each ability [items, nodes]."""
    rows = items.probabilities(theta)
    worth = np.concatenate([np.arange(c) for c in items.categories]).astype(np.float64)
    return np.add.reduceat(rows * worth[:, None], items.row_starts[:-1], axis=0)


def _loss(
    point: NDArray[np.float64],
    old: ItemParameters,
    new: ItemParameters,
    method: Method,
    theta: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> float:
    slope, shift = float(np.exp(point[0])), float(point[1])
    total = 0.0
    # both directions, so that linking A to B undoes linking B to A
    for target, moved, at in (
        (old, rescaled(new, slope, shift), theta),
        (new, rescaled(old, 1 / slope, -shift / slope), theta),
    ):
        if method == "haebara":
            gap = target.probabilities(at) - moved.probabilities(at)
            total += float((gap**2).sum(axis=0) @ weights)
        else:
            gap = (_expected_scores(target, at) - _expected_scores(moved, at)).sum(axis=0)
            total += float(gap**2 @ weights)
    return total


def link(old: ItemParameters, new: ItemParameters, method: Method = "stocking-lord") -> Link:
    """Find how to move ``new`` to the scale of ``old``.

    Parameters
    ----------
    old, new : ItemParameters
        Two calibrations; items with the same name are taken as the same item.
    method : {"stocking-lord", "haebara", "mean-sigma", "mean-mean"}

    Raises
    ------
    LinkingError
        If fewer than two items are shared or the method is unknown.
    """
    from scipy.optimize import minimize

    if method not in METHODS:
        raise LinkingError(f"method {method!r} is not known; choose one of {', '.join(METHODS)}")
    old, new = _shared(old, new)
    theta = equally_spaced()
    weights = np.exp(normal_log_weights(theta))
    slope, shift = _moments(old, new, "mean-sigma" if method != "mean-mean" else method)
    if method in ("stocking-lord", "haebara"):
        start = np.array([np.log(slope), shift])
        found = minimize(
            _loss, start, (old, new, method, theta, weights), method="BFGS", options={"gtol": 1e-9}
        )
        slope, shift = float(np.exp(found.x[0])), float(found.x[1])
    gaps = np.abs(_expected_scores(old, theta) - _expected_scores(rescaled(new, slope, shift), theta))
    worst = np.abs(gaps).max(axis=1)
    return Link(slope, shift, old.names, float(worst.max()), old.names[int(np.argmax(worst))])
