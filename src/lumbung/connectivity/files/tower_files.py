"""Read towers from a table: where they stand, how high, what antennas they carry and what they send."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lumbung.connectivity.engine.antenna import Antenna, three_sectors
from lumbung.connectivity.engine.cellular import Budget, Carrier, CellularError
from lumbung.connectivity.files.antenna_files import (
    DIPOLE_DBI,
    SUFFIXES,
    AntennaFileError,
    MakersAntenna,
    read_antenna,
)
from lumbung.connectivity.radio.sites import Site
from lumbung.connectivity.tables import LATITUDE, LONGITUDE, TableError, measure, position, read_table

_COLUMNS = {
    "id": ("id", "code", "kode", "tower", "site", "site_id", "mã", "编号"),
    "name": ("name", "nama", "tên", "名称"),
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "height": ("height_m", "height", "antenna_height_m", "heights", "tinggi_m", "tinggi", "挂高", "挂高_m"),
    "height_ft": ("height_ft", "height_feet", "antenna_height_ft"),
    "antenna": ("antenna", "pattern"),
    "gain": ("gain_dbi", "gain"),
    "gain_dbd": ("gain_dbd",),
    "bearing": ("bearing_deg", "bearing", "azimuth_deg", "azimuth", "azimut", "方位角"),
    "downtilt": ("downtilt_deg", "downtilt", "下倾角"),
    "tilt": ("tilt_deg", "tilt"),
    "frequency": ("frequency_mhz", "frequency", "freq_mhz"),
    "frequency_ghz": ("frequency_ghz", "freq_ghz"),
    "frequency_khz": ("frequency_khz", "freq_khz"),
    "bandwidth": ("bandwidth_mhz", "bandwidth"),
    "power": ("power_dbm", "tx_power_dbm"),
    "power_w": ("power_w", "tx_power_w", "power_watt"),
    "power_of_no_unit": ("power", "tx_power", "daya"),
    "eirp": ("eirp_dbm",),
    "technology": ("technology", "tech"),
}
_OTHER_UNITS: dict[str, tuple[tuple[str, Callable[[float], float]], ...]] = {
    "height": (("height_ft", lambda feet: 0.3048 * feet),),
    "gain": (("gain_dbd", lambda over_dipole: over_dipole + DIPOLE_DBI),),
    "frequency": (("frequency_ghz", lambda giga: 1e3 * giga), ("frequency_khz", lambda kilo: 1e-3 * kilo)),
    "power": (("power_w", lambda watt: 30.0 + 10.0 * math.log10(watt) if watt > 0.0 else -math.inf),),
}
"""Columns that tell the same in another unit, and how it is brought to ours."""
_ANTENNAS = ("omni", "sector", "element", "three sectors")
DEFAULT_HEIGHT_M = 40.0


class TowerFileError(ValueError):
    """A table of towers with rows that cannot be used; lists every line."""


@dataclass(frozen=True)
class Towers:
    """The towers of a table, and what has to be said about it: columns not used, separators."""

    sites: tuple[Site, ...]
    notes: tuple[str, ...] = ()


def read_towers(
    path: Path,
    *,
    height: float = DEFAULT_HEIGHT_M,
    carrier: Carrier | None = None,
    budget: Budget | None = None,
) -> Towers:
    """Read towers: columns id, lat(itude), lon(gitude); optional height_m, antenna, gain_dbi, bearing_deg, downtilt_deg,
    frequency_mhz, bandwidth_mhz, power_dbm, technology.

    ``antenna`` is omni, sector, element, "three sectors" or the name of an MSI or PLN file beside the table. A row that
    names none is one sector where it has a bearing, as tables of sectors have, else three sectors. Rows that share an id
    are the antennas of one tower; they must stand at one place and send alike. height_ft, gain_dbd, frequency_ghz,
    frequency_khz, power_w and eirp_dbm are read too.

    Parameters
    ----------
    path : Path
    height : float
        Where the table gives none [m].
    carrier, budget
        What towers send of which the table says nothing else.

    Raises
    ------
    TowerFileError
        Listing every line that cannot be used: a tower left out would change the answer, so none is skipped.
    """
    try:
        table = read_table(path, _COLUMNS, ("id", "latitude", "longitude"))
    except TableError as error:
        raise TowerFileError(str(error)) from error
    sites: dict[str, Site] = {}
    makers: dict[str, MakersAntenna] = {}
    wrong = [f"line {line}: {why}" for line, why in table.torn]
    notes = list(table.notes)
    if "antenna" not in table.columns and table.texts("bearing"):
        notes.append(
            f"{path.name}: no antenna is named: every row with a bearing is taken for one sector looking there"
        )
    if not table.columns & {"height", "height_ft"}:
        notes.append(
            f"{path.name}: has no column of heights: antennas taken to stand {height:g} m above ground"
        )
    for line, cells in table.rows:
        try:
            site = _site(path.parent, cells, height, carrier or Carrier(), budget or Budget(), makers)
            sites[site.id] = _joined(sites.get(site.id), site)
        except ValueError as error:
            wrong.append(f"line {line}: {error}")
    if wrong:
        raise TowerFileError(f"{path}: " + "; ".join(wrong))
    if not sites:
        raise TowerFileError(f"{path}: holds no tower")
    return Towers(tuple(sites.values()), (*notes, *_tilts(makers)))


def _tilts(makers: Mapping[str, MakersAntenna]) -> list[str]:
    return [
        f"{file}: {antenna.name}, {antenna.gain:g} dBi; its electrical tilt is in its pattern, downtilt_deg is the mast's"
        for file, antenna in makers.items()
    ]


def _site(
    folder: Path, cells: Mapping[str, str], height: float, carrier: Carrier, budget: Budget,
    makers: dict[str, MakersAntenna],
) -> Site:  # fmt: skip
    if not cells["id"]:
        raise ValueError("id is empty")
    latitude, longitude = position(cells)
    antennas = _antennas(folder, cells, makers)
    sent, link = _sends(cells, carrier, budget, antennas[0].gain)
    return Site(
        cells["id"], latitude, longitude, _optional(cells, "height", "height_m", 1.0, 3000.0) or height,
        antennas, sent, link,
    )  # fmt: skip


def _optional(cells: Mapping[str, str], wanted: str, name: str, low: float, high: float) -> float | None:
    if cells.get(wanted):
        return measure(name, cells[wanted], low, high)
    for other, ours in _OTHER_UNITS.get(wanted, ()):
        if cells.get(other):
            value = ours(measure(other, cells[other]))
            if not low <= value <= high:
                raise ValueError(f"{other} is {cells[other]}, {name} {value:g}; expected {low:g} to {high:g}")
            return value
    return None


def _antennas(
    folder: Path, cells: Mapping[str, str], makers: dict[str, MakersAntenna]
) -> tuple[Antenna, ...]:
    bearing = _optional(cells, "bearing", "bearing_deg", -360.0, 360.0)
    kind = cells.get("antenna") or ("three sectors" if bearing is None else "sector")
    downtilt = _optional(cells, "downtilt", "downtilt_deg", -90.0, 90.0)
    if downtilt is None:
        downtilt = _optional(cells, "tilt", "tilt", -90.0, 90.0)
        if downtilt is not None and downtilt < 0.0:
            raise ValueError(
                f"tilt is {downtilt:g}: some write a beam turned down so, others one turned up; call the column "
                "downtilt_deg and write down as positive"
            )
    gain = _optional(cells, "gain", "gain_dbi", -30.0, 60.0)
    if kind.lower().endswith(SUFFIXES):
        if kind not in makers:
            try:
                makers[kind] = read_antenna(folder / kind)
            except AntennaFileError as error:
                raise ValueError(str(error)) from error
        return (makers[kind].mounted(bearing or 0.0, downtilt or 0.0, gain),)
    kind = kind.lower()
    if kind == "three sectors":
        return tuple(
            three_sectors(
                bearing or 0.0, 15.0 if gain is None else gain, 3.0 if downtilt is None else downtilt
            )
        )
    if kind == "omni":
        return (Antenna("omni", 11.0 if gain is None else gain, bearing or 0.0, downtilt or 0.0),)
    if kind == "sector":
        return (Antenna("sector", 15.0 if gain is None else gain, bearing or 0.0, downtilt or 0.0),)
    if kind == "element":
        return (Antenna("element", 8.0 if gain is None else gain, bearing or 0.0, downtilt or 0.0),)
    raise ValueError(f"antenna is {kind!r}; expected one of {', '.join(_ANTENNAS)}, or an .msi or .pln file")


def _sends(
    cells: Mapping[str, str], carrier: Carrier, budget: Budget, gain: float
) -> tuple[Carrier | None, Budget | None]:
    """Return the carrier and budget of a row where it says what it sends; what it leaves out is everybody's."""
    frequency = _optional(cells, "frequency", "frequency_mhz", 30.0, 6000.0)
    bandwidth = _optional(cells, "bandwidth", "bandwidth_mhz", 0.1, 1000.0)
    power = _optional(cells, "power", "power_dbm", -30.0, 80.0)
    if power is None and cells.get("power_of_no_unit"):
        raise ValueError(
            f"power is {cells['power_of_no_unit']}, in dBm or in watts? Call the column power_dbm or power_w"
        )
    eirp = _optional(cells, "eirp", "eirp_dbm", -30.0, 110.0)
    if eirp is not None:
        if power is not None:
            raise ValueError(
                "power and eirp_dbm are both given; keep one, or the antenna's gain counts twice"
            )
        # What the antenna radiates is what the amplifier gives, less the feeder's loss, plus the gain.
        power = eirp - gain + budget.feeder_loss
    technology = (cells.get("technology") or "").lower()
    if technology and technology not in ("lte", "nr", "4g", "5g"):
        raise ValueError(f"technology is {technology!r}; expected lte or nr")
    own = carrier
    if technology:
        wanted = "nr" if technology in ("nr", "5g") else "lte"
        if wanted != carrier.technology:
            own = replace(carrier, technology="nr" if wanted == "nr" else "lte", subcarrier_spacing=15)
    try:
        own = replace(own, frequency=frequency or own.frequency, bandwidth=bandwidth or own.bandwidth)
    except CellularError as error:
        raise ValueError(str(error)) from error
    link = budget if power is None else replace(budget, power=power)
    return (own if own != carrier else None), (link if link != budget else None)


def _joined(before: Site | None, now: Site) -> Site:
    if before is None:
        return now
    if (before.latitude, before.longitude, before.height) != (now.latitude, now.longitude, now.height):
        raise ValueError(
            f"id {now.id} is used for two places ({before.latitude:g}, {before.longitude:g} at "
            f"{before.height:g} m and "
            f"{now.latitude:g}, {now.longitude:g} at {now.height:g} m); give each tower its own id"
        )
    if (before.carrier, before.budget) != (now.carrier, now.budget):
        raise ValueError(
            f"id {now.id} sends in two ways (frequency, bandwidth, power or technology differ between its rows); give the "
            "antennas of each carrier an id of their own"
        )
    if set(now.antennas) <= set(before.antennas):
        raise ValueError(f"repeats an antenna that id {now.id} has already; delete the row")
    return replace(now, antennas=before.antennas + now.antennas)
