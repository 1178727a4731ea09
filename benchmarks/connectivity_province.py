"""The map of a province: time, memory, and that it goes on where it was killed.

    python benchmarks/connectivity_province.py [--side 224] [--sites 60] [--radius 20] [--kill 0.5] [--json]

Ground of side x side km in cells of 30 m is GENERATED (fractal, a tenth of it sea) and written as the GeoTIFF that a planner
would have, with sites of three sectors on a jittered lattice and one village to each square of 4 km. Then ``lumbung
connectivity cover --resume`` runs as a process of its own. With ``--kill`` it is killed (SIGKILL) after that share of its
towers and started again; times are of both together, and the raster is compared with one that ran through where
``--compare`` is given. Processor seconds over two processors say what a machine with nothing else to do would take.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import from_origin

from lumbung.connectivity.ground.generated_terrain import fractal_surface

CELL_M, NORTH, WEST = 30.0, -7.0, 120.0
STEP = CELL_M / 111_194.9
START = "from lumbung.cli import main; main()"


def write_inputs(folder: Path, side: float, sites: int) -> int:
    """Write ground, towers and villages; return how many cells the ground has."""
    rng = np.random.default_rng(50)
    cells = round(side * 1000.0 / CELL_M)
    shape = fractal_surface(cells, cells, 1.9, rng)
    height = np.maximum(600.0 * (shape - np.quantile(shape, 0.1)), 0.0).astype(np.float32)
    with rasterio.open(
        folder / "generated-province.tif", "w", driver="GTiff", width=cells, height=cells, count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(WEST, NORTH, STEP, STEP), tiled=True, compress="DEFLATE",
    ) as file:  # fmt: skip
        file.write(height, 1)
    across = math.ceil(math.sqrt(sites))
    spots = [(row, column) for row in range(across) for column in range(across)]
    with (folder / "towers.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "lat", "lon", "height_m", "antenna"])
        for number in np.sort(rng.choice(len(spots), sites, replace=False)):
            row, column = ((place + rng.uniform(0.2, 0.8)) / across * cells for place in spots[number])
            table.writerow([f"T{number}", NORTH - row * STEP, WEST + column * STEP, 45, "three sectors"])
    with (folder / "villages.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "lat", "lon", "population"])
        for number in range(int(side * side / 16.0)):
            row, column = rng.uniform(0, cells, 2)
            table.writerow([f"V{number}", NORTH - row * STEP, WEST + column * STEP, 500])
    return cells * cells


def run(folder: Path, radius: float, out: str, kill_after: int | None) -> dict[str, float]:
    """Run the command; return wall and processor seconds and the most memory [GiB], also where it was killed."""
    command = [
        sys.executable, "-c", START, "connectivity", "cover", "--terrain", folder / "generated-province.tif", "--towers",
        folder / "towers.csv", "--villages", folder / "villages.csv", "--radius", str(radius), "--output", folder / out, "--resume",
    ]  # fmt: skip
    began = time.perf_counter()
    child = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    if kill_after is not None:
        while (
            child.poll() is None and len(list((folder / out / "finished-towers").glob("*.npy"))) < kill_after
        ):
            time.sleep(0.2)
        child.send_signal(signal.SIGKILL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, -signal.SIGKILL):
        raise SystemExit(
            f"cover ended with {child.returncode}: {child.stderr.read() if child.stderr else ''}"
        )
    return {
        "wall_s": time.perf_counter() - began,
        "processor_s": used.ru_utime + used.ru_stime,
        "memory_gib": used.ru_maxrss / 2**20,
    }


def raster(path: Path) -> Any:
    with rasterio.open(path) as file:
        return file.read(1)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--side", type=float, default=224.0, help="of the province [km] (default 224: 50,176 km2)"
    )
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--radius", type=float, default=20.0, help="of each site [km] (default 20)")
    parser.add_argument("--kill", type=float, help="share of the towers after which to kill it once")
    parser.add_argument("--compare", action="store_true", help="compare with a map that ran through")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    say = (lambda *_: None) if options.json else print
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cells = write_inputs(folder, options.side, options.sites)
        say(
            f"{options.side**2:,.0f} km2, {cells:,} cells of {CELL_M:g} m (GENERATED), {options.sites} sites of three sectors to "
            f"{options.radius:g} km",
            flush=True,
        )
        parts = []
        if options.kill is not None:
            parts.append(run(folder, options.radius, "map", max(int(options.kill * options.sites), 1)))
            say(f"killed after {parts[-1]['wall_s']:.0f} s", flush=True)
        parts.append(run(folder, options.radius, "map", None))
        summary = json.loads((folder / "map" / "summary.json").read_text())
        found: dict[str, Any] = {
            "cells": cells, "sites": options.sites, "radius_km": options.radius,
            "wall_s": sum(part["wall_s"] for part in parts), "processor_s": sum(part["processor_s"] for part in parts),
            "memory_gib": max(part["memory_gib"] for part in parts),
            "villages": summary["villages"], "villages_served": summary["villages_served"],
            "gone_on": [note for note in summary["notes"] if "before an interruption" in note],
        }  # fmt: skip
        say(
            f"{found['wall_s']:.0f} s by the clock, {found['processor_s']:.0f} processor seconds ({found['processor_s'] / 120:.1f} minutes on two "
            f"processors of their own), at most {found['memory_gib']:.1f} GiB; {found['villages_served']} of "
            f"{found['villages']} villages served {' '.join(found['gone_on'])}",
            flush=True,
        )
        if options.compare:
            run(folder, options.radius, "through", None)
            alike = [
                raster(folder / "map" / name).tobytes() == raster(folder / "through" / name).tobytes()
                for name in ("rsrp.tif", "sinr.tif", "server.tif")
            ]
            found["same_bits"] = all(alike)
            say(f"same bits as a map that ran through: {found['same_bits']}")
        if options.json:
            print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
