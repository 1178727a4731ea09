"""A stock of fish that grows and is fished: surplus production after Schaefer.

M. B. Schaefer, Some aspects of the dynamics of populations important to the management of the commercial marine
fisheries, Bulletin of the Inter-American Tropical Tuna Commission 1(2), 1954, 27-56.
"""

from __future__ import annotations


def next_stock(stock: float, catch: float, *, rate: float, capacity: float, luck: float = 1.0) -> float:
    """Return the stock a year later [kt]: B + r·B·(1 - B/K)·luck - C, and never below nothing.

    Parameters
    ----------
    stock, catch : float
        This year's, B and C [kt].
    rate : float
        Growth of a small stock, r [1/year].
    capacity : float
        What the water can feed, K [kt].
    luck : float
        What the year makes of the growth; 1 in an ordinary one.
    """
    grown = stock + rate * stock * (1 - stock / capacity) * luck
    return max(0.0, grown - catch)


def largest_lasting_catch(*, rate: float, capacity: float) -> float:
    """Return the catch that can be taken each year for ever: r·K/4, from a stock of half the capacity [kt/year]."""
    return rate * capacity / 4
