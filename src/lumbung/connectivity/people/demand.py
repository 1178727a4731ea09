"""Who is to be reached: villages from a table, or people from a raster, each with a place and a number.

A bad row spoils only itself: it is set aside and listed with its line and reason, and nothing is dropped
without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.ground.bands import read_people
from lumbung.connectivity.ground.geotiff import open_geotiff
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.tables import (
    LATITUDE,
    LONGITUDE,
    Decimal,
    Table,
    TableError,
    decimal_of,
    number,
    position,
    read_table,
)

_COLUMNS = {
    "id": ("id", "code", "kode", "kode_desa", "village_id", "mã", "编号"),
    "name": ("name", "nama", "nama_desa", "village", "desa", "tên", "名称", "村名", "行政村"),
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "people": (
        "population",
        "people",
        "penduduk",
        "jumlah_penduduk",
        "penduduk_jiwa",
        "jumlah_penduduk_jiwa",
        "pop",
        "dân_số",
        "人口",
        "人口数",
    ),
    "region": ("regency", "kabupaten", "kab_kota", "kabupaten_kota", "region", "district", "huyện", "县"),
}
NEAR_SHORE_CELLS = 12
"""A village on the sea is moved to land no more than this many cells away."""


class DemandError(ValueError):
    """A table or raster of people that cannot be used at all."""


@dataclass(frozen=True)
class Demand:
    """Places with people.

    id, name: tuples of texts; latitude, longitude [deg]; people; all of one length. ``notes`` say what was
    treated and ``set_aside`` lists rows that could not be used. region: the regency of each place, empty where the
    source names none.

    Examples
    --------
    >>> from lumbung import connectivity
    >>> connectivity.demand_points([-8.03, -8.07], [122.03, 122.07], [120, 340], generated=True)
    <Demand: places 2, people 460, from points, generated>
    """

    id: tuple[str, ...]
    name: tuple[str, ...]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    people: NDArray[np.float64]
    source: str
    generated: bool = False
    notes: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()
    region: tuple[str, ...] = ()

    def __repr__(self) -> str:
        made = ", generated" if self.generated else ""
        return f"<Demand: places {self.size}, people {self.people.sum():.0f}, from {self.source}{made}>"

    @property
    def size(self) -> int:
        return self.latitude.size


def demand_points(
    latitude: ArrayLike,
    longitude: ArrayLike,
    people: ArrayLike,
    *,
    id: Iterable[str] | None = None,
    name: Iterable[str] | None = None,
    source: str = "points",
    generated: bool = False,
) -> Demand:
    """Make demand of arrays; ids count from 1 where none are given.

    Examples
    --------
    >>> from lumbung import connectivity
    >>> villages = connectivity.demand_points([-8.03, -8.07], [122.03, 122.07], [120, 340], generated=True)
    >>> villages.id, villages.people.sum()
    (('1', '2'), np.float64(460.0))
    """
    count = np.asarray(latitude).size
    ids = tuple(id) if id is not None else tuple(str(k + 1) for k in range(count))
    return Demand(
        id=ids,
        name=tuple(name) if name is not None else ids,
        latitude=np.asarray(latitude, dtype=np.float64),
        longitude=np.asarray(longitude, dtype=np.float64),
        people=np.asarray(people, dtype=np.float64),
        source=source,
        generated=generated,
    )


def read_villages(path: Path, *, people_each: float | None = None, decimal: Decimal | None = None) -> Demand:
    """Read a table of villages: columns id, name, lat(itude), lon(gitude), population, under these or common
    names.

    Parameters
    ----------
    people_each
        People per village where the table has no population column; without it such a table is an error.
    decimal
        How the table writes decimals, where it does not say so itself (`lumbung.connectivity.tables`).

    Raises
    ------
    DemandError
        Where a needed column is missing, numbers can be read in two ways, or no row can be used.
    """
    try:
        return _read_villages(path, people_each, decimal)
    except TableError as error:
        raise DemandError(str(error)) from error


def _read_villages(path: Path, people_each: float | None, decimal: Decimal | None) -> Demand:
    table = read_table(path, _COLUMNS, ("latitude", "longitude"))
    if people_each is None and "people" not in table.columns:
        raise DemandError(
            f"{path}, line 1: has no column of people; expected one of {', '.join(_COLUMNS['people'])} "
            "(or say how many people to assume in each)"
        )
    written = decimal_of(table, ("latitude", "longitude"), ("people",), decimal)
    kept: list[tuple[str, str, float, float, float]] = []
    aside = [f"line {line}: {why}" for line, why in table.torn]
    seen: dict[str, int] = {}
    renamed = 0
    regions: list[str] = []
    for line, cells in table.rows:
        try:
            village = _village(cells, line, people_each, written)
        except ValueError as error:
            aside.append(f"line {line}: {error}")
            continue
        identity = village[0]
        if identity in seen:
            seen[identity] += 1
            renamed += 1
            village = (f"{identity}#{seen[identity]}", *village[1:])
        else:
            seen[identity] = 1
        kept.append(village)
        regions.append(cells.get("region", ""))
    if not kept:
        raise DemandError(
            f"{path}: none of its {len(aside)} rows can be used; the first: {aside[0] if aside else 'no row'}"
        )
    notes = list(table.notes)
    if written == "comma":
        notes.append(
            f"{path.name}: numbers read with decimal commas, 1.250 being one thousand two hundred and fifty"
        )
    if renamed:
        notes.append(
            f"{renamed} rows repeat an earlier id; they are kept as separate places, marked #2, #3, ..."
        )
    empty = sum(village[4] == 0.0 for village in kept)
    if empty:
        notes.append(f"{empty} places have zero people; they are kept and count for nothing in people served")
    parts = [village for village in kept if village[4] % 1.0 and "people" in table.columns]
    if parts:
        notes.append(
            f"{len(parts)} places have a fraction of a person (the first: {parts[0][4]:g} in {parts[0][0]}); is the column in "
            "thousands, or written with another decimal mark (--decimal)?"
        )
    elif (three := _three_decimals(table, written)) is not None:
        notes.append(
            f"people are written with three decimals (the first: {three}) and read without them; is the column in thousands?"
        )
    if aside:
        notes.append(f"{len(aside)} rows set aside")
    if "people" not in table.columns:
        notes.append(f"no population column: {people_each:g} people assumed in each place")
    return Demand(
        id=tuple(village[0] for village in kept),
        name=tuple(village[1] for village in kept),
        latitude=np.array([village[2] for village in kept]),
        longitude=np.array([village[3] for village in kept]),
        people=np.array([village[4] for village in kept]),
        source=path.name,
        notes=tuple(notes),
        set_aside=tuple(aside),
        region=tuple(regions) if "region" in table.columns else (),
    )


def _three_decimals(table: Table, decimal: Decimal) -> str | None:
    """Return the first number of people with as many decimals as a column in thousands has; people have none."""
    mark = re.escape("," if decimal == "comma" else ".")
    return next((text for text in table.texts("people") if re.search(rf"\d{mark}\d{{3}}$", text)), None)


def _village(
    cells: Mapping[str, str], line: int, people_each: float | None, decimal: Decimal
) -> tuple[str, str, float, float, float]:
    latitude, longitude = position(cells)
    if "people" not in cells:
        people = float(people_each or 0.0)
    else:
        people = number("population", cells["people"], decimal)
        if people < 0.0:
            raise ValueError(f"population {people:g} is negative")
    identity = cells.get("id") or f"row {line}"
    return identity, cells.get("name") or identity, latitude, longitude, people


MOST_PLACES = 250_000
"""Inhabited cells of a population raster that stay places of their own; beyond, neighbouring cells are summed."""


def people_from_raster(
    path: Path, bounds: tuple[float, float, float, float], *, most: int = MOST_PLACES
) -> Demand:
    """Read a population raster (people per cell, fractions too) within bounds; every inhabited cell is a place.

    Where there are more than ``most`` of them, squares of cells are summed at the middle of their people. Nobody is
    dropped either way.

    Raises
    ------
    DemandError
        Where it has no coordinate system, is not geographic, does not overlap the bounds, or holds nobody within them.
    """
    from rasterio.errors import RasterioError
    from rasterio.windows import Window

    try:
        with open_geotiff(path) as raster:
            if raster.crs is None or not raster.crs.is_geographic:
                found = "none" if raster.crs is None else raster.crs.to_string()
                raise DemandError(
                    f"{path}: people are counted per cell, which another projection would spoil; expected a "
                    f"raster in longitude and "
                    f"latitude, found the coordinate system {found}"
                )
            place = raster.transform
            if place.b or place.d:
                raise DemandError(
                    f"{path}: its rows do not run along parallels; turning it would spoil the counts"
                )
            across = sorted((x - place.c) / place.a for x in (bounds[0], bounds[2]))
            along = sorted((y - place.f) / place.e for y in (bounds[1], bounds[3]))
            left, right = max(round(across[0]), 0), min(round(across[1]), raster.width)
            top, bottom = max(round(along[0]), 0), min(round(along[1]), raster.height)
            if left >= right or top >= bottom:
                raise DemandError(f"{path}: covers {tuple(raster.bounds)}, outside the terrain {bounds}")
            window = Window(left, top, right - left, bottom - top)
            band, notes = read_people(raster, window)
            transform = raster.window_transform(window)
    except RasterioError as error:
        raise DemandError(f"{path}: cannot be read as a raster ({error})") from error
    people = np.nan_to_num(band.astype(np.float64))
    negative = int((people < 0.0).sum())
    if negative:
        notes.append(
            f"{negative} cells with negative people are taken as empty; declare the void marker of the file"
        )
    rows, columns = np.nonzero(people > 0.0)
    if rows.size == 0:
        raise DemandError(f"{path}: holds nobody within {bounds}; is this the band with people per cell?")
    counted = people[rows, columns]
    places = _summed(rows.astype(float), columns.astype(float), counted, most)
    if places[2].size < rows.size:
        notes.append(f"{rows.size} inhabited cells summed to {places[2].size} places")
    result = demand_points(
        transform.f + (places[0] + 0.5) * transform.e,
        transform.c + (places[1] + 0.5) * transform.a,
        places[2],
        source=path.name,
    )
    return replace(result, notes=tuple(notes))


def _summed(
    rows: NDArray[np.float64], columns: NDArray[np.float64], people: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Sum squares of cells, as small as will do, until no more than ``most`` are left; each at the middle of its people."""
    side = 1
    while True:
        square = (rows // side).astype(np.int64) * (int(columns.max()) // side + 1) + (
            columns // side
        ).astype(np.int64)
        _, member = np.unique(square, return_inverse=True)
        total = np.bincount(member, people).astype(np.float64)
        if total.size <= most:
            return (
                np.bincount(member, rows * people) / total,
                np.bincount(member, columns * people) / total,
                total,
            )
        side += 1


