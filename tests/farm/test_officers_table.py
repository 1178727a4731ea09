"""Tables of sites as officers keep them: spreadsheets, semicolons, other languages, dates in words, columns of their own."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from lumbung.cli.farm import command
from lumbung.farm.calendar.people_dates import DateError, month_of, months_of, ten_day_period
from lumbung.farm.calendar.sites import SitesError, read_sites


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("11-15", 31), ("2024-11-15", 31), ("15 Nov", 31), ("Nov 15", 31), ("15 November 2024", 31), ("1 nopember", 30),
        ("Nov II", 31), ("II Nov", 31), ("Nov-III", 32), ("dasarian 2 November", 31), ("Desember", 33), ("awal Mei", 12),
        ("akhir Agustus", 23), ("mid July", 19), ("11月中旬", 31), ("11月15日", 31), ("2024年11月1日", 30), ("3月", 6),
        ("31 Dec", 35), ("29 Feb", 5), ("tgl 5 Okt", 27),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(text: str, period: int) -> None:
    assert ten_day_period(text) == period


@pytest.mark.parametrize(
    "text", ["", "31-12", "Nov IV", "32 Nov", "30 Feb", "soon", "13月", "Nov Dec", "5", "1 2 Nov"]
)
def test_what_is_no_date_is_asked_back(text: str) -> None:
    with pytest.raises(DateError, match=r"expected a date as 11-01 .* 15 Nov, Nov II or 11月中旬, found"):
        ten_day_period(text)


def test_months_as_people_write_them() -> None:
    last_quarter = (10, 11, 12)
    assert all(months_of(t) == last_quarter for t in ("10-12", "Okt-Des", "Oct to Dec", "10月至12月"))
    assert months_of("11-2") == months_of("Nov s/d Feb") == (11, 12, 1, 2)
    assert months_of("6;7;8") == months_of("Juni, Juli, Agustus") == (6, 7, 8)
    assert month_of("Peb") == 2
    with pytest.raises(DateError, match="expected a month, found 'Sommer'"):
        months_of("Sommer")


def workbook(path: Path, rows: list[list[object]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_spreadsheet_in_indonesian_with_columns_of_its_own(tmp_path: Path) -> None:
    table = workbook(
        tmp_path / "lokasi.xlsx",
        [
            [
                "Lokasi",
                "Lintang",
                "Bujur",
                "Cuaca",
                "Tanah",
                "Varietas",
                "Irigasi",
                "Kebiasaan",
                "Penyuluh",
                "yield",
            ],
            ["Indramayu", -6.33, 108.32, "monsoonal", "EC4", "Ciherang", "tidak", "Nov II", "Bu Sri", "6 t"],
            ["Karawang", -6.3, 107.3, "monsoonal", "EC4", "Inpari 23", "ya", "Des", "Pak Budi", ""],
            [],
            ["Subang", -6.6, 107.7, "monsoonal", "EC4", "IR64", "ya", "kapan saja", "", ""],
        ],
    )
    out = tmp_path / "out"
    done = CliRunner().invoke(command, ["calendar", str(table), "--out", str(out), "--years", "1995-1999"])
    assert done.exit_code == 0, done.output
    with (out / "decisions.csv").open(encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["site"], row["variety"], row["habitual"]) == ("Indramayu", "Ciherang", "11-11")
    assert row["Penyuluh"] == "Bu Sri" and row["yield (table)"] == "6 t" and int(row["yield"]) > 1000
    assert "line 3 (Karawang): no variety 'Inpari 23'; do you mean Inpari_32?" in done.stderr
    assert "line 5 (Subang): column habitual: expected a date as" in done.stderr
    assert "1 of 3 sites done" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_semicolons_decimal_commas_and_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "sites.csv"
    text = "地点;纬度;经度;气象;习惯播期;varieteis\n南宁;22,8;108,3;monsoonal;3月下旬;IR64\n"
    path.write_bytes(text.encode(encoding))
    found = read_sites(path, None)
    site = found.sites[2]
    assert (site.name, site.latitude, site.habitual) == ("南宁", 22.8, 8)
    assert found.remarks[1] == [
        "the column 'varieteis' is kept as it is and not used; do you mean varieties?"
    ]
    assert found.extras[2] == {"varieteis": "IR64"} and set(found.names) == {2}


def test_tables_that_cannot_be_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("site,lokasi\nA,B\n")
    with pytest.raises(SitesError, match="the column site stands there twice: site, lokasi"):
        read_sites(path, None)
    path.write_text("site,weather\nA,monsoonal,stray\nB,monsoonal\n")
    found = read_sites(path, None)
    assert set(found.sites) == {3} and "more cells than the header has columns (2)" in found.problems[2]
    path.write_text(
        'site,latitude,longitude,weather,varieties,initial_water\nA,"-6,5","107,5",monsoonal,;,\n'
        'B,"-6,5","107,5",monsoonal,none.yaml#X,\nC,"-6,5","107,5",monsoonal,IR64,1e9\nD,"-6,5","107,5",monsoonal,IR64,"80,5"\n'
    )
    found = read_sites(path, tmp_path)
    assert (found.sites[5].latitude, found.sites[5].initial_water) == (-6.5, 80.5)
    assert "expected names separated by ;, found ';'" in found.problems[2]
    assert "no file none.yaml in" in found.problems[3] and "expected 0 to 2000 mm" in found.problems[4]
    path.write_bytes(b"PK\x03\x04\x00\x00")
    with pytest.raises(SitesError, match="expected a text table, found a binary file"):
        read_sites(path, None)
    with pytest.raises(SitesError, match="cannot be read"):
        read_sites(tmp_path / "none.xlsx", None)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", ("lokasi", "awal terbaik", "8 dari 10 musim mendatang", "1 dari 1 lokasi selesai")),
        ("zh", ("地点", "最佳播期", "未来十季中的八季", "1 个地点中完成 1 个")),
    ],
)
def test_the_terminal_table_speaks_the_readers_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LUMBUNG_LANGUAGE", language)
    table = tmp_path / "sites.csv"
    table.write_text("site,weather,varieties\nIndramayu,monsoonal,IR64\n")
    arguments = ["calendar", str(table), "--out", str(tmp_path / "out"), "--years", "1995-1997"]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0, done.output
    assert all(word in done.output.replace("\n", " ") for word in words), done.output
