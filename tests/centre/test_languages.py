"""Three languages, whole: no string without its translation, no page that mixes them, e-mails and refusals included."""

from __future__ import annotations

import functools
import gettext
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import allauth
import django
import polib
import pytest
from django.core import mail
from django.test import Client

from catalogue_strings import CENTRE, LANGUAGES, catalogues, of_python, of_template, strings_below
from second_factor import PASSWORD, activate, member_with_password
from small_stage import PAGES, Stage

pytestmark = pytest.mark.one_database

READERS = {"en": "en", "id": "id", "zh_Hans": "zh-hans"}
HAN = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\{?\s*\w+\s*\}?\}|%[sd]|<[^>]+>")


def _catalogue(language: str) -> polib.POFile:
    """The centre's catalogue with those of the apps that keep their own."""
    joined, *others = [
        polib.pofile(str(folder / language / "LC_MESSAGES" / "django.po")) for folder in catalogues()
    ]
    for other in others:
        joined.extend(other)
    return joined


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_string_is_translated(language: str) -> None:
    asked = strings_below(CENTRE)
    catalogue = _catalogue(language)
    known = {(e.msgctxt or "", e.msgid, e.msgid_plural or "") for e in catalogue}
    assert len(asked) > 400
    assert not asked.keys() - known, {k: asked[k] for k in asked.keys() - known}
    theirs = {
        ("", e.msgid, "") for e in catalogue if e.comment == "django-allauth"
    }  # better words than its own
    assert not known - theirs - asked.keys(), "no page asks for these any more"
    assert {singular for _context, singular, _plural in theirs} <= _sign_in_strings()
    assert not [e.msgid for e in catalogue if not e.translated() or e.fuzzy or e.obsolete]


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    for entry in _catalogue(language):
        named = set(re.findall(r"%\((\w+)\)", entry.msgid + entry.msgid_plural))
        for text in [entry.msgstr, *entry.msgstr_plural.values()]:
            if text:
                assert set(re.findall(r"%\((\w+)\)", text)) == named, entry.msgid


