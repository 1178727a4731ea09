"""A table of fertiliser applications as people keep them (CSV): several plans, each some days and amounts."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from lumbung.farm.growing.nitrogen import USUAL_RECOVERY, Application, NitrogenError

_NEEDED, _KNOWN = ("plan", "kg_n_ha"), ("plan", "day", "date", "kg_n_ha", "recovery")


class FertiliserTableError(ValueError):
    """A table of fertiliser that cannot be read; the message names the file, the line and the column."""


def read_fertiliser(path: Path) -> dict[str, tuple[Application, ...]]:
    """Read plans of fertiliser from a CSV table.

    Its columns: ``plan`` (a name; rows with the same name make one plan), ``day`` (days after the season's start) or ``date``
    (as 2024-11-20), ``kg_n_ha`` (nitrogen, kg/ha), and ``recovery`` (share that the crop can have; 0.4 where empty).

    Raises
    ------
    FertiliserTableError
        When the table or a row of it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            reader.fieldnames = header = [(name or "").strip() for name in reader.fieldnames or []]
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise FertiliserTableError(f"{path}: cannot be read as a CSV table: {error}") from error
    lacking = [name for name in _NEEDED if name not in header]
    if lacking or not {"day", "date"} & set(header) or set(header) - set(_KNOWN):
        raise FertiliserTableError(
            f"{path}, line 1: expected columns plan, day or date, kg_n_ha and, if you know it, recovery; "
            f"found {', '.join(header) or 'nothing'}"
        )
    plans: dict[str, list[Application]] = {}
    for line, row in rows:
        try:
            name, application = _read_row({key: (value or "").strip() for key, value in row.items() if key})
        except (ValueError, NitrogenError) as error:
            raise FertiliserTableError(f"{path}, line {line}: {error}") from None
        plans.setdefault(name, []).append(application)
    if not plans:
        raise FertiliserTableError(f"{path}: a header but no application below it")
    return {name: tuple(applications) for name, applications in plans.items()}


def _read_row(row: Mapping[str, str]) -> tuple[str, Application]:
    name, day, on = row.get("plan", ""), row.get("day", ""), row.get("date", "")
    if not name:
        raise ValueError("column plan: empty; give every application the name of its plan")
    if bool(day) == bool(on):
        raise ValueError("expected a day after the start or a date, one of the two")
    when: int | str
    if day:
        try:
            when = int(day)
        except ValueError:
            raise ValueError(f"column day: expected whole days after the start, found {day!r}") from None
    else:
        try:
            when = date.fromisoformat(on).isoformat()
        except ValueError:
            raise ValueError(f"column date: expected a date as 2024-11-20, found {on!r}") from None
    recovery = row.get("recovery", "")
    return name, Application(
        when, _number(row, "kg_n_ha"), _number(row, "recovery") if recovery else USUAL_RECOVERY
    )


def _number(row: Mapping[str, str], name: str) -> float:
    try:
        return float(row.get(name, ""))
    except ValueError:
        raise ValueError(f"column {name}: expected a number, found {row.get(name)!r}") from None
