"""Units as files write them, brought to the record's: one table, so that an unknown unit is refused and never guessed."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

from lumbung.farm.weather.record import WeatherError

Array = npt.NDArray[np.float64]
_TEMPERATURE = {"c": (1.0, 0.0), "degc": (1.0, 0.0), "celsius": (1.0, 0.0), "degree_celsius": (1.0, 0.0),
                "k": (1.0, -273.15), "kelvin": (1.0, -273.15), "f": (5 / 9, -32 * 5 / 9), "degf": (5 / 9, -32 * 5 / 9)}  # fmt: skip
_RADIATION = {"jm-2": 1.0, "jm-2d-1": 1.0, "kjm-2": 1e3, "kjm-2d-1": 1e3, "mjm-2": 1e6, "mjm-2d-1": 1e6, "wm-2": 86400.0,
              "kwhm-2": 3.6e6, "kwhm-2d-1": 3.6e6}  # fmt: skip
_PRESSURE = {"hpa": 1.0, "mbar": 1.0, "kpa": 10.0, "pa": 0.01}
_WIND = {"ms-1": 1.0, "kmh-1": 1 / 3.6, "km/h": 1 / 3.6, "mph": 0.44704, "mp/h": 0.44704, "kn": 1852 / 3600,
         "kt": 1852 / 3600, "kmd-1": 1 / 86.4}  # fmt: skip
_RAIN = {"mm": 1.0, "mmd-1": 1.0, "m": 1e3, "md-1": 1e3, "cm": 10.0, "inch": 25.4, "in": 25.4, "kgm-2": 1.0, "kgm-2d-1": 1.0,
         "kgm-2s-1": 86400.0}  # fmt: skip
_SUNSHINE = {"h": 1.0, "hours": 1.0, "s": 1 / 3600}
KINDS: dict[str, dict[str, tuple[float, float]]] = {
    "temperature": _TEMPERATURE,
    **{
        kind: {unit: (factor, 0.0) for unit, factor in table.items()}
        for kind, table in {
            "radiation": _RADIATION, "pressure": _PRESSURE, "wind": _WIND, "rain": _RAIN, "sunshine": _SUNSHINE,
        }.items()
    },
}  # fmt: skip


def plain(unit: str) -> str:
    """Return a unit in one spelling: ``J m**-2``, ``J/m2``, ``J m^-2`` and ``J·m⁻²`` all become ``jm-2``."""
    text = unit.strip().lower().replace("°", "").replace("²", "2").replace("⁻", "-").replace("¹", "1")
    text = text.replace("**", "").replace("^", "").replace("·", "").replace("kw-hr", "kwh")
    text = re.sub(r"\bday\b", "d", text)
    if text.count("/"):
        head, *below = text.split("/")
        text = head + "".join(
            re.sub(r"^\s*([a-z]+)\s*(\d*)\s*$", lambda m: f"{m[1]}-{m[2] or 1}", part) for part in below
        )
    return re.sub(r"[\s.]+", "", text)


def converted(values: Array, unit: str, kind: str, where: str) -> Array:
    """Return values in the record's unit.

    Parameters
    ----------
    values
    unit
        As the file writes it.
    kind
        Of KINDS.
    where
        What an error begins with.

    Raises
    ------
    WeatherError
        When the unit is none of this kind's; lists those that are.
    """
    found = KINDS[kind].get(plain(unit))
    if found is None:
        raise WeatherError(
            f"{where}: found the unit {unit!r}, expected one of {kind}: {', '.join(sorted(KINDS[kind]))}"
        )
    factor, shift = found
    return values * factor + shift
