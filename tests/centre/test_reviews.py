"""An organisation that waits is asked back or declined with a reason, and its people can answer."""

from __future__ import annotations

import pytest
from django.core import mail
from django.test import Client

from lumbung.centre.members.models import AuditEntry, Organisation
from small_league import NOW, join, person

ENGLISH = {"accept-language": "en"}


@pytest.fixture
def waiting(league):
    made = Organisation.objects.create(
        slug="desa-maju", name="Desa Maju", country="ID", kind="company", created=NOW
    )
    head = person("head@example.org")
    join(head, made, "administrator")
    return made, head


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def test_asked_back_answered_declined_answered_and_approved(league, waiting):
    organisation, head = waiting
    staff, theirs = browser(league.staff), browser(head)
    path = f"/organisations/{organisation.slug}/"

    staff.post(f"{path}words", {"kind": "question", "text": "Which village is it?"})
    assert mail.outbox[-1].to == ["head@example.org"] and "Which village is it?" in mail.outbox[-1].body
    assert "asked, no answer yet" in staff.get("/desk/", headers=ENGLISH).content.decode()
    assert "Which village is it?" in theirs.get(path, headers=ENGLISH).content.decode()

    theirs.post(f"{path}words", {"kind": "answer", "text": "Ende, Flores"})
    assert mail.outbox[-1].to == ["staff@example.org"] and "Ende, Flores" in mail.outbox[-1].body
    assert "answered" in staff.get("/desk/", headers=ENGLISH).content.decode()

    staff.post(f"{path}words", {"kind": "declined", "text": "No such company in the register."})
    assert "No such company" in mail.outbox[-1].body
    assert "Desa Maju" not in staff.get("/desk/", headers=ENGLISH).content.decode(), "it waits no more"
    assert "declined" in theirs.get(path, headers=ENGLISH).content.decode()

    theirs.post(f"{path}words", {"kind": "answer", "text": "Registered yesterday as 8120."})
    assert "Desa Maju" in staff.get("/desk/", headers=ENGLISH).content.decode(), "an answer brings it back"
    staff.post(f"{path}approve")
    assert Organisation.objects.get(pk=organisation.pk).approved
    acts = AuditEntry.objects.filter(subject="desa-maju").order_by("number").values_list("act", flat=True)
    assert list(acts) == [
        f"organisation.{kind}" for kind in ("question", "answer", "declined", "answer", "approved")
    ]


def test_nobody_else_says_or_reads_anything(league, waiting):
    organisation, head = waiting
    path = f"/organisations/{organisation.slug}/"
    assert browser(head).post(f"{path}words", {"kind": "declined", "text": "x"}).status_code == 403
    assert browser(league.stranger).post(f"{path}words", {"kind": "answer", "text": "x"}).status_code == 404
    browser(league.staff).post(f"{path}words", {"kind": "question", "text": "SECRET-QUESTION"})
    browser(league.staff).post(f"{path}words", {"kind": "question", "text": "  "})
    assert organisation.words.count() == 1, "an empty word is refused"
    browser(league.staff).post(f"{path}approve")
    assert "SECRET-QUESTION" not in browser(league.stranger).get(path).content.decode()
    assert browser(league.staff).post(f"{path}words", {"kind": "question", "text": "late"}).status_code == 302
    assert organisation.words.count() == 1, "who takes part is asked no more"
