"""Reads a team's prediction table inside the sandbox and hands over two plain columns, for the keys asked."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any


def solve(problem: dict[str, Any]) -> dict[str, list[Any]]:
    key, prediction = problem["key"], problem["prediction"]
    columns = read(problem["path"])
    for name in (key, prediction):
        if name not in columns:
            raise ValueError(f"the table has the columns {', '.join(columns)}, and none called {name!r}")
    wanted = set(problem["keys"])
    rows = [row for row, value in enumerate(columns[key]) if str(value) in wanted]
    return {name: [columns[name][row] for row in rows] for name in (key, prediction)}


def read(path: str) -> dict[str, list[Any]]:
    if path.lower().endswith(".parquet"):
        import pyarrow.parquet

        table: dict[str, list[Any]] = pyarrow.parquet.read_table(path).to_pydict()
        return table
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        columns: dict[str, list[Any]] = {name: [] for name in header}
        for number, row in enumerate(lines, start=2):
            if len(row) != len(header):
                raise ValueError(f"line {number} has {len(row)} fields, the header {len(header)}")
            for name, value in zip(header, row, strict=True):
                columns[name].append(value)
    return columns
