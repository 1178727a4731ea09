"""Tables as offices write them: commas, semicolons or tabs, decimal points or commas, columns nobody asked for.

``1.250`` is one and a quarter in one country and twelve hundred and fifty in another. A table is read by the evidence it
holds itself (coordinates with decimal commas, groups of three); where it holds none, the answer is asked for, never guessed.
Whatever was decided stands in the notes, and so do the columns that were not used.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Decimal = Literal["point", "comma"]

DELIMITERS = (",", ";", "\t", "|")
_GROUPED = {
    "point": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?"),
    "comma": re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d+)?"),
}
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_MARK = {"point": ".", "comma": ","}
LATITUDE = ("latitude", "lat", "latitude_deg", "lat_deg", "lintang", "vĩ_độ", "纬度", "北纬", "y")
LONGITUDE = (
    "longitude",
    "lon",
    "lng",
    "long",
    "longitude_deg",
    "lon_deg",
    "bujur",
    "kinh_độ",
    "经度",
    "东经",
    "x",
)
"""Headings of the columns of a place, the best first; spaces and brackets of a heading count as underscores."""
SPREADSHEETS = (".xlsx", ".xlsm")
_HEAD_LINES = 10
_BLANK = " \u00a0\u2009\u202f'’"
_BLANKS = str.maketrans("", "", _BLANK)
_SPACED = re.compile(rf"[+-]?\d{{1,3}}([{_BLANK}]\d{{3}})+([.,]\d+)?")


class TableError(ValueError):
    """A table that cannot be used at all: names the file, the line, what was found and expected."""


@dataclass(frozen=True)
class Table:
    """Rows of a table under the names wanted, each with its line number; and what has to be said about it.

    columns: names wanted that the table has; unused: the table's own names of columns that nobody asked for; torn: lines that
    have more cells than there are headings, with what is to be said of each. They are not among the rows: a comma inside a
    number (``1,250``) has pushed their cells into the wrong columns.
    """

    path: Path
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    torn: tuple[tuple[int, str], ...]
    columns: frozenset[str]
    unused: tuple[str, ...]
    notes: tuple[str, ...]

    def texts(self, *columns: str) -> list[str]:
        """Return what the cells of columns hold, row by row, empty ones left out."""
        return [cells[name] for _, cells in self.rows for name in columns if cells.get(name)]


def read_table(path: Path, names: Mapping[str, Sequence[str]], needed: Iterable[str] = ()) -> Table:
    """Read a table whatever separates its columns, or the first sheet of a spreadsheet.

    Parameters
    ----------
    path : Path
    names : mapping of str to sequence of str
        Each column wanted, with the headings it may have, the best first.
    needed : iterable of str
        Columns that must be there.

    Raises
    ------
    TableError
        Where it cannot be read, is empty, or a needed column is missing.
    """
    known = {heading for headings in names.values() for heading in headings}
    lines, delimiter = (
        (_sheet(path), ",") if path.suffix.lower() in SPREADSHEETS else _split(path, _text(path), known)
    )
    if not lines:
        raise TableError(f"{path}: is empty")
    # Offices put a title above the headings, and spreadsheets a line "sep=;".
    top = max(range(min(len(lines), _HEAD_LINES)), key=lambda k: len({*map(_heading, lines[k][1])} & known))
    head, names_given = lines[top]
    written = [name.strip().lower() for name in names_given]
    header = [_heading(name) for name in written]
    place: dict[str, int] = {}
    for wanted, headings in names.items():
        found = next((header.index(name) for name in headings if name in header), None)
        if found is not None and found not in place.values():
            place[wanted] = found
    missing = [wanted for wanted in needed if wanted not in place]
    if missing:
        raise TableError(
            f"{path}, line {head}: found the columns {', '.join(written)}; expected also "
            + "; ".join(f"{wanted}: one of {', '.join(names[wanted])}" for wanted in missing)
        )
    filled = lines[top + 1 :]
    torn = tuple(
        (
            number,
            f"{len(line)} cells under {len(header)} headings; put what holds {_NAMES_OF[delimiter]} of its own in quotes",
        )
        for number, line in filled
        if any(cell.strip() for cell in line[len(header) :])
    )
    rows = tuple(
        (number, {wanted: line[k].strip() if k < len(line) else "" for wanted, k in place.items()})
        for number, line in filled
        if number not in dict(torn)
    )
    unused = tuple(name for k, name in enumerate(written) if name and k not in place.values())
    notes = [] if delimiter == "," else [f"{path.name}: columns separated by {_NAMES_OF[delimiter]}"]
    if top:
        notes.append(f"{path.name}: headings found in line {head}; what stands above is not read")
    if unused:
        notes.append(f"{path.name}: columns not used: {', '.join(unused)}")
    return Table(path, rows, torn, frozenset(place), unused, tuple(notes))


_NAMES_OF = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(
            f"{path}: cannot be read as a UTF-8 table ({error}); save it as CSV UTF-8"
        ) from error


def _sheet(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows of the first sheet that hold something, with their numbers."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        rows = enumerate(book.worksheets[0].iter_rows(values_only=True), start=1)
        lines = [(number, [_cell(value) for value in row]) for number, row in rows]
        book.close()
    # What a broken, an encrypted or a foreign archive raises is not of one family.
    except (OSError, EOFError, IndexError, KeyError, ValueError, TypeError, ElementTree.ParseError,
            zipfile.BadZipFile, zlib.error, InvalidFileException) as error:  # fmt: skip
        raise TableError(
            f"{path}: cannot be read as a spreadsheet ({error}); save it as .xlsx anew"
        ) from error
    return [(number, cells) for number, cells in lines if any(cells)]


def _cell(value: object) -> str:
    """Return what a cell holds as text; a number is one, whatever marks a country writes, and says so by its digits."""
    if value is None:
        return ""
    if not isinstance(value, float):
        return str(value).strip()
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    # With three digits behind it, a point may part thousands in a text.
    return f"{text}0" if _EITHER.fullmatch(text) else text


def _heading(text: str) -> str:
    """Return a heading as it is compared: "Jumlah Penduduk (jiwa)" is jumlah_penduduk_jiwa."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("°", "")
    return re.sub(r"[\s\-()\[\]/.:]+", "_", plain).strip("_")


