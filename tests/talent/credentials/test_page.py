"""The verification page comes to the same verdicts as the library, in a real browser and without a network."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lumbung.talent.credentials import (
    Ability,
    Holder,
    Issuer,
    SigningKey,
    StatusList,
    integrity,
    issue_badge,
    issue_token,
    status_credential,
)
from lumbung.talent.credentials.emblem import draw_svg
from lumbung.talent.credentials.page import verification_page
from lumbung.talent.credentials.paper import draw_pdf, qr_text
from lumbung.talent.credentials.verdict import REASONS

KEY = SigningKey.from_raw(b"\x09" * 32, "did:web:centre.example")
ISSUER = Issuer(KEY.did, "Pusat <b>AI</b>", "https://centre.example")
LIST = "https://centre.example/status/1"
ABILITY = Ability(-0.25, 0.3, 21, "id", "ai-capability/1", date(2026, 11, 20))
FLAGS = "--no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"


def make(**more: Any) -> dict[str, Any]:
    options: dict[str, Any] = {
        "issuer": ISSUER,
        "key": KEY,
        "valid_from": "2020-01-01T00:00:00Z",
        "language": "id",
        "status": (LIST, 5),
        "holder": Holder(name="Siti </script> 王"),
    } | more
    return issue_badge(ABILITY, **options)


def make_list(*revoked: int) -> dict[str, Any]:
    bits = StatusList()
    for place in revoked:
        bits.set(place)
    document = status_credential(bits, LIST, KEY.did, "2020-01-01T00:00:00Z")
    options = integrity.configuration(KEY, "2020-01-01T00:00:00Z", context=document["@context"])
    return integrity.add_proof(document, KEY, options)


def test_the_page_needs_nothing_from_outside_and_cannot_ask() -> None:
    text = verification_page([KEY.did], {KEY.did: KEY.did_document()}, [make_list()])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src" not in policy[1]
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", text)
    assert text.count("</script>") == 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs Chromium on the path (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path, args=FLAGS.split())
        yield opened
        opened.close()


@pytest.fixture
def verdict_of(browser: Any, tmp_path: Path) -> Iterator[Callable[..., dict[str, Any]]]:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.on(
        "request", lambda request: complaints.append(request.url) if request.url.startswith("http") else None
    )
    file = tmp_path / "verify.html"
    file.write_text(verification_page([KEY.did], {KEY.did: KEY.did_document()}), "utf-8")
    page.goto(file.as_uri())

    def ask(*texts: str, own: bool = False) -> dict[str, Any]:
        page.evaluate("own => { CONFIG.ownOnly = own }", own)
        found: dict[str, Any] = page.evaluate("texts => judge(texts)", list(texts))
        assert page.locator("#verdict h2").first.inner_text()
        return found

    ask.page = page  # type: ignore[attr-defined]
    ask.file = file  # type: ignore[attr-defined]
    yield ask
    page.close()
    assert complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("own", [False, True], ids=["WebCrypto", "own Ed25519"])
def test_verdicts_in_the_browser(verdict_of: Callable[..., dict[str, Any]], own: bool) -> None:
    badge = make()
    text = json.dumps(badge, ensure_ascii=False)
    token = issue_token(ABILITY, issuer=ISSUER, key=KEY, valid_from="2020-01-01T00:00:00Z")
    thief = SigningKey(
        SigningKey.from_raw(b"\x01" * 32).private, KEY.did, SigningKey.from_raw(b"\x01" * 32).multikey
    )
    stranger = SigningKey.generate()
    changed = make()
    changed["credentialSubject"]["result"][0]["value"] = "2.25"
    clean, revoked = json.dumps(make_list(4)), json.dumps(make_list(5))
    forged_list = make_list()
    forged_list["validFrom"] = "2021-01-01T00:00:00Z"
    expected = [
        ("valid", [text, clean]),
        ("valid", [token]),
        ("valid", [draw_svg(badge)]),
        ("tampered", [json.dumps(changed)]),
        ("tampered", [token[:-6] + "AAAAAA"]),
        ("revoked", [text, revoked]),
        ("status_unusable", [text, json.dumps(forged_list)]),
        ("expired", [json.dumps(make(valid_until="2021-01-01T00:00:00Z"))]),
        ("not_yet_valid", [json.dumps(make(valid_from="2999-01-01T00:00:00Z"))]),
        ("issuer_unresolved", [json.dumps(make(key=thief))]),
        ("issuer_untrusted", [json.dumps(make(key=stranger, issuer=Issuer(stranger.did, "X")))]),
        ("unsupported_proof", [json.dumps(make(suite=integrity.RDFC))]),
        ("unsigned", [json.dumps({k: v for k, v in badge.items() if k != "proof"})]),
        ("malformed", [json.dumps({**badge, "type": ["VerifiableCredential"]})]),
        ("unreadable", ["hello"]),
    ]
    found = [(verdict_of(*texts, own=own)["code"], texts) for _, texts in expected]
    assert [code for code, _ in found] == [code for code, _ in expected]
    assert {code for code, _ in expected} <= set(REASONS)
    verdict = verdict_of(text, own=own)
    assert verdict["engine"] == ("own" if own else "web")
    assert [note[0] for note in verdict["notes"]] == ["status_unchecked"]


@pytest.mark.browser
def test_the_reader_sees_the_badge_as_text_in_three_languages(verdict_of: Any) -> None:
    page = verdict_of.page
    packed = qr_text(make(), verdict_of.file.as_uri())
    page.goto(packed)
    page.reload()
    page.wait_for_selector("#verdict .good")
    assert "Siti </script> 王" in page.locator("#verdict dl").inner_text()
    for language, word in (("English", "Genuine"), ("Indonesia", "Asli"), ("中文", "真实有效")):
        page.get_by_role("button", name=language).click()
        assert word in page.locator("#verdict h2").first.inner_text()
    page.fill("#text", "nonsense")
    page.locator("#check").click()
    page.wait_for_selector("#verdict .bad")


@pytest.mark.browser
def test_own_sha_and_ed25519_against_their_standards(verdict_of: Any) -> None:
    page = verdict_of.page
    hexed = "b => [...b].map(x => x.toString(16).padStart(2, '0')).join('')"
    for size in (0, 3, 55, 56, 63, 64, 111, 112, 119, 128, 300):
        data = bytes(range(256)) * 2
        for bits, ours in ((256, hashlib.sha256), (512, hashlib.sha512)):
            script = f"([d, n]) => ({hexed})(sha2(Uint8Array.from(d), n))"
            assert page.evaluate(script, [list(data[:size]), bits]) == ours(data[:size]).hexdigest()
    # RFC 8032, section 7.1, tests 1 and 3
    cases = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ]
    check = "([k, s, m]) => ed25519(Uint8Array.from(k), Uint8Array.from(s), Uint8Array.from(m))"
    for key, message, signature in cases:
        parts = [list(bytes.fromhex(part)) for part in (key, signature, message)]
        assert page.evaluate(check, parts) is True
        for place in (0, 1):
            spoiled = [list(part) for part in parts]
            spoiled[place][3] ^= 1
            assert page.evaluate(check, spoiled) is False


@pytest.mark.browser
def test_canonical_json_is_that_of_rfc_8785(verdict_of: Any) -> None:
    import rfc8785

    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001, -0.0],
        "string": '€$\u000f\nA\'B"\\\\"/',
        "\u20ac": "Euro",
        "\r": "return",
        "\ufb33": "dalet",
        "1": "one",
        "\U0001f600": "face",
        "\u0080": "control",
        "ö": "o",
        "literals": [None, True, False],
    }
    assert (
        verdict_of.page.evaluate("t => canonical(JSON.parse(t))", json.dumps(value))
        == rfc8785.dumps(value).decode()
    )


@pytest.mark.browser
def test_a_proof_set_and_a_pdf_are_read_and_a_reader_of_another_language_understands(
    verdict_of: Any, tmp_path: Path
) -> None:
    badge = make(suite=integrity.BOTH, language="zh")
    assert [proof["cryptosuite"] for proof in badge["proof"]] == [integrity.RDFC, integrity.JCS]
    assert verdict_of(json.dumps(badge))["code"] == "valid"
    changed = json.loads(json.dumps(badge))
    changed["name"] = "Somebody else's"
    assert verdict_of(json.dumps(changed))["code"] == "tampered"
    stripped = {**badge, "proof": [badge["proof"][0]]}
    assert verdict_of(json.dumps(stripped))["code"] == "unsupported_proof"
    page = verdict_of.page
    (tmp_path / "badge.pdf").write_bytes(draw_pdf(badge))
    page.goto(verdict_of.file.as_uri())
    page.set_input_files("#file", str(tmp_path / "badge.pdf"))
    page.wait_for_selector("#verdict .good")
    page.get_by_role("button", name="Indonesia").click()
    shown = page.locator("#verdict").inner_text()
    assert "Perkiraan kemampuan -0,25, galat baku 0,30, dari 21 butir soal." in shown
    assert "Batas bawah selang 95 %" in shown
    assert page.locator("#verdict p[lang=zh-Hans]").count() == 1
    (tmp_path / "empty.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
    page.set_input_files("#file", str(tmp_path / "empty.pdf"))
    page.wait_for_selector("#verdict .bad")


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("carries", [False, True], ids=["empty", "badge in the address"])
def test_nothing_moves_under_the_readers_eyes(
    browser: Any, tmp_path: Path, width: int, carries: bool
) -> None:
    """Cumulative layout shift as Chromium itself counts it, on a machine that reads the page slowly."""
    file = tmp_path / "verify.html"
    file.write_text(verification_page([KEY.did], {KEY.did: KEY.did_document()}), "utf-8")
    context = browser.new_context(locale="zh-CN", viewport={"width": width, "height": 800})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(qr_text(make(), file.as_uri()) if carries else file.as_uri())
    page.locator("#verdict h2" if carries else "#check").first.wait_for()
    moved = page.evaluate(
        """() => new Promise((done) => {
          let total = 0;
          new PerformanceObserver((list) => { for (const each of list.getEntries()) total += each.value; })
            .observe({ type: "layout-shift", buffered: true });
          requestAnimationFrame(() => setTimeout(() => done(total), 100));
        })"""
    )
    print(f"layout shift {moved:.4f}")
    assert moved < 0.05
    context.close()
