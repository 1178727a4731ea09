"""Official yields bring the level of a region: the engine grows fed and healthy crops, statistics count what was harvested.

A table of official yields (as BPS publishes them by regency and year) is held against what the engine grew at the sites of each region in the
same years, from the habitual start. The ratio of the two is drawn towards that of all regions together, the more the fewer its years
and the more they differ among themselves (empirical Bayes; Efron and Morris 1975): a region's three years must not carry its
advice away. Yields are multiplied by the shrunken ratio; what the ratios leave unexplained widens the band.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from lumbung.farm.calendar.season import STARTS, Ensemble, Level
from lumbung.farm.weather.record import WeatherError
from lumbung.farm.weather.tables import decimal_point, rows_of

Array = npt.NDArray[np.float64]
_COLUMNS = {
    "region": ("region", "wilayah", "kabupaten", "kabupaten/kota", "provinsi", "地区", "县市"),
    "year": ("year", "tahun", "年份", "年"),
    "yield": ("yield", "hasil", "produktivitas", "单产", "产量"),
}
MOISTURE = 0.14  # of grain as official yields count it (dry paddy, gabah kering giling)
QUINTALS = 100.0  # kg/ha per quintal a hectare, in which BPS publishes
LEAST_SPREAD = 0.02  # of ratios between years; less would be luck of few years


class OfficialError(ValueError):
    """Official yields that cannot be used; names the line."""


def read_official(path: Path) -> dict[str, dict[int, float]]:
    """Return dry-matter yields [kg/ha] by region and year, from a table with ``region``, ``year``, ``yield``.

    Yields below 200 are taken for quintals a hectare, others for kilograms; both with 14 percent of moisture.

    Raises
    ------
    OfficialError
    """
    try:
        cells = rows_of(path)
    except WeatherError as error:
        raise OfficialError(str(error)) from error
    header = [cell.strip().lower() for cell in (cells[0] if cells else [])]
    at = {}
    for name, words in _COLUMNS.items():
        found = [k for k, cell in enumerate(header) if cell.split("(")[0].split("[")[0].strip() in words]
        if len(found) != 1:
            raise OfficialError(
                f"{path}, line 1: expected the columns region, year and yield, found {', '.join(header)}"
            )
        at[name] = found[0]
    table: dict[str, dict[int, float]] = {}
    for line, row in enumerate(cells[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            region, year = row[at["region"]].strip(), int(row[at["year"]])
            value = float(decimal_point(row[at["yield"]]))
        except (ValueError, IndexError) as error:
            raise OfficialError(f"{path}, line {line}: {error}") from None
        if not region or not 0.0 < value < 20_000.0:
            raise OfficialError(f"{path}, line {line}: expected a region and a yield above 0, found {row}")
        if year in table.setdefault(region, {}):
            raise OfficialError(f"{path}, line {line}: {region} {year} stands in the table already")
        table[region][year] = (value * QUINTALS if value < 200.0 else value) * (1.0 - MOISTURE)
    if not table:
        raise OfficialError(f"{path}: a header but no yield below it")
    return table


def simulated_by_year(ensembles: Sequence[Ensemble], first_period: int) -> dict[int, float]:
    """Return the mean simulated yield [kg/ha] of a region's sites by harvest year, best variety from the habitual start.

    A site without habitual start counts with the mean of all its starts.
    """
    found: dict[int, list[float]] = {}
    for ensemble in ensembles:
        habit = ensemble.site.habitual
        place = (
            slice(None)
            if habit is None
            else slice((habit - first_period) % STARTS, (habit - first_period) % STARTS + 1)
        )
        yields, starts, days = ensemble.yields[:, place], ensemble.starts[place], ensemble.days[:, place]
        if not np.isfinite(yields).any():
            continue
        means = [np.nanmean(v) if np.isfinite(v).any() else -np.inf for v in yields]
        best = int(np.argmax(means))
        for start, year in zip(*np.nonzero(np.isfinite(yields[best])), strict=True):
            harvest = starts[start, year] + int(days[best, start, year])
            found.setdefault(int(str(harvest)[:4]), []).append(float(yields[best, start, year]))
    return {year: float(np.mean(values)) for year, values in found.items()}


def levels(
    official: Mapping[str, Mapping[int, float]], simulated: Mapping[str, Mapping[int, float]]
) -> dict[str, Level]:
    """Return the level of every region that was simulated.

    Parameters
    ----------
    official, simulated
        Yields [kg/ha] by region and year.

    Raises
    ------
    OfficialError
        When no region has a year in both.
    """
    ratios = {
        region: np.array(
            [
                official[region][year] / grown
                for year, grown in years.items()
                if year in official.get(region, {}) and grown > 0.0
            ]
        )
        for region, years in simulated.items()
    }
    known = {region: np.log(values) for region, values in ratios.items() if values.size}
    if not known:
        raise OfficialError(
            f"no region has official and simulated yields of the same year; official: {', '.join(sorted(official))}; "
            f"simulated: {', '.join(sorted(simulated))}"
        )
    several = [values for values in known.values() if values.size > 1]
    freedom = sum(values.size - 1 for values in several)
    within = sum(float(((v - v.mean()) ** 2).sum()) for v in several) / freedom if freedom else 0.0
    within = max(within, LEAST_SPREAD**2)
    means = np.array([v.mean() for v in known.values()])
    errors = np.array([within / v.size for v in known.values()])
    between, centre = _between(means, errors)
    spread = float(np.sqrt(within))
    found = {}
    for region in simulated:
        own = known.get(region)
        if own is None:
            found[region] = Level(float(np.exp(centre)), float("nan"), float(np.sqrt(within + between)), 0)
            continue
        trust = between / (between + within / own.size)
        ratio = float(np.exp(centre + trust * (own.mean() - centre)))
        found[region] = Level(ratio, float(np.exp(own.mean())), spread, int(own.size))
    return found


def _between(means: Array, errors: Array) -> tuple[float, float]:
    """Return the variance of regions around their centre, and the centre (DerSimonian and Laird 1986)."""
    weights = 1.0 / errors
    centre = float((weights * means).sum() / weights.sum())
    excess = float((weights * (means - centre) ** 2).sum()) - (means.size - 1)
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    between = max(excess / scale, 0.0) if scale > 0.0 else 0.0
    weights = 1.0 / (errors + between)
    return between, float((weights * means).sum() / weights.sum())


def at_official_level(
    ensembles: Sequence[Ensemble], official: Mapping[str, Mapping[int, float]], first_period: int
) -> list[Ensemble]:
    """Return ensembles with their yields at the level of their region's official ones.

    A site without a region counts as one of its own, and is drawn wholly to the regions together.

    Raises
    ------
    OfficialError
    """
    by_region: dict[str, list[Ensemble]] = {}
    for ensemble in ensembles:
        by_region.setdefault(ensemble.site.region or ensemble.site.name, []).append(ensemble)
    found = levels(
        official, {region: simulated_by_year(own, first_period) for region, own in by_region.items()}
    )
    out = []
    for ensemble in ensembles:
        level = found[ensemble.site.region or ensemble.site.name]
        out.append(replace(ensemble, yields=ensemble.yields * level.ratio, level=level))
    return out
