"""Search: every script, every word, only what everybody may see, the same on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from cooperation_stage import need_of, offer_of
from lumbung.centre.members.models import Organisation, SearchEntry
from lumbung.centre.members.searching import keep_index, search, words_of
from lumbung.centre.partners.listings import close_listing, find_needs, find_offers
from small_league import NOW, organisation
from small_stage import Stage


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Traffic signals, 2026", ["traffic", "signals", "2026"]),
        ("Đường phố Hà Nội", ["duong", "pho", "ha", "noi"]),
        ("交通信号控制", ["交通", "通信", "信号", "号控", "控制"]),
        ("AI农业", ["ai", "农业"]),
        ("ข้าว", ["ข้", "้า", "าว"]),
        ("ＡＢＣ　水", ["abc", "水"]),
        ("", []),
        ("…!?", []),
    ],
)
def test_words_of_every_script(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_cut_without_loss_of_order(text: str) -> None:
    words = list(words_of(text))
    assert words == list(words_of(text)) and all(word.strip() for word in words)


@pytest.fixture
def directory(league: Any) -> Any:
    city = league.organisation
    need_of(league.owner, city)
    need_of(league.owner, city, "寻求自适应交通信号控制方案，减少路口排队。", "zh")
    need_of(league.owner, city, "ต้องการระบบเตือนภัยน้ำท่วมสำหรับชุมชนริมแม่น้ำ", "th", sector="disaster")
    offer_of(league.owner, city, "Chúng tôi phát triển đèn giao thông thích ứng.", "vi")
    keep_index(NOW)
    return league


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("信号控制", 1),
        ("lampu lalu lintas", 1),
        ("LAMPU lal", 1),
        ("lalu lampu", 1),
        ("lampu kereta", 0),
        ("น้ำท่วม", 1),
        ('"; DROP TABLE members_user --', 0),
        ("AND OR NOT *", 0),
        ("", 3),
    ],
)
def test_needs_are_found_in_their_language(directory: Any, question: str, count: int) -> None:
    assert find_needs(words=question).count() == count


def test_marks_of_letters_need_not_be_typed(directory: Any) -> None:
    assert find_offers(words="den giao thong").count() == 1
    assert find_offers("city", "đèn").count() == 1 and find_offers("health", "đèn").count() == 0


def test_what_is_gone_is_not_found(directory: Any) -> None:
    close_listing(directory.owner, find_needs(words="信号").get(), now=NOW)
    assert not find_needs(words="信号").exists(), "at once on its own page"
    assert keep_index(NOW) == 1 and not search("信号", "need").exists(), "and soon everywhere"
    assert keep_index(NOW) == 0, "nothing changed since"


def test_only_what_everybody_may_see_is_found(league: Any) -> None:
    waiting = organisation("secret-labs", "SG")
    Organisation.objects.filter(pk=waiting.pk).update(approved=False)
    need_of(league.staff, waiting, "A need nobody may read before its house is approved.", "en")
    keep_index(NOW)
    assert not search("secret").exists() and not search("nobody may read").exists()
    assert search("toy").filter(kind="challenge").count() == 1
    assert set(SearchEntry.objects.values_list("kind", flat=True)) >= {"challenge", "organisation", "help"}


def test_the_title_counts_more(league: Any) -> None:
    organisation("rice-house", "ID")
    other = organisation("labs", "ID")
    Organisation.objects.filter(slug="rice-house").update(name="Rice house", looks="rice-house")
    Organisation.objects.filter(pk=other.pk).update(about="We grow rice, and rice.")
    keep_index(NOW)
    assert list(search("rice", "organisation").values_list("key", flat=True)) == ["rice-house", "labs"]


def test_the_page_and_the_api_answer_alike(stage: Stage) -> None:
    page = Client().get("/search/?q=simpang").content.decode()
    assert "enam belas simpang" in page and "kind=need" in page
    api = Client().get("/api/search?q=simpang").json()
    assert api["count"] >= 1 and any("simpang" in row["text"] for row in api["rows"])
    assert Client().get("/api/cooperation/needs?q=simpang&sector=city").json()["rows"][0]["language"] == "id"
    assert Client().get("/api/cooperation/needs?page=999").json()["rows"] == []
    assert Client().get("/api/cooperation/needs?page=0").status_code == 422


def test_the_directory_comes_page_by_page(league: Any) -> None:
    for number in range(14):
        need_of(league.owner, league.organisation, f"We look for partner number {number} of many.", "en")
    first = Client().get("/cooperation/").content.decode()
    second = Client().get("/cooperation/?needs=2").content.decode()
    assert first.count('id="need-') == 12 and second.count('id="need-') == 2
    assert "page 1 of 2" in first and 'rel="next"' in first and 'rel="prev"' in second
