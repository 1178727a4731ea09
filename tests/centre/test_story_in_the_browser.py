"""The whole story in a real browser, with the real centre and a real node, in each language; nothing leaves the machine."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from lumbung.proving.scaffold import GOOD, RAISES, new_challenge
from small_league import League

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
LANGUAGES = {"en": "en-US", "id": "id-ID", "zh": "zh-CN"}
PASSWORD = "rice barn 2026"
SLOW_MS = 30_000


@dataclass
class Centre:
    """A served centre with a node at work."""

    port: int
    home: Path
    challenges: dict[str, Path]
    env: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self, *words: str) -> None:
        log = (self.home / f"{words[0]}.log").open("ab")
        command = [str(Path(sys.executable).with_name("lumbung")), *words]
        self.started.append(subprocess.Popen(command, env=self.env, stdout=log, stderr=log))

    def say(self, *words: str) -> str:
        command = [str(Path(sys.executable).with_name("lumbung")), *words]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def letter_to(self, address: str) -> str:
        """The last e-mail to an address; the centre without a mail server writes them into a folder."""
        until = time.monotonic() + 15
        while time.monotonic() < until:
            for path in sorted((self.home / "mail").glob("*"), key=lambda p: p.stat().st_mtime, reverse=True):
                import email
                import email.policy

                letter = email.message_from_bytes(
                    path.read_bytes().split(b"\n-----")[0], policy=email.policy.default
                )
                if letter["To"] == address:
                    body = letter.get_body(("plain",))
                    assert body is not None
                    return str(body.get_content())
            time.sleep(0.1)
        raise AssertionError(f"no e-mail to {address}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Chromium (apt-get install chromium)")
    home = tmp_path_factory.mktemp("centre")
    env = {**os.environ, "LUMBUNG_HOME": str(home), "LUMBUNG_PASSWORD": PASSWORD}
    env.pop("LUMBUNG_EMAIL_VERIFICATION", None)
    challenges = {}
    for language in LANGUAGES:
        challenges[language] = home / f"toy-{language}"
        new_challenge(challenges[language])
    stage = Centre(_free_port(), home, challenges, env)
    try:
        stage.start("serve", "--port", str(stage.port), "--threads", "4", "--staff", "staff@example.org")
        _wait_for(stage)
        yield stage
    finally:
        for process in reversed(stage.started):
            process.terminate()
        for process in stage.started:
            process.wait(timeout=20)


def _wait_for(stage: Centre) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{stage.url}/healthz", timeout=2)
            return
        except OSError:
            assert time.monotonic() < until, (stage.home / "serve.log").read_text()
            time.sleep(0.2)


@dataclass
class Person:
    """A browser of one's own, in one's language."""

    page: Any
    centre: Centre
    asked: list[str]
    complaints: list[str]

    def open(self, path: str) -> None:
        answer = self.page.goto(self.centre.url + path)
        assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"

    def post(self, action: str) -> None:
        """Press the button of the form that posts to an address."""
        with self.page.expect_navigation():
            self.page.locator(f'form[action$="{action}"] button').first.click()

    def fill_in(self, action: str = "", **fields: str) -> None:
        form = self.page.locator(f'main form[action$="{action}"]' if action else "main form.panel").last
        for name, value in fields.items():
            slot = form.locator(f"[name={name}]")
            if slot.evaluate("e => e.type") == "file":
                slot.set_input_files(value)
            elif slot.evaluate("e => e.tagName") == "SELECT":
                slot.select_option(value)
            else:
                slot.fill(value)
        with self.page.expect_navigation():
            form.locator("button").first.click()


def _person(chromium: Any, centre: Centre, locale: str, **more: Any) -> Person:
    context = chromium.new_context(locale=locale, **more)
    context.set_default_timeout(SLOW_MS)
    page, asked, complaints = context.new_page(), [], []
    context.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return Person(page, centre, asked, complaints)


def _sign_up(person: Person, address: str) -> None:
    person.open("/accounts/signup/")
    person.fill_in(email=address, password1=PASSWORD, password2=PASSWORD)
    link = re.search(r"/accounts/confirm-email/\S+", person.centre.letter_to(address))
    assert link
    person.open(link[0])
    if person.page.locator("main form").count():
        with person.page.expect_navigation():
            person.page.locator("main form button").first.click()
    _sign_in(person, address)


def _sign_in(person: Person, address: str) -> None:
    person.page.goto(person.centre.url + "/accounts/login/")
    if "login" in person.page.url:
        person.fill_in(action="/accounts/login/", login=address, password=PASSWORD)
    person.open("/account/")
    assert address in person.page.inner_text("main")


def _archive(folder: Path, name: str) -> str:
    path = folder.parent / name
    with tarfile.open(path, "w:gz") as packed:
        for entry in sorted(folder.rglob("*")):
            packed.add(entry, arcname=str(entry.relative_to(folder)), recursive=False)
    return str(path)


def _solution(home: Path, name: str, text: str) -> str:
    folder = home / name
    folder.mkdir(exist_ok=True)
    (folder / "solution.py").write_text(text)
    return _archive(folder, f"{name}.tar.gz")


AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def _faults(page: Any) -> list[str]:
    """What axe-core finds serious or critical on the page as it is."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{page.url}: {v['id']}: {v['nodes'][0]['html'][:160]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def evidence(chromium: Any, live_server: Any, league: League) -> str:
    """The address of the evidence of a ranked run."""
    node = league.node()
    league.submit()
    job = node.lease()
    assert job is not None
    assert node.deliver(job, node.evidence(job, {"all": [1.0, 2.0]})).status_code == 200
    return f"/runs/{job.run}/evidence/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_sign_up_to_adoption(chromium: Any, centre: Centre, language: str, tmp_path: Path) -> None:
    locale = LANGUAGES[language]
    owner, member = _person(chromium, centre, locale), _person(chromium, centre, locale)
    phone = {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"}
    staff = _person(chromium, centre, locale, **phone)
    faults: list[str] = []

    _sign_up(owner, f"owner-{language}@example.org")
    owner.open("/register/")
    owner.fill_in(name=f"City {language}", country="ID", kind="public", size="large", about="Padi")
    organisation = owner.page.url.removeprefix(centre.url)
    _sign_in(staff, "staff@example.org")
    staff.open("/desk/")
    faults += _faults(staff.page)
    staff.post(f"{organisation}approve")

    _sign_up(member, f"member-{language}@example.org")
    member.open(organisation)
    member.post("/join")
    owner.open(organisation)
    faults += _faults(owner.page)
    owner.post("/accept")

    owner.open("/pose/")
    owner.fill_in(archive=_archive(centre.challenges[language], f"toy-{language}.tar.gz"))
    assert "version=1" in owner.page.url
    faults += _faults(owner.page)
    owner.post("/1/state")
    if len(centre.started) == 1:
        _node_at_work(owner, centre, organisation)
    else:  # another city's node is at work already: the owner says that it may judge
        owner.open(f"/challenges/toy-{language}/1/nodes/")
        faults += _faults(owner.page)
        owner.post("/1/nodes/bandung-1")

    member.open("/teams/")
    member.fill_in(name=f"Team {language}")
    faults += _faults(member.page)
    good = _hand_in(member, language, _solution(tmp_path, "good", GOOD))
    _watch(member, good, "scored")
    bad = _hand_in(member, language, _solution(tmp_path, "bad", RAISES))
    _watch(member, bad, "faulted")
    faults += _faults(member.page)
    assert member.page.locator(".reason").inner_text().strip()

    staff.open(f"/challenges/toy-{language}/phases/practice/")
    faults += _faults(staff.page)
    assert staff.page.locator("svg.interval .mean").count() == 1
    owner.open(f"/challenges/toy-{language}/phases/practice/")
    faults += _faults(owner.page)
    owner.page.locator("table.board tbody a").first.click()
    owner.page.locator("[data-verify]").click()
    owner.page.wait_for_selector(".verdict .success code")
    assert owner.page.locator(".verdict .error").count() == 0
    faults += _faults(owner.page)
    owner.page.locator('a[href$="/adopt/"]').click()
    owner.fill_in(terms="One year, free of charge", contact="dishub@example.org")
    member.open("/adoptions/")
    faults += _faults(member.page)
    with member.page.expect_navigation():
        member.page.locator("button[value=agree]").click()
    assert member.page.locator(".badge.agreed").count() == 1

    assert not faults, "\n".join(faults)
    for person in (owner, member, staff):
        strangers = [u for u in person.asked if not u.startswith((centre.url, "data:", "blob:", "about:"))]
        assert person.asked and not strangers, strangers
        assert not person.complaints, person.complaints
        shown = person.page.locator("html").get_attribute("lang")
        assert shown == {"zh": "zh-Hans"}.get(language, language)
        person.page.context.close()


def _node_at_work(owner: Person, centre: Centre, organisation: str) -> None:
    """Set a node up as its operator would, with the code the page shows."""
    owner.open("/nodes/")
    owner.post(f"{organisation}enrol-node")
    code = owner.page.locator(".secret code").inner_text()
    centre.say("node", "init", "bandung-1", "--country", "ID", "--workers", "1")
    for folder in centre.challenges.values():
        centre.say("node", "accept", str(folder))
    centre.say("node", "join", centre.url.replace("localhost", "127.0.0.1"), code)
    centre.start("node", "run")


def _hand_in(member: Person, language: str, archive: str) -> str:
    member.open(f"/challenges/toy-{language}/submit/")
    member.fill_in(phase="practice", name="line", archive=archive)
    assert "/submissions/" in member.page.url
    return str(member.page.url)


def _watch(member: Person, address: str, end: str) -> None:
    """Wait for the end on the page as it lies open: it must change without being loaded again."""
    loads = sum(url == address for url in member.asked)
    member.page.wait_for_selector(f"#life .badge.{end}", timeout=60_000)
    assert sum(url == address for url in member.asked) == loads
    member.page.wait_for_selector("#life:not([hx-get])")


def test_altered_evidence_does_not_verify(chromium: Any, live_server: Any, evidence: str) -> None:
    """The browser itself finds out: one figure changed on the way breaks the signature."""
    reader = _person(chromium, live_server, "en-US")
    reader.open(evidence)
    reader.page.locator("[data-verify]").click()
    reader.page.wait_for_selector(".verdict .success")
    reader.open(evidence)

    def alter(route: Any) -> None:
        import base64
        import json

        envelope = json.loads(route.fetch().text())
        honest = base64.b64decode(envelope["payload"])
        payload = honest.replace(b'"finished_count":2', b'"finished_count":3')
        assert payload != honest
        envelope["payload"] = base64.b64encode(payload).decode()
        route.fulfill(json=envelope)

    reader.page.route("**/api/runs/*/evidence", alter)
    reader.page.locator("[data-verify]").click()
    reader.page.wait_for_selector(".verdict .error")
    assert reader.page.locator(".verdict .success").count() == 0
    reader.page.context.close()


def test_a_browser_without_ed25519_gets_the_centres_word_and_is_told_so(
    chromium: Any, live_server: Any, evidence: str
) -> None:
    reader = _person(chromium, live_server, "id-ID")
    reader.page.add_init_script("Object.defineProperty(globalThis, 'crypto', {value: {}})")
    reader.open(evidence)
    reader.page.locator("[data-verify]").click()
    reader.page.wait_for_selector(".verdict .info")
    reader.page.wait_for_selector(".verdict .success")
    assert "Diperiksa oleh pusat" in reader.page.locator(".verdict").inner_text()
    reader.page.context.close()


def test_a_passkey_opens_the_door(chromium: Any, centre: Centre) -> None:
    """Add a passkey, sign out, sign in with it alone (a virtual authenticator stands for the phone)."""
    person = _person(chromium, centre, "zh-CN")
    _sign_up(person, "passkey@example.org")
    wire = person.page.context.new_cdp_session(person.page)
    wire.send("WebAuthn.enable")
    wire.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    person.open("/accounts/2fa/webauthn/add/")
    if person.page.locator("main [name=password]").count():
        person.fill_in(password=PASSWORD)
    person.page.locator("main [name=name]").fill("phone")
    passwordless = person.page.locator("main [name=passwordless]")
    if passwordless.count():
        passwordless.check()
    with person.page.expect_navigation():
        person.page.locator("main form button").first.click()
    person.open("/")
    person.page.locator("details.own summary").click()  # one's own things stand under one's name
    person.post("/accounts/logout/")
    if "logout" in person.page.url:
        person.fill_in()
    person.open("/accounts/login/")
    person.page.locator("#passkey_login").click()
    person.page.wait_for_url(lambda url: "login" not in url)
    person.open("/account/")
    assert "passkey@example.org" in person.page.inner_text("main")
    assert not person.complaints, person.complaints
    person.page.context.close()
