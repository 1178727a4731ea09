"""Reads a team's prediction table inside the sandbox and hands over two plain columns, for the keys asked.

Tables come as spreadsheets write them: with commas, semicolons or tabs between the fields, in UTF-8 or (Excel's "Unicode
text") UTF-16, with a decimal comma where the reader's country has one. What was taken how is written to the log.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path
from typing import Any

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
DECIMAL_COMMA = re.compile(r"[+-]?(\d+|[1-9]\d{0,2}(\.\d{3})+),\d+([eE][+-]?\d+)?")
WITHOUT_FRACTION = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+|[+-]?\d+([eE][+-]?\d+)?")


def solve(problem: dict[str, Any]) -> dict[str, list[Any]]:
    key, prediction = problem["key"], problem["prediction"]
    columns = read(str(Path(__file__).parent / problem["table"]), (key, prediction))
    for name in (key, prediction):
        if name not in columns:
            raise ValueError(f"the table has the columns {', '.join(columns)}, and none called {name!r}")
    wanted = set(problem["keys"])
    rows = [row for row, value in enumerate(columns[key]) if str(value) in wanted]
    return {name: [columns[name][row] for row in rows] for name in (key, prediction)}


def read(path: str, names: tuple[str, str]) -> dict[str, list[Any]]:
    """Return the table's columns; *names* are those asked for, the key's and the prediction's."""
    if path.lower().endswith(".parquet"):
        import pyarrow.parquet

        table: dict[str, list[Any]] = pyarrow.parquet.read_table(path).to_pydict()
        return table
    text = text_of(Path(path))
    separator = separator_of(io.StringIO(text, newline="").readline(), names)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = [name.strip() for name in next(rows, [])]
    twice = [name for name in names if header.count(name) > 1]
    if twice:
        raise ValueError(f"two columns are called {twice[0]!r}; which of them is meant?")
    columns: dict[str, list[Any]] = {name: [] for name in header}
    for row in rows:
        if not any(field.strip() for field in row):
            continue
        if len(row) != len(header):
            raise ValueError(
                f"line {rows.line_num} has {len(row)} fields, the header {len(header)} (read with {SEPARATORS[separator]} "
                "between fields)"
            )
        for name, value in zip(header, row, strict=True):
            columns[name].append(value)
    if separator != "," and names[1] in columns:
        columns[names[1]] = with_points(columns[names[1]])
    return columns


def text_of(path: Path) -> str:
    """Return the file's text: UTF-8, or UTF-16 where it begins as such."""
    content = path.read_bytes()
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(f"line {line} is not UTF-8; save the table as 'CSV UTF-8'") from None


def separator_of(header: str, names: tuple[str, str]) -> str:
    """Return what stands between the fields: what makes the columns asked for appear, a comma where nothing does."""
    for separator, word in SEPARATORS.items():
        found = [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
        if all(name in found for name in names):
            if separator != ",":
                print(f"the table is read with {word} between fields")
            return separator
    return ","


def with_points(values: list[str]) -> list[str]:
    """Return numbers written with a decimal comma as Python reads them; anything else as it is.

    They are taken so only where at least one has a decimal comma and none has a point that could be a decimal one.
    """
    stripped = [value.strip() for value in values]
    commas = [value for value in stripped if DECIMAL_COMMA.fullmatch(value)]
    rest = [value for value in stripped if not DECIMAL_COMMA.fullmatch(value)]
    if not commas or not all(WITHOUT_FRACTION.fullmatch(value) for value in rest if value):
        return values
    print(f"numbers are read with a decimal comma, such as {commas[0]}")
    return [value.replace(".", "").replace(",", ".") for value in stripped]
