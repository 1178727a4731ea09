"""How time grows with seasons, what a second thread brings, and that it changes no bit.

Run: python benchmarks/farm_scaling.py [--most 10000000]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from lumbung.farm import grow, hyderabad

COLUMNS = ("TWSO", "CTRAT")


def seconds(count: int, threads: int) -> tuple[float, float, np.ndarray]:
    """Return wall and processor seconds of so many water-limited seasons, and their yields."""
    weather = hyderabad()
    first = weather.first_day + 5
    starts = np.sort(first + np.random.default_rng(count).integers(0, len(weather) - 140, count))
    wall, busy = time.perf_counter(), time.process_time()
    harvest = grow(
        weather,
        "Rice_IR72",
        "EC3",
        starts,
        production="water-limited",
        longest=92,
        until_maturity=False,
        columns=COLUMNS,
        threads=threads,
        dtype=np.float32 if count > 2_000_000 else np.float64,
    )
    return time.perf_counter() - wall, time.process_time() - busy, harvest["TWSO"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most", type=int, default=10_000_000)
    most = parser.parse_args().most
    seconds(1000, 1)
    print("water-limited, 92 days, one thread")
    count = 1000
    while count <= most:
        wall, busy, _ = seconds(count, 1)
        print(
            f"  {count:>10,} seasons {wall:8.3f} s wall {busy:8.3f} s processor {busy / count * 1e6:6.2f} us each"
        )
        count *= 10
    count = min(most, 400_000)
    rounds = [(seconds(count, 1), seconds(count, 2)) for _ in range(3)]
    one = min(r[0][0] for r in rounds)
    two = min(r[1][0] for r in rounds)
    same = all(np.array_equal(a[2], b[2]) for a, b in rounds)
    more = min(r[1][1] for r in rounds) / min(r[0][1] for r in rounds)
    print(
        f"two threads, {count:,} seasons: {one / two:.2f} x one by the clock; the same bits: {'yes' if same else 'NO'}"
    )
    print(
        f"  they need {more:.2f} times the processor seconds of one: {2 / more:.2f} x on two processors that are free"
    )


if __name__ == "__main__":
    main()
