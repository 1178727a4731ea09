"""Spoil a weather file as people and programs do, read it, and say whether a value came to stand where it does not belong."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import weather_files
from lumbung.farm.weather import WeatherError, read_weather

NAMES = ("BMKG CSV", "BMKG semicolons and decimal commas", "NASA POWER JSON", "NASA POWER CSV by day of year", "Open-Meteo CSV",
         "Open-Meteo JSON", "DSSAT", "PCSE CSV")  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What became of a spoiled file: read, refused, or with values that shifted."""

    name: str
    mutation: str
    read: bool
    shifted: str
    refused: str = ""


def spoil_and_read(seed: int, folder: Path) -> Outcome:
    """Write a file in one of eight formats, spoil it in one of six ways, read it and compare day by day."""
    rng = np.random.default_rng(seed)
    year = weather_files.a_year(120, int(rng.integers(2**31)))
    name = NAMES[int(rng.integers(len(NAMES)))]
    here = folder / f"{seed}"
    here.mkdir()
    path = weather_files.WRITERS[name](year, here)
    if path.is_dir():
        path = sorted(path.iterdir())[0]
    text = path.read_bytes().decode("cp1252" if "semicolons" in name else "utf-8")
    mutation = MUTATIONS[int(rng.integers(len(MUTATIONS)))]
    spoiled = _json(text, mutation, rng) if text.startswith("{") else _lines(text, mutation, rng, name)
    path.write_bytes(spoiled.encode("cp1252" if "semicolons" in name else "utf-8"))
    try:
        weather = read_weather(path, weather_files.LATITUDE, weather_files.LONGITUDE)
    except WeatherError as error:
        return Outcome(name, mutation, False, "", str(error))
    at = (year.days - weather.first_day).astype(int)
    inside = (at >= 0) & (at < len(weather))
    for variable, truth, most in (
        ("tmin", year.tmin, 0.06),
        ("tmax", year.tmax, 0.06),
        ("rain", year.rain, 0.06),
    ):
        found = getattr(weather, variable)[at[inside]]
        wrong = np.abs(found - truth[inside]) > most
        if wrong.any():
            return Outcome(name, mutation, True, f"{variable} on {year.days[inside][wrong][0]}")
    if "BMKG" not in name:
        found = weather.irradiation[at[inside]] / 1e6
        if (np.abs(found - year.radiation[inside]) > 0.06).any():
            return Outcome(name, mutation, True, "irradiation")
    if len(weather) > 121 or (inside.sum() < len(weather)):
        return Outcome(name, mutation, True, "days that were not")
    return Outcome(name, mutation, True, "")


MUTATIONS = (
    "drop days",
    "blank cells",
    "blank a column on some days",
    "swap columns",
    "remove cells",
    "change a unit",
)


def _lines(text: str, mutation: str, rng: np.random.Generator, name: str) -> str:
    lines = text.splitlines()
    rows = [k for k, line in enumerate(lines) if re.match(r"^\s*\d[\d-]{3,}", line) and len(line) > 25]
    if name == "NASA POWER CSV by day of year":
        rows = [k for k in rows if lines[k].startswith("20")]
    some = sorted(map(int, rng.choice(rows, int(rng.integers(1, 12)), replace=False)))
    if mutation == "drop days":
        return "\n".join(line for k, line in enumerate(lines) if k not in some) + "\n"
    if mutation == "change a unit":
        return _unit(lines, rows, rng, name)
    fixed = name == "DSSAT"
    parting = ";" if "semicolons" in name else ","
    width = len(lines[rows[0]].split() if fixed else next(csv.reader([lines[rows[0]]], delimiter=parting)))
    first = 2 if "NASA" in name else 1
    column = int(rng.integers(first, width))
    if mutation == "swap columns":
        if fixed:
            return text
        other = int(rng.integers(first, width))
        head = rows[0] - (2 if name == "PCSE CSV" else 1)
        for k in [head, *([rows[0] - 1] if name == "PCSE CSV" else []), *rows]:
            cells = next(csv.reader([lines[k]], delimiter=parting))
            cells[column], cells[other] = cells[other], cells[column]
            lines[k] = _row(cells, parting)
        return "\n".join(lines) + "\n"
    for k in some:
        here = column if mutation == "blank a column on some days" else int(rng.integers(first, width))
        if fixed:
            tokens = list(re.finditer(r"\S+", lines[k]))
            token = tokens[here]
            gap = "" if mutation == "remove cells" else " " * len(token.group())
            lines[k] = lines[k][: token.start()] + gap + lines[k][token.end() :]
            if mutation == "remove cells":
                lines[k] = " ".join(lines[k].split())
        else:
            cells = next(csv.reader([lines[k]], delimiter=parting))
            if mutation == "remove cells":
                del cells[here]
            else:
                cells[here] = ""
            lines[k] = _row(cells, parting)
    return "\n".join(lines) + "\n"


