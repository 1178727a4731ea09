"""A learner's day: the test in each language over a cut line, no key on the wire, the result, the badge, the programme."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client

from lumbung.centre.credentials import bank as centre_bank
from lumbung.centre.credentials import sittings
from lumbung.centre.credentials.badges import did, issue, own_document, status_list
from lumbung.centre.credentials.bank import LEAST, MOST, bank
from lumbung.centre.credentials.models import Answer, Badge, Sitting, StatusPlace
from lumbung.centre.credentials.nation import badge_counts, measured, picture
from lumbung.centre.credentials.programmes import create_programme, figures_of, join_cohort, open_cohort
from lumbung.centre.credentials.road import Assumptions, plan_of, road_of
from lumbung.centre.credentials.sittings import (
    open_sitting,
    question_of,
    start_sitting,
    take_answer,
)
from lumbung.centre.credentials.suppression import settled, shown
from lumbung.centre.credentials.watching import watch
from lumbung.centre.members.access import NotFound
from lumbung.centre.members.models import AuditEntry
from lumbung.centre.members.services import Refused, make_token
from lumbung.talent.adaptive.one_person import order_seed
from lumbung.talent.bank import Bank
from lumbung.talent.credentials import verify_badge
from sitting_people import finished_sitting
from small_league import NOW, Api, join, organisation, person

pytestmark = pytest.mark.django_db
READERS = {"en": ("en", "Your result"), "id": ("id", "Hasil Anda"), "zh": ("zh-hans", "您的结果")}


def browser_of(user: Any, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language}, HTTP_HOST="localhost:8000")
    client.force_login(user)
    return client


def form_of(sitting: Sitting, right: bool) -> dict[str, Any]:
    """The form a person would send; the answer is right or wrong as asked."""
    item = bank()[sitting.pending]
    key = item.shown_key(order_seed(sitting.seed, sitting.answered))
    form: dict[str, Any] = {"step": sitting.answered}
    if not right:
        return {**form, "skip": "1"}
    return {**form, "answer": [key] if item.kind in ("choice", "number") else list(key)}


@pytest.mark.parametrize("language", READERS)
def test_a_whole_test_over_a_line_that_is_cut(language: str) -> None:
    header, title = READERS[language]
    learner = person("learner@example.org")
    browser = browser_of(learner, header)
    began = browser.post("/talent/test/start", {"language": language, "province": "32"})
    assert (began.status_code, began["Location"]) == (302, "/talent/test/")
    sent, steps = b"", 0
    while (sitting := open_sitting(learner, datetime.now(UTC))) is not None:
        page = browser.get("/talent/test/")
        stem = bank()[sitting.pending].texts[language].stem  # type: ignore[index]
        assert (
            page["Cache-Control"].startswith("max-age=0")
            and f'value="{sitting.answered}"' in page.content.decode()
        )
        assert stem in html.unescape(page.content.decode())
        sent += page.content
        form = form_of(sitting, right=steps % 3 != 0)
        if (
            steps % 5 == 2
        ):  # the line is cut: the answer arrives, its receipt does not; another device goes on
            browser.post("/talent/test/", form)
            browser = browser_of(learner, header)
        browser.post("/talent/test/", form)
        steps += 1
        assert Answer.objects.filter(sitting=sitting).count() == steps
    done = learner.sittings.get()
    assert (
        LEAST <= done.answered == steps <= MOST and done.stopped == "precise" and done.standard_error <= 0.4
    )
    result = browser.get(f"/talent/results/{done.token}/").content
    assert title in result.decode()
    for answer in done.answers.all():
        text = bank()[answer.item].texts[language]  # type: ignore[index]
        assert text.rationale.encode() not in sent + result and answer.item.encode() not in sent + result
        assert answer.response in ("", *form_letters(answer))


def form_letters(answer: Answer) -> list[str]:
    return [bank()[answer.item].shown_key(order_seed(answer.sitting.seed, answer.step))]


def test_no_byte_that_is_sent_depends_on_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same session over a bank whose keys are all others sends the same pages and the same API answers."""

    def other(key: str, kind: str) -> str:
        return {"choice": "B" if key == "A" else "A", "multiple": "AB" if key != "AB" else "AC",
                "order": key[::-1], "number": "31415"}[kind]  # fmt: skip

    turned = Bank({i.id: msgspec.structs.replace(i, key=other(i.key, i.kind)) for i in bank()})
    learner = person("learner@example.org")
    api = Api(make_token(learner, name="t", scopes=["read", "submit"], now=NOW)[1])
    browser = browser_of(learner)
    plain = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')
    for item in list(bank())[::7]:
        learner.sittings.all().delete()
        sitting = start_sitting(learner, language="id", now=datetime.now(UTC))
        Sitting.objects.filter(pk=sitting.pk).update(pending=item.id)
        pages = []
        for keys in (bank(), turned):
            with monkeypatch.context() as patch:
                patch.setattr(sittings, "bank", lambda keys=keys: keys)
                page, call = browser.get("/talent/test/"), api("GET", "/test/next")
                assert page.status_code == call.status_code == 200
                pages.append((plain.sub(b"", page.content), call.content))
        assert pages[0] == pages[1]
        assert item.id.encode() not in pages[0][0] + pages[0][1]


