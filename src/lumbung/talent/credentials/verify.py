"""Verify a badge with what is at hand: no account, no network, no trust in whoever shows it.

The order of the checks is the order of what a person wants to know: can it be read, is it a badge, whose signature is
it and does it fit, do I trust them, is it in force, was it taken back.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from lumbung.talent.credentials import integrity
from lumbung.talent.credentials.datamodel import faults_of_credential, parse_stamp
from lumbung.talent.credentials.jose import NoToken, decode_token
from lumbung.talent.credentials.keys import ForeignKey, UnresolvedIssuer, resolve_public_key, signature_holds
from lumbung.talent.credentials.status import StatusProblem, entries_of, look_up
from lumbung.talent.credentials.verdict import Verdict

BADGE_TYPES = ("OpenBadgeCredential", "AchievementCredential")
LONGEST = 4_000_000

Documents = Mapping[str, Mapping[str, Any]]


class _Refused(Exception):
    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def parse_strictly(text: str | bytes) -> Any:
    """Parse JSON the one way every reader agrees on: no member twice, no NaN, no broken Unicode.

    Raises
    ------
    ValueError
        When it is no such JSON; says where.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a member stands twice in one object")
        return found

    def never(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    value = json.loads(text, object_pairs_hook=once, parse_constant=never)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as fault:
        raise ValueError("a text holds half a Unicode character") from fault
    return value


def verify_badge(
    badge: str | bytes | Mapping[str, Any],
    *,
    now: datetime,
    trusted: Collection[str] | None = None,
    did_documents: Documents | None = None,
    status_lists: Iterable[Mapping[str, Any] | str | bytes] = (),
    require_status: bool = False,
    contexts: Mapping[str, dict[str, Any]] | None = None,
) -> Verdict:
    """Judge a badge.

    Parameters
    ----------
    badge : str, bytes or mapping
        JSON text, a VC-JWT, or the parsed document.
    now : datetime
        The moment to judge it at, with a time zone.
    trusted : collection of str, optional
        DIDs of issuers you trust. None: the verdict carries a note instead.
    did_documents : mapping, optional
        DID documents at hand, by DID; needed for did:web issuers.
    status_lists : iterable, optional
        Status list credentials at hand (JSON text, VC-JWT or parsed), each verified like the badge itself.
    require_status : bool
        Refuse a badge whose revocation cannot be looked up, instead of noting it.
    contexts : mapping, optional
        Vocabularies besides the pinned ones.

    Returns
    -------
    Verdict
        ``ok`` with code ``valid``, or the first reason against it. Never raises for what a badge may hold.
    """
    documents = did_documents or {}
    credential: Mapping[str, Any] | None = None
    try:
        credential, token = _read(badge)
        _check_form(credential, contexts, BADGE_TYPES)
        _check_signature(credential, token, documents, now, contexts)
        notes = _check_trust(credential, trusted)
        _check_period(credential, now)
        notes += _check_status(credential, list(status_lists), documents, now, require_status, contexts)
    except _Refused as refusal:
        return Verdict(False, refusal.code, refusal.params, credential=credential)
    return Verdict(True, "valid", {"issuer": _shown(credential)}, tuple(notes), credential)


def issuer_named_in(badge: str) -> str | None:
    """The DID a badge names as its issuer, unchecked; None where it cannot be read."""
    try:
        credential, _ = _read(badge)
        return _issuer(credential)
    except (_Refused, KeyError, TypeError):
        return None


def _read(given: str | bytes | Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[Any, ...] | None]:
    if isinstance(given, Mapping):
        return given, None
    if len(given) > LONGEST:
        raise _Refused("unreadable", detail=f"it is longer than {LONGEST} characters")
    try:
        text = given.decode() if isinstance(given, bytes) else given
        if text.lstrip()[:1] != "{":
            header, credential, message, signature = decode_token(text)
            return credential, (header, message, signature)
        return parse_strictly(text), None
    except (NoToken, ValueError, RecursionError) as fault:
        raise _Refused("unreadable", detail=str(fault) or "it is nested too deeply") from fault


def _check_form(
    credential: Mapping[str, Any], contexts: Mapping[str, dict[str, Any]] | None, kinds: Collection[str]
) -> None:
    # The meaning of the terms matters to rdfc proofs alone, and is checked with them.
    faults = faults_of_credential(credential, contexts, expand=False)
    if faults:
        raise _Refused("malformed", detail="; ".join(str(fault) for fault in faults[:3]))
    types = credential["type"] if isinstance(credential["type"], list) else [credential["type"]]
    if not set(kinds) & set(types):
        raise _Refused("malformed", detail=f"type: expected {' or '.join(kinds)}, found {', '.join(types)}")


def _issuer(credential: Mapping[str, Any]) -> str:
    issuer = credential["issuer"]
    return str(issuer["id"] if isinstance(issuer, Mapping) else issuer)


def _shown(credential: Mapping[str, Any] | None) -> str:
    if credential is None:
        return "?"
    issuer = credential["issuer"]
    name = issuer.get("name") if isinstance(issuer, Mapping) else None
    return f"{name} ({_issuer(credential)})" if isinstance(name, str) else _issuer(credential)


def _check_signature(
    credential: Mapping[str, Any],
    token: tuple[Any, ...] | None,
    documents: Documents,
    now: datetime,
    contexts: Mapping[str, dict[str, Any]] | None,
) -> None:
    if token is not None:
        header, message, signature = token
        key = _key(credential, header.get("kid"), documents)
        if not signature_holds(key, signature, message):
            raise _Refused("tampered")
        return
    try:
        proofs = integrity.proofs_of(credential)
    except integrity.ProofProblem as fault:
        raise _Refused("malformed", detail=str(fault)) from fault
    if not proofs:
        raise _Refused("unsigned")
    # Proofs others added (an endorsement, say) neither help nor harm; the issuer's must all hold.
    own = [proof for proof in proofs if _did(proof.get("verificationMethod")) == _issuer(credential)]
    for proof in own or proofs[:1]:
        _check_proof(credential, proof, documents, now, contexts)


def _check_proof(
    credential: Mapping[str, Any],
    proof: Mapping[str, Any],
    documents: Documents,
    now: datetime,
    contexts: Mapping[str, dict[str, Any]] | None,
) -> None:
    try:
        integrity.suite_of(proof)
    except integrity.UnsupportedProof as fault:
        raise _Refused("unsupported_proof", detail=str(fault)) from fault
    if proof.get("proofPurpose") != "assertionMethod":
        raise _Refused("unsupported_proof", detail=f"its purpose is {proof.get('proofPurpose')!r}")
    key = _key(credential, proof.get("verificationMethod"), documents)
    try:
        holds = integrity.proof_holds(credential, proof, key, contexts)
        expires = parse_stamp(proof["expires"]) if "expires" in proof else None
    except integrity.NotSigned as fault:
        raise _Refused("tampered") from fault
    except ValueError as fault:
        raise _Refused("malformed", detail=str(fault)) from fault
    if not holds:
        raise _Refused("tampered")
    if expires is not None and expires < now:
        raise _Refused("expired", moment=str(proof["expires"]))


def _did(method: object) -> str:
    return method.split("#", 1)[0] if isinstance(method, str) else ""


def _key(credential: Mapping[str, Any], method: object, documents: Documents) -> Any:
    if _did(method) != _issuer(credential):
        raise _Refused("foreign_key", issuer=_shown(credential))
    try:
        return resolve_public_key(method, documents)
    except ForeignKey as fault:
        raise _Refused("foreign_key", issuer=_shown(credential)) from fault
    except UnresolvedIssuer as fault:
        raise _Refused("issuer_unresolved", detail=str(fault)) from fault


def _check_trust(
    credential: Mapping[str, Any], trusted: Collection[str] | None
) -> list[tuple[str, Mapping[str, str]]]:
    if trusted is None:
        return [("trust_unchecked", {"did": _issuer(credential)})]
    if _issuer(credential) not in trusted:
        raise _Refused("issuer_untrusted", issuer=_shown(credential))
    return []


def _check_period(credential: Mapping[str, Any], now: datetime) -> None:
    if "validFrom" in credential and parse_stamp(credential["validFrom"]) > now:
        raise _Refused("not_yet_valid", moment=str(credential["validFrom"]))
    if "validUntil" in credential and parse_stamp(credential["validUntil"]) < now:
        raise _Refused("expired", moment=str(credential["validUntil"]))


def _check_status(
    credential: Mapping[str, Any],
    given: list[Mapping[str, Any] | str | bytes],
    documents: Documents,
    now: datetime,
    require_status: bool,
    contexts: Mapping[str, dict[str, Any]] | None,
) -> list[tuple[str, Mapping[str, str]]]:
    notes: list[tuple[str, Mapping[str, str]]] = []
    entries = entries_of(credential)
    if not entries and "credentialStatus" in credential and require_status:
        raise _Refused("status_missing", address="credentialStatus")
    for entry in entries:
        address = str(entry.get("statusListCredential"))
        found = _find_list(address, given)
        if found is None:
            if require_status:
                raise _Refused("status_missing", address=address)
            notes.append(("status_unchecked", {"address": address}))
            continue
        list_credential, token = found
        _check_list(list_credential, token, _issuer(credential), documents, now, contexts)
        try:
            holds = look_up(entry, list_credential)
        except StatusProblem as fault:
            raise _Refused("status_unusable", detail=str(fault)) from fault
        if holds and entry.get("statusPurpose") in ("revocation", "suspension"):
            raise _Refused("revoked" if entry["statusPurpose"] == "revocation" else "suspended")
        if "validUntil" in list_credential and parse_stamp(list_credential["validUntil"]) < now:
            notes.append(("status_stale", {"moment": str(list_credential.get("validFrom", "?"))}))
    return notes


def _find_list(
    address: str, given: list[Mapping[str, Any] | str | bytes]
) -> tuple[Mapping[str, Any], tuple[Any, ...] | None] | None:
    for item in given:
        try:
            credential, token = _read(item)
        except _Refused as refusal:
            raise _Refused("status_unusable", detail=refusal.params["detail"]) from refusal
        if isinstance(credential, Mapping) and credential.get("id") == address:
            return credential, token
    return None


def _check_list(
    credential: Mapping[str, Any],
    token: tuple[Any, ...] | None,
    issuer: str,
    documents: Documents,
    now: datetime,
    contexts: Mapping[str, dict[str, Any]] | None,
) -> None:
    try:
        _check_form(credential, contexts, ("BitstringStatusListCredential",))
        if _issuer(credential) != issuer:
            raise _Refused("foreign_key", issuer=issuer)
        _check_signature(credential, token, documents, now, contexts)
    except _Refused as refusal:
        detail = Verdict(False, refusal.code, refusal.params).reasons["en"].rstrip(".")
        raise _Refused("status_unusable", detail=detail) from refusal
