"""What a connectivity job is about, read from its input: ground, towers, villages, and what is sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.cellular import Budget, Carrier, CellularError
from lumbung.connectivity.files.tower_files import TowerFileError, read_towers
from lumbung.connectivity.ground.elevation_files import elevation_files, read_terrain
from lumbung.connectivity.ground.terrain import Terrain, TerrainError
from lumbung.connectivity.people.demand import Demand, DemandError, placed_on, read_villages
from lumbung.connectivity.radio.coverage import Model
from lumbung.connectivity.radio.generated_towers import generated_towers
from lumbung.connectivity.radio.sites import CoverageError, Mast, Site, check_sites, sea_noted
from lumbung.connectivity.siting.candidates import Candidate, Place, read_candidates, read_places
from lumbung.connectivity.siting.generated_study import generated_study
from lumbung.connectivity.tables import TableError
from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.progress import JobError


@dataclass(frozen=True)
class Region:
    """Everything that is known.

    Attributes
    ----------
    ground : Terrain
    towers : tuple of Site
        Those that stand.
    demand : Demand or None
        Villages, fitted to the ground.
    known : bool array or None
        Which villages lie on known ground.
    candidates : tuple of Candidate
    has_costs : bool
    fibre : tuple of Place
    carrier, budget, model
        What is sent, and how losses are predicted.
    radius : float
        Largest distance looked at [km].
    threshold : float
        RSRP from which a place is served [dBm].
    notes : tuple of str
    """

    ground: Terrain
    towers: tuple[Site, ...]
    demand: Demand | None
    known: NDArray[np.bool_] | None
    candidates: tuple[Candidate, ...]
    has_costs: bool
    fibre: tuple[Place, ...]
    carrier: Carrier
    budget: Budget
    model: Model
    radius: float
    threshold: float
    notes: tuple[str, ...]

    @property
    def generated(self) -> bool:
        """Whether ground or villages are made up."""
        return self.ground.generated or bool(self.demand and self.demand.generated)


def read_region(job: Job) -> Region:
    """Read what a job was given.

    Raises
    ------
    JobError
        ``elevation``, ``towers``, ``villages``, ``candidates``, ``options``.
    """
    options = job.order().options
    try:
        carrier = Carrier(
            technology=options.get("technology", "lte"), frequency=options["frequency"], bandwidth=10.0
        )
    except CellularError as error:
        raise JobError("options", str(error)) from None
    budget, model = Budget(), Model()
    rest = carrier, budget, model, float(options["radius"]), float(options["threshold"])
    if options.get("generated") is not None:
        ground, demand, known, candidates, fibre = generated_study(options["generated"])
        towers = generated_towers(ground, demand)
        return Region(ground, towers, demand, known, candidates, True, fibre, *rest, ground.notes)
    candidates, has_costs = _candidates(job)
    towers, notes = _towers(job, carrier, budget)
    fibre = _fibre(job)
    ground = _ground(
        job, [*towers, *(candidate.at(candidate.heights[0]) for candidate in candidates)], rest[3]
    )
    people, on_ground = _villages(job, ground)
    if towers:
        try:
            check_sites(ground, towers)
        except CoverageError as error:
            raise JobError("towers", str(error)) from None
    return Region(
        ground, towers, people, on_ground, candidates, has_costs, fibre, *rest, (*ground.notes, *notes)
    )


def _given(job: Job, what: str) -> Path | None:
    return next(iter(sorted(job.input.glob(f"{what}.*"))), None)


def _plain(error: Exception, job: Job) -> str:
    """Return what an engine found without the desk's own folders."""
    return str(error).replace(f"{job.input}/elevation/", "").replace(f"{job.input}/", "")


def _towers(job: Job, carrier: Carrier, budget: Budget) -> tuple[tuple[Site, ...], tuple[str, ...]]:
    path = _given(job, "towers")
    if path is None:
        return (), ()
    try:
        found = read_towers(path, carrier=carrier, budget=budget)
    except (TowerFileError, UnicodeError) as error:
        raise JobError("towers", _plain(error, job)) from None
    return found.sites, found.notes


def _candidates(job: Job) -> tuple[tuple[Candidate, ...], bool]:
    path = _given(job, "candidates")
    if path is None:
        return (), False
    try:
        table = read_candidates(path, decimal=job.order().options.get("decimal"))
    except (TableError, UnicodeError) as error:
        raise JobError("candidates", _plain(error, job)) from None
    return tuple(table.candidates), table.has_costs


def _fibre(job: Job) -> tuple[Place, ...]:
    path = _given(job, "fibre")
    try:
        return read_places(path) if path is not None else ()
    except (TableError, UnicodeError) as error:
        raise JobError("candidates", _plain(error, job)) from None


def _ground(job: Job, masts: Sequence[Mast], radius: float) -> Terrain:
    try:
        files = elevation_files([job.input / "elevation"])
        unit = job.order().options.get("height_unit", "metres")
        bounds = _bounds_around(masts, radius) if masts else None
        ground = read_terrain(files, height_unit=unit, bounds=bounds)
    except (TerrainError, OSError, MemoryError) as error:
        raise JobError("elevation", _plain(error, job)) from None
    return sea_noted(ground, masts)


def _villages(job: Job, ground: Terrain) -> tuple[Demand | None, NDArray[np.bool_] | None]:
    path = _given(job, "villages")
    if path is None:
        return None, None
    try:
        options = job.order().options
        found = read_villages(path, people_each=options.get("people_each"), decimal=options.get("decimal"))
        return placed_on(found, ground)
    except (DemandError, UnicodeError) as error:
        raise JobError("villages", _plain(error, job)) from None


def _bounds_around(masts: Sequence[Mast], radius: float) -> tuple[float, float, float, float]:
    """Return west, south, east, north [deg] of what lies within a radius [km] of masts."""
    reach = radius / 111.0 + 0.02
    wide = max(reach / max(math.cos(math.radians(mast.latitude)), 0.05) for mast in masts)
    latitudes, longitudes = [mast.latitude for mast in masts], [mast.longitude for mast in masts]
    return min(longitudes) - wide, min(latitudes) - reach, max(longitudes) + wide, max(latitudes) + reach


def village_rows(demand: Demand | None) -> list[dict[str, Any]]:
    """Return villages as plain data, in their order."""
    if demand is None:
        return []
    return [
        {
            "id": demand.id[k], "name": demand.name[k], "people": float(demand.people[k]),
            "latitude": float(demand.latitude[k]), "longitude": float(demand.longitude[k]),
        }
        for k in range(demand.size)
    ]  # fmt: skip