def test_an_answer_that_cannot_be_read_changes_nothing() -> None:
    learner = person("learner@example.org")
    browser = browser_of(learner, "id")
    sitting = start_sitting(learner, language="id", now=datetime.now(UTC))
    kinds = {"choice": ["Z"], "multiple": ["A", "A"], "order": ["A", "A", "B", "C"], "number": ["banyak"]}
    for kind, answer in kinds.items():
        item = next(i for i in bank() if i.kind == kind)
        Sitting.objects.update(pending=item.id)
        for form in (
            {"step": 0, "answer": answer},
            {"step": 0},
            {"step": "x", "answer": ["A"]},
            {"step": 7, "answer": "A"},
        ):
            page = browser.post("/talent/test/", form)
            assert page.status_code == 400 and 'role="alert"' in page.content.decode()
    assert not sitting.answers.exists() and open_sitting(learner, datetime.now(UTC)).answered == 0


def test_the_api_serves_the_same_test() -> None:
    learner = person("learner@example.org")
    api = Api(make_token(learner, name="t", scopes=["read", "submit"], now=NOW)[1])
    assert api("GET", "/test/result").status_code == 404
    began = api("POST", "/test/start", {"language": "zh"})
    assert began.status_code == 201 and began.json()["step"] == 0 and "key" not in began.json()
    assert api("POST", "/test/start", {"language": "en"}).json() == began.json(), "one test at a time"
    for _ in range(MOST):
        state = api("GET", "/test/next").json()
        body = {"step": state["step"], "answer": ""}
        first, again = api("POST", "/test/answer", body), api("POST", "/test/answer", body)
        assert first.status_code == again.status_code == 200 and first.json() == again.json()
        if first.json()["finished"]:
            break
    result = api("GET", "/test/result").json()
    low, high = result["interval"]
    assert low < result["ability"] < high and result["ability"] < -1
    assert api("POST", "/test/answer", {"step": 3, "answer": "A"}).json()["finished"]
    reader = Api(make_token(learner, name="r", scopes=["read"], now=NOW)[1])
    assert reader("POST", "/test/start", {"language": "id"}).status_code == 401


def test_a_cut_of_hours_costs_minutes_and_a_day_ends_it() -> None:
    learner, now = person("learner@example.org"), NOW
    sitting = start_sitting(learner, language="en", now=now)
    sitting = take_answer(sitting, 0, "", now=now + timedelta(hours=5))
    assert sitting.seconds == sittings.LONGEST_ANSWER_S
    assert question_of(sitting).step == 1
    assert open_sitting(learner, now + timedelta(hours=25)) is None
    ended = learner.sittings.get()
    assert (ended.stopped, ended.finished, ended.pending) == ("expired", ended.deadline, "")
    page = browser_of(learner).get(f"/talent/results/{ended.token}/").content.decode()
    assert "too few to say anything" in page


def test_a_retake_waits_and_meets_other_questions() -> None:
    learner = person("learner@example.org")
    first = finished_sitting(learner)
    with pytest.raises(Refused):
        start_sitting(learner, language="en", now=NOW + timedelta(days=29))
    again = start_sitting(learner, language="en", now=NOW + timedelta(days=31))
    assert set(again.closed) >= set(first.answers.values_list("item", flat=True))
    assert again.pending not in again.closed


