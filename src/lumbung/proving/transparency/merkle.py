"""Merkle trees and their proofs, as RFC 6962 defines them (sections 2.1, 2.1.1 and 2.1.2).

A tree over a million entries is asked for proofs of twenty hashes, so it is never built whole: the hashes of complete
runs of `TILE` entries may be kept and given back, and the rest is computed from the leaves a proof touches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

TILE = 256
"""Entries of a complete run whose hash is worth keeping."""

Leaves = Callable[[int, int], Sequence[bytes]]


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry (RFC 6962, 2.1: ``SHA-256(0x00 || d)``)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def _inner(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two below *size*."""
    return 1 << ((size - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the head of a tree from the hashes of its leaves."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = _split(len(leaves))
    return _inner(root_of(leaves[:middle]), root_of(leaves[middle:]))


class Frontier:
    """A tree that grows by its end: what an auditor keeps who reads a log once and meets a signed head now and then."""

    def __init__(self) -> None:
        self.size = 0
        self._runs: list[bytes] = []  # heads of complete runs, the longest first

    def append(self, leaf: bytes) -> None:
        """Add the hash of one more entry."""
        run, bits = leaf, self.size
        while bits & 1:
            run, bits = _inner(self._runs.pop(), run), bits >> 1
        self._runs.append(run)
        self.size += 1

    def head(self) -> bytes:
        """Return the head over all entries so far."""
        if not self._runs:
            return root_of([])
        found = self._runs[-1]
        for run in reversed(self._runs[:-1]):
            found = _inner(run, found)
        return found


class Tree:
    """A tree over the first *size* entries of a log.

    Parameters
    ----------
    size : int
    leaves : callable
        ``leaves(start, stop)`` gives the leaf hashes of that range.
    tiles : sequence of bytes, optional
        Heads of the first complete runs of `TILE` leaves, in order; as many as are kept.
    """

    def __init__(self, size: int, leaves: Leaves, tiles: Sequence[bytes] = ()) -> None:
        self.size, self._leaves, self._tiles = size, leaves, tiles

    def head(self, size: int | None = None) -> bytes:
        """Return the head over the first *size* entries (all by default)."""
        return self._hash(0, self.size if size is None else size)

    def _hash(self, start: int, stop: int) -> bytes:
        count = stop - start
        if count <= TILE:
            if count == TILE and start % TILE == 0 and start // TILE < len(self._tiles):
                return self._tiles[start // TILE]
            return root_of(self._leaves(start, stop))
        middle = start + _split(count)
        return _inner(self._hash(start, middle), self._hash(middle, stop))

    def inclusion(self, index: int) -> list[bytes]:
        """Return the audit path of the entry at *index* (RFC 6962, 2.1.1)."""
        if not 0 <= index < self.size:
            raise ValueError(f"entry {index} of a log of {self.size}")
        return self._path(index, 0, self.size)

    def _path(self, index: int, start: int, stop: int) -> list[bytes]:
        if stop - start == 1:
            return []
        middle = start + _split(stop - start)
        if index < middle:
            return [*self._path(index, start, middle), self._hash(middle, stop)]
        return [*self._path(index, middle, stop), self._hash(start, middle)]

    def consistency(self, first: int) -> list[bytes]:
        """Return the proof that the first *first* entries are still there, unchanged (RFC 6962, 2.1.2)."""
        if not 0 <= first <= self.size:
            raise ValueError(f"a head over {first} entries, and the log has {self.size}")
        if first in (0, self.size):
            return []
        return self._subproof(first, 0, self.size, whole=True)

    def _subproof(self, first: int, start: int, stop: int, *, whole: bool) -> list[bytes]:
        if start + first == stop:
            return [] if whole else [self._hash(start, stop)]
        middle = _split(stop - start)
        if first <= middle:
            return [
                *self._subproof(first, start, start + middle, whole=whole),
                self._hash(start + middle, stop),
            ]
        return [
            *self._subproof(first - middle, start + middle, stop, whole=False),
            self._hash(start, start + middle),
        ]


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the audit path of one entry of a log that is at hand whole."""
    return Tree(len(leaves), lambda start, stop: leaves[start:stop]).inclusion(index)


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether *leaf* is entry *index* (from 0) of the log of *size* entries with head *root* (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            found = _inner(sibling, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = _inner(found, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and found == root


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether a log of *second* entries continues the one of *first* entries (RFC 9162, 2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 <= first < second:
        return False
    if first == 0:
        return not proof
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    node, last = first - 1, second - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            old, new = _inner(sibling, old), _inner(sibling, new)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            new = _inner(new, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
