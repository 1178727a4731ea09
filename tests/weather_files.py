"""Weather files as services give them out, written from one known year, to be read back and to be spoiled."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LATITUDE, LONGITUDE, ELEVATION = -6.6, 106.8, 250.0


@dataclass(frozen=True)
class Year:
    """What was the weather, rounded as files round it: arrays of shape (days,)."""

    days: np.ndarray
    tmin: np.ndarray
    tmax: np.ndarray
    dew: np.ndarray  # C
    humidity: np.ndarray  # %
    sunshine: np.ndarray  # h
    radiation: np.ndarray  # MJ/m2
    wind10: np.ndarray  # m/s
    rain: np.ndarray


def a_year(days: int = 500, seed: int = 1) -> Year:
    rng = np.random.default_rng(seed)
    tmin = np.round(rng.uniform(20, 25, days), 1)
    tmax = np.round(tmin + rng.uniform(4, 11, days), 1)
    rain = np.where(rng.random(days) < 0.5, np.round(rng.gamma(0.7, 14, days), 1), 0.0)
    return Year(
        np.datetime64("2019-01-01") + np.arange(days),
        tmin,
        tmax,
        np.round(tmin - rng.uniform(0, 1.5, days), 1),
        np.round(rng.uniform(65, 95, days)),
        np.round(rng.uniform(1, 9, days), 1),
        np.round(rng.uniform(8, 24, days), 2),
        np.round(rng.uniform(0.8, 4, days), 1),
        rain,
    )


def _csv(rows: list[list[object]], parting: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=parting, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _comma(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def bmkg_rows(y: Year) -> list[list[object]]:
    head = ["TANGGAL", "TN", "TX", "TAVG", "RH_AVG", "RR", "SS", "FF_X", "DDD_X", "FF_AVG", "DDD_CAR"]
    rows: list[list[object]] = [head]
    for k, day in enumerate(y.days):
        date = day.astype(object)
        mean = round((y.tmin[k] + y.tmax[k]) / 2, 1)
        rows.append(
            [
                f"{date:%d-%m-%Y}",
                y.tmin[k],
                y.tmax[k],
                mean,
                y.humidity[k],
                y.rain[k],
                y.sunshine[k],
                6,
                270,
                y.wind10[k],
                "W ",
            ]
        )
    return rows


def bmkg_csv(y: Year, folder: Path) -> Path:
    path = folder / "bmkg.csv"
    above = [
        "ID WMO : 96753",
        "Nama Stasiun : Stasiun Klimatologi",
        f"Lintang : {LATITUDE}",
        f"Bujur : {LONGITUDE}",
        f"Elevasi : {ELEVATION:g}",
        "",
    ]
    below = ["", "KETERANGAN :", "8888: data tidak terukur", "9999: Tidak Ada Data"]
    path.write_text("\n".join(above) + "\n" + _csv(bmkg_rows(y)) + "\n".join(below) + "\n", encoding="utf-8")
    return path


def bmkg_semicolons(y: Year, folder: Path) -> Path:
    path = folder / "bmkg-excel.csv"
    rows = [[_comma(c) if isinstance(c, float) else c for c in row] for row in bmkg_rows(y)]
    above = f"Lintang;{LATITUDE}\nBujur;{LONGITUDE}\n"
    path.write_text(above + _csv(rows, ";"), encoding="cp1252")
    return path


def bmkg_months(y: Year, folder: Path) -> Path:
    """A spreadsheet per month, as the portal's monthly downloads are."""
    from openpyxl import Workbook

    months = y.days.astype("datetime64[M]")
    here = folder / "bmkg-months"
    here.mkdir(exist_ok=True)
    head, *rows = bmkg_rows(y)
    for month in np.unique(months):
        book = Workbook()
        sheet = book.active
        for line in (
            ["ID WMO", ": 96753"],
            ["Lintang", f": {LATITUDE}"],
            ["Bujur", f": {LONGITUDE}"],
            ["Elevasi", ": 250 Meter"],
            [],
        ):
            sheet.append(line)
        sheet.append(head)
        for row, mine in zip(rows, months == month, strict=True):
            if mine:
                sheet.append([float(c) if isinstance(c, np.floating) else c for c in row])
        sheet.append(["KETERANGAN:"])
        sheet.append(["8888: data tidak terukur"])
        book.save(here / f"laporan_iklim_harian_{month}.xlsx")
    return here


_POWER = ("ALLSKY_SFC_SW_DWN", "T2M_MIN", "T2M_MAX", "T2MDEW", "WS10M", "PRECTOTCORR")


