"""An officer's and a planner's way through the desk in Chromium: three languages, telephone and wide screen, nothing asked of others."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from lumbung.node.folder import Accepted, NodeFolder, Settings
from small_desk import Desk

pytestmark = pytest.mark.browser
TABLE = b"desa,lintang,bujur,kebiasaan\nKenari,-6.9,107.6,Nov II\nSalah,107.1,-6.8,Nov I\n"
# language, width, the words of a few buttons
READERS = [
    ("en", 1440, "Make the calendar", "Mend and go on"),
    ("id", 360, "Buat kalender", "Perbaiki dan lanjutkan"),
    ("zh-hans", 1440, "生成日历", "修正并继续"),
]


def _page(desk: Desk, chromium: Any, language: str, width: int) -> tuple[Any, list[str]]:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    name, value = next((c.name, c.value) for c in desk.owner.cookies.jar if c.name == "lumbung_desk")
    context.add_cookies([
        {"name": name, "value": value or "", "url": desk.url},
        {"name": "django_language", "value": language, "url": desk.url},
    ])  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(120_000)
    wrong: list[str] = []
    page.on("request", lambda asked: _ours(asked.url, desk.url, wrong))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "response",
        lambda answer: wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
    )
    return page, wrong


def _ours(url: str, desk: str, wrong: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(desk).netloc:
        wrong.append(f"asked {url}")


def _seemly(page: Any, width: int) -> None:
    """No page is wider than its screen, and axe finds nothing serious."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    serious = [
        (fault["id"], fault["nodes"][0]["html"])
        for fault in Axe().run(page).response["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert not serious


@pytest.mark.parametrize(
    ("language", "width", "make", "mend"), READERS, ids=[reader[0] for reader in READERS]
)
def test_an_officer_gets_a_calendar(
    desk: Desk, chromium: Any, language: str, width: int, make: str, mend: str
) -> None:
    page, wrong = _page(desk, chromium, language, width)
    page.goto(desk.url)
    _seemly(page, width)
    page.goto(f"{desk.url}/farm")
    _seemly(page, width)
    page.set_input_files("#table", {"name": "Kenari.csv", "mimeType": "text/csv", "buffer": TABLE})
    page.fill("#last_year", "2001")
    page.get_by_role("button", name=make).click()
    page.wait_for_selector(".deskmap[data-drawn]")
    page.wait_for_selector(".life:not([hx-get])")
    page.wait_for_selector(".deskmap[data-drawn]")
    _seemly(page, width)
    page.locator("a[hx-target='#site']").first.click()
    page.wait_for_selector("#site img")
    Desk.wait(lambda: page.evaluate("document.querySelector('#site img').naturalWidth") > 0)
    page.select_option("#shown", "risk")
    with page.expect_download() as taken:
        page.get_by_role("link", name="GeoJSON").click()
    assert taken.value.suggested_filename == "decisions.geojson"
    page.fill("input[name='cell-3-1']", "-6.8")
    page.fill("input[name='cell-3-2']", "107.1")
    page.get_by_role("button", name=mend).click()
    page.wait_for_selector(".life:not([hx-get])")
    page.wait_for_selector(".deskmap[data-drawn]")
    assert page.locator("form.mend").count() == 0
    assert page.locator("a[hx-target='#site']").count() == 2
    assert not wrong


def test_a_planner_asks_the_map(desk: Desk, chromium: Any) -> None:
    page, wrong = _page(desk, chromium, "id", 1440)
    page.goto(desk.url)
    page.get_by_role("button", name="Lihat contoh jadi").last.click()
    page.wait_for_selector(".deskmap[data-first]")
    page.wait_for_selector(".deskmap[data-ready]")
    _seemly(page, 1440)
    page.locator("details", has=page.locator("a[hx-target='#village']")).locator("summary").click()
    page.locator("a[hx-target='#village']").first.click()
    page.wait_for_selector("#village svg.profile")
    mast = page.locator(".mast").first
    page.locator(".deskmap .box").scroll_into_view_if_needed()
    place = mast.bounding_box()
    page.mouse.move(place["x"] + 10, place["y"] + 12)
    page.mouse.down()
    page.mouse.move(place["x"] + 10, place["y"] + 60, steps=5)
    page.mouse.up()
    page.wait_for_selector(".deskmap[data-shown='exact']")
    assert "jiwa terlayani" in page.locator(".deskmap .said").inner_text()
    page.get_by_role("button", name="Kembalikan menara").click()
    assert page.locator(".deskmap .said").inner_text() == ""
    assert not wrong


def test_a_file_that_is_too_large_is_said_in_place(desk: Desk, chromium: Any) -> None:
    page, wrong = _page(desk, chromium, "en", 1440)
    page.goto(f"{desk.url}/farm")
    page.set_input_files("#table", {"name": "large.csv", "mimeType": "text/csv", "buffer": b"x" * 4 * 2**20})
    assert page.get_by_role("alert").is_visible()
    page.get_by_role("button", name="Make the calendar").click()
    assert page.url == f"{desk.url}/farm"
    assert not wrong


@pytest.mark.parametrize(("language", "width"), [("en", 360), ("id", 360), ("zh-hans", 360), ("id", 1440)])
def test_every_page_fits_its_screen_and_everybody(
    desk: Desk, chromium: Any, language: str, width: int
) -> None:
    """Also the owner's pages, with a node beside the desk that accepted a challenge."""
    node = NodeFolder(desk.home / "node")
    node.path.mkdir(exist_ok=True)
    node.write_settings(
        Settings("jawa-barat", "ID", challenges={"padi": Accepted("sha256:" + "0" * 64, release="hold")})
    )
    page, wrong = _page(desk, chromium, language, width)
    for address in ("/", "/connectivity", "/work", "/people", "/node"):
        page.goto(desk.url + address)
        _seemly(page, width)
    assert page.locator("h3", has_text="padi").count() == 2
    assert not wrong
