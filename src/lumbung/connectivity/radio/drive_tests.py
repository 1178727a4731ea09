"""Drive tests beside the model: what it predicted where somebody measured, and what that says of places nobody drove to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.engine.measured import Calibration, MeasuredError, calibrate
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import demand_points
from lumbung.connectivity.radio.capacity import cells_of, levels
from lumbung.connectivity.radio.coverage import Model, on_cells
from lumbung.connectivity.radio.sites import Site

CLASSES = ("open", "low", "tall")
CLASS_EDGES_M = (5.0, 12.5)
"""Between the representative clutter heights of P.1812-6 Table 2: open 0, suburban 10, trees and towns 15 to 20 m [m]."""
STRETCH_KM = 2.0
"""Samples without a road's name are taken as of one road within squares of this side."""
FOLDS = 5
_AT_ONCE = 20_000
_Floats = NDArray[np.float64]


class Compared(NamedTuple):
    """Samples that the model has a prediction for.

    sample: its number in the drive, from 0; predicted, measured [dBm]; kind: class of the surroundings; road: number of the road.
    """

    sample: NDArray[np.int64]
    predicted: _Floats
    measured: _Floats
    kind: NDArray[np.int64]
    road: NDArray[np.int64]


def class_of(ground: Terrain, latitude: _Floats, longitude: _Floats) -> NDArray[np.int64]:
    """Return the class of surroundings of places, by the height of what stands there."""
    return np.digitize(ground.clutter[ground.cells(latitude, longitude)], CLASS_EDGES_M).astype(np.int64)


def predicted_levels(
    ground: Terrain, sites: Sequence[Site], latitude: _Floats, longitude: _Floats, tower: Sequence[str], carrier: Carrier,
    budget: Budget, model: Model, radius: float,
) -> _Floats:  # fmt: skip
    """Return the level [dBm] predicted at places from the tower or antenna named, from the best one where none is.

    -inf where nothing reaches; unknown names are refused.

    Raises
    ------
    MeasuredError
        Naming towers that the towers' table does not hold.
    """
    cells = [cell.id for cell in cells_of(sites)]
    owner = [site.id for site in sites for _ in site.antennas]
    unknown = sorted({name for name in tower if name} - set(cells) - set(owner))
    if unknown:
        raise MeasuredError(
            f"measurements name towers that the towers' table does not hold: {', '.join(unknown[:8])}"
            + (f" and {len(unknown) - 8} more" if len(unknown) > 8 else "")
        )
    names = np.array(tower) if len(tower) else np.full(latitude.size, "")
    best = np.empty(latitude.size)
    for start in range(0, latitude.size, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        places = on_cells(demand_points(latitude[part], longitude[part], np.zeros(names[part].size)), ground)
        heard = levels(ground, sites, places, carrier, budget, model, radius)
        best[part] = heard.max(axis=0)
        for name in set(names[part]) - {""}:
            rows = [k for k, ids in enumerate(zip(cells, owner, strict=True)) if name in ids]
            own = np.flatnonzero(names[part] == name)
            best[start + own] = heard[np.ix_(np.array(rows), own)].max(axis=0)
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(best))


def compare(
    ground: Terrain, sites: Sequence[Site], latitude: _Floats, longitude: _Floats, level: _Floats, tower: Sequence[str],
    road: Sequence[str], carrier: Carrier, budget: Budget, model: Model, radius: float,
) -> Compared:  # fmt: skip
    """Return measured and predicted levels side by side; samples outside the terrain or beyond the radius are left out."""
    predicted = predicted_levels(ground, sites, latitude, longitude, tower, carrier, budget, model, radius)
    index = np.flatnonzero(np.isfinite(predicted) & ground.contains(latitude, longitude))
    degrees = STRETCH_KM / 111.2
    stretch = [
        road[int(k)] or f"{np.floor(latitude[k] / degrees):.0f} {np.floor(longitude[k] / degrees):.0f}"
        for k in index
    ]
    _, number = np.unique(stretch, return_inverse=True) if stretch else (None, np.empty(0, np.int64))
    return Compared(
        index, predicted[index], level[index], class_of(ground, latitude[index], longitude[index]), number
    )


class HeldOut(NamedTuple):
    """How calibration does on roads it has not seen: error before and after [dB], share of samples within 90 % intervals."""

    before: float
    after: float
    within: float


def held_out(compared: Compared, share: float = 0.9, folds: int = FOLDS) -> HeldOut | None:
    """Leave every fifth road out in turn and predict it from the others; None where there are too few roads."""
    roads = np.unique(compared.road)
    if roads.size < 2 * folds:
        return None
    group = compared.road % folds
    difference = compared.measured - compared.predicted
    left, inside = np.empty(difference.size), np.empty(difference.size, bool)
    for fold in range(folds):
        out = group == fold
        learnt = calibrate(difference[~out], compared.kind[~out], compared.road[~out], len(CLASSES))
        left[out] = difference[out] - learnt.bias[compared.kind[out]]
        low, high = learnt.interval(compared.predicted[out], compared.kind[out], share)
        inside[out] = (compared.measured[out] >= low) & (compared.measured[out] <= high)
    return HeldOut(
        float(np.sqrt((difference**2).mean())), float(np.sqrt((left**2).mean())), float(inside.mean())
    )


def learnt_from(compared: Compared) -> Calibration:
    """Return what all samples say.

    Raises
    ------
    MeasuredError
        Where there are too few roads.
    """
    return calibrate(compared.measured - compared.predicted, compared.kind, compared.road, len(CLASSES))


def verdict(claimed: bool, chance: float, sure: float = 0.9) -> str:
    """Return ``holds``, ``does not hold`` or ``not settled`` for a claim, given the chance that the place is covered."""
    if chance >= sure:
        return "holds" if claimed else "does not hold"
    if chance <= 1.0 - sure:
        return "does not hold" if claimed else "holds"
    return "not settled"
