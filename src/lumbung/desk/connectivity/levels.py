"""What each tower gives by itself, kept beside a job, so that a moved tower is the only one that is computed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.radials import Grid
from lumbung.connectivity.radio.coverage import Site, lattice_of
from lumbung.desk.connectivity.region import Region
from lumbung.desk.jobs.folder import Job

Level = tuple[NDArray[np.float32], Grid]
"""RSRP [dBm] and where it lies."""


def _path(job: Job, number: int) -> Path:
    return job.work / "levels" / f"{number}.npy"


def keeper(job: Job, region: Region) -> Callable[..., None]:
    """Return what `coverage_map` may call for each tower: it keeps the tower's own map."""
    whole = lattice_of(region.ground, region.towers, region.radius, 1)
    (job.work / "levels").mkdir(exist_ok=True)

    def keep(
        number: int, row: NDArray[np.int64], column: NDArray[np.int64], level: NDArray[np.floating]
    ) -> None:
        own = lattice_of(region.ground, [region.towers[number]], region.radius, 1)
        found = np.full(own.shape, np.nan, np.float32)
        found[row + whole.first_row - own.first_row, column + whole.first_column - own.first_column] = level
        draft = _path(job, number).with_suffix(".part")
        with draft.open("wb") as file:
            np.save(file, found)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(_path(job, number))

    return keep


def kept(job: Job, region: Region, number: int) -> Level | None:
    """Return what was kept of a tower; None where nothing was."""
    site: Site = region.towers[number]
    try:
        found = np.load(_path(job, number), allow_pickle=False)
    except (OSError, ValueError):
        return None
    lattice = lattice_of(region.ground, [site], region.radius, 1)
    return (found, lattice.grid) if found.shape == lattice.shape else None


def strongest(levels: Sequence[Level]) -> Level:
    """Return the strongest RSRP [dBm] of several maps of one spacing, over the cells that any of them has."""
    first = levels[0][1]
    north, west = max(grid.north for _, grid in levels), min(grid.west for _, grid in levels)
    places = [
        (round((north - grid.north) / first.step_lat), round((grid.west - west) / first.step_lon), level)
        for level, grid in levels
    ]
    rows = max(top + level.shape[0] for top, _, level in places)
    columns = max(left + level.shape[1] for _, left, level in places)
    found = np.full((rows, columns), np.nan, np.float32)
    for top, left, level in places:
        part = found[top : top + level.shape[0], left : left + level.shape[1]]
        np.fmax(part, level, out=part)
    return found, Grid(north, west, first.step_lat, first.step_lon)
