"""The commands for badges, as a person would use them."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lumbung.cli import main

TABLE = (
    "theta,standard_error,items,language,test,taken_on,holder_name\n"
    "0.84,0.29,24,id,ai-capability/1,2026-11-20,Siti\n"
    "oops,0.29,24,id,ai-capability/1,2026-11-20,\n"
    "-0.4,0.31,22,zh,ai-capability/1,2026-11-20,\n"
)
DID = "did:web:centre.example"


def run(*words: str | Path, code: int = 0) -> Result:
    result = CliRunner().invoke(main, ["talent", *map(str, words)])
    assert result.exit_code == code, result.output + result.stderr
    return result


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An institution with a key and a table of results, and badges issued for it."""
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LUMBUNG_LANGUAGE", "en")
    run("key", tmp_path / "k.pem", "--did", DID)
    (tmp_path / "r.csv").write_text(TABLE, "utf-8")
    issued = run(
        "issue", tmp_path / "r.csv", "--key", tmp_path / "k.pem", "--did", DID, "--issuer", "Pusat",
        "--status", "https://centre.example/status", "--out", tmp_path / "out", "--valid-from", "2026-11-21T00:00:00Z",
        "--pictures", "--json",
    )  # fmt: skip
    summary = json.loads(issued.stdout)
    assert (summary["issued"], summary["rejected"], summary["pictures"]) == (2, 1, 2)
    return tmp_path


def test_a_key_is_private_and_never_overwritten(office: Path) -> None:
    assert stat.S_IMODE((office / "k.pem").stat().st_mode) == 0o600
    assert "exists already" in run("key", office / "k.pem", code=2).stderr
    assert "does not name a host" in run("key", office / "x.pem", "--did", "did:web:a/b", code=2).stderr


def test_badges_verify_in_every_form_and_are_refused_after_revocation(office: Path) -> None:
    known = ["--did-document", office / "k.did.json", "--trust", DID, "--at", "2026-12-01T00:00:00Z"]
    status = ["--status", office / "out/status-1.json", "--require-status"]
    files = [office / "out/badges-1.jsonl", office / "out/pictures/2.svg", office / "out/pictures/4.pdf"]
    shown = run("verify", *files, *known, *status).stdout
    assert shown.count("ok  ") == 4
    assert "kemampuan 0,84" in shown
    badge = json.loads((office / "out/badges-1.jsonl").read_text().splitlines()[0])["id"]
    run("revoke", badge, "--from", office / "out", "--key", office / "k.pem", "--did", DID)
    refused = run("verify", *files, *known, *status, "--json", code=2)
    verdicts = [json.loads(line)["code"] for line in refused.stdout.splitlines()]
    assert verdicts == ["revoked", "valid", "revoked", "valid"]
    run("revoke", badge, "--undo", "--from", office / "out", "--key", office / "k.pem", "--did", DID)
    run("verify", *files, *known, *status)
    assert "no register" in run(
        "revoke", "urn:uuid:0", "--from", office / "out", "--key", office / "k.pem", "--did", DID, code=2
    ).stderr  # fmt: skip


def test_trusted_issuers_live_in_the_home_folder(office: Path) -> None:
    badge = office / "out/pictures/2.svg"
    moment = ["--at", "2026-12-01T00:00:00Z"]
    assert "key is not at hand" in run("verify", badge, *moment, code=2).stdout
    trusted = office / "home/trusted"
    trusted.mkdir(parents=True)
    (trusted / "centre.did.json").write_text((office / "k.did.json").read_text())
    assert "decide yourself" not in run("verify", badge, *moment).stdout


def test_the_general_verify_takes_badges_too(office: Path) -> None:
    (office / "home/trusted").mkdir(parents=True)
    (office / "home/trusted/centre.did.json").write_text((office / "k.did.json").read_text())
    result = CliRunner().invoke(main, ["verify", str(office / "out/pictures/4.pdf"), "--json"])
    assert json.loads(result.stdout)["code"] in ("valid", "not_yet_valid", "expired")


def test_the_page_is_written_with_the_issuers_in_it(office: Path) -> None:
    page = office / "verify.html"
    run("verify", "--page", page, "--trust", DID, "--did-document", office / "k.did.json")
    assert f'"trusted": ["{DID}"]' in page.read_text("utf-8")


def test_bad_input_ends_with_a_sentence(office: Path) -> None:
    assert "is no readable private key" in run(
        "issue", office / "r.csv", "--key", office / "r.csv", "--issuer", "X", "--status", "https://x", code=2
    ).stderr  # fmt: skip
    (office / "e.csv").write_text("a,b\n1,2\n")
    assert "are missing" in run(
        "issue", office / "e.csv", "--key", office / "k.pem", "--issuer", "X", "--status", "https://x", code=2
    ).stderr  # fmt: skip
    (office / "b.bin").write_bytes(b"\xff\xfe\x00")
    assert "neither text nor PDF" in run("verify", office / "b.bin", code=2).stderr
    run("verify", code=2)
