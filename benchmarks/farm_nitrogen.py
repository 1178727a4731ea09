"""Seasons with nitrogen: this engine beside PCSE's WOFOST 8.1, in one run on one core; and how far the two lie apart.

Run: python benchmarks/farm_nitrogen.py [--seasons 100000] [--peers 20]
     python benchmarks/farm_nitrogen.py --parity 300 [--first 0]

Speed: 92-day rice seasons at Hyderabad (real weather) with a soil that gives 55 kg/ha and two applications, limited by water and
nitrogen. Times are processor seconds of one thread; preparing the weather is left out for PCSE and included for this engine;
compiling is left out and printed. With --plans, every season has a fertiliser plan of its own.

Parity: random seasons (weather, soil, crop parameters, fertiliser; tests/nitrogen_seasons.py), every day of every state that
PCSE reports, 1e-9 absolute + 1e-9 relative. Prints its progress; ends with 1 when a season differs.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import sys
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from lumbung.farm import Application, Nitrogen, SoilNitrogen, Weather, grow, hyderabad, soil, variety
from nitrogen_seasons import TOLERANCE, Season, by_pcse, distance, random_season

warnings.filterwarnings("ignore")

DAYS = 92
SITE = {"IFUNRN": 0.0, "NOTINF": 0.0, "SSI": 0.0, "SSMAX": 0.0, "SMLIM": 0.4, "WAV": 50.0}
PLAN = Nitrogen(SoilNitrogen(55.0), [Application(10, 40.0), Application(45, 60.0)])


def starts(count: int, weather: Weather) -> np.ndarray:
    first = weather.first_day + 10
    return np.sort(first + np.random.default_rng(1).integers(0, len(weather) - DAYS - 20, count))


def ours(weather: Weather, dates: np.ndarray, plans: list[Nitrogen] | None) -> tuple[float, np.ndarray]:
    """Return the processor seconds of the best of three rounds, and the yields."""
    best, yields = np.inf, np.empty(0)
    for _ in range(3):
        fresh = replace(weather)  # nothing prepared by an earlier round
        begin = time.process_time()
        harvest = grow(
            fresh,
            "IR72",
            soil("EC3").changed(WAV=50.0),
            dates,
            production="water-limited",
            nitrogen=PLAN if plans is None else plans,
            nitrogen_index=None if plans is None else np.arange(dates.size),
            longest=DAYS,
            until_maturity=False,
            threads=1,
        )
        best, yields = min(best, time.process_time() - begin), harvest["TWSO"]
    return best, yields


def pcse(weather: Weather, dates: np.ndarray) -> tuple[float, list[float]]:
    """Return PCSE's processor seconds and yields; its weather stands ready."""
    from pcse_seasons import ArrayWeather

    provider = ArrayWeather(weather, as_recorded=True)
    season = Season(
        0,
        "water and nitrogen",
        weather,
        {**variety("IR72", nitrogen=True).parameters, "CO2": 360.0},  # at which its tables have no effect
        "IR72",
        {**soil("EC3").parameters, "RDMSOL": 120.0, "CRAIRC": 0.06, **SITE},
        PLAN,
        dt.date(2000, 1, 1),
        False,
        DAYS,
        False,
    )
    yields = []
    begin = time.process_time()
    for day in dates.astype(object):
        _, summary = by_pcse(replace(season, start=day), provider)
        yields.append(float(summary["TWSO"]))
    return time.process_time() - begin, yields


def speed(seasons: int, peers: int) -> None:
    weather = hyderabad()
    # PCSE refuses rain over 250 mm/d and air drier than 0.06 hPa.
    weather = replace(
        weather,
        rain=np.minimum(weather.rain, 249.0),
        vapour_pressure=np.maximum(weather.vapour_pressure, 0.06),
    )
    begin = time.perf_counter()
    ours(weather, starts(1, weather), None)
    print(f"{DAYS}-day rice seasons with nitrogen (IR72, EC3, water-limited), Hyderabad, float64, one thread")
    print(
        f"first call, kernels loaded or compiled: {time.perf_counter() - begin:.1f} s (not in the figures below)"
    )
    few = starts(peers, weather)
    their, their_yields = pcse(weather, few)
    _, same = ours(weather, few, None)
    apart = np.abs(same - their_yields) / (1 + np.abs(their_yields))
    assert apart.max() <= TOLERANCE, f"the two programs grew different crops: {apart.max():.1e}"
    rate = peers / their
    print(
        f"PCSE {peers} seasons: {rate:.2f} seasons/s; the same yields from both, largest distance {apart.max():.0e}"
    )
    dates = starts(seasons, weather)
    mine, _ = ours(weather, dates, None)
    print(
        f"one fertiliser plan        {seasons / mine:>10,.0f} seasons/s   {seasons / mine / rate:8,.0f} x PCSE"
    )
    rng = np.random.default_rng(2)
    plans = [
        Nitrogen(PLAN.soil, [Application(int(d), float(a)) for d, a in zip(days, amounts, strict=True)])
        for days, amounts in zip(
            rng.integers(0, 60, (seasons, 2)), rng.uniform(0, 80, (seasons, 2)), strict=True
        )
    ]
    mine, _ = ours(weather, dates, plans)
    print(
        f"a plan of its own for each {seasons / mine:>10,.0f} seasons/s   {seasons / mine / rate:8,.0f} x PCSE"
    )


def parity(first: int, seasons: int) -> int:
    gc.collect()
    gc.freeze()  # PCSE collects garbage after every season
    worst: dict[str, float] = {}
    limits: dict[str, int] = {}
    parted, failed = [], []
    for seed in range(first, first + seasons):
        season = random_season(seed)
        try:
            found = distance(season)
        except AssertionError as error:
            failed.append(str(error))
            continue
        limits[season.limit] = limits.get(season.limit, 0) + 1
        if found.until is not None:
            parted.append(seed)
        for name, far in found.far.items():
            worst[name] = max(worst.get(name, 0.0), far)
            if not far <= TOLERANCE:
                failed.append(f"season {seed} ({season.name}, {season.limit}): {name} {far:.1e}")
        print(
            f"\r{seed - first + 1} of {seasons} seasons, {len(failed)} differences",
            end="",
            file=sys.stderr,
            flush=True,
        )
    print(file=sys.stderr)
    print(f"{seasons} random seasons, limited by {', '.join(f'{k}: {v}' for k, v in sorted(limits.items()))}")
    print("largest distance |ours - PCSE| / (1 + |PCSE|) by variable:")
    print("  " + ", ".join(f"{name} {far:.0e}" for name, far in sorted(worst.items(), key=lambda kv: -kv[1])))
    print(
        f"{len(parted)} of them part in the nitrogen of organs once PCSE's leaves weigh less than a milligram per hectare, "
        f"and were compared in it until that day: {', '.join(map(str, parted)) or 'none'}"
    )
    for line in failed:
        print(f"DIFFERS {line}")
    return 1 if failed else 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seasons", type=int, default=100_000, help="for this engine")
    parser.add_argument("--peers", type=int, default=20, help="seasons for PCSE")
    parser.add_argument(
        "--parity", type=int, metavar="SEASONS", help="compare this many random seasons instead"
    )
    parser.add_argument("--first", type=int, default=0, help="seed of the first random season")
    choice = parser.parse_args()
    if choice.parity:
        raise SystemExit(parity(choice.first, choice.parity))
    speed(choice.seasons, choice.peers)


if __name__ == "__main__":
    main()
