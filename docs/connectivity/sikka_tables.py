"""Make the tables of a siting study for one Indonesian regency out of a list of its villages and an elevation file.

    python sikka_tables.py VILLAGES.csv FOLDER --code 53.07 --people 346614

VILLAGES.csv has the columns code, name, lat, lng (official code first, as 53.07.01.2001). FOLDER holds the elevation files
and receives villages.csv, candidates.csv and fibre.csv. Two things are models, not data: the regency's people are spread
evenly over its villages, and the costs are round figures in million rupiah. Replace them with your own.

    python sikka_tables.py VILLAGES.csv FOLDER --code 53.07 --people 346614 --stand-in

writes generated ground to FOLDER first, to rehearse before the SRTM tiles are there.
"""

from __future__ import annotations

import argparse
import csv
import math
from pathlib import Path

import numpy as np

from lumbung.connectivity.challenge.remote_regions import Region, generated_area
from lumbung.connectivity.ground.elevation_files import read_terrain
from lumbung.connectivity.ground.terrain import Terrain
from lumbung.connectivity.people.listed_places import ListedPlace

Village = tuple[str, str, float, float]
# Million rupiah. A mast of 42 m, land, solar power; a road only where the site lies above its village.
COSTS = {"tower": 1200, "land": 60, "power": 350}
ROAD_PER_METRE_OF_RISE = 2.0


def villages_of(path: Path, code: str) -> list[Village]:
    """Read the villages whose code begins with the regency's."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [
            (row["code"], row["name"], float(row["lat"]), float(row["lng"]))
            for row in csv.DictReader(file)
            if row["code"].startswith(code + ".")
        ]


def stand_in(villages: list[Village], folder: Path) -> None:
    """Write generated ground under the villages."""
    import rasterio
    from rasterio.transform import from_origin

    middle = [0.5 * (min(v[k] for v in villages) + max(v[k] for v in villages)) for k in (2, 3)]
    region = Region("stand-in", "stand-in", middle[0], middle[1], 0.85, 0.0, 1700.0, 1.9)
    places = [ListedPlace(n, v[1], v[2], v[3], 1) for n, v in enumerate(villages)]
    ground = generated_area(region, places, 0, 1.0).ground
    g = ground.grid
    with rasterio.open(
        folder / "GENERATED-ground.tif", "w", driver="GTiff", height=ground.height.shape[0], width=ground.height.shape[1],
        count=1, dtype="float32", crs="EPSG:4326",
        transform=from_origin(g.west - 0.5 * g.step_lon, g.north + 0.5 * g.step_lat, g.step_lon, g.step_lat),
    ) as raster:  # fmt: skip
        raster.write(ground.height, 1)


def candidates(villages: list[Village], ground: Terrain) -> list[list[object]]:
    """Return a candidate on the highest ground within 3 km of every village, each spot once."""
    reach = max(round(3000.0 / ground.cell_metres), 1)
    rows: dict[tuple[int, int], list[object]] = {}
    for code, name, latitude, longitude in villages:
        if not ground.contains(np.array([latitude]), np.array([longitude]))[0]:
            continue
        row, column = (int(part[0]) for part in ground.cells(np.array([latitude]), np.array([longitude])))
        top, left = max(row - reach, 0), max(column - reach, 0)
        near = ground.height[top : row + reach + 1, left : column + reach + 1]
        i, j = np.unravel_index(int(np.nanargmax(near)), near.shape)
        cell = (top + int(i), left + int(j))
        rise = max(float(ground.height[cell] - ground.height[row, column]), 0.0)
        place = (
            ground.grid.north - cell[0] * ground.grid.step_lat,
            ground.grid.west + cell[1] * ground.grid.step_lon,
        )
        road = round(ROAD_PER_METRE_OF_RISE * rise) if math.isfinite(rise) else 0
        rows.setdefault(
            cell, [f"above {code}", name, f"{place[0]:.5f}", f"{place[1]:.5f}", 42, *COSTS.values(), road]
        )
    return list(rows.values())


def write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    """Write a table and say so."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    print(f"{path}: {len(rows)} rows")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("villages", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--code", default="53.07")
    parser.add_argument("--people", type=int, default=346614)
    parser.add_argument(
        "--fibre", default="Maumere,-8.6199,122.2111", help="name,latitude,longitude of a fibre point"
    )
    parser.add_argument("--stand-in", action="store_true")
    arguments = parser.parse_args()
    villages = villages_of(arguments.villages, arguments.code)
    if not villages:
        parser.error(f"{arguments.villages}: no code begins with {arguments.code}.")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if arguments.stand_in:
        stand_in(villages, arguments.folder)
    ground = read_terrain([arguments.folder])
    each = arguments.people / len(villages)
    write(
        arguments.folder / "villages.csv",
        ["id", "name", "lat", "lon", "people"],
        [[code, name, latitude, longitude, round(each)] for code, name, latitude, longitude in villages],
    )
    write(
        arguments.folder / "candidates.csv",
        ["id", "name", "lat", "lon", "heights", *COSTS, "road"],
        candidates(villages, ground),
    )
    name, latitude, longitude = arguments.fibre.split(",")
    write(
        arguments.folder / "fibre.csv",
        ["id", "name", "lat", "lon", "height"],
        [["FIBRE", name, latitude, longitude, 45]],
    )


if __name__ == "__main__":
    main()
