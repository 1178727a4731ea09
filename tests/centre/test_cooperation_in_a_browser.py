"""The matching desk, the finder and the calendar in a headless Chromium, in three languages."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cooperation_stage import COUNTING, bench, need_of, offer_of, partner
from lumbung.centre.partners.models import Booking, Project
from small_league import NOW, build_league

WORDS = {
    "en": ("What fits", "Introduce both sides", "Introduced", "Yes", "Show the answer so far", "Booked", "next free"),
    "id": ("Yang cocok", "Perkenalkan kedua pihak", "Sudah diperkenalkan", "Ya", "Lihat jawaban sementara", "Sudah dipesan", "kosong lagi"),
    "zh": ("契合之处", "引荐双方", "已引荐", "是", "查看目前的结果", "已预约", "最近可预约时间"),
}  # fmt: skip
BROWSER_LANGUAGE = {"en": "en-GB", "id": "id-ID", "zh": "zh-CN"}
NOT_ADVICE = {"en": "not legal or tax advice", "id": "bukan nasihat hukum", "zh": "不构成法律"}


def _signed_in(user: Any) -> dict[str, str]:
    client = Client()
    client.force_login(user)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value}


@pytest.mark.browser
@pytest.mark.parametrize("language", list(WORDS))
def test_desk_finder_and_calendar(language: str, chromium: Any, live_server: Any, tmp_path: Path) -> None:
    fits, introduce, introduced, yes, so_far, booked, next_free = WORDS[language]
    league = build_league(tmp_path)
    labs, head = partner("pingxiang-optics")
    offer_of(head, labs)
    offer_of(head, labs, COUNTING)
    need = need_of(league.owner, league.organisation)
    place = bench(league.staff, league.organisation, resource="")
    context = chromium.new_context(locale=BROWSER_LANGUAGE[language], viewport={"width": 1180, "height": 900})
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    pictures = Path(os.environ.get("LUMBUNG_PICTURES", tmp_path))

    def take(name: str) -> None:
        page.screenshot(path=pictures / f"{language}-{name}.png", full_page=True)

    # the desk: a need, its candidates, an introduction
    context.add_cookies([{**_signed_in(league.staff), "url": live_server.url}])
    page.goto(f"{live_server.url}/cooperation/matching/")
    take("desk")
    page.click(f'a[href="/cooperation/matching/needs/{need.pk}/"]')
    assert fits in page.inner_text("main")
    take("candidates")
    page.click(f"text={introduce} >> nth=0")
    assert introduced in page.inner_text(".messages")
    assert Project.objects.get().stage == "introduced"
    take("project")

    # the finder: a few answers, then a sheet to print
    page.goto(f"{live_server.url}/cooperation/support/")
    with page.expect_navigation():
        page.click("form.panel button")
    for _turn in range(4):
        with page.expect_navigation():
            if page.locator("#reply").count():
                page.fill("#reply", "500000000000")
                page.keyboard.press("Enter")
            else:
                page.click(f'button[name="reply"]:has-text("{yes}")')
    take("question")
    page.click(f"text={so_far}")
    assert page.inner_text("main").count(NOT_ADVICE[language]) == 1
    assert page.locator("[data-print]").is_visible()
    take("answer")

    # the calendar: book, and see that it is taken
    context.clear_cookies()
    context.add_cookies([{**_signed_in(league.owner), "url": live_server.url}])
    day = (NOW + timedelta(days=2)).date().isoformat()
    for _turn, said in enumerate((booked, next_free)):
        page.goto(f"{live_server.url}/cooperation/facilities/{place.slug}/?week={day}")
        page.fill("#id_day", day)
        page.fill("#id_start", "10:00")
        page.fill("#id_hours", "3")
        page.fill("#id_units", "3")
        page.click(".booking button")
        assert said in page.inner_text("main")
    take("refused")
    page.goto(f"{live_server.url}/cooperation/facilities/{place.slug}/?week={day}")
    assert page.locator(".week td.mine").count() == 3
    assert Booking.objects.count() == 1
    take("calendar")
    page.set_viewport_size({"width": 390, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"the page is {wide} wide on a telephone"
    take("telephone")
    unexpected = [each for each in complaints if not re.search(r"409", each)]
    assert unexpected == []
    context.close()
