"""``python -m lumbung.desk.connectivity.live``: answers a map's questions at once, over ground that it keeps in memory.

One JSON object a line on standard input, one answer a line on standard output. It ends when its input does.

    {"job": folder, "ask": "ready"}
    {"job": folder, "ask": "village", "number": 3}
    {"job": folder, "ask": "moved", "tower": "T1", "latitude": …, "longitude": …, "every": 2}
"""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lumbung.connectivity.engine.radials import EARTH_RADIUS_KM, Grid
from lumbung.connectivity.radio.coverage import Site, coverage_map, on_cells, reception, service
from lumbung.connectivity.radio.sites import CoverageError
from lumbung.desk.connectivity.overlay import overlay
from lumbung.desk.connectivity.region import Region, read_region
from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.progress import JobError

HEIGHTS_M = (20.0, 30.0, 40.0, 50.0, 60.0, 80.0)
BULGE = 4.0 / 3.0
"""Effective earth radius factor for the line of sight that is drawn."""
_NEAREST = 3
_POINTS = 240


class Scene:
    """A job's region, with what each tower reaches kept for as long as the tower stands where it is."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._levels: dict[tuple[Site, int], tuple[NDArray[np.float32], Grid]] = {}

    def level(self, site: Site, every: int) -> tuple[NDArray[np.float32], Grid]:
        """Return a tower's RSRP [dBm] and its grid."""
        if (site, every) not in self._levels:
            r = self.region
            drawn = coverage_map(
                r.ground, [site], r.carrier, r.budget, model=r.model, radius=r.radius, every=every
            )
            if len(self._levels) > 64:
                self._levels.clear()
            self._levels[site, every] = drawn.rsrp, drawn.grid
        return self._levels[site, every]

    def strongest(self, sites: tuple[Site, ...], every: int) -> tuple[NDArray[np.float32], Grid]:
        """Return the strongest RSRP [dBm] of all towers, over the cells that any of them reaches."""
        drawn = [self.level(site, every) for site in sites]
        first = drawn[0][1]
        north = max(grid.north for _, grid in drawn)
        west = min(grid.west for _, grid in drawn)
        places = [
            (round((north - grid.north) / first.step_lat), round((grid.west - west) / first.step_lon), level)
            for level, grid in drawn
        ]
        rows = max(top + level.shape[0] for top, _, level in places)
        columns = max(left + level.shape[1] for _, left, level in places)
        found = np.full((rows, columns), np.nan, np.float32)
        for top, left, level in places:
            part = found[top : top + level.shape[0], left : left + level.shape[1]]
            np.fmax(part, level, out=part)
        return found, Grid(north, west, first.step_lat, first.step_lon)

    def served(self, sites: tuple[Site, ...]) -> list[bool]:
        """Return which villages are served."""
        r = self.region
        if r.demand is None:
            return []
        pairs = service(
            r.ground, sites, on_cells(r.demand, r.ground), r.carrier, r.budget, model=r.model, radius=r.radius
        )
        return [bool(each) for each in reception(pairs, threshold=r.threshold, known=r.known).served]


def moved(scene: Scene, tower: str, latitude: float, longitude: float, every: int) -> dict[str, Any]:
    """Return the map and who is served if a tower stood elsewhere."""
    towers = tuple(
        replace(site, latitude=latitude, longitude=longitude) if site.id == tower else site
        for site in scene.region.towers
    )
    level, grid = scene.strongest(towers, every)
    picture, bounds = overlay(level, grid, scene.region.threshold)
    before, now = scene.served(scene.region.towers), scene.served(towers)
    people = scene.region.demand.people if scene.region.demand is not None else np.zeros(0)
    return {
        "picture": f"data:image/png;base64,{base64.b64encode(picture).decode()}", "bounds": bounds, "every": every,
        "served": now, "people_before": float(people[np.array(before, bool)].sum()),
        "people_now": float(people[np.array(now, bool)].sum()),
        "won": sum(b and not a for a, b in zip(before, now, strict=True)),
        "lost": sum(a and not b for a, b in zip(before, now, strict=True)),
    }  # fmt: skip