def _compiled(package: Path, language: str) -> dict[str, str]:
    with (package / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalogue: dict[Any, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key if isinstance(key, str) else key[0]: text for key, text in catalogue.items() if key}


def _sign_in_strings() -> set[str]:
    """What django-allauth's pages, e-mails and forms that we show ask for."""
    base, found = Path(allauth.__file__).parent, set()
    for room in ("account", "mfa", "socialaccount", "core"):
        for path in (base / room).rglob("*.py"):
            if not {"providers", "migrations", "tests"} & set(path.parts):
                found |= {singular for _context, singular, _plural in of_python(path.read_text())}
    for room in ("account", "mfa", "socialaccount"):
        for path in (base / "templates" / room).rglob("*.*"):
            found |= {singular for _context, singular, _plural in of_template(path.read_text())}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_signing_in_speaks_the_language(language: str) -> None:
    known = _compiled(Path(allauth.__file__).parent, language).keys()
    known |= _compiled(Path(django.__file__).parent / "contrib" / "auth", language).keys()
    known |= _compiled(Path(django.__file__).parent / "conf", language).keys()
    asked = _sign_in_strings()
    assert len(asked) > 200
    assert not asked - known - {e.msgid for e in _catalogue(language)}


class _Text(HTMLParser):
    """The words of a page: text and spoken attributes, without code and what people wrote."""

    SILENT = ("script", "style", "code", "pre", "svg")

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.parts += [
            named[name] or "" for name in ("aria-label", "title", "placeholder", "alt") if named.get(name)
        ]
        # Each language is called by its own name, and a badge or a question speaks the one it was made in.
        own_language = tag != "html" and "lang" in named
        if tag in self.SILENT or own_language or (self._silent and self._silent[-1] == tag):
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.parts.append(" ".join(data.split()))


def _words(html: str) -> list[str]:
    reader = _Text()
    reader.feed(html)
    return reader.parts


def _sentences(language: str) -> set[str]:
    """Everything the catalogues say in a language, cut at placeholders."""
    packages = (Path(allauth.__file__).parent, Path(django.__file__).parent / "contrib" / "auth")
    texts: set[str] = set()
    if language == "en":
        texts |= {t for e in _catalogue("id") for t in (e.msgid, e.msgid_plural)} | _sign_in_strings()
    else:
        texts |= {t for e in _catalogue(language) for t in (e.msgstr, *e.msgstr_plural.values())}
        for package in packages:
            texts |= set(_compiled(package, language).values())
    return {" ".join(part.split()).strip(" .:,;") for text in texts for part in PLACEHOLDER.split(text)} - {
        ""
    }


SAID = {language: _sentences(language) for language in READERS}
# Words that are the same in two languages, and what the league's people themselves wrote.
SHARED = {
    "admin",
    "Kota-Bandung",
    "Rice Rocket",
    "Others",
    "Lumbung",
    "Final",
    "简体中文",
    "English",
    "UTC",
    "Bahasa Indonesia",
}


@functools.cache
def _suspicious(language: str) -> tuple[frozenset[str], re.Pattern[str]]:
    """What other languages say and this one does not: whole texts, and those long enough to be looked for inside."""
    own = SAID[language]
    others = set().union(*(SAID[other] for other in READERS if other != language)) - own - SHARED
    everything = "\n".join(own)
    long = [t for t in others if len(t) >= (4 if HAN.search(t) else 14) and t not in everything]
    return frozenset(others), re.compile("|".join(map(re.escape, sorted(long, key=len, reverse=True))))


def _foreign(parts: list[str], language: str) -> list[str]:
    whole, inside = _suspicious(language)
    return [
        part
        for part in parts
        if part not in SHARED
        and (
            part.strip(" .:,;") in whole
            or inside.search(part)
            or (language != "zh_Hans" and HAN.search(part))
        )
    ]


VIEWS = [
    address
    for (method, address), _ in PAGES.items()
    if method == "GET"
    and not address.partition("?")[0].endswith((".svg", ".pub", ".txt", ".json", ".pdf"))
    and not address.startswith(("/status/", "/badges/verify/"))  # for machines; the latter speaks all three
]
SIGN_IN = [
    "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/confirm-email/",
    "/accounts/logout/", "/accounts/email/", "/accounts/password/change/", "/accounts/2fa/",
    "/accounts/reauthenticate/", "/accounts/3rdparty/", "/no-such-page",
]  # fmt: skip


@pytest.mark.parametrize("language", READERS)
def test_no_page_mixes_languages(stage: Stage, language: str) -> None:
    headers = {"Accept-Language": READERS[language]}
    seen, mixed = 0, []
    for who in ("visitor", "member", "admin", "staff"):
        browser = stage.browser(who)
        for address in [*VIEWS, *SIGN_IN]:
            response = browser.get(address.format(**stage.names), headers=headers)
            if response.status_code == 302 or not response.headers["Content-Type"].startswith("text/html"):
                continue
            html = response.content.decode()
            assert f'lang="{ {"zh_Hans": "zh-Hans"}.get(language, language) }"' in html or "life" in address
            seen += 1
            mixed += [f"{who} {address}: {part!r}" for part in _foreign(_words(html), language)]
    assert seen > 90
    assert not mixed, "\n".join(sorted(set(mixed)))


SECOND_FACTOR = (
    "",
    "webauthn/",
    "webauthn/add/",
    "recovery-codes/",
    "recovery-codes/generate/",
    "totp/deactivate/",
)


@pytest.mark.django_db
@pytest.mark.parametrize("language", READERS)
def test_pages_of_the_second_factor_speak_the_language(language: str) -> None:
    browser = Client(headers={"Accept-Language": READERS[language]})
    person = member_with_password(browser)
    seen = [browser.get("/accounts/2fa/totp/activate/")]
    activate(browser, time.time())
    seen += [browser.get(f"/accounts/2fa/{address}") for address in SECOND_FACTOR]
    half = Client(headers={"Accept-Language": READERS[language]})
    seen.append(half.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, follow=True))
    key = person.authenticator_set.create(type="webauthn", data={"name": "HP", "credential": {}})
    keys = ("webauthn/", f"webauthn/keys/{key.pk}/edit/", f"webauthn/keys/{key.pk}/remove/")
    seen += [browser.get(f"/accounts/2fa/{address}") for address in keys]
    assert {answer.status_code for answer in seen} == {200}
    assert not {part for page in seen for part in _foreign(_words(page.content.decode()), language)}


