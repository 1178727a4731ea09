"""A programme of phases with backhaul, power and floors: gap and time, beside plain HiGHS on the same program.

    python benchmarks/connectivity_rollout.py [--villages 300] [--sites 150] [--years 5] [--seconds 600] [--seeds 1 2 3] [--json]

Villages, sites, rates and prices are GENERATED at random in a square of 120 km; sites within 40 km of one of two fibre points may
hop to it, others over sites that can, all may have a satellite of 20 Mbit/s; four regions must have 15 % of their people at the speed. Plain
HiGHS gets the program as ``engine.phasing.program`` writes it, one thread, no first answer, the same time. Each ends at a gap of 0.5 % or
when time is up.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np

from lumbung.connectivity.engine.covering.relaxation import quiet_solver
from lumbung.connectivity.engine.phasing.program import program
from lumbung.connectivity.engine.phasing.programme import Programme
from lumbung.connectivity.engine.phasing.search import solve

SIDE_KM, REACH_KM, HOP_KM = 120.0, 12.0, 40.0
SPEED, ACTIVE = 2.0, 0.02
ENOUGH = 0.005


def made_up(seed: int, villages: int, sites: int, years: int) -> Programme:
    """Return a programme at random; the same seed gives the same one."""
    rng = np.random.default_rng(seed)
    home = rng.uniform(0.0, SIDE_KM, (villages, 2))
    people = np.round(700.0 * np.exp(0.9 * rng.standard_normal(villages)))
    mast = home[rng.choice(villages, sites, replace=sites > villages)] + rng.normal(0.0, 2.0, (sites, 2))
    fibre = np.array([[20.0, 20.0], [100.0, 90.0]])
    apart = np.linalg.norm(home[:, None] - mast[None], axis=2)
    place, site = np.nonzero(apart < REACH_KM * np.exp(0.3 * rng.standard_normal(apart.shape)))
    rate = np.clip(30.0 * (1.0 - apart[place, site] / 16.0), 2.5, 30.0)
    towards = home[place] - mast[site]
    sector = ((np.arctan2(towards[:, 1], towards[:, 0]) + np.pi) / (2.0 * np.pi) * 3.0).astype(int) % 3
    traffic = people[place] * ACTIVE * SPEED
    to_fibre = np.linalg.norm(mast[:, None] - fibre[None], axis=2).min(axis=1)
    base = rng.uniform(60.0, 140.0, sites)
    ways: list[tuple[int, float, int, bool, float]] = []
    for k in range(sites):
        if to_fibre[k] < HOP_KM:
            ways.append((k, base[k] + 25.0, -1, True, np.inf))
        else:
            near = np.argsort(np.linalg.norm(mast - mast[k], axis=1))[1:6]
            ways += [(k, base[k] + 25.0, int(m), True, np.inf) for m in near if to_fibre[m] < HOP_KM]
        ways.append((k, base[k] + 80.0, -1, False, 20.0))
    way_site, cost, over, carries, limit = (np.array(column) for column in zip(*ways, strict=True))
    money = 0.35 * (base + 25.0).sum() * np.arange(1, years + 1) / years
    return Programme(
        people, np.ones(years), money, way_site, way_site, cost, over, carries, limit, np.repeat(np.arange(sites), 3),
        place, site * 3 + sector, traffic / rate, traffic, (home[:, 0] // 30.0).astype(np.int64).clip(0, 3), np.full(4, 0.15),
    )  # fmt: skip


def plain(p: Programme, seconds: float) -> tuple[float, float, float]:
    """Return value, bound and seconds of HiGHS left alone."""
    solver = quiet_solver(seconds, lambda: False)
    solver.setOptionValue("mip_rel_gap", ENOUGH)
    begun = time.monotonic()
    solver.passModel(program(p))
    solver.run()
    info = solver.getInfo()
    found = solver.getSolution().value_valid
    return (info.objective_function_value if found else 0.0), info.mip_dual_bound, time.monotonic() - begun


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, value in (("villages", 300), ("sites", 150), ("years", 5)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for seed in options.seeds:
        p = made_up(seed, options.villages, options.sites, options.years)
        ours = solve(p, options.seconds, ENOUGH)
        value, bound, seconds = plain(p, options.seconds)
        gap = (bound - value) / value if value > 0.0 else np.inf
        rows.append(
            {
                "seed": seed, "ways": p.ways, "pairs": p.pairs, "value": ours.value, "bound": ours.bound, "gap": ours.gap,
                "seconds": ours.seconds, "plain_value": value, "plain_gap": gap, "plain_seconds": seconds,
            }
        )  # fmt: skip
        if not options.json:
            print(
                f"seed {seed}: {p.ways} ways, {p.pairs} pairs, {p.years} years (GENERATED): {ours.value:,.0f} person-years, "
                f"gap {ours.gap:.2%} after {ours.seconds:.1f} s; plain HiGHS {value:,.0f}, gap {gap:.2%} after {seconds:.1f} s",
                flush=True,
            )
    if options.json:
        print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
