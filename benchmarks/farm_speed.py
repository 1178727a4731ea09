"""Seasons per second: this engine beside PCSE, AquaCrop-OSPy and diffWOFOST, in one run on one core.

Run: python benchmarks/farm_speed.py [--diffwofost PYTHON]
     python benchmarks/farm_speed.py --instruction-sets

Every program grows 92-day rice seasons at Hyderabad (real weather) from the same days. Times are processor seconds of
one thread; reading and preparing the weather is left out for the others and included for this engine; compiling is
left out for all and printed for this one. diffWOFOST needs torch and lives in an environment of its own: give its
Python (pip install torch diffwofost).

--instruction-sets names the machine and grows the seasons with kernels compiled for SSE2, AVX2 and AVX-512 (as far as the machine has
them) and as numba chooses by itself, each in a process of its own, three turns in alternation; the best turn counts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

warnings.filterwarnings("ignore")

DAYS = 92
VARIETY, SOIL = "Rice_IR72", "EC3"
SITE = {"IFUNRN": 0, "NOTINF": 0.0, "SSI": 0.0, "SSMAX": 0.0, "SMLIM": 0.4, "WAV": 50.0}


def starts(count: int, weather: Any) -> np.ndarray:
    first = weather.first_day + 10
    span = len(weather) - DAYS - 20
    return np.sort(first + np.random.default_rng(1).integers(0, span, count))


def compile_time(weather: Any) -> float:
    """Return the seconds the first season takes beyond the second: loading or compiling the kernels."""
    from lumbung.farm import grow

    begin = time.perf_counter()
    grow(weather, VARIETY, SOIL, "2003-07-01", threads=1)
    middle = time.perf_counter()
    grow(weather, VARIETY, SOIL, "2003-07-01", threads=1)
    return (middle - begin) - (time.perf_counter() - middle)


def ours(weather: Any, production: str, count: int) -> tuple[float, float]:
    """Return seasons per second and the mean yield."""
    from dataclasses import replace

    from lumbung.farm import grow

    dates = starts(count, weather)
    best = np.inf
    for _ in range(3):
        fresh = replace(weather)  # nothing prepared by an earlier round
        begin = time.process_time()
        harvest = grow(
            fresh, VARIETY, SOIL, dates, production=production, longest=DAYS, until_maturity=False,
            initial_water=None if production == "potential" else 10 * SITE["WAV"], threads=1,
        )  # fmt: skip
        best = min(best, time.process_time() - begin)
    return count / best, float(harvest["TWSO"].mean())


def _pcse_weather(weather: Any) -> Any:
    from pcse.base import WeatherDataContainer, WeatherDataProvider

    class Provider(WeatherDataProvider):
        def __init__(self) -> None:
            super().__init__()
            e0, es0, et0 = weather.evapotranspiration
            for k, day in enumerate(weather.dates.astype(object)):
                values = {
                    "TMIN": weather.tmin[k],
                    "TMAX": weather.tmax[k],
                    "IRRAD": weather.irradiation[k],
                    "VAP": max(weather.vapour_pressure[k], 0.06),
                    "WIND": weather.wind[k],
                    "RAIN": min(weather.rain[k] / 10.0, 24.9),
                    "E0": e0[k],
                    "ES0": es0[k],
                    "ET0": et0[k],
                }
                place = {"LAT": weather.latitude, "LON": weather.longitude, "ELEV": weather.elevation}
                self._store_WeatherDataContainer(WeatherDataContainer(DAY=day, **place, **values), day)

    return Provider()


def _calendar(start: dt.date) -> list[dict[dt.date, Any]]:
    crop = {
        "crop_name": "rice",
        "variety_name": VARIETY,
        "crop_start_date": start,
        "crop_start_type": "emergence",
        "crop_end_date": start + dt.timedelta(days=DAYS),
        "crop_end_type": "harvest",
        "max_duration": DAYS,
    }
    return [{start: {"CropCalendar": crop, "TimedEvents": None, "StateEvents": None}}]


def pcse(weather: Any, production: str, count: int) -> tuple[float, float]:
    from pcse.base import ParameterProvider
    from pcse.models import Wofost72_PP, Wofost72_WLP_CWB

    from lumbung.farm import soil, variety

    model = Wofost72_PP if production == "potential" else Wofost72_WLP_CWB
    provider = _pcse_weather(weather)
    parameters = (dict(variety(VARIETY).parameters), dict(soil(SOIL).parameters), SITE)
    dates = starts(count, weather).astype(object)
    yields = []
    begin = time.process_time()
    for start in dates:
        run = model(ParameterProvider(*_by_kind(*parameters)), provider, _calendar(start))
        run.run_till_terminate()
        yields.append(run.get_summary_output()[0]["TWSO"])
    return count / (time.process_time() - begin), float(np.mean(yields))


def _by_kind(crop: dict, soil: dict, site: dict) -> tuple[dict, dict, dict, dict]:
    return site, {}, soil, crop  # sitedata, timerdata, soildata, cropdata


def aquacrop(weather: Any, count: int) -> float:
    """Return seasons per second of AquaCrop-OSPy, paddy rice of 92 days; its own compiled kernels are warm."""
    from aquacrop import AquaCropModel, Crop, InitialWaterContent, Soil
    from aquacrop.utils import get_filepath, prepare_weather

    table = prepare_weather(get_filepath("hyderabad_climate.txt"))
    # AquaCrop-OSPy wants planting and harvest in one calendar year.
    within = [d for d in starts(10 * count, weather).astype(object) if d.timetuple().tm_yday < 200]
    dates = within[: count + 1]

    def one(start: dt.date) -> None:
        crop = Crop("PaddyRice", planting_date=f"{start:%m/%d}", Maturity=DAYS)
        end = start + dt.timedelta(days=DAYS)
        model = AquaCropModel(
            f"{start:%Y/%m/%d}",
            f"{end:%Y/%m/%d}",
            table,
            Soil("Paddy"),
            crop,
            InitialWaterContent(value=["FC"]),
        )
        model.run_model(till_termination=True)

    one(dates[0])  # compiles or loads its kernels
    begin = time.process_time()
    for start in dates[1:]:
        one(start)
    return count / (time.process_time() - begin)


def diffwofost(python: str, weather: Any) -> float:
    """Return seasons per second of diffWOFOST with a batch of 1,000, run by its own Python."""
    from lumbung.farm import soil, variety

    start = dt.date(2003, 7, 1)
    at = int((np.datetime64(start) - weather.first_day).astype(int))
    e0, es0, et0 = weather.evapotranspiration
    rows = [
        {
            "DAY": str(start + dt.timedelta(days=k)),
            "LAT": weather.latitude,
            "LON": weather.longitude,
            "ELEV": weather.elevation,
            "TMIN": weather.tmin[at + k],
            "TMAX": weather.tmax[at + k],
            "IRRAD": weather.irradiation[at + k],
            "VAP": weather.vapour_pressure[at + k],
            "WIND": weather.wind[at + k],
            "RAIN": weather.rain[at + k] / 10.0,
            "E0": e0[at + k],
            "ES0": es0[at + k],
            "ET0": et0[at + k],
        }
        for k in range(DAYS + 1)
    ]
    task = {
        "start": str(start),
        "days": DAYS,
        "batch": 1000,
        "weather": rows,
        "crop": dict(variety(VARIETY).parameters),
        "soil": dict(soil(SOIL).parameters),
        "site": SITE,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.json"
        path.write_text(json.dumps(task))
        script = Path(__file__).with_name("farm_speed_diffwofost.py")
        done = subprocess.run([python, str(script), str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"diffWOFOST failed:\n{done.stderr[-2000:]}")
    return float(json.loads(done.stdout.splitlines()[-1])["seasons_per_second"])


# What LLVM is told: processor and features. AVX-512 with registers of 256 bits is what compilers choose for Intel by
# themselves; the last entry asks for those of 512.
INSTRUCTION_SETS = {
    "SSE2 (x86-64)": ("sse2", "x86-64", ""),
    "AVX2 (x86-64-v3)": ("avx2", "x86-64-v3", ""),
    "AVX-512, 256 bits": ("avx512f", "skylake-avx512", ""),
    "AVX-512, 512 bits": ("avx512f", "skylake-avx512", "-prefer-256-bit"),
    "numba's own choice": ("", "", ""),
}


def machine() -> tuple[str, set[str]]:
    """Return the name of the processor and the instruction sets it has."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine(), set()
    said = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    family = ", ".join(f"{key} {said[key]}" for key in ("cpu family", "model", "stepping") if key in said)
    name = said.get("model name", platform.machine())
    return f"{name} ({family}), {os.cpu_count()} processors", set(said.get("flags", "").split())


