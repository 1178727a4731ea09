"""A leaderboard of few cases says that they are few: on the page, in JSON, in CSV, in three languages."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.test import Client

from small_league import League

BOARD = "/challenges/toy/phases/practice/leaderboard"


def judged(league: League, figures: list[float], **changes: object) -> dict[str, object]:
    node = league.node()
    league.submit()
    job = node.lease()
    assert job is not None
    assert node.deliver(job, node.evidence(job, {"all": figures}, **changes)).status_code == 200
    (row,) = league.api["visitor"]("GET", BOARD).json()["rows"]
    return dict(row)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "too few cases to tell"), ("id", "kasus uji terlalu sedikit"), ("zh-hans", "用例太少，无法判断")],
)
def test_few_cases_are_said_to_be_few(league: League, language: str, said: str) -> None:
    row = judged(league, [1.0, 2.0, 3.0])
    assert (row["low"], row["high"], row["few"]) == (None, None, True)
    table = csv.DictReader(io.StringIO(league.api["visitor"]("GET", BOARD + "?format=csv").content.decode()))
    assert next(table)["few"] == "True"
    page = (
        Client(headers={"Accept-Language": language}).get("/challenges/toy/phases/practice/").content.decode()
    )
    assert page.count(said) >= 2, "at the row, and for those who hear the page"
    assert f'<small class="few">{said}</small>' in page


def test_a_share_of_few_cases_has_an_interval_within_its_bounds(league: League) -> None:
    row = judged(league, [0.9, 0.2, 0.65], bounds={"mae": (0.0, 1.0)})
    assert row["few"] is True and 0 < row["low"] < row["mean"] < row["high"] < 1, json.dumps(row)


def test_enough_cases_are_not(league: League) -> None:
    row = judged(league, [1.0, 2.0, 3.0, 2.5, 1.5, 2.2])
    page = Client().get("/challenges/toy/phases/practice/").content.decode()
    assert row["few"] is False and row["low"] < row["mean"] < row["high"] and "too few cases" not in page
