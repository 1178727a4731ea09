"""Data stays: canaries in every private case, and none of them in any byte that leaves the node.

A malicious submission tries to carry them out through its answers, its errors and its log. What remains possible,
bits chosen into a score, is bounded by ``told_bits`` and documented in docs/federation/egress.md.
"""

from __future__ import annotations

import base64
import json
import re

import msgspec
import pytest

from federation_league import make_country
from lumbung.centre.members.audit import export_lines
from lumbung.centre.runs.models import EvidenceRecord, LedgerAccount, Run
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.telling import told_bits
from making_evidence import evidence_of

CANARY = "kanari-7f3a9"
NUMBER = 2171828.25  # a truth that no honest figure would repeat

SMUGGLERS = {
    "answers": 'def solve(p): return {"id": p["keys"], "prediction": [repr(p)[:2000]] * len(p["keys"])}',
    "columns": 'def solve(p): return {"id": p["keys"], "prediction": [1.0] * len(p["keys"]), repr(p)[:2000]: [1]}',
    "keys": "def solve(p): return {repr(p)[:500]: 1}",
    "errors": "def solve(p): raise ValueError(repr(p)[:2000])",
    "log": 'def solve(p):\n    print(repr(p)[:5000])\n    return {"id": p["keys"], "prediction": [1.0] * len(p["keys"])}',
    "log_then_error": "import sys\ndef solve(p):\n    print(repr(p), file=sys.stderr)\n    sys.exit(3)",
}


@pytest.fixture
def private_cases(tmp_path):
    """Cases whose ids and truths carry canaries."""
    folder = tmp_path / "private"
    folder.mkdir()
    keys = [f"{CANARY}-{i}" for i in range(25)]
    (folder / "truth.csv").write_text(
        "id,target\n" + "".join(f"{k},{NUMBER + i}\n" for i, k in enumerate(keys))
    )
    (folder / "inputs.csv").write_text("id,x\n" + "".join(f"{k},{CANARY}\n" for k in keys))
    return folder


def everything_out(country) -> bytes:
    """Every byte that left the node, with the evidence inside its base64 opened."""
    sent = b"\n".join(country.line.wire)
    opened = [base64.b64decode(m) for m in re.findall(rb'payload\\":\\"([A-Za-z0-9+/=]+)', sent)]
    return sent + b"\n".join(opened)


@pytest.mark.parametrize("way", SMUGGLERS)
def test_no_canary_leaves_the_node(league, tmp_path, private_cases, way):
    country = make_country(league, tmp_path / "node", tmp_path / "toy", cases=private_cases)
    assert league.submit(phase="final", solution=SMUGGLERS[way]).status_code == 201
    node = country.start()
    assert node.work(country.folder.settings(), wait_s=0.0)
    node.teller.tell(node.line, country.folder.settings())
    run = Run.objects.get()
    assert LedgerAccount.objects.get(scope="team").bits == run.bits > 0, "what it cost is known here too"
    assert run.over and run.fault_code in ("", "wrong_format", "raised", "exited")
    out = everything_out(country)
    assert b"/result" in out and b"/ledger" in out, "the run was delivered, and its cost told"
    for canary in (CANARY.encode(), str(NUMBER).encode(), b"2171828", b"2171829"):
        assert canary not in out
        assert canary not in "\n".join(country.said).encode()
        assert canary not in b"\n".join(export_lines())
        assert canary not in json.dumps(list(Run.objects.values()), default=str).encode()
    record = EvidenceRecord.objects.filter(run=run).first()
    if record is not None:
        assert CANARY not in base64.b64decode(json.loads(record.envelope)["payload"]).decode()
    assert run.log == ""


def test_the_canaries_would_be_found_where_data_is_public(league, tmp_path):
    """The search above can fail: on public cases the log does leave, with what the solution printed."""
    country = make_country(league, tmp_path / "node", tmp_path / "toy")
    league.submit(solution=f'def solve(p):\n    print("{CANARY}")\n    return {{}}')
    country.start().work(country.folder.settings(), wait_s=0.0)
    assert CANARY.encode() in everything_out(country)


def test_a_held_result_leaves_only_with_the_owners_word(league, tmp_path, private_cases):
    country = make_country(league, tmp_path / "node", tmp_path / "toy", cases=private_cases, release="hold")
    node = country.start()
    for _ in range(2):
        league.submit(phase="final", solution=SMUGGLERS["log"])
        node.work(country.folder.settings(), wait_s=0.0)
    released, vetoed = node.gate.held.waiting()
    assert Run.objects.filter(state="held").count() == 2 and b"/result" not in b"\n".join(country.line.wire)
    assert node.gate.give_word(released, veto=False) and node.gate.give_word(vetoed, veto=True)
    node.gate.open()
    assert Run.objects.get(token=released).state == "scored"
    kept = Run.objects.get(token=vetoed)
    assert (kept.state, kept.fault_owner, kept.fault_code) == ("faulted", "challenge", "vetoed")
    assert not EvidenceRecord.objects.filter(run=kept).exists()


@pytest.mark.parametrize("lie", ["challenge_digest", "submission_digest", "challenge", "submission_blob"])
def test_a_centre_that_lies_gets_nothing(league, tmp_path, private_cases, lie, monkeypatch):
    country = make_country(league, tmp_path / "node", tmp_path / "toy", cases=private_cases)
    league.submit(phase="final", solution=SMUGGLERS["log"])
    node = country.start()
    honest = node.line.lease
    false = {"challenge": "other"}.get(lie, "sha256:" + "0" * 64)

    def lying(wanted):
        return msgspec.structs.replace(honest(wanted), **{lie: false})

    monkeypatch.setattr(node.line, "lease", lying)
    country.line.wire.clear()
    try:
        node.work(country.folder.settings(), wait_s=0.0)
    except Exception as error:
        assert "refused" in str(error) or "404" in str(error)
    assert EvidenceRecord.objects.count() == 0
    assert all(b'envelope":"{' not in message for message in country.line.wire)


def test_what_a_result_tells_in_bits():
    ranking, values = Ranking("delay", "lower"), {"all": [1.0 + each / 7 for each in range(25)]}

    def bits(egress: Egress) -> float:
        return told_bits(evidence_of(values, egress=egress), egress, ranking)

    assert bits(Egress()) < 45 < bits(Egress(reveal="every")) < 115
    assert bits(Egress(digits=2, reveal="every")) < bits(Egress(reveal="every"))
    assert 25 * 64 < bits(Egress("per-case", 1, digits=17)) < 25 * 64 + 20