def test_the_search_for_mixed_languages_finds_one() -> None:
    page = "<h1>Papan peringkat</h1><p>Nobody is ranked yet.</p><p>尚无排名。</p>"
    assert _foreign(_words(page), "id") == ["Nobody is ranked yet.", "尚无排名。"]
    assert _foreign(_words(page), "en") == ["Papan peringkat", "尚无排名。"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("en", "confirm"), ("id", "terima kasih"), ("zh_Hans", "确认")]
)
def test_signing_up_writes_in_the_language(language: str, words: str) -> None:
    form = {"email": "new@example.org", "password1": "rice barn 2026", "password2": "rice barn 2026"}
    sent = Client().post("/accounts/signup/", form, headers={"Accept-Language": READERS[language]})
    assert sent.status_code == 302
    (letter,) = mail.outbox
    assert words in letter.body.lower() and letter.subject.startswith("[Lumbung] ")
    lines = [line.strip() for line in [letter.subject, *letter.body.splitlines()] if line.strip()]
    assert not _foreign([line for line in lines if "://" not in line], language)


@pytest.mark.parametrize("language", READERS)
def test_an_invitation_is_written_in_the_language(league: Any, language: str) -> None:
    type(league.member).objects.update(name="Sari Wu")
    browser = Client(headers={"Accept-Language": READERS[language]})
    browser.force_login(league.member)
    answer = browser.post("/teams/rice-rocket/invite", {"email": "new@example.org"}, follow=True)
    assert not _foreign(_words(answer.content.decode()), language)
    (letter,) = mail.outbox
    assert "/invitations/" in letter.body and letter.to == ["new@example.org"]
    assert not _foreign([letter.subject, *letter.body.splitlines()], language)


@pytest.mark.parametrize(
    ("language", "time"),
    [("en", "1 March 2099, 02:30 UTC"), ("id", "1 Maret 2099, 02.30 UTC"), ("zh-hans", "2099年3月1日 02:30")],
)
def test_a_phase_that_is_not_open_says_when_as_people_write_it(league: Any, language: str, time: str) -> None:
    from datetime import UTC, datetime

    from lumbung.centre.challenges.models import Phase

    Phase.objects.update(opens=datetime(2099, 3, 1, 2, 30, tzinfo=UTC), closes=None)
    league.api["member"].client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    refused = league.submit()
    assert refused.status_code == 400 and time in refused.json()["detail"]


def _letters(language: str) -> dict[str, Any]:
    """The letters sent, by reader; each wholly in the language."""
    for letter in mail.outbox:
        assert letter.subject.startswith("[Lumbung] ")
        lines = [line.strip() for line in [letter.subject, *letter.body.splitlines()] if line.strip()]
        assert not _foreign([line for line in lines if "://" not in line], language), letter.body
    sent = {letter.to[0]: letter for letter in mail.outbox}
    assert len(sent) == len(mail.outbox)
    mail.outbox.clear()
    return sent


