"""A short test in Indonesian on a phone whose browser runs no scripts; then the badge, verified in a browser that does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from lumbung.centre.credentials import results, sittings
from lumbung.centre.credentials.models import Badge, Sitting
from lumbung.talent.adaptive.stopping import StoppingRule
from small_league import person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PHONE = {"width": 360, "height": 740}


@pytest.mark.django_db(transaction=True)
def test_a_short_test_on_a_phone(
    live_server: Any, client: Any, monkeypatch: Any, settings: Any, tmp_path: Path
) -> None:
    pytest.importorskip("playwright")
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs Chromium on the path (Debian: apt-get install chromium)")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    monkeypatch.setattr(sittings, "SHORT", StoppingRule(0.2, 3, 6))
    monkeypatch.setattr(results, "LEAST", 3)
    settings.PUBLIC_URL = live_server.url
    learner = person("learner@example.org", name="Sari Wu")
    client.force_login(learner)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        phone = browser.new_context(viewport=PHONE, locale="id-ID", has_touch=True, java_script_enabled=False)
        phone.add_cookies([cookie])
        page = phone.new_page()
        page.goto(f"{live_server.url}/talent/")
        page.get_by_role("button", name="Mulai tes").tap()
        for step in range(6):
            page.get_by_text(f"Soal {step + 1}", exact=True).wait_for()
            _answer(page)
            if step == 2:
                page.get_by_text(
                    "Soal 4", exact=True
                ).wait_for()  # the line is cut: the page is gone, and opened anew
                page.close()
                page = phone.new_page()
                page.goto(f"{live_server.url}/talent/test/")
        page.get_by_role("heading", name="Hasil Anda").wait_for()
        assert Sitting.objects.get().answered == 6
        page.screenshot(path=tmp_path / "result.png", full_page=True)
        page.get_by_role("link", name="Dapatkan lencana").tap()
        page.get_by_role("button", name="Terbitkan lencana saya").tap()
        page.get_by_role("heading", name="Kemampuan AI").wait_for()
        link = page.get_by_role("link", name="Verifikasi lencana ini").get_attribute("href")
        reader = browser.new_context(viewport=PHONE, locale="id-ID").new_page()
        reader.goto(f"{live_server.url}{link}")
        reader.locator("#verdict .card").wait_for()
        assert "Asli" in reader.locator("#verdict .card").inner_text()
        public = browser.new_context(viewport=PHONE, locale="id-ID").new_page()
        public.goto(f"{live_server.url}/badges/{Badge.objects.get().token}/")
        for open_page in (page, public):
            assert open_page.locator("body").bounding_box()["width"] <= PHONE["width"]
        browser.close()


def _answer(page: Any) -> None:
    """Tap something; what is right does not matter here."""
    if page.locator("input[type=radio]").count():
        page.locator("label.option").first.tap()
    elif page.locator("input[type=checkbox]").count():
        page.locator("label.option").nth(0).tap()
        page.locator("label.option").nth(1).tap()
    elif page.locator("select[name=answer]").count():
        for place, select in enumerate(page.locator("select[name=answer]").all()):
            select.select_option("ABCDEFGH"[place])
    else:
        page.locator("input[name=answer]").fill("12,5")
    height = page.locator("form.question button").first.bounding_box()["height"]
    assert height >= 44, "a thumb needs room"
    assert not re.search("rationale|key", page.content())
    page.get_by_role("button", name="Jawab", exact=True).tap()