def test_a_badge_says_what_the_holder_chose_and_verifies_offline() -> None:
    learner = person("learner@example.org", name="Secret Name")
    sitting = finished_sitting(learner, right=0.95)
    browser = browser_of(learner)
    form = {"name": "", "language": "id", "shared": "on"}
    answer = browser.post(f"/talent/results/{sitting.token}/badge/", form)
    badge = Badge.objects.get()
    assert answer["Location"] == f"/badges/{badge.token}/"
    assert "Secret" not in json.dumps(badge.document) and "learner@" not in json.dumps(badge.document)
    visitor = Client()
    text = visitor.get(f"/badges/{badge.token}.json").content
    now = datetime.now(UTC)
    fetched = visitor.get("/.well-known/did.json").json()
    lists = [visitor.get(f"/status/{badge.status.list_number}").content]
    known = {"trusted": [did()], "did_documents": {did(): fetched}, "require_status": True}
    assert verify_badge(text, now=now, status_lists=lists, **known).code == "valid"
    assert visitor.get(f"/badges/{badge.token}.pdf").content.startswith(b"%PDF")
    assert b"openbadges:credential" in visitor.get(f"/badges/{badge.token}.svg").content
    assert visitor.get(f"/badges/{badge.token}/qr.svg").content.startswith(b"<svg")
    page = visitor.get(f"/badges/{badge.token}/")
    assert "Perkiraan kemampuan" in page.content.decode() and 'lang="id"' in page.content.decode()
    refused = browser.post(f"/talent/results/{sitting.token}/badge/", form)
    assert refused.status_code == 302 and Badge.objects.count() == 1, "one badge for a result"
    browser.post(f"/badges/{badge.token}/share", {"shared": "no"})
    assert visitor.get(f"/badges/{badge.token}/").status_code == 404
    staff = browser_of(person("staff@example.org", is_staff=True))
    staff.post(f"/badges/{badge.token}/revoke", {"reason": ""})
    assert Badge.objects.get().revoked is None, "staff say why"
    staff.post(f"/badges/{badge.token}/revoke", {"reason": "issued by mistake"})
    assert AuditEntry.objects.filter(act="badge.revoked").count() == 1
    assert "issued by mistake" in browser.get(f"/badges/{badge.token}/").content.decode()
    lists = [visitor.get(f"/status/{badge.status.list_number}").content]
    assert verify_badge(text, now=now, status_lists=lists, **known).code == "revoked"
    browser.post(f"/talent/results/{sitting.token}/badge/", form)
    assert StatusPlace.objects.filter(revoked=False).count() == 1
    learner.delete()
    assert not StatusPlace.objects.filter(revoked=False).exists(), "who leaves leaves no valid badge behind"


def test_the_page_that_verifies_holds_key_and_lists_and_forbids_connections() -> None:
    page = Client().get("/badges/verify/")
    body = page.content.decode()
    assert own_document()["assertionMethod"][0] in body and "default-src 'none'" in body
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'") and "connect-src" not in policy and "unsafe" not in policy
    with pytest.raises(NotFound):
        status_list(7, NOW)


