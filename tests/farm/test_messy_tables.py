"""Tables and records as an officer has them: what is written in a usual way is read, the rest is asked back in the reader's language."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lumbung.farm.calendar.people_dates import DateError, periods_within, ten_day_period
from lumbung.farm.calendar.sites import SiteTable, read_sites
from lumbung.farm.weather.record import is_trace, rain_number
from lumbung.farm.weather.tables import WeatherError, day_of
from lumbung.web.farm_row_words import in_words_of


def table(folder: Path, text: str, encoding: str = "utf-8") -> SiteTable:
    path = folder / "sites.csv"
    path.write_bytes(text.encode(encoding))
    return read_sites(path, None)


@pytest.mark.parametrize(
    ("written", "longitude", "expected"),
    [
        ("-6.5", "107.7", (-6.5, 107.7)),
        ("6.5 LS", "107.7 BT", (-6.5, 107.7)),
        ("6,5 LU", "107,7", (6.5, 107.7)),
        ("6°20'S", "108°10'30\"E", (-6 - 20 / 60, 108 + 10 / 60 + 30 / 3600)),
        ("6° 20’ 30” LS", "108 10 30 BT", (-6 - 20 / 60 - 30 / 3600, 108 + 10 / 60 + 30 / 3600)),
        ("北纬22.8°", "东经108度18分", (22.8, 108.3)),
        ("S 6.5", "E 107.7", (-6.5, 107.7)),
        ("-6.5°", "-0.5", (-6.5, -0.5)),
    ],
)
def test_degrees_are_read_as_people_write_them(
    tmp_path: Path, written: str, longitude: str, expected: tuple[float, float]
) -> None:
    found = table(tmp_path, f"site;latitude;longitude\nA;{written};{longitude}\n")
    assert found.problems == {}
    assert (found.sites[2].latitude, found.sites[2].longitude) == pytest.approx(expected)


@pytest.mark.parametrize("written", ["95", "-6.5 S", "6°75'S", "north", "1077 LS", "6.5.1", "107 BT"])
def test_degrees_that_can_be_nowhere_are_asked_back(tmp_path: Path, written: str) -> None:
    found = table(tmp_path, f"site;latitude;longitude\nA;{written};107\n")
    assert found.sites == {} and "column latitude: expected degrees" in found.problems[2]


def test_dates_of_a_year_and_horizons() -> None:
    assert ten_day_period("四月中旬") == ten_day_period("4月中旬") == 10
    assert ten_day_period("十一月上旬") == 30 and ten_day_period("十二月") == 33
    assert ten_day_period("15/11") == ten_day_period("11/15") == 31
    with pytest.raises(DateError):
        ten_day_period("05/11")
    assert periods_within("Okt-Des") == (27, 35) == periods_within("10月-12月")
    assert periods_within("Des II") == (34, 34) and periods_within("Nov") == (30, 32)
    assert periods_within("Des-Jan") == (33, 2)


def test_days_of_a_record() -> None:
    for text in ("09 Apr 2019", "9-April-2019", "09.04.2019", "43564", "2019-04-09 00:00:00"):
        assert day_of(text, "x") == np.datetime64("2019-04-09"), text
    assert day_of("1 Agustus 2019", "x") == np.datetime64("2019-08-01")
    for text in ("19099", "99999", "01/13/2019", "9 Foo 2019"):
        with pytest.raises(WeatherError, match="expected a date"):
            day_of(text, "x")


def test_observers_write_a_trace_of_rain_as_ttu() -> None:
    assert is_trace("TTU") and is_trace(" ttu ") and rain_number("TTU") == 0.1


def test_totals_and_percent_signs(tmp_path: Path) -> None:
    found = table(
        tmp_path,
        "No,Desa,below,normal,above,forecast_months\n1,Sukamaju,50%,30 %,20%,Okt-Des\nJumlah,1,,,,\n,Rata-rata :,,,,\n",
    )
    forecast = found.sites[2].forecast
    assert forecast is not None and (forecast.below, forecast.normal, forecast.above) == (0.5, 0.3, 0.2)
    assert list(found.sites) == [2] and found.problems == {}
    assert found.remarks[3] == found.remarks[4] == ["a row of totals or means, left out"]


BAD = """site,latitude,longitude,weather,production,irrigated,habitual,varieties,within,initial_water,seedling_age,area,below,normal,above
A,95,107,,,,,,,,,,,,
A,-6,107,,,,,,,,,,,,
,-6,107,,,,,,,,,,,,
B,-6,107,x.csv,,,,,,,,,,,
C,-6,107,,upland,,,,,,,,,,
D,-6,107,,,maybe,,,,,,,,,
E,-6,107,,potential,yes,,,,,,,,,
F,-6,107,,,,some day,,,,,,,,
G,-6,107,,,,,Ciherng,,,,,,,
H,-6,107,,,,,Zzz,,,,,,,
I,-6,107,,,,,,whenever..Des,,,,,,
J,-6,107,,,,,,,9000,,,,,
K,-6,107,,,,,,,,400,,,,
L,-6,107,,,,,,,,,-1,,,
M,-6,107,,,,,,,,,,a,b,c
N,-6,107,,,,,,,,,,,,,,stray
"""


def test_what_is_said_of_a_row_is_said_in_the_readers_language(tmp_path: Path) -> None:
    found = table(tmp_path, BAD)
    assert len(found.problems) == 16, found.problems
    for why in found.problems.values():
        assert in_words_of("en", why) == why
        for language in ("id", "zh"):
            said = in_words_of(language, why)
            assert said != why and "expected" not in said and "found" not in said, (language, said)
    assert in_words_of("id", found.problems[2]) == (
        "kolom latitude: seharusnya derajat antara -90 dan 90, tertulis '95'"
    )
    assert in_words_of("zh", found.problems[9]).startswith("列 habitual：应为日期，如 11-01")


def test_remarks_on_a_record_are_said_in_the_readers_language() -> None:
    from lumbung import farm
    from lumbung.farm.calendar.nearness import NearnessError, remarks_on

    weather = farm.hyderabad()
    said = remarks_on(weather, weather.latitude + 0.5, weather.longitude, weather.elevation + 200.0)
    assert len(said) == 2
    for remark in [*said, "a row of totals or means, left out"]:
        assert in_words_of("id", remark) != remark and in_words_of("zh", remark) != remark
        assert "weather" not in in_words_of("id", remark)
    for latitude, higher in ((5.0, 0.0), (0.0, 900.0)):
        with pytest.raises(NearnessError) as error:
            remarks_on(weather, weather.latitude + latitude, weather.longitude, weather.elevation + higher)
        assert "kolom" in in_words_of("id", str(error.value)) and "the " not in in_words_of(
            "id", str(error.value)
        )


def test_a_sentence_nobody_knows_stays_as_it_is() -> None:
    assert in_words_of("id", "the moon is full") == "the moon is full"
