"""Weather on a grid: NetCDF of ERA5, ERA5-Land, AgERA5 or any other, with dimensions time, latitude, longitude.

Hours become days of the place's own time, an hour to fifteen degrees: minima and maxima of temperature, means of vapour
pressure and wind, sums of radiation and rain. What ERA5 adds up over an hour bears the hour's end; ERA5-Land adds up from
midnight UTC on, and is taken apart again. A day without all its hours is a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.weather.physics import vapour_pressure_of_dew_point, wind_at_2m
from lumbung.farm.weather.record import Step, Weather, WeatherError, on_calendar
from lumbung.farm.weather.units import converted

Array = npt.NDArray[np.float64]
# What the model needs -> names a dataset may use for it (CF standard names first, then AgERA5, ERA5).
_NAMES = {
    "tmin": (
        "tmin",
        "tasmin",
        "t2m_min",
        "mn2t",
        "tn",
        "TMIN",
        "Temperature_Air_2m_Min_24h",
        "Temperature_Air_2m_Min",
    ),
    "tmax": (
        "tmax",
        "tasmax",
        "t2m_max",
        "mx2t",
        "tx",
        "TMAX",
        "Temperature_Air_2m_Max_24h",
        "Temperature_Air_2m_Max",
    ),
    "irradiation": ("irradiation", "rsds", "ssrd", "IRRAD", "Solar_Radiation_Flux"),
    "vapour_pressure": ("vapour_pressure", "vap", "VAP", "Vapour_Pressure_Mean"),
    "wind": ("wind", "ws2m", "WIND"),
    "rain": ("rain", "pr", "tp", "RAIN", "Precipitation_Flux"),
}
_KINDS = {
    "tmin": "temperature", "tmax": "temperature", "irradiation": "radiation", "vapour_pressure": "pressure",
    "wind": "wind", "rain": "rain",
}  # fmt: skip
_DEW = ("dew_point", "tdew", "d2m", "Dew_Point_Temperature_2m_Mean")
_WIND_10M = ("sfcWind", "wind_10m", "si10", "Wind_Speed_10m_Mean")
_TIMES, _LATITUDES, _LONGITUDES = ("time", "valid_time"), ("latitude", "lat"), ("longitude", "lon")


def _named(dataset: Any, options: tuple[str, ...]) -> str:
    for name in options:
        if name in dataset.coords or name in dataset.dims:
            return name
    raise WeatherError(
        f"the dataset has no coordinate {' or '.join(options)}; found {', '.join(map(str, dataset.coords))}"
    )


def _values(variable: Any, kind: str) -> Array:
    values = np.asarray(variable.values, dtype=np.float64)
    if values.ndim != 1:
        raise WeatherError(
            f"variable {variable.name}: expected one value per time, found dimensions {', '.join(map(str, variable.dims))}"
        )
    return converted(
        values, str(variable.attrs.get("units", "")), kind, f"variable {variable.name}, attribute units"
    )


def _first_of(dataset: Any, names: tuple[str, ...]) -> Any:
    return next((dataset[name] for name in names if name in dataset), None)


def open_grid(path: Path | str) -> Any:
    """Open a NetCDF file, or all of a folder (a file per variable, per year, or both), as one dataset in memory.

    Raises
    ------
    WeatherError
    """
    import xarray

    path = Path(path)
    files = (
        sorted(p for p in path.iterdir() if p.suffix.lower() in (".nc", ".nc4")) if path.is_dir() else [path]
    )
    if not files:
        raise WeatherError(f"{path}: no NetCDF file in this folder")
    parts = []
    for file in files:
        try:
            with xarray.open_dataset(file) as opened:
                parts.append(opened.load())
        except (OSError, ValueError) as error:
            raise WeatherError(f"{file}: cannot be read as NetCDF: {error}") from error
    if len(parts) == 1:
        return parts[0]
    try:
        return xarray.combine_by_coords(parts, combine_attrs="drop_conflicts", join="outer")
    except (ValueError, xarray.MergeError) as error:
        raise WeatherError(f"{path}: its {len(files)} NetCDF files do not fit together: {error}") from error


def grid_cell(
    dataset: Any,
    latitude: float,
    longitude: float,
    *,
    names: Mapping[str, str] | None = None,
    elevation: float = 0.0,
) -> Weather:
    """Take the record of the grid cell nearest to a place.

    Parameters
    ----------
    dataset
        An ``xarray.Dataset``, the path of a NetCDF file or of a folder of them, with coordinates ``time`` or ``valid_time``
        (daily or hourly), ``latitude`` or ``lat``, ``longitude`` or ``lon``. Each variable says its unit in the attribute
        ``units``. Vapour pressure may be given as dew point, wind at 10 m as a speed or as ``u10`` and ``v10``.
    names
        What the model needs (``tmin``, ``tmax``, ``irradiation``, ``vapour_pressure``, ``wind``, ``rain``) to the name it
        has in the dataset, where that is none of the usual.
    elevation
        Of the place [m].

    Raises
    ------
    WeatherError
        Names the variable, its unit, or the place that lies outside the grid.

    Examples
    --------
    >>> from lumbung import farm
    >>> dataset = farm.hyderabad().to_xarray()
    >>> farm.grid_cell(dataset, 17.4, 78.3, elevation=545)
    <Weather 'grid 17.40, 78.30' at 17.40, 78.30, 545 m: 2000-01-01 to 2010-12-31, gaps on 0 of 4018 days>
    """
    if isinstance(dataset, (str, Path)):
        dataset = open_grid(dataset)
    lat, lon, time = _named(dataset, _LATITUDES), _named(dataset, _LONGITUDES), _named(dataset, _TIMES)
    at: dict[str, float] = {}
    for wanted, name in ((latitude, lat), (longitude, lon)):
        values = np.sort(np.atleast_1d(np.asarray(dataset[name].values, dtype=float)))
        east = 360.0 if name == lon and values[-1] > 180.0 and wanted < 0.0 else 0.0
        step = float(np.diff(values).max()) if values.size > 1 else 1.0
        if not values[0] - step <= wanted + east <= values[-1] + step:
            raise WeatherError(
                f"{name} {wanted:g} lies outside the grid, which reaches from {values[0]:g} to {values[-1]:g}"
            )
        if name in dataset.dims:
            at[name] = wanted + east
    cell = dataset.sel(at, method="nearest") if at else dataset
    if time in cell.dims:
        cell = cell.sortby(time)
    times = np.atleast_1d(np.asarray(cell[time].values)).astype("datetime64[m]")
    if np.unique(times).size != times.size:
        raise WeatherError(f"coordinate {time}: a time stands twice in the dataset")
    hourly = np.unique(times.astype("datetime64[D]")).size < times.size
    days, columns, steps = (
        _of_hours(cell, times, float(longitude)) if hourly else _of_days(cell, times, names or {})
    )
    first, record = on_calendar(days, columns)
    return Weather(
        f"grid {latitude:.2f}, {longitude:.2f}",
        latitude,
        longitude,
        elevation,
        first,
        **record,
        source=str(dataset.attrs.get("title", "gridded dataset")),
        generated=bool(dataset.attrs.get("generated", 0)),
        history=tuple(steps),
    )


def _of_days(cell: Any, times: Any, names: Mapping[str, str]) -> tuple[Any, dict[str, Array], list[Step]]:
    days = times.astype("datetime64[D]")
    columns, steps = {}, []
    for what in _NAMES:
        variable = _first_of(cell, (names[what],) if what in names else _NAMES[what])
        how = ""
        if variable is not None:
            columns[what] = _values(variable, _KINDS[what])
        elif what == "vapour_pressure" and (variable := _first_of(cell, _DEW)) is not None:
            columns[what], how = vapour_pressure_of_dew_point(_values(variable, "temperature")), ", dew point"
        elif what == "wind" and (variable := _first_of(cell, _WIND_10M)) is not None:
            columns[what], how = wind_at_2m(_values(variable, "wind")), " at 10 m to 2 m"
        elif what == "wind" and "u10" in cell and "v10" in cell:
            variable, how = cell["u10"], ", v10, components of daily means at 10 m to 2 m"
            columns[what] = wind_at_2m(np.hypot(_values(cell["u10"], "wind"), _values(cell["v10"], "wind")))
        else:
            raise WeatherError(
                f"the dataset has no variable for {what}; it may be called {', '.join(_NAMES[what])}, "
                f"or say names={{{what!r}: ...}}; found {', '.join(map(str, cell.data_vars))}"
            )
        steps.append(
            Step(what, "converted", days.size, f"{variable.name} [{variable.attrs.get('units')}]{how}")
        )
    return days, columns, steps


def _of_hours(cell: Any, times: Any, longitude: float) -> tuple[Any, dict[str, Array], list[Step]]:
    for name in ("t2m", "d2m", "u10", "v10", "ssrd", "tp"):
        if name not in cell:
            raise WeatherError(
                f"the dataset has more than one value per day and no variable {name}; hourly weather is read with the names of "
                f"ERA5 (t2m, d2m, u10, v10, ssrd, tp), or take daily means, minima, maxima, sums; found {', '.join(map(str, cell.data_vars))}"
            )
    step = np.diff(times).min()
    if step != np.timedelta64(60, "m"):
        raise WeatherError(f"coordinate time: expected a value per hour or per day, found one per {step}")
    ahead = np.timedelta64(60 * round(longitude / 15.0), "m")
    local = times + ahead
    temperature = _values(cell["t2m"], "temperature")
    vapour = vapour_pressure_of_dew_point(_values(cell["d2m"], "temperature"))
    wind = wind_at_2m(np.hypot(_values(cell["u10"], "wind"), _values(cell["v10"], "wind")))
    light, water = _sums(cell["ssrd"], "radiation"), _sums(cell["tp"], "rain")
    from_midnight = _adds_up_from_midnight(times, light)
    if from_midnight:
        light, water = _taken_apart(times, light), _taken_apart(times, water)
    ended = local - np.timedelta64(60, "m")  # the hour that a sum is of began then
    first = min(local[0], ended[0]).astype("datetime64[D]")
    count = int((max(local[-1], ended[-1]).astype("datetime64[D]") - first).astype(int)) + 1
    whole = {
        "tmin": _by_day(local, temperature, first, count, "min"),
        "tmax": _by_day(local, temperature, first, count, "max"),
        "irradiation": _by_day(ended, light, first, count, "sum"),
        "vapour_pressure": _by_day(local, vapour, first, count, "mean"),
        "wind": _by_day(local, wind, first, count, "mean"),
        "rain": _by_day(ended, np.maximum(water, 0.0), first, count, "sum"),
    }
    days = first + np.arange(count)
    some = np.isfinite(np.array(list(whole.values()))).any(axis=0)
    if not some.any():
        raise WeatherError("no day of the dataset has all its hours")
    kind = "sums from midnight UTC taken apart" if from_midnight else "hourly sums"
    how = {
        "tmin": "t2m, least of 24 hours", "tmax": "t2m, most of 24 hours", "irradiation": f"ssrd, {kind}",
        "vapour_pressure": "d2m, mean of 24 hours", "wind": "u10, v10 at 10 m to 2 m, mean of 24 hours", "rain": f"tp, {kind}",
    }  # fmt: skip
    zone = int(ahead.astype(int)) // 60
    steps = [
        Step(n, "converted", int(np.isfinite(whole[n]).sum()), f"{how[n]}, days of UTC{zone:+d}")
        for n in whole
    ]
    return days[some], {name: values[some] for name, values in whole.items()}, steps


def _sums(variable: Any, kind: str) -> Array:
    """Return an hour's amounts; a unit per second would be a mean and is refused."""
    unit = str(variable.attrs.get("units", ""))
    if "s" in unit.replace("days", "").split() or unit.strip() in (
        "W m-2",
        "W m**-2",
        "kg m-2 s-1",
        "kg m**-2 s**-1",
    ):
        raise WeatherError(
            f"variable {variable.name}, attribute units: found {unit!r}, expected an amount per hour, as J m**-2 or m"
        )
    return _values(variable, kind)


