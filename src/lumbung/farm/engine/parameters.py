"""From named WOFOST parameters to the arrays the kernel reads, with their ranges checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.afgen import LONGEST, interpolate, pieces, points
from lumbung.farm.engine.daily_terms import TEMPERATURE_NUMBERS, TEMPERATURE_TABLES
from lumbung.farm.engine.sterility import NEVER_COLD, NEVER_HOT

Array = npt.NDArray[np.float64]


class ParameterError(ValueError):
    """A crop or soil parameter that is missing or outside its range."""


# name -> (lowest, highest, what it is). Ranges are those physics or the model allow, not those usual.
CROP_NUMBERS: dict[str, tuple[float, float, str]] = {
    "TBASEM": (-10, 30, "lower threshold temperature for emergence [C]"),
    "TEFFMX": (0, 60, "maximum effective temperature for emergence [C]"),
    "TSUMEM": (0, 1e4, "temperature sum from sowing to emergence [C d]"),
    "TSUM1": (1, 1e4, "temperature sum from emergence to anthesis [C d]"),
    "TSUM2": (1, 1e4, "temperature sum from anthesis to maturity [C d]"),
    "IDSL": (0, 2, "0: development by temperature, 1: and day length, 2: and vernalisation"),
    "DLO": (-99, 24, "optimum day length [h]"),
    "DLC": (-99, 24, "critical day length [h]"),
    "DVSI": (-0.1, 2, "development stage at emergence [-]"),
    "DVSEND": (0.1, 2.5, "development stage at harvest [-]"),
    "TDWI": (0, 1e5, "initial dry weight [kg/ha]"),
    "RGRLAI": (0, 1, "maximum relative increase of leaf area [1/C/d]"),
    "SPAN": (0, 1000, "life span of leaves at 35 C [d]"),
    "TBASE": (-10, 34, "lower threshold temperature for ageing of leaves [C]"),
    "PERDL": (0, 1, "maximum relative death rate of leaves by water stress [1/d]"),
    "SPA": (0, 1, "specific area of pods [ha/kg]"),
    "CVL": (0.1, 1, "conversion into leaves [kg/kg]"),
    "CVO": (0.1, 1, "conversion into storage organs [kg/kg]"),
    "CVR": (0.1, 1, "conversion into roots [kg/kg]"),
    "CVS": (0.1, 1, "conversion into stems [kg/kg]"),
    "Q10": (0.5, 5, "increase of respiration with ten degrees [-]"),
    "RML": (0, 1, "relative maintenance of leaves [kg CH2O/kg/d]"),
    "RMO": (0, 1, "relative maintenance of storage organs [kg CH2O/kg/d]"),
    "RMR": (0, 1, "relative maintenance of roots [kg CH2O/kg/d]"),
    "RMS": (0, 1, "relative maintenance of stems [kg CH2O/kg/d]"),
    "RDI": (1, 1000, "initial rooting depth [cm]"),
    "RRI": (0, 100, "daily increase of rooting depth [cm/d]"),
    "RDMCR": (1, 1000, "maximum rooting depth [cm]"),
    "CFET": (0, 5, "correction of transpiration [-]"),
    "DEPNR": (0.5, 5, "crop group number for soil water depletion [-]"),
    "IAIRDU": (0, 1, "1: air ducts in the roots"),
    "IOX": (0, 1, "1: lack of oxygen is simulated"),
    "COLD_BELOW": (NEVER_COLD, 40, "mean temperature below which cold makes spikelets sterile [C]"),
    "HEAT_MIDDLE": (
        20,
        NEVER_HOT,
        "mean of highest temperatures at which half of the spikelets are sterile [C]",
    ),
}
CROP_DEFAULTS = {"IOX": 0.0, "IAIRDU": 0.0, "DVSI": 0.0, "COLD_BELOW": NEVER_COLD, "HEAT_MIDDLE": NEVER_HOT}
# By which the carbon dioxide in the air multiplies AMAXTB, EFFTB and the highest transpiration.
CO2_TABLES = ("CO2AMAXTB", "CO2EFFTB", "CO2TRATB")
VERNALISATION = ("VERNBASE", "VERNSAT", "VERNDVS")

SOIL_NUMBERS: dict[str, tuple[float, float, str]] = {
    "SMW": (0, 0.9, "moisture at wilting point [cm3/cm3]"),
    "SMFCF": (0, 1, "moisture at field capacity [cm3/cm3]"),
    "SM0": (0, 1, "moisture at saturation [cm3/cm3]"),
    "CRAIRC": (0, 1, "critical air content [cm3/cm3]"),
    "SOPE": (0, 1e3, "maximum percolation from the root zone [cm/d]"),
    "KSUB": (0, 1e3, "maximum percolation to the subsoil [cm/d]"),
    "RDMSOL": (10, 1000, "depth to which roots can go [cm]"),
    "IFUNRN": (0, 1, "1: share of rain that does not infiltrate depends on the storm"),
    "NOTINF": (0, 1, "largest share of rain that does not infiltrate [-]"),
    "SSI": (0, 100, "initial surface storage [cm]"),
    "SSMAX": (0, 100, "maximum surface storage [cm]"),
    "SMLIM": (0, 1, "limit to the initial moisture of the root zone [cm3/cm3]"),
    "WAV": (0, 1000, "initial water above wilting point [cm]"),
    "PAN_DEPTH": (5, 100, "depth of the plough pan under a paddy [cm]"),
    "PUDDLED_PERCOLATION": (0, 100, "percolation through the plough pan [cm/d]"),
    "BUND": (0, 100, "height of the bunds of a paddy [cm]"),
}
# A site that says nothing more: all rain infiltrates, no water stands; a paddy with a 25 cm pan, 4 mm/d of
# percolation (Bouman et al. 2007 give 1-5 mm/d for heavy clay) and bunds of 10 cm.
SOIL_DEFAULTS = {
    "RDMSOL": 120.0,
    "IFUNRN": 0.0,
    "NOTINF": 0.0,
    "SSI": 0.0,
    "SSMAX": 0.0,
    "SMLIM": 0.4,
    "WAV": 50.0,
    "PAN_DEPTH": 25.0,
    "PUDDLED_PERCOLATION": 0.4,
    "BUND": 10.0,
    "CRAIRC": 0.06,
}


@dataclass(frozen=True)
class CropNitrogen:
    """What WOFOST 8.1 adds to a variety; see ``engine/nitrogen``."""

    numbers: Array  # (nitrogen.rows.CROP_PARAMETERS,)
    nsllv_x: Array  # (LONGEST,)
    nsllv_y: Array
    nsllv_n: int


@dataclass(frozen=True)
class CropArrays:
    """A variety as the kernel reads it."""

    numbers: Array  # (CROP_PARAMETERS,)
    temperature_numbers: Array  # (len(TEMPERATURE_NUMBERS),)
    pieces: Array  # (pieces, PIECE_WIDTH)
    table_x: Array  # (len(TEMPERATURE_TABLES), LONGEST)
    table_y: Array
    table_n: npt.NDArray[np.int64]
    nitrogen: CropNitrogen | None = None  # what WOFOST 8.1 adds


def checked_number(
    values: Mapping[str, Any], name: str, ranges: Mapping[str, tuple[float, float, str]], whose: str
) -> float:
    """Return a parameter as a number within its range, or raise ParameterError."""
    low, high, what = ranges[name]
    found = values.get(name)
    if found is None:
        raise ParameterError(f"{whose}: {name} is missing: {what}")
    try:
        value = float(found)
    except (TypeError, ValueError):
        raise ParameterError(f"{whose}: {name} must be a number, found {found!r}: {what}") from None
    if not low <= value <= high:
        raise ParameterError(f"{whose}: {name} = {value:g} is outside {low:g} to {high:g}: {what}")
    return value


def _check_partitioning(tables: Mapping[str, tuple[Array, Array]], whose: str) -> None:
    for stage in np.unique(np.concatenate([tables[name][0] for name in ("FRTB", "FLTB", "FSTB", "FOTB")])):
        if not 0.0 <= stage <= 2.0:
            continue
        fr, fl, fs, fo = (
            interpolate(*tables[name], tables[name][0].size, float(stage))
            for name in ("FRTB", "FLTB", "FSTB", "FOTB")
        )
        whole = fr + (fl + fs + fo) * (1.0 - fr)
        if abs(whole - 1.0) >= 1e-4:
            raise ParameterError(
                f"{whose}: at development stage {stage:g} the shares do not add up to 1 but to {whole:.4f} "
                f"(FR {fr:g}, FL {fl:g}, FS {fs:g}, FO {fo:g}); correct FRTB, FLTB, FSTB or FOTB"
            )


def known_crop_parameters() -> set[str]:
    """Return the names of all parameters of a variety that have an effect."""
    return {*CROP_NUMBERS, *VERNALISATION, *R.STAGE_TABLES, *TEMPERATURE_TABLES, *CO2_TABLES, "CO2"}


def co2_factor(values: Mapping[str, Any], table: str, whose: str) -> float:
    """Return the factor of the carbon dioxide in the air by a table; 1 where either is not given."""
    if values.get("CO2") is None or values.get(table) is None:
        return 1.0
    checked_number(values, "CO2", {"CO2": (40, 2000, "carbon dioxide in the air [ppm]")}, whose)
    x, y = points(values[table], f"{whose}: {table}")
    return float(interpolate(x, y, x.size, float(values["CO2"])))


def crop_arrays(values: Mapping[str, Any], whose: str = "crop") -> CropArrays:
    """Check a variety's parameters and lay them out for the kernel.

    Parameters
    ----------
    values
        WOFOST 7.2 parameters by name; tables as AFGEN lists. ``CO2`` [ppm] acts through those of CO2_TABLES that
        are given: on the highest assimilation, the use of light (WOFOST 7.3) and transpiration.
    whose
        What errors should call it.

    Raises
    ------
    ParameterError
        Names the parameter, what was found and what it means.
    afgen.TableError
        Names the table.
    """
    n = {
        name: checked_number({**CROP_DEFAULTS, **values}, name, CROP_NUMBERS, whose) for name in CROP_NUMBERS
    }
    tables = {}
    for name in (*R.STAGE_TABLES, *TEMPERATURE_TABLES):
        table = values.get(name)
        if name == "VERNRTB" and n["IDSL"] < 2:
            table = [0.0, 0.0]
        if table is None:
            raise ParameterError(f"{whose}: table {name} is missing")
        tables[name] = points(table, f"{whose}: {name}")
    _check_partitioning(tables, whose)
    if n["IDSL"] >= 1 and n["DLO"] <= n["DLC"]:
        raise ParameterError(f"{whose}: day length matters (IDSL = {n['IDSL']:g}) but DLO is not above DLC")
    vernalises = n["IDSL"] >= 2
    cold = [0.0, 1.0, 0.0]
    if vernalises:
        for name in VERNALISATION:
            if values.get(name) is None:
                raise ParameterError(f"{whose}: {name} is missing, and IDSL = 2 asks for vernalisation")
        cold = [float(values[name]) for name in VERNALISATION]
    amax, eff, co2 = (co2_factor(values, name, whose) for name in CO2_TABLES)
    for name, factor in (("AMAXTB", amax), ("EFFTB", eff)):
        tables[name] = tables[name][0], tables[name][1] * factor
    air_matters = float(n["IAIRDU"] == 0.0 and n["IOX"] == 1.0)
    numbers = [
        *(n[k] for k in ("TSUMEM", "TSUM1", "TSUM2", "DVSI", "DVSEND")),
        *cold,
        float(vernalises),
        *(n[k] for k in ("TDWI", "RGRLAI", "PERDL", "SPA")),
        *(1.0 / n[k] for k in ("CVL", "CVO", "CVR", "CVS")),
        *(n[k] for k in ("RMR", "RML", "RMS", "RMO", "RDI", "RRI", "RDMCR", "CFET", "DEPNR")),
        co2,
        air_matters,
        n["COLD_BELOW"],
        n["HEAT_MIDDLE"],
    ]
    x = np.zeros((len(TEMPERATURE_TABLES), LONGEST))
    y = np.zeros_like(x)
    count = np.zeros(len(TEMPERATURE_TABLES), np.int64)
    for k, name in enumerate(TEMPERATURE_TABLES):
        tx, ty = tables[name]
        x[k, : tx.size], y[k, : ty.size], count[k] = tx, ty, tx.size
    return CropArrays(
        np.array(numbers),
        np.array([{**n, "TMPF_BY_MEAN": 0.0}[k] for k in TEMPERATURE_NUMBERS]),
        pieces([tables[name] for name in R.STAGE_TABLES], R.EXACT_TABLE),
        x,
        y,
        count,
    )


def soil_array(values: Mapping[str, Any], whose: str = "soil") -> Array:
    """Check a soil's and site's parameters and lay them out for the kernel, shape (SOIL_PARAMETERS,).

    Raises
    ------
    ParameterError
        Names the parameter, what was found and what it means.
    """
    merged = {**SOIL_DEFAULTS, **{k: v for k, v in values.items() if v is not None}}
    n = [checked_number(merged, name, SOIL_NUMBERS, whose) for name in SOIL_NUMBERS]
    smw, smfcf, sm0 = n[:3]
    if not smw < smfcf <= sm0:
        raise ParameterError(
            f"{whose}: moisture must rise from wilting point to field capacity to saturation; "
            f"found SMW {smw:g}, SMFCF {smfcf:g}, SM0 {sm0:g}"
        )
    return np.array(n)


def stack_pieces(crops: Sequence[CropArrays]) -> Array:
    """Return the pieces of all varieties in one array, short ones padded with pieces nothing reaches."""
    longest = max(crop.pieces.shape[0] for crop in crops)
    out = np.zeros((len(crops), longest, R.PIECE_WIDTH))
    out[:, :, 1] = np.inf
    for k, crop in enumerate(crops):
        out[k, : crop.pieces.shape[0]] = crop.pieces
    return out
