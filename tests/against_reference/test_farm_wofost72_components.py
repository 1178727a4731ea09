"""Each plant process by itself against the 352 module tests of WOFOST 7.2, its inputs taken from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lumbung.farm.engine import rows as R
from lumbung.farm.engine.afgen import interpolate, pieces, points
from lumbung.farm.engine.assimilation import POINTS, canopy, light_terms
from lumbung.farm.engine.astro import sun
from lumbung.farm.engine.evapotranspiration import oxygen_stress, potential, water_stress
from lumbung.farm.engine.leaves import ageing, death_days, growth_and_death, integrate_leaves, shed
from lumbung.farm.engine.phenology import develop, emergence_sum, photoperiod_reduction
from lumbung.farm.engine.respiration import maintenance, temperature_factor
from lumbung.farm.engine.roots import deepening, deepest
from lumbung.farm.growing.reference_cases import read_test_file

pytestmark = pytest.mark.reference
L = R.LANES
CASES = range(1, 45)


@pytest.fixture
def module_tests(reference: Callable[[str], Path]) -> Callable[[str], Iterator[dict[str, Any]]]:
    folder = reference("farm/components")

    def read(module: str) -> Iterator[dict[str, Any]]:
        for number in CASES:
            path = folder / f"test_{module}_wofost72_{number:02d}.yaml"
            test = read_test_file(path.read_text())
            test["name"] = path.name
            yield test

    return read


def table(parameters: dict[str, Any], name: str) -> Callable[[float], float]:
    x, y = points(parameters[name], name)
    return lambda at: interpolate(x, y, x.size, at)


def mean(day: dict[str, Any]) -> float:
    return (day["TMIN"] + day["TMAX"]) / 2.0


def day_of_year(day: dict[str, Any]) -> float:
    return float(day["DAY"].timetuple().tm_yday)


def hold(ours: float, theirs: float, where: object) -> None:
    assert abs(ours - theirs) <= 1e-9 + 1e-9 * abs(theirs), (where, ours, theirs)


def days_of(test: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Yield weather, outside states and expected results, day by day."""
    weather = {day["DAY"]: day for day in test["WeatherVariables"]}
    states = {day["DAY"]: day for day in test["ExternalStates"] or ()}
    for row in test["ModelResults"]:
        yield weather[row["DAY"]], states.get(row["DAY"], {}), row


def test_astro(module_tests) -> None:
    names = ("DAYL", "DAYLP", "SINLD", "COSLD", "DIFPP", "ATMTR", "DSINBE", "ANGOT")
    for test in module_tests("astro"):
        for weather, row in zip(test["WeatherVariables"], test["ModelResults"], strict=True):
            terms = sun(day_of_year(weather), weather["LAT"], weather["IRRAD"])
            for name, ours in zip(names, terms, strict=True):
                hold(ours, row[name], (test["name"], weather["DAY"], name))


def test_assimilation(module_tests) -> None:
    for test in module_tests("assimilation"):
        p = test["ModelParameters"]
        amaxtb, efftb, kdiftb = table(p, "AMAXTB"), table(p, "EFFTB"), table(p, "KDIFTB")
        tmpftb, tmnftb = table(p, "TMPFTB"), table(p, "TMNFTB")
        nights: list[float] = []
        for weather, state, row in days_of(test):
            if state["DVS"] < 0:
                continue
            nights = [weather["TMIN"], *nights[:6]]
            daytime = (mean(weather) + weather["TMAX"]) / 2.0
            dayl, _, sinld, cosld, difpp, _, dsinbe, _ = sun(
                day_of_year(weather), weather["LAT"], weather["IRRAD"]
            )
            light = [light_terms(x, dayl, sinld, cosld, difpp, dsinbe, weather["IRRAD"]) for x in POINTS]
            ours = canopy(
                state["LAI"],
                kdiftb(state["DVS"]),
                amaxtb(state["DVS"]) * tmpftb(daytime),
                efftb(daytime),
                *(hour[k] for k in range(4) for hour in light),
                dayl * 30.0 / 44.0,
                tmnftb(sum(nights) / len(nights)),
            )
            hold(ours, row["PGASS"], (test["name"], row["DAY"]))


