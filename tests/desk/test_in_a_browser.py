"""Five journeys through the desk in Chromium, each in one language and width; all of them in all: benchmarks/desk_journeys.py."""

from __future__ import annotations

from typing import Any

import pytest

from desk_journeys import Visit, journeys
from lumbung.node.folder import NodeFolder
from small_desk import Desk
from waiting_results import accepting

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("who", "language", "width"),
    [("officer", "id", 360), ("planner", "id", 1440), ("engineer", "zh-hans", 360), ("it officer", "en", 1440), ("auditor", "en", 360)],
    ids=["officer", "planner", "engineer", "it officer", "auditor"],
)  # fmt: skip
def test_a_journey_from_the_first_page_to_what_is_taken_along(
    desk: Desk, chromium: Any, small_scenario: bytes, who: str, language: str, width: int
) -> None:
    visit = Visit(desk, chromium, language, width)
    journeys(small_scenario)[who](visit)
    visit.context.close()
    assert not visit.wrong


def test_a_file_that_is_too_large_is_said_in_place(desk: Desk, chromium: Any) -> None:
    visit = Visit(desk, chromium, "en", 1440)
    page = visit.page
    page.goto(f"{desk.url}/farm")
    page.set_input_files("#table", {"name": "large.csv", "mimeType": "text/csv", "buffer": b"x" * 4 * 2**20})
    assert page.get_by_role("alert").is_visible()
    page.locator("form.give button").last.click()
    assert page.url == f"{desk.url}/farm"
    visit.context.close()
    assert not visit.wrong


@pytest.mark.parametrize(("language", "width"), [("en", 360), ("id", 360), ("zh-hans", 360), ("id", 1440)])
def test_every_page_fits_its_screen_and_everybody(
    desk: Desk, chromium: Any, language: str, width: int
) -> None:
    """Also the owner's pages, with a node beside the desk that accepted challenges; in the dark too."""
    accepting(NodeFolder(desk.home / "node"))
    visit = Visit(desk, chromium, language, width, dark=language == "id")
    for address in ("/", "/farm", "/connectivity", "/city", "/adopted", "/work", "/people", "/node"):
        visit.go(address)
    visit.context.close()
    assert not visit.wrong
