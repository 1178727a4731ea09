"""Four places: every page belongs to one, says where it is, and a person sees what is theirs and no more."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, resolve

from lumbung.centre.portal.navigation import DESKS, OWN, PLACES
from small_stage import PAGES, Stage

pytestmark = pytest.mark.one_database

# Pages of no place: the first, what every page leads to, and answers that are no pages of their own.
NOWHERE = {
    "portal:home", "portal:search", "portal:help", "portal:help_page", "portal:privacy", "portal:land_geojson", "portal:indicators_csv", "portal:log_head",
    "portal:audit_export", "portal:account_data", "credentials:answers", "portal:robots", "portal:sitemap",
    "portal:metrics", "portal:health", "portal:suspended", "portal:suspended_rights", "portal:suspended_data", "partners:answer_sheet", "credentials:status_list",
}  # fmt: skip

FILES = (".svg", ".pub", ".txt", ".json", ".pdf", ".csv", ".xml")


def _sections() -> list[Any]:
    return [section for place in (*PLACES, OWN, DESKS) for section in place.sections]


def test_every_page_belongs_to_one_section() -> None:
    named = [page for section in _sections() for page in (section.url, *section.pages)]
    assert len(named) == len(set(named)), "a page stands in two sections"
    shown = {
        resolve(re.sub(r"\{\w+\}", "1", address.partition("?")[0])).view_name
        for (method, address), _ in PAGES.items()
        if method == "GET" and not address.endswith(FILES)
    }
    assert shown - set(named) - NOWHERE == set()
    known = {f"{app}:{name}" for app in ("portal", "partners", "credentials") for name in _names(app)}
    assert set(named) <= known


def _names(app: str) -> set[str]:
    _prefix, resolver = get_resolver().namespace_dict[app]
    return {key for key in resolver.reverse_dict if isinstance(key, str)}


def _main(page: str) -> list[str]:
    found = re.search(r'<nav class="main".*?</nav>', page, re.S)
    assert found
    return re.findall(r">([^<>\n]+)</a>", found[0])


def test_a_visitor_sees_four_places_and_staff_their_desks(stage: Stage) -> None:
    assert _main(Client().get("/").content.decode()) == ["Challenges", "Results", "Talent", "Partners"]
    assert _main(stage.browser("staff").get("/").content.decode())[4:] == ["Desks"]
    auditor = stage.browser("auditor").get("/audit/").content.decode()
    assert _main(auditor)[4:] == ["Desks"] and 'href="/desk/"' not in auditor
    member = stage.browser("member").get("/").content.decode()
    assert 'href="/submissions/"' in member and 'href="/desk/"' not in member


@pytest.mark.parametrize(
    ("address", "way"),
    [
        ("/challenges/", []),
        ("/challenges/toy/", ["First page", "Challenges"]),
        ("/nodes/", ["First page", "Challenges"]),
        ("/nodes/node-a/keys/", ["First page", "Challenges", "Nodes"]),
        ("/cooperation/facilities/bench/", ["First page", "Partners", "Facilities"]),
        ("/talent/road/plan/", ["First page", "Talent", "Road to nine million"]),
        ("/help/", []),
    ],
)
def test_a_page_says_where_it_is(stage: Stage, address: str, way: list[str]) -> None:
    page = Client().get(address).content.decode()
    found = re.search(r'<nav class="trail".*?</nav>', page, re.S)
    assert re.findall(r">([^<>]+)</a>", found[0] if found else "") == way
