"""A node as a witness: it remembers, countersigns what continues, and takes no work from a log that was cut."""

from __future__ import annotations

import base64

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.node.line import LineDown
from lumbung.node.witness import LogBroken, LogWatch
from lumbung.proving.keys import load_or_make_key, public_pem
from lumbung.proving.transparency import (
    Countersigned,
    Head,
    HeadOffer,
    Tree,
    Witness,
    leaf_hash,
    sign_head,
    verify_cosignature,
)

KEEPER = Ed25519PrivateKey.generate()
LEAVES = [leaf_hash(str(number).encode()) for number in range(9)]
TREE = Tree(9, lambda start, stop: LEAVES[start:stop])


def offer(size: int, seen: int = 0) -> HeadOffer:
    note = sign_head(Head("a-log", size, TREE.head(size)), KEEPER)
    proof = Tree(size, lambda start, stop: LEAVES[start:stop]).consistency(seen) if seen else []
    return HeadOffer(
        note,
        public_pem(KEEPER.public_key()).decode(),
        tuple(base64.b64encode(step).decode() for step in proof),
    )


@pytest.fixture
def watch(folder):
    return LogWatch(folder)


@pytest.fixture
def shows(centre):
    """Let the centre show heads, one after the other; None where it has no log."""

    def show(*heads):
        answers = [
            httpx.Response(204) if head is None else httpx.Response(200, content=msgspec.json.encode(head))
            for head in heads
        ]
        centre.answers |= {"/log": answers, "/cosignatures": httpx.Response(200)}

    return show


def test_each_new_head_is_countersigned_and_asked_for_from_the_last(watch, folder, line, centre, shows):
    assert watch.seen() == Witness()
    shows(offer(4), offer(9, 4), offer(9, 9))
    for _ in range(3):
        watch.attend(line)
    assert [one.url.params["seen"] for one in centre.asked if one.method == "GET"] == ["0", "4", "9"]
    lines = [
        msgspec.json.decode(one.content, type=Countersigned) for one in centre.asked if one.method == "POST"
    ]
    assert [one.note for one in lines] == [offer(4).note, offer(9).note], (
        "a head that is not new is not signed again"
    )
    for one in lines:
        verify_cosignature(one.note, one.line, "node-a", load_or_make_key(folder.keys).public_key())
    assert watch.seen() == Witness(offer(9).note, offer(9).key) and watch.seen().size == 9


def test_a_log_that_was_cut_leaves_both_heads_as_proof_and_no_further_question(watch, line, centre, shows):
    shows(offer(9), offer(4))
    watch.attend(line)
    with pytest.raises(LogBroken, match=r"it was cut; both heads are kept in .*log-conflict\.json"):
        watch.attend(line)
    proof = msgspec.json.decode(watch.conflict.read_bytes())
    assert set(proof) == {"why", "seen", "offered", "found"} and "cut" in proof["why"]
    assert (proof["seen"], proof["offered"]) == (offer(9).note, offer(4).note)
    assert watch.seen().size == 9
    asked = len(centre.asked)
    with pytest.raises(LogBroken, match="takes no work until its owner looked into it: 'lumbung node log'"):
        watch.attend(line)
    assert len(centre.asked) == asked


def test_a_log_that_is_hidden_after_it_was_seen_is_a_fork_and_one_that_never_was_is_none(watch, line, shows):
    shows(None, offer(4), None)
    watch.attend(line)
    assert not watch.conflict.exists()
    watch.attend(line)
    with pytest.raises(LogBroken, match="shows no log any more"):
        watch.attend(line)
    assert msgspec.json.decode(watch.conflict.read_bytes())["offered"] == ""


@pytest.mark.parametrize(
    "answer", [httpx.Response(404, content=b'{"detail": "no"}'), httpx.Response(200, content=b"{")]
)
def test_a_log_that_cannot_be_read_is_no_proof_of_anything(watch, line, centre, answer):
    centre.answers["/log"] = answer
    with pytest.raises(LogBroken, match="cannot be read"):
        watch.attend(line)
    assert not watch.conflict.exists()


def test_a_head_with_another_signature_is_not_believed(watch, line, shows):
    shows(HeadOffer(offer(4).note.replace("a-log", "b-log", 1), offer(4).key))
    with pytest.raises(LogBroken, match="cannot be read"):
        watch.attend(line)
    assert watch.seen() == Witness()


def test_a_cosignature_that_is_refused_stops_the_work(watch, line, centre, shows):
    shows(offer(4))
    centre.answers["/cosignatures"] = httpx.Response(403, content=b'{"detail": "who are you"}')
    with pytest.raises(LogBroken, match="does not take this node's cosignature: who are you"):
        watch.attend(line)


def test_a_line_that_is_down_is_no_broken_log(watch, line, centre):
    centre.answers["/log"] = httpx.ConnectError("no route")
    with pytest.raises(LineDown):
        watch.attend(line)


def test_what_cannot_be_read_is_restored_or_begun_anew(watch, folder, line, shows):
    memory = folder.path / "witness.json"
    memory.write_text("{")
    with pytest.raises(LogBroken, match=r"witness\.json: .*'lumbung node log --begin-anew'"):
        watch.seen()
    watch.begin_anew()
    watch.begin_anew()
    assert watch.seen() == Witness() and not memory.exists()
    (kept,) = folder.path.glob("witness-*.json")
    assert kept.read_text() == "{"
    shows(offer(9), offer(4))
    watch.attend(line)
    with pytest.raises(LogBroken):
        watch.attend(line)
    watch.begin_anew()
    assert not watch.conflict.exists() and len(list(folder.path.glob("log-conflict-*.json"))) == 1
