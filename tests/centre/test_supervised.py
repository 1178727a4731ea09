"""Supervised tests: a seat for one account, a proctor who confirms or voids, a badge that names the site."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client

from lumbung.centre.credentials.badges import issue
from lumbung.centre.credentials.models import Sitting
from lumbung.centre.credentials.nation import picture
from lumbung.centre.credentials.seats import OPEN_FOR, confirm, find_seat, give_out, void
from lumbung.centre.credentials.sittings import start_sitting
from lumbung.centre.members.access import NotAllowed, NotFound
from lumbung.centre.members.services import Refused
from lumbung.cli.talent.calibrate import command
from lumbung.talent.irt.answer_table import read_answer_table
from sitting_people import finished_sitting
from small_league import NOW, join, organisation, person

pytestmark = pytest.mark.django_db


def a_room() -> tuple[Any, Any, Any, Any]:
    site, proctor, learner = (
        organisation("test-site"),
        person("proctor@example.org"),
        person("learner@example.org"),
    )
    join(proctor, site, "administrator")
    return site, proctor, learner, give_out(proctor, site, 2, now=NOW)


def sat(learner: Any, seat: Any, **more: Any) -> Sitting:
    return finished_sitting(learner, site=seat.site, seat=seat, finished=NOW, **more)


def test_a_seat_opens_one_test_of_one_account_and_closes() -> None:
    _site, _proctor, learner, (first, second) = a_room()
    started = start_sitting(
        learner, language="en", code=f" {first.code[:4]}-{first.code[4:].lower()}", now=NOW
    )
    assert started.seat == first
    assert not started.proctored
    for typed in (first.code, "WRONGONE", "考试代码"):
        with pytest.raises(Refused):
            start_sitting(person(f"{typed}@example.org"), language="en", code=typed, now=NOW)
    with pytest.raises(Refused):
        find_seat(second.code, NOW + OPEN_FOR + timedelta(seconds=1))
    assert Sitting.objects.count() == 1


def test_only_a_confirmed_test_is_supervised_and_its_badge_names_the_site() -> None:
    site, proctor, learner, (seat, _other) = a_room()
    sitting = sat(learner, seat)
    with pytest.raises(Refused, match="not confirmed"):
        issue(learner, sitting, language="en", name="", shared=True, now=NOW)
    for nobody in (person("stranger@example.org"), learner):
        with pytest.raises(NotFound):
            confirm(nobody, seat.pk, now=NOW)
    with pytest.raises(Refused, match="more than a week"):
        confirm(proctor, seat.pk, now=NOW + timedelta(days=8))
    sitting = confirm(proctor, seat.pk, now=NOW)
    assert sitting.proctored
    badge = issue(learner, sitting, language="en", name="", shared=True, now=NOW)
    assert f"under supervision at {site.name}" in badge.document["credentialSubject"]["narrative"]


def test_a_voided_test_counts_nowhere_and_its_badge_is_taken_back() -> None:
    _site, proctor, learner, (seat, _other) = a_room()
    people = [person(f"p{k}@example.org") for k in range(9)]
    for one in people:
        finished_sitting(one)
    sitting = sat(learner, seat)
    assert picture().everybody is not None
    confirm(proctor, seat.pk, now=NOW)
    sitting.refresh_from_db()
    badge = issue(learner, sitting, language="en", name="", shared=True, now=NOW)
    with pytest.raises(Refused, match="why"):
        void(proctor, seat.pk, reason=" ", now=NOW)
    void(proctor, seat.pk, reason="Another person answered.", now=NOW)
    badge.refresh_from_db()
    assert badge.revoked == NOW
    assert badge.status.revoked
    assert picture().everybody is None  # nine are too few
    with pytest.raises(Refused, match="voided"):
        confirm(proctor, seat.pk, now=NOW)
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(learner)
    assert "Another person answered." in browser.get(f"/talent/results/{sitting.token}/").content.decode()


def test_nobody_judges_their_own_test_and_no_member_gives_out_seats() -> None:
    site, proctor, _learner, (seat, _other) = a_room()
    sat(proctor, seat)
    with pytest.raises(Refused, match="their own"):
        confirm(proctor, seat.pk, now=NOW)
    with pytest.raises(NotAllowed):
        give_out(person("member@example.org"), site, 1, now=NOW)
    for wrong in (0, 61):
        with pytest.raises(Refused):
            give_out(proctor, site, wrong, now=NOW)


def test_the_proctors_page_lists_the_room() -> None:
    site, proctor, learner, _old = a_room()
    browser = Client(headers={"Accept-Language": "id"})
    browser.force_login(proctor)
    assert browser.post("/talent/proctor/", {"site": site.slug, "count": "3"}).status_code == 302
    seat = site.seats.order_by("pk").last()
    finished_sitting(learner, site=site, seat=seat, finished=datetime.now(UTC))
    page = browser.get("/talent/proctor/").content.decode()
    assert seat.code in page
    assert "menunggu pernyataan Anda" in page
    assert browser.post(f"/talent/proctor/seats/{seat.pk}", {"confirm": "1"}).status_code == 302
    assert "sudah disahkan" in browser.get("/talent/proctor/").content.decode()


@pytest.mark.one_database
def test_staff_export_answers_that_calibration_reads_and_that_name_nobody(tmp_path: Any) -> None:
    staff = person("staff@example.org")
    staff.is_staff = True
    staff.save()
    for k in range(3):
        finished_sitting(person(f"somebody{k}@example.org"))
    finished_sitting(person("fast@example.org"), rapid=14)
    finished_sitting(person("void@example.org"), voided=NOW)
    browser = Client()
    browser.force_login(person("member@example.org"))
    assert browser.get("/talent/watch/answers.csv").status_code == 403
    browser.force_login(staff)
    text = b"".join(browser.get("/talent/watch/answers.csv").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len({row["person"] for row in rows}) == len(rows) == 3
    assert "somebody" not in text
    (tmp_path / "answers.csv").write_text(text, "utf-8")
    table = read_answer_table(tmp_path / "answers.csv", "language")
    assert (table.answers >= 0).sum() == 3 * 16
    call = [str(tmp_path / "answers.csv"), "--guesses", "bank", "--fixed", "guessing=guesses", "--json"]
    done = CliRunner().invoke(command, call)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["persons"] == 3
    assert table.groups == ["id"] * 3
