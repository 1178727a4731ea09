"""Splitting whole people by shares so that none is lost."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


class ApportionError(ValueError):
    """Shares that cannot split people."""


def split(
    people: ArrayLike, shares: NDArray[np.float64], rng: np.random.Generator | None = None
) -> NDArray[np.int64]:
    """Split people over categories.

    Parameters
    ----------
    people : int [cells]
    shares : float64 [cells, categories]
        Each row sums to 1.
    rng : numpy.random.Generator, optional
        Draw a multinomial; by default the largest remainder method (Hamilton), ties to the earlier category.

    Returns
    -------
    int64 [cells, categories]
        Each row sums to that cell's people, exactly.

    Raises
    ------
    ApportionError
        If a count is negative, or shares are negative or do not sum to 1.
    """
    heads = np.asarray(people, dtype=np.int64)
    if (heads < 0).any():
        raise ApportionError(f"people must be at least 0; found {heads.min()}")
    if (shares < -1e-12).any() or (np.abs(shares.sum(axis=-1) - 1) > 1e-9).any():
        raise ApportionError("shares must be at least 0 and sum to 1")
    shares = np.clip(shares, 0.0, None)
    if rng is not None:
        return np.asarray(rng.multinomial(heads, shares / shares.sum(axis=-1, keepdims=True)))
    exact = heads[:, None] * shares
    # a share a hair below a whole number is that number: rounding noise must not cost a person
    whole = np.floor(exact + 1e-6).astype(np.int64)
    short = heads - whole.sum(axis=1)
    order = np.argsort(-(exact - whole), axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(shares.shape[1])[None, :], axis=1)
    whole += rank < short[:, None]
    excess = heads - whole.sum(axis=1)
    if excess.any():  # rounding noise made too many: take them from the largest category
        rows = np.flatnonzero(excess)
        whole[rows, whole[rows].argmax(axis=1)] += excess[rows]
    return np.asarray(whole, dtype=np.int64)


def spread(total: int, weights: ArrayLike) -> NDArray[np.int64]:
    """Spread a total over weights by the largest remainder method.

    Raises
    ------
    ApportionError
        If weights are negative or all 0, or the total is negative.
    """
    parts = np.asarray(weights, dtype=np.float64)
    if (parts < 0).any() or not parts.sum() > 0:
        raise ApportionError("weights must be at least 0 and not all 0")
    return np.asarray(split([total], (parts / parts.sum())[None, :])[0], dtype=np.int64)