def test_an_organisation_sees_groups_and_never_a_person() -> None:
    owner, home = person("owner@example.org"), organisation("rice-school")
    join(owner, home, "administrator")
    programme = create_programme(owner, home, title="AI for farmers", about="", now=NOW - timedelta(days=1))
    cohort = open_cohort(owner, programme, name="2026", now=NOW - timedelta(days=1))
    browser = browser_of(owner)
    for count in range(17):
        learner = person(f"learner{count}@example.org")
        join_cohort(learner, cohort.code.lower(), now=NOW - timedelta(days=1))
        finished_sitting(learner, right=0.3 + count / 30, finished=NOW - timedelta(minutes=60 - count))
        (figures,) = figures_of(owner, programme)
        page = browser.get("/talent/programmes/ai-for-farmers/").content.decode()
        assert (figures.row is not None) == (count >= 9) == ("hidden: too few" not in page)
        assert figures.over == (0 if count < 9 else (count + 1) // 5 * 5)
        assert "learner" not in page.replace("learner@", "")
    assert figures_of(person("other@example.org"), programme) == []
    before = finished_sitting(person("late@example.org"), finished=NOW)
    join_cohort(before.user, cohort.code, now=NOW + timedelta(minutes=1))
    assert figures_of(owner, programme)[0].finished == 17, "what was finished before joining does not count"
    with pytest.raises(Refused):
        join_cohort(owner, "NOSUCHCO", now=NOW)


def test_small_cells_are_hidden_and_cannot_be_worked_out() -> None:
    assert shown([40, 9, 30, 0]) == [True, False, False, True]
    assert shown([40, 9, 30, 3]) == [True, False, True, False]
    assert shown([40, 12]) == [True, True] and shown([9]) == [False]
    assert [settled(n) for n in (9, 10, 14, 15)] == [0, 10, 10, 15]


def test_the_national_picture_counts_each_person_once() -> None:
    assert picture().everybody is None
    assert "Fewer than 10" in Client().get("/talent/nation/").content.decode()
    for place, count in (("32", 20), ("31", 11), ("51", 4), ("", 5)):
        for k in range(count):
            learner = person(f"p{place}-{k}@example.org")
            finished_sitting(learner, right=0.2, province=place, finished=NOW - timedelta(days=40))
            finished_sitting(learner, right=0.5, province=place, finished=NOW - timedelta(minutes=k))
    found = picture()
    assert found.everybody.people == 40 and found.hidden == 2
    assert [(r.name, r.people) for r in found.provinces if r.shown] == [
        ("Jawa Barat", 20),
        ("DKI Jakarta", 10),
    ]
    assert sum(count for _name, count, _shown in found.cells) == 40
    page = Client().get("/talent/nation/").content.decode()
    assert "Jawa Barat" in page and "Bali" not in page.replace("Balikpapan", "")


@pytest.mark.one_database
def test_the_road_moves_with_its_assumptions_and_keeps_its_arithmetic() -> None:
    assert road_of(Assumptions("official-2015")).middle == 9.0
    assert road_of(Assumptions("revised-2025")).middle == 12.0
    base = road_of(Assumptions())
    assert base.low < base.middle < base.high and base.reached == 0
    assert (
        road_of(Assumptions(attrition=10.0)).middle < base.middle < road_of(Assumptions(places=20.0)).middle
    )
    assert road_of(Assumptions(ability=0.5)).start > base.start
    browser = Client()
    page = browser.get("/talent/road/", {"scenario": "competence", "attrition": "6", "places": "3"})
    assert page.status_code == 200 and "<polygon" in page.content.decode()
    part = browser.get(
        "/talent/road/", {"scenario": "revised-2025"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "<svg" in part and "<html" not in part
    assert browser.get("/talent/road/", {"scenario": "nowhere"}).status_code == 400
    assert browser.get("/talent/road/", {"scenario": "competence", "attrition": "900"}).status_code == 400


def test_staff_see_what_stands_out() -> None:
    staff = browser_of(person("staff@example.org", is_staff=True))
    assert "Nothing stands out" in staff.get("/talent/watch/").content.decode()
    odd = finished_sitting(person("odd@example.org"), fit=-3.1, rapid=0)
    page = staff.get("/talent/watch/").content.decode()
    assert "-3.10" in page and odd.user.email not in page


@pytest.mark.one_database
def test_the_pages_of_talent_load_no_compiler() -> None:
    import subprocess
    import sys

    code = (
        "import sys, django; django.setup()\n"
        "import lumbung.centre.urls\n"
        "from lumbung.centre.credentials.bank import items; items()\n"
        "from lumbung.centre.credentials.road import Assumptions, road_of; road_of(Assumptions())\n"
        "assert not {'numba', 'matplotlib'} & set(sys.modules), sorted(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert centre_bank.SUPERVISED.standard_error < centre_bank.SHORT.standard_error


def test_the_road_starts_from_who_was_measured_and_says_so() -> None:
    empty = Client().get("/talent/road/").content.decode()
    assert "nobody has measured it" in empty
    for k in range(24):
        learner = person(f"m{k}@example.org")
        sitting = finished_sitting(learner, right=0.95, province="32" if k < 12 else "31")
        if k < 15:
            issue(learner, sitting, language="en", name="", shared=False, now=datetime.now(UTC))
    found = measured()
    assert (
        found is not None
        and found.people == 20
        and found.error == pytest.approx(found.sd / 20**0.5, abs=0.01)
    )
    page = Client().get("/talent/road/").content.decode()
    assert "20 people showed in the test here" in page and f"mean {found.mean:.2f}" in page
    plain, raised = road_of(Assumptions()), road_of(Assumptions(measured=found))
    assert raised.middle > plain.middle and raised.high - raised.low != plain.high - plain.low
    (level,) = set(Badge.objects.values_list("level", flat=True))
    counts = badge_counts(datetime.now(UTC))
    assert counts == {}, "12 and 3: the 3 are hidden, and the 12 with them or the 3 could be worked out"
    for k in range(15, 24):
        sitting = Sitting.objects.get(user__email=f"m{k}@example.org")
        issue(sitting.user, sitting, language="en", name="", shared=False, now=datetime.now(UTC))
    assert badge_counts(datetime.now(UTC)) == {("31", level): 10, ("32", level): 10}
    only = Client().get("/talent/road/", {"scenario": "competence", "start": "badges"}).content.decode()
    assert "only the 20 people" in only
    assert badge_counts(datetime.now(UTC) + timedelta(days=4 * 365)) == {}, "expired badges count for nothing"


@pytest.mark.one_database
def test_the_cheapest_plan_follows_the_readers_assumptions() -> None:
    page = Client().get("/talent/road/plan/").content.decode()
    assert "126,424,467" in page and "Jawa Barat" in page and "2030" in page
    dearer = plan_of(Assumptions(attrition=6.0))
    plan = plan_of(Assumptions())
    assert not isinstance(plan, int) and not isinstance(dearer, int)
    assert plan.cost >= plan.bound and dearer.cost > plan.cost
    assert sum(sum(places) for _year, places in plan.years) == sum(
        sum(p) for _name, p, _share in plan.provinces
    )
    hopeless = Client().get("/talent/road/plan/", {"scenario": "competence", "attrition": 35, "ability": -3})
    assert hopeless.status_code == 200 and "the most that can be reached" in hopeless.content.decode()
    wrong = Client().get("/talent/road/plan/", {"scenario": "competence", "attrition": 40, "decay": 400})
    assert wrong.status_code == 400


def test_drift_and_exposure_are_watched() -> None:
    staff = browser_of(person("staff@example.org", is_staff=True))
    assert "No test has been finished yet" in staff.get("/talent/watch/").content.decode()
    names = [item.id for item in list(bank())[:20]]
    for k in range(60):
        sitting = finished_sitting(person(f"d{k}@example.org"), finished=NOW - timedelta(days=31 * (k % 3)))
        sitting.answers.all().delete()
        for step, name in enumerate(names):
            leaked = name == names[0]
            Answer.objects.create(
                sitting=sitting, step=step, item=name, response="A", seconds=30.0, expected=0.5,
                right=leaked or (k + step) % 2 == 0,
            )  # fmt: skip
    found = watch()
    by_name = {question.item: question for question in found.questions}
    leak, quiet = by_name[names[0]], by_name[names[1]]
    assert leak.drifted and leak.change == pytest.approx(50) and not quiet.drifted
    assert quiet.change == pytest.approx(0, abs=5) and len(leak.months) == 3, (
        "31 days back is always another month"
    )
    assert (found.sittings, found.unused, found.overlap) == (60, len(bank()) - 20, pytest.approx(100))
    page = staff.get("/talent/watch/").content.decode()
    assert page.index(names[0]) < page.index(names[1]) and "easier than calibrated" in page
    assert found.questions[0].item == names[0], "what is conspicuous stands first"


def test_an_answer_keeps_the_chance_it_had_and_what_was_set_aside_stays_closed() -> None:
    learner = person("learner@example.org")
    sitting = start_sitting(learner, language="en", now=NOW)
    before = list(sitting.closed)
    for step in range(6):
        sitting = take_answer(sitting, step, "", now=NOW + timedelta(seconds=40 * step))
    chances = list(sitting.answers.values_list("expected", flat=True))
    assert all(0 < chance < 1 for chance in chances)
    assert chances[0] > chances[-1] or sitting.theta < 0
    assert sitting.closed[: len(before)] == before and sitting.pending not in sitting.closed


def test_no_badge_is_issued_under_an_address_that_is_not_the_centres_own() -> None:
    learner = person("learner@example.org")
    sitting = finished_sitting(learner)
    form = {"name": "", "language": "en", "shared": "on"}
    for name, port in (("localhost", "8771"), ("testserver", "8000")):
        browser = Client(headers={"Accept-Language": "en"}, HTTP_HOST=f"{name}:{port}")
        browser.force_login(learner)
        answer = browser.post(f"/talent/results/{sitting.token}/badge/", form, follow=True)
        assert "LUMBUNG_URL" in answer.content.decode()
    assert not Badge.objects.exists()
    near = Client(HTTP_HOST="127.0.0.1:8000")
    near.force_login(learner)
    near.post(f"/talent/results/{sitting.token}/badge/", form)
    assert Badge.objects.count() == 1


def test_what_a_badge_names_as_achieved_is_published() -> None:
    learner = person("learner@example.org")
    badge = issue(learner, finished_sitting(learner), language="zh", name="", shared=True, now=NOW)
    named = badge.document["credentialSubject"]["achievement"]
    path = named["id"].removeprefix("http://localhost:8000")
    browser = Client(headers={"Accept": "application/json"})
    found = browser.get(path).json()
    assert {key: found[key] for key in named} == named
    assert named["name"] in Client(headers={"Accept": "text/html"}).get(path).content.decode()
    assert (
        browser.get(named["image"]["id"].removeprefix("http://localhost:8000"))["Content-Type"]
        == "image/svg+xml"
    )
    assert {one["targetName"] for one in named["alignment"]} == {"DigComp", "AILit"}
    assert browser.get("/achievements/ai-capability/1/wizard/zh").status_code == 404
