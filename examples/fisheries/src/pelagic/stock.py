"""A stock of small fish by age: it grows, dies, is fished and breeds.

Within a year, natural and fishing mortality act together (Baranov's catch equation: F. I. Baranov, On the question of the
biological basis of fisheries, 1918; R. J. H. Beverton and S. J. Holt, On the dynamics of exploited fish populations, 1957).
Fish grow after von Bertalanffy (1938). What the spawners of a year give is Beverton's and Holt's curve, written
with steepness (P. M. Mace and I. J. Doonan, A generalised bioeconomic simulation model for fish population dynamics, 1988).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

AGES = range(8)  # [year]; the last holds all that are older
HIGHEST = 3.0  # fishing mortality that no fleet exceeds [1/year]


@dataclass(frozen=True)
class Stock:
    """What is known of a stock.

    Attributes
    ----------
    natural_mortality : float
        M [1/year].
    growth, length : float
        Von Bertalanffy's K [1/year] and the length that old fish approach [cm].
    steepness : float
        h: what recruits come at a fifth of the unfished spawners, as a share of the unfished recruits [-], 0.2 to 1.
    recruits : float
        R0: young fish a year without fishing [millions].
    mature, caught : int
        The ages from which fish spawn, and from which they are caught.
    """

    natural_mortality: float
    growth: float
    length: float
    steepness: float
    recruits: float
    mature: int = 1
    caught: int = 1

    @cached_property
    def weights(self) -> list[float]:
        """Of a fish by age, in the middle of its year [g]: a hundredth of the cube of its length [cm]."""
        return [0.01 * (self.length * (1 - math.exp(-self.growth * (age + 0.5)))) ** 3 for age in AGES]

    @cached_property
    def unfished(self) -> list[float]:
        """Fish by age where nobody ever fished [millions]."""
        return self.lasting(0.0, self.recruits)

    def lasting(self, fishing: float, recruits: float) -> list[float]:
        """Return the fish by age [millions] that so many recruits every year keep up under a fishing mortality [1/year]."""
        fish = [recruits]
        for age in AGES[:-1]:
            fish.append(fish[-1] * math.exp(-self.mortality(age, fishing)))
        fish[-1] /= 1 - math.exp(-self.mortality(AGES[-1], fishing))
        return fish

    def mortality(self, age: int, fishing: float) -> float:
        """Return Z = M + F of an age [1/year]."""
        return self.natural_mortality + (fishing if age >= self.caught else 0.0)

    def spawners(self, fish: list[float]) -> float:
        """Return the spawning biomass [kt]."""
        return (
            sum(n * w for n, w, age in zip(fish, self.weights, AGES, strict=True) if age >= self.mature)
            / 1000
        )

    def catch(self, fish: list[float], fishing: float) -> float:
        """Return what a year's fishing mortality lands [kt] (Baranov's equation)."""
        landed = 0.0
        for n, w, age in zip(fish, self.weights, AGES, strict=True):
            if age >= self.caught:
                total = self.mortality(age, fishing)
                landed += fishing / total * n * w * (1 - math.exp(-total))
        return landed / 1000

    def fishing_of(self, fish: list[float], quota: float) -> float:
        """Return the fishing mortality [1/year] that lands a quota [kt], or the highest where there is not so much."""
        if self.catch(fish, HIGHEST) <= quota:
            return HIGHEST
        low, high = 0.0, HIGHEST
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (middle, high) if self.catch(fish, middle) < quota else (low, middle)
        return (low + high) / 2

    def young(self, spawners: float) -> float:
        """Return next year's recruits [millions] of so many spawners [kt] in an ordinary year."""
        h, s0 = self.steepness, self.spawners(self.unfished)
        return 4 * h * self.recruits * spawners / (s0 * (1 - h) + (5 * h - 1) * spawners)

    def a_year_later(self, fish: list[float], fishing: float, luck: float = 1.0) -> list[float]:
        """Return the fish by age [millions] after a year's fishing mortality; luck multiplies the recruits."""
        left = [n * math.exp(-self.mortality(age, fishing)) for n, age in zip(fish, AGES, strict=True)]
        return [self.young(self.spawners(fish)) * luck, *left[:-2], left[-2] + left[-1]]

    @cached_property
    def most_lasting_catch(self) -> float:
        """The maximum sustainable yield [kt/year]: the largest catch of a constant fishing mortality without luck."""
        return max(self.lasting_catch(k / 100) for k in range(1, int(100 * HIGHEST)))

    def lasting_catch(self, fishing: float) -> float:
        """Return the catch of every year [kt] where the stock stands in balance with a fishing mortality [1/year]."""
        h, s0 = self.steepness, self.spawners(self.unfished)
        of_one = self.spawners(self.lasting(fishing, 1.0))  # kt for a million recruits
        recruits = (4 * h * self.recruits * of_one - s0 * (1 - h)) / ((5 * h - 1) * of_one)
        return self.catch(self.lasting(fishing, recruits), fishing) if recruits > 0 else 0.0
