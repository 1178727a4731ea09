"""Weather readers: what they read, and the traps they must catch."""

from __future__ import annotations

import http.client
import io
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from lumbung.farm import (
    WeatherError,
    grid_cell,
    grow,
    hyderabad,
    nasa_power,
    open_meteo,
    read_weather,
)
from lumbung.farm.weather import read_bmkg, read_cabo, read_dssat, read_pcse_csv
from lumbung.farm.weather.download import over_https
from lumbung.farm.weather.record import Weather, number

CABO_HEAD = "* a comment\n 121.25 14.18 21. -0.25 -0.45\n"
CSV_HEAD = """## Site Characteristics
Country = 'Nowhere'
Station = 'Test'
Longitude = 110.4; Latitude = -7.8; Elevation = 110; AngstromA = 0.29; AngstromB = 0.42; HasSunshine = False
## Daily weather observations
DAY,IRRAD,TMIN,TMAX,VAP,WIND,RAIN,SNOWDEPTH
date,kJ/m2/day,C,C,kPa,m/sec,mm,cm
"""


def cabo_rows(year: int, days: range, irradiation: float = 18000.0, rain: float = 1.0) -> str:
    return "".join(f"   1 {year} {d} {irradiation} 21.0 30.0 2.400 1.5 {rain}\n" for d in days)


# --- traps in the reference files ---------------------------------------------------------------------------------


@pytest.mark.reference
def test_megajoules_under_a_kilojoule_header_are_refused(reference: Callable[[str], Path]) -> None:
    path = reference("farm/weather/cabo_phl1") / "PHL1.990"
    with pytest.raises(WeatherError, match=r"PHL1.990, column irradiation.*a thousand times too dark.*MJ"):
        read_cabo(path)
    right = read_cabo(path, radiation="MJ")
    assert right.irradiation[:4].tolist() == [18e6, 18e6, 10e6, 13e6]


@pytest.mark.reference
def test_more_rows_than_the_year_has_days(reference: Callable[[str], Path]) -> None:
    path = reference("farm/weather/cabo_phl1") / "PHL1.985"
    with pytest.raises(
        WeatherError, match=r"PHL1.985, line 309: day 279 stands already in line 308; 1985 has 365"
    ):
        read_cabo(path)


@pytest.mark.reference
def test_a_short_year_is_read_and_its_gap_is_known(reference: Callable[[str], Path]) -> None:
    folder = reference("farm/weather/cabo_phl1")
    weather = read_cabo([folder / "PHL1.988", folder / "PHL1.989", folder / "PHL1.991"])
    assert len(weather) == 366 + 365 + 365 + 365
    gap = weather.missing_days
    assert gap.size == 31 + 365  # December 1989, and the year 1990 that was not given
    assert str(gap[0]) == "1989-12-01"


@pytest.mark.reference
def test_a_faulty_year_spoils_only_itself(reference: Callable[[str], Path]) -> None:
    faults: list[WeatherError] = []
    weather = read_weather(reference("farm/weather/cabo_phl1"), faults=faults)
    assert [str(f).split(",")[0].rpartition("/")[2] for f in faults] == ["PHL1.985", "PHL1.990"]
    assert str(weather.first_day) == "1979-01-01"
    assert str(weather.last_day) == "1991-12-31"
    assert weather.missing_days.size == 365 + 31 + 365


@pytest.mark.reference
def test_tropical_rain_above_250_mm_is_rain(reference: Callable[[str], Path]) -> None:
    weather = read_cabo(reference("farm/weather/cabo_phl1") / "PHL1.986")
    assert weather.rain.max() == 292.8


@pytest.mark.reference
def test_dssat_years_that_begin_late_end_early_or_run_over(reference: Callable[[str], Path]) -> None:
    folder = reference("farm/weather/dssat")
    assert str(read_dssat(folder / "IBSI8001.WTH").first_day) == "1980-04-30"  # day 121 of a leap year
    assert str(read_dssat(folder / "IBSI8401.WTH").last_day) == "1984-10-31"
    with pytest.raises(WeatherError, match=r"IBSI8501.WTH: 381 rows .* run to 1986-01-16, beyond 1985"):
        read_dssat(folder / "IBSI8501.WTH")
    trimmed = read_dssat(sorted(folder.glob("IBSI*.WTH")), strict=False)
    assert str(trimmed.last_day) == "1985-12-31"
    assert trimmed.latitude == -2.0
    assert "estimated: vapour pressure from tmin, wind 2 m/s" in trimmed.source


