"""The national run: every sub-district x every ten-day start x thirty years, 7.6 million rice seasons.

Run: python benchmarks/farm_national.py [--executor processes|ray] [--sites 7020]

The weather is generated (no measured thirty years for 7,020 sub-districts come with this repository): random days
around the climate of each latitude. What is measured is time and memory, not harvests. Making the weather, its
evapotranspiration and its daily terms are part of the time.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from contextlib import closing
from pathlib import Path

import numpy as np

from lumbung.farm import Weather, grow
from lumbung.proving.executors import ProcessPool, RayCluster

YEARS = 30
FIRST = np.datetime64("1991-01-01")
DAYS = int((np.datetime64("2021-07-01") - FIRST).astype(int))
STARTS = np.concatenate([np.datetime64(f"{1991 + year}-01-01") + 10 * np.arange(36) for year in range(YEARS)])
SITES_PER_TASK = 16
KEPT = ("TWSO", "CTRAT", "DOM")


def generated_weather(site: int) -> Weather:
    """Make thirty years of generated weather for a site."""
    rng = np.random.default_rng(site)
    latitude = -11.0 + 17.0 * (site % 997) / 997.0
    day = np.arange(DAYS)
    wet_season = 0.5 + 0.5 * np.cos(2 * np.pi * (day - 20) / 365.25)
    rain = np.where(rng.random(DAYS) < 0.2 + 0.5 * wet_season, rng.exponential(12.0, DAYS), 0.0)
    mean = 26.5 + rng.normal(0.0, 1.0, DAYS) - 0.8 * wet_season
    spread = rng.uniform(3.0, 5.5, DAYS)
    return Weather(
        f"site {site}",
        latitude,
        110.0,
        100.0,
        FIRST,
        mean - spread,
        mean + spread,
        np.where(rain > 5.0, 13e6, 20e6) * rng.uniform(0.8, 1.2, DAYS),
        rng.uniform(24.0, 30.0, DAYS),
        rng.uniform(0.5, 2.5, DAYS),
        rain,
        source="generated for a benchmark",
        generated=True,
    )


def some_sites(sites: range) -> tuple[float, int, int]:
    """Grow all seasons of some sites; return the sum of yields, how many ripened, and the memory of this process."""
    weathers = [generated_weather(site) for site in sites]
    harvest = grow(
        weathers,
        "Rice_IR72",
        "EC3",
        np.tile(STARTS, len(sites)),
        weather_index=np.repeat(np.arange(len(sites)), STARTS.size),
        production="water-limited",
        longest=180,
        columns=KEPT,
        on_fault="report",
        threads=1,
        dtype=np.float32,
    )
    ripe = int((harvest["STATUS"] == 0).sum())
    return float(np.nansum(harvest["TWSO"], dtype=float)), ripe, peak_memory()


def peak_memory() -> int:
    """Return the most memory this process has held [bytes]."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--executor", choices=("processes", "ray"), default="processes")
    parser.add_argument("--sites", type=int, default=7020)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    choice = parser.parse_args()
    tasks = [range(k, min(k + SITES_PER_TASK, choice.sites)) for k in range(0, choice.sites, SITES_PER_TASK)]
    grow(generated_weather(0), "Rice_IR72", "EC3", STARTS[:1], production="water-limited")  # load the kernels
    begin = time.perf_counter()
    total, ripe, worst = 0.0, 0, 0
    with closing(
        RayCluster(num_cpus=choice.workers) if choice.executor == "ray" else ProcessPool(choice.workers)
    ) as executor:
        for done, (_, (part, ripened, memory)) in enumerate(executor.run(some_sites, tasks), start=1):
            total, ripe, worst = total + part, ripe + ripened, max(worst, memory)
            if done % 50 == 0:
                print(
                    f"  {done * SITES_PER_TASK:>6,} sites, {time.perf_counter() - begin:6.1f} s", flush=True
                )
    seconds = time.perf_counter() - begin
    seasons = choice.sites * STARTS.size
    memory = peak_memory() + choice.workers * worst
    print(
        f"{seasons:,} seasons ({choice.sites:,} sites, {STARTS.size} starts), generated weather, {choice.executor}"
    )
    print(
        f"{seconds:.1f} s on {choice.workers} workers: {seasons / seconds:,.0f} seasons/s; {ripe:,} ripened"
    )
    print(f"mean yield {total / max(ripe, 1):,.1f} kg/ha (generated weather)")
    print(f"peak memory of all processes, added: {memory / 2**30:.2f} GiB")


if __name__ == "__main__":
    main()