def test_respiration(module_tests) -> None:
    for test in module_tests("respiration"):
        p = test["ModelParameters"]
        rfsetb = table(p, "RFSETB")
        for weather, s, row in days_of(test):
            if s["DVS"] < 0:
                continue
            weights = (s["WRT"], s["WLV"], s["WST"], s["WSO"])
            rates = (p["RMR"], p["RML"], p["RMS"], p["RMO"])
            ours = maintenance(
                *weights, *rates, rfsetb(s["DVS"]), temperature_factor(mean(weather), p["Q10"])
            )
            hold(ours, row["PMRES"], (test["name"], row["DAY"]))


def test_partitioning(module_tests) -> None:
    names = ("FRTB", "FLTB", "FSTB", "FOTB")
    for test in module_tests("partitioning"):
        cut = pieces([points(test["ModelParameters"][name], name) for name in names], 0)
        for _, state, row in days_of(test):
            piece = cut[np.searchsorted(cut[:, 1], state["DVS"])]
            for k, name in enumerate(("FR", "FL", "FS", "FO")):
                left = piece[-1] if k == 0 else piece[0]
                ours = piece[2 + 2 * k] + piece[3 + 2 * k] * (state["DVS"] - left)
                hold(ours, row[name], (test["name"], row["DAY"], name))


def _phenology_block(p: dict[str, Any], sown: bool) -> np.ndarray:
    s = np.zeros(R.ROWS * L)
    vernalises = p["IDSL"] >= 2
    values = {
        R.TSUMEM: p["TSUMEM"],
        R.TSUM1: p["TSUM1"],
        R.TSUM2: p["TSUM2"],
        R.DVSEND: p["DVSEND"],
        R.VERNALISES: float(vernalises),
        R.VERNFAC: 1.0,
        R.STAGE: 0.0 if sown else 1.0,
        R.DVS: -0.1 if sown else p["DVSI"],
        R.DOV: -1.0,
    }
    if vernalises:
        values |= {R.VERNBASE: p["VERNBASE"], R.VERNSAT: p["VERNSAT"], R.VERNDVS: p["VERNDVS"]}
    for row, value in values.items():
        s[row * L] = value
    return s


def test_phenology(module_tests) -> None:
    for test in module_tests("phenology"):
        p = test["ModelParameters"]
        dtsmtb = table(p, "DTSMTB")
        vernrtb = table(p, "VERNRTB") if p["IDSL"] >= 2 else lambda _: 0.0
        calendar = next(iter(test["AgroManagement"][0].values()))["CropCalendar"]
        s = _phenology_block(p, calendar["crop_start_type"] == "sowing")
        for number, (weather, _, row) in enumerate(days_of(test)):
            where = (test["name"], row["DAY"])
            hold(s[R.DVS * L], row["DVS"], where)
            if p["IDSL"] >= 2 and row["VERN"] is not None:
                hold(s[R.VERN * L], row["VERN"], where)
            before = s[R.DVS * L]
            s[R.DTSUM_TABLE * L] = dtsmtb(mean(weather))
            s[R.DTSUME * L] = emergence_sum(mean(weather), p["TBASEM"], p["TEFFMX"])
            s[R.VERNR_TABLE * L] = vernrtb(mean(weather))
            daylp = sun(day_of_year(weather), weather["LAT"], 0.0)[1]
            s[R.DVRED * L] = photoperiod_reduction(daylp, p["DLC"], p["DLO"]) if p["IDSL"] >= 1 else 1.0
            stage = s[R.STAGE * L]
            develop(s, number + 1.0, p["IDSL"] >= 2)
            if s[R.STAGE * L] == stage:
                hold(s[R.DVS * L] - before, row["DVR"], where)
            if p["IDSL"] >= 2 and stage == 1.0:
                hold(s[R.VERNFAC * L], row["VERNFAC"], where)