@pytest.mark.reference
def test_every_reference_year_is_read_or_refused_for_a_named_reason(reference: Callable[[str], Path]) -> None:
    refused = {}
    for path in sorted(reference("farm/weather/dssat").glob("*.WTH")):
        try:
            read_weather(path)
        except WeatherError as error:
            refused[path.name] = str(error).rpartition(".WTH")[2]
    assert refused == {
        "DTCM6301.WTH": ", line 7, column SRAD: 8.71e+07 J/m2/d is outside 0 to 4.5e+07",
        "DTCM6501.WTH": ", line 259, column TMAX: 99.9 C is outside -60 to 65",
        "IBSI8501.WTH": refused["IBSI8501.WTH"],
        "IRPI8601.WTH": ", line 111: TMIN 28.9 is above TMAX 24.8; one of them is wrong",
    }


# --- missing values -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["8888", "9999", "-", "", " ", "-99", "-99.0", "-999", "NaN", "NA"])
def test_what_means_missing(text: str) -> None:
    assert np.isnan(number(text))


@pytest.mark.parametrize(("text", "value"), [("0", 0.0), ("-9.9", -9.9), ("888.8", 888.8), ("1e3", 1000.0)])
def test_what_is_a_number(text: str, value: float) -> None:
    assert number(text) == value


def test_bmkg_table(tmp_path: Path) -> None:
    path = tmp_path / "bmkg.csv"
    path.write_text(
        "ID WMO,96783\n\nTANGGAL,TN,TX,TAVG,RH_AVG,RR,SS,FF_X,DDD_X,FF_AVG,DDD_CAR\n"
        "01-01-2020,22.4,31.0,26.1,85,8888,5.2,4,270,2,W\n"
        "02-01-2020,22.0,30.5,25.8,88,12.5,-,5,270,1,W\n"
        "03-01-2020,22.1,30.9,26.0,86,0,6.0,5,270,1,W\n"
        "KETERANGAN:\n8888: data tidak terukur\n"
    )
    weather = read_bmkg(path, -6.9, 107.6, 791.0)
    assert weather.rain[0] == 0.1 and weather.rain[1] == 12.5  # 8888 is a trace
    assert np.isnan(weather.irradiation[1])
    assert [str(d) for d in weather.missing_days] == ["2020-01-02"]
    # 6.0 of 12.5 h of sunshine in January near the equator: some 18 MJ.
    assert 15e6 < weather.irradiation[2] < 21e6


def test_a_season_that_meets_a_gap_is_reported_and_the_others_grow() -> None:
    weather = hyderabad()
    rain = weather.rain.copy()
    rain[200] = np.nan
    holed = replace(weather, rain=rain)
    starts = [weather.first_day + 150, weather.first_day + 600]
    harvest = grow(holed, "IR72", "EC3", starts, on_fault="report")
    assert harvest.failed.tolist() == [True, False]
    assert dict(harvest.problems())[0].startswith("the weather ends or has a gap 49 days after its start")
    whole = grow(weather, "IR72", "EC3", starts[1])
    assert harvest["TWSO"][1] == whole["TWSO"][0]


# --- each reader names the place ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            cabo_rows(1990, range(1, 3)) + "   1 1990 3 abc 21 30 2.4 1 0\n",
            r"line 5, column irradiation.*'abc'",
        ),
        (
            cabo_rows(1990, range(1, 3)) + "   1 1991 3 18000 21 30 2.4 1 0\n",
            r"line 5, column year: expected 1990",
        ),
        (cabo_rows(1990, range(364, 367)), r"line 5, column day: 1990 has 365 days, found 366"),
        (cabo_rows(1990, range(1, 3)) + "   1 1990 3 18000 21\n", r"line 5: expected 9 columns, found 5"),
        (cabo_rows(1990, range(1, 3), rain=2500.0), r"line 3, column rain: 2500 mm/d is outside"),
        ("", "no day of weather"),
    ],
)
def test_cabo_errors_name_line_and_column(tmp_path: Path, body: str, message: str) -> None:
    path = tmp_path / "TEST1.990"
    path.write_text(CABO_HEAD + body)
    with pytest.raises(WeatherError, match=message):
        read_cabo(path)


def test_cabo_sunshine_hours(tmp_path: Path) -> None:
    path = tmp_path / "TEST1.990"
    path.write_text(" 121.25 14.18 21. 0.25 0.45\n" + cabo_rows(1990, range(1, 366), irradiation=6.0))
    weather = read_cabo(path)
    assert 14e6 < weather.irradiation.min() < weather.irradiation.max() < 21e6
    assert weather.angstrom == (0.25, 0.45)


