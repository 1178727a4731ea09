"""Growing seasons: arrays in, arrays out.

A season is a weather, a variety, a soil, a start and a management. :func:`grow` takes the things themselves once and,
for each season, which of them it uses; :func:`every` writes out all combinations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine import batches
from lumbung.farm.engine import rows as R
from lumbung.farm.engine.nitrogen import rows as N
from lumbung.farm.engine.parameters import SOIL_NUMBERS
from lumbung.farm.growing.columns import attributes
from lumbung.farm.growing.crop_parameters import Variety, variety
from lumbung.farm.growing.fallow import Moistener
from lumbung.farm.growing.nitrogen import Nitrogen, supplies, supply
from lumbung.farm.growing.soil_parameters import Soil
from lumbung.farm.growing.soil_parameters import soil as known_soil
from lumbung.farm.weather.record import Weather

Array = npt.NDArray[np.float64]
PRODUCTION = {"potential": R.POTENTIAL, "water-limited": R.WATER_LIMITED, "paddy": R.PADDY}
STATUS = {
    R.MATURE: "mature",
    R.ENDED: "ended before maturity",
    R.NO_WEATHER: "weather missing",
    R.REFUSED: "refused",
}
LONGEST = 365  # days after its start at which a season ends at the latest, unless said otherwise
MM_PER_CM = 10.0
_DATES = ("DOE", "DOA", "DOM", "DOV")


class SeasonError(ValueError):
    """A season that cannot be grown as asked; the message says which, why, and what to do.

    Examples
    --------
    >>> from lumbung import farm
    >>> try:
    ...     farm.grow(farm.hyderabad(), "IR72", start="2010-12-01")
    ... except farm.SeasonError as error:
    ...     print(error)
    ...
    season 0: the weather ends or has a gap 30 days after its start (2010-12-01), before the season ends (1 of 1 seasons); on_fault="report" grows the others
    """


@dataclass(frozen=True, eq=False)
class Pond:
    """When a paddy is irrigated: water standing lower than ``low`` is brought to ``high``, until stage ``until``.

    ``low`` and ``high`` in mm; ``until`` is a development stage (1 anthesis, 2 maturity).

    Examples
    --------
    >>> from lumbung import farm
    >>> rainfed = farm.grow(farm.hyderabad(), "IR72", "EC3", "2003-07-01", production="paddy")
    >>> flooded = farm.grow(
    ...     farm.hyderabad(), "IR72", "EC3", "2003-07-01", production="paddy", pond=farm.Pond(low=10, high=50)
    ... )
    >>> (flooded["TWSO"] - rainfed["TWSO"]).round().tolist(), flooded["TOTIRR"].round().tolist()  # kg/ha, cm
    ([75.0], [26.0])
    """

    low: float = 10.0
    high: float = 50.0
    until: float = 1.8

    def __post_init__(self) -> None:
        if not 0.0 <= self.low <= self.high:
            raise SeasonError(f"a pond needs 0 <= low <= high; found low {self.low:g}, high {self.high:g} mm")


@dataclass(frozen=True, eq=False)
class Harvest:
    """What seasons brought, one value per season.

    ``harvest["TWSO"]`` is a column by its WOFOST name: weights [kg/ha], water [cm], DVS and LAIMAX [-], RD [cm];
    DOE, DOA, DOM, DOV, DURATION in days after the start, -1 for never. FERTILITY is the share of fertile spikelets
    relative to the usual, GRAIN what they make of TWSO [kg/ha]; LANDPREP the water that saturated an irrigated paddy before
    its start [cm], where that was simulated. Seasons with nitrogen also have [kg N/ha] NuptakeTotal, NfixTotal and
    NlossesTotal (dead tissue), NamountLV, NamountST, NamountSO and NamountRT in the organs, NAVAIL and NSOIL in the soil at
    the end, what came as recovered FERTILISER and BACKGROUND, and what there was at the start, NCROP_START and NSOIL_START.
    ``daily`` holds the daily tables where they were asked for, shape (seasons, days, len(daily_names)), NaN after a
    season's end.

    Examples
    --------
    >>> from lumbung import farm
    >>> harvest = farm.grow(farm.hyderabad(), "IR72", "EC3", ["2003-07-01", "2004-07-01"], production="paddy")
    >>> harvest
    <Harvest: seasons 2, 2003-07-01 to 2004-07-01, mean TWSO 7382 kg/ha>
    >>> harvest["TWSO"].round().tolist()  # kg/ha
    [8504.0, 6260.0]
    >>> harvest.date("DOM")
    array(['2003-10-09', '2004-10-03'], dtype='datetime64[D]')
    >>> harvest.to_xarray()["TWSO"].attrs
    {'units': 'kg ha-1', 'long_name': 'total weight of storage organs'}
    """

    start: npt.NDArray[np.datetime64]
    columns: Mapping[str, npt.NDArray[Any]]
    daily: Array | None = field(default=None, repr=False)
    notes: Mapping[int, str] = field(default_factory=dict, repr=False)
    daily_names: Sequence[str] = field(default=R.DAILY, repr=False)

    def __repr__(self) -> str:
        if not len(self):
            return "<Harvest: no seasons>"
        bad = self.failed
        what = []
        if "TWSO" in self.columns and not bad.all():
            what.append(f"mean TWSO {self['TWSO'][~bad].mean():.0f} kg/ha")
        what += [f"{int(bad.sum())} failed"] if bad.any() else []
        when = f"{self.start.min()}" if len(self) == 1 else f"{self.start.min()} to {self.start.max()}"
        return f"<Harvest: {', '.join([f'seasons {len(self)}', when, *what])}>"

    def __len__(self) -> int:
        return int(self.start.size)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        try:
            return self.columns[name]
        except KeyError:
            raise KeyError(f"{name} was not asked for; there are {', '.join(self.columns)}") from None

    @property
    def failed(self) -> npt.NDArray[np.bool_]:
        """Which seasons could not be grown to an end, for want of weather or because they were refused."""
        bad: npt.NDArray[np.bool_] = self["STATUS"] >= R.NO_WEATHER
        return bad

    def date(self, name: str) -> npt.NDArray[np.datetime64]:
        """Return DOE, DOA, DOM or DOV as dates, and the last day as ``DURATION``; NaT for never."""
        days = self[name]
        known = np.isfinite(days) & (days >= 0)
        out = np.full(days.shape, np.datetime64("NaT", "D"))
        out[known] = self.start[known] + days[known].astype(np.int64)
        return out

    def daily_table(self, season: int) -> dict[str, Array]:
        """Return a season's daily columns by name, from its first day to its last."""
        rows = int(self["DURATION"][season]) + 1
        table = self._tables()
        return {name: table[season, :rows, k] for k, name in enumerate(self.daily_names)}

    def to_xarray(self, *, daily: bool = False) -> Any:
        """Return the seasons as an ``xarray.Dataset``, each variable with ``units`` and ``long_name`` (CF conventions).

        Parameters
        ----------
        daily
            The daily tables, dimensions season and day after the start; else a value per season.

        Raises
        ------
        SeasonError
            When daily tables are wanted that were not asked for.

        Examples
        --------
        >>> from lumbung import farm
        >>> harvest = farm.grow(farm.hyderabad(), "IR72", start=["2003-07-01", "2004-07-01"])
        >>> harvest.to_xarray()["TWSO"].attrs["units"]
        'kg ha-1'
        """
        import xarray

        names = self.daily_names if daily else tuple(self.columns)
        dims = ("season", "day") if daily else ("season",)
        table = self._tables() if daily else None
        variables = {
            name: (dims, self[name] if table is None else table[:, :, k], attributes(name))
            for k, name in enumerate(names)
        }
        coordinates: dict[str, Any] = {
            "start": ("season", self.start.astype("datetime64[ns]"), {"long_name": "first day of the season"})
        }
        if table is not None:
            after = {"units": "d", "long_name": "days after the start"}
            coordinates["day"] = ("day", np.arange(table.shape[1]), after)
        return xarray.Dataset(variables, coordinates, {"Conventions": "CF-1.11", "source": "WOFOST, Lumbung"})

    def to_pandas(self, *, daily: bool = False) -> Any:
        """Return the seasons as a ``pandas.DataFrame``; units by column are in ``frame.attrs["units"]``.

        Parameters
        ----------
        daily
            A row per season and day, up to the season's last; else a row per season.

        Raises
        ------
        SeasonError
            When daily tables are wanted that were not asked for.
        """
        import pandas

        if daily:
            table = self._tables()
            index = pandas.MultiIndex.from_product(
                [range(len(self)), range(table.shape[1])], names=["season", "day"]
            )
            frame = pandas.DataFrame(
                table.reshape(len(index), -1), index=index, columns=list(self.daily_names)
            ).dropna(how="all")
        else:
            frame = pandas.DataFrame(dict(self.columns), index=pandas.Index(self.start, name="start"))
        frame.attrs["units"] = {name: attributes(name)["units"] for name in frame.columns}
        return frame

    def plot(self, column: str = "TWSO", *, axes: Any = None) -> Any:
        """Draw a column: its course by day where daily tables are there and hold it, else a point per season.

        Returns
        -------
        matplotlib.axes.Axes
            Those given, or else pyplot's, labelled with the unit.
        """
        if axes is None:
            import matplotlib.pyplot as plt

            axes = plt.gca()
        about = attributes(column)
        if self.daily is not None and column in self.daily_names:
            for season in range(len(self)):
                axes.plot(self.daily_table(season)[column], label=str(self.start[season]))
            axes.set_xlabel("days after the start")
            axes.legend(title="start")
        else:
            axes.plot(self.start, self[column], "o")
            axes.set_xlabel("start")
        axes.set_ylabel(f"{about['long_name']} [{about['units']}]")
        return axes

    def _tables(self) -> Array:
        if self.daily is None:
            raise SeasonError("no daily tables were asked for; grow with daily=True")
        return self.daily

    def problems(self) -> Iterator[tuple[int, str]]:
        """Yield each failed season with the reason, in words."""
        for k in np.flatnonzero(self.failed):
            note = self.notes.get(int(k))
            if note is None:
                days = self["DURATION"][k] if "DURATION" in self.columns else np.nan
                since = (
                    f"{int(days)} days after its start"
                    if np.isfinite(days) and days > 0
                    else "on its first day"
                )
                note = f"the weather ends or has a gap {since} ({self.start[k]}), before the season ends"
            yield int(k), note


