"""How long load-coupled interference takes to settle, for a network of a province's size.

    python benchmarks/connectivity_capacity.py [--cells 200] [--points 1000000] [--rates 0.02 0.05 0.1 0.3] [--json]

Cells stand at random in a square, three to a site; levels fall with distance after 3GPP TR 36.942 (rural, 900 MHz) with
lognormal shadowing of 8 dB, all GENERATED: what is measured is the fixed point, not a forecast. Printed for each demand
per point [Mbit/s]: rounds, seconds, how far the iterations from above and below are apart, and whether no load fell as
demand rose. The kernel is compiled before the clock starts.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

import numpy as np

from lumbung.connectivity.engine.antenna import Antenna, antenna_gain
from lumbung.connectivity.engine.cellular import SHANNON_SHARE, Budget, Carrier, efficiencies, rate_of_one
from lumbung.connectivity.engine.load_coupling import Cells, Heard, by_server, settled, strongest
from lumbung.kernels.compiling import available_processors, use_threads

SIDE_KM = 220.0
NEIGHBOURS = 12
CHUNK = 50_000


def made_up(cells: int, points: int, carrier: Carrier, budget: Budget) -> tuple[Cells, Heard]:
    """Return a network: sites of three sectors and points at random."""
    rng = np.random.default_rng(20)
    sites = -(-cells // 3)
    where = rng.uniform(0.0, SIDE_KM, (sites, 2))
    parts = []
    for start in range(0, points, CHUNK):
        at = rng.uniform(0.0, SIDE_KM, (min(CHUNK, points - start), 2))
        east, north = (at[None, :, k] - where[:, None, k] for k in (0, 1))
        distance = np.maximum(np.hypot(east, north), 0.05)
        bearing = np.degrees(np.arctan2(east, north))
        # TR 36.942, 4.5.3: 95.5 + 34.1 log10 d at 900 MHz, masts of 45 m.
        loss = 95.5 + 34.1 * np.log10(distance) + 8.0 * rng.standard_normal(distance.shape)
        level = np.empty((3 * sites, at.shape[0]))
        for sector in range(3):
            gain = antenna_gain(Antenna("sector", 15.0, 120.0 * sector), bearing, 0.0)
            level[sector::3] = 10.0 ** (0.1 * (budget.fixed_gain(carrier) + gain - loss))
        parts.append(strongest(level[:cells], np.zeros(cells, np.int64), NEIGHBOURS))
    heard, _ = by_server(parts, cells)
    full = np.ones(cells)
    table = efficiencies(carrier)
    return Cells(
        full * 10.0 ** (0.1 * budget.noise(carrier)), full * rate_of_one(carrier), full * table[0], full * table[-1],
        full * 0.0, np.ones((cells, 1)),
    ), heard  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rates", type=float, nargs="+", default=[0.0005, 0.001, 0.002, 0.004])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    say = (lambda *_: None) if options.json else print
    threads = use_threads(None)
    started = time.perf_counter()
    cells, heard = made_up(options.cells, options.points, Carrier(), Budget())
    say(
        f"{options.cells} cells, {options.points:,} points, {NEIGHBOURS} neighbours each, {threads} threads on "
        f"{available_processors()} processors; made in {time.perf_counter() - started:.1f} s (GENERATED)"
    )
    share = np.ones(1)
    small = Heard(np.zeros(options.cells + 1, np.int64), *(column[:0] for column in heard[1:]))
    settled(cells, small, np.empty(0), share, SHANNON_SHARE)
    rows = []
    before = np.zeros(options.cells)
    for rate in sorted(options.rates):
        started = time.perf_counter()
        loads = settled(cells, heard, np.full(heard.signal.size, rate), share, SHANNON_SHARE)
        seconds = time.perf_counter() - started
        rising = bool((loads.load >= before - 1e-6).all())
        before = loads.load
        rows.append(
            {
                "rate": rate, "seconds": round(seconds, 2), "rounds": loads.rounds, "doubt": loads.doubt,
                "mean_load": round(float(loads.load.mean()), 4), "full": int((loads.needed >= 1.0).sum()), "monotone": rising,
            }
        )  # fmt: skip
        say(
            f"{1000 * rate:.2g} kbit/s a point: {loads.rounds} rounds in {seconds:.1f} s, known within {loads.doubt:.1e}; "
            f"mean load {loads.load.mean():.3f}, {rows[-1]['full']} cells full; no load fell: {rising}"
        )
    if options.json:
        print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
