"""The engine beside PCSE 6.0 in the same process: random weather, crops, soils and managements, every day compared."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lumbung.farm import Soil, Variety, Weather, grow, varieties
from lumbung.farm.growing.harvest import Harvest

pcse_models = pytest.importorskip("pcse.models")
from pcse.base import ParameterProvider  # noqa: E402

from pcse_seasons import START, ArrayWeather, random_soil, random_weather  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # PCSE meets a newer traitlets

TOLERANCE = 1e-9
PP_COLUMNS = ("DVS", "LAI", "TAGP", "TWSO", "TWLV", "TWST", "TWRT", "TRA", "RD", "SM")
WLP_COLUMNS = (*PP_COLUMNS, "WWLOW")


def random_crop(rng: np.random.Generator) -> dict[str, Any]:
    """Take one of our varieties and change what decides branches: stress, photoperiod, vernalisation, leaf life."""
    table = varieties("rice") | varieties("maize")
    crop = dict(table[str(rng.choice(list(table)))].parameters)
    crop["TSUM1"] = float(np.round(crop["TSUM1"] * rng.uniform(0.5, 1.1)))
    crop["TSUM2"] = float(np.round(crop["TSUM2"] * rng.uniform(0.5, 1.1)))
    crop["SPAN"] = float(np.round(crop["SPAN"] * rng.uniform(0.4, 1.2), int(rng.integers(0, 3))))
    crop["PERDL"] = float(rng.choice([0.0, 0.03, 0.1]))
    crop["TDWI"] = float(crop["TDWI"] * rng.uniform(0.5, 4.0))
    crop["CFET"] = float(rng.choice([0.8, 1.0, 1.1]))
    crop["DEPNR"] = float(rng.choice([1.5, 2.0, 3.5, 4.5]))
    crop["SPA"] = float(rng.choice([0.0, 0.0003]))
    crop["IOX"], crop["IAIRDU"] = float(rng.integers(0, 2)), float(rng.integers(0, 2))
    crop["IDSL"] = float(rng.choice([0, 0, 1, 2]))
    crop["DLC"], crop["DLO"] = float(rng.uniform(6, 9)), float(rng.uniform(10, 14))
    if crop["IDSL"] == 2:
        crop["VERNBASE"], crop["VERNSAT"] = float(rng.uniform(0, 5)), float(rng.uniform(10, 30))
        crop["VERNRTB"] = [-8.0, 0.0, -4.0, 0.0, 3.0, 1.0, 20.0, 1.0, 30.0, 0.2]
    if crop["TSUMEM"] == 0:
        crop["TSUMEM"], crop["TBASEM"], crop["TEFFMX"] = 90.0, 5.0, 30.0
    return crop


def run_pcse(
    weather: Weather, crop: dict[str, Any], soil: dict[str, Any], start: dt.date, plan: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    of_site = ("IFUNRN", "NOTINF", "SSI", "SSMAX", "SMLIM", "WAV")
    parameters = ParameterProvider(
        cropdata=crop,
        soildata={k: v for k, v in soil.items() if k not in of_site},
        sitedata={k: soil[k] for k in of_site},
    )
    end = start + dt.timedelta(days=plan["longest"])
    agro = [
        {
            start: {
                "CropCalendar": {
                    "crop_name": "crop",
                    "variety_name": "variety",
                    "crop_start_date": start,
                    "crop_start_type": "sowing" if plan["sowing"] else "emergence",
                    "crop_end_date": end,
                    "crop_end_type": "maturity" if plan["until_maturity"] else "harvest",
                    "max_duration": plan["longest"],
                },
                "TimedEvents": None,
                "StateEvents": None,
            }
        }
    ]
    model = pcse_models.Wofost72_WLP_CWB if plan["water"] else pcse_models.Wofost72_PP
    run = model(parameters, ArrayWeather(weather), agro)
    run.run_till_terminate()
    return run.get_output(), run.get_summary_output()[0]


def run_ours(
    weather: Weather, crop: dict[str, Any], soil: dict[str, Any], start: dt.date, plan: dict[str, Any]
) -> Harvest:
    return grow(
        weather,
        Variety("variety", "crop", crop),
        Soil("soil", soil),
        start,
        production="water-limited" if plan["water"] else "potential",
        sowing=plan["sowing"],
        longest=plan["longest"],
        until_maturity=plan["until_maturity"],
        daily=True,
        threads=1,
    )


def random_season(seed: int, water: bool) -> None:
    """Grow one random season in both programs and hold every day and the summary together."""
    rng = np.random.default_rng([seed, water])
    weather, crop, soil = random_weather(rng), random_crop(rng), random_soil(rng)
    if not water:
        crop["IOX"] = 0.0  # PCSE's potential production knows no days without oxygen
    start = START + dt.timedelta(days=int(rng.integers(0, 60)))
    plan = {
        "water": water,
        "sowing": bool(rng.integers(0, 2)),
        "longest": int(rng.integers(60, 240)),
        "until_maturity": bool(rng.integers(0, 2)),
    }
    theirs, summary = run_pcse(weather, crop, soil, start, plan)
    harvest = run_ours(weather, crop, soil, start, plan)
    table = harvest.daily_table(0)
    theirs = [row for row in theirs if row["DVS"] is not None]
    assert len(table["DVS"]) == len(theirs), (seed, plan)
    for name in WLP_COLUMNS if water else PP_COLUMNS:
        expected = np.array([0.0 if row[name] is None else row[name] for row in theirs], float)
        np.testing.assert_allclose(
            table[name], expected, TOLERANCE, TOLERANCE, err_msg=f"seed {seed}: {name}"
        )
    for name in ("LAIMAX", "TAGP", "TWSO", "TWLV", "TWST", "TWRT", "CTRAT", "CEVST", "RD", "DVS"):
        np.testing.assert_allclose(
            harvest[name][0], summary[name], TOLERANCE, TOLERANCE, err_msg=f"seed {seed}: {name}"
        )
    for name in ("DOE", "DOA", "DOM"):
        reached = harvest.date(name)[0]
        assert (None if np.isnat(reached) else reached.astype(object)) == summary[name], (seed, name)


@pytest.fixture(scope="module", autouse=True)
def small_heap() -> Iterator[None]:
    """PCSE collects garbage after every season: what lives already need not be looked through each time."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.slow
@pytest.mark.parametrize("water", [False, True], ids=["potential", "water-limited"])
@pytest.mark.parametrize("block", range(20))
def test_five_hundred_random_seasons_agree_with_pcse(block: int, water: bool) -> None:
    """Twenty-five seasons a block, so that several processes share the work."""
    for seed in range(1000 + 25 * block, 1025 + 25 * block):
        random_season(seed, water)


def test_reference_evapotranspiration_agrees_with_pcse() -> None:
    """Penman and Penman-Monteith over random days: the same to 1e-12."""
    from pcse.util import reference_ET

    rng = np.random.default_rng(7)
    for method in ("PM", "P"):
        weather = random_weather(rng, 300)
        weather = replace(weather, method=method)
        ours = weather.evapotranspiration * 10.0
        for k, day in enumerate(weather.dates.astype(object)):
            theirs = reference_ET(
                day,
                weather.latitude,
                weather.elevation,
                weather.tmin[k],
                weather.tmax[k],
                weather.irradiation[k],
                weather.vapour_pressure[k],
                weather.wind[k],
                *weather.angstrom,
                method,
            )
            np.testing.assert_allclose(ours[:, k], theirs, 1e-12, 1e-12)
