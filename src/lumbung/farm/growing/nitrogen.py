"""Nitrogen as a person decides it: what the soil gives, and which fertiliser on which day.

>>> from lumbung import farm
>>> plan = farm.Nitrogen(farm.SoilNitrogen(55.0), [farm.Application(0, 40), farm.Application("2004-08-05", 60)])
>>> harvest = farm.grow(farm.hyderabad(), "IR72", "EC3", "2004-07-01", production="paddy", nitrogen=plan)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine.nitrogen.parameters import SeasonsNitrogen, lay_out_plans, site_numbers

Ints = npt.NDArray[np.int64]
UNLIMITED = "unlimited"
# Recovery of urea broadcast in split doses: 0.3 in farmers' rice fields of Asia, 0.4 to 0.5 where well timed (Dobermann et
# al. 2002, Field Crops Res. 74, 37-66; Cassman et al. 1996, Field Crops Res. 47, 1-12).
USUAL_RECOVERY = 0.4

# What irrigated rice fields of Asia give in a season, in the mean [kg/ha] (Dobermann et al. 2003, Agron. J. 95, 913-923).
USUAL_SUPPLY = 55.0


def _as_date(when: Any) -> np.datetime64:
    return np.datetime64(when, "D")


class NitrogenError(ValueError):
    """A supply of nitrogen that cannot be, or applications that fall outside their season.

    Examples
    --------
    >>> from lumbung import farm
    >>> try:
    ...     farm.Application(0, 2300)
    ... except farm.NitrogenError as error:
    ...     print(error)
    ...
    an application of 2300 kg/ha of nitrogen: expected 0 to 1000. Nitrogen is meant, not fertiliser: 100 kg of urea hold 46 kg
    """


@dataclass(frozen=True)
class Application:
    """Fertiliser given once: the day, the nitrogen in it, and the share of it that roots can have.

    Parameters
    ----------
    when
        Days after the season's start, or a date.
    amount
        Nitrogen [kg/ha] (46 % of the weight of urea).
    recovery
        Share that becomes available to the crop [-]; the rest is volatilised, leached or denitrified.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import farm
    >>> urea = farm.Application("2004-08-05", 46)  # kg/ha of nitrogen: 100 kg of urea
    >>> urea.day_after(np.datetime64("2004-07-01"))
    35
    """

    when: int | str | date | np.datetime64
    amount: float
    recovery: float = USUAL_RECOVERY

    def __post_init__(self) -> None:
        if not 0.0 <= self.amount <= 1000.0:
            raise NitrogenError(
                f"an application of {self.amount:g} kg/ha of nitrogen: expected 0 to 1000. Nitrogen is meant, not fertiliser: "
                "100 kg of urea hold 46 kg"
            )
        if not 0.0 <= self.recovery <= 1.0:
            raise NitrogenError(f"a recovery of {self.recovery:g}: expected a share from 0 to 1")
        if isinstance(self.when, (int, np.integer)):
            if self.when < 0:
                raise NitrogenError(f"an application {self.when} days after the start: expected 0 or more")
            return
        try:
            missing = np.isnat(_as_date(self.when))
        except ValueError:
            missing = True
        if missing:
            raise NitrogenError(
                f"an application on {self.when!r}: expected days after the start, or a date as 2024-11-20"
            )

    @property
    def dated(self) -> bool:
        """Whether the day is a date, and not a number of days after the start."""
        return not isinstance(self.when, (int, np.integer))

    def day_after(self, start: np.datetime64) -> int:
        """Return the day of the application, counted from the start of a season."""
        if isinstance(self.when, (int, np.integer)):
            return int(self.when)
        return int((_as_date(self.when) - start).astype(int))


@dataclass(frozen=True)
class SoilNitrogen:
    """What a soil gives a crop without fertiliser.

    Parameters
    ----------
    bound
        Nitrogen that becomes available in the course of a season [kg/ha]: about what a crop without fertiliser takes up.
        Irrigated rice fields of Asia give 30 to 100, 55 on average (Dobermann et al. 2003, Agron. J. 95, 913-923).
    released
        Share of it that becomes available in a day [1/d], until it is spent.
    available
        What is there at the start [kg/ha].
    air
        Supply by rain and irrigation water [kg/ha/d].

    Examples
    --------
    >>> from lumbung import farm
    >>> poor, rich = farm.SoilNitrogen(30.0), farm.SoilNitrogen(100.0)
    >>> harvest = farm.grow(
    ...     farm.hyderabad(),
    ...     "IR72",
    ...     "EC3",
    ...     ["2004-07-01"] * 2,
    ...     nitrogen=[farm.Nitrogen(poor), farm.Nitrogen(rich)],
    ...     nitrogen_index=[0, 1],
    ... )
    >>> harvest["TWSO"].round().tolist()  # kg/ha
    [2244.0, 4658.0]
    """

    bound: float
    released: float = 0.01
    available: float = 5.0
    air: float = 0.0

    def numbers(self) -> npt.NDArray[np.float64]:
        """Return it as the engine reads it; raises ParameterError for what is out of range."""
        return site_numbers(
            {
                "NSOILBASE": self.bound,
                "NSOILBASE_FR": self.released,
                "BG_N_SUPPLY": self.air,
                "NAVAILI": self.available,
            }
        )


@dataclass(frozen=True)
class Nitrogen:
    """The supply of nitrogen in a season: a soil, and applications of fertiliser on it.

    Examples
    --------
    >>> from lumbung import farm
    >>> plan = farm.Nitrogen(farm.SoilNitrogen(55.0), [farm.Application(0, 40), farm.Application(35, 60)])
    >>> harvest = farm.grow(farm.hyderabad(), "IR72", "EC3", "2004-07-01", production="paddy", nitrogen=plan)
    >>> harvest["NuptakeTotal"].round().tolist()  # kg/ha
    [96.0]
    """

    soil: SoilNitrogen
    applications: Sequence[Application] = field(default=())


def supply(
    nitrogen: Nitrogen | str | Sequence[Nitrogen | str],
    index: Ints,
    dates: npt.NDArray[np.datetime64],
    longest: Ints,
) -> SeasonsNitrogen:
    """Return the supply of seasons as the engine reads it.

    Parameters
    ----------
    nitrogen
        Supplies, each a :class:`Nitrogen` or "unlimited".
    index, dates, longest
        Shape (seasons,): which supply each season has, its start, and the days after it at which it ends at the latest.

    Raises
    ------
    NitrogenError
        When an application falls before a season's start or after its latest end.
    lumbung.farm.engine.parameters.ParameterError
        When a soil's nitrogen is out of range.
    """
    given = supplies(nitrogen)
    site = np.array([site_numbers(None) if one is None else one.soil.numbers() for one in given])
    plans: list[list[tuple[int, float]]] = []
    plan = np.full(index.size, -1, np.int64)
    for k, one in enumerate(given):
        if one is None or not one.applications:
            continue
        mine = np.flatnonzero(index == k)
        dated = any(application.dated for application in one.applications)
        groups, inverse = (
            np.unique(dates[mine], return_inverse=True) if dated else (dates[:1], np.zeros(mine.size, int))
        )
        for g, start in enumerate(groups):
            here = mine[inverse == g]
            if here.size:
                plan[here] = len(plans)
                outside(one.applications, start, int(longest[here].min()))
                plans.append([(a.day_after(start), a.amount * a.recovery) for a in one.applications])
    first, day, amount = lay_out_plans(plans)
    return SeasonsNitrogen(site[index], plan, first, day, amount)


def supplies(nitrogen: Any) -> list[Nitrogen | None]:
    """Return supplies as a list, None for one without limit.

    Raises
    ------
    NitrogenError
        For anything that is no supply.
    """
    several = [nitrogen] if isinstance(nitrogen, (str, Nitrogen)) else list(nitrogen)
    for one in several:
        if not isinstance(one, Nitrogen) and one != UNLIMITED:
            raise NitrogenError(f'nitrogen: expected a Nitrogen, several, or "{UNLIMITED}"; found {one!r}')
    return [one if isinstance(one, Nitrogen) else None for one in several]


def outside(applications: Sequence[Application], start: np.datetime64, longest: int) -> None:
    """Raise NitrogenError for an application before a season's start, or later than ``longest`` days after it."""
    for application in applications:
        day = application.day_after(start)
        if not 0 <= day <= longest:
            of = f" of the season that starts {start}" if application.dated else ""
            raise NitrogenError(
                f"the application of {application.amount:g} kg/ha on {application.when} falls on day {day}{of}, "
                f"which runs from day 0 to day {longest}: move it into the season"
            )