def _power(y: Year) -> dict[str, np.ndarray]:
    return dict(zip(_POWER, (y.radiation, y.tmin, y.tmax, y.dew, y.wind10, y.rain), strict=True))


def power_json(y: Year, folder: Path) -> Path:
    table = {
        name: {str(d).replace("-", ""): float(v) for d, v in zip(y.days, values, strict=True)}
        for name, values in _power(y).items()
    }
    units = dict(zip(_POWER, ("MJ/m^2/day", "C", "C", "C", "m/s", "mm/day"), strict=True))
    answer = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [LONGITUDE, LATITUDE, ELEVATION]},
        "properties": {"parameter": table},
        "parameters": {name: {"units": unit, "longname": name} for name, unit in units.items()},
    }
    path = folder / "power.json"
    path.write_text(json.dumps(answer))
    return path


def power_csv(y: Year, folder: Path, units: str = "MJ/m^2/day", by: str = "DOY") -> Path:
    head = f"""-BEGIN HEADER-
NASA/POWER Source Native Resolution Daily Data
Dates (month/day/year): 01/01/2019 through 12/31/2020
Location: latitude  {LATITUDE}   longitude {LONGITUDE}
elevation from MERRA-2: Average for 0.5 x 0.625 degree lat/lon region = {ELEVATION} meters
The value for missing source data that cannot be computed or is outside of the sources availability range: -999
parameter(s):
ALLSKY_SFC_SW_DWN     CERES SYN1deg All Sky Surface Shortwave Downward Irradiance ({units})
T2M_MIN               MERRA-2 Temperature at 2 Meters Minimum (C)
T2M_MAX               MERRA-2 Temperature at 2 Meters Maximum (C)
T2MDEW                MERRA-2 Dew/Frost Point at 2 Meters (C)
WS10M                 MERRA-2 Wind Speed at 10 Meters (m/s)
PRECTOTCORR           MERRA-2 Precipitation Corrected (mm/day)
-END HEADER-
"""
    factor = {"MJ/m^2/day": 1.0, "kW-hr/m^2/day": 1 / 3.6, "W/m^2": 1 / 0.0864}[units]
    columns = _power(y)
    rows: list[list[object]] = [["YEAR", *(("DOY",) if by == "DOY" else ("MO", "DY")), *_POWER]]
    for k, day in enumerate(y.days):
        date = day.astype(object)
        when = [date.year, date.timetuple().tm_yday] if by == "DOY" else [date.year, date.month, date.day]
        values = [
            round(float(columns[name][k]) * (factor if name == _POWER[0] else 1.0), 5) for name in _POWER
        ]
        rows.append([*when, *values])
    path = folder / f"power-{by}.csv"
    path.write_text(head + _csv(rows))
    return path


_METEO = {
    "temperature_2m_max": "°C", "temperature_2m_min": "°C", "shortwave_radiation_sum": "MJ/m²", "dew_point_2m_mean": "°C",
    "wind_speed_10m_mean": "km/h", "precipitation_sum": "mm",
}  # fmt: skip


def _meteo(y: Year) -> dict[str, np.ndarray]:
    return dict(zip(_METEO, (y.tmax, y.tmin, y.radiation, y.dew, y.wind10 * 3.6, y.rain), strict=True))


def meteo_csv(y: Year, folder: Path) -> Path:
    head = f"latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation\n{LATITUDE},{LONGITUDE},{ELEVATION},25200,Asia/Jakarta,GMT+7\n\n"
    columns = _meteo(y)
    rows: list[list[object]] = [["time", *(f"{name} ({unit})" for name, unit in _METEO.items())]]
    rows += [
        [str(day), *(round(float(columns[name][k]), 4) for name in _METEO)] for k, day in enumerate(y.days)
    ]
    path = folder / "open-meteo.csv"
    path.write_text(head + _csv(rows), encoding="utf-8")
    return path


def meteo_json(y: Year, folder: Path) -> Path:
    daily = {
        "time": [str(d) for d in y.days],
        **{n: [round(float(v), 4) for v in values] for n, values in _meteo(y).items()},
    }
    answer = {
        "latitude": LATITUDE,
        "longitude": LONGITUDE,
        "elevation": ELEVATION,
        "daily_units": {"time": "iso8601", **_METEO},
        "daily": daily,
    }
    path = folder / "open-meteo.json"
    path.write_text(json.dumps(answer), encoding="utf-8")
    return path


