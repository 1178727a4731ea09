"""The table that a host chooses, as hosts have tables: what the browser reads, and what it says where it cannot."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lumbung.centre import portal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
SCRIPT = Path(portal.__file__).parent / "static/portal/tables.js"
READ = """async (text) => {
  const buffer = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  try { return await lumbungTables.read(buffer); }
  catch (error) { if (!(error instanceof lumbungTables.Unreadable)) throw error; return {says: error.message, slots: error.slots}; }
}"""


@pytest.fixture(scope="module")
def reads(chromium: Any) -> Iterator[Callable[[bytes], dict[str, Any]]]:
    page = chromium.new_page()
    page.add_script_tag(path=str(SCRIPT))
    yield lambda content: page.evaluate(READ, base64.b64encode(content).decode())
    page.close()


def _book(*rows: tuple[Any, ...], more: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if more is not None:
        more(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("a,b\n1,2.5\n", [["1", "2.5"]]),
        ("a;b\r\n1;2,5\r\n", [["1", "2.5"]]),
        ("a\tb\r1\t2,5\r", [["1", "2.5"]]),
        ('a,b\n1,"x, ""y"""\n', [["1", 'x, "y"']]),
        ('a,b\n1,"x\ny"\n', [["1", "x\ny"]]),
        ("a;b\n1.250,5;x\n2.500;y\n", [["1250.5", "x"], ["2500", "y"]]),
        ("a;b\n2.500;0,5\n3.250;0,7\n", [["2500", "0.5"], ["3250", "0.7"]]),
        ("a,b\n2.500,0.5\n3.250,0.75\n", [["2.500", "0.5"], ["3.250", "0.75"]]),
        ('a,b\n"2,500",0.5\n"13,250",0.75\n', [["2500", "0.5"], ["13250", "0.75"]]),
        ("a;b\n1.250.000;x\n20.000;y\n", [["1250000", "x"], ["20000", "y"]]),
        ('a,b\n"1,250,000.5",x\n', [["1250000.5", "x"]]),
        ("a;b\n1e3;,5\n-2;+3,25\n", [["1e3", ".5"], ["-2", "+3.25"]]),
        ("a,b\n1.2.3,x\n1,y\n", [["1.2.3", "x"], ["1", "y"]]),
        ("a;b\n1;\n;2,5\n", [["1", ""], ["", "2.5"]]),
        ("sep=;\r\na;b\r\n1;2,5\r\n", [["1", "2.5"]]),
        ("sep=|\na|b\n1|2,5\n", [["1", "2.5"]]),
        ("a;b\n1;2\n;\n ; \n3;4\n;\n", [["1", "2"], ["3", "4"]]),
        ("a,b,\n1,2,\n3,4,\n", [["1", "2"], ["3", "4"]]),
    ],
)
def test_numbers_as_twelve_countries_write_them(
    reads: Callable[[bytes], dict[str, Any]], text: str, rows: list[list[str]]
) -> None:
    assert reads(text.encode())["rows"] == rows


@pytest.mark.parametrize(
    ("text", "either"),
    [
        ("a,b\n1.250,x\n", [{"column": "a", "written": "1.250", "read": "1.250"}]),
        ("a;b\n1.250;0,5\n", [{"column": "a", "written": "1.250", "read": "1250"}]),
        ('a,b\n"1,250",x\n', [{"column": "a", "written": "1,250", "read": "1250"}]),
        ("a,b\n1.25,3\n", []),
    ],
)
def test_what_can_be_read_twice_is_said(
    reads: Callable[[bytes], dict[str, Any]], text: str, either: list[dict[str, str]]
) -> None:
    assert reads(text.encode())["either"] == either


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_letters_of_every_spreadsheet(reads: Callable[[bytes], dict[str, Any]], encoding: str) -> None:
    found = reads("站点\t雨量\n南宁\t12\n".encode(encoding))
    assert (found["names"], found["rows"]) == (["站点", "雨量"], [["南宁", "12"]])


def test_a_workbook_is_read_by_what_its_cells_mean(reads: Callable[[bytes], dict[str, Any]]) -> None:
    content = _book(
        ("petak", "tanggal", "jam", "hujan", "lulus", "kadar", "catatan"),
        ("A 1", date(2026, 3, 9), time(6, 30), 12.125, True, 0.1, " basah "),
        ("A 2", datetime(2026, 3, 10, 7, 15), time(18, 0), 3.25, False, 1e-7, None),
    )
    found = reads(content)
    assert found["names"] == ["petak", "tanggal", "jam", "hujan", "lulus", "kadar", "catatan"]
    assert found["rows"] == [
        ["A 1", "2026-03-09", "06:30:00", "12.125", "TRUE", "0.1", "basah"],
        ["A 2", "2026-03-10T07:15:00", "18:00:00", "3.25", "FALSE", "1e-7", ""],
    ]
    assert (found["sheet"], found["either"]) == ("", [])


