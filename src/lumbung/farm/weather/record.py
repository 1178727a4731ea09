"""A daily weather record of one place, and what makes it believable."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class WeatherError(ValueError):
    """Weather that cannot be what it claims to be; the message names file, line or day, and column.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from lumbung import farm
    >>> try:
    ...     replace(farm.hyderabad(), irradiation=farm.hyderabad().irradiation * 10)
    ... except farm.WeatherError as error:
    ...     print(error)
    ...
    Hyderabad: irradiation is 1.74822e+08 J/m2/d on 2000-01-01, outside 0 to 4.5e+07; check the unit of this column (4018 days are outside)
    """


# variable -> (lowest, highest, unit). Tropical days of more than 250 mm are real (257 and 293 mm at Los Baños in 1985
# and 1986); the wettest day on record had 1825 mm.
RANGES: dict[str, tuple[float, float, str]] = {
    "tmin": (-60.0, 60.0, "C"),
    "tmax": (-60.0, 65.0, "C"),
    "irradiation": (0.0, 45e6, "J/m2/d"),
    "vapour_pressure": (0.0, 120.0, "hPa"),
    "wind": (0.0, 100.0, "m/s"),
    "rain": (0.0, 2000.0, "mm/d"),
}
# variable -> its attributes by the CF conventions; units are those of the record.
_CF: dict[str, dict[str, str]] = {
    "tmin": {"standard_name": "air_temperature", "units": "degC", "cell_methods": "time: minimum"},
    "tmax": {"standard_name": "air_temperature", "units": "degC", "cell_methods": "time: maximum"},
    "temperature": {"standard_name": "air_temperature", "units": "degC", "cell_methods": "time: mean"},
    "irradiation": {
        "standard_name": "integral_wrt_time_of_surface_downwelling_shortwave_flux_in_air",
        "units": "J m-2",
        "cell_methods": "time: sum",
    },
    "vapour_pressure": {
        "standard_name": "water_vapor_partial_pressure_in_air",
        "units": "hPa",
        "cell_methods": "time: mean",
    },
    "wind": {
        "standard_name": "wind_speed",
        "units": "m s-1",
        "cell_methods": "time: mean",
        "comment": "at 2 m",
    },
    "rain": {
        "standard_name": "lwe_thickness_of_precipitation_amount",
        "units": "mm",
        "cell_methods": "time: sum",
    },
    "e0": {"long_name": "potential evaporation of open water", "units": "mm", "cell_methods": "time: sum"},
    "es0": {"long_name": "potential evaporation of wet soil", "units": "mm", "cell_methods": "time: sum"},
    "et0": {
        "long_name": "potential evapotranspiration of a reference crop",
        "units": "mm",
        "cell_methods": "time: sum",
    },
}
MISSING = frozenset({"", "-", "--", "NA", "NaN", "nan", "NAN", "null"})
MISSING_NUMBERS = frozenset({-99.0, -99.9, -999.0, -9999.0, 8888.0, 9999.0})
TRACE_CODE = 8888.0  # by which BMKG marks rain that fell but was too little to measure
TRACE_WORD = "TTU"  # the same by observers of rain gauges: tidak terukur
TRACE = 0.1  # mm; what such a day counts as: the least a rain gauge is read to


def number(text: str) -> float:
    """Return a value of a weather file, NaN where it says that there is none.

    Missing is an empty field, a dash, ``NaN`` and their like, -99 and -999, and 9999, by which BMKG marks days without
    an observation. 8888 is missing too, but for rain: there it is a trace, see :func:`rain_number`. No weather
    variable reaches these in its usual unit.

    Raises
    ------
    ValueError
        When the text is none of this.
    """
    text = text.strip()
    if text in MISSING:
        return float("nan")
    value = float(text)
    return float("nan") if value in MISSING_NUMBERS else value


def rain_number(text: str) -> float:
    """Return an amount of rain [mm]: as :func:`number`, but 8888 (a trace) counts as 0.1 mm.

    Raises
    ------
    ValueError
        When the text is no number.
    """
    return TRACE if is_trace(text) else number(text)


def is_trace(text: str) -> bool:
    """Return whether a field of rain says that there was too little to measure."""
    if text.strip().upper() == TRACE_WORD:
        return True
    try:
        return float(text) == TRACE_CODE
    except ValueError:
        return False


@dataclass(frozen=True)
class Step:
    """What was done to values of a record on its way from a file to the engine.

    Attributes
    ----------
    variable
        Of the record, as ``rain``.
    action
        "read", "converted", "estimated", "trace", "filled" or "missing".
    days
        How many days it concerns.
    how
        From what, by which method; with the unit where it was converted.
    """

    variable: str
    action: str
    days: int
    how: str


@dataclass(frozen=True, eq=False)
class Weather:
    """A gapless run of days at one place. A missing value is NaN; seasons that need it are reported, not guessed.

    Attributes
    ----------
    name
        What reports call it.
    latitude, longitude, elevation
        [deg], [deg], [m].
    first_day
        The day of the first value.
    tmin, tmax
        Temperatures [C], shape (days,), as all that follow.
    irradiation
        Global radiation [J/m2/d].
    vapour_pressure
        Actual vapour pressure [hPa].
    wind
        Mean wind speed at 2 m [m/s].
    rain
        [mm/d].
    e0, es0, et0
        Potential evaporation of open water, of wet soil, and of a reference crop [mm/d]; computed where None, with
        ``method`` "PM" (FAO Penman-Monteith) or "P" (Penman) for et0 and the coefficients ``angstrom``.
    temperature
        Daily mean [C]; the mean of tmin and tmax where None.
    source
        Where it came from and what was estimated.
    generated
        True for a series nobody measured; whatever shows it must say so.
    history
        What was read, converted, estimated and filled on the way here.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import farm
    >>> week = farm.Weather(
    ...     "a week",
    ...     -6.6,
    ...     106.8,
    ...     250,
    ...     np.datetime64("2024-01-01"),
    ...     tmin=np.full(7, 22.0),
    ...     tmax=np.full(7, 31.0),
    ...     irradiation=np.full(7, 16e6),
    ...     vapour_pressure=np.full(7, 27.0),
    ...     wind=np.full(7, 1.5),
    ...     rain=np.full(7, 8.0),
    ...     generated=True,
    ... )
    >>> week
    <Weather 'a week' at -6.60, 106.80, 250 m: 2024-01-01 to 2024-01-07, gaps on 0 of 7 days, generated>
    >>> week.to_pandas()["rain"].sum()  # mm
    np.float64(56.0)
    """

    name: str
    latitude: float
    longitude: float
    elevation: float
    first_day: np.datetime64
    tmin: Array
    tmax: Array
    irradiation: Array
    vapour_pressure: Array
    wind: Array
    rain: Array
    e0: Array | None = None
    es0: Array | None = None
    et0: Array | None = None
    temperature: Array | None = None
    angstrom: tuple[float, float] = (0.29, 0.49)
    method: str = "PM"
    source: str = ""
    generated: bool = False
    history: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "first_day", np.asarray(self.first_day, "datetime64[D]")[()])
        names = [*RANGES, *(n for n in ("e0", "es0", "et0", "temperature") if getattr(self, n) is not None)]
        for name in names:
            values = np.ascontiguousarray(getattr(self, name), dtype=np.float64)
            if values.shape != np.shape(self.tmin) or values.ndim != 1:
                raise WeatherError(
                    f"{self.name}: {name} has shape {values.shape}, tmin has {np.shape(self.tmin)}; "
                    "all variables of a record need one value per day"
                )
            object.__setattr__(self, name, values)
        if not -90.0 <= self.latitude <= 90.0:
            raise WeatherError(f"{self.name}: latitude {self.latitude:g} is not between -90 and 90 degrees")
        if self.method not in ("PM", "P"):
            raise WeatherError(
                f'{self.name}: method must be "PM" (Penman-Monteith) or "P" (Penman), found {self.method!r}'
            )
        for name, (low, high, unit) in RANGES.items():
            values = getattr(self, name)
            bad = np.flatnonzero((values < low) | (values > high) | np.isinf(values))
            if bad.size:
                raise WeatherError(
                    f"{self.name}: {name} is {values[bad[0]]:g} {unit} on {self.first_day + bad[0]}, "
                    f"outside {low:g} to {high:g}; check the unit of this column ({bad.size} days are outside)"
                )
        crossed = np.flatnonzero(self.tmin > self.tmax)
        if crossed.size:
            day = crossed[0]
            raise WeatherError(
                f"{self.name}: tmin {self.tmin[day]:g} C is above tmax {self.tmax[day]:g} C "
                f"on {self.first_day + day} ({crossed.size} such days); are the columns swapped?"
            )

    def __repr__(self) -> str:
        made = ", generated" if self.generated else ""
        return (
            f"<Weather {self.name!r} at {self.latitude:.2f}, {self.longitude:.2f}, {self.elevation:.0f} m: "
            f"{self.first_day} to {self.last_day}, gaps on {self.missing_days.size} of {len(self)} days{made}>"
        )

    def __len__(self) -> int:
        return int(self.tmin.size)

    @property
    def last_day(self) -> np.datetime64:
        """The day of the last value."""
        last: np.datetime64 = self.first_day + (len(self) - 1)
        return last

    @cached_property
    def dates(self) -> npt.NDArray[np.datetime64]:
        """All days, shape (days,)."""
        return self.first_day + np.arange(len(self))

    @property
    def day_of_year(self) -> Array:
        """1 to 366, shape (days,)."""
        of_year: Array = (self.dates - self.dates.astype("datetime64[Y]")).astype(np.float64) + 1.0
        return of_year

    @property
    def missing_days(self) -> npt.NDArray[np.datetime64]:
        """The days that lack at least one value."""
        gaps = np.isnan(sum(getattr(self, name) for name in RANGES))
        days: npt.NDArray[np.datetime64] = self.dates[gaps]
        return days

    def to_xarray(self) -> Any:
        """Return the record as an ``xarray.Dataset`` with CF names and units; :func:`lumbung.farm.grid_cell` reads it again.

        Examples
        --------
        >>> from lumbung import farm
        >>> dataset = farm.hyderabad().to_xarray()
        >>> dataset["rain"].attrs["standard_name"], dataset["rain"].attrs["units"]
        ('lwe_thickness_of_precipitation_amount', 'mm')
        """
        import xarray

        given = {name: about for name, about in _CF.items() if getattr(self, name) is not None}
        coordinates = {
            "time": ("time", self.dates.astype("datetime64[ns]"), {"standard_name": "time"}),
            "latitude": ((), self.latitude, {"standard_name": "latitude", "units": "degrees_north"}),
            "longitude": ((), self.longitude, {"standard_name": "longitude", "units": "degrees_east"}),
            "elevation": ((), self.elevation, {"standard_name": "surface_altitude", "units": "m"}),
        }
        about = {
            "Conventions": "CF-1.11",
            "title": self.name,
            "source": self.source,
            "generated": int(self.generated),
        }
        return xarray.Dataset(
            {name: ("time", getattr(self, name), attributes) for name, attributes in given.items()},
            coordinates,
            about,
        )

    def to_pandas(self) -> Any:
        """Return the record as a ``pandas.DataFrame`` by day; units by column are in ``frame.attrs["units"]``."""
        import pandas

        given = {name: about["units"] for name, about in _CF.items() if getattr(self, name) is not None}
        frame = pandas.DataFrame(
            {name: getattr(self, name) for name in given}, index=pandas.Index(self.dates, name="day")
        )
        frame.attrs["units"] = given
        return frame

    def part(self, first: int, last: int) -> Weather:
        """Return the days from ``first`` up to, but without, ``last``, counted from the first day of the record."""
        names = [*RANGES, *(n for n in ("e0", "es0", "et0", "temperature") if getattr(self, n) is not None)]
        cut = {name: getattr(self, name)[first:last] for name in names}
        return replace(self, first_day=self.first_day + first, **cut)

    @cached_property
    def evapotranspiration(self) -> Array:
        """E0, ES0 and ET0 [cm/d], shape (3, days): the record's own where it has them, else computed."""
        from lumbung.farm.engine.batches import evapotranspiration

        given = (self.e0, self.es0, self.et0)
        if all(values is not None for values in given):
            return np.array([values / 10.0 for values in given if values is not None])
        computed = evapotranspiration(
            self.day_of_year,
            self.latitude,
            self.elevation,
            self.tmin,
            self.tmax,
            self.irradiation,
            self.vapour_pressure,
            self.wind,
            self.angstrom,
            self.method,
        )
        return np.array(
            [ours if values is None else values / 10.0 for values, ours in zip(given, computed, strict=True)]
        )

    @cached_property
    def days(self):  # type: ignore[no-untyped-def]
        """The record as the engine reads it (:class:`lumbung.farm.engine.batches.WeatherDays`)."""
        from lumbung.farm.engine.batches import WeatherDays

        e0, es0, et0 = self.evapotranspiration
        mean = (self.tmin + self.tmax) / 2.0 if self.temperature is None else self.temperature
        return WeatherDays(
            int(self.first_day.astype("datetime64[D]").astype(int)),
            self.latitude,
            self.day_of_year,
            self.tmin,
            self.tmax,
            mean,
            self.irradiation,
            self.rain / 10.0,
            e0,
            es0,
            et0,
        )


def on_calendar(
    days: npt.NDArray[np.datetime64], columns: dict[str, Array]
) -> tuple[np.datetime64, dict[str, Any]]:
    """Lay rows that may skip days on a gapless calendar; skipped days become NaN.

    ``days`` must be without repetition, which readers check where they can still name the line.
    """
    first = days.min()
    place = (days - first).astype(int)
    size = int(place.max()) + 1
    out: dict[str, Any] = {}
    for name, values in columns.items():
        out[name] = np.full(size, np.nan)
        out[name][place] = values
    return first, out