def dssat(y: Year, folder: Path, four_digits: bool = False) -> Path:
    """The older header generation, or the newer with years of four digits."""
    here = folder / ("dssat-new" if four_digits else "dssat")
    here.mkdir(exist_ok=True)
    for year in np.unique(y.days.astype("datetime64[Y]")):
        mine = np.flatnonzero(y.days.astype("datetime64[Y]") == year)
        lines = [
            "*WEATHER DATA : Bogor",
            "",
            "@ INSI      LAT     LONG  ELEV   TAV   AMP REFHT WNDHT",
            f"  BOGR  {LATITUDE:7.3f} {LONGITUDE:8.3f} {ELEVATION:5.0f}  27.0   3.0   2.0   2.0",
        ]
        lines.append(
            "@  DATE  SRAD  TMAX  TMIN  RAIN  DEWP  WIND"
            if four_digits
            else "@DATE  SRAD  TMAX  TMIN  RAIN  DEWP  WIND"
        )
        for k in mine:
            doy = int((y.days[k] - year.astype("datetime64[D]")).astype(int)) + 1
            when = f"{year}{doy:03d}" if four_digits else f"{str(year)[2:]}{doy:03d}"
            run = y.wind10[k] * 86.4  # km/d
            lines.append(
                f"{when} {y.radiation[k]:5.1f} {y.tmax[k]:5.1f} {y.tmin[k]:5.1f} {y.rain[k]:5.1f} {y.dew[k]:5.1f} {run:5.0f}"
            )
        (here / f"BOGR{str(year)[2:]}01.WTH").write_text("\n".join(lines) + "\n")
    return here


def pcse_csv(y: Year, folder: Path) -> Path:
    head = f"""## Site Characteristics
Country = 'Indonesia'
Station = 'Bogor'
Longitude = {LONGITUDE}; Latitude = {LATITUDE}; Elevation = {ELEVATION}; AngstromA = 0.29; AngstromB = 0.42; HasSunshine = False
## Daily weather observations
"""
    rows: list[list[object]] = [
        ["DAY", "IRRAD", "TMIN", "TMAX", "VAP", "WIND", "RAIN"],
        ["date", "kJ/m2/day", "C", "C", "kPa", "m/sec", "mm"],
    ]
    vapour = 0.6108 * np.exp(17.27 * y.dew / (y.dew + 237.3))
    for k, day in enumerate(y.days):
        rows.append(
            [
                str(day).replace("-", ""),
                round(y.radiation[k] * 1000),
                y.tmin[k],
                y.tmax[k],
                round(vapour[k], 4),
                y.wind10[k],
                y.rain[k],
            ]
        )
    path = folder / "pcse.csv"
    path.write_text(head + _csv(rows))
    return path


def cabo(y: Year, folder: Path) -> Path:
    here = folder / "cabo"
    here.mkdir(exist_ok=True)
    vapour = 0.6108 * np.exp(17.27 * y.dew / (y.dew + 237.3))
    for year in np.unique(y.days.astype("datetime64[Y]")):
        lines = ["* Bogor", f" {LONGITUDE} {LATITUDE} {ELEVATION} -0.29 -0.42"]
        for k in np.flatnonzero(y.days.astype("datetime64[Y]") == year):
            doy = int((y.days[k] - year.astype("datetime64[D]")).astype(int)) + 1
            lines.append(
                f" 1 {year} {doy} {y.radiation[k] * 1000:.0f} {y.tmin[k]} {y.tmax[k]} {vapour[k]:.4f} {y.wind10[k]} {y.rain[k]}"
            )
        (here / f"BOGR.{str(year)[1:]}").write_text("\n".join(lines) + "\n")
    return here


def agera5(y: Year, folder: Path) -> Path:
    """A file per variable, in its units."""
    import xarray

    here = folder / "agera5"
    here.mkdir(exist_ok=True)
    vapour = 6.108 * np.exp(17.27 * y.dew / (y.dew + 237.3))
    for name, unit, values in (
        ("Temperature_Air_2m_Max_24h", "K", y.tmax + 273.15), ("Temperature_Air_2m_Min_24h", "K", y.tmin + 273.15),
        ("Solar_Radiation_Flux", "J m-2 day-1", y.radiation * 1e6), ("Vapour_Pressure_Mean", "hPa", vapour),
        ("Wind_Speed_10m_Mean", "m s-1", y.wind10), ("Precipitation_Flux", "mm day-1", y.rain),
    ):  # fmt: skip
        _grid({name: (unit, values)}, y.days, "time").to_netcdf(here / f"{name}_AgERA5.nc")
    assert xarray
    return here


