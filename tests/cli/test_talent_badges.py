"""The commands for badges, as a person would use them."""

from __future__ import annotations

import hashlib
import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.cli import main
from lumbung.proving.challenge import read_challenge
from lumbung.proving.evidence import sign
from lumbung.proving.keys import public_pem
from lumbung.proving.scaffold import new_challenge
from making_evidence import evidence_of

TABLE = (
    "theta,standard_error,items,language,test,taken_on,holder_name\n"
    "0.84,0.29,24,id,ai-capability/1,2026-11-20,Siti\n"
    "oops,0.29,24,id,ai-capability/1,2026-11-20,\n"
    "-0.4,0.31,22,zh,ai-capability/1,2026-11-20,\n"
)
DID = "did:web:centre.example"
FIGURES = [1.0, 1.2, 0.9, 1.1, 1.15, 0.95]


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


def test_badges_over_a_standing_rest_on_checked_evidence(office: Path) -> None:
    challenge = office / "toy"
    new_challenge(challenge)
    digest = read_challenge(challenge).digest
    node = Ed25519PrivateKey.generate()
    (office / "node.pub").write_bytes(public_pem(node.public_key()))
    for name, figures in {"rice": FIGURES, "corn": [f + 1 for f in FIGURES], "lone": [1.0]}.items():
        piece = evidence_of({"all": figures}, metric="mae", challenge_digest=digest)
        (office / "judged" / name).mkdir(parents=True)
        (office / "judged" / name / "evidence.json").write_bytes(sign(piece, node))

    def issue(out: str, *more: str | Path, code: int = 0) -> Result:
        return run(
            "issue", office / "judged", "--standing", challenge, "--key", office / "k.pem", "--did", DID, "--issuer", "P",
            "--status", "https://centre.example/status", "--out", office / out, "--language", "en", "--pictures",
            "--json", *more, code=code,
        )  # fmt: skip

    assert "trusted keys" in issue("none", code=2).stderr, "evidence of an unknown node counts for nothing"
    made = json.loads(issue("standing", "--node-key", office / "node.pub").stdout)
    assert (made["issued"], made["rejected"]) == (2, 1)
    assert "lone" in (office / "standing/rejected.csv").read_text()
    badges = {
        row.split(",")[0]: json.loads(line)
        for row, line in zip(
            (office / "standing/register-1.csv").read_text().splitlines()[1:],
            (office / "standing/badges-1.jsonl").read_text().splitlines(),
            strict=True,
        )
    }
    envelope = (office / "judged/rice/evidence.json").read_bytes()
    assert badges["rice"]["evidence"][0]["id"] == f"urn:sha256:{hashlib.sha256(envelope).hexdigest()}"
    known = [
        "--did-document",
        office / "k.did.json",
        "--trust",
        DID,
        "--status",
        office / "standing/status-1.json",
    ]
    files = [office / "standing/badges-1.jsonl", office / "standing/pictures/rice.pdf"]
    assert "over 6 cases" in run("verify", *files, *known).stdout
    badges["corn"]["credentialSubject"]["result"][0]["value"] = "0.10"
    (office / "better.json").write_text(json.dumps(badges["corn"]))
    run("verify", office / "better.json", *known, code=2)
    run(
        "revoke", badges["rice"]["id"], "--from", office / "standing", "--key", office / "k.pem", "--did", DID
    )
    refused = run("verify", office / "standing/pictures/rice.pdf", *known, "--json", code=2)
    assert json.loads(refused.stdout)["code"] == "revoked"
    assert "already" in issue("standing", "--node-key", office / "node.pub", code=2).stderr
