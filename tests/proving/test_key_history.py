"""The lives of keys: what a signature is worth before, within and after them, and a list that cannot be made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lumbung.proving.key_history import (
    CENTRE,
    CLOCKS_APART,
    KeyList,
    KeyListError,
    KeyTerm,
    open_key_list,
    sign_key_list,
    terms_of,
)
from lumbung.proving.keys import (
    KeyUnusable,
    endorse,
    is_endorsed,
    key_id,
    load_or_make_key,
    next_key,
    public_pem,
    read_public_key,
    read_public_pem,
    take_next_key,
)
from lumbung.proving.transparency import Act, Head, Inclusion, inclusion_proof, leaf_of, root_of, sign_head

FIRST, SECOND, NODE, LATER, THIEF = (
    Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 6)
)
T0 = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def pem(key: Ed25519PrivateKey) -> str:
    return public_pem(key.public_key()).decode()


def name(key: Ed25519PrivateKey) -> str:
    return key_id(key.public_key())


def acts(*told: tuple[int, str, str, dict[str, str]]) -> list[Act]:
    made, previous = [], "0" * 64
    for number, (day, act, subject, details) in enumerate(told, start=1):
        entry = Act(number, T0 + day * DAY, "x", act, subject, details, previous)
        made.append(entry)
        previous = entry.hash
    return made


def listed(entries: list[Act], signer: Ed25519PrivateKey, *keys: Ed25519PrivateKey) -> bytes:
    leaves = [leaf_of(entry.hash) for entry in entries]
    note = sign_head(Head("log", len(leaves), root_of(leaves)), signer)
    shown = tuple(
        Inclusion(entry, tuple(_text(step) for step in inclusion_proof(i, leaves)), note)
        for i, entry in enumerate(entries)
    )
    return sign_key_list(KeyList(T0 + 99 * DAY, tuple(map(pem, keys)), shown), signer)


def _text(step: bytes) -> str:
    import base64

    return base64.b64encode(step).decode()


HANDED_OVER = acts(
    (0, "centre.key_began", "centre", {"key": name(FIRST)}),
    (1, "node.joined", "node-a", {"key": name(NODE), "until": (T0 + 50 * DAY).isoformat()}),
    (2, "node.key_rotated", "node-a", {"key": name(LATER), "before": name(NODE)}),
    (
        3, "centre.key_rotated", "centre",
        {"key": name(SECOND), "before": name(FIRST), "endorsement": endorse(FIRST, SECOND.public_key())},
    ),
    (9, "node.key_revoked", "node-a", {"key": name(NODE), "from": (T0 + 1.5 * DAY).isoformat()}),
)  # fmt: skip
KEYS = (FIRST, SECOND, NODE, LATER)


def test_acts_tell_the_lives_of_keys():
    terms = terms_of(HANDED_OVER, {name(key): pem(key) for key in KEYS})
    told = [(t.holder, t.since, t.until, t.revoked_from) for t in terms]
    assert [(t.endorsed_by, bool(t.endorsement)) for t in terms] == [
        ("", False), ("", False), (name(NODE), False), (name(FIRST), True),
    ]  # fmt: skip
    assert told == [
        (CENTRE, T0, T0 + 3 * DAY, None),
        ("node-a", T0 + DAY, T0 + 2 * DAY, T0 + 1.5 * DAY),
        ("node-a", T0 + 2 * DAY, None, None),
        (CENTRE, T0 + 3 * DAY, None, None),
    ]


TERM = KeyTerm("n", pem(NODE), T0, T0 + 10 * DAY)
REVOKED = msgspec.structs.replace(TERM, revoked_from=T0 + 5 * DAY)


@pytest.mark.parametrize(
    ("term", "signed", "logged", "objection"),
    [
        (TERM, 4, None, ""),
        (TERM, 4, 90, ""),  # held for months by the owner, and signed within the key's life
        (TERM, 11, 11, "too_late"),
        (TERM, -1, 4, "too_early"),
        (REVOKED, 4, 4.5, ""),
        (REVOKED, 4, None, "undated"),
        (REVOKED, 4, 6, "revoked"),  # who holds a stolen key writes any date
        (REVOKED, 6, None, "revoked"),
    ],
)
def test_what_a_signature_is_worth(term, signed, logged, objection):
    assert term.objection(T0 + signed * DAY, None if logged is None else T0 + logged * DAY) == objection


def test_clocks_may_differ_by_a_little():
    assert TERM.objection(T0 - CLOCKS_APART / 2) == "" == TERM.objection(T0 + 10 * DAY + CLOCKS_APART / 2)


def test_who_trusts_an_earlier_key_follows_its_endorsement():
    given = open_key_list(listed(HANDED_OVER, SECOND, *KEYS), [FIRST.public_key()])
    assert {name(FIRST), name(SECOND)} == {key_id(key) for key in given.of_centre()}
    assert given.term(name(LATER)).holder == "node-a" and given.term(name(THIEF)) is None


def test_a_thief_who_was_revoked_vouches_for_nobody():
    stolen = acts(
        (0, "centre.key_began", "centre", {"key": name(FIRST)}),
        (1, "centre.key_revoked", "centre", {"key": name(FIRST), "from": T0.isoformat()}),
        (1, "centre.key_began", "centre", {"key": name(SECOND)}),
    )
    envelope = listed(stolen, SECOND, FIRST, SECOND)
    with pytest.raises(KeyListError, match="no trusted key vouches"):
        open_key_list(envelope, [FIRST.public_key()])
    assert open_key_list(envelope, [SECOND.public_key()]).of_centre() == [SECOND.public_key()]
    with pytest.raises(KeyListError):
        open_key_list(listed(stolen, FIRST, FIRST, SECOND), [FIRST.public_key()])


@pytest.mark.parametrize("spoil", ["left_out", "altered", "unknown_signer", "endorsement", "rubbish"])
def test_a_list_that_was_made_up_is_refused(spoil):
    entries, signer, keys = list(HANDED_OVER), SECOND, KEYS
    if spoil == "endorsement":
        forged = {**entries[3].details, "endorsement": endorse(THIEF, SECOND.public_key())}
        entries[3] = msgspec.structs.replace(entries[3], details=forged)
    if spoil == "unknown_signer":
        signer, keys = THIEF, (*KEYS, THIEF)
    envelope = listed(entries, signer, *keys)
    if spoil == "left_out":  # of the key that an act names
        envelope = listed(entries, signer, FIRST, SECOND, NODE)
    if (
        spoil == "altered"
    ):  # the revocation moved to another day, signed anew by the centre: its log says otherwise
        given = open_key_list(envelope, [FIRST.public_key()])
        moved = msgspec.structs.replace(
            given.acts[4].entry, details={**entries[4].details, "from": T0.isoformat()}
        )
        changed = (*given.acts[:4], msgspec.structs.replace(given.acts[4], entry=moved))
        envelope = sign_key_list(msgspec.structs.replace(given, acts=changed), SECOND)
    if spoil == "rubbish":
        envelope = b"{}"
    with pytest.raises(KeyListError):
        open_key_list(envelope, [FIRST.public_key()])


def test_a_key_is_replaced_in_its_folder_and_the_old_one_is_gone(tmp_path):
    before, after = load_or_make_key(tmp_path), next_key(tmp_path)
    assert name(next_key(tmp_path)) == name(after), "the same one until it takes its place"
    assert is_endorsed(endorse(before, after.public_key()), before.public_key(), after.public_key())
    assert not is_endorsed(endorse(before, after.public_key()), before.public_key(), THIEF.public_key())
    assert not is_endorsed("?", before.public_key(), after.public_key())
    take_next_key(tmp_path)
    assert name(load_or_make_key(tmp_path)) == name(after)
    assert (tmp_path / "signing.pub").read_bytes() == public_pem(after.public_key())
    assert (tmp_path / f"signing-{name(before)[:16]}.pub").read_bytes() == public_pem(before.public_key())
    assert not [path for path in tmp_path.rglob("*.key") if path != tmp_path / "signing.key"]


def test_a_revocation_holds_from_its_very_moment():
    term = KeyTerm("node-a", pem(NODE), T0, revoked_from=T0 + DAY)
    second = timedelta(seconds=1)
    assert term.objection(T0, T0 + DAY) == "revoked" and term.objection(T0, T0 + DAY - second) == ""
    assert term.objection(T0 + DAY) == "revoked" and term.objection(T0 + DAY - second) == "undated"
    whole = KeyTerm("node-a", pem(NODE), T0, T0 + DAY)
    assert whole.objection(T0 - CLOCKS_APART) == "" == whole.objection(T0 + DAY + CLOCKS_APART)
    assert whole.objection(T0 - CLOCKS_APART - second) == "too_early"
    assert whole.objection(T0 + DAY + CLOCKS_APART + second) == "too_late"


def test_only_a_key_of_the_kind_is_read(tmp_path):
    another = Ed448PrivateKey.generate().public_key()
    other = another.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    with pytest.raises(ValueError, match=r"^not an Ed25519 public key$"):
        read_public_pem(other)
    with pytest.raises(ValueError):
        read_public_pem("no key at all")
    assert read_public_pem(pem(NODE)) == NODE.public_key()
    (tmp_path / "key.pub").write_text(other)
    with pytest.raises(KeyUnusable, match=r"key\.pub: not a readable PEM public key \(not an Ed25519"):
        read_public_key(tmp_path / "key.pub")