def instruction_sets(seasons: int) -> None:
    from llvmlite.binding import get_host_cpu_name

    name, has = machine()
    print(f"{name}; LLVM calls it {get_host_cpu_name()}; one thread, best of three turns")
    best: dict[str, dict[str, float]] = {}
    yields: dict[str, dict[str, float]] = {}
    offered = {k: v for k, v in INSTRUCTION_SETS.items() if not v[0] or v[0] in has}
    for _ in range(3):
        for title, (_, processor, features) in offered.items():
            chosen = (
                {} if processor is None else {"NUMBA_CPU_NAME": processor, "NUMBA_CPU_FEATURES": features}
            )
            command = [sys.executable, __file__, "--ours-only", "--seasons", str(seasons)]
            done = subprocess.run(
                command, env={**os.environ, **chosen}, capture_output=True, text=True, check=True
            )
            for production, (speed, grain) in json.loads(done.stdout.splitlines()[-1]).items():
                rates = best.setdefault(title, {})
                rates[production] = max(rates.get(production, 0.0), speed)
                yields.setdefault(production, {})[title] = grain
    first = next(iter(best.values()))
    for title, rates in best.items():
        row = "   ".join(f"{p} {r:>9,.0f} seasons/s ({r / first[p]:.2f})" for p, r in rates.items())
        print(f"{title:<20} {row}")
    for production, grain in yields.items():
        apart = max(grain.values()) / min(grain.values()) - 1.0
        assert apart <= 1e-9, f"{production}: yields differ between instruction sets by {apart:.1e}"
    print("mean yields agree within 1e-9 between all of them")


