"""The farm: a crop engine that grows a hundred thousand seasons a second, and what to decide with it.

>>> from lumbung import farm
>>> harvest = farm.grow(farm.hyderabad(), "IR72", "EC3", ["2003-07-01", "2004-07-01"], production="paddy")
>>> harvest["TWSO"]  # kg/ha

What costs time to import (numba, for one) is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE = {
    "grow": "growing.harvest",
    "every": "growing.harvest",
    "Harvest": "growing.harvest",
    "Pond": "growing.harvest",
    "SeasonError": "growing.harvest",
    "Variety": "growing.crop_parameters",
    "variety": "growing.crop_parameters",
    "varieties": "growing.crop_parameters",
    "read_crop_yaml": "growing.crop_parameters",
    "Soil": "growing.soil_parameters",
    "soil": "growing.soil_parameters",
    "soils": "growing.soil_parameters",
    "read_cabo_soil": "growing.soil_parameters",
    "Weather": "weather",
    "WeatherError": "weather",
    "read_weather": "weather",
    "read_cabo": "weather",
    "read_dssat": "weather",
    "read_pcse_csv": "weather",
    "read_bmkg": "weather",
    "read_nasa_power": "weather",
    "read_open_meteo": "weather",
    "fill_gaps": "weather",
    "nasa_power": "weather",
    "open_meteo": "weather",
    "grid_cell": "weather",
    "hyderabad": "weather",
    "Climate": "weather",
    "fit_climate": "weather",
    "climate_of_normals": "weather",
    "generate_weather": "weather",
    "climates": "weather",
    "read_normals": "weather",
    "Site": "calendar.season",
    "Forecast": "calendar.season",
    "Ensemble": "calendar.season",
    "Decision": "calendar.season",
    "grow_ensembles": "calendar.season",
    "decide": "calendar.season",
    "outlook_of": "calendar.season",
}
__all__ = sorted(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"lumbung.farm.{_WHERE[name]}"), name)
    return value