def _adds_up_from_midnight(times: Any, light: Array) -> bool:
    """Tell ERA5-Land, whose sums grow from 01 to 24 h UTC, from ERA5, whose hours stand alone."""
    ended = (times - np.timedelta64(60, "m")).astype("datetime64[D]")
    same_day = (ended[1:] == ended[:-1]) & np.isfinite(light[1:] - light[:-1])
    return bool(same_day.any() and (light[1:] >= light[:-1] - 1.0)[same_day].mean() > 0.98)


def _taken_apart(times: Any, sums: Array) -> Array:
    """Return what each hour adds to a sum that begins anew at midnight UTC; NaN where the hour before is not there."""
    out = np.full(sums.size, np.nan)
    minute = (times - times.astype("datetime64[D]")).astype(int)
    begins = minute == 60
    out[begins] = sums[begins]
    follows = np.flatnonzero(~begins[1:] & (np.diff(times) == np.timedelta64(60, "m"))) + 1
    out[follows] = sums[follows] - sums[follows - 1]
    return out


def _by_day(times: Any, values: Array, first: Any, count: int, how: str) -> Array:
    """Gather hours into days; NaN for a day that has not 24."""
    grid = np.full((count, 24), np.nan)
    place = (times - first.astype("datetime64[m]")).astype(int) // 60
    inside = (place >= 0) & (place < 24 * count)
    grid.reshape(-1)[place[inside]] = values[inside]
    reduced: Array = _GATHER[how](grid, axis=1)
    return reduced  # NaN goes through all four


_GATHER: dict[str, Callable[..., Any]] = {"min": np.min, "max": np.max, "sum": np.sum, "mean": np.mean}