def _split(path: Path, text: str, known: set[str]) -> tuple[list[tuple[int, list[str]]], str]:
    """Split by the delimiter under which the most headings are known; return lines that hold something, with their numbers."""
    first = text.splitlines()[:_HEAD_LINES]
    best = max(
        DELIMITERS,
        key=lambda mark: max(
            ((len({*map(_heading, line.split(mark))} & known), line.count(mark)) for line in first),
            default=(0, 0),
        ),
    )
    # Not strict, a quotation mark that is never closed would swallow all rows below it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=best, strict=True)
    lines: list[tuple[int, list[str]]] = []
    begun = 1
    try:
        for line in reader:
            if any(cell.strip() for cell in line):
                lines.append((begun, line))
            begun = reader.line_num + 1
    except csv.Error as error:
        raise TableError(
            f"{path}, line {begun}: cannot be split into cells ({error}); is a quotation mark left open there?"
        ) from error
    return lines, best


def decimal_of(table: Table, bounded: Sequence[str], counts: Sequence[str], given: Decimal | None) -> Decimal:
    """Return how a table writes decimals.

    Parameters
    ----------
    bounded : sequence of str
        Columns whose numbers are small and never grouped: coordinates, heights. A comma in them is a decimal comma.
    counts : sequence of str
        Columns of people or money, where ``1.250`` may be either.
    given : str, optional
        What the user says; else the table's own evidence decides.

    Raises
    ------
    TableError
        Where counts can be read either way and nothing in the table says which.
    """
    if given is not None:
        return given
    plain = [text.translate(_BLANKS) for text in table.texts(*bounded)]
    if any("," in text and "." not in text for text in plain):
        return "comma"
    texts = [text.translate(_BLANKS) for text in table.texts(*counts)]
    for text in texts:
        if "." in text and "," in text:
            return "point" if text.rindex(".") > text.rindex(",") else "comma"
        if text.count(".") > 1:
            return "comma"
        if text.count(",") > 1:
            return "point"
    marked = [text for text in texts if "." in text or "," in text]
    clear = [text for text in marked if not _EITHER.fullmatch(text)]
    if clear:
        return "comma" if any("," in text for text in clear) else "point"
    if marked:
        line, name = _where(table, marked[0], counts)
        separator = "." if "." in marked[0] else ","
        ways = marked[0].replace(separator, ""), marked[0].replace(",", ".")
        raise TableError(
            f"{table.path}, line {line}: {name} is {marked[0]!r}, which is {ways[0]} in some countries and {ways[1]} in "
            "others, and nothing in the table says which; give --decimal comma (1.250 is one thousand two hundred "
            "and fifty) or --decimal point"
        )
    return "point"