def village(scene: Scene, number: int) -> dict[str, Any]:
    """Return who serves a village or why nobody does: each near tower's level, what would help, and the path between.

    The path is the ground between the best tower and the village with the straight line between the antennas, over an Earth
    of 4/3 its radius.
    """
    r = scene.region
    if r.demand is None or not 0 <= number < r.demand.size:
        raise CoverageError("no such village")
    one = replace(
        r.demand, id=(r.demand.id[number],), name=(r.demand.name[number],), latitude=r.demand.latitude[[number]],
        longitude=r.demand.longitude[[number]], people=r.demand.people[[number]], region=(),
    )  # fmt: skip
    place = on_cells(one, r.ground)
    far = [_distance(site, float(place.latitude[0]), float(place.longitude[0])) for site in r.towers]
    near = sorted(range(len(far)), key=far.__getitem__)[:_NEAREST]
    links: list[dict[str, Any]] = []
    for k in near:
        level = _levels(scene, [r.towers[k]], place)[0]
        links.append(
            {"tower": r.towers[k].id, "km": round(far[k], 1), "height": r.towers[k].height, "rsrp": level}
        )
    links.sort(key=lambda link: (link["rsrp"] is None, -(link["rsrp"] or 0.0)))
    best = next(site for site in r.towers if site.id == links[0]["tower"])
    higher = [replace(best, id=f"{height:g}", height=height) for height in HEIGHTS_M if height > best.height]
    helps = next(
        (site.height for site, level in zip(higher, _levels(scene, higher, place), strict=True) if level is not None and level >= r.threshold),
        None,
    )  # fmt: skip
    served = (
        links[0]["rsrp"] is not None
        and links[0]["rsrp"] >= r.threshold
        and bool(r.known is None or r.known[number])
    )
    return {
        "name": one.name[0], "people": float(one.people[0]), "served": served, "threshold": r.threshold, "links": links,
        "known": bool(r.known is None or r.known[number]), "radius": r.radius, "height_that_helps": None if served else helps,
        "path": _path(scene, best, float(place.latitude[0]), float(place.longitude[0])),
    }  # fmt: skip


def _levels(scene: Scene, sites: list[Site], place: Any) -> list[float | None]:
    """Return each site's RSRP [dBm] at one place; None beyond the radius or over unknown ground."""
    r = scene.region
    if not sites:
        return []
    heard = service(r.ground, sites, place, r.carrier, r.budget, model=r.model, radius=r.radius)
    found: list[float | None] = [None] * len(sites)
    for site, level in zip(heard.site, heard.rsrp, strict=True):
        found[int(site)] = round(float(level), 1)
    return found


def _path(scene: Scene, site: Site, latitude: float, longitude: float) -> dict[str, Any]:
    ground = scene.region.ground
    share = np.linspace(0.0, 1.0, _POINTS)
    km = _distance(site, latitude, longitude)
    # Over some tens of kilometres the straight line in degrees is within a cell of the great circle.
    rows = ground.cells(
        site.latitude + share * (latitude - site.latitude),
        site.longitude + share * (longitude - site.longitude),
    )
    height = np.nan_to_num(ground.height[rows], nan=0.0).astype(float)
    bulge = share * (1.0 - share) * km**2 / (2.0 * BULGE * EARTH_RADIUS_KM) * 1000.0
    above = height + bulge
    top, end = height[0] + site.height, height[-1] + scene.region.model.receiver_height
    line = top + share * (end - top)
    over = above - line
    worst = int(np.argmax(over[1:-1])) + 1
    return {
        "tower": site.id, "km": round(km, 2), "ground": [round(float(h), 1) for h in above],
        "line": [round(float(top), 1), round(float(end), 1)], "worst_km": round(float(share[worst] * km), 1),
        "worst_m": round(float(over[worst])),
    }  # fmt: skip


def _distance(site: Site, latitude: float, longitude: float) -> float:
    phi, other = np.radians(site.latitude), np.radians(latitude)
    half = (
        np.sin((other - phi) / 2) ** 2
        + np.cos(phi) * np.cos(other) * np.sin(np.radians(longitude - site.longitude) / 2) ** 2
    )
    return float(2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half)))


@lru_cache(maxsize=2)
def _scene(folder: str) -> Scene:
    return Scene(read_region(Job(Path(folder))))


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one question; ``error`` where there is none."""
    try:
        scene = _scene(asked["job"])
        if asked["ask"] == "village":
            return village(scene, asked["number"])
        if asked["ask"] == "moved":
            return moved(scene, asked["tower"], asked["latitude"], asked["longitude"], asked["every"])
        if scene.region.towers:
            scene.strongest(scene.region.towers, asked.get("every", 2))
    except (JobError, CoverageError, ValueError) as error:
        return {"error": str(error)}
    return {}


def main() -> None:
    """Answer until there is nobody who asks."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
