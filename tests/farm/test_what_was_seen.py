"""What officers and enemies saw go wrong, each with the right value."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lumbung import farm
from lumbung.cli.farm import command
from lumbung.farm.calendar.nearness import kilometres
from lumbung.farm.calendar.season import Site, decide, grow_ensembles, outlook_of
from lumbung.farm.calendar.sites import read_sites
from lumbung.farm.engine.fallow import weed_stress
from lumbung.farm.engine.parameters import ParameterError
from lumbung.farm.growing.crop_parameters import VarietyError
from lumbung.farm.growing.fallow import saturation, water_on
from lumbung.farm.growing.harvest import SeasonError
from lumbung.farm.growing.soil_parameters import SoilError
from lumbung.farm.weather import WeatherError, generate_weather, read_bmkg, read_dssat
from lumbung.farm.weather.gaps import GapError, fill_gaps

HYDERABAD = farm.hyderabad()
MONSOON = generate_weather(farm.climates()["monsoonal"], 1991, 31, seed=0)


def site(**changes: object) -> Site:
    settings = {
        "name": "field", "latitude": -7.0, "longitude": 110.0, "weather": MONSOON, "soil": farm.soil("EC4"),
        "varieties": (farm.variety("IR64"),),
    }  # fmt: skip
    return Site(**(settings | changes))


# --- the soil is never assumed full -------------------------------------------------------------------------------


def test_rainfed_maize_fails_the_more_the_drier_its_soil_begins() -> None:
    """Sown on 21 May, at the beginning of the dry season; means and chances over 31 generated years."""
    maize = site(
        soil=farm.soil("EC3"), varieties=(farm.variety("Grain_maize_205"),), production="water-limited"
    )
    found = {}
    for water in (500.0, 100.0, 30.0, 0.0):
        ensemble = grow_ensembles([replace(maize, initial_water=water)], range(1991, 2022), 14, 1)[0]
        found[water] = ensemble.yields[0, 0].mean(), (ensemble.yields[0, 0] < 2000).mean()
    assert [round(mean, -1) for mean, _ in found.values()] == [4260, 2730, 1360, 870]
    assert [round(float(share), 2) for _, share in found.values()] == [0.0, 0.42, 0.65, 0.77]


def test_without_a_word_on_water_the_weather_before_the_start_decides() -> None:
    maize = site(
        soil=farm.soil("EC3"), varieties=(farm.variety("Maize_VanHeemst_1988"),), production="water-limited"
    )
    dry_start, wet_start = (
        grow_ensembles([maize], range(1992, 2020), 20, 1)[0],
        grow_ensembles([maize], range(1992, 2020), 33, 1)[0],
    )
    assert np.nanmean(dry_start.yields) < 0.7 * np.nanmean(wet_start.yields)
    full = farm.grow(
        MONSOON,
        "Maize_VanHeemst_1988",
        "EC3",
        dry_start.starts[0],
        production="water-limited",
        sowing=True,
        initial_water="full",
        longest=240,
    )
    assert np.nanmean(dry_start.yields) < 0.9 * full["GRAIN"].mean()
    assert outlook_of(dry_start).risk[0, 0] > outlook_of(wet_start).risk[0, 0]


def test_water_of_a_bare_field_follows_the_rain_and_keeps_within_the_soil() -> None:
    soil = farm.soil("EC3")
    days = HYDERABAD.dates
    for paddy in (False, True):
        water = water_on(HYDERABAD, soil, days, paddy=paddy)
        most = 10 * saturation(soil) + 100 if paddy else 10 * (0.41 - 0.104) * 120
        assert (water >= 0).all() and (water <= most).all()
        month = days.astype("datetime64[M]").astype(int) % 12 + 1
        assert water[month == 9].mean() > water[month == 5].mean() + 30
    # A rainless year leaves a paddy as dry as its wilting point.
    drought = replace(HYDERABAD, rain=np.zeros(len(HYDERABAD)))
    assert water_on(drought, soil, "2005-01-01", paddy=True) == pytest.approx(0.0, abs=1.0)
    assert np.isnan(water_on(HYDERABAD, soil, "1980-01-01"))
    assert weed_stress(4.0, 10.0) == pytest.approx(0.8) and weed_stress(9.0, 10.0) == 1.0


def test_a_bare_field_loses_no_water_in_its_books() -> None:
    """One storm on a dry soil: what is there the day after is the storm less what evaporates and drains."""
    rain = np.zeros(len(HYDERABAD))
    rain[400] = 30.0
    storm = replace(HYDERABAD, rain=rain)
    before, after = water_on(storm, farm.soil("EC3"), storm.dates[[400, 401]])
    # The uppermost layer was air-dry, 10.4 mm below wilting point: that much no root can take.
    assert 15.0 < after - before <= 30.0 - 10.4


def test_an_irrigated_paddy_is_puddled_and_its_water_is_counted() -> None:
    rainfed, irrigated = grow_ensembles([site(), site(pond=farm.Pond())], range(1992, 2000), 20, 1)
    assert (irrigated.yields > rainfed.yields).all()
    alone = farm.grow(
        MONSOON, "IR64", "EC4", irrigated.starts[0], production="paddy", pond=farm.Pond(), longest=240
    )
    assert (alone["LANDPREP"] > 3.0).all()  # cm, in August
    assert irrigated.irrigation[0, 0] == pytest.approx(10 * (alone["TOTIRR"] + alone["LANDPREP"]))


def test_initial_water_that_is_none_is_refused() -> None:
    for value in (-1.0, "wet"):
        with pytest.raises(SeasonError, match="initial_water"):
            farm.grow(HYDERABAD, "IR72", "EC3", "2003-07-01", production="paddy", initial_water=value)


# --- gaps ---------------------------------------------------------------------------------------------------------


def advised(weather: farm.Weather, first: int, years: range) -> int:
    place = site(weather=weather, latitude=weather.latitude, longitude=weather.longitude)
    return decide(grow_ensembles([place], years, first)[0], first).start


@pytest.mark.parametrize("share", [0.01, 0.02, 0.05])
def test_missing_light_rain_moves_the_advice_by_at_most_one_ten_day_period(share: float) -> None:
    """Twenty draws; the days that are missing are those with little rain, as where a gauge is not read."""
    for weather, first, years in ((MONSOON, 24, range(1991, 2021)), (HYDERABAD, 0, range(2000, 2010))):
        whole = advised(weather, first, years)
        light = np.flatnonzero((weather.rain > 0) & (weather.rain < 5))
        for draw in range(20):
            rain = weather.rain.copy()
            wanted = min(int(share * rain.size), light.size)
            rain[np.random.default_rng(draw).choice(light, wanted, replace=False)] = np.nan
            filled = fill_gaps(replace(weather, rain=rain))
            assert abs(advised(filled, first, years) - whole) <= 1, draw
            assert sum(step.days for step in filled.history if step.action == "filled") == wanted


def test_gaps_are_named_counted_and_limited() -> None:
    rain, tmax = HYDERABAD.rain.copy(), HYDERABAD.tmax.copy()
    rain[100:110], tmax[200:202], tmax[300:310], rain[500:540] = np.nan, np.nan, np.nan, np.nan
    filled = fill_gaps(replace(HYDERABAD, rain=rain, tmax=tmax))
    steps = {(s.variable, s.action, s.how.split()[0]): s.days for s in filled.history}
    assert steps == {
        ("rain", "filled", "drawn"): 10,
        ("rain", "missing", "in"): 40,  # too long to be drawn
        ("tmax", "filled", "interpolated"): 2,
        ("tmax", "filled", "mean"): 10,
    }
    assert np.isnan(filled.rain[500:540]).all() and not np.isnan(filled.rain[100:110]).any()
    assert (filled.tmin <= filled.tmax).all()
    known = ~np.isnan(rain)
    assert np.array_equal(filled.rain[known], rain[known])
    assert fill_gaps(HYDERABAD) is HYDERABAD
    many = rain.copy()
    many[np.random.default_rng(0).random(many.size) < 0.15] = np.nan
    with pytest.raises(GapError, match=r"rain is missing on \d+ of \d+ days \(\d+\.\d%\), and at most 10%"):
        fill_gaps(replace(HYDERABAD, rain=many))


def test_a_neighbour_fills_first_by_its_ratio() -> None:
    rain, tmin = HYDERABAD.rain.copy(), HYDERABAD.tmin.copy()
    rain[200:230], tmin[200:230] = np.nan, np.nan
    wetter = replace(HYDERABAD, name="next door", rain=HYDERABAD.rain * 2.0, tmin=HYDERABAD.tmin - 1.5)
    filled = fill_gaps(replace(HYDERABAD, rain=rain, tmin=tmin), [wetter])
    assert filled.rain[200:230] == pytest.approx(HYDERABAD.rain[200:230])
    assert filled.tmin[200:230] == pytest.approx(HYDERABAD.tmin[200:230])
    assert [s.how for s in filled.history if s.variable == "rain"] == ["normal-ratio method from next door"]


def test_a_trace_of_rain_is_a_tenth_of_a_millimetre_and_9999_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "bmkg.csv"
    path.write_text(
        "TANGGAL,TN,TX,TAVG,RH_AVG,RR,SS,FF_AVG\n01-01-2020,23,31,27,80,8888,5,2\n02-01-2020,23,31,27,80,9999,5,2\n"
        "03-01-2020,23,8888,27,80,4.5,5,2\n"
    )
    weather = read_bmkg(path, -6.0, 107.0)
    assert weather.rain[0] == 0.1 and np.isnan(weather.rain[1]) and weather.rain[2] == 4.5
    assert np.isnan(weather.tmax[2])  # 8888 is a trace of rain and of nothing else
    assert any(s.action == "trace" and s.days == 1 and "8888" in s.how for s in weather.history)


# --- sterility ----------------------------------------------------------------------------------------------------


def with_days(low: float, high: float, first: int) -> farm.Weather:
    """Seven days of one temperature, from ``first`` days after 1 July 2003 on."""
    at = int((np.datetime64("2003-07-01") - HYDERABAD.first_day).astype(int)) + first
    tmin, tmax = HYDERABAD.tmin.copy(), HYDERABAD.tmax.copy()
    tmin[at : at + 7], tmax[at : at + 7] = low, high
    return replace(HYDERABAD, tmin=tmin, tmax=tmax)


def test_a_week_of_cold_around_anthesis_costs_grain() -> None:
    options = {"production": "paddy", "pond": farm.Pond()}
    usual = farm.grow(HYDERABAD, "IR64", "EC4", "2003-07-01", **options)
    anthesis = int(usual["DOA"][0])
    cold = farm.grow(with_days(8.0, 20.0, anthesis - 3), "IR64", "EC4", "2003-07-01", **options)
    assert usual["FERTILITY"][0] > 0.97
    assert cold["GRAIN"][0] < 0.75 * usual["GRAIN"][0]
    early = farm.grow(with_days(8.0, 20.0, 15), "IR64", "EC4", "2003-07-01", **options)
    assert early["FERTILITY"][0] > 0.97  # long before the panicle forms, cold costs no spikelet


def test_fertility_is_oryzas_by_hand() -> None:
    """Cold: 7 days of mean 14 C make COLDTT 56; heat: half is sterile at 36.6 C (Bouman et al. 2001)."""
    from lumbung.farm.engine.sterility import fertility

    assert fertility(56.0, 300.0, 10.0, 36.6) == pytest.approx((1 - (4.6 + 0.054 * 56**1.56) / 100) / 0.954)
    assert fertility(0.0, 366.0, 10.0, 36.6) == pytest.approx(0.5 / 0.954)
    assert fertility(0.0, 0.0, 0.0, 36.6) == 1.0 and fertility(1000.0, 300.0, 10.0, 36.6) == 0.0
    shares = [fertility(c, 300.0, 10.0, 36.6) for c in range(0, 150, 10)]
    assert all(a >= b for a, b in pairwise(shares))


def test_where_autumns_are_cold_the_calendar_avoids_them() -> None:
    """A Nanning-like year: summers of 28 C, winters of 12 C. The best start flowers in the warm months."""
    days = HYDERABAD.day_of_year
    season = -np.cos(2 * np.pi * (days - 15) / 365.25)
    mean = 20.5 + 7.5 * season
    north = replace(HYDERABAD, latitude=22.8, tmin=mean - 4, tmax=mean + 4, rain=np.full(len(days), 6.0))
    ensemble = grow_ensembles([site(weather=north, latitude=22.8)], range(2000, 2010), 0)[0]
    outlook, decision = outlook_of(ensemble), decide(ensemble)
    flowering = [
        farm.grow(
            north, "IR64", "EC4", f"2004-{m:02d}-01", production="paddy", longest=240, on_fault="report"
        )
        for m in range(1, 13)
    ]
    worst = int(np.argmin([h["FERTILITY"][0] for h in flowering]))
    assert flowering[worst]["FERTILITY"][0] < 0.5
    assert outlook.risk[0, decision.start] < 0.05
    assert outlook.risk[0, 3 * worst] > 0.5
    chosen = farm.grow(
        north, "IR64", "EC4", str(ensemble.starts[decision.start, 4]), production="paddy", longest=240
    )
    assert chosen["FERTILITY"][0] > 0.9


# --- the band -----------------------------------------------------------------------------------------------------


def test_the_band_is_for_a_coming_season_and_holds_the_models_error() -> None:
    decision = decide(grow_ensembles([site(pond=farm.Pond())], range(1991, 2021), 24)[0], 24)
    at = 0, decision.start
    outlook = decision.outlook
    assert outlook.error[at] < 100  # what was printed: the error of the mean
    half = (outlook.high[at] - outlook.low[at]) / 2
    assert half >= 1.25 * outlook.model_error[0] and half > 5 * outlook.error[at]


# --- files --------------------------------------------------------------------------------------------------------

DSSAT = """*WEATHER : TEST