def test_pcse_csv(tmp_path: Path) -> None:
    path = tmp_path / "station.csv"
    path.write_text(
        CSV_HEAD + "20200101,18000,21.5,30.1,2.4,1.2,255.5,NaN\n20200103,17000,21.0,30.0,2.4,1.2,-,NaN\n"
    )
    weather = read_weather(path)
    assert (weather.name, weather.latitude, weather.elevation) == ("Test", -7.8, 110.0)
    assert weather.irradiation[0] == 18e6 and weather.vapour_pressure[0] == 24.0 and weather.rain[0] == 255.5
    assert [str(d) for d in weather.missing_days] == ["2020-01-02", "2020-01-03"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("20200101,18,21.5,30.1,2.4,1.2,0,NaN\n", "no value exceeds 18; these look like MJ"),
        ("2020-31-01,18000,21.5,30.1,2.4,1.2,0,\n", "line 8, column DAY: expected a date"),
        ("20200101,18000,21.5,warm,2.4,1.2,0,\n", "line 8, column TMAX: expected a number, found 'warm'"),
        (
            "20200102,18000,21,30,2.4,1,0,\n20200101,18000,21,30,2.4,1,0,\n",
            "line 9, column DAY: .* does not come after",
        ),
        ("20200101,18000,21.5,30.1,24.0,1.2,0,NaN\n", "line 8, vapour_pressure: 240 hPa is outside"),
        ("20200101,18000,31.5,30.1,2.4,1.2,0,NaN\n", "tmin 31.5 C is above tmax 30.1 C on 2020-01-01"),
    ],
)
def test_pcse_csv_errors_name_line_and_column(tmp_path: Path, rows: str, message: str) -> None:
    path = tmp_path / "station.csv"
    path.write_text(CSV_HEAD + rows)
    with pytest.raises(WeatherError, match=message):
        read_pcse_csv(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "station.csv"
    path.write_text(CSV_HEAD.replace(",VAP", ",HUMIDITY"))
    with pytest.raises(WeatherError, match="column VAP is missing; found DAY, IRRAD"):
        read_pcse_csv(path)


# --- grids and services -------------------------------------------------------------------------------------------


def dataset(rain_unit: str = "kg m-2 s-1"):
    xarray = pytest.importorskip("xarray")
    days = np.arange("2020-01-01", "2020-05-01", dtype="datetime64[D]")
    shape = (days.size, 2, 3)
    value = {
        "tasmin": (295.15, "K"),
        "tasmax": (304.15, "K"),
        "rsds": (200.0, "W m-2"),
        "dew_point": (21.0, "degC"),
        "sfcWind": (1.5, "m s-1"),
        "pr": (5.0 / 86400.0, rain_unit),
    }
    variables = {
        name: (("time", "lat", "lon"), np.full(shape, v), {"units": unit})
        for name, (v, unit) in value.items()
    }
    coords = {"time": days.astype("datetime64[ns]"), "lat": [-7.0, -6.5], "lon": [107.0, 107.5, 108.0]}
    return xarray.Dataset(variables, coords, {"title": "test grid"})


def test_grid_cell_converts_units(tmp_path: Path) -> None:
    path = tmp_path / "grid.nc"
    dataset().to_netcdf(path)
    for source in (dataset(), path):
        weather = grid_cell(source, -6.9, 107.6, elevation=700.0)
        assert weather.tmin[0] == pytest.approx(22.0) and weather.tmax[0] == pytest.approx(31.0)
        assert weather.irradiation[0] == pytest.approx(17.28e6)
        assert weather.rain[0] == pytest.approx(5.0)
        assert weather.vapour_pressure[0] == pytest.approx(24.87, abs=0.02)
        assert grow(weather, "IR72", "EC3", "2020-01-02")["TWSO"][0] > 1000.0


def test_grid_errors_name_variable_unit_and_place() -> None:
    with pytest.raises(
        WeatherError, match="variable pr, attribute units: found the unit 'bushel', expected one of rain"
    ):
        grid_cell(dataset("bushel"), -6.9, 107.6)
    with pytest.raises(WeatherError, match=r"lat 10 lies outside the grid, which reaches from -7 to -6\.5"):
        grid_cell(dataset(), 10.0, 107.6)
    with pytest.raises(WeatherError, match="no variable for rain; it may be called rain, pr"):
        grid_cell(dataset().drop_vars("pr"), -6.9, 107.6)


def power_answer(url: str) -> bytes:
    days = ["20200101", "20200102"]
    values = {
        "ALLSKY_SFC_SW_DWN": 18.5,
        "T2M_MIN": 22.0,
        "T2M_MAX": 30.0,
        "T2MDEW": 21.0,
        "WS2M": 1.1,
        "PRECTOTCORR": 7.0,
    }
    table = {name: dict.fromkeys(days, v) for name, v in values.items()}
    table["ALLSKY_SFC_SW_DWN"]["20200102"] = -999.0
    return json.dumps(
        {"geometry": {"coordinates": [107.6, -6.9, 732.1]}, "properties": {"parameter": table}}
    ).encode()


def test_nasa_power_is_asked_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return power_answer(url)

    for _ in range(2):
        weather = nasa_power(-6.9, 107.6, date(2020, 1, 1), date(2020, 1, 2), cache=tmp_path, fetch=fetch)
    assert len(asked) == 1 and "community=AG" in asked[0] and "latitude=-6.9000" in asked[0]
    assert weather.elevation == 732.1 and weather.irradiation[0] == 18.5e6
    assert np.isnan(weather.irradiation[1])


def test_open_meteo(tmp_path: Path) -> None:
    def fetch(url: str) -> bytes:
        assert "wind_speed_unit=ms" in url
        daily = {
            "time": ["2020-01-01"],
            "temperature_2m_min": [22.0],
            "temperature_2m_max": [30.0],
            "shortwave_radiation_sum": [18.5],
            "dew_point_2m_mean": [21.0],
            "wind_speed_10m_mean": [None],
            "precipitation_sum": [3.0],
        }
        return json.dumps({"elevation": 700.0, "daily": daily}).encode()

    weather = open_meteo(-6.9, 107.6, date(2020, 1, 1), date(2020, 1, 1), cache=tmp_path, fetch=fetch)
    assert weather.irradiation[0] == 18.5e6 and np.isnan(weather.wind[0])


@pytest.mark.parametrize("service", [nasa_power, open_meteo])
def test_offline_says_what_to_do(tmp_path: Path, service) -> None:
    def fetch(url: str) -> bytes:
        raise urllib.error.URLError("no route to host")

    with pytest.raises(WeatherError, match=r"cannot be reached .*Without internet, give weather files"):
        service(-6.9, 107.6, date(2020, 1, 1), date(2020, 1, 2), cache=tmp_path, fetch=fetch)
    with pytest.raises(WeatherError, match="something else than a daily record"):
        service(-6.9, 107.6, date(2020, 1, 1), date(2020, 1, 2), cache=tmp_path, fetch=lambda _: b"{}")


def test_only_what_is_weather_is_kept(tmp_path: Path) -> None:
    """A sign-in page, half an answer and a spoiled copy: each costs one more request, and none is read for ever."""
    whole = power_answer("")
    answers = [b"<html>Welcome to our hotel</html>", whole[: len(whole) // 2], whole]

    def ask(fetch) -> Weather:
        return nasa_power(-6.9, 107.6, date(2020, 1, 1), date(2020, 1, 2), cache=tmp_path, fetch=fetch)

    for _ in range(2):
        with pytest.raises(WeatherError, match="something else than a daily record"):
            ask(lambda _: answers.pop(0))
        assert not list(tmp_path.iterdir())
    assert len(ask(lambda _: answers.pop(0))) == 2
    (copy,) = tmp_path.iterdir()
    copy.write_bytes(whole[:50])
    assert len(ask(lambda _: whole)) == 2 and copy.read_bytes() == whole

    def cut(_: str) -> bytes:
        raise http.client.IncompleteRead(b"")

    copy.unlink()
    with pytest.raises(WeatherError, match="cannot be reached"):
        ask(cut)


def test_https_stays_https(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = io.BytesIO(b"{}")
    answer.geturl = lambda: "http://elsewhere.example/"  # type: ignore[attr-defined]
    monkeypatch.setattr(urllib.request, "urlopen", lambda request, timeout: answer)
    with pytest.raises(WeatherError, match="led away from https to http://elsewhere"):
        over_https("https://power.example/")


def test_hyderabad_is_real_and_says_what_is_estimated() -> None:
    weather = hyderabad()
    assert str(weather.first_day) == "2000-01-01" and len(weather) > 3650
    assert not weather.generated and "estimated" in weather.source
    assert weather.missing_days.size == 0
    # FAO 56's estimate from the temperature range must reproduce the station's measured yearly ET0 to a tenth.
    computed = replace(weather, et0=None).evapotranspiration[2]
    assert computed.sum() * 10.0 == pytest.approx(float(weather.et0.sum()), rel=0.15)
