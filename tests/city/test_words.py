"""Whatever the city's rooms find about a file has words in three languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import lumbung.city
from lumbung.city.engine.networks import NetworkError
from lumbung.city.importing.counts import read_counts
from lumbung.city.importing.pages import say
from lumbung.web.city_words import CITY

ROOM = Path(lumbung.city.__file__).parent
SPEAKING = sorted(
    str(file.relative_to(ROOM))
    for file in (*ROOM.glob("engine/*.py"), *ROOM.glob("importing/*.py"), *ROOM.glob("retiming/*.py"))
    if "NetworkError(" in file.read_text("utf-8")
)


def _said(node: ast.expr) -> str:
    """Return a text with 7 for whatever is not written out, as a file, a value or another program's words would stand there."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _said(node.left) + _said(node.right)
    if isinstance(node, ast.IfExp):
        return _said(node.body)
    return "7"


def _faults(module: str) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(ast.parse((ROOM / module).read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", "") == "NetworkError"
            and len(node.args) == 3
        ):
            where, found, expected = map(_said, node.args)
            yield where, found, expected


def _is_words(said: str) -> bool:
    return re.search(r"[a-z]+ [a-z]+", said) is not None and not said.startswith("pip install")


@pytest.mark.parametrize("module", SPEAKING)
def test_every_fault_is_said_in_the_reader_s_language(module: str) -> None:
    faults = list(_faults(module))
    unknown = [
        part
        for _, found, expected in faults
        for part in (found, expected)
        if _is_words(part) and not CITY.knows(part)
    ]
    assert unknown == []
    for where, found, expected in faults:
        whole = f"{where}: found {found}, expected {expected}"
        assert CITY.knows(whole), whole
        for language in ("id", "zh"):
            said = CITY.in_language(language, whole)
            assert "found" not in said and "expected" not in said, said


def test_most_rooms_speak() -> None:
    """So that a change of style does not leave the test above with nothing to look at."""
    assert sum(len(list(_faults(module))) for module in SPEAKING) > 50


@pytest.mark.parametrize(
    ("said", "indonesian", "chinese"),
    [
        (
            "arus.csv, line 3, turn: found 'kiri', expected left, straight, right or around",
            "arus.csv, baris 3, turn: ditemukan 'kiri'; seharusnya left, straight, right, atau around",
            "arus.csv, 第 3 行, turn：实际为 'kiri'；应为 left、straight、right 或 around",
        ),
        (
            "guesses.csv: speed of way 12: found '999', expected a whole number from 5 to 130",
            "guesses.csv: kecepatan ruas 12: ditemukan '999'; seharusnya bilangan bulat dari 5 sampai 130",
            "guesses.csv：道路 12 的限速：实际为 '999'；应为 5 至 130 的整数",
        ),
        (
            "kota.osm: found no street for motor traffic, expected an extract of a town, with its nodes",
            "kota.osm: ditemukan tidak ada jalan untuk kendaraan bermotor; seharusnya cuplikan sebuah kota beserta titik-titiknya",
            "kota.osm：实际为 没有机动车道路；应为 含节点的城镇地图片段",
        ),
    ],
)
def test_a_fault_reads_well(said: str, indonesian: str, chinese: str) -> None:
    assert (CITY.in_language("id", said), CITY.in_language("zh", said)) == (indonesian, chinese)


def test_a_real_table_of_mistakes(tmp_path: Path) -> None:
    path = tmp_path / "arus.csv"
    path.write_text("edge;begin;count\n12;tengah hari;5\n")
    with pytest.raises(NetworkError) as refused:
        read_counts(path)
    said = CITY.in_language("id", str(refused.value))
    assert (
        said.endswith("atau detik sejak tengah malam") and "baris 2, begin" in said and "tengah hari" in said
    )


@pytest.mark.parametrize("note", ["no_end", "twice", "days"])
def test_what_was_made_of_counts_is_said_in_three_languages(note: str) -> None:
    assert len({say(note, language, number=900) for language in ("en", "id", "zh")}) == 3
