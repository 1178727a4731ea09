"""What stands around a page: its description, its language, what browsers and search engines keep; and long names."""

from __future__ import annotations

import re
from typing import Any

import pytest

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.members.models import Organisation, Team
from small_league import build_league

pytestmark = pytest.mark.one_database

LONG = "Persatuan-Pengembang-Sistem-Cerdas-Untuk-Pertanian-Berkelanjutan-Nusantara-2030!"


def test_search_engines_find_what_everybody_may_read(league, client):
    robots = client.get("/robots.txt").content.decode()
    assert "Disallow: /submissions/" in robots and "Sitemap: http://testserver/sitemap.xml" in robots
    places = re.findall(r"<loc>http://[^/]+([^<]+)</loc>", client.get("/sitemap.xml").content.decode())
    assert {"/", "/challenges/toy/", "/organisations/kota-bandung/", "/help/team/"} <= set(places)
    assert all(client.get(place).status_code == 200 for place in places)
    page = client.get("/challenges/toy/").content.decode()
    (described,) = re.findall(r'<meta name="description" content="([^"]+)">', page)
    assert len(described) > 10 and "{" not in described


def test_a_browser_keeps_styles_for_a_year_and_gets_new_ones_at_once(league, client):
    (address,) = re.findall(r'href="([^"]+lumbung\.css[^"]*)"', client.get("/").content.decode())
    assert re.fullmatch(r"/static/web/lumbung\.css\?v=[0-9a-f]{12}", address)
    kept = client.get(address)
    assert kept.status_code == 200 and "max-age=31536000" in kept["Cache-Control"]


def test_a_leaderboard_as_a_table_names_team_and_submission(league):
    node = league.node()
    league.submit()
    job = node.lease()
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}))
    Team.objects.filter(slug="rice-rocket").update(name="水稻火箭")
    table = league.api["visitor"](
        "GET", "/challenges/toy/phases/practice/leaderboard?format=csv"
    ).content.decode()
    assert "team_name" in table.splitlines()[0] and "水稻火箭" in table


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.django_db(transaction=True)
def test_no_name_pushes_anything_off_the_page(
    width: int, chromium: Any, live_server: Any, tmp_path: Any
) -> None:
    league = build_league(tmp_path)
    node = league.node()
    league.submit()
    job = node.lease()
    assert job is not None
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0, 3.0]}))
    assert len(LONG) == 80
    Team.objects.filter(slug="rice-rocket").update(name=LONG)
    page = chromium.new_page(viewport={"width": width, "height": 900})
    try:
        for path in ("/challenges/toy/", "/challenges/toy/phases/practice/", "/"):
            page.goto(live_server.url + path)
            assert page.get_by_text(LONG).first.is_visible()
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.goto(live_server.url + "/challenges/toy/phases/practice/")
        page.screenshot(path=tmp_path / f"board-{width}.png", full_page=True)
        box = page.locator("table.board").get_by_role("link", name="evidence").first.bounding_box()
        assert box is not None and box["x"] + box["width"] <= width
        unbroken = "Ngarai_" + "W" * 100
        Organisation.objects.update(name=unbroken)
        toy = Challenge.objects.get(slug="toy")
        toy.record["title"] = {"en": unbroken, "id": unbroken, "zh": "\u6c34" * 100}
        toy.save()
        for path in (
            "/", "/challenges/", "/challenges/toy/", "/challenges/toy/discussion/", "/organisations/kota-bandung/",
            "/results/", "/results/report/",
        ):  # fmt: skip
            page.goto(live_server.url + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    finally:
        page.close()