class _Days(Sequence[batches.WeatherDays]):
    """The engine's view of weathers, each made when its turn comes."""

    def __init__(self, weathers: Sequence[Weather], moistener: Moistener | None) -> None:
        self._weathers, self._moistener = weathers, moistener

    def __len__(self) -> int:
        return len(self._weathers)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        weather = self._weathers[index]
        if self._moistener is not None:
            self._moistener.fill(index, weather)
        return weather.days


def every(*sizes: int) -> tuple[npt.NDArray[np.int64], ...]:
    """Return index arrays for all combinations of things counted by ``sizes``, the last running fastest.

    Examples
    --------
    >>> from lumbung import farm
    >>> weather, start = farm.every(2, 3)
    >>> weather.tolist(), start.tolist()
    ([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2])
    """
    return tuple(np.ascontiguousarray(a.ravel()) for a in np.indices(sizes, dtype=np.int64))


def _several(value: Any, lookup: Callable[[str], Any]) -> list[Any]:
    items = [value] if isinstance(value, (str, Variety, Soil)) else list(value)
    return [lookup(item) if isinstance(item, str) else item for item in items]


def _index(values: Any, count: int, seasons: int, what: str) -> npt.NDArray[np.int64]:
    if values is None:
        if count != 1:
            raise SeasonError(f"{count} {what} given: say with {what}_index which one each season uses")
        return np.broadcast_to(np.int64(0), (seasons,))
    index = np.broadcast_to(np.asarray(values, dtype=np.int64), (seasons,))
    if seasons and not (index.min() >= 0 and index.max() < count):
        raise SeasonError(
            f"{what}_index runs from {index.min()} to {index.max()}, but there are {count} {what}"
        )
    return index