@pytest.mark.parametrize("language", READERS)
def test_letters_of_the_story_go_to_whom_they_concern_in_their_language(league: Any, language: str) -> None:
    """Invited over the API, approved, proposed, answered: the readers' language counts, not the writer's."""
    from lumbung.centre.members.models import Organisation
    from small_league import join, person

    theirs = {"en": "en", "id": "id", "zh_Hans": "zh-hans"}[language]
    colleague, poser = person("colleague@example.org"), person("poser@example.org")
    league.team.members.add(colleague)
    join(poser, league.organisation, "challenge_owner")
    join(person("plain@example.org"), league.organisation, "member")
    type(league.member).objects.update(name="Sari Wu", language=theirs)
    staff = Client(headers={"Accept-Language": "fil"})
    staff.force_login(league.staff)

    body = {"email": league.stranger.email}
    assert (
        league.api["member"](
            "POST", "/teams/rice-rocket/invitations", body, **{"Accept-Language": "fil"}
        ).status_code
        == 201
    )
    (letter,) = _letters(language).values()
    assert "http://testserver/invitations/" in letter.body and letter.to == [league.stranger.email]

    Organisation.objects.update(approved=False)
    for _again in range(2):
        staff.post("/organisations/kota-bandung/approve")
    sent = _letters(language)
    assert sent.keys() == {"owner@example.org"}, "once, to its administrator"
    assert "http://testserver/organisations/kota-bandung/" in sent["owner@example.org"].body

    node = league.node()
    league.submit()
    job = node.lease()
    node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]}))
    offer = {"organisation": "kota-bandung", "run": job.run, "terms": "CC-BY-4.0", "contact": "a@b.org"}
    numbers = [league.api["owner"]("POST", "/adoptions", offer).json()["id"]]
    sent = _letters(language)
    assert sent.keys() == {"member@example.org", "colleague@example.org"}
    told = sent["colleague@example.org"].body
    assert "CC-BY-4.0" in told and "a@b.org" in told and "http://testserver/adoptions/" in told

    league.api["member"]("POST", f"/adoptions/{numbers[0]}/answer", {"agree": True})
    agreed = _letters(language)
    assert agreed.keys() == {"owner@example.org", "poser@example.org"}
    assert f"lumbung node deliver {numbers[0]}" in agreed["poser@example.org"].body

    owner, member = Client(), Client()
    owner.force_login(league.owner)
    member.force_login(league.member)
    owner.post(f"/runs/{job.run}/adopt/", {"terms": "CC0-1.0", "contact": "a@b.org"})
    assert _letters(language).keys() == {"member@example.org", "colleague@example.org"}
    number = league.organisation.adoptions.latest("pk").pk
    member.post(f"/adoptions/{number}/answer", {"answer": "decline"})
    declined = _letters(language)
    assert declined.keys() == agreed.keys()
    assert declined["poser@example.org"].subject != agreed["poser@example.org"].subject
    assert "lumbung node" not in declined["poser@example.org"].body


def test_where_no_mail_server_answers_the_act_stands_and_the_log_says_so(
    league: Any, settings: Any, caplog: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    sent = league.api["member"]("POST", "/teams/rice-rocket/invitations", {"email": "new@example.org"})
    assert sent.status_code == 201 and league.team.invitations.count() == 1
    assert "could not be sent" in caplog.text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "no entry point"), ("id", "titik masuk"), ("zh_Hans", "入口")]
)
def test_a_refused_upload_says_why_in_the_language(league: Any, language: str, words: str) -> None:
    from small_league import archive_of

    browser = Client(headers={"Accept-Language": READERS[language]})
    browser.force_login(league.member)
    form = {"team": "rice-rocket", "phase": "practice", "archive": archive_of({"readme.txt": "nothing"})}
    answer = browser.post("/challenges/toy/submit/", form)
    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_choosing_a_language_keeps_the_page_and_is_remembered(league: Any) -> None:
    browser = Client()
    browser.force_login(league.member)
    answer = browser.post("/language", {"language": "id", "next": "/nodes/?x=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/nodes/?x=1")
    assert 'lang="id"' in browser.get("/nodes/").content.decode()
    league.member.refresh_from_db()
    assert league.member.language == "id"
    away = browser.post("/language", {"language": "id", "next": "https://elsewhere.example/"})
    assert "elsewhere" not in away["Location"]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The fault is ours"), ("id", "Ini kesalahan kami"), ("zh_Hans", "这是我们的问题")],
)
def test_even_a_failure_speaks_the_language(db: None, monkeypatch: Any, language: str, words: str) -> None:
    """The page of last resort needs neither the database nor a session."""
    from lumbung.centre.portal.pages import front

    def broken(now: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr(front, "newest_standings", broken)
    browser = Client(raise_request_exception=False, headers={"Accept-Language": READERS[language]})
    answer = browser.get("/")
    assert answer.status_code == 500
    assert words in answer.content.decode() and "disk" not in answer.content.decode()
    assert not _foreign(_words(answer.content.decode()), language)
    wrong_host = browser.get("/", headers={"Host": "elsewhere.example"})
    assert wrong_host.status_code == 400


def test_wrapped_chinese_shows_no_space() -> None:
    from lumbung.centre.portal.templatetags.showing import markdown

    assert (
        markdown("解决方案每五秒\n回答一次，\n并为路口选相位。")
        == "<p>解决方案每五秒回答一次，并为路口选相位。</p>\n"
    )
    assert markdown("two\nwords <b>x</b> ![p](http://a/b.png)").startswith("<p>two\nwords &lt;b&gt;x")
