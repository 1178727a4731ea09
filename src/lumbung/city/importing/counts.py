"""Traffic counts as people keep them: a CSV or XLSX table, a place and a time a row, with gaps.

A place is a street in one direction (``edge``, or ``lat``, ``lon`` and ``heading``), or a turn from it (``to`` another
edge, or ``turn`` left, straight, right). Times are clock times, with or without a date; several days become their mean.
"""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lumbung.city.engine.networks import NetworkError

# Headers, in the words that people use; the first is the one in our own files.
HEADERS = {
    "edge": ("edge", "edge_id", "street_id", "ruas", "路段"),
    "to": ("to", "to_edge", "ke", "ke_ruas", "去向"),
    "turn": ("turn", "direction", "belok", "arah", "转向"),
    "lat": ("lat", "latitude", "lintang", "纬度"),
    "lon": ("lon", "lng", "long", "longitude", "bujur", "经度"),
    "heading": ("heading", "bearing", "arah_jalan", "方位"),
    "begin": ("begin", "from", "start", "time", "interval_start", "mulai", "jam", "waktu", "开始", "时间"),
    "end": ("end", "until", "interval_end", "selesai", "sampai", "结束"),
    "count": ("count", "vehicles", "volume", "flow", "jumlah", "kendaraan", "流量", "数量", "车辆数"),
}
TURNS = {
    "left": ("l", "left", "kiri", "左"),
    "straight": ("s", "straight", "through", "lurus", "直"),
    "right": ("r", "right", "kanan", "右"),
    "around": ("t", "u", "u-turn", "putar", "掉头"),
}
_POINTS = {"n": 0, "ne": 45, "e": 90, "se": 135, "s": 180, "sw": 225, "w": 270, "nw": 315}
_NOTHING = frozenset({"", "-", "--", "na", "n/a", "nan", "null", "none", "x", "?"})
_DAY_S = 86_400.0


@dataclass(frozen=True)
class Where:
    """A counted place as the table names it: an edge or a point, and a turn or none."""

    edge: str = ""
    to: str = ""
    turn: str = ""
    lat: float | None = None
    lon: float | None = None
    heading: float | None = None

    def __str__(self) -> str:
        first = self.edge or f"{self.lat:.6f} {self.lon:.6f} {self.heading or 0:.0f}"
        rest = self.to or self.turn
        return f"{first} > {rest}" if rest else first


@dataclass(frozen=True)
class Counted:
    """How many vehicles passed a place between two times of day [s], mean over the days of the table."""

    where: Where
    begin: float
    end: float
    vehicles: float


@dataclass(frozen=True)
class CountTable:
    """A table of counts.

    Attributes
    ----------
    rows : tuple of Counted
    days : int
        Different dates; 1 where there are none.
    gaps : tuple of str
        Rows without a usable count: line, and what stood there.
    notes : tuple of (str, float)
        What was made of the table otherwise, by the words that `lumbung.city.importing.pages.say` has for it: ``no_end``
        (the step of the table that stands for it [s]), ``twice`` (of so many intervals the mean), ``days`` (their mean).
    """

    rows: tuple[Counted, ...]
    days: int
    gaps: tuple[str, ...]
    notes: tuple[tuple[str, float], ...]


def read_counts(path: Path) -> CountTable:
    """Read a table of counts.

    Raises
    ------
    NetworkError
        No such file, no table, a column that is missing, a time that is none, or no count at all.
    """
    lines = _lines(path)
    header, first = next(lines, ([], 0))
    columns = _columns(path, [str(cell or "") for cell in header], first)
    rows: list[tuple[int, Where, str, float, float | None, float]] = []
    gaps: list[str] = []
    for cells, line in lines:
        if not any(str(cell if cell is not None else "").strip() for cell in cells):
            continue
        row = {name: cells[at] if at < len(cells) else None for name, at in columns.items()}
        where = _where(f"{path}, line {line}", row)
        day, begin = _time(f"{path}, line {line}, begin", row["begin"])
        end = None
        if row.get("end") not in (None, ""):
            _, end = _time(f"{path}, line {line}, end", row["end"])
            end = end + _DAY_S if end <= begin else end
        vehicles = _count(row["count"])
        if vehicles is None:
            gaps.append(f"line {line}: {str(row['count'] if row['count'] is not None else '')!r}")
            continue
        rows.append((line, where, day, begin, end, vehicles))
    if not rows:
        raise NetworkError(
            str(path), f"no count in {len(gaps)} rows", "rows with a place, a time and a number"
        )
    return _averaged(path, rows, gaps)


