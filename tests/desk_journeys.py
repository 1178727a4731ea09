"""Five people's ways through the desk in a browser, each from the first page to what they take along, in any language and width.

They find their way by what a page is for, not by its words, so that one way serves every language. On each page they look at, nothing is
wider than the screen, axe finds nothing serious, and no text of another language stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

from lumbung.node.folder import NodeFolder
from lumbung.node.ledger import Ledger
from small_desk import Desk
from waiting_results import accepting, gate_of, parcel

APART = """() => {
  const map = document.querySelector('.deskmap').map, box = map.getCanvas().getBoundingClientRect();
  const places = JSON.parse(document.getElementById('places-data').textContent).map((one) => {
    const { x, y } = map.project([one.longitude, one.latitude]);
    return { number: one.number, x: box.x + x, y: box.y + y };
  }).filter(({ x, y }) => x > box.left && x < box.right && y > Math.max(box.top, 0) && y < Math.min(box.bottom, innerHeight));
  const apart = (one) => Math.min(...places.filter((other) => other !== one).map((other) => Math.hypot(other.x - one.x, other.y - one.y)));
  return places.sort((a, b) => apart(b) - apart(a))[0];
}"""
"""Where on the screen the guess lies that no other is near."""
TABLE = b"desa,lintang,bujur,kebiasaan\nKenari,-6.9,107.6,Nov II\nSalah,107.1,-6.8,Nov I\n"
LANGUAGES = ("en", "id", "zh-hans")
WIDTHS = (360, 1440)


class Visit:
    """Somebody at the desk.

    Parameters
    ----------
    desk : Desk
    chromium : playwright browser
    language : {"en", "id", "zh-hans"}
    width : int
        Of the screen [CSS pixels].
    pictures : Path, optional
        Folder for a picture of each page that is looked at.
    """

    def __init__(
        self,
        desk: Desk,
        chromium: Any,
        language: str,
        width: int,
        *,
        dark: bool = False,
        pictures: Path | None = None,
    ) -> None:
        self.desk, self.language, self.width, self.pictures = desk, language, width, pictures
        self.wrong: list[str] = []
        self._looked = 0
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        self.come_in_as(context, desk.owner)
        context.add_cookies([{"name": "django_language", "value": language, "url": desk.url}])
        self.context, self.page = context, context.new_page()
        self.page.set_default_timeout(120_000)
        self.page.on("request", lambda asked: self._ours(asked.url))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on(
            "response",
            lambda answer: (
                self.wrong.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
            ),
        )

    def come_in_as(self, context: Any, client: Any) -> None:
        """Take over somebody's cookie."""
        value = next(c.value for c in client.cookies.jar if c.name == "lumbung_desk")
        context.add_cookies([{"name": "lumbung_desk", "value": value or "", "url": self.desk.url}])

    def _ours(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.desk.url).netloc:
            self.wrong.append(f"asked {url}")

    def go(self, address: str) -> None:
        """Open a page and look at it."""
        self.page.goto(self.desk.url + address)
        self.look()

    def look(self) -> None:
        """See that the page fits its screen and everybody."""
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width, self.page.url
        serious = [
            (fault["id"], fault["nodes"][0]["html"])
            for fault in Axe().run(self.page).response["violations"]
            if fault["impact"] in ("serious", "critical")
        ]
        assert not serious, (self.page.url, serious)
        assert self.page.locator("html").get_attribute("lang") == {"zh-hans": "zh-Hans"}.get(
            self.language, self.language
        )
        if self.pictures is not None:
            self._looked += 1
            name = f"{self.language}-{self.width}-{self._looked:02d}-{re.sub('[^a-z]', '', urlsplit(self.page.url).path)[:12]}.png"
            self.page.screenshot(path=self.pictures / name, full_page=True)

    def finished(self) -> None:
        """Wait until the work of this page is over, and what it shows is drawn."""
        self.page.wait_for_selector(".life:not([hx-get])")
        self.page.wait_for_selector(".deskmap[data-drawn]")
        self.look()

    def take(self, link: str) -> Path:
        """Download what a link names; returns where it lies."""
        with self.page.expect_download() as taken:
            self.page.locator(link).first.click()
        return Path(taken.value.path())


def officer(visit: Visit) -> None:
    """An agriculture officer drops a table with a mistake, mends it in the page and takes the calendar along."""
    page = visit.page
    visit.go("/")
    visit.go("/farm")
    page.set_input_files("#table", {"name": "Kenari.csv", "mimeType": "text/csv", "buffer": TABLE})
    page.fill("#last_year", "2001")
    page.locator("form.give button").last.click()
    visit.finished()
    page.locator("a[hx-target='#site']").first.click()
    page.wait_for_selector("#site img")
    Desk.wait(lambda: page.evaluate("document.querySelector('#site img').naturalWidth") > 0)
    visit.look()
    page.select_option("#shown", "risk")
    page.fill("input[name='cell-3-1']", "-6.8")
    page.fill("input[name='cell-3-2']", "107.1")
    page.locator("form.mend button").click()
    visit.finished()
    assert page.locator("form.mend").count() == 0
    assert b"Kenari" in visit.take("a[href$='decisions.geojson']").read_bytes()


