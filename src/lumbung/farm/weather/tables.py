"""Tables of weather as people have them: any encoding, commas, semicolons or tabs, decimal commas, spreadsheets.

A reader of one format then only deals with names, units and dates. What a table says of itself, rows above its header, is
kept, since a station's place often stands there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np

from lumbung.farm.weather.record import WeatherError

_DECIMAL_COMMA = re.compile(r"^\s*[-+]?\d+,\d+\s*$")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
SPREADSHEETS = (".xlsx", ".xlsm")


def text_of(path: Path) -> str:
    """Return a file's text, whatever it is encoded in.

    UTF-8 and UTF-16 with their marks, else UTF-8, else GB 18030 where that decodes to Chinese, else Windows-1252.

    Raises
    ------
    WeatherError
        When the file cannot be read, or holds no text.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WeatherError(f"{path}: cannot be read: {error}") from error
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    if b"\x00" in raw[:4096]:
        raise WeatherError(f"{path}: expected a text table, found a binary file")
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or re.search("[\u4e00-\u9fff]", text):
            return text
    return raw.decode("cp1252", errors="replace")


def rows_of(path: Path) -> list[list[str]]:
    """Return the cells of a CSV file or of a spreadsheet's first sheet as text, blank rows kept as empty lists.

    Decimal commas become points where semicolons or tabs part the columns.

    Raises
    ------
    WeatherError
    """
    if path.suffix.lower() in SPREADSHEETS:
        return _sheet(path)
    lines = text_of(path).splitlines()
    parting = _parting(lines)
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=parting)]
    if parting != ",":
        rows = [[decimal_point(cell) for cell in row] for row in rows]
    return rows


def decimal_point(cell: str) -> str:
    """Return a number with a decimal comma as one with a point; other text as it is."""
    return cell.replace(",", ".") if _DECIMAL_COMMA.match(cell) else cell


def _parting(lines: Sequence[str]) -> str:
    """Return what parts the columns: the mark of which most rows hold the same, highest number."""
    best, most = ",", 0
    for mark in (";", "\t", ","):
        counts = [line.count(mark) for line in lines[:400] if mark in line]
        if counts:
            usual = max(set(counts), key=lambda n: (counts.count(n), n))
            score = usual * counts.count(usual)
            if score > most:
                best, most = mark, score
    return best


def _sheet(path: Path) -> list[list[str]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise WeatherError(f"{path}: cannot be read as a spreadsheet: {error}") from error
    try:
        sheet = book.worksheets[0]
        return [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


SERIAL = 36526, 60000  # day numbers of spreadsheets, 2000 to 2064
# English and Indonesian months by their first three letters
MONTHS = {
    "jan": 1, "feb": 2, "peb": 2, "mar": 3, "apr": 4, "may": 5, "mei": 5, "jun": 6, "jul": 7, "aug": 8, "agu": 8, "agt": 8,
    "ags": 8, "sep": 9, "oct": 10, "okt": 10, "nov": 11, "nop": 11, "dec": 12, "des": 12,
}  # fmt: skip


def month_number(word: str) -> int:
    """Return the number of a month named in English or Indonesian; `ValueError` for any other word."""
    number = MONTHS.get(word[:3].lower())
    if number is None:
        raise ValueError(word)
    return number


def day_of(text: str, where: str, *, day_first: bool = True) -> np.datetime64:
    """Return the date a cell holds: ISO, ``20240131``, or day, month and year parted by ``-``, ``/``, ``.`` or spaces.

    The month may be named in English or Indonesian; five digits are the day number by which spreadsheets keep dates of this century.

    Raises
    ------
    WeatherError
        Begins with ``where``.
    """
    named = re.fullmatch(r"(\d{1,2})[-\s./]+([A-Za-z]{3,})\.?[-\s./]+(\d{4})", text.strip())
    text = text.strip().split("T")[0].split(" ")[0] if named is None else text.strip()
    parts = re.split(r"[-/.]", text)
    try:
        if named is not None:
            parts = [named[1], str(month_number(named[2])), named[3]]
            day_first = True
        if len(parts) == 1 and len(text) == 5 and text.isdigit() and SERIAL[0] <= int(text) <= SERIAL[1]:
            return np.datetime64("1899-12-30") + int(text)
        if len(parts) == 1 and len(text) == 8 and text.isdigit():
            parts = [text[:4], text[4:6], text[6:]]
        if len(parts) != 3:
            raise ValueError
        if len(parts[0]) == 4:
            year, month, day = parts
        else:
            day, month, year = parts if day_first else (parts[1], parts[0], parts[2])
        if len(year) != 4:
            raise ValueError
        return np.datetime64(date(int(year), int(month), int(day)), "D")
    except ValueError:
        raise WeatherError(f"{where}: expected a date as 31-01-2024 or 2024-01-31, found {text!r}") from None


def site_words(rows: Sequence[Sequence[str]], names: Mapping[str, tuple[str, ...]]) -> dict[str, float]:
    """Return the numbers that rows above a table give by name, as ``Lintang : -6.12`` or ``Elevation, 11 m``.

    Parameters
    ----------
    rows
    names
        What is wanted, and the words that may stand for it, in lower case.
    """
    found: dict[str, float] = {}
    for row in rows:
        text = " ".join(cell for cell in row if cell)
        for wanted, words in names.items():
            for word in words:
                match = re.search(rf"\b{word}\b[^-+\d]*([-+]?\d+(?:\.\d+)?)", text, re.IGNORECASE)
                if match and wanted not in found:
                    found[wanted] = float(match.group(1))
    return found