def _averaged(path: Path, rows: Sequence[Any], gaps: list[str]) -> CountTable:
    notes: list[tuple[str, float]] = []
    step = _step(rows)
    if any(end is None for _, _, _, _, end, _ in rows):
        notes.append(("no_end", step))
    found: defaultdict[tuple[Where, float, float], defaultdict[str, list[float]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for _, where, day, begin, end, vehicles in rows:
        found[where, begin, begin + step if end is None else end][day].append(vehicles)
    twice = sum(len(values) > 1 for days in found.values() for values in days.values())
    if twice:
        notes.append(("twice", twice))
    days = {day for _, _, day, _, _, _ in rows}
    if len(days) > 1:
        notes.append(("days", len(days)))
    counted = tuple(
        Counted(where, begin, end, sum(sum(v) / len(v) for v in by_day.values()) / len(by_day))
        for (where, begin, end), by_day in found.items()
    )
    return CountTable(counted, max(len(days), 1), tuple(gaps), tuple(notes))


def _step(rows: Sequence[Any]) -> float:
    """The commonest distance between the beginnings of one place and day [s]; an hour where there is none."""
    begins: defaultdict[tuple[Where, str], set[float]] = defaultdict(set)
    for _, where, day, begin, _, _ in rows:
        begins[where, day].add(begin)
    steps: defaultdict[float, int] = defaultdict(int)
    for times in begins.values():
        ordered = sorted(times)
        for here, there in itertools.pairwise(ordered):
            steps[there - here] += 1
    return max(steps, key=lambda s: (steps[s], -s)) if steps else 3600.0


def _lines(path: Path) -> Iterator[tuple[list[Any], int]]:
    if not path.is_file():
        raise NetworkError(str(path), "no such file", "a table of counts, CSV or XLSX")
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        yield from _sheet(path)
        return
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("utf-16") if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else raw.decode("latin-1")
    if "\0" in text:
        raise NetworkError(str(path), "no text", "a table of counts, CSV or XLSX")
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=mark)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield list(cells), reader.line_num


def _sheet(path: Path) -> Iterator[tuple[list[Any], int]]:
    import zipfile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        raise NetworkError(str(path), f"no workbook ({error})"[:120], "an XLSX workbook") from None
    for line, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
        if any(cell not in (None, "") for cell in cells):
            yield list(cells), line


def _columns(path: Path, header: list[str], line: int) -> dict[str, int]:
    words = [re.sub(r"[\s\[\(].*$", "", cell.strip().lower()).strip("_") for cell in header]
    found: dict[str, int] = {}
    for name, accepted in HEADERS.items():
        for at, word in enumerate(words):
            if word in accepted and at not in found.values():
                found[name] = at
                break
    where = f"{path}, line {line or 1}"
    for name in ("begin", "count"):
        if name not in found:
            raise NetworkError(
                where, f"no column {name} among {', '.join(header)}", f"one of {HEADERS[name]}"
            )
    if "edge" not in found and not {"lat", "lon"} <= found.keys():
        raise NetworkError(
            where, f"no place among {', '.join(header)}", "a column edge, or lat and lon (with heading)"
        )
    return found


def _where(where: str, row: dict[str, Any]) -> Where:
    edge, to = (str(row.get(key) if row.get(key) is not None else "").strip() for key in ("edge", "to"))
    turn = str(row.get("turn") or "").strip().lower()
    if turn:
        turn = next((name for name, words in TURNS.items() if turn in words), "?")
        if turn == "?":
            raise NetworkError(f"{where}, turn", repr(row["turn"]), "left, straight, right or around")
    if edge:
        return Where(edge, to, turn)
    lat, lon = (_number(row.get(key)) for key in ("lat", "lon"))
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
        raise NetworkError(where, f"lat {row.get('lat')!r}, lon {row.get('lon')!r}", "an edge, or degrees")
    said = str(row.get("heading") if row.get("heading") is not None else "").strip().lower()
    heading = float(_POINTS[said]) if said in _POINTS else _number(said)
    if said and heading is None:
        raise NetworkError(
            f"{where}, heading", repr(said), "degrees clockwise from north, or N, NE, E, … of the traffic"
        )
    return Where("", to, turn, lat, lon, None if heading is None else heading % 360)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(str(value).strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _count(value: Any) -> float | None:
    """A count, or None for a gap: nothing, a mark, a negative or an impossible number."""
    if str(value if value is not None else "").strip().lower() in _NOTHING:
        return None
    text = str(value).strip()
    # 1,234 and 1.234 are thousands where three digits follow and nothing else
    if re.fullmatch(r"\d{1,3}([.,]\d{3})+", text):
        text = re.sub(r"[.,]", "", text)
    number = _number(text)
    return number if number is not None and 0 <= number < 1e6 else None


_CLOCK = re.compile(
    r"(?:(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})[T ]+)?(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"
)


def _time(where: str, value: Any) -> tuple[str, float]:
    """A day, if one is told, and the second of the day."""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat(), value.hour * 3600.0 + value.minute * 60 + value.second
    if isinstance(value, datetime.time):
        return "", value.hour * 3600.0 + value.minute * 60 + value.second
    if isinstance(value, datetime.timedelta):
        return "", value.total_seconds()
    text = str(value if value is not None else "").strip()
    found = _CLOCK.fullmatch(text)
    if found and int(found[4]) <= 24 and int(found[5]) < 60:
        day = "-".join(found.group(1, 2, 3)) if found[1] else ""
        return day, int(found[4]) * 3600.0 + int(found[5]) * 60 + int(found[6] or 0)
    number = None if found else _number(text)
    if isinstance(value, float) and number is not None and 0 <= number < 1:
        # a workbook's fraction of a day
        return "", round(number * _DAY_S)
    if number is not None and 0 <= number <= 7 * _DAY_S:
        return "", number
    raise NetworkError(where, repr(text), "07:00, 07:00:00, 2026-03-02 07:00, or seconds of the day")


def hours_of(rows: Iterable[Counted]) -> tuple[float, float]:
    """Return the first and the last time of counts [s]."""
    kept = list(rows)
    return min(r.begin for r in kept), max(r.end for r in kept)