def planner(visit: Visit) -> None:
    """A planner asks the map why a village is not served, moves a tower and takes the raster along."""
    page = visit.page
    visit.go("/connectivity")
    page.goto(visit.desk.url)
    page.locator("form[action='/examples/connectivity'] button").click()
    page.wait_for_selector(".deskmap[data-first]")
    page.wait_for_selector(".deskmap[data-ready]")
    visit.finished()
    page.locator("details", has=page.locator("a[hx-target='#village']")).locator("summary").click()
    page.locator("a[hx-target='#village']").first.click()
    page.wait_for_selector("#village svg.profile")
    visit.look()
    mast = page.locator(".mast").first
    if visit.width > 1000:
        page.locator(".deskmap .box").scroll_into_view_if_needed()
        place = mast.bounding_box()
        page.mouse.move(place["x"] + 10, place["y"] + 12)
        page.mouse.down()
        page.mouse.move(place["x"] + 10, place["y"] + 60, steps=5)
        page.mouse.up()
    else:  # without a mouse
        mast.focus()
        mast.press("ArrowDown")
    page.wait_for_selector(".deskmap[data-shown='exact']")
    assert page.locator(".deskmap .said").inner_text()
    page.locator(".deskmap .back").click()
    assert page.locator(".deskmap .said").inner_text() == ""
    assert visit.take("a[href$='rsrp.tif']").read_bytes()[:2] == b"II"


def engineer(visit: Visit, scenario: bytes) -> None:
    """A traffic engineer corrects a guess on a map, compares a SUMO folder's signals, plays them and takes the figures along."""
    page = visit.page
    visit.go("/city")
    page.goto(visit.desk.url)
    page.locator("form[action='/examples/import'] button").click()
    visit.finished()
    page.locator(".deskmap .box").scroll_into_view_if_needed()
    at = page.evaluate(APART)
    page.mouse.click(at["x"], at["y"])
    page.wait_for_selector("#guess form")
    assert page.locator(f"#guess input[name='guess-{at['number']}']").count() == 1
    page.fill("#correction", "2")
    page.locator("#guess button").click()
    page.wait_for_selector("#guess [role=status]")
    visit.look()
    page.goto(f"{visit.desk.url}/city")
    page.set_input_files(
        "#scenario", {"name": "Bandung.zip", "mimeType": "application/zip", "buffer": scenario}
    )
    page.locator("form.give button").last.click()
    visit.finished()
    page.wait_for_selector(".deskmap[data-film='today']")
    page.locator(".play").click()
    Desk.wait(lambda: int(page.locator(".deskmap").get_attribute("data-frames") or 0) > 5)
    page.locator(".play").click()
    page.locator("a[hx-target='#junction']").first.click()
    page.wait_for_selector("#junction img")
    visit.look()
    assert visit.take("a[href$='junctions.csv']").read_text().count("\n") == 3


def it_officer(visit: Visit) -> None:
    """A data owner's IT officer reads what would leave, releases one result, vetoes another, and stops everything."""
    page = visit.page
    node = accepting(NodeFolder(visit.desk.home / "node"))
    gate = gate_of(node)
    number = len(list((node.path / "outbox").glob("*"))) + len(list((node.path / "vetoed").glob("*")))
    first, second = f"run-{number + 10:05d}", f"run-{number + 11:05d}"
    for run in (first, second):
        gate.held.put(parcel(run, 30.0))
    visit.go("/node")
    page.locator("summary").first.click()
    assert "payload" in page.locator("pre.log").first.inner_text()
    visit.look()
    page.locator(f"form[action$='{first}'] button[value=release]").click()
    page.locator(f"form[action$='{second}'] button[value=veto]").click()
    page.wait_for_load_state()
    assert gate.outbox.waiting()[first].released
    assert (node.path / "vetoed" / second).exists()
    if page.locator("button.stop").count():
        page.locator("button.stop").click()
        page.wait_for_load_state()
    assert all(rule.release == "hold" for rule in node.settings().challenges.values())
    visit.look()
    visit.go("/people")
    visit.go("/work")


def auditor(visit: Visit) -> None:
    """An auditor, let in as a reader, sees what has left, may change nothing, and reads evidence that is signed."""
    page, desk = visit.page, visit.desk
    node = accepting(NodeFolder(desk.home / "node"))
    gate = gate_of(node)
    run = f"run-{len(list(node.path.rglob('*'))) + 500:05d}"
    Ledger(node.ledger("toy")).book(gate.settled(parcel(run, 40.0)).entry)
    gate.held.put(parcel(run, 35.0))
    page.goto(f"{desk.url}/people")
    page.fill("input[name=name]", "Auditor")
    page.select_option("select[name=role]", "reader")
    page.locator(
        "form[action=''] button, form:not([action]) button, form[action$='/people'] button"
    ).last.click()
    link = page.locator("code", has_text="/enter/").inner_text()
    reader = desk.enter(link)
    visit.come_in_as(visit.context, reader)
    visit.go("/node")
    assert page.locator("button.stop").count() == 0
    assert page.locator("button[value=release]").count() == 0
    for summary in page.locator("main summary").all():
        summary.click()
    assert page.get_by_text(run).count() >= 1
    assert "in-toto" in page.locator("pre.log").nth(1).inner_text()
    visit.look()
    visit.come_in_as(visit.context, desk.owner)
    for path in (node.path / "held").glob("*"):
        path.unlink()


def journeys(scenario: bytes) -> dict[str, Callable[[Visit], None]]:
    """Return all five, by who goes."""
    return {
        "officer": officer, "planner": planner, "engineer": lambda visit: engineer(visit, scenario),
        "it officer": it_officer, "auditor": auditor,
    }  # fmt: skip
