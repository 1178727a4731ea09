"""How well intervals learnt from drive tests hold on roads nobody drove, over many GENERATED truths.

    python benchmarks/connectivity_calibration.py [--truths 40] [--roads 40] [--shadow 6] [--json]

Each truth is the model on generated islands, off by a bias for each class of surroundings (open, low, tall: normal, mean -4 dB, 6 dB), by
roads (3 dB), and by shadowing along the road (6 dB, correlation falling by e every 80 m, so that neighbouring samples are not
independent). Half of the roads are learnt from, the other half is predicted.

What roads and shadowing take is no calibration's to remove, so beside the fall of the error stands how much of what can be removed
was: the share of the squared error above theirs. ``--shadow`` is the noise that all hangs on.
"""

from __future__ import annotations

import argparse
import json
import math
import sys

import numpy as np

from lumbung.connectivity.engine.antenna import three_sectors
from lumbung.connectivity.engine.cellular import Budget, Carrier
from lumbung.connectivity.engine.measured import calibrate
from lumbung.connectivity.ground.generated_terrain import generated_islands
from lumbung.connectivity.radio.coverage import Model, Site
from lumbung.connectivity.radio.drive_tests import CLASSES, class_of, predicted_levels

EACH, STEP_M = 80, 40.0
ROAD_DB, SHADOW_DB, ALIKE_M = 3.0, 6.0, 80.0


def one_truth(seed: int, roads: int, shadow_db: float) -> tuple[float, float, float]:
    """Return error before and after [dB] and the share of samples within 90 % intervals, on the roads left out."""
    rng = np.random.default_rng([seed, 9])
    ground = generated_islands(seed, rows=300, columns=300)
    rows, columns = np.nonzero(ground.height > 120.0)
    picked = rng.choice(rows.size, 4, replace=False)
    sites = [
        Site(
            f"T{n}", ground.grid.north - rows[k] * ground.grid.step_lat,
            ground.grid.west + columns[k] * ground.grid.step_lon, 40.0, tuple(three_sectors()),
        )
        for n, k in enumerate(picked)
    ]  # fmt: skip
    land = np.flatnonzero((ground.height > 0.5).ravel())
    start = np.array(np.unravel_index(rng.choice(land, 2 * roads), ground.height.shape)).T
    along = STEP_M / ground.cell_metres * np.arange(EACH)
    turn = rng.uniform(0.0, 2.0 * math.pi, 2 * roads)
    row = start[:, :1] + along * np.sin(turn)[:, None]
    column = start[:, 1:] + along * np.cos(turn)[:, None]
    latitude = (ground.grid.north - row * ground.grid.step_lat).ravel()
    longitude = (ground.grid.west + column * ground.grid.step_lon).ravel()
    road = np.repeat(np.arange(2 * roads), EACH)
    predicted = predicted_levels(ground, sites, latitude, longitude, (), Carrier(), Budget(), Model(), 25.0)
    kind = class_of(ground, latitude, longitude)
    alike = math.exp(-STEP_M / ALIKE_M)
    shadow = np.empty((2 * roads, EACH))
    shadow[:, 0] = rng.standard_normal(2 * roads)
    for k in range(1, EACH):
        shadow[:, k] = alike * shadow[:, k - 1] + math.sqrt(1.0 - alike**2) * rng.standard_normal(2 * roads)
    bias = rng.normal(-4.0, 6.0, len(CLASSES))
    difference = bias[kind] + ROAD_DB * rng.standard_normal(2 * roads)[road] + shadow_db * shadow.ravel()
    # Telephones report nothing below -140 dBm; roads at sea or beyond every tower are not driven.
    keep = np.isfinite(predicted) & ground.contains(latitude, longitude) & (predicted + difference >= -140.0)
    learnt, out = keep & (road % 2 == 0), keep & (road % 2 == 1)
    found = calibrate(difference[learnt], kind[learnt], road[learnt], len(CLASSES))
    low, high = found.interval(predicted[out], kind[out])
    measured = predicted[out] + difference[out]
    left = difference[out] - found.bias[kind[out]]
    return (
        float(np.sqrt((difference[out] ** 2).mean())),
        float(np.sqrt((left**2).mean())),
        float(((measured >= low) & (measured <= high)).mean()),
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--truths", type=int, default=40)
    parser.add_argument("--roads", type=int, default=40)
    parser.add_argument(
        "--shadow", type=float, default=SHADOW_DB, help=f"shadowing [dB] (default {SHADOW_DB:g})"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = np.array([one_truth(seed, options.roads, options.shadow) for seed in range(options.truths)])
    before, after = np.sqrt((found[:, :2] ** 2).mean(0))
    floor = math.hypot(ROAD_DB, options.shadow)
    removed = (before**2 - after**2) / (before**2 - floor**2)
    within = found[:, 2]
    if options.json:
        print(
            json.dumps(
                {
                    "before": before,
                    "after": after,
                    "floor": floor,
                    "removed": removed,
                    "within": within.mean(),
                    "least": within.min(),
                    "most": within.max(),
                }
            )
        )
        return 0
    print(
        f"{options.truths} truths, {options.roads} roads learnt from in each and as many left out (GENERATED): error {before:.2f} dB before, "
        f"{after:.2f} dB after ({1.0 - after / before:.0%} less; roads and shadowing alone are {floor:.2f} dB, and {removed:.1%} of the squared "
        f"error above them is gone); {within.mean():.1%} of samples within their 90 % interval "
        f"(single truths {within.min():.1%} to {within.max():.1%})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
