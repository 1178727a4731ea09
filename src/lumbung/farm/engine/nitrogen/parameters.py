"""From named WOFOST 8.1 parameters to the arrays the kernel reads, with their ranges checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine.afgen import LONGEST, points
from lumbung.farm.engine.daily_terms import TEMPERATURE_NUMBERS
from lumbung.farm.engine.nitrogen.soil import PLENTY
from lumbung.farm.engine.parameters import (
    CO2_TABLES,
    CropArrays,
    CropNitrogen,
    ParameterError,
    checked_number,
    co2_factor,
    crop_arrays,
)

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# In the order of the rows, but for RGRLAI_FED (RGRLAI of 7.2) and CO2_AMAX (of the table CO2AMAXTB).
CROP_NUMBERS: dict[str, tuple[float, float, str]] = {
    "AMAX_LNB": (0, 100, "leaf nitrogen below which nothing is assimilated [kg/ha leaf]"),
    "AMAX_REF": (0, 200, "highest assimilation of a leaf rich in nitrogen [kg/ha/h]"),
    "AMAX_SLP": (0, 100, "rise of the highest assimilation with leaf nitrogen [kg/h/kg]"),
    "KN": (0.01, 2, "extinction coefficient of nitrogen in the canopy [-]"),
    "NMAXST_FR": (0, 5, "maximum nitrogen concentration of stems relative to leaves [-]"),
    "NMAXRT_FR": (0, 5, "maximum nitrogen concentration of roots relative to leaves [-]"),
    "NMAXSO": (0, 0.5, "maximum nitrogen concentration of storage organs [kg/kg]"),
    "NRESIDLV": (0, 0.5, "residual nitrogen concentration of leaves [kg/kg]"),
    "NRESIDST": (0, 0.5, "residual nitrogen concentration of stems [kg/kg]"),
    "NRESIDRT": (0, 0.5, "residual nitrogen concentration of roots [kg/kg]"),
    "DVS_N_TRANSL": (0, 5, "development stage at which translocation of nitrogen begins [-]"),
    "TCNT": (1, 1000, "time coefficient of the translocation of nitrogen [d]"),
    "NFIX_FR": (0, 1, "share of the demand for nitrogen that is fixed from the air [-]"),
    "RNUPTAKEMAX": (0, 100, "highest uptake of nitrogen [kg/ha/d]"),
    "RGRLAI_MIN": (0, 1, "relative increase of leaf area at the worst want of nitrogen [1/C/d]"),
    "REALLOC_DVS": (0, 10, "development stage at which stems and leaves begin to give dry matter back [-]"),
    "REALLOC_LEAF_FRACTION": (0, 1, "share of leaves that can be given back [-]"),
    "REALLOC_STEM_FRACTION": (0, 1, "share of stems that can be given back [-]"),
    "REALLOC_LEAF_RATE": (0, 1, "share of that given back in a day, leaves [1/d]"),
    "REALLOC_STEM_RATE": (0, 1, "share of that given back in a day, stems [1/d]"),
    "REALLOC_EFFICIENCY": (0, 2, "what storage organs gain of it [kg/kg]"),
}
# A variety that says nothing of reallocation gives nothing back.
CROP_DEFAULTS = {
    "REALLOC_DVS": 10.0,
    "REALLOC_LEAF_FRACTION": 0.0,
    "REALLOC_STEM_FRACTION": 0.0,
    "REALLOC_LEAF_RATE": 0.0,
    "REALLOC_STEM_RATE": 0.0,
    "REALLOC_EFFICIENCY": 0.0,
}
CROP_TABLES = ("NMAXLV_TB", "NSLLV_TB")
SITE_NUMBERS: dict[str, tuple[float, float, str]] = {
    "NSOILBASE": (0, 10_000, "bound soil nitrogen that can become available [kg/ha]"),
    "NSOILBASE_FR": (0, 1, "share of it that becomes available in a day [1/d]"),
    "BG_N_SUPPLY": (0, 100, "supply from air and water [kg/ha/d]"),
    "NAVAILI": (0, 10_000, "available nitrogen at the start [kg/ha]"),
}


@dataclass(frozen=True)
class SeasonsNitrogen:
    """What soil and fertiliser supply in each season, in the order of the seasons."""

    site: Array  # (seasons, N.SITE_NUMBERS)
    plan: Ints  # (seasons,), -1 for none
    plan_first: Ints  # (plans + 1,): where the applications of each plan begin
    plan_day: Ints  # (applications,), days after the start, rising within a plan
    plan_amount: Array  # (applications,), what is recovered [kg/ha]

    def chosen(self, at: Ints) -> SeasonsNitrogen:
        """Return that of some seasons."""
        return replace(self, site=self.site[at], plan=self.plan[at])


def known_nitrogen_parameters() -> set[str]:
    """Return the names of the parameters that 8.1 adds to a variety."""
    return {*CROP_NUMBERS, *CROP_TABLES}


def knows_nitrogen(values: Mapping[str, Any]) -> bool:
    """Return whether a set of parameters is one of WOFOST 8.1."""
    return "NMAXLV_TB" in values


def nitrogen_crop_arrays(values: Mapping[str, Any], whose: str = "crop") -> CropArrays:
    """Check a variety's WOFOST 8.1 parameters and lay them out for the kernel.

    Raises
    ------
    ParameterError
        Names the parameter, what was found and what it means.
    lumbung.farm.engine.afgen.TableError
        Names the table.
    """
    merged = {**CROP_DEFAULTS, **values}
    n = {name: checked_number(merged, name, CROP_NUMBERS, whose) for name in CROP_NUMBERS}
    tables = {}
    for name in CROP_TABLES:
        if values.get(name) is None:
            raise ParameterError(f"{whose}: table {name} is missing")
        tables[name] = points(values[name], f"{whose}: {name}")
    if (tables["NMAXLV_TB"][1] <= 0.0).any():
        raise ParameterError(f"{whose}: NMAXLV_TB: a maximum concentration must be above 0")
    # The place of AMAXTB holds the table of leaf nitrogen, on which carbon dioxide does not act.
    base = {**values, "AMAXTB": values["NMAXLV_TB"], CO2_TABLES[0]: None}
    arrays = crop_arrays(base, whose)
    fed = checked_number(
        values, "RGRLAI", {"RGRLAI": (1e-9, 1, "relative increase of leaf area [1/C/d]")}, whose
    )
    if n["RGRLAI_MIN"] > fed:
        raise ParameterError(f"{whose}: RGRLAI_MIN = {n['RGRLAI_MIN']:g} is above RGRLAI = {fed:g}")
    names = list(CROP_NUMBERS)
    before_co2, before_fed = (
        names[: names.index("NMAXST_FR")],
        names[names.index("NMAXST_FR") : names.index("RGRLAI_MIN")],
    )
    numbers = [
        *(n[k] for k in before_co2),
        co2_factor(values, CO2_TABLES[0], whose),
        *(n[k] for k in before_fed),
        fed,
        *(n[k] for k in names[names.index("RGRLAI_MIN") :]),
    ]
    temperature = arrays.temperature_numbers.copy()
    temperature[TEMPERATURE_NUMBERS.index("TMPF_BY_MEAN")] = 1.0
    x, y = np.zeros(LONGEST), np.zeros(LONGEST)
    tx, ty = tables["NSLLV_TB"]
    x[: tx.size], y[: tx.size] = tx, ty
    return replace(
        arrays,
        temperature_numbers=temperature,
        nitrogen=CropNitrogen(np.array(numbers), x, y, tx.size),
    )


def site_numbers(values: Mapping[str, Any] | None, whose: str = "soil nitrogen") -> Array:
    """Return a season's soil nitrogen as the kernel reads it, shape (N.SITE_NUMBERS,); None is plenty.

    Raises
    ------
    ParameterError
        Names the parameter, what was found and what it means.
    """
    if values is None:
        return np.array([0.0, 0.0, 0.0, 1.0, PLENTY, 0.0])
    base, share, air, there = (checked_number(values, name, SITE_NUMBERS, whose) for name in SITE_NUMBERS)
    return np.array([base, share, air, 0.0, there, base])


def lay_out_plans(plans: Sequence[Sequence[tuple[int, float]]]) -> tuple[Ints, Ints, Array]:
    """Return plan_first, plan_day, plan_amount of applications given as (day after the start, recovered amount)."""
    ordered = [sorted(plan) for plan in plans]
    first = np.cumsum([0, *(len(plan) for plan in ordered)]).astype(np.int64)
    flat = [application for plan in ordered for application in plan]
    days = np.array([day for day, _ in flat], np.int64)
    return first, days, np.array([amount for _, amount in flat], np.float64)