def placed_on(demand: Demand, ground: Terrain) -> tuple[Demand, NDArray[np.bool_]]:
    """Fit demand to terrain: say who lies outside, move villages off the sea where land is near.

    Returns
    -------
    demand
        With moved positions and notes.
    known
        Which places lie on known ground. The others cannot be predicted and never count as served.

    Raises
    ------
    DemandError
        Where no place at all lies within the terrain.
    """
    inside = ground.contains(demand.latitude, demand.longitude)
    if not inside.any():
        west, south, east, north = ground.bounds
        raise DemandError(
            f"{demand.source}: none of its {demand.size} places lies within the terrain ({west:.3f} to "
            f"{east:.3f} east, "
            f"{south:.3f} to {north:.3f} north); they span {demand.longitude.min():.3f} to "
            f"{demand.longitude.max():.3f} east, "
            f"{demand.latitude.min():.3f} to {demand.latitude.max():.3f} north. Are latitude and longitude "
            f"swapped?"
        )
    rows, columns = ground.cells(demand.latitude, demand.longitude)
    known = inside & ~np.isnan(ground.height[rows, columns])
    wet = known & (ground.zone[rows, columns] == SEA)
    latitude, longitude = demand.latitude.copy(), demand.longitude.copy()
    moved = 0
    for k in np.flatnonzero(wet):
        land = _nearest_land(ground, int(rows[k]), int(columns[k]))
        if land is not None:
            latitude[k] = ground.grid.north - land[0] * ground.grid.step_lat
            longitude[k] = ground.grid.west + land[1] * ground.grid.step_lon
            moved += 1
    notes = list(demand.notes)
    if moved:
        notes.append(f"{moved} places stand on the sea in this terrain and were moved to the nearest land")
    if wet.sum() > moved:
        notes.append(f"{int(wet.sum()) - moved} places stand on the open sea and are predicted there")
    if not inside.all():
        notes.append(f"{int((~inside).sum())} places lie outside the terrain and are not predicted")
    if (inside & ~known).any():
        notes.append(
            f"{int((inside & ~known).sum())} places lie on ground of unknown height and are not predicted"
        )
    return replace(demand, latitude=latitude, longitude=longitude, notes=tuple(notes)), known


def _nearest_land(ground: Terrain, row: int, column: int) -> tuple[int, int] | None:
    reach = NEAR_SHORE_CELLS
    top, left = max(row - reach, 0), max(column - reach, 0)
    window = ground.zone[top : row + reach + 1, left : column + reach + 1]
    rows, columns = np.nonzero(window != SEA)
    if rows.size == 0:
        return None
    nearest = np.argmin((rows + top - row) ** 2 + (columns + left - column) ** 2)
    return int(rows[nearest] + top), int(columns[nearest] + left)
