"""Covering instances in the published text layout (NAME, TYPE, DIMENSION, NODE_COORD_SECTION, DEMAND_SECTION, EOF).

Every node is both a place with demand and a possible site. The layout and the way of measuring are those of
Maximo, Cordeau and Nascimento (2023), whose published values come out exactly with them: the angle between two
nodes as a 32-bit float, times 6,378,100 m; nodes counted from 0; reached when not farther than the radius.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lumbung.connectivity.engine.covering.problem import Floats, Ints, Lists

EQUATOR = np.float32(6378100.0)
"""Radius of the earth in the published instances [m]."""


class InstanceError(ValueError):
    """A file that is not in the published layout: names the file, the line, what was found and expected."""


@dataclass(frozen=True)
class Instance:
    """Nodes of a published covering instance.

    Attributes
    ----------
    name : str
    coordinates : float64 array, shape (nodes, 2)
        Latitude and longitude [degrees] where ``geographic``, else plane coordinates [m].
    demand : float64 array, shape (nodes,)
    geographic : bool
    """

    name: str
    coordinates: Floats
    demand: Floats
    geographic: bool

    def cover(self, radius: float) -> Lists:
        """Return for each node as a site the nodes within ``radius`` [m]."""
        measure = _angles(self.coordinates) if self.geographic else _plane(self.coordinates)
        block = max(1, 4_000_000 // max(1, len(self.coordinates)))
        counts, parts = [], []
        for start in range(0, len(self.coordinates), block):
            near = measure(start, start + block) <= radius
            counts.append(near.sum(axis=1))
            parts.append(np.nonzero(near)[1].astype(np.int32))
        indptr = np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64)
        return Lists(indptr, np.concatenate(parts))


def _angles(degrees: Floats):  # type: ignore[no-untyped-def]
    latitude, longitude = np.radians(degrees).T
    sin, cos = np.sin(latitude), np.cos(latitude)

    def rows(start: int, stop: int):  # type: ignore[no-untyped-def]
        turn = np.cos(longitude[start:stop, None] - longitude)
        cosine = sin[start:stop, None] * sin + cos[start:stop, None] * cos * turn
        # Rounding puts a node's cosine with itself above 1, where arccos is not a number.
        return np.arccos(np.minimum(cosine, 1.0)).astype(np.float32) * EQUATOR

    return rows


def _plane(metres: Floats):  # type: ignore[no-untyped-def]
    def rows(start: int, stop: int):  # type: ignore[no-untyped-def]
        return np.hypot(
            metres[start:stop, None, 0] - metres[:, 0], metres[start:stop, None, 1] - metres[:, 1]
        )

    return rows


def read_instance(path: Path) -> Instance:
    """Read a file of the published layout.

    Raises
    ------
    InstanceError
        Where a section is missing or short, or a line does not hold the numbers it should.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InstanceError(
            f"{path}: not a text file; expected the layout with NODE_COORD_SECTION"
        ) from error
    fields, starts = _head(path, lines)
    size = _dimension(path, fields)
    coordinates = _numbers(path, lines, starts["NODE_COORD_SECTION"], size, 2)
    demand = _numbers(path, lines, starts["DEMAND_SECTION"], size, 1)[:, 0]
    geographic = fields.get("EDGE_WEIGHT_TYPE", "COORD").upper() == "COORD"
    if geographic:
        _on_earth(path, coordinates, starts["NODE_COORD_SECTION"])
    return Instance(fields.get("NAME", path.stem), coordinates, demand, geographic)


def _head(path: Path, lines: list[str]) -> tuple[dict[str, str], dict[str, int]]:
    fields, starts = {}, {}
    for number, line in enumerate(lines):
        if ":" in line:
            key, _, value = line.partition(":")
            fields[key.strip().upper()] = value.strip()
        elif line.strip().upper() in ("NODE_COORD_SECTION", "DEMAND_SECTION"):
            starts[line.strip().upper()] = number + 1
    for section in ("NODE_COORD_SECTION", "DEMAND_SECTION"):
        if section not in starts:
            raise InstanceError(
                f"{path}: no line {section}; expected the published layout of covering instances"
            )
    return fields, starts


def _dimension(path: Path, fields: dict[str, str]) -> int:
    found = fields.get("DIMENSION", "")
    if not found.isdigit() or int(found) == 0:
        raise InstanceError(f"{path}: DIMENSION is {found!r}, expected the number of nodes, 1 or more")
    return int(found)


def _numbers(path: Path, lines: list[str], start: int, size: int, columns: int) -> Floats:
    table = np.empty((size, columns))
    for row in range(size):
        place = start + row
        text = lines[place] if place < len(lines) else ""
        try:
            table[row] = [float(part) for part in text.split()[-columns:]]
        except ValueError as error:
            raise InstanceError(
                f"{path}, line {place + 1}: found {text!r}, expected {columns} number(s) for node {row} of {size}"
            ) from error
        if not np.all(np.isfinite(table[row])):
            raise InstanceError(f"{path}, line {place + 1}: found {text!r}, expected finite numbers")
    if columns == 1 and table.min() < 0:
        worst = int(table[:, 0].argmin())
        raise InstanceError(
            f"{path}, line {start + worst + 1}: demand {table[worst, 0]:g}, expected 0 or more"
        )
    return table


def _on_earth(path: Path, coordinates: Floats, start: int) -> None:
    bad: Ints = np.flatnonzero((abs(coordinates[:, 0]) > 90) | (abs(coordinates[:, 1]) > 180))
    if len(bad):
        latitude, longitude = coordinates[bad[0]]
        raise InstanceError(
            f"{path}, line {start + bad[0] + 1}: latitude {latitude:g}, longitude {longitude:g} is not on the earth; "
            "expected latitude then longitude in degrees"
        )