def test_numbers_of_a_workbook_stay_what_they_are_beside_decimal_commas(
    reads: Callable[[bytes], dict[str, Any]],
) -> None:
    assert reads(_book(("a", "b"), (1.125, "0,5"), (2.375, "1.250,75")))["rows"] == [
        ["1.125", "0.5"],
        ["2.375", "1250.75"],
    ]


def test_of_several_sheets_the_first_that_shows(reads: Callable[[bytes], dict[str, Any]]) -> None:
    def more(book: Any) -> None:
        book.create_sheet("terlihat").append(["x"])
        book["terlihat"].append([1])
        book.create_sheet("lain")
        book["Sheet"].sheet_state = "hidden"

    found = reads(_book(("a",), (9,), more=more))
    assert (found["sheet"], found["names"], found["rows"]) == ("terlihat", ["x"], [["1"]])


def test_years_that_begin_in_1904(reads: Callable[[bytes], dict[str, Any]]) -> None:
    def more(book: Any) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    assert reads(_book(("a", "b"), (date(2026, 3, 9), 1), more=more))["rows"] == [["2026-03-09", "1"]]


def test_days_and_hours_that_only_spreadsheets_know(reads: Callable[[bytes], dict[str, Any]]) -> None:
    content = _book(
        ("hari", "lama"),
        (date(1900, 1, 15), timedelta(hours=36, minutes=5)),
        (date(1900, 3, 1), timedelta(minutes=90)),
        (1e12, timedelta(days=-1, hours=23)),
        (-5, timedelta()),
        more=lambda book: [
            setattr(book.active.cell(row, 1), "number_format", "yyyy-mm-dd") for row in (4, 5)
        ],
    )
    assert reads(content)["rows"] == [
        ["1900-01-15", "36:05:00"],
        ["1900-03-01", "01:30:00"],
        ["1000000000000", "-01:00:00"],
        ["-5", "00:00:00"],
    ]


def _rewritten(content: bytes, changes: dict[str, tuple[str, str]]) -> bytes:
    """A workbook of which some parts say something else, as other programs write them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            was, becomes = changes.get(name, ("", ""))
            text = source.read(name).decode()
            assert was in text
            target.writestr(name, text.replace(was, becomes) if was else text)
    return out.getvalue()


def test_workbooks_of_other_programs(reads: Callable[[bytes], dict[str, Any]]) -> None:
    plain = _book(("a\nb", "c"), ("x_x000D_y", 2))
    sheet = {
        "xl/workbook.xml": ('r:id="rId1"', 'r:id="R5d2f"'),
        "xl/_rels/workbook.xml.rels": ('Id="rId1"', 'Id="R5d2f"'),
    }
    found = reads(_rewritten(plain, sheet))
    assert (found["names"], found["rows"]) == (["a b", "c"], [["x\ry", "2"]])


def test_a_sheet_that_is_a_chart_is_no_table(reads: Callable[[bytes], dict[str, Any]]) -> None:
    content = _book(("a", "b"), (1, 2), more=lambda book: book.create_chartsheet("grafik", 0))
    assert reads(content)["rows"] == [["1", "2"]]


def test_the_place_of_what_cannot_be_read(reads: Callable[[bytes], dict[str, Any]]) -> None:
    assert reads(b'a,b\n1,2\n3,"x\n4,y\n') == {"says": "unclosed", "slots": {"line": 3}}
    assert reads(_book(("a", "b"), (1, 2), (2, "=A3*2"))) == {"says": "formula", "slots": {"cell": "B3"}}


def _ragged(book: Any) -> None:
    book.active.append([1, 2, 3])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"a,b\n", "empty"),
        (b"a,a\n1,2\n", "header"),
        (b"a,\n1,2\n", "header"),
        (b"a,b\n1,2\n1,2,3\n", "ragged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old-workbook"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "workbook"),
        (b"PK\x03\x04" + bytes(60), "workbook"),
        (_book(("a", "b"), (1, 2))[:-300], "workbook"),
        (_book(("a", "b"), (1, 2))[:2000] + bytes(3000) + _book(("a", "b"), (1, 2))[-400:], "workbook"),
        (_book(), "empty"),
        (_book(("a", "b"), (1, 2), more=_ragged), "ragged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "content",  # a workbook's bytes hold the time it was written
)  # fmt: skip
def test_what_cannot_be_read_has_its_sentence(
    reads: Callable[[bytes], dict[str, Any]], content: bytes, says: str
) -> None:
    assert reads(content)["says"] == says


def test_every_sentence_stands_in_the_page() -> None:
    page = (Path(portal.__file__).parent / "templates/portal/studio.html").read_text()
    for sentence in (
        "empty",
        "header",
        "ragged",
        "workbook",
        "old-workbook",
        "large",
        "formula",
        "unclosed",
        "either",
        "read-sheet",
    ):
        assert f'data-say="{sentence}"' in page