def test_root_dynamics(module_tests) -> None:
    for test in module_tests("rootdynamics"):
        p = test["ModelParameters"]
        rdrrtb = table(p, "RDRRTB")
        rdm = deepest(p["RDI"], p["RDMCR"], p["RDMSOL"])
        rd, living, dead = p["RDI"], None, 0.0
        for _, state, row in days_of(test):
            living = p["TDWI"] * state["FR"] if living is None else living
            hold(rd, row["RD"], (test["name"], row["DAY"]))
            hold(living + dead, row["TWRT"], (test["name"], row["DAY"]))
            if state["DVS"] < 0:
                continue
            death = living * rdrrtb(state["DVS"])
            living += state["FR"] * state["DMI"] - death
            dead += death
            rd += deepening(rd, rdm, p["RRI"], state["FR"])


def test_transpiration(module_tests) -> None:
    for test in module_tests("transpiration"):
        p = test["ModelParameters"]
        kdiftb = table(p, "KDIFTB")
        for weather, state, row in days_of(test):
            if state["DVS"] < 0:
                continue
            kdif = kdiftb(state["DVS"])
            evwmx, evsmx, tramx = potential(
                weather["E0"], weather["ES0"], weather["ET0"], state["LAI"], kdif, p["CFET"], 1.0
            )
            et0 = max(0.0, p["CFET"] * weather["ET0"])
            factor = water_stress(state["SM"], p["SMW"], p["SMFCF"], et0, p["DEPNR"])
            if p["IAIRDU"] == 0 and p["IOX"] == 1:
                factor *= oxygen_stress(state["SM"], p["SM0"], p["CRAIRC"], 0.0)
            for name, ours in (("EVWMX", evwmx), ("EVSMX", evsmx), ("TRAMX", tramx), ("TRA", tramx * factor)):
                hold(ours, row[name], (test["name"], row["DAY"], name))


def test_leaf_dynamics(module_tests) -> None:
    for test in module_tests("leafdynamics"):
        p = test["ModelParameters"]
        slatb, kdiftb = table(p, "SLATB"), table(p, "KDIFTB")
        rows = list(days_of(test))
        fysage = np.array([ageing(mean(weather), p["TBASE"]) for weather, _, _ in rows])
        death = np.zeros(len(rows) + 2, np.int64)
        death_days(fysage, p["SPAN"], death[: len(rows)])
        weight, area = np.zeros((len(rows) + 2) * L), np.zeros((len(rows) + 2) * L)
        oldest = np.zeros(L, np.int64)
        s = np.zeros(R.ROWS * L)
        started = False
        for number, (weather, state, row) in enumerate(rows):
            where = (test["name"], row["DAY"])
            if not started:
                weight[:L] = p["TDWI"] * (1 - rows[0][1]["FR"]) * rows[0][1]["FL"]
                area[:L] = slatb(rows[0][1]["DVS"])
                s[R.WLV * L] = weight[0]
                s[R.LASUM * L] = s[R.LAIEXP * L] = weight[0] * area[0]
                s[R.LAI * L] = s[R.LASUM * L] + state["SAI"] + state["PAI"]
            hold(s[R.LAI * L], row["LAI"], where)
            hold(s[R.WLV * L] + s[R.DWLV * L], row["TWLV"], where)
            if state["DVS"] < 0:
                continue
            if not started:
                started = True
                weight[number * L], area[number * L] = weight[0], area[0]
                oldest[0] = number
                s[R.UP * L] = 1.0
            s[R.GRLV * L] = state["ADMI"] * state["FL"]
            dteff = max(0.0, mean(weather) - p["TBASE"])
            s[R.SLAT * L], s[R.GLAIEX * L], s[R.DSLV * L] = growth_and_death(
                s[R.GRLV * L],
                slatb(state["DVS"]),
                s[R.WLV * L],
                s[R.LAI * L],
                s[R.LAIEXP * L],
                kdiftb(state["DVS"]),
                state["RFTRA"],
                p["RGRLAI"],
                p["PERDL"],
                dteff,
            )
            shed(s, oldest, weight, area, np.zeros(L, np.int64), death, number)
            if number + 1 < len(rows):
                following = rows[number + 1][1]
                s[R.SAI * L], s[R.PAI * L] = following["SAI"], following["PAI"]
            integrate_leaves(s, weight, area, number)