@ INSI      LAT     LONG  ELEV   TAV   AMP REFHT WNDHT
  TEST   -6.200  106.800     8  27.0   3.0   2.0   2.0

@DATE  SRAD  TMAX  TMIN  RAIN  DEWP
20001  17.8  32.4  22.2   0.0  21.0
20002  17.8        22.2 103.7  21.0
20003  18.0  31.0  23.0   5.0  21.0
"""


def test_an_empty_dssat_column_moves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "TEST2001.WTH"
    path.write_text(DSSAT)
    weather = read_dssat(path)
    assert np.isnan(weather.tmax[1]) and weather.tmin[1] == 22.2 and weather.rain[1] == 103.7
    path.write_text(DSSAT.replace("20002  17.8        22.2 103.7  21.0", "20002 17.8 22.2 103.7 21.0"))
    with pytest.raises(
        WeatherError, match=r"line 8: expected 6 values .* found 5 .* which is missing cannot be told"
    ):
        read_dssat(path)


def power(days: list[str]) -> bytes:
    names = ("ALLSKY_SFC_SW_DWN", "T2M_MIN", "T2M_MAX", "T2MDEW", "WS2M", "PRECTOTCORR")
    table = {
        name: {d: float(k + 20 if "T2M" in name else k + 1) for k, d in enumerate(days)} for name in names
    }
    table["T2M_MAX"] = dict.fromkeys(days, 40.0)
    return json.dumps(
        {"properties": {"parameter": table}, "geometry": {"coordinates": [110, -7, 30]}}
    ).encode()


def test_nasa_power_without_a_day_shows_the_gap(tmp_path: Path) -> None:
    body = power(["20200101", "20200102", "20200104", "20200105"])
    weather = farm.nasa_power(
        -7, 110, date(2020, 1, 1), date(2020, 1, 5), cache=tmp_path, fetch=lambda url: body
    )
    assert np.isnan(weather.rain[2]) and weather.rain[[0, 1, 3, 4]].tolist() == [1, 2, 3, 4]
    assert [str(d) for d in weather.missing_days] == ["2020-01-03"]


def test_weather_from_another_island_is_refused_and_from_the_next_district_named(tmp_path: Path) -> None:
    assert kilometres(-6.2, 106.8, -6.9, 107.6) == pytest.approx(118, abs=2)  # Jakarta to Bandung
    whole = DSSAT.replace("20002  17.8        22.2", "20002  17.8  31.7  22.2")
    (tmp_path / "java.WTH").write_text(whole)
    table = tmp_path / "sites.csv"
    table.write_text(
        "site,latitude,longitude,weather,elevation\nPadang,-0.95,100.35,java.WTH,\nBogor,-6.6,106.8,java.WTH,250\n"
        "Jakarta,-6.2,106.8,java.WTH,5\nCipanas,-6.3,106.9,java.WTH,1100\n"
    )
    found = read_sites(table, tmp_path)
    assert set(found.sites) == {3, 4}
    assert "923 km from the site" in found.problems[2]
    assert "1092 m above" in found.problems[5]
    assert len(found.remarks[3]) == 2 and "44 km from the site" in found.remarks[3][0]
    assert "242 m above" in found.remarks[3][1] and 4 not in found.remarks


def test_roots_deeper_than_the_soil_are_refused() -> None:
    deep = farm.variety("IR72").changed(RDI=30)
    shallow = farm.soil("EC3").changed(RDMSOL=10)
    with pytest.raises(SeasonError, match=r"begins with roots of 30 cm \(RDI\), EC3 allows 10 cm \(RDMSOL\)"):
        farm.grow(HYDERABAD, deep, shallow, "2003-07-01", production="water-limited")
    with pytest.raises(SeasonError, match=r"allows 25 cm \(PAN_DEPTH\)"):
        farm.grow(HYDERABAD, deep, "EC3", "2003-07-01", production="paddy")
    report = farm.grow(
        HYDERABAD,
        [deep, farm.variety("IR72")],
        shallow,
        ["2003-07-01"] * 2,
        crop_index=[0, 1],
        production="water-limited",
        on_fault="report",
    )
    assert report.failed.tolist() == [True, False]


def test_a_parameter_without_effect_is_refused() -> None:
    fed = farm.grow(HYDERABAD, farm.variety("IR72").changed(CO2=560), "EC3", "2003-07-01")
    assert fed["TWSO"][0] > 1.1 * farm.grow(HYDERABAD, "IR72", "EC3", "2003-07-01")["TWSO"][0]
    with pytest.raises(VarietyError, match=r"TSUMM1 would have no effect.*TSUM1"):
        farm.variety("IR72").changed(TSUMM1=1500)
    with pytest.raises(SoilError, match=r"KSAT would have no effect"):
        farm.soil("EC3").changed(KSAT=3)
    for value, found in ((-5, "-5 is outside 40 to 2000"), ("much", "found 'much'")):
        with pytest.raises(ParameterError, match=found):
            farm.grow(HYDERABAD, farm.variety("IR72").changed(CO2=value), "EC3", "2003-07-01")
    plain = farm.Variety("plain", "rice", {"TSUM1": 1000, "CO2TRATB": [40, 0, 360, 1]})
    with pytest.raises(VarietyError, match=r"CO2AMAXTB, CO2EFFTB is missing"):
        plain.changed(CO2=560)


def test_the_calendar_prints_gaps_bands_and_distances(tmp_path: Path) -> None:
    lines = ["day,x"]
    rows = []
    for k in range(800):
        day = np.datetime64("2018-01-01") + k
        rain = "" if k % 50 == 7 else f"{(k * 7 % 23) / 2:.1f}"
        rows.append(
            f"{str(day)[2:4]}{(day - day.astype('datetime64[Y]')).astype(int) + 1:03d}  17.8  32.4  22.2 {rain:>5}"
        )
    assert lines
    for year in ("18", "19", "20"):
        mine = [row for row in rows if row.startswith(year)]
        head = DSSAT.split("@DATE")[0] + "@DATE  SRAD  TMAX  TMIN  RAIN\n"
        folder = tmp_path / "weather" / "station"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"TEST{year}01.WTH").write_text(head + "\n".join(mine) + "\n")
    table = tmp_path / "sites.csv"
    table.write_text("site,latitude,longitude,weather,varieties\nBogor,-6.6,106.8,station,IR64\n")
    out = tmp_path / "out"
    done = CliRunner().invoke(
        command, ["calendar", str(table), "--weather", str(tmp_path / "weather"), "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    assert "gaps filled in TEST: rain 16 days (2.0%)" in " ".join(done.stdout.split())
    assert "it includes the error of the model" in " ".join(done.stdout.split())
    assert "mind: the weather TEST was measured at" in done.stderr
    assert "drawn from the record's own wet and dry days" in (out / "weather.csv").read_text()
    assert "44 km" in (out / "remarks.csv").read_text()
