"""Keys of nodes live and die: what they signed keeps its worth or falls, everybody concerned is told, and it is verified
offline with the centre's list of keys."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core import mail
from django.test import Client

from lumbung.centre.members.models import AuditEntry, CentreKey
from lumbung.centre.members.signing import centre_key, rotate_centre_key
from lumbung.centre.runs.models import EvidenceRecord, Node, NodeKey, Run
from lumbung.cli.verify import command as verify
from lumbung.proving.key_history import CENTRE, open_key_list
from lumbung.proving.keys import endorse, key_id, public_pem
from small_league import Api

BOARD = "/challenges/toy/phases/practice/leaderboard"


@pytest.fixture
def own_home(settings, tmp_path):
    """A centre whose key these tests may replace."""
    settings.HOME = tmp_path / "home"
    return settings.HOME


def change(node, *, by=None):
    after = Ed25519PrivateKey.generate()
    told = {
        "public_key": public_pem(after.public_key()).decode(),
        "endorsement": endorse(by or node.key, after.public_key()),
    }
    return after, node.api("POST", "/node/key", told)


def scored(league, node, figures=(1.0, 2.0), who="member", **changes):
    assert league.submit(who).status_code == 201
    job = node.lease()
    assert job is not None
    answer = node.deliver(job, node.evidence(job, {"all": list(figures)}, **changes))
    assert answer.status_code == 200, answer.content
    return Run.objects.get(token=job.run)


def revoke(league, since, who="owner", name="node-a", **told):
    return league.api[who]("POST", f"/nodes/{name}/revoke", {"since": since.isoformat(), **told})


def teams(league):
    board = league.api["visitor"]("GET", BOARD).json()
    return [row["team"] for row in board["rows"]], [row["team"] for row in board["fallen"]]


def test_a_node_replaces_its_key_and_what_was_signed_before_stands(league):
    node = league.node()
    first = scored(league, node)
    league.submit("stranger")
    job = node.lease()
    late = node.evidence(job, {"all": [3.0, 4.0]})
    before, (after, answer) = node.key, change(node)
    assert answer.status_code == 200 and answer.json()["key_id"] == key_id(after.public_key())
    assert change(node, by=Ed25519PrivateKey.generate())[1].status_code == 400
    # Signed before the change and delivered after it, as a held result may be: it counts.
    assert node.deliver(job, late, key=before).status_code == 200
    league.submit()
    job = node.lease()
    tomorrow = datetime.now(UTC) + timedelta(minutes=9)
    NodeKey.objects.filter(key_id=key_id(before.public_key())).update(
        until=datetime.now(UTC) - timedelta(hours=1)
    )
    refused = node.deliver(job, node.evidence(job, {"all": [1.0, 1.0]}, finished=tomorrow), key=before)
    assert refused.status_code == 422 and "too_late" in refused.json()["detail"]
    node.key = after
    scored(league, node, (1.5, 1.0))
    assert sorted(teams(league)[0]) == ["others", "rice-rocket"]
    page = Client().get(f"/nodes/node-a.pub?key={key_id(before.public_key())}")
    assert page.content == public_pem(before.public_key())
    assert first.evidence.key_id == key_id(before.public_key())


def test_a_key_that_ran_out_gets_no_work_and_may_still_hand_over(league):
    node = league.node()
    NodeKey.objects.update(until=datetime.now(UTC) - timedelta(days=1))
    league.submit()
    body = {"challenges": ["toy"], "wait_s": 0, "isolation": {"kind": "bubblewrap", "limits_by": "cgroup2"}}
    refused = node.api("POST", "/node/lease", body)
    assert refused.status_code == 403 and "rotate-key" in refused.json()["detail"]
    node.key, answer = change(node)
    assert answer.status_code == 200 and node.lease() is not None


def test_a_revoked_key_takes_its_rows_and_everybody_is_told(league):
    node = league.node()
    scored(league, node, (1.0, 2.0))
    EvidenceRecord.objects.update(received=datetime.now(UTC) - timedelta(days=3))
    scored(league, node, (3.0, 4.0), "stranger")
    assert teams(league)[0] == ["rice-rocket", "others"]
    league.submit()
    under_way = node.lease()
    mail.outbox.clear()
    yesterday = datetime.now(UTC) - timedelta(days=1)
    answer = revoke(league, yesterday, why="the disk was stolen")
    assert answer.status_code == 200 and len(answer.json()["fallen"]) == 1
    assert teams(league) == (["rice-rocket"], ["others"]), "what came in before that day stands"
    run = Run.objects.get(token=under_way.run)
    assert run.state == "queued" and run.node is None
    # The key, its secret, and what it signs are worth nothing.
    assert node.api("POST", "/node/lease", {}).status_code == 401
    told = {letter.to[0]: letter.body for letter in mail.outbox}
    assert (
        set(told) == {"stranger@example.org", "owner@example.org"} and "/runs/" in told["owner@example.org"]
    )
    entry = AuditEntry.objects.get(act="node.key_revoked")
    assert entry.details["from"] == yesterday.isoformat() and entry.details["fallen"] == 1
    fallen = EvidenceRecord.objects.exclude(fallen=None).get()
    assert "does not count" in Client().get(f"/runs/{fallen.run.token}/evidence/").content.decode()
    browser = Client(headers={"Accept-Language": "id"})
    browser.force_login(league.stranger)
    assert "kuncinya dicabut" in browser.get(f"/runs/{fallen.run.token}/").content.decode()
    # Back under the same name with a new key, by the organisation's word; then what fell is judged anew.
    node = league.node()
    assert Node.objects.get().keys.count() == 2
    assert league.api["stranger"]("POST", "/challenges/toy/1/fallen").status_code == 403
    assert league.api["owner"]("POST", "/challenges/toy/1/fallen").status_code == 201
    assert league.api["owner"]("POST", "/challenges/toy/1/fallen").status_code == 400, "once"
    figures = iter(([9.0, 9.0], [3.5, 4.5]))
    while job := node.lease():
        assert node.deliver(job, node.evidence(job, {"all": next(figures)})).status_code == 200
    assert teams(league) == (["rice-rocket", "others"], [])
    assert EvidenceRecord.objects.count() == 4, "the fallen evidence is kept"
    assert league.api["stranger"]("GET", f"/runs/{fallen.run.token}").json()["replaced_by"]


def test_who_may_revoke_and_what_is_refused(league):
    league.node()
    now = datetime.now(UTC)
    for who, status in (("member", 403), ("visitor", 401)):
        assert revoke(league, now, who).status_code == status
    assert "has come" in revoke(league, now + timedelta(days=1)).json()["detail"]
    assert "no such key" in revoke(league, now, key="0" * 64).json()["detail"]
    assert revoke(league, now - timedelta(days=1), "staff").status_code == 200
    assert "already" in revoke(league, now, "staff").json()["detail"]
    assert revoke(league, now - timedelta(days=2), "staff").status_code == 200, "from an earlier day"
    browser = Client()
    browser.force_login(league.owner)
    page = browser.get("/nodes/node-a/keys/").content.decode()
    assert "revoked" in page and "<form" in page
    assert "Revoke a key" not in Client().get("/nodes/node-a/keys/").content.decode()


def files_of(league, run, folder: Path) -> list[str]:
    """What somebody downloads who wants to ask nobody later."""
    api = league.api["visitor"]
    for name, path in {
        "evidence": f"/runs/{run}/evidence",
        "inclusion": f"/runs/{run}/inclusion",
        "keys": "/keys",
    }.items():
        folder.joinpath(f"{name}.json").write_bytes(api("GET", path).content)
    return [
        str(folder / "evidence.json"),
        "--keys",
        str(folder / "keys.json"),
        "--inclusion",
        str(folder / "inclusion.json"),
    ]


def test_evidence_is_verified_offline_with_the_list_of_keys(league, own_home, tmp_path, monkeypatch):
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path / "verifier"))
    node, pinned = league.node(), tmp_path / "centre.pub"
    pinned.write_bytes(public_pem(centre_key().public_key()))
    run = scored(league, node)
    rotate_centre_key(datetime.now(UTC))  # who pinned the first key follows
    args = [*files_of(league, run.token, tmp_path), "--key", str(pinned)]

    def checks(*args: str) -> tuple[int, dict[str, str]]:
        shown = CliRunner().invoke(verify, [*args, "--json"])
        return shown.exit_code, {
            c["check"]: ("" if c["ok"] else "NOT ") + c["detail"]
            for c in msgspec.json.decode(shown.stdout)["checks"]
        }

    code, found = checks(*args)
    assert code == 0 and "node-a" in found["signature"] and "good when it signed" in found["key"], found
    # Revoked from a day before: falls, with the log's date as without it. From a day after: stands, by the log alone.
    entered = AuditEntry.objects.get(act="run.ended").time
    assert revoke(league, entered + timedelta(microseconds=1)).json()["fallen"] == []
    args = [*files_of(league, run.token, tmp_path), "--key", str(pinned)]
    code, found = checks(*args)
    assert code == 0 and "the log held this before" in found["key"], found
    code, found = checks(*(arg for arg in args if "inclusion" not in arg))
    assert code == 2 and "give --inclusion" in found["key"], found
    assert len(revoke(league, entered - timedelta(hours=1)).json()["fallen"]) == 1
    code, found = checks(*[*files_of(league, run.token, tmp_path), "--key", str(pinned)])
    assert code == 2 and found["key"].startswith("NOT the key is revoked"), found


def test_the_centres_key_lost_is_recovered(league, own_home, tmp_path):
    league.node()
    stolen = centre_key()
    api = league.api["visitor"]
    open_key_list(api("GET", "/keys").content, [stolen.public_key()])
    day = datetime.now(UTC) - timedelta(days=2)
    made = rotate_centre_key(datetime.now(UTC), lost_since=day)
    given = open_key_list(api("GET", "/keys").content, [centre_key().public_key()])
    lives = {
        key_id_: term for term in given.terms if term.holder == CENTRE for key_id_ in [term.revoked_from]
    }
    assert set(lives) == {day, None} and made.key_id == key_id(centre_key().public_key())
    assert CentreKey.objects.get(revoked_from=day).until is not None
    browser = Client()
    browser.force_login(league.staff)
    assert browser.get("/audit/?check").context["checked"] == [], "the log holds under both keys"


def test_lists_of_keys_need_no_account_and_name_every_key(league):
    node = league.node()
    change(node)
    given = open_key_list(Api()("GET", "/keys").content, [centre_key().public_key()])
    assert [term.holder for term in given.terms].count("node-a") == 2
    assert NodeKey.objects.filter(key_id__in=[key_id(node.key.public_key())], until__isnull=False).exists()
