"""What is handed out as CSV is read by spreadsheets, which run cells that begin like formulas."""

from __future__ import annotations

import csv
import io

import pytest

from lumbung.centre.runs.api import table

pytestmark = pytest.mark.one_database


def cells(*row):
    """Return one row as a spreadsheet reads it."""
    head, found = csv.reader(io.StringIO(table(["name"] * len(row), [row]).content.decode()))
    assert head == ["name"] * len(row)
    return found


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t=", " =", "\r\n@"])
def test_a_formula_is_text(sign):
    assert cells(f"{sign}1+1") == [f"'{sign}1+1"]


def test_what_is_none_stays_as_it_is():
    assert cells("rice", None, -1.5, "", "a=b", "雨-季") == ["rice", "", "-1.5", "", "a=b", "雨-季"]
