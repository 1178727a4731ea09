"""The farm: a crop engine that grows a hundred thousand seasons a second, and what to decide with it.

>>> from lumbung import farm
>>> harvest = farm.grow(farm.hyderabad(), "IR72", "EC3", ["2003-07-01", "2004-07-01"], production="paddy")
>>> harvest["TWSO"]  # kg/ha

What costs time to import (numba, for one) is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lumbung.faces import face

if TYPE_CHECKING:
    from lumbung.farm.calendar.season import (
        Decision,
        Ensemble,
        Forecast,
        Site,
        decide,
        grow_ensembles,
        outlook_of,
    )
    from lumbung.farm.growing.crop_parameters import (
        Variety,
        read_crop_yaml,
        varieties,
        variety,
    )
    from lumbung.farm.growing.field import (
        FieldYears,
        Pattern,
        Planting,
        grow_pattern,
        rice_then,
    )
    from lumbung.farm.growing.harvest import (
        Harvest,
        Pond,
        SeasonError,
        every,
        grow,
    )
    from lumbung.farm.growing.nitrogen import (
        Application,
        Nitrogen,
        NitrogenError,
        SoilNitrogen,
    )
    from lumbung.farm.growing.soil_parameters import (
        Soil,
        read_cabo_soil,
        soil,
        soils,
    )
    from lumbung.farm.weather import (
        Climate,
        Weather,
        WeatherError,
        climate_of_normals,
        climates,
        fill_gaps,
        fit_climate,
        generate_weather,
        grid_cell,
        hyderabad,
        nasa_power,
        open_meteo,
        read_bmkg,
        read_cabo,
        read_dssat,
        read_nasa_power,
        read_normals,
        read_open_meteo,
        read_pcse_csv,
        read_weather,
    )

__all__ = [
    "Application",
    "Climate",
    "Decision",
    "Ensemble",
    "FieldYears",
    "Forecast",
    "Harvest",
    "Nitrogen",
    "NitrogenError",
    "Pattern",
    "Planting",
    "Pond",
    "SeasonError",
    "Site",
    "Soil",
    "SoilNitrogen",
    "Variety",
    "Weather",
    "WeatherError",
    "climate_of_normals",
    "climates",
    "decide",
    "every",
    "fill_gaps",
    "fit_climate",
    "generate_weather",
    "grid_cell",
    "grow",
    "grow_ensembles",
    "grow_pattern",
    "hyderabad",
    "nasa_power",
    "open_meteo",
    "outlook_of",
    "read_bmkg",
    "read_cabo",
    "read_cabo_soil",
    "read_crop_yaml",
    "read_dssat",
    "read_nasa_power",
    "read_normals",
    "read_open_meteo",
    "read_pcse_csv",
    "read_weather",
    "rice_then",
    "soil",
    "soils",
    "varieties",
    "variety",
]

__getattr__, __dir__ = face(
    __name__,
    {
        "calendar.season": (
            "Decision",
            "Ensemble",
            "Forecast",
            "Site",
            "decide",
            "grow_ensembles",
            "outlook_of",
        ),
        "growing.crop_parameters": (
            "Variety",
            "read_crop_yaml",
            "varieties",
            "variety",
        ),
        "growing.field": (
            "FieldYears",
            "Pattern",
            "Planting",
            "grow_pattern",
            "rice_then",
        ),
        "growing.harvest": (
            "Harvest",
            "Pond",
            "SeasonError",
            "every",
            "grow",
        ),
        "growing.nitrogen": (
            "Application",
            "Nitrogen",
            "NitrogenError",
            "SoilNitrogen",
        ),
        "growing.soil_parameters": (
            "Soil",
            "read_cabo_soil",
            "soil",
            "soils",
        ),
        "weather": (
            "Climate",
            "Weather",
            "WeatherError",
            "climate_of_normals",
            "climates",
            "fill_gaps",
            "fit_climate",
            "generate_weather",
            "grid_cell",
            "hyderabad",
            "nasa_power",
            "open_meteo",
            "read_bmkg",
            "read_cabo",
            "read_dssat",
            "read_nasa_power",
            "read_normals",
            "read_open_meteo",
            "read_pcse_csv",
            "read_weather",
        ),
    },
)
