"""Read what was measured on roads, and what an operator claims of villages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.tables import LATITUDE, LONGITUDE, TableError, measure, position, read_table

_SAMPLES = {
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "level": ("rsrp_dbm", "rsrp", "level_dbm", "signal", "dbm"),
    "tower": ("tower", "cell", "site", "site_id", "cell_id"),
    "road": ("road", "route", "drive", "session", "ruas"),
}
_CLAIMS = {
    "id": ("id", "code", "kode", "kode_desa", "village_id", "编号"),
    "claim": ("covered", "claim", "served", "coverage", "terlayani", "klaim"),
}
FLOOR_DBM = -140.0
"""3GPP TS 36.133, 9.1.4: RSRP is reported from -140 to -44 dBm, and all below as -140."""
_YES = ("yes", "y", "true", "1", "ya", "4g", "5g", "covered", "是")
_NO = ("no", "n", "false", "0", "tidak", "none", "", "uncovered", "否")


@dataclass(frozen=True)
class Drive:
    """Measured levels [dBm] with position [deg]; tower: the id heard, empty where not told; road: empty where not told."""

    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    level: NDArray[np.float64]
    tower: tuple[str, ...]
    road: tuple[str, ...]
    source: str
    notes: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return self.level.size


def read_drive(path: Path) -> Drive:
    """Read samples: columns lat, lon, rsrp_dbm; optional tower (an id of the towers' table, or ``T1/2`` for its second antenna)
    and road.

    Raises
    ------
    TableError
        Where a needed column is missing or no row can be used; single bad rows are set aside with line and reason.
    """
    table = read_table(path, _SAMPLES, ("latitude", "longitude", "level"))
    kept: list[tuple[float, float, float, str, str]] = []
    aside = [f"line {line}: {why}" for line, why in table.torn]
    for line, cells in table.rows:
        try:
            kept.append(_sample(cells))
        except ValueError as error:
            aside.append(f"line {line}: {error}")
    if not kept:
        raise TableError(f"{path}: no row can be used; the first: {aside[0] if aside else 'there is none'}")
    latitude, longitude, level, tower, road = zip(*kept, strict=True)
    return Drive(
        np.array(latitude), np.array(longitude), np.array(level), tower, road, path.name, table.notes, tuple(aside)
    )  # fmt: skip


def _sample(cells: Mapping[str, str]) -> tuple[float, float, float, str, str]:
    latitude, longitude = position(cells)
    if latitude == longitude == 0.0:
        raise ValueError("latitude and longitude are 0: a telephone that had no position")
    level = measure("rsrp_dbm", cells["level"], -160.0, -20.0)
    if level == FLOOR_DBM:
        raise ValueError(
            f"rsrp_dbm is {FLOOR_DBM:g}, the floor of reports: anything weaker reads so, it is no measurement"
        )
    return (
        latitude,
        longitude,
        level,
        cells.get("tower", ""),
        cells.get("road", ""),
    )


def read_claims(path: Path) -> dict[str, bool]:
    """Read which villages an operator says it covers: columns id and covered (yes or no).

    Raises
    ------
    TableError
        Naming the line that says neither.
    """
    table = read_table(path, _CLAIMS, ("id", "claim"))
    for line, why in table.torn:
        raise TableError(f"{path}, line {line}: {why}")
    claims: dict[str, bool] = {}
    for line, cells in table.rows:
        said = cells["claim"].strip().lower()
        if said not in _YES and said not in _NO:
            raise TableError(
                f"{path}, line {line}: covered is {cells['claim']!r}; expected yes or no (ya, tidak, 1, 0)"
            )
        if claims.setdefault(cells["id"], said in _YES) != (said in _YES):
            raise TableError(
                f"{path}, line {line}: id {cells['id']!r} was claimed otherwise further up; keep one of both"
            )
    return claims