def ours_only(seasons: int) -> None:
    from dataclasses import replace

    from lumbung.farm import Application, Nitrogen, SoilNitrogen, grow, hyderabad

    weather = hyderabad()
    result = {p: ours(weather, p, seasons) for p in ("potential", "water-limited")}
    dates = starts(seasons, weather)
    plan = Nitrogen(SoilNitrogen(55.0), [Application(10, 40.0), Application(45, 60.0)])
    best, grain = np.inf, 0.0
    for turn in range(4):
        fresh = replace(weather)
        begin = time.process_time()
        few = dates if turn else dates[:10]  # the first compiles
        harvest = grow(
            fresh, VARIETY, SOIL, few, production="water-limited", nitrogen=plan, longest=DAYS, until_maturity=False, threads=1
        )  # fmt: skip
        if turn:
            best = min(best, time.process_time() - begin)
            grain = float(harvest["TWSO"].mean())
    print(json.dumps({**result, "with nitrogen": (seasons / best, grain)}))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seasons", type=int, default=200_000, help="for this engine")
    parser.add_argument("--peers", type=int, default=25, help="seasons for PCSE and AquaCrop-OSPy")
    parser.add_argument("--diffwofost", metavar="PYTHON", help="Python of an environment with diffWOFOST")
    parser.add_argument(
        "--instruction-sets", action="store_true", help="this engine alone, by instruction set"
    )
    parser.add_argument("--ours-only", action="store_true", help=argparse.SUPPRESS)
    choice = parser.parse_args()
    if choice.ours_only:
        ours_only(choice.seasons)
    elif choice.instruction_sets:
        instruction_sets(choice.seasons)
    else:
        beside_others(choice.seasons, choice.peers, choice.diffwofost)


def beside_others(seasons: int, peers: int, python: str | None) -> None:
    from lumbung.farm import hyderabad

    weather = hyderabad()
    print(machine()[0])
    print(f"{DAYS}-day rice seasons ({VARIETY}, {SOIL}), Hyderabad, float64, one thread")
    print(f"first call, kernels loaded or compiled: {compile_time(weather):.1f} s (not in the figures below)")
    speed: dict[str, float] = {}
    for production in ("potential", "water-limited"):
        their, their_yield = pcse(weather, production, peers)
        mine, _ = ours(weather, production, seasons)
        _, same = ours(weather, production, peers)
        assert abs(same - their_yield) <= 1e-9 * (1 + their_yield), "the two programs grew different crops"
        speed[production] = mine
        print(
            f"{production:<14} this engine {mine:>12,.0f} seasons/s   PCSE {their:8.2f} seasons/s   {mine / their:8,.0f} x"
        )
    rate = aquacrop(weather, peers)
    print(
        f"{'AquaCrop-OSPy':<14} {rate:.2f} seasons/s   water-limited here is {speed['water-limited'] / rate:,.0f} x"
    )
    if python:
        rate = diffwofost(python, weather)
        print(
            f"{'diffWOFOST':<14} {rate:.1f} seasons/s (potential, batch of 1,000)   here {speed['potential'] / rate:,.0f} x"
        )


if __name__ == "__main__":
    main()
