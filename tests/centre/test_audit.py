"""The audit log: a changed, removed or reordered entry is found, and so is a log written anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.centre.members import audit, log_heads
from lumbung.centre.members.models import AuditCheckpoint, AuditCosignature, AuditEntry, AuditTile
from lumbung.proving.keys import public_pem
from lumbung.proving.transparency import Fork, NoteError, Witness, read_inclusion

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
NODE = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(db):
    for number in range(6):
        audit.append("thing.done", f"thing-{number}", actor="centre", now=NOW, number=number)
    log_heads.checkpoint(KEY, NOW)
    audit.append("thing.done", "after", actor="centre", now=NOW)
    return [json.loads(line) for line in audit.export_lines()]


def read(lines):
    return audit.read_lines([json.dumps(line).encode() for line in lines])


def findings(lines, seen=()):
    return [f.problem for f in audit.verify(read(lines), [KEY.public_key()], seen=seen)]


def test_a_whole_log_holds(log):
    assert findings(log) == []
    assert audit.verify(audit.read_own(), [KEY.public_key()]) == []


@pytest.mark.parametrize("field", ["time", "actor", "act", "subject", "details", "previous"])
def test_a_changed_entry_is_found(log, field):
    changed = {"time": "2026-01-02T00:00:00Z", "details": {"number": 99}}.get(field, "f" * 64)
    log[2] = {**log[2], field: changed}
    assert any("changed" in problem or "follow" in problem for problem in findings(log))


def test_a_removed_entry_is_found(log):
    del log[3]
    assert any("missing" in problem for problem in findings(log))


def test_a_removed_tail_is_found_by_the_checkpoint(log):
    assert any("gone" in problem for problem in findings([*log[:4], log[-1]]))


def test_reordered_entries_are_found(log):
    log[1], log[2] = log[2], log[1]
    assert findings(log)


def test_a_log_written_anew_is_found_by_the_signature(log):
    anew = read(log)
    entries = anew.entries
    entries[0].subject = "something else"
    previous = audit.START
    for entry in entries:
        entry.previous = previous
        entry.hash = previous = audit.entry_hash(entry)
    assert any("not the one that was signed" in f.problem for f in audit.verify(anew, [KEY.public_key()]))


def test_a_strangers_checkpoint_is_found(log):
    assert any("unknown key" in f.problem for f in audit.verify(read(log), []))


def test_entries_name_nobody(log):
    from lumbung.centre.members.models import User

    user = User.objects.create_user("someone@example.org", "a long password")
    entry = audit.append("thing.done", "x", actor=user, now=NOW)
    assert entry.actor == f"user:{user.pk}" and "someone" not in json.dumps(log)
    assert AuditEntry.objects.count() == 8


def test_an_actor_is_named_by_its_model_also_behind_a_requests_lazy_stand_in(db):
    from django.utils.functional import SimpleLazyObject

    from lumbung.centre.members.models import User

    user = User.objects.create_user("lazy@example.org", "a long password")
    assert audit.append("a.b", "x", actor=SimpleLazyObject(lambda: user), now=NOW).actor == f"user:{user.pk}"
    for nobody in (None, 7, User()):
        with pytest.raises(TypeError):
            audit.append("a.b", "x", actor=nobody, now=NOW)


def witnessed():
    """The newest head as a node keeps it, and the node's cosignature in the log."""
    offered = log_heads.offer(0, KEY, NOW + timedelta(hours=1))
    witness = Witness().attend(offered)
    line = witness.countersign("node-a", NODE, NOW)
    log_heads.keep_cosignature("node-a", [public_pem(NODE.public_key()).decode()], witness.seen, line)
    return witness


def test_a_cut_end_is_found_by_what_a_node_saw_even_when_the_heads_are_cut_too(log):
    witness = witnessed()
    whole = [json.loads(line) for line in audit.export_lines()]
    assert findings(whole, [witness.seen]) == []
    for kept in range(witness.size):
        cut = [row for row in whole if row.get("number", 0) and row["number"] <= kept]
        assert findings(cut) == [], "nothing in what is left says so"
        assert any("the end was cut" in problem for problem in findings(cut, [witness.seen]))


def test_a_log_kept_twice_is_found_by_what_a_node_saw(log):
    witness = witnessed()
    AuditEntry.objects.filter(number=7).delete()
    AuditCosignature.objects.all().delete()
    AuditCheckpoint.objects.filter(number=7).delete()
    audit.append("thing.done", "another", actor="centre", now=NOW)
    fork = log_heads.offer(witness.size, KEY, NOW + timedelta(hours=2))
    with pytest.raises(Fork):
        witness.attend(fork)
    lines = [json.loads(line) for line in audit.export_lines()]
    assert any("kept twice" in problem for problem in findings(lines, [witness.seen]))


def test_cosignatures_are_the_witnesses_own(log):
    witness = witnessed()
    pem, other = (public_pem(key.public_key()).decode() for key in (NODE, KEY))
    line = witness.countersign("node-a", NODE, NOW)
    for name, key, note in (("node-b", pem, witness.seen), ("node-a", other, witness.seen)):
        with pytest.raises(NoteError):
            log_heads.keep_cosignature(name, [key], note, line)
    lines = [json.loads(row) for row in audit.export_lines()]
    for row in lines:
        if "cosignature" in row:
            row["cosignature"]["witness"] = "node-b"
    assert any("cosignature of node-b" in problem for problem in findings(lines))


def test_an_entry_is_proven_to_who_has_nothing_else(log):
    for number in (1, 4, 7):
        entry = AuditEntry.objects.get(number=number)
        shown = log_heads.inclusion(entry, KEY, NOW + timedelta(hours=1))
        again = read_inclusion(msgspec.json.encode(shown))
        assert again.check(KEY.public_key()).size >= number
        with pytest.raises(NoteError):
            again.check(NODE.public_key())
        altered = msgspec.structs.replace(again, entry=msgspec.structs.replace(again.entry, subject="other"))
        with pytest.raises(NoteError, match="not in the log"):
            altered.check(KEY.public_key())


def test_a_long_log_is_proven_from_its_tiles(db):
    rows, previous = [], audit.START
    for number in range(1, 1101):
        entry = AuditEntry(
            number=number, time=NOW, actor="centre", act="a.b", subject="x", details={}, previous=previous
        )
        entry.hash = previous = audit.entry_hash(entry)
        rows.append(entry)
    AuditEntry.objects.bulk_create(rows)
    first = Witness().attend(log_heads.offer(0, KEY, NOW))
    for _ in range(5):
        audit.append("a.b", "y", actor="centre", now=NOW)
    assert first.attend(log_heads.offer(first.size, KEY, NOW + timedelta(hours=1))).size == 1105
    assert AuditTile.objects.count() == 4
    assert audit.verify(audit.read_own(), [KEY.public_key()], seen=[first.seen]) == []