def _whole(values: Any, seasons: int, dtype: Any) -> npt.NDArray[Any]:
    return np.broadcast_to(np.asarray(values, dtype=dtype), (seasons,))  # a view: one value costs one


def grow(
    weather: Weather | Sequence[Weather],
    crop: Variety | str | Sequence[Variety | str],
    soil: Soil | str | Sequence[Soil | str] = "EC3",
    start: Any = None,
    *,
    weather_index: Any = None,
    crop_index: Any = None,
    soil_index: Any = None,
    production: str = "potential",
    sowing: Any = False,
    longest: Any = LONGEST,
    until_maturity: Any = True,
    irrigation: Any = None,
    irrigation_index: Any = None,
    initial_water: Any = None,
    pond: Pond | Sequence[Pond | None] | None = None,
    nitrogen: Nitrogen | str | Sequence[Nitrogen | str] | None = None,
    nitrogen_index: Any = None,
    columns: Sequence[str] | None = None,
    daily: bool = False,
    on_fault: str = "raise",
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    dtype: npt.DTypeLike = np.float64,
) -> Harvest:
    """Grow seasons.

    Parameters
    ----------
    weather
        One record or several. A sequence may make its records when indexed; each is asked for once.
    crop, soil
        One or several; names stand for entries of our tables.
    start
        Dates, anything ``numpy.datetime64`` understands; its shape (seasons,) is that of the result.
    weather_index, crop_index, soil_index
        Shape (seasons,): which one each season uses. May be left out where there is one.
    production
        "potential" (only light, temperature and variety limit), "water-limited" (also water, on a freely draining
        soil), "paddy" (water on a puddled, flooded field).
    sowing
        Whether the start is sowing; else it is emergence, or transplanting of varieties whose DVSI says so.
    longest
        Days after the start on which a season ends at the latest.
    until_maturity
        Whether it ends at maturity; else it stands until ``longest``.
    irrigation
        Schedules [mm/d], shape (schedules, days after start) or (days,): water that reaches the soil.
    irrigation_index
        Which schedule each season uses, -1 for none; all use the only one where left out.
    initial_water
        Water above wilting point at the start [mm], one value or one per season. Where None or NaN, a soil that states
        its WAV starts with that; any other starts with what the weather before the start left in a field without a crop
        (:mod:`lumbung.farm.growing.fallow`). "full" is WOFOST's convention: 500 mm where WAV is not stated, and a
        paddy that is saturated.
    pond
        The irrigation rule of a paddy, one or one per season; None leaves it to rain.
    nitrogen
        What soil and fertiliser supply, one or several; "unlimited" lets nothing run short. The seasons are then those of
        WOFOST 8.1, and names of varieties stand for their 8.1 parameters. None grows WOFOST 7.2, which knows no nitrogen.
    nitrogen_index
        Shape (seasons,): which supply each season has. May be left out where there is one.
    columns
        Which columns of the result to keep, all by default; STATUS and DURATION always are.
    daily
        Also return daily tables. They need 152 bytes per season and day, 280 with nitrogen.
    on_fault
        "raise" stops at the first season that cannot be grown; "report" marks it (STATUS, :meth:`Harvest.problems`)
        and grows the rest.
    threads
        All processors by default. The result does not depend on it, to the last bit.
    progress
        Called with the number of seasons finished since the last call.
    dtype
        Of the columns: float32 halves the memory of large results.

    Returns
    -------
    Harvest

    Raises
    ------
    SeasonError
        An argument that does not fit, or, with on_fault="raise", a season that cannot be grown.
    lumbung.farm.growing.nitrogen.NitrogenError
        An application outside its season.
    lumbung.farm.engine.parameters.ParameterError
        A parameter of a variety or soil that is missing or out of range.

    Examples
    --------
    >>> from lumbung import farm
    >>> harvest = farm.grow(farm.hyderabad(), "IR72", "EC3", ["2003-07-01", "2004-07-01"], production="paddy")
    >>> harvest
    <Harvest: seasons 2, 2003-07-01 to 2004-07-01, mean TWSO 7382 kg/ha>
    >>> harvest["TWSO"].round().tolist()  # kg/ha
    [8504.0, 6260.0]
    """
    if production not in PRODUCTION:
        raise SeasonError(f"production must be one of {', '.join(PRODUCTION)}; found {production!r}")
    if on_fault not in ("raise", "report"):
        raise SeasonError(f'on_fault must be "raise" or "report"; found {on_fault!r}')
    if start is None:
        raise SeasonError("no start given: a date, or one per season")
    dates = np.atleast_1d(np.asarray(start, dtype="datetime64[D]"))
    n = dates.size
    weathers = [weather] if isinstance(weather, Weather) else weather
    fed = nitrogen is not None
    crops = _several(crop, lambda name: variety(name, nitrogen=fed))
    _of_one_model(crops, fed)
    soils_ = _several(soil, known_soil)
    which = _index(crop_index, len(crops), n, "crop")
    sown = _whole(sowing, n, bool)
    schedules = (
        np.atleast_2d(np.asarray([[]] if irrigation is None else irrigation, dtype=np.float64)) / MM_PER_CM
    )
    ponds = [pond] * 1 if pond is None or isinstance(pond, Pond) else list(pond)
    seasons = batches.SeasonArrays(
        weather=_index(weather_index, len(weathers), n, "weather"),
        crop=which,
        soil=_index(soil_index, len(soils_), n, "soil"),
        start=dates.astype(np.int64),
        end=_whole(longest, n, np.int64),
        sowing=sown,
        to_maturity=_whole(until_maturity, n, bool),
        irrigation=_schedule_index(irrigation_index, schedules, n),
        initial_water=_given_water(initial_water, n),
        pond_low=_whole([-1.0 if p is None else p.low / MM_PER_CM for p in ponds], n, np.float64),
        pond_high=_whole([0.0 if p is None else p.high / MM_PER_CM for p in ponds], n, np.float64),
        pond_until=_whole([-9.0 if p is None else p.until for p in ponds], n, np.float64),
    )
    if n and seasons.end.min() < 1:
        raise SeasonError(f"longest must be at least 1 day; found {seasons.end.min()}")
    notes = _refusals(dates, sown, crops, which, soils_, seasons.soil, production)
    if notes and on_fault == "raise":
        first = min(notes)
        raise SeasonError(f"season {first} ({dates[first]}): {notes[first]}")
    there_are = (*R.SUMMARY, *N.SUMMARY) if fed else R.SUMMARY
    chosen = list(dict.fromkeys([*(there_are if columns is None else columns), "STATUS", "DURATION"]))
    unknown = [name for name in chosen if name not in there_are]
    if unknown:
        raise SeasonError(f"no column {', '.join(unknown)}; there are {', '.join(there_are)}")
    daily_names = (*R.DAILY, *N.DAILY) if fed else R.DAILY
    table = np.full((n, int(seasons.end.max(initial=0)) + 1, len(daily_names)), np.nan) if daily else None
    grown = np.array(sorted(set(range(n)) - set(notes)), np.int64) if notes else None
    part = table[grown] if table is not None and grown is not None else table
    final = seasons if grown is None else _subset(seasons, grown)
    supplied = None
    if nitrogen is not None:
        at = _index(nitrogen_index, len(supplies(nitrogen)), n, "nitrogen")
        supplied = supply(nitrogen, at, dates, seasons.end)
        supplied = supplied if grown is None else supplied.chosen(grown)
    moistener = None
    if production != "potential" and not isinstance(initial_water, str):
        silent = np.isnan(final.initial_water)
        stated = np.array([s.parameters.get("WAV", np.nan) for s in soils_], np.float64)
        final.initial_water[silent] = stated[final.soil[silent]]
        moistener = Moistener(final, np.isnan(final.initial_water), soils_, production == "paddy")
    result = batches.grow_many(
        _Days(weathers, moistener),
        [c.arrays for c in crops],
        np.array([s.array for s in soils_]),
        schedules if schedules.size else np.zeros((1, 1)),
        final,
        PRODUCTION[production],
        chosen,
        part,
        threads,
        progress,
        dtype,
        supplied,
    )
    if moistener is not None:
        result["LANDPREP"] = moistener.land_preparation.astype(dtype)
    if grown is not None:
        result = _with_refused(result, grown, n)
        if table is not None:
            table[grown] = part
    harvest = Harvest(dates, result, table, notes, daily_names)
    if on_fault == "raise" and n:
        for season, why in harvest.problems():
            raise SeasonError(
                f"season {season}: {why} ({int(harvest.failed.sum())} of {n} seasons); "
                'on_fault="report" grows the others'
            )
    return harvest


