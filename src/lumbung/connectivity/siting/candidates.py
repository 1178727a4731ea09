"""The planner's tables: candidate sites with their costs, towers that stand already, fibre points.

A row that cannot be used spoils only itself: it is set aside with its line and the reason, and the plan repeats that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lumbung.connectivity.tables import (
    LATITUDE,
    LONGITUDE,
    Decimal,
    TableError,
    decimal_of,
    measure,
    number,
    position,
    read_table,
)

ITEMS = ("tower", "land", "power", "road", "backhaul")
"""What a site costs, item by item, in the planner's own currency."""

_NAMES = {
    "id": ("id", "code", "kode", "site", "site_id", "tower", "mã", "编号"),
    "name": ("name", "nama", "tên", "名称"),
    "latitude": LATITUDE,
    "longitude": LONGITUDE,
    "heights": ("heights", "height", "heights_m", "height_m", "antenna_height_m"),
    **{item: (f"{item}_cost", item) for item in ITEMS},
    "grid_km": ("grid_km", "grid_distance_km", "power_line_km"),
    "fibre_km": ("fibre_km", "fiber_km", "fibre_road_km"),
}
DISTANCES = ("grid_km", "fibre_km")
"""How far a site is from the power grid, and from fibre along roads [km]."""


@dataclass(frozen=True)
class Place:
    """A place with antennas or fibre: position [degrees] and height of the highest antenna above ground [m]."""

    id: str
    name: str
    latitude: float
    longitude: float
    height: float


@dataclass(frozen=True)
class Candidate:
    """A site where a tower may be built, at one of several heights.

    Attributes
    ----------
    id, name : str
    latitude, longitude : float
        [degrees]
    heights : tuple of float
        Heights to choose from [m above ground].
    costs : dict of str to float
        Cost of each item the table gives (`ITEMS`).
    distances : dict of str to float
        Those of `DISTANCES` that the table gives [km].
    """

    id: str
    name: str
    latitude: float
    longitude: float
    heights: tuple[float, ...]
    costs: dict[str, float]
    distances: dict[str, float] = field(default_factory=dict)

    def at(self, height: float) -> Place:
        """Return the site with its tower built."""
        return Place(self.id, self.name, self.latitude, self.longitude, height)


@dataclass(frozen=True)
class Table:
    """What a table held, and the rows set aside with line and reason."""

    candidates: tuple[Candidate, ...]
    set_aside: tuple[str, ...]
    has_costs: bool
    notes: tuple[str, ...] = ()


def read_candidates(path: Path, height: float = 40.0, decimal: Decimal | None = None) -> Table:
    """Read candidate sites.

    Columns: id, lat, lon; optional name, heights (one, or several as ``30;45``), costs tower, land, power, road,
    backhaul, and distances grid_km and fibre_km. An empty cost is 0.

    Parameters
    ----------
    path : Path
    height : float
        Height where the table gives none [m].
    decimal : str, optional
        How the table writes decimals, where it does not say so itself (`lumbung.connectivity.tables`).

    Raises
    ------
    TableError
        Where a needed column is missing, an id stands twice, or no row can be used.
    """
    table = read_table(path, _NAMES, ("id", "latitude", "longitude"))
    written = decimal_of(table, ("latitude", "longitude"), ITEMS, decimal)
    kept: dict[str, tuple[int, Candidate]] = {}
    aside = [f"{path.name}, line {line}: {why}" for line, why in table.torn]
    for line, cells in table.rows:
        try:
            candidate = _candidate(cells, height, written)
        except ValueError as error:
            aside.append(f"{path.name}, line {line}: {error}")
            continue
        if candidate.id in kept:
            before = kept[candidate.id][0]
            raise TableError(
                f"{path}, line {line}: id {candidate.id!r} stands in line {before} already; a plan could not say "
                "which of the two to build: give every candidate its own id (several heights go into one row, 30;45)"
            )
        kept[candidate.id] = (line, candidate)
    if not kept:
        raise TableError(f"{path}: no row can be used; the first: {aside[0] if aside else 'there is none'}")
    return Table(
        tuple(candidate for _, candidate in kept.values()),
        tuple(aside),
        any(item in table.columns for item in ITEMS),
        table.notes,
    )


def read_places(path: Path, height: float = 40.0) -> tuple[Place, ...]:
    """Read towers that stand already, or fibre points: columns id, lat, lon; optional name and height.

    Raises
    ------
    TableError
        Listing every line that cannot be used: a tower left out would change the answer.
    """
    table = read_table(path, _NAMES, ("id", "latitude", "longitude"))
    places, wrong = [], [f"line {line}: {why}" for line, why in table.torn]
    for line, cells in table.rows:
        try:
            # Costs of what stands already are of no interest, however they are written.
            site = _candidate({**cells, **dict.fromkeys(ITEMS, "")}, height, "point")
            places.append(site.at(max(site.heights)))
        except ValueError as error:
            wrong.append(f"line {line}: {error}")
    if wrong:
        raise TableError(f"{path}: " + "; ".join(wrong))
    if not places:
        raise TableError(f"{path}: holds no row")
    return tuple(places)


def _candidate(cells: Mapping[str, str], height: float, decimal: Decimal) -> Candidate:
    if not cells["id"]:
        raise ValueError("id is empty")
    latitude, longitude = position(cells)
    texts = cells.get("heights", "").replace("/", ";").split(";")
    heights = sorted({measure("height", text) for text in texts if text.strip()}) or [height]
    if heights[0] < 1 or heights[-1] > 400:
        raise ValueError(f"heights {cells['heights']!r}: expected 1 to 400 metres above ground")
    costs = {item: _cost(item, cells[item], decimal) for item in ITEMS if cells.get(item)}
    far = {name: measure(name, cells[name], 0.0, 2000.0) for name in DISTANCES if cells.get(name)}
    return Candidate(
        cells["id"], cells.get("name") or cells["id"], latitude, longitude, tuple(heights), costs, far
    )


def _cost(item: str, text: str, decimal: Decimal) -> float:
    value = number(f"cost of {item}", text, decimal)
    if value < 0:
        raise ValueError(f"cost of {item} is {text}; expected 0 or more")
    return value


__all__ = [
    "DISTANCES",
    "ITEMS",
    "Candidate",
    "Place",
    "Table",
    "TableError",
    "read_candidates",
    "read_places",
]