def _row(cells: list[str], parting: str) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=parting, lineterminator="").writerow(cells)
    return out.getvalue()


def _unit(lines: list[str], rows: list[int], rng: np.random.Generator, name: str) -> str:
    """Change the unit of radiation or temperature: in the head too where the format states it, else in the values alone."""
    if name == "NASA POWER CSV by day of year":
        factor, unit = ((1 / 3.6, "kW-hr/m^2/day"), (1 / 0.0864, "W/m^2"), (23.9, "Langley"))[
            int(rng.integers(3))
        ]
        lines = [line.replace("(MJ/m^2/day)", f"({unit})") for line in lines]
        return _scaled(lines, rows, 2, ",", lambda v: v * factor)
    if name == "Open-Meteo CSV":
        lines = [line.replace("temperature_2m_max (°C)", "temperature_2m_max (°F)") for line in lines]
        return _scaled(lines, rows, 1, ",", lambda v: v * 9 / 5 + 32)
    if name == "PCSE CSV":
        return _scaled(lines, rows, 1, ",", lambda v: v / 1000)
    if name == "DSSAT":
        for k in rows:
            tokens = list(re.finditer(r"\S+", lines[k]))
            value = f"{float(tokens[2].group()) + 273.15:5.1f}"
            lines[k] = lines[k][: tokens[2].start()].rstrip() + " " + value + lines[k][tokens[2].end() :]
        return "\n".join(lines) + "\n"
    parting = ";" if "semicolons" in name else ","
    return _scaled(lines, rows, 1, parting, lambda v: v + 273.15)


def _scaled(lines: list[str], rows: list[int], column: int, parting: str, change) -> str:  # type: ignore[no-untyped-def]
    for k in rows:
        cells = next(csv.reader([lines[k]], delimiter=parting))
        value = f"{change(float(cells[column].replace(',', '.'))):.5f}"
        cells[column] = value.replace(".", ",") if parting == ";" else value
        lines[k] = _row(cells, parting)
    return "\n".join(lines) + "\n"


def _json(text: str, mutation: str, rng: np.random.Generator) -> str:
    answer = json.loads(text)
    if "daily" in answer:
        daily, names = answer["daily"], [n for n in answer["daily"] if n != "time"]
        some = sorted(
            map(int, rng.choice(len(daily["time"]), int(rng.integers(1, 12)), replace=False)), reverse=True
        )
        name = names[int(rng.integers(len(names)))]
        if mutation == "drop days":
            for k in some:
                for values in daily.values():
                    del values[k]
        elif mutation == "remove cells":
            for k in some:
                del daily[name][k]
        elif mutation == "change a unit":
            daily["temperature_2m_max"] = [v + 273.15 for v in daily["temperature_2m_max"]]
            answer["daily_units"]["temperature_2m_max"] = "K"
        elif mutation != "swap columns":
            for k in some:
                daily[name][k] = None
        return json.dumps(answer)
    table = answer["properties"]["parameter"]
    names, days = list(table), list(table["T2M_MIN"])
    some_days = [days[int(k)] for k in rng.choice(len(days), int(rng.integers(1, 12)), replace=False)]
    name = names[int(rng.integers(len(names)))]
    for day in some_days:
        if mutation == "drop days":
            for values in table.values():
                del values[day]
        elif mutation in ("remove cells", "blank a column on some days"):
            del table[name][day]
        elif mutation == "blank cells":
            table[name][day] = -999.0
    if mutation == "change a unit":
        table["ALLSKY_SFC_SW_DWN"] = {d: v / 3.6 for d, v in table["ALLSKY_SFC_SW_DWN"].items()}
        answer["parameters"]["ALLSKY_SFC_SW_DWN"]["units"] = "kW-hr/m^2/day"
    return json.dumps(answer)
