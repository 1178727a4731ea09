"""A log under a Merkle tree: published heads, every proof of small trees, and no cut or fork unseen."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from lumbung.proving.keys import public_pem
from lumbung.proving.transparency import (
    Fork,
    Frontier,
    Head,
    HeadOffer,
    NoteError,
    Tree,
    Witness,
    leaf_hash,
    notes,
    open_head,
    read_head,
    root_of,
    sign_head,
    verify_consistency,
    verify_cosignature,
    verify_inclusion,
)
from lumbung.proving.transparency.merkle import TILE

KEEPER = Ed25519PrivateKey.from_private_bytes(bytes(32))
NODE = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
NOW = datetime(2026, 1, 1, tzinfo=UTC)

# The eight entries and heads with which implementations of RFC 6962 are usually held to it.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
HEADS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaves(count, salt=b""):
    return [leaf_hash(salt + str(number).encode()) for number in range(count)]


def tree(hashes, size=None, tiles=()):
    return Tree(len(hashes) if size is None else size, lambda a, b: hashes[a:b], tiles)


@pytest.mark.parametrize("size", range(9))
def test_heads_are_the_published_ones(size):
    hashes = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES[:size]]
    assert root_of(hashes).hex() == HEADS[size]


def test_every_proof_of_small_trees_holds_and_no_altered_one():
    for size in range(1, 34):
        hashes = leaves(size)
        whole = tree(hashes)
        for index in range(size):
            proof = whole.inclusion(index)
            assert verify_inclusion(index, size, hashes[index], proof, whole.head())
            assert not verify_inclusion(index, size, leaf_hash(b"another"), proof, whole.head())
            assert not verify_inclusion(index, size, hashes[index], [*proof, bytes(32)], whole.head())
            assert size == 1 or not verify_inclusion(index, size, hashes[index], proof[:-1], whole.head())
        for first in range(size + 1):
            proof = whole.consistency(first)
            assert verify_consistency(first, size, root_of(hashes[:first]), whole.head(), proof)
            if 0 < first < size:
                assert not verify_consistency(first, size, bytes(32), whole.head(), proof)
                assert not verify_consistency(first, size, root_of(hashes[:first]), bytes(32), proof)
                assert not verify_consistency(first, size, root_of(hashes[:first]), whole.head(), proof[:-1])


def test_what_is_outside_a_log_is_not_in_it():
    hashes = leaves(4)
    head = root_of(hashes)
    for index, size in ((-1, 4), (4, 4), (0, 0), (5, 4)):
        assert not verify_inclusion(index, size, head, [], head)
    assert not verify_consistency(5, 4, head, head, []) and not verify_consistency(-1, 4, head, head, [])
    assert not verify_consistency(4, 4, head, head, [head]) and not verify_consistency(
        0, 4, head, head, [head]
    )
    assert not verify_consistency(3, 4, head, head, [])


@pytest.mark.parametrize("size", [TILE, TILE + 1, 3 * TILE, 5 * TILE + 17])
def test_kept_tiles_change_nothing(size):
    hashes = leaves(size)
    tiles = [root_of(hashes[at : at + TILE]) for at in range(0, size - TILE + 1, TILE)]

    def only_the_rest(start, stop):
        assert stop - start <= TILE
        return hashes[start:stop]

    quick = Tree(size, only_the_rest, tiles)
    assert quick.head() == root_of(hashes)
    for first in (1, TILE - 1, TILE, size // 2, size - 1):
        assert quick.consistency(first) == tree(hashes).consistency(first)
        assert quick.inclusion(first - 1) == tree(hashes).inclusion(first - 1)


def test_a_growing_tree_has_the_heads_of_the_whole_ones():
    grown = Frontier()
    for size, leaf in enumerate(leaves(70)):
        assert grown.head() == root_of(leaves(size))
        grown.append(leaf)


def note(hashes, size=None, key=KEEPER):
    size = len(hashes) if size is None else size
    return sign_head(Head("lumbung.test/log", size, root_of(hashes[:size])), key)


def offer(hashes, seen, key=KEEPER):
    proof = tree(hashes).consistency(min(seen, len(hashes)))
    pem = public_pem(key.public_key()).decode()
    return HeadOffer(note(hashes, key=key), pem, tuple(base64.b64encode(step).decode() for step in proof))


def test_a_head_is_read_by_its_keepers_key_alone():
    signed = note(leaves(5))
    assert open_head(signed, KEEPER.public_key()) == Head("lumbung.test/log", 5, root_of(leaves(5)))
    for wrong in (signed.replace("\n5\n", "\n6\n"), note(leaves(5), key=NODE), signed.split("—")[0]):
        with pytest.raises(NoteError):
            open_head(wrong, KEEPER.public_key())


@pytest.mark.parametrize(
    "text",
    ["", "x", "a\n1\nAA==\n\n— a b\n", "a\n-1\n" + "A" * 43 + "=\n\n", "a\n01\n\n\n\n", "a\n1\né\n\n\n"],
)
def test_what_is_no_head_is_refused(text):
    with pytest.raises(NoteError):
        read_head(text)


def test_a_witness_countersigns_what_continues():
    hashes, witness = leaves(40), Witness()
    for size in (3, 3, 8, 40):
        witness = witness.attend(offer(hashes[:size], witness.size))
        line = witness.countersign("simpul-id", NODE, NOW)
        assert verify_cosignature(witness.seen, line, "simpul-id", NODE.public_key()) == NOW
    for seen, key, name in (
        (note(hashes[:39]), NODE, "simpul-id"), (witness.seen, KEEPER, "simpul-id"), (witness.seen, NODE, "other"),
    ):  # fmt: skip
        with pytest.raises(NoteError):
            verify_cosignature(seen, line, name, key.public_key())


def test_a_keeper_that_signs_with_another_key_is_found():
    witness = Witness().attend(offer(leaves(5), 0))
    with pytest.raises(Fork, match="another key"):
        witness.attend(offer(leaves(9), 5, key=NODE))
    with pytest.raises(NoteError):
        Witness().attend(HeadOffer(note(leaves(5)), public_pem(NODE.public_key()).decode()))


def test_no_cut_and_no_fork_of_a_thousand_goes_unnoticed():
    chance, noticed = random.Random(20261129), 0
    for _ in range(1000):
        size = chance.randrange(2, 130)
        hashes = leaves(size)
        witness = Witness().attend(offer(hashes, 0))
        if chance.random() < 0.5:  # cut, and perhaps grown again with other entries
            keep = chance.randrange(size)
            false = hashes[:keep] + leaves(chance.randrange(0, 2 * size), b"anew")
        else:  # one entry changed, the log grown or not
            false = [*hashes, *leaves(chance.randrange(0, 50), b"later")]
            false[chance.randrange(size)] = leaf_hash(b"changed")
        with pytest.raises(Fork):
            witness.attend(offer(false, size))
        noticed += 1
        honest = [*hashes, *leaves(chance.randrange(0, 50), b"later")]
        assert witness.attend(offer(honest, size)).size == len(honest)
    print(f"tail cuts and forks of the log: {1000 - noticed} of 1000 unnoticed")


def test_a_key_is_named_as_go_names_it():
    """The verifier key of the Go checksum database, as published: its name, its key's hash, its key."""
    name, known, told = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8".split("+", 2)
    kind, key = base64.b64decode(told)[0], base64.b64decode(told)[1:]
    assert notes._key_hash(name, kind, Ed25519PublicKey.from_public_bytes(key)).hex() == known


def test_a_fork_says_what_does_not_continue():
    hashes = leaves(9)

    def offered(name, size, key=KEEPER):
        note = sign_head(Head(name, size, tree(hashes[:size]).head(size)), key)
        return HeadOffer(note, public_pem(key.public_key()).decode())

    seen = Witness().attend(offered("a-log", 5))
    for offer, why in (
        (offered("b-log", 9), "the log is called 'b-log' now, it was 'a-log'"),
        (offered("a-log", 4), "the log has 4 entries, and had 5 when it was seen last: it was cut"),
        (offered("a-log", 9, NODE), "the log's heads are signed with another key than before"),
    ):
        with pytest.raises(Fork) as caught:
            seen.attend(offer)
        assert (str(caught.value), caught.value.seen, caught.value.offered) == (why, seen.seen, offer.note)
