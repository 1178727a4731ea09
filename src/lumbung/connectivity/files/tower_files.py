"""Read towers from a table: where they stand, how high, and what antennas they carry."""

from __future__ import annotations

import csv
import math
from pathlib import Path

from lumbung.connectivity.engine.antenna import Antenna, three_sectors
from lumbung.connectivity.radio.coverage import Site

_COLUMNS = {
    "id": ("id", "code", "tower", "site"),
    "latitude": ("latitude", "lat", "y"),
    "longitude": ("longitude", "lon", "lng", "long", "x"),
    "height": ("height_m", "height", "antenna_height_m"),
    "antenna": ("antenna", "pattern"),
    "gain": ("gain_dbi", "gain"),
    "bearing": ("bearing_deg", "bearing", "azimuth"),
    "downtilt": ("downtilt_deg", "downtilt", "tilt"),
}
_ANTENNAS = ("omni", "sector", "element", "three sectors")
DEFAULT_HEIGHT_M = 40.0


class TowerFileError(ValueError):
    """A table of towers with rows that cannot be used; lists every line."""


def read_towers(path: Path, *, height: float = DEFAULT_HEIGHT_M) -> list[Site]:
    """Read towers: columns id, lat(itude), lon(gitude); optional height_m, antenna, gain_dbi, bearing_deg,
    downtilt_deg.

    ``antenna`` is omni, sector, element or "three sectors" (the default). Rows that share an id are the
    antennas of one tower; they must stand at one place.

    Raises
    ------
    TowerFileError
        Listing every line that cannot be used: a tower left out would change the answer, so none is skipped.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise TowerFileError(f"{path}: cannot be read as a UTF-8 table ({error})") from error
    names = [name.strip().lower() for name in rows[0]] if rows else []
    place = {
        wanted: next((names.index(alias) for alias in aliases if alias in names), None)
        for wanted, aliases in _COLUMNS.items()
    }
    missing = [wanted for wanted in ("id", "latitude", "longitude") if place[wanted] is None]
    if missing:
        raise TowerFileError(
            f"{path}, line 1: found the columns {', '.join(names) or '(none)'}; expected also "
            f"{', '.join(missing)}"
        )
    sites: dict[str, Site] = {}
    wrong = []
    for number, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = {
            wanted: row[index].strip() if index is not None and index < len(row) else ""
            for wanted, index in place.items()
        }
        try:
            site = _site(cells, height)
            sites[site.id] = _joined(sites.get(site.id), site)
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
    if wrong:
        raise TowerFileError(f"{path}: " + "; ".join(wrong))
    if not sites:
        raise TowerFileError(f"{path}: holds no tower")
    return list(sites.values())


def _site(cells: dict[str, str], height: float) -> Site:
    if not cells["id"]:
        raise ValueError("id is empty")
    latitude = _number("latitude", cells["latitude"], -90.0, 90.0)
    longitude = _number("longitude", cells["longitude"], -180.0, 180.0)
    up = _number("height_m", cells["height"], 1.0, 3000.0) if cells["height"] else height
    kind = (cells["antenna"] or "three sectors").lower()
    if kind not in _ANTENNAS:
        raise ValueError(f"antenna is {kind!r}; expected one of {', '.join(_ANTENNAS)}")
    bearing = _number("bearing_deg", cells["bearing"], -360.0, 360.0) if cells["bearing"] else 0.0
    downtilt = _number("downtilt_deg", cells["downtilt"], -90.0, 90.0) if cells["downtilt"] else None
    gain = _number("gain_dbi", cells["gain"], -30.0, 60.0) if cells["gain"] else None
    if kind == "three sectors":
        antennas = three_sectors(
            bearing, 15.0 if gain is None else gain, 3.0 if downtilt is None else downtilt
        )
    else:
        default_gain = {"omni": 11.0, "sector": 15.0, "element": 8.0}[kind]
        antennas = [
            Antenna(
                "omni" if kind == "omni" else "sector" if kind == "sector" else "element",
                default_gain if gain is None else gain,
                bearing,
                downtilt or 0.0,
            )
        ]
    return Site(cells["id"], latitude, longitude, up, tuple(antennas))


def _joined(before: Site | None, now: Site) -> Site:
    if before is None:
        return now
    if (before.latitude, before.longitude, before.height) != (now.latitude, now.longitude, now.height):
        raise ValueError(
            f"id {now.id} is used for two places ({before.latitude:g}, {before.longitude:g} at "
            f"{before.height:g} m and "
            f"{now.latitude:g}, {now.longitude:g} at {now.height:g} m); give each tower its own id"
        )
    return Site(now.id, now.latitude, now.longitude, now.height, before.antennas + now.antennas)


def _number(name: str, text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{name} is {text!r}; expected a number") from None
    if not math.isfinite(value) or not low <= value <= high:
        raise ValueError(f"{name} is {text}; expected {low:g} to {high:g}")
    return value