def _where(table: Table, plain: str, columns: Sequence[str]) -> tuple[int, str]:
    return next(
        (number, name)
        for number, cells in table.rows
        for name in columns
        if cells.get(name, "").translate(_BLANKS) == plain
    )


def number(name: str, text: str, decimal: Decimal = "point") -> float:
    """Return the number that a cell holds.

    Raises
    ------
    ValueError
        Naming the column, what was found, and how numbers are read in this table.
    """
    plain = text.strip(_BLANK)
    if plain != plain.translate(_BLANKS) and not _SPACED.fullmatch(plain):
        raise ValueError(f"{name} is {text!r}; expected a number, or groups of three digits")
    plain = plain.translate(_BLANKS)
    mark = _MARK[decimal]
    other = "," if mark == "." else "."
    if other in plain:
        if not _GROUPED[decimal].fullmatch(plain):
            raise ValueError(f"{name} is {text!r}; expected a number with a decimal {decimal}")
        plain = plain.replace(other, "")
    try:
        value = float(
            plain.replace(mark, ".").replace("_", "?")
        )  # Python reads 1_000, offices do not write it
    except ValueError:
        raise ValueError(f"{name} is {text!r}; expected a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{name} is {text}; expected a number")
    return value


def measure(name: str, text: str, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a coordinate, height, angle or level: too small to be grouped, so that a comma in it is a decimal comma.

    Raises
    ------
    ValueError
        Naming the column, what was found, and the range.
    """
    if len(text.split()) > 1 or "'" in text or "’" in text:
        # 0 30 and 8'30 are degrees and minutes: joined they would be thirty and eight hundred and thirty degrees.
        raise ValueError(f"{name} is {text!r}; expected one number")
    value = number(name, text, "comma" if "," in text and "." not in text else "point")
    if not low <= value <= high:
        raise ValueError(f"{name} is {text}; expected {low:g} to {high:g}")
    return value


def position(cells: Mapping[str, str]) -> tuple[float, float]:
    """Return latitude and longitude [deg] of a row.

    Raises
    ------
    ValueError
        Naming the column, what was found, and what it looks like: swapped, or metres of a projection.
    """
    found = []
    for name in ("latitude", "longitude"):
        try:
            found.append(measure(name, cells[name]))
        except ValueError as error:
            raise ValueError(f"{error} in decimal degrees, e.g. -8.5") from None
    latitude, longitude = found
    if max(abs(latitude), abs(longitude)) > 1000.0:
        raise ValueError(
            f"latitude {latitude:.10g}, longitude {longitude:.10g} look like metres of a projection such as UTM; convert "
            "them to degrees"
        )
    if abs(latitude) > 90.0:
        swapped = "; latitude and longitude look swapped" if abs(longitude) <= 90.0 else ""
        raise ValueError(f"latitude {latitude:g} is outside -90 to 90 degrees{swapped}")
    if abs(longitude) > 180.0:
        raise ValueError(f"longitude {longitude:g} is outside -180 to 180 degrees")
    return latitude, longitude
