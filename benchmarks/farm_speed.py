"""Seasons per second: this engine beside PCSE, AquaCrop-OSPy and diffWOFOST, in one run on one core.

Run: python benchmarks/farm_speed.py [--diffwofost PYTHON]

Every program grows 92-day rice seasons at Hyderabad (real weather) from the same days. Times are processor seconds of
one thread; reading and preparing the weather is left out for the others and included for this engine; compiling is
left out for all and printed for this one. diffWOFOST needs torch and lives in an environment of its own: give its
Python (pip install torch diffwofost).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import subprocess
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
            fresh, VARIETY, SOIL, dates, production=production, longest=DAYS, until_maturity=False, threads=1
        )
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


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seasons", type=int, default=200_000, help="for this engine")
    parser.add_argument("--peers", type=int, default=25, help="seasons for PCSE and AquaCrop-OSPy")
    parser.add_argument("--diffwofost", metavar="PYTHON", help="Python of an environment with diffWOFOST")
    choice = parser.parse_args()
    from lumbung.farm import hyderabad

    weather = hyderabad()
    print(f"{DAYS}-day rice seasons ({VARIETY}, {SOIL}), Hyderabad, float64, one thread")
    print(f"first call, kernels loaded or compiled: {compile_time(weather):.1f} s (not in the figures below)")
    speed: dict[str, float] = {}
    for production in ("potential", "water-limited"):
        their, their_yield = pcse(weather, production, choice.peers)
        mine, _ = ours(weather, production, choice.seasons)
        _, same = ours(weather, production, choice.peers)
        assert abs(same - their_yield) <= 1e-9 * (1 + their_yield), "the two programs grew different crops"
        speed[production] = mine
        print(
            f"{production:<14} this engine {mine:>12,.0f} seasons/s   PCSE {their:8.2f} seasons/s   {mine / their:8,.0f} x"
        )
    rate = aquacrop(weather, choice.peers)
    print(
        f"{'AquaCrop-OSPy':<14} {rate:.2f} seasons/s   water-limited here is {speed['water-limited'] / rate:,.0f} x"
    )
    if choice.diffwofost:
        rate = diffwofost(choice.diffwofost, weather)
        print(
            f"{'diffWOFOST':<14} {rate:.1f} seasons/s (potential, batch of 1,000)   here {speed['potential'] / rate:,.0f} x"
        )


if __name__ == "__main__":
    main()
