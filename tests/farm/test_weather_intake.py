"""Files in the formats that services give out, written from one known year: what is read is what was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import weather_files
from lumbung.cli.farm import command
from lumbung.farm.weather import WeatherError, read_weather
from lumbung.farm.weather.physics import wind_at_2m
from lumbung.farm.weather.units import converted, plain

YEAR = weather_files.a_year()
PLACE = weather_files.LATITUDE, weather_files.LONGITUDE, weather_files.ELEVATION


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("weather")
    return {name: write(YEAR, folder) for name, write in weather_files.WRITERS.items()}


@pytest.mark.parametrize("name", weather_files.WRITERS)
def test_what_is_read_is_what_was(written: dict[str, Path], name: str) -> None:
    weather = read_weather(written[name], *PLACE)
    at = (YEAR.days - weather.first_day).astype(int)
    assert (weather.latitude, weather.longitude) == pytest.approx(PLACE[:2], abs=0.01)
    assert np.nanmax(np.abs(weather.tmin[at] - YEAR.tmin)) < 0.051
    assert np.nanmax(np.abs(weather.tmax[at] - YEAR.tmax)) < 0.051
    assert np.abs(weather.rain[at] - YEAR.rain).max() < 0.051
    known = np.isfinite(weather.irradiation[at])
    assert known.all()
    if "BMKG" not in name:
        assert np.abs(weather.irradiation[at] / 1e6 - YEAR.radiation).max() < 0.06
        vapour = 6.108 * np.exp(17.27 * YEAR.dew / (YEAR.dew + 237.3))
        assert np.abs(weather.vapour_pressure[at] - vapour).max() < 0.1
    wind = YEAR.wind10 if name.startswith(("DSSAT", "PCSE", "CABO")) else wind_at_2m(YEAR.wind10)
    assert np.abs(weather.wind[at] - wind).max() < 0.02
    assert not np.isin(YEAR.days, weather.missing_days).any()


def test_every_format_reaches_a_calendar_unedited(written: dict[str, Path], tmp_path: Path) -> None:
    folder = next(iter(written.values())).parent
    lines = ["site,latitude,longitude,elevation,weather,varieties"]
    lines += [f'"{n}",{PLACE[0]},{PLACE[1]},{PLACE[2]:g},{p.name},IR64' for n, p in written.items()]
    table = tmp_path / "sites.csv"
    table.write_text("\n".join(lines) + "\n")
    out = tmp_path / "out"
    done = CliRunner().invoke(command, ["calendar", str(table), "--weather", str(folder), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert f"{len(written)} of {len(written)} sites done" in done.stderr, done.stderr
    steps = (out / "weather.csv").read_text()
    assert "ssrd, sums from midnight UTC taken apart, days of UTC+7" in steps
    assert "wind_speed_10m_mean [km/h] at 10 m to 2 m" in steps and "sunshine SS [h]" in steps


@pytest.mark.parametrize(
    ("unit", "kind", "value", "expected"),
    [
        ("J m**-2", "radiation", 2e7, 2e7), ("W m-2", "radiation", 200.0, 17.28e6), ("MJ/m²", "radiation", 20.0, 2e7),
        ("kW-hr/m^2/day", "radiation", 5.0, 18e6), ("K", "temperature", 300.15, 27.0), ("°F", "temperature", 86.0, 30.0),
        ("m s**-1", "wind", 2.0, 2.0), ("km/h", "wind", 7.2, 2.0), ("kg m-2 s-1", "rain", 1e-4, 8.64), ("m", "rain", 0.01, 10.0),
        ("kPa", "pressure", 2.5, 25.0), ("mm/day", "rain", 3.0, 3.0),
    ],
)  # fmt: skip
def test_units_by_hand(unit: str, kind: str, value: float, expected: float) -> None:
    assert converted(np.array([value]), unit, kind, "x")[0] == pytest.approx(expected)


def test_an_unknown_unit_is_refused_with_those_there_are() -> None:
    assert plain("J·m⁻²") == plain("J m**-2") == plain("J/m2") == "jm-2"
    with pytest.raises(
        WeatherError, match=r"ssrd: found the unit 'furlong', expected one of radiation: jm-2"
    ):
        converted(np.zeros(1), "furlong", "radiation", "ssrd")


def test_months_of_another_station_are_not_mixed_in(tmp_path: Path) -> None:
    first = weather_files.bmkg_csv(YEAR, tmp_path)
    other = tmp_path / "other.csv"
    text = (
        first.read_text()
        .replace("Lintang : -6.6", "Lintang : -7.9")
        .replace("-2019,", "-2021,")
        .replace("-2020,", "-2022,")
    )
    other.write_text(text)
    from lumbung.farm.weather import read_bmkg

    with pytest.raises(
        WeatherError, match=r"other.csv: latitude -7.9 differs from -6.6 in .*bmkg.csv; another station"
    ):
        read_bmkg([first, other])
    other.write_text(first.read_text())
    with pytest.raises(
        WeatherError, match=r"line 8, column TANGGAL: 2019-01-01 stands already in bmkg.csv, line 8"
    ):
        read_bmkg([first, other])


def test_a_grid_does_not_answer_for_a_place_outside_it(written: dict[str, Path]) -> None:
    with pytest.raises(WeatherError, match="latitude -2 lies outside the grid"):
        read_weather(written["ERA5 hourly"], -2.0, 106.8)
    with pytest.raises(WeatherError, match="a grid needs latitude and longitude"):
        read_weather(written["ERA5 hourly"])


def test_an_hour_that_is_missing_is_a_day_that_is_missing(tmp_path: Path) -> None:
    import xarray

    path = weather_files.era5(weather_files.a_year(20), tmp_path)
    with xarray.open_dataset(path) as opened:
        whole = opened.load()
    holed = tmp_path / "holed.nc"
    whole.isel(valid_time=np.delete(np.arange(whole.sizes["valid_time"]), 100)).to_netcdf(holed)
    weather = read_weather(holed, *PLACE)
    inside = (weather.missing_days >= np.datetime64("2019-01-01")) & (
        weather.missing_days <= np.datetime64("2019-01-20")
    )
    assert weather.missing_days[inside].astype(str).tolist() == ["2019-01-05"]


@pytest.mark.parametrize("seed", range(6))
def test_no_spoiled_file_shifts_a_value_in_silence(seed: int, tmp_path: Path) -> None:
    """Ten mutations per seed here; `python benchmarks/farm_spoiled_weather.py` holds 2,000."""
    from spoiled_weather import spoil_and_read

    outcomes = [spoil_and_read(100 * seed + k, tmp_path) for k in range(10)]
    assert not [o for o in outcomes if o.shifted], [o for o in outcomes if o.shifted]
    assert any(o.read for o in outcomes)
