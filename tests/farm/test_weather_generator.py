"""Generated weather keeps the statistics of what it was fitted to, and never passes for measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lumbung.farm import WeatherError, fit_climate, generate_weather, hyderabad
from lumbung.farm.weather.climates import climates, read_normals
from lumbung.farm.weather.generator import climate_of_normals, radiation_above_air
from lumbung.farm.weather.record import Weather


@pytest.fixture(scope="module")
def record() -> Weather:
    return hyderabad()


@pytest.fixture(scope="module")
def made(record: Weather) -> Weather:
    return generate_weather(fit_climate(record), 1900, 200, seed=7)


def month(weather: Weather) -> np.ndarray:
    return weather.dates.astype("datetime64[M]").astype(int) % 12


def by_month(weather: Weather, name: str) -> np.ndarray:
    values = getattr(weather, name)
    return np.array([values[month(weather) == m].mean() for m in range(12)])


def test_it_says_that_it_is_generated(made: Weather) -> None:
    assert made.generated and made.source.startswith("generated, fitted to Hyderabad")


def test_means_of_the_record_return(record: Weather, made: Weather) -> None:
    assert np.abs(by_month(made, "tmax") - by_month(record, "tmax")).max() < 1.0
    assert np.abs(by_month(made, "tmin") - by_month(record, "tmin")).max() < 1.0
    assert np.abs(by_month(made, "irradiation") / by_month(record, "irradiation") - 1).max() < 0.06
    rain = by_month(made, "rain").sum() / by_month(record, "rain").sum()
    assert 0.9 < rain < 1.15


def test_spells_and_days_in_a_row_resemble_the_record(record: Weather, made: Weather) -> None:
    def wet_after_wet(weather: Weather) -> float:
        wet = (weather.rain >= 0.1) & np.isin(month(weather), (6, 7, 8))
        return float(wet[1:][wet[:-1]].mean())

    def memory(weather: Weather) -> float:
        departure = weather.tmax - by_month(weather, "tmax")[month(weather)]
        return float(np.corrcoef(departure[1:], departure[:-1])[0, 1])

    assert wet_after_wet(made) == pytest.approx(wet_after_wet(record), abs=0.06)
    assert memory(made) == pytest.approx(memory(record), abs=0.12)
    wet = made.rain >= 0.1
    july = month(made) == 6
    assert made.tmax[july & wet].mean() < made.tmax[july & ~wet].mean()


def test_years_differ_as_much_as_in_the_record(record: Weather, made: Weather) -> None:
    def yearly(weather: Weather) -> np.ndarray:
        year = weather.dates.astype("datetime64[Y]").astype(int)
        return np.array([weather.rain[year == y].sum() for y in np.unique(year)])

    # Eleven years estimate a spread within a factor of about 1.5.
    ratio = np.log(yearly(made)).std() / np.log(yearly(record)).std()
    assert 0.67 < ratio < 1.5


def test_the_same_seed_gives_the_same_days_and_another_does_not() -> None:
    climate = climates()["monsoonal"]
    one, two, other = (generate_weather(climate, 1999, 3, seed) for seed in (1, 1, 2))
    assert all((getattr(one, n) == getattr(two, n)).all() for n in ("tmin", "tmax", "irradiation", "rain"))
    assert (one.rain != other.rain).any()
    assert str(one.last_day) == "2001-12-31" and len(one) == 3 * 365 + 1


def test_normals_come_back_from_what_they_made() -> None:
    made = generate_weather(climates()["local"], 1900, 300, seed=3)
    rain = by_month(made, "rain") * np.array([31, 28.24, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    given = np.array([120, 110, 130, 190, 330, 420, 400, 260, 150, 110, 80, 110])
    assert np.abs(rain / given - 1).max() < 0.2
    assert (
        np.abs(
            by_month(made, "tmax") - [31.5, 31.6, 31.5, 30.8, 29.7, 28.6, 27.8, 28.0, 29.0, 30.4, 31.6, 31.8]
        ).max()
        < 0.5
    )


def test_places_of_a_region_share_the_ups_and_downs_of_its_years() -> None:
    index = np.random.default_rng(0).standard_normal(61)
    a, b = (generate_weather(climates()["monsoonal"], 1950, 60, seed, index=index) for seed in (1, 2))
    year = a.dates.astype("datetime64[Y]").astype(int)
    totals = [[w.rain[year == y].sum() for y in np.unique(year)] for w in (a, b)]
    assert np.corrcoef(totals)[0, 1] > 0.4


def test_radiation_above_the_air_agrees_with_fao56() -> None:
    # FAO 56, example 8: 20 degrees south, 3 September: 32.2 MJ/m2/d.
    assert radiation_above_air(np.array([246.0]), -20.0)[0] / 1e6 == pytest.approx(32.2, abs=0.05)


def test_short_records_and_impossible_normals_are_refused(record: Weather, tmp_path: Path) -> None:
    short = Weather(
        "short", 17.0, 78.0, 500.0, record.first_day,
        *(getattr(record, n)[:400] for n in ("tmin", "tmax", "irradiation", "vapour_pressure", "wind", "rain")),
    )  # fmt: skip
    with pytest.raises(WeatherError, match="at least three years"):
        fit_climate(short)
    twelve = [100.0] * 12
    with pytest.raises(WeatherError, match="tmin is above tmax"):
        climate_of_normals("x", 0, 0, 0, twelve, [10] * 12, [30] * 12, [20] * 12)
    with pytest.raises(WeatherError, match="wet days lie between"):
        climate_of_normals("x", 0, 0, 0, twelve, [40] * 12, [20] * 12, [30] * 12)
    path = tmp_path / "place.normals.csv"
    path.write_text(
        "month,rain,wet_days,tmin,tmax\n"
        + "\n".join(f"{m},100,10,22,{'hot' if m == 5 else 31}" for m in range(1, 13))
    )
    with pytest.raises(
        WeatherError, match=r"place\.normals\.csv, line 6, column tmax: expected a number, found 'hot'"
    ):
        read_normals(path, -7, 110)