def _grid(variables: dict[str, tuple[str, np.ndarray]], times: np.ndarray, time: str):  # type: ignore[no-untyped-def]
    import xarray

    lat, lon = (
        np.array([LATITUDE + 0.1, LATITUDE, LATITUDE - 0.1]),
        np.array([LONGITUDE - 0.1, LONGITUDE, LONGITUDE + 0.1]),
    )
    data = {}
    for name, (unit, values) in variables.items():
        cube = np.full((times.size, 3, 3), np.nan)
        cube[:] = values[:, None, None] + 0.01  # the neighbours differ
        cube[:, 1, 1] = values
        data[name] = ((time, "latitude", "longitude"), cube, {"units": unit})
    stamps = times.astype("datetime64[ns]")
    return xarray.Dataset(data, {time: stamps, "latitude": lat, "longitude": lon}, {"title": "ERA5"})


def hours_of(y: Year) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Hours in UTC whose local days (UTC+7) have the year's extremes, means and sums; sums bear the hour's end."""
    n = y.days.size
    hour = np.arange(24)
    wave = (np.cos(2 * np.pi * (hour - 14) / 24) + 1) / 2
    wave = (wave - wave.min()) / (wave.max() - wave.min())
    light = np.clip(np.sin(np.pi * (hour - 6) / 12), 0, None)
    light /= light.sum()
    shower = np.zeros(24)
    shower[[15, 16, 20]] = 0.5, 0.3, 0.2
    local = y.days.astype("datetime64[h]")[:, None] + hour
    utc = (local - 7).reshape(-1)

    def flat(values: np.ndarray) -> np.ndarray:
        return values.reshape(n * 24)

    of_state = {
        "t2m": flat(y.tmin[:, None] + (y.tmax - y.tmin)[:, None] * wave) + 273.15,
        "d2m": flat(np.repeat(y.dew[:, None], 24, 1)) + 273.15,
        "u10": flat(np.repeat(0.6 * y.wind10[:, None], 24, 1)),
        "v10": flat(np.repeat(0.8 * y.wind10[:, None], 24, 1)),
    }
    of_hour = {
        "ssrd": flat(y.radiation[:, None] * 1e6 * light),
        "tp": flat(y.rain[:, None] / 1e3 * shower),
    }
    return utc, {**of_state, **of_hour}


def era5(y: Year, folder: Path, land: bool = False, time: str = "valid_time") -> Path:
    """Hourly; ``land``: sums grow from midnight UTC on."""
    utc, values = hours_of(y)
    stamps = np.concatenate([utc, [utc[-1] + 1]])  # the last hour's sum bears its end

    def at_stamps(name: str) -> np.ndarray:
        if name in ("ssrd", "tp"):
            return np.concatenate([[0.0], values[name]])
        return np.concatenate([values[name], values[name][-1:]])

    columns = {name: at_stamps(name) for name in values}
    if land:
        began = (stamps - 1).astype("datetime64[D]")
        for name in ("ssrd", "tp"):
            for day in np.unique(began):
                mine = began == day
                columns[name][mine] = np.cumsum(columns[name][mine])
    units = {"t2m": "K", "d2m": "K", "u10": "m s**-1", "v10": "m s**-1", "ssrd": "J m**-2", "tp": "m"}
    path = folder / ("era5-land.nc" if land else "era5.nc")
    _grid({n: (units[n], v) for n, v in columns.items()}, stamps, time).to_netcdf(path)
    return path


WRITERS: dict[str, Callable[[Year, Path], Path]] = {
    "BMKG CSV": bmkg_csv,
    "BMKG semicolons and decimal commas": bmkg_semicolons,
    "BMKG spreadsheet per month": bmkg_months,
    "NASA POWER JSON": power_json,
    "NASA POWER CSV by day of year": power_csv,
    "NASA POWER CSV by month and day": lambda y, f: power_csv(y, f, by="MD"),
    "NASA POWER CSV in kWh": lambda y, f: power_csv(y, f, "kW-hr/m^2/day"),
    "Open-Meteo CSV": meteo_csv,
    "Open-Meteo JSON": meteo_json,
    "DSSAT": dssat,
    "DSSAT with years of four digits": lambda y, f: dssat(y, f, True),
    "PCSE CSV": pcse_csv,
    "CABO": cabo,
    "AgERA5, a file per variable": agera5,
    "ERA5 hourly": era5,
    "ERA5-Land hourly": lambda y, f: era5(y, f, land=True, time="time"),
}
