"""What a site costs over its life: building it, and running it for ten years at today's worth.

Prices are the planner's. The defaults are round figures in thousand US dollars, an assumption that every output repeats, so
that a plan can be tried before anybody has been asked for an offer.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

from lumbung.connectivity.siting.candidates import Candidate
from lumbung.connectivity.tables import TableError

HOURS = 8766.0
"""Hours of a year."""


@dataclass(frozen=True)
class Prices:
    """Prices and sizes, in one currency.

    Attributes
    ----------
    life : float
        Years a site is run and paid for.
    discount : float
        What a year's delay takes from the worth of money, e.g. 0.08.
    mast_per_metre, equipment, upkeep : float
        Mast, base station with antennas, and rent and care a year.
    load : float
        Power that the site draws, day and night [W].
    grid_per_km, tariff : float
        Line to the grid, and energy [per kWh].
    panel_per_watt, battery_per_kwh, battery_life : float
        Panels [per W at peak], batteries [per kWh] and the years after which they are replaced.
    sun : float
        Energy of the sun on the panel in a bad month, the worst of ten such months (P90) [kWh/m2 a day].
    performance, autonomy, depth : float
        Share of the panels' peak that arrives, days without sun that batteries bear, and how deep they may be emptied.
    hop, hop_yearly, fibre_per_km, fibre_yearly : float
        A microwave hop, and fibre along a road, with their yearly costs.
    satellite, satellite_yearly, satellite_traffic : float
        A terminal, its service a year, and what it carries [Mbit/s].
    """

    life: float = 10.0
    discount: float = 0.08
    mast_per_metre: float = 1.0
    equipment: float = 40.0
    upkeep: float = 5.0
    load: float = 900.0
    grid_per_km: float = 15.0
    tariff: float = 0.0001
    panel_per_watt: float = 0.0008
    battery_per_kwh: float = 0.25
    battery_life: float = 5.0
    sun: float = 3.8
    performance: float = 0.7
    autonomy: float = 2.0
    depth: float = 0.8
    hop: float = 20.0
    hop_yearly: float = 1.0
    fibre_per_km: float = 10.0
    fibre_yearly: float = 1.0
    satellite: float = 8.0
    satellite_yearly: float = 12.0
    satellite_traffic: float = 60.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 1e-9 if field.name in ("life", "sun", "performance", "depth", "battery_life") else 0.0
            if not least <= value < float("inf"):
                raise TableError(
                    f"prices: {field.name} is {value:g}; expected {'more than' if least else 'at least'} 0"
                )

    def worth(self, yearly: float) -> float:
        """Return today's worth of a yearly payment at the end of each year of a site's life."""
        if self.discount == 0.0:
            return yearly * self.life
        return float(yearly * (1.0 - (1.0 + self.discount) ** -self.life) / self.discount)


def read_prices(path: Path) -> Prices:
    """Read prices from a TOML file of the fields of ``Prices``.

    Raises
    ------
    TableError
        Naming the entry that is not known or no number.
    """
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TableError(f"{path}: cannot be read as TOML ({error})") from error
    known = [field.name for field in fields(Prices)]
    for name, value in entries.items():
        if name not in known:
            raise TableError(f"{path}: {name} is no price known here; expected some of {', '.join(known)}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TableError(f"{path}: {name} is {value!r}; expected a number")
    return Prices(**{name: float(value) for name, value in entries.items()})


class Supply(NamedTuple):
    """How a site gets its power: ``grid`` or ``solar``, panels [W], batteries [kWh], to build and a year."""

    kind: str
    panels: float
    batteries: float
    capex: float
    yearly: float


def solar(prices: Prices) -> Supply:
    """Return the panels and batteries that carry the site's load through a bad month.

    Panels bring in a day what the load takes in a day; batteries bear the days without sun. They are bought anew whenever
    their life ends within the site's, which stands as a yearly cost.
    """
    daily = prices.load * 24.0 / 1000.0
    panels = 1000.0 * daily / (prices.sun * prices.performance)
    batteries = daily * prices.autonomy / prices.depth
    bought = batteries * prices.battery_per_kwh
    again = max(prices.life / prices.battery_life - 1.0, 0.0)
    return Supply(
        "solar", panels, batteries, panels * prices.panel_per_watt + bought, bought * again / prices.life
    )


def power_of(candidate: Candidate, prices: Prices) -> Supply:
    """Return the cheaper supply over the site's life: a line to the grid where its distance is known, or the sun."""
    sun = solar(prices)
    far = candidate.distances.get("grid_km")
    if far is None:
        return sun
    energy = prices.load * HOURS / 1000.0 * prices.tariff
    line = Supply("grid", 0.0, 0.0, far * prices.grid_per_km, energy)
    return min((line, sun), key=lambda supply: supply.capex + prices.worth(supply.yearly))


class Bill(NamedTuple):
    """What a site costs to build and a year, item by item."""

    capex: dict[str, float]
    yearly: dict[str, float]
    supply: Supply

    def total(self, prices: Prices) -> float:
        """Return capex and today's worth of all years."""
        return sum(self.capex.values()) + prices.worth(sum(self.yearly.values()))


def bill(candidate: Candidate, height: float, prices: Prices, backhaul: str) -> Bill:
    """Return what a site of a height with a kind of backhaul (``hop``, ``fibre``, ``satellite``) costs.

    Costs that the candidates' table gives stand; the rest is priced.
    """
    given = candidate.costs
    capex = {
        "tower": given.get("tower", prices.mast_per_metre * height + prices.equipment),
        "land": given.get("land", 0.0),
        "road": given.get("road", 0.0),
    }
    yearly = {"upkeep": prices.upkeep}
    supply = power_of(candidate, prices)
    capex["power"] = given.get("power", supply.capex)
    yearly["power"] = supply.yearly
    if backhaul == "hop":
        capex["backhaul"], yearly["backhaul"] = prices.hop, prices.hop_yearly
    elif backhaul == "fibre":
        capex["backhaul"] = prices.fibre_per_km * candidate.distances["fibre_km"]
        yearly["backhaul"] = prices.fibre_yearly
    else:
        capex["backhaul"], yearly["backhaul"] = prices.satellite, prices.satellite_yearly
    if "backhaul" in given:
        capex["backhaul"] = given["backhaul"]
    return Bill(capex, yearly, supply)
