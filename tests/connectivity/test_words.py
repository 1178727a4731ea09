"""Every sentence about a file, a village or a plan has words in three languages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lumbung.connectivity
from lumbung.connectivity.people.demand import read_villages
from lumbung.web.connectivity_words import CONNECTIVITY

ROOM = Path(lumbung.connectivity.__file__).parent
SPEAKING = (
    "tables", "files/tower_files", "siting/candidates", "siting/study", "siting/reasons", "siting/backhaul", "people/demand",
    "ground/elevation_files", "ground/bands", "ground/terrain", "ground/generated_terrain", "radio/sites", "radio/coverage",
    "engine/cellular",
)  # fmt: skip
NOT_FOUND_HERE = (
    "line 7: 7", "degrees7",
    # what nobody can ask for at the desk, or what is no sentence to a person but a part, a label or an address
    "checkpoint:", "goal:", "share of people:", "standing towers reach that share", "load is", "<", "us survey foot",
    "Terrarium tiles, zoom", "7 to 7 m", "no land cover given", "cost of 7", " and 7 more", "7 and 7 more", "; and 7 more", "7 7 %",
    "reference signal received", "signal to interference", "throughput of", "index of the site", ", seed 7", "; latitude and",
    # rasters of people are not taken at the desk
    "people are counted per cell", "its rows do not run along", "covers 7, outside", "cells with negative people", "holds nobody within",
    "inhabited cells summed",
)  # fmt: skip


def _template(node: ast.expr) -> str | None:
    """Return a text with every inserted value as 7."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left = _template(node.left)
        return None if left is None else left + (_template(node.right) or "latitude: one of 7")
    return None


def _sentences(module: str) -> Iterator[str]:
    tree = ast.parse((ROOM / f"{module}.py").read_text(encoding="utf-8"))
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # documentation
    for node in ast.walk(tree):
        if not isinstance(node, ast.expr) or id(node) in passed:
            continue
        said = _template(node)
        if said is not None and said.count(" ") >= 2:
            passed |= {id(inner) for inner in ast.walk(node)}
            if not any(part in said for part in NOT_FOUND_HERE):
                yield said


@pytest.mark.parametrize("module", SPEAKING)
def test_every_sentence_is_known(module: str) -> None:
    unknown = [said for said in _sentences(module) if not CONNECTIVITY.knows(said)]
    assert unknown == []


def test_a_table_of_mistakes_is_said_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "desa.csv"
    path.write_text(
        "nama;lintang;bujur;penduduk\nA;106,8;-6,9;10\nB;x;107;10\nC;-6,5;107,1;-4\nD;-6,5;107,2;1.250\n"
    )
    demand = read_villages(path)
    assert [CONNECTIVITY.in_language("id", said) for said in demand.set_aside] == [
        "baris 2: latitude 106.8 di luar -90 sampai 90 derajat; latitude dan longitude tampaknya tertukar",
        "baris 3: latitude tertulis 'x'; seharusnya angka dalam derajat desimal, mis. -8.5",
        "baris 4: jumlah penduduk -4 bernilai negatif",
    ]
    assert CONNECTIVITY.in_language("zh", demand.notes[0]) == "desa.csv：各列以分号分隔"
    joined = "t.csv: " + "; ".join(demand.set_aside)
    assert CONNECTIVITY.each("zh", joined)[:2] == [
        "t.csv：第 2 行：latitude 106.8 超出 -90 到 90 度；latitude 与 longitude 似乎颠倒了",
        "第 3 行：latitude 为 'x'；应为十进制度数，如 -8.5",
    ]
    assert CONNECTIVITY.each("en", joined)[1] == demand.set_aside[1]


@pytest.mark.parametrize(
    ("said", "indonesian"),
    [
        ("C4 would reach it, adding 1,250 people; other sites add more for the same money",
         "C4 akan menjangkaunya dan menambah 1.250 jiwa; lokasi lain menambah lebih banyak dengan biaya yang sama"),
        ("reaches 12,400 people whom no standing tower reaches, 900 of them by no other site of the plan; C7 in its place would reach as many",
         "menjangkau 12.400 jiwa yang tidak terjangkau menara yang sudah berdiri, 900 di antaranya tidak oleh lokasi lain dalam rencana; C7 di "
         "tempatnya menjangkau sama banyak"),
        ("T1: the id occurs twice; T2: stands on ground of unknown height; and 3 more",
         "T1: id ini muncul dua kali; T2: berdiri di tanah yang ketinggiannya tidak diketahui; dan 3 lagi"),
        ("the moon is full", "the moon is full"),
    ],
)  # fmt: skip
def test_a_sentence_within_a_sentence_is_in_the_language_too(said: str, indonesian: str) -> None:
    assert CONNECTIVITY.in_language("id", said) == indonesian
