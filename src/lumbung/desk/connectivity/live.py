"""``python -m lumbung.desk.connectivity.live``: answers a map's questions at once, over ground that it keeps in memory.

One JSON object a line on standard input, one answer a line on standard output. It ends when its input does.

    {"job": folder, "ask": "ready"}
    {"job": folder, "ask": "village", "number": 3}
    {"job": folder, "ask": "moved", "tower": "T1", "latitude": …, "longitude": …, "exact": false}
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from lumbung.connectivity.engine.radials import EARTH_RADIUS_KM
from lumbung.connectivity.radio.coverage import Site, coverage_map, on_cells, reception, service
from lumbung.connectivity.radio.preview import preview
from lumbung.connectivity.radio.sites import CoverageError
from lumbung.desk.connectivity.levels import Level, kept, strongest
from lumbung.desk.connectivity.overlay import classes, overlay
from lumbung.desk.connectivity.region import read_region
from lumbung.desk.jobs.folder import Job
from lumbung.desk.jobs.line import own_line
from lumbung.desk.jobs.progress import JobError

HEIGHTS_M = (20.0, 30.0, 40.0, 50.0, 60.0, 80.0)
BULGE = 4.0 / 3.0
"""Effective earth radius factor for the line of sight that is drawn."""
_NEAREST = 3
_MANY = 64
_POINTS = 240


class Scene:
    """A job's region, with what each tower gives kept for as long as the tower stands where it is.

    Parameters
    ----------
    job : Job
    """

    def __init__(self, job: Job) -> None:
        self.region = read_region(job)
        self._job = job
        self._exact: dict[Site, Level] = {}
        self._previews: dict[Site, Level] = {}

    def level(self, site: Site, exact: bool) -> Level:
        """Return a tower's RSRP [dBm] and its grid; where it need not be exact, the best that is known or quick."""
        r = self.region
        if site not in self._exact and site in r.towers:
            found = kept(self._job, r, r.towers.index(site))
            if found is not None:
                self._exact[site] = found
        if site in self._exact:
            return self._exact[site]
        if not exact:
            if site not in self._previews:
                self._previews = dict(list(self._previews.items())[-_MANY:])
                self._previews[site] = preview(
                    r.ground, site, r.carrier, r.budget, model=r.model, radius=r.radius,
                    classes=partial(classes, threshold=r.threshold),
                )  # fmt: skip
            return self._previews[site]
        drawn = coverage_map(r.ground, [site], r.carrier, r.budget, model=r.model, radius=r.radius)
        self._exact = dict(list(self._exact.items())[-_MANY:])
        self._exact[site] = drawn.rsrp, drawn.grid
        return self._exact[site]

    def strongest(self, sites: tuple[Site, ...], exact: bool) -> Level:
        """Return the strongest RSRP [dBm] of all towers, over the cells that any of them reaches."""
        return strongest([self.level(site, exact) for site in sites])

    def served(self, sites: tuple[Site, ...]) -> list[bool]:
        """Return which villages are served."""
        r = self.region
        if r.demand is None:
            return []
        pairs = service(
            r.ground, sites, on_cells(r.demand, r.ground), r.carrier, r.budget, model=r.model, radius=r.radius
        )
        return [bool(each) for each in reception(pairs, threshold=r.threshold, known=r.known).served]


def moved(scene: Scene, tower: str, latitude: float, longitude: float, exact: bool) -> dict[str, Any]:
    """Return the map and who is served if a tower stood elsewhere; who is served is exact either way."""
    towers = tuple(
        replace(site, latitude=latitude, longitude=longitude) if site.id == tower else site
        for site in scene.region.towers
    )
    level, grid = scene.strongest(towers, exact)
    picture, bounds = overlay(level, grid, scene.region.threshold)
    before, now = scene.served(scene.region.towers), scene.served(towers)
    people = scene.region.demand.people if scene.region.demand is not None else np.zeros(0)
    return {
        "picture": f"data:image/png;base64,{base64.b64encode(picture).decode()}", "bounds": bounds, "exact": exact,
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
    return Scene(Job(Path(folder)))


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to one question; ``error`` where there is none."""
    try:
        scene = _scene(asked["job"])
        if asked["ask"] == "village":
            return village(scene, asked["number"])
        if asked["ask"] == "moved":
            return moved(scene, asked["tower"], asked["latitude"], asked["longitude"], asked["exact"])
        if scene.region.towers:
            scene.strongest(scene.region.towers, exact=False)
    except (JobError, CoverageError, ValueError) as error:
        return {"error": str(error)}
    return {}


def main() -> None:
    """Answer until there is nobody who asks."""
    asked, answers = own_line()
    for line in asked:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
