"""The first page: a map that is right, seven figures that lead to what they are counted from, what comes next."""

from __future__ import annotations

import json
import math
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from lumbung.centre.portal import atlas
from lumbung.centre.portal.atlas import CAPITALS, bows, land, marks
from lumbung.web.assets import LAND
from small_league import NOW
from small_stage import Stage

FEATURES = json.loads(LAND.read_text())["features"]
FAR = 0.25  # degrees: what generalising may move a coast, and a capital may lie from the water


def _inside(x: float, y: float, ring: list[list[float]]) -> bool:
    """Whether a point lies in a ring (even-odd rule)."""
    crossings = 0
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > y) != (by > y) and x < ax + (y - ay) / (by - ay) * (bx - ax):
            crossings += 1
    return crossings % 2 == 1


@pytest.mark.parametrize("country", CAPITALS)
def test_each_capital_lies_in_its_country(country: str) -> None:
    x, y = CAPITALS[country]
    (feature,) = (one for one in FEATURES if one["properties"]["country"] == country)
    rings = [ring for part in feature["geometry"]["coordinates"] for ring in part]
    near = min(math.dist((x, y), point) for ring in rings for point in ring)
    assert any(_inside(x, y, ring) for ring in rings) or near < FAR


def test_the_drawing_is_mercator() -> None:
    frame = land().frame
    assert frame.place(frame.west, frame.north) == (0.0, 0.0)
    assert frame.place(frame.east, frame.south) == (700.0, frame.height)
    x, equator = frame.place((frame.west + frame.east) / 2, 0.0)
    north, south = frame.place(0, 10.0)[1], frame.place(0, -10.0)[1]
    assert x == 350.0 and equator - north == pytest.approx(south - equator, abs=0.11)
    # y(10 degrees) = ln tan(50 degrees) = 0.175426 (Snyder 1987, equation 7-2)
    assert (equator - north) / 700 * math.radians(frame.east - frame.west) == pytest.approx(
        0.175426, abs=2e-4
    )


def test_marks_and_bows_say_what_is_there() -> None:
    flows = {("CN", "ID"): 2, ("ID", "ID"): 1}
    translation.activate("en")
    big, *_others, small = marks({"ID": 9, "SG": 1}, {"CN": 1}, {"ID": 3}, flows)
    assert (big.country, big.organisations, big.challenges, big.adoptions) == ("ID", 9, 3, 3)
    assert big.radius > small.radius
    assert big.says == "9 organisations, 3 open challenges, 3 solutions at work"
    (bow,) = bows(flows)
    assert bow.says == "2 solutions from China at work in Indonesia"
    assert marks({}, {}, {}, {}) == []


def test_a_basemap_that_is_none_is_named(tmp_path: Path, settings: Any) -> None:
    broken = tmp_path / "borders.geojson"
    broken.write_text('{"type": "FeatureCollection"}')
    settings.BASEMAP = str(broken)
    atlas.land.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"borders\.geojson.*bbox"):
            atlas.land()
    finally:
        atlas.land.cache_clear()


def test_land_travels_packed_and_stays_a_year(db: None) -> None:
    for address in ("/map/land.svg", "/map/land.geojson"):
        answer = Client().get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip" and len(answer.content) < 40_000
        assert "max-age=31536000" in answer.headers["Cache-Control"]


def test_seven_figures_lead_to_their_evidence(stage: Stage) -> None:
    page = Client().get("/").content.decode()
    figures = re.findall(r'<li class="card"><h3>([^<]+)</h3><a href="([^"]+)">', page)
    assert len(figures) == 7
    for part, address in figures:
        assert Client().get(address).status_code == 200, part
    assert re.search(r'aria-label="Indonesia: \d organisations?, \d nodes?, 1 open challenge', page)
    assert "Newest results" in page and "Rice Rocket at “" in page


def test_what_comes_next_comes_in_order(stage: Stage) -> None:
    from lumbung.centre.challenges.models import Challenge, Phase
    from lumbung.centre.portal.coming import coming

    Phase.objects.filter(slug="practice").update(
        opens=NOW + timedelta(days=2), closes=NOW + timedelta(days=1)
    )
    Phase.objects.filter(slug="final").update(opens=NOW - timedelta(days=2), closes=None)
    found = coming(Challenge.objects.filter(state="open").prefetch_related("phases"), NOW)
    assert [(each.opens, each.moment is None) for each in found[:4]] == [
        (True, True), (False, False), (True, False), (False, True),
    ]  # the season opens today, the phase closes tomorrow and opens after that, the season closes last  # fmt: skip


def test_the_first_page_asks_the_database_little(stage: Stage) -> None:
    browser = Client()
    browser.get("/")
    with CaptureQueriesContext(connection) as asked:
        browser.get("/")
    assert len(asked) <= 22, "\n".join(query["sql"][:120] for query in asked)
