"""A log that cannot be cut or forked unseen: a Merkle tree over its entries, signed heads, and witnesses.

Whoever keeps a log can drop its last entries or keep two of it, and a chain of hashes alone shows neither. So the keeper signs heads of a Merkle tree (`merkle`, RFC 6962), in the form that other logs use
(`notes`, C2SP), and each node that works for a centre witnesses them: it countersigns a head only when the keeper proves that it continues the last one this node saw (`witness`).
"""

from lumbung.proving.transparency.inclusion import Act, Inclusion, leaf_of, read_inclusion
from lumbung.proving.transparency.merkle import (
    TILE,
    Frontier,
    Tree,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from lumbung.proving.transparency.notes import (
    Head,
    NoteError,
    cosign,
    head_text,
    open_head,
    read_head,
    sign_head,
    verify_cosignature,
)
from lumbung.proving.transparency.witness import Countersigned, Fork, Handover, HeadOffer, Witness

__all__ = [
    "TILE",
    "Act",
    "Countersigned",
    "Fork",
    "Frontier",
    "Handover",
    "Head",
    "HeadOffer",
    "Inclusion",
    "NoteError",
    "Tree",
    "Witness",
    "cosign",
    "head_text",
    "inclusion_proof",
    "leaf_hash",
    "leaf_of",
    "open_head",
    "read_head",
    "read_inclusion",
    "root_of",
    "sign_head",
    "verify_consistency",
    "verify_cosignature",
    "verify_inclusion",
]
