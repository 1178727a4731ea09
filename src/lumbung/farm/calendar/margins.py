"""What a season earns: prices, costs, and grain as it is sold.

The engine gives dry matter; grain is sold with moisture in it (dry paddy, *gabah kering giling*: 14 percent). A margin is what the
grain fetches less the costs of the season and of its irrigation, per hectare and in the currency of the prices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
MOISTURE = 0.14


class PriceError(ValueError):
    """Prices that cannot be used."""


@dataclass(frozen=True, eq=False)
class Prices:
    """Prices and costs by crop (``rice``, ``maize``).

    Attributes
    ----------
    grain
        Per kilogram as sold.
    cost
        Per hectare and season, whatever it brings; 0 where a crop is not named.
    water
        Per millimetre of irrigation and hectare.
    moisture
        Share of water in grain as sold.
    """

    grain: Mapping[str, float]
    cost: Mapping[str, float] = field(default_factory=dict)
    water: float = 0.0
    moisture: float = MOISTURE

    def __post_init__(self) -> None:
        for what, values in (("price", self.grain), ("cost", self.cost)):
            for crop, value in values.items():
                if not (isfinite(value) and value >= 0.0):
                    raise PriceError(f"{what} of {crop}: expected a number of at least 0, found {value!r}")
        if not self.grain or not any(self.grain.values()):
            raise PriceError("prices: expected the price of at least one crop above 0")
        if not 0.0 <= self.moisture <= 0.3 or not (isfinite(self.water) and self.water >= 0.0):
            raise PriceError(
                f"prices: moisture lies between 0 and 0.3 and water costs at least 0; found {self.moisture!r}, {self.water!r}"
            )

    def per_kilogram(self, crop: str) -> float:
        """Return what a kilogram of dry matter fetches.

        Raises
        ------
        PriceError
            When the crop has no price.
        """
        if not self.grain.get(crop):
            raise PriceError(f"no price for {crop}; there are {', '.join(self.grain)}")
        return self.grain[crop] / (1.0 - self.moisture)

    def margin(self, crop: str, grain: Array, irrigation: Array) -> Array:
        """Return what seasons earn per hectare, for dry grain [kg/ha] and irrigation [mm]."""
        earned: Array = self.per_kilogram(crop) * grain - self.spent(crop, irrigation)
        return earned

    def spent(self, crop: str, irrigation: Array) -> Array:
        """Return what seasons cost per hectare."""
        out: Array = self.cost.get(crop, 0.0) + self.water * irrigation
        return out

    def grain_for(self, crop: str, margin: float, irrigation: Array) -> Array:
        """Return the dry grain [kg/ha] with which seasons earn just ``margin``."""
        out: Array = (margin + self.spent(crop, irrigation)) / self.per_kilogram(crop)
        return out


def read_prices(prices: Sequence[str], costs: Sequence[str], water: float, moisture: float) -> Prices | None:
    """Return prices from words as ``6500`` (rice) or ``maize=4200``; None where no price is given.

    Raises
    ------
    PriceError
    """
    if not prices:
        if costs or water:
            raise PriceError(
                "costs without a price: say what grain fetches too, as --price 6500 or --price maize=4200"
            )
        return None
    return Prices(_by_crop(prices, "price"), _by_crop(costs, "cost"), water, moisture)


def _by_crop(words: Sequence[str], what: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for word in words:
        crop, mark, value = word.rpartition("=")
        try:
            found[crop.strip().lower() if mark else "rice"] = float(value)
        except ValueError:
            raise PriceError(
                f"{what}: expected a number or CROP=NUMBER as maize=4200, found {word!r}"
            ) from None
    return found
