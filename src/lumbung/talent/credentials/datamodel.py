"""Is this a verifiable credential at all? The rules of the *Verifiable Credentials Data Model v2.0* (W3C, 2025).

Each rule that fails becomes a :class:`Fault` that names the member and the section. The signature is another
question (:mod:`~lumbung.talent.credentials.integrity`), and so is whether to believe the signer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lumbung.talent.credentials.contexts import VCDM2, UnknownContext, document_loader, explain_expansion

# XML Schema 1.1 part 2, 3.4.28 dateTimeStamp: a date, a time and always a time zone.
_STAMP = re.compile(
    r"-?(?:[1-9]\d{3,}|0\d{3})-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
    r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_LANGUAGE_VALUE = {"@value", "@language", "@direction"}

# Members that hold typed objects, with the section; an id is asked for where the data model says so.
_TYPED = {
    "credentialStatus": ("4.10", False),
    "credentialSchema": ("4.11", True),
    "refreshService": ("5.4", False),
    "termsOfUse": ("5.5", False),
    "evidence": ("5.6", False),
    "proof": ("4.12", False),
}


@dataclass(frozen=True)
class Fault:
    """One broken rule: the member at fault, the section of the data model, what was found."""

    member: str
    section: str
    found: str

    def __str__(self) -> str:
        return f"{self.member}: {self.found} (VCDM 2.0, {self.section})"


def parse_stamp(text: object) -> datetime:
    """Read an XML dateTimeStamp.

    Raises
    ------
    ValueError
        When it is no text of that form or no real moment.
    """
    if not isinstance(text, str) or not _STAMP.fullmatch(text):
        raise ValueError(f"expected a moment with its time zone such as 2026-11-24T09:00:00Z, found {text!r}")
    return datetime.fromisoformat(text)


def is_url(text: object) -> bool:
    """Whether a value is an absolute URL (a DID, a urn: or a data: URL counts)."""
    return isinstance(text, str) and bool(_SCHEME.fullmatch(text)) and bool(urlsplit(text).scheme)


def faults_of_credential(
    document: object, contexts: Mapping[str, dict[str, Any]] | None = None, *, expand: bool = True
) -> list[Fault]:
    """List every rule of the data model that a credential breaks; an empty list means none.

    Parameters
    ----------
    document : object
        The parsed JSON.
    contexts : mapping, optional
        Vocabularies at hand besides the pinned ones, by address.
    expand : bool
        Also expand the JSON-LD and check that every type means an absolute URL (slower: about 10 ms).
    """
    if not isinstance(document, Mapping):
        return [Fault("document", "4.2", f"expected a JSON object, found {type(document).__name__}")]
    faults = list(_check_credential(document))
    if expand and not faults:
        faults += _check_meaning(document, contexts)
    return faults


def faults_of_presentation(
    document: object, contexts: Mapping[str, dict[str, Any]] | None = None
) -> list[Fault]:
    """List every rule of the data model that a presentation, or a credential inside it, breaks."""
    if not isinstance(document, Mapping):
        return [Fault("document", "4.13", f"expected a JSON object, found {type(document).__name__}")]
    faults = [
        *_check_context(document),
        *_check_types(document, "VerifiablePresentation"),
        *_check_id(document, "id", "4.4"),
        *_check_holder(document),
    ]
    held = document.get("verifiableCredential", [])
    for place, credential in enumerate(held if isinstance(held, list) else [held]):
        faults += _check_held(credential, f"verifiableCredential[{place}]", contexts)
    return faults or _check_meaning(document, contexts)


def _check_held(credential: object, place: str, contexts: Mapping[str, dict[str, Any]] | None) -> list[Fault]:
    if not isinstance(credential, Mapping):
        return [Fault(place, "4.13", f"expected a credential object, found {type(credential).__name__}")]
    if "EnvelopedVerifiableCredential" in _list(credential.get("type")):
        address = credential.get("id")
        if not isinstance(address, str) or not address.startswith("data:") or "," not in address:
            return [Fault(f"{place}.id", "4.13.1", f"expected a data: URL, found {address!r}")]
        return []
    return [
        Fault(f"{place}.{f.member}", f.section, f.found) for f in faults_of_credential(credential, contexts)
    ]


def _check_credential(document: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _check_context(document)
    yield from _check_types(document, "VerifiableCredential")
    yield from _check_id(document, "id", "4.4")
    yield from _check_issuer(document.get("issuer"))
    yield from _check_subjects(document.get("credentialSubject"))
    yield from _check_period(document)
    for member, (section, with_id) in _TYPED.items():
        if member in document:
            yield from _check_typed(document[member], member, section, with_id=with_id)
    for member in ("name", "description"):
        yield from _check_words(document.get(member), member)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _check_context(document: Mapping[str, Any]) -> Iterator[Fault]:
    context = document.get("@context")
    entries = _list(context)
    if entries[:1] != [VCDM2]:
        yield Fault("@context", "4.3", f"the first entry should be {VCDM2}, found {context!r}")
    for entry in entries[1:]:
        if not isinstance(entry, Mapping) and not is_url(entry):
            yield Fault("@context", "4.3", f"expected addresses or objects, found {entry!r}")


def _check_types(document: Mapping[str, Any], wanted: str) -> Iterator[Fault]:
    types = _list(document.get("type"))
    if not all(isinstance(kind, str) and kind for kind in types):
        yield Fault("type", "4.5", f"expected names, found {document.get('type')!r}")
    elif wanted not in types:
        yield Fault("type", "4.5", f"{wanted} is missing from {types}")


def _check_id(holder: Mapping[str, Any], member: str, section: str) -> Iterator[Fault]:
    if "id" in holder and not is_url(holder["id"]):
        yield Fault(member, section, f"expected one URL, found {holder['id']!r}")


def _check_issuer(issuer: object) -> Iterator[Fault]:
    name = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    if not is_url(name):
        yield Fault("issuer", "4.7", f"expected a URL or an object with one as id, found {issuer!r}")
    if isinstance(issuer, Mapping):
        for member in ("name", "description"):
            yield from _check_words(issuer.get(member), f"issuer.{member}")


def _check_holder(document: Mapping[str, Any]) -> Iterator[Fault]:
    if "holder" not in document:
        return
    holder = document["holder"]
    name = holder.get("id") if isinstance(holder, Mapping) else holder
    if not is_url(name):
        yield Fault("holder", "4.13", f"expected a URL or an object with one as id, found {holder!r}")


def _check_subjects(subjects: object) -> Iterator[Fault]:
    if subjects is None or subjects == []:
        yield Fault("credentialSubject", "4.8", "it is missing")
        return
    for place, subject in enumerate(_list(subjects)):
        if not isinstance(subject, Mapping) or not subject:
            yield Fault(
                f"credentialSubject[{place}]", "4.8", f"expected an object with claims, found {subject!r}"
            )
        else:
            yield from _check_id(subject, f"credentialSubject[{place}].id", "4.4")


def _check_period(document: Mapping[str, Any]) -> Iterator[Fault]:
    moments = {}
    for member in ("validFrom", "validUntil"):
        if member not in document:
            continue
        try:
            moments[member] = parse_stamp(document[member])
        except ValueError as fault:
            yield Fault(member, "4.9", str(fault))
    if len(moments) == 2 and moments["validFrom"] > moments["validUntil"]:
        yield Fault("validUntil", "4.9", "it lies before validFrom")


def _check_typed(value: object, member: str, section: str, *, with_id: bool) -> Iterator[Fault]:
    for item in _list(value):
        if not isinstance(item, Mapping):
            yield Fault(member, section, f"expected an object, found {item!r}")
            continue
        kinds = _list(item.get("type"))
        if not kinds or not all(isinstance(kind, str) and kind for kind in kinds):
            yield Fault(f"{member}.type", section, f"expected a type, found {item.get('type')!r}")
        if with_id and "id" not in item:
            yield Fault(f"{member}.id", section, "it is missing")
        yield from _check_id(item, f"{member}.id", "4.4")


def _check_words(value: object, member: str) -> Iterator[Fault]:
    """A name or description is a text, or language value objects with nothing else in them (4.6 and 11.1)."""
    if value is None:
        return
    for item in _list(value):
        if isinstance(item, str):
            continue
        if not isinstance(item, Mapping) or not isinstance(item.get("@value"), str):
            yield Fault(member, "4.6", f"expected a text or an object with @value, found {item!r}")
        elif set(item) - _LANGUAGE_VALUE:
            yield Fault(
                member, "4.6", f"a language value holds more than value, language, direction: {sorted(item)}"
            )


def _check_meaning(document: Mapping[str, Any], contexts: Mapping[str, dict[str, Any]] | None) -> list[Fault]:
    from pyld import jsonld

    given = {**document, "@context": _with_vocab_to_unset(_list(document["@context"]))}
    try:
        expanded = jsonld.expand(given, {"documentLoader": document_loader(contexts), "base": None})
    except (jsonld.JsonLdError, UnknownContext, TypeError, AttributeError) as fault:
        return [Fault("@context", "4.3", f"it cannot be expanded: {explain_expansion(fault)}")]
    kinds = [kind for node in expanded if isinstance(node, Mapping) for kind in node.get("@type", [])]
    return [
        Fault("type", "4.5", f"{kind!r} means no absolute URL in these vocabularies")
        for kind in kinds
        if not is_url(kind)
    ]


def _with_vocab_to_unset(entries: list[Any]) -> list[Any]:
    # pyld 3.3 raises KeyError on "@vocab": null where no earlier context set one; so one is set just before.
    shaped = []
    for entry in entries:
        if isinstance(entry, Mapping) and entry.get("@vocab", "") is None:
            shaped.append({"@vocab": "urn:unset:"})
        shaped.append(entry)
    return shaped
