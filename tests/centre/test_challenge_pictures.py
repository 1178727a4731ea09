"""What a challenge's card and page show: the picture that it brings, or a pattern of its sector."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lumbung.centre.challenges.models import Blob, Challenge
from lumbung.centre.challenges.services import pose_folder
from lumbung.centre.members.models import User
from lumbung.centre.members.services import Refused
from lumbung.centre.portal.patterns import pattern
from lumbung.centre.standings.collecting import collect_blobs
from lumbung.proving.drawing import undrawable
from lumbung.proving.scaffold import new_challenge

pytestmark = pytest.mark.one_database

NOTE = {
    "en": "Drawn from its public data",
    "id": "Dibuat dari data publik tantangan ini",
    "zh-hans": "依据本赛题的公开数据绘制",
}
ALT = {"en": "Picture of this challenge", "id": "Gambar tantangan ini", "zh-hans": "本赛题的图"}
DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 240"><rect width="640" height="240"/></svg>'


def _posed(tmp_path: Path, picture: str) -> Challenge:
    old = Challenge.objects.get(slug="toy")
    new_challenge(tmp_path / "seen")
    (tmp_path / "seen" / "picture.svg").write_text(picture)
    owner = User.objects.filter(memberships__organisation=old.owner).first()
    return pose_folder(owner, old.owner, tmp_path / "seen", now=datetime.now(UTC))


def test_a_picture_is_shown_with_its_note_in_three_languages(league: Any, tmp_path: Path) -> None:
    made = _posed(tmp_path, DRAWN)
    Challenge.objects.filter(pk=made.pk).update(state=Challenge.State.OPEN)
    address = "/challenges/seen/1/picture.svg"
    answer = Client().get(address)
    assert b"".join(answer) == DRAWN.encode()
    assert answer["Content-Type"] == "image/svg+xml"
    assert (
        "default-src 'none'" in answer["Content-Security-Policy"]
        and "sandbox" in answer["Content-Security-Policy"]
    )
    for language in NOTE:
        asked = {"accept-language": language}
        page = Client().get("/challenges/seen/", headers=asked).content.decode()
        assert address in page and NOTE[language] in page and ALT[language] in page
        for where in ("/challenges/", "/"):
            card = Client().get(where, headers=asked).content.decode()
            assert address in card and ALT[language] in card
    Blob.objects.update(created=datetime.now(UTC) - timedelta(days=9))
    collect_blobs(datetime.now(UTC))
    assert Blob.objects.filter(pk=made.picture_id).exists()


def test_one_without_has_a_pattern_that_says_nothing(league: Any) -> None:
    page = Client().get("/challenges/toy/").content.decode()
    assert 'src="/challenges/toy/1/picture.svg"' in page and 'alt=""' in page and NOTE["en"] not in page
    assert b"".join(Client().get("/challenges/toy/1/picture.svg")).startswith(b"<svg")


def test_a_draft_shows_its_picture_to_nobody_else(league: Any, tmp_path: Path) -> None:
    _posed(tmp_path, DRAWN)
    assert Client().get("/challenges/seen/1/picture.svg").status_code == 404


def test_a_picture_that_runs_something_is_not_taken(league: Any, tmp_path: Path) -> None:
    try:
        _posed(tmp_path, "<svg><script>alert(1)</script></svg>")
    except Refused as refusal:
        assert "picture.svg" in str(refusal) and str(tmp_path) not in str(refusal)
    else:
        raise AssertionError("it was taken")
    assert not Challenge.objects.filter(slug="seen").exists()


def test_every_sector_has_its_motif_and_every_challenge_its_own() -> None:
    drawn = {
        pattern(sector, slug)
        for sector in ("city", "farm", "connectivity", "language", "fisheries")
        for slug in ("one", "two")
    }
    assert len(drawn) == 10 and not any(map(undrawable, drawn))
