"""The question: which sites, connected how, from which year on, for the most people at a speed.

A *way* is a site at one height with one kind of backhaul; a *pair* is a place that a cell of a height could serve, with the
share of the cell's time that all its people would need and the traffic they would bring. What stands, stands on: ways
are never taken down. A way over another site needs that site, with a backhaul that carries more than its own, in every
year in which it stands itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class PhasingError(ValueError):
    """A programme that contradicts itself or cannot be met; says which part."""


@dataclass(frozen=True)
class Programme:
    """Everything that is asked.

    Attributes
    ----------
    people : float64 array, shape (places,)
    worth : float64 array, shape (years,)
        What a person at the speed counts in each year, more than 0.
    money : float64 array, shape (years,)
        Of all years up to each one, not falling: what is not spent is kept.
    way_site, way_option : int64 array, shape (ways,)
        Site and option (site at one height) of each way.
    way_cost : float64 array, shape (ways,)
        0 for what stands already.
    way_over : int64 array, shape (ways,)
        Site that must stand for the way's traffic, -1 for none.
    way_carries : bool array, shape (ways,)
        Whether other sites' traffic may run over it.
    way_traffic : float64 array, shape (ways,)
        What its backhaul takes [Mbit/s], infinite where that is no question.
    cell_option : int64 array, shape (cells,)
        Option that each cell belongs to.
    pair_place, pair_cell : int64 array, shape (pairs,)
    pair_time, pair_traffic : float64 array, shape (pairs,)
        Share of the cell's time and traffic [Mbit/s] that all people of the place would need.
    region : int64 array, shape (places,)
        -1 for none.
    floor : float64 array, shape (regions,)
        Share of each region's people that must have the speed in the last year.
    """

    people: Floats
    worth: Floats
    money: Floats
    way_site: Ints
    way_option: Ints
    way_cost: Floats
    way_over: Ints
    way_carries: NDArray[np.bool_]
    way_traffic: Floats
    cell_option: Ints
    pair_place: Ints
    pair_cell: Ints
    pair_time: Floats
    pair_traffic: Floats
    region: Ints
    floor: Floats

    def __post_init__(self) -> None:
        if self.money.shape != self.worth.shape:
            raise PhasingError(
                f"money is given for {self.money.size} years, worth for {self.worth.size}; expected as many"
            )
        if (np.diff(self.money) < 0).any() or (self.money < 0).any():
            raise PhasingError("money: the sum up to each year may not fall or be below 0")
        if (self.way_cost < 0).any():
            raise PhasingError("costs: a way of building a site must not cost less than 0")
        if not ((self.floor >= 0) & (self.floor <= 1)).all():
            raise PhasingError("floors: a region's share of people is 0 to 1")
        if (self.way_over == self.way_site).any():
            raise PhasingError("a site's traffic cannot run over itself")

    @property
    def years(self) -> int:
        return self.worth.size

    @property
    def ways(self) -> int:
        return self.way_cost.size

    @property
    def pairs(self) -> int:
        return self.pair_place.size

    @property
    def options(self) -> int:
        return int(self.way_option.max(initial=-1)) + 1

    @property
    def pair_option(self) -> Ints:
        """Option of each pair's cell."""
        return self.cell_option[self.pair_cell]

    def needed(self) -> Floats:
        """Return the people at the speed that each region must have in the last year."""
        inside = self.region >= 0
        return np.bincount(self.region[inside], self.people[inside], self.floor.size) * self.floor


@dataclass(frozen=True)
class Answer:
    """A programme's answer.

    Attributes
    ----------
    since : int64 array, shape (ways,)
        Year from which each way stands, counted from 0; as many as there are years for never.
    served : float64 array, shape (years, pairs)
        Part of each place's people whom each cell serves.
    value, bound : float
        People-years weighed by worth, and the proven most.
    seconds : float
    """

    since: Ints
    served: Floats
    value: float
    bound: float
    seconds: float

    @property
    def gap(self) -> float:
        """Distance of bound and value as a share of the value."""
        if self.bound <= self.value:
            return 0.0
        return (self.bound - self.value) / self.value if self.value > 0 else np.inf
