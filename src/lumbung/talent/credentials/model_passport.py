"""A model's passport as a signed document: a W3C Verifiable Credential 2.0 that carries the evidence it is computed from.

The signature says who put it together. It is not what the figures rest on: whoever verifies opens the nodes' envelopes
inside with keys they trust, computes every figure anew and compares. Only the document's date is given to `issue_passport`
besides; nothing here reads a clock or opens a connection.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lumbung.proving.digest import digest_bytes
from lumbung.proving.evidence import EvidenceError, open_evidence
from lumbung.proving.key_history import KeyList, KeyListError, open_key_list
from lumbung.proving.keys import read_public_pem
from lumbung.proving.passport import Passport, PassportError, Question, make_passport
from lumbung.proving.principles import PRINCIPLES, counts
from lumbung.proving.text import LANGUAGES, Text
from lumbung.talent.credentials import integrity
from lumbung.talent.credentials.datamodel import faults_of_credential, parse_stamp
from lumbung.talent.credentials.keys import KeyProblem, SigningKey, resolve_public_key
from lumbung.talent.credentials.model_passport_wording import SAID
from lumbung.talent.credentials.verify import parse_strictly

KIND = "ModelPassport"
CONTEXT = ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:lumbung:passport:1:"}]
FIELDS = frozenset(
    ("@context", "type", "issuer", "validFrom", "credentialSubject", "evidence", "keyList", "proof")
)
SUBJECT = frozenset(
    ("type", "chosenBy", "declared", "submission", "questions", "tests", "principles", "counts")
)
EVIDENCE = frozenset(("type", "digest", "envelope"))
LONGEST = 32_000_000
NEARLY = 1e-9
"""How far, relatively, a figure computed on another machine may be off: the last digits of a logarithm differ there."""


class Declared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody says of the model, and nobody tested."""

    name: str = ""
    licence: str = ""


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at: what, whether it holds, and what was found (a key of `SAID` with its parameters)."""

    name: str
    holds: bool
    code: str
    params: dict[str, str] = {}

    def said(self, language: str) -> str:
        """Return what was found as a sentence in ``en``, ``id`` or ``zh``."""
        return SAID[self.code].in_language(language).format(**self.params)


class Verified(msgspec.Struct, frozen=True):
    """What verifying a passport gave.

    Attributes
    ----------
    checks : tuple of Check
    passport : Passport or None
        Computed anew from the evidence inside; None where that cannot be opened.
    declared : Declared
    issuer, made : str
    """

    checks: tuple[Check, ...]
    passport: Passport | None = None
    declared: Declared = Declared()
    issuer: str = ""
    made: str = ""

    @property
    def holds(self) -> bool:
        """Whether everything that was looked at holds."""
        return all(check.holds for check in self.checks)


def issue_passport(
    envelopes: Sequence[bytes],
    nodes: Sequence[Ed25519PublicKey],
    questions: Mapping[str, Question],
    key: SigningKey,
    *,
    made: str,
    declared: Declared | None = None,
    key_list: bytes = b"",
) -> dict[str, Any]:
    """Compute a passport from evidence and sign it (eddsa-jcs-2022).

    Parameters
    ----------
    envelopes, nodes, questions
        As for `lumbung.proving.passport.make_passport`.
    key : SigningKey
        The issuer's.
    made : str
        When, an XML dateTimeStamp.
    declared : Declared, optional
    key_list : bytes
        The centre's signed list of keys, to travel along, so that a reader knows whose keys the nodes' are.

    Raises
    ------
    EvidenceError, PassportError
        The evidence makes no passport.
    """
    parse_stamp(made)
    passport = make_passport(envelopes, nodes, questions)
    order = {test.evidence: number for number, test in enumerate(passport.tests)}
    carried = sorted(envelopes, key=lambda envelope: order[digest_bytes(envelope)])
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "type": ["VerifiableCredential", KIND],
        "issuer": key.did,
        "validFrom": made,
        "credentialSubject": {
            "type": "Model",
            "chosenBy": "issuer",
            "declared": msgspec.to_builtins(declared or Declared()),
            **_figures(passport),
        },
        "evidence": [
            {
                "type": "SignedEvidence",
                "digest": digest_bytes(envelope),
                "envelope": envelope.decode(),
            }
            for envelope in carried
        ],
    }
    if key_list:
        document["keyList"] = key_list.decode()
    return integrity.add_proofs(document, key, made)


def _figures(passport: Passport) -> dict[str, Any]:
    """Return what the evidence says, as it stands in the document; titles as JSON-LD writes languages."""
    questions = [
        {**msgspec.to_builtins(question), "title": _in_languages(question.title)}
        for question in passport.questions
    ]
    return {
        "submission": passport.submission,
        "questions": questions,
        "tests": [msgspec.to_builtins(test) for test in passport.tests],
        "principles": [principle.code for principle in PRINCIPLES],
        "counts": counts(passport),
    }


def _in_languages(text: Text) -> list[dict[str, str]]:
    return [{"@language": language, "@value": text.in_language(language)} for language in LANGUAGES]


def _question(stated: Mapping[str, Any]) -> Question:
    title = Text(**{value["@language"]: value["@value"] for value in stated["title"]})
    return msgspec.convert({**stated, "title": title}, Question)


def verify_passport(
    given: bytes,
    nodes: Sequence[Ed25519PublicKey],
    *,
    now: datetime,
    documents: Mapping[str, Mapping[str, Any]] | None = None,
    key_list: bytes = b"",
    known: Mapping[str, Question] | None = None,
) -> Verified:
    """Check a passport with what is at hand, and compute all its figures anew.

    Parameters
    ----------
    given : bytes
        The document, JSON.
    nodes : sequence of Ed25519PublicKey
        Keys the reader trusts: nodes', or that of the centre whose list of keys is given or travels along.
    now : datetime
        What is dated later does not hold yet.
    documents : mapping, optional
        DID documents at hand, for an issuer that is a did:web.
    key_list : bytes
        A list of keys that is newer than the one inside.
    known : mapping of str to Question, optional
        Challenges at hand, by digest: what the passport says they ask is compared with them.

    Returns
    -------
    Verified
        Never raises for what a document may hold.
    """
    try:
        if len(given) > LONGEST:
            raise ValueError(f"longer than {LONGEST} bytes")
        document = parse_strictly(given)
        faults = faults_of_credential(document, expand=False)
        if faults:
            raise ValueError("; ".join(map(str, faults[:3])))
        if KIND not in document["type"] or document["@context"] != CONTEXT:
            raise ValueError(f"no {KIND}: another type or vocabulary")
        issuer, made, subject = document["issuer"], document["validFrom"], document["credentialSubject"]
        unasked = [*({*document} - FIELDS), *({*subject} - SUBJECT)]
        unasked += [name for one in document["evidence"] for name in {*one} - EVIDENCE]
        if unasked or subject["chosenBy"] != "issuer":
            raise ValueError(f"it says more than a passport does: {', '.join(sorted(unasked)) or 'chosenBy'}")
        if parse_stamp(made) > now:
            raise ValueError(f"dated {made}, which is still to come")
        declared = msgspec.convert(subject["declared"], Declared)
        questions = [_question(one) for one in subject["questions"]]
        named = [str(test["evidence"]) for test in subject["tests"]]
        carried = [(str(one["digest"]), str(one["envelope"]).encode()) for one in document["evidence"]]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return Verified((Check("form", False, "unreadable", {"detail": str(error)}),))
    checks = [_signature(document, documents or {})]
    checks += _carried(named, carried)
    checks += [_same_question(question, known or {}) for question in questions]
    passport, trusted = None, [*nodes]
    try:
        envelope = key_list or str(document.get("keyList", "")).encode()
        listed = open_key_list(envelope, nodes) if envelope else None
        trusted += [] if listed is None else [read_public_pem(term.key) for term in listed.terms]
        passport = make_passport(
            [envelope for _, envelope in carried],
            trusted,
            {question.digest: question for question in questions},
        )
        checks.append(Check("evidence", True, "signed", {"count": str(len(carried))}))
        checks += [] if listed is None else _good_then(passport, listed)
        checks.append(_figures_hold(subject, passport))
    except KeyListError as error:
        checks.append(Check("keys", False, "no_list", {"detail": str(error)}))
    except (EvidenceError, PassportError) as error:
        checks.append(_which(error, carried, trusted))
    return Verified(tuple(checks), passport, declared, str(issuer), str(made))


def _signature(document: Mapping[str, Any], documents: Mapping[str, Mapping[str, Any]]) -> Check:
    try:
        proofs = integrity.proofs_of(document)
        if len(proofs) != 1 or integrity.suite_of(proofs[0]) != integrity.JCS:
            return Check("signature", False, "one_proof", {"count": str(len(proofs))})
        (proof,) = proofs
        method = str(proof.get("verificationMethod"))
        if method.partition("#")[0] != document["issuer"]:
            return Check(
                "signature", False, "other_issuer", {"method": method, "issuer": str(document["issuer"])}
            )
        if proof.get("proofPurpose") != "assertionMethod" or proof.get("@context") != document["@context"]:
            return Check("signature", False, "other_purpose")
        if not integrity.proof_holds(document, proof, resolve_public_key(method, documents)):
            return Check("signature", False, "altered")
    except (integrity.ProofProblem, KeyProblem, RecursionError) as error:
        return Check("signature", False, "no_signature", {"detail": str(error)})
    return Check("signature", True, "by", {"issuer": str(document["issuer"])})


def _carried(named: Sequence[str], carried: Sequence[tuple[str, bytes]]) -> list[Check]:
    """Whether the evidence inside is what the record names, each under its own digest."""
    there = [digest for digest, _ in carried]
    found = [("swapped", digest) for digest, envelope in carried if digest_bytes(envelope) != digest]
    found += [("left_out", digest) for digest in named if digest not in there]
    found += [("not_named", digest) for digest in there if digest not in named]
    if not found:
        return [Check("list", True, "all_carried", {"count": str(len(there))})]
    return [Check("list", False, code, {"evidence": digest}) for code, digest in found]


def _same_question(stated: Question, known: Mapping[str, Question]) -> Check:
    params = {"challenge": stated.challenge, "version": str(stated.version)}
    at_hand = known.get(stated.digest)
    if at_hand is None:
        return Check("question", True, "not_at_hand", params)
    if at_hand == stated:
        return Check("question", True, "same", params)
    # A host may amend the words of a challenge that is open; what figures depend on never.
    if msgspec.structs.replace(at_hand, title=stated.title) == stated:
        return Check("question", True, "other_title", {**params, "title": at_hand.title.en})
    return Check("question", False, "asks_else", params)


def _good_then(passport: Passport, listed: KeyList) -> list[Check]:
    """Whether each node's key was good when it signed; of a revoked key nothing stands, for no log is at hand."""
    found = []
    for test in passport.tests:
        term = listed.term(test.signer)
        objection = "unlisted" if term is None else term.objection(test.finished)
        if objection:
            params = {"evidence": test.evidence, "key": test.signer[:16]}
            found.append(Check("keys", False, f"key_{objection}", params))
    return found or [Check("keys", True, "keys_good", {"made": f"{listed.made:%Y-%m-%d %H:%M} UTC"})]


