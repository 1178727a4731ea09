"""The audit log: a changed, removed or reordered entry is found, and so is a log written anew."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.centre.members import audit
from lumbung.centre.members.models import AuditEntry

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(db):
    for number in range(6):
        audit.append("thing.done", f"thing-{number}", actor="centre", now=NOW, number=number)
    audit.checkpoint(KEY, NOW)
    audit.append("thing.done", "after", actor="centre", now=NOW)
    return [json.loads(line) for line in audit.export_lines()]


def findings(lines):
    entries, points = audit.read_lines([json.dumps(line).encode() for line in lines])
    return [f.problem for f in audit.verify(entries, points, [KEY.public_key()])]


def test_a_whole_log_holds(log):
    assert findings(log) == []
    assert audit.verify(*audit.read_own(), [KEY.public_key()]) == []


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
    entries, points = audit.read_lines([json.dumps(line).encode() for line in log])
    entries[0].subject = "something else"
    previous = audit.START
    for entry in entries:
        entry.previous = previous
        entry.hash = previous = audit.entry_hash(entry)
    assert any(
        "not the one that was signed" in f.problem for f in audit.verify(entries, points, [KEY.public_key()])
    )


def test_a_strangers_checkpoint_is_found(log):
    entries, points = audit.read_lines([json.dumps(line).encode() for line in log])
    assert any("unknown key" in f.problem for f in audit.verify(entries, points, []))


def test_entries_name_nobody(log):
    from lumbung.centre.members.models import User

    user = User.objects.create_user("someone@example.org", "a long password")
    entry = audit.append("thing.done", "x", actor=user, now=NOW)
    assert entry.actor == f"user:{user.pk}" and "someone" not in json.dumps(log)
    assert AuditEntry.objects.count() == 8