def _of_one_model(crops: Sequence[Variety], fed: bool) -> None:
    """Refuse varieties whose parameters are not those of the model asked for."""
    for crop in crops:
        if crop.knows_nitrogen != fed:
            raise SeasonError(
                f"{crop.name} has parameters of WOFOST 7.2, which know no nitrogen: take variety({crop.name!r}, nitrogen=True)"
                if fed
                else f"{crop.name} has parameters of WOFOST 8.1: say what nitrogen there is "
                '(nitrogen=Nitrogen(...), or "unlimited")'
            )


def _given_water(initial_water: Any, n: int) -> Array:
    """Return the initial water [cm] of each season, NaN where it is not given as a number."""
    if initial_water is None or (isinstance(initial_water, str) and initial_water == "full"):
        return np.full(n, np.nan)
    try:
        water = _whole(initial_water, n, np.float64) / MM_PER_CM
    except ValueError:
        raise SeasonError(
            f'initial_water: expected millimetres, one or one per season, or "full"; found {initial_water!r}'
        ) from None
    if n and not (np.isnan(water) | (water >= 0.0)).all():
        raise SeasonError(f"initial_water must not be negative; found {np.nanmin(water) * MM_PER_CM:g} mm")
    out: Array = water
    return out


def _schedule_index(values: Any, schedules: Array, n: int) -> npt.NDArray[np.int64]:
    if values is None:
        if schedules.size and schedules.shape[0] != 1:
            raise SeasonError(
                f"{schedules.shape[0]} irrigation schedules given: say which with irrigation_index"
            )
        return _whole(0 if schedules.size else -1, n, np.int64)
    index = _whole(values, n, np.int64)
    if n and index.max() >= schedules.shape[0]:
        raise SeasonError(
            f"irrigation_index reaches {index.max()}, but there are {schedules.shape[0]} schedules"
        )
    return index