def _figures_hold(subject: Mapping[str, Any], passport: Passport) -> Check:
    stated = {name: value for name, value in subject.items() if name not in ("type", "declared", "chosenBy")}
    where = first_difference(stated, _figures(passport))
    if where:
        return Check("figures", False, "other_figure", {"where": where})
    return Check("figures", True, "same_figures", {"count": str(len(passport.tests))})


def first_difference(stated: object, computed: object, place: str = "") -> str:
    """Name the first place where two JSON values differ (numbers: by more than `NEARLY`); empty where none does."""
    if isinstance(stated, Mapping) and isinstance(computed, Mapping):
        for name in sorted({*stated, *computed}):
            if name not in stated or name not in computed:
                return f"{place}.{name}".lstrip(".")
            inside = first_difference(stated[name], computed[name], f"{place}.{name}".lstrip("."))
            if inside:
                return inside
        return ""
    if isinstance(stated, Sequence) and isinstance(computed, Sequence) and not isinstance(stated, str):
        if isinstance(computed, str) or len(stated) != len(computed):
            return place
        pairs = enumerate(zip(stated, computed, strict=True))
        return next(filter(None, (first_difference(a, b, f"{place}[{n}]") for n, (a, b) in pairs)), "")
    if _is_number(stated) and _is_number(computed):
        return "" if _near(stated, computed) else place
    return "" if type(stated) is type(computed) and stated == computed else place


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _near(stated: Any, computed: Any) -> bool:
    try:
        return math.isclose(stated, computed, rel_tol=NEARLY, abs_tol=0.0)
    except OverflowError:  # a whole number beyond all floats
        return False


def _which(
    error: ValueError, carried: Sequence[tuple[str, bytes]], nodes: Sequence[Ed25519PublicKey]
) -> Check:
    """Say what keeps the evidence from being opened, and of which envelope."""
    for digest, envelope in carried:
        try:
            open_evidence(envelope, nodes)
        except EvidenceError as refused:
            params = {"evidence": digest, "detail": str(refused), "count": str(len(nodes))}
            return Check("evidence", False, refused.code, params)
    return Check("evidence", False, "no_passport", {"detail": str(error)})


def written(document: Mapping[str, Any]) -> bytes:
    """Return a passport as it is written to a file: JSON, two spaces, UTF-8."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
