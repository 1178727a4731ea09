"""Do the calendar's chances come true? Each year is forecast from the others and then looked at.

Run: python benchmarks/farm_reliability.py [--out reliability.svg]

For every start of the measured record of Hyderabad and of generated records the chance of a failed season is forecast from all years
but one, as `lumbung farm calendar` does, and held against what that year brought. What a year brings is the engine's yield plus an error drawn from
the distribution the calendar assumes: this scores the treatment of years, not the engine (`lumbung farm calibrate` does that).
Printed: the Brier score against that of always saying the record's mean, its skill, and the observed share by forecast chance;
drawn with --out as a reliability diagram.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from lumbung import farm
from lumbung.farm.calendar.drawing import PALETTE, SOFT, curve, line, svg, text
from lumbung.farm.calendar.model_error import model_error
from lumbung.farm.calendar.season import outlook_of
from lumbung.farm.weather import climates, generate_weather

FAILURE = 4000.0
EDGES = np.array([0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0])


def forecasts(ensemble: farm.Ensemble, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return forecast chance, whether it failed, and whether it lay in the band, one per start and year."""
    chance, failed, inside = [], [], []
    years = ensemble.yields.shape[2]
    for year in range(years):
        weights = np.where(np.arange(years) == year, 0.0, 1.0)
        weights *= np.isfinite(ensemble.yields).any(axis=(0, 1))
        outlook = outlook_of(replace(ensemble, weights=weights / weights.sum()), FAILURE)
        truth = ensemble.yields[0, :, year] + rng.normal(
            0.0, model_error("rice").rmse, ensemble.yields.shape[1]
        )
        known = np.isfinite(truth)
        truth = np.maximum(truth, 0.0)
        chance.append(outlook.risk[0, known])
        failed.append((truth < FAILURE)[known])
        inside.append(((truth >= outlook.low[0]) & (truth <= outlook.high[0]))[known])
    return np.concatenate(chance), np.concatenate(failed), np.concatenate(inside)


def diagram(chance: np.ndarray, failed: np.ndarray) -> str:
    """Draw observed against forecast chance; a circle's area shows how many forecasts it stands for."""
    left, size = 60.0, 400.0

    def at(forecast: float, seen: float) -> tuple[float, float]:
        return left + forecast * size, 40.0 + (1.0 - seen) * size

    body = [text(left, 24, "observed share of failures, by forecast chance", extra='font-weight="600"')]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        body += [line(*at(0.0, share), *at(1.0, share)), line(*at(share, 0.0), *at(share, 1.0))]
        body += [text(left - 8, at(0.0, share)[1] + 4, f"{share:.0%}", "end", SOFT)]
        body += [text(at(share, 0.0)[0], 40 + size + 18, f"{share:.0%}", "middle", SOFT)]
    body.append(line(*at(0.0, 0.0), *at(1.0, 1.0), SOFT, 1.0, 'stroke-dasharray="4 4"'))
    points = []
    for low, high in pairwise(EDGES):
        mine = (chance >= low) & ((chance < high) if high < 1.0 else (chance <= 1.0))
        if mine.any():
            x, y = at(float(chance[mine].mean()), float(failed[mine].mean()))
            points.append((x, y))
            radius = 3.0 + 14.0 * (mine.sum() / chance.size) ** 0.5
            body.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{PALETTE[0]}" fill-opacity=".35"/>'
            )
    return svg(500, 480, [*body, curve(points, PALETTE[0])])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, help="draw the reliability diagram there (SVG)")
    choice = parser.parse_args()
    rng = np.random.default_rng(0)
    records = {"hyderabad (measured)": (farm.hyderabad(), range(2000, 2010))}
    for name, climate in climates().items():
        records[f"{name} (generated)"] = (generate_weather(climate, 1991, 31, seed=0), range(1991, 2021))
    print(
        f"rainfed IR64 on EC4, failure below {FAILURE:g} kg/ha, every start of the year, each year from the others"
    )
    print(f"{'record':<26}{'forecasts':>10}{'Brier':>8}{'mean only':>11}{'skill':>7}{'in 80 % band':>14}")
    together = []
    for name, (weather, years) in records.items():
        site = farm.Site(
            "x", weather.latitude, weather.longitude, weather, farm.soil("EC4"), (farm.variety("IR64"),)
        )
        chance, failed, inside = forecasts(farm.grow_ensembles([site], years)[0], rng)
        together.append((chance, failed))
        brier = np.mean((chance - failed) ** 2)
        plain = np.mean((failed.mean() - failed) ** 2)
        print(
            f"{name:<26}{chance.size:>10}{brier:>8.3f}{plain:>11.3f}{1 - brier / plain:>7.2f}{inside.mean():>13.0%}"
        )
    chance, failed = (np.concatenate(part) for part in zip(*together, strict=True))
    if choice.out is not None:
        choice.out.write_text(diagram(chance, failed), encoding="utf-8")
    print("\nforecast chance   forecasts   mean forecast   failed")
    for low, high in pairwise(EDGES):
        mine = (chance >= low) & ((chance < high) if high < 1.0 else (chance <= 1.0))
        if mine.any():
            print(
                f"{low:>6.0%} to {high:<6.0%}{mine.sum():>10}{chance[mine].mean():>15.0%}{failed[mine].mean():>10.0%}"
            )


if __name__ == "__main__":
    main()