def _refusals(
    dates: npt.NDArray[np.datetime64],
    sown: npt.NDArray[np.bool_],
    crops: Sequence[Variety],
    crop_index: npt.NDArray[np.int64],
    soils: Sequence[Soil],
    soil_index: npt.NDArray[np.int64],
    production: str,
) -> dict[int, str]:
    notes = {int(k): "the start is no date" for k in np.flatnonzero(np.isnat(dates))}
    unsowable = np.array([not crop.can_be_sown for crop in crops])
    for k in np.flatnonzero(sown & unsowable[crop_index]):
        notes[int(k)] = (
            f"{crops[crop_index[k]].name} has TSUMEM = 0: nothing says when it emerges after sowing. "
            "Start it at emergence (sowing=False)"
        )
    if production != "potential":
        for c, s in {(int(c), int(s)) for c, s in _pairs(crop_index, soil_index)}:
            why = _too_deep(crops[c], soils[s], production)
            if why:
                notes.update(
                    dict.fromkeys(map(int, np.flatnonzero((crop_index == c) & (soil_index == s))), why)
                )
    return notes


def _pairs(crop_index: npt.NDArray[np.int64], soil_index: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    most = int(soil_index.max(initial=0)) + 1
    both = np.unique(crop_index * most + soil_index)
    return np.stack([both // most, both % most], axis=1)


def _too_deep(crop: Variety, soil: Soil, production: str) -> str:
    """Say why a variety's first roots do not fit a soil; PCSE stops there too."""
    begin = float(crop.parameters["RDI"])
    numbers = dict(zip(SOIL_NUMBERS, soil.array, strict=True))
    allowed, what = float(numbers["RDMSOL"]), "RDMSOL"
    if production == "paddy" and numbers["PAN_DEPTH"] < allowed:
        allowed, what = float(numbers["PAN_DEPTH"]), "PAN_DEPTH"
    if begin <= allowed:
        return ""
    return (
        f"{crop.name} begins with roots of {begin:g} cm (RDI), {soil.name} allows {allowed:g} cm ({what}); "
        "choose a deeper soil or a variety with shorter first roots"
    )


def _subset(seasons: batches.SeasonArrays, at: npt.NDArray[np.int64]) -> batches.SeasonArrays:
    given: dict[str, Any] = {name: getattr(seasons, name) for name in seasons.__dataclass_fields__}
    picked: dict[str, Any] = {name: v if v is None else v[at] for name, v in given.items()}
    return batches.SeasonArrays(**picked)


def _with_refused(
    result: Mapping[str, npt.NDArray[Any]], grown: npt.NDArray[np.int64], n: int
) -> dict[str, npt.NDArray[Any]]:
    out = {}
    for name, values in result.items():
        out[name] = np.full(n, np.nan, values.dtype)
        out[name][grown] = values
    refused = np.ones(n, bool)
    refused[grown] = False
    out["STATUS"][refused] = R.REFUSED
    out["DURATION"][refused] = 0
    return out
