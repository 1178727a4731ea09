"""Weather on a grid: an xarray dataset or NetCDF file with dimensions time, latitude, longitude."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.farm.weather.physics import vapour_pressure_of_dew_point
from lumbung.farm.weather.record import Weather, WeatherError, on_calendar

# What the model needs -> names a dataset may use for it (CF standard names first).
_NAMES = {
    "tmin": ("tmin", "tasmin", "t2m_min", "tn", "TMIN"),
    "tmax": ("tmax", "tasmax", "t2m_max", "tx", "TMAX"),
    "irradiation": ("irradiation", "rsds", "ssrd", "IRRAD"),
    "vapour_pressure": ("vapour_pressure", "vap", "VAP"),
    "wind": ("wind", "sfcWind", "ws2m", "WIND"),
    "rain": ("rain", "pr", "tp", "RAIN"),
}
_DEW = ("dew_point", "tdew", "d2m")
# unit as written -> (factor, shift) to the model's.
_UNITS: dict[str, dict[str, tuple[float, float]]] = {
    "tmin": {"degC": (1, 0), "C": (1, 0), "celsius": (1, 0), "K": (1, -273.15)},
    "irradiation": {
        "J m-2": (1, 0),
        "J/m2/d": (1, 0),
        "J m-2 d-1": (1, 0),
        "kJ m-2 d-1": (1e3, 0),
        "MJ m-2 d-1": (1e6, 0),
        "W m-2": (86400, 0),
    },
    "vapour_pressure": {"hPa": (1, 0), "kPa": (10, 0), "Pa": (0.01, 0)},
    "wind": {"m s-1": (1, 0), "m/s": (1, 0)},
    "rain": {
        "mm": (1, 0),
        "mm d-1": (1, 0),
        "mm/d": (1, 0),
        "m": (1e3, 0),
        "cm": (10, 0),
        "kg m-2 s-1": (86400, 0),
    },
}
_UNITS["tmax"] = _UNITS["tmin"]


def _converted(variable: Any, what: str) -> np.ndarray:
    unit = str(variable.attrs.get("units", "")).strip()
    if unit not in _UNITS[what]:
        raise WeatherError(
            f"variable {variable.name}: attribute units is {unit!r}; expected one of {', '.join(_UNITS[what])}"
        )
    factor, shift = _UNITS[what][unit]
    return np.asarray(variable.values, dtype=np.float64) * factor + shift


def _find(dataset: Any, what: str, names: Mapping[str, str]) -> Any:
    wanted = (names[what],) if what in names else _NAMES[what]
    for name in wanted:
        if name in dataset:
            return dataset[name]
    return None


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
        An ``xarray.Dataset`` or the path of a NetCDF file, with coordinates ``time`` (daily), ``latitude`` or ``lat``,
        ``longitude`` or ``lon``. Each variable says its unit in the attribute ``units``. Vapour pressure may be given as
        dew point.
    names
        What the model needs (``tmin``, ``tmax``, ``irradiation``, ``vapour_pressure``, ``wind``, ``rain``) to the name it
        has in the dataset, where that is none of the usual.
    elevation
        Of the place [m].

    Raises
    ------
    WeatherError
        Names the variable, its unit, or the place that lies outside the grid.
    """
    if isinstance(dataset, (str, Path)):
        import xarray

        with xarray.open_dataset(dataset) as opened:
            return grid_cell(opened.load(), latitude, longitude, names=names, elevation=elevation)
    names = names or {}
    at: dict[str, float] = {}
    for wanted, options in ((latitude, ("latitude", "lat")), (longitude, ("longitude", "lon"))):
        name = next((o for o in options if o in dataset.coords), None)
        if name is None:
            raise WeatherError(f"the dataset has no coordinate {' or '.join(options)}")
        values = np.sort(np.asarray(dataset[name].values, dtype=float))
        step = float(np.diff(values).max()) if values.size > 1 else 1.0
        if not values[0] - step <= wanted <= values[-1] + step:
            raise WeatherError(
                f"{name} {wanted:g} lies outside the grid, which reaches from {values[0]:g} to {values[-1]:g}"
            )
        at[name] = wanted
    cell = dataset.sel(at, method="nearest")
    days = np.asarray(cell["time"].values).astype("datetime64[D]")
    if np.unique(days).size != days.size:
        raise WeatherError(
            "the dataset has more than one value per day; take daily means, minima, maxima, sums"
        )
    columns = {}
    for what in _NAMES:
        variable = _find(cell, what, names)
        if variable is None and what == "vapour_pressure":
            dew = next((cell[n] for n in _DEW if n in cell), None)
            if dew is not None:
                columns[what] = vapour_pressure_of_dew_point(_converted(dew, "tmin"))
                continue
        if variable is None:
            raise WeatherError(
                f"the dataset has no variable for {what}; it may be called {', '.join(_NAMES[what])}, "
                f"or say names={{{what!r}: ...}}; found {', '.join(map(str, dataset.data_vars))}"
            )
        columns[what] = _converted(variable, what)
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
    )
