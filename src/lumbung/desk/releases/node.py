"""What a page shows of the node beside the desk, and what its owner says there, by the node's own gate and ledger."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import msgspec

from lumbung.desk.place import home

if TYPE_CHECKING:
    from lumbung.node.folder import Accepted, NodeFolder
    from lumbung.node.gate import Gate, Parcel
    from lumbung.node.ledger import Account, Entry
    from lumbung.proving.telling import Scored

NEWEST = 50  # lines of a ledger that a page shows


@dataclass(frozen=True)
class Waiting:
    """A result that waits for the owner's word.

    Attributes
    ----------
    run, challenge : str
    bytes_ : str
        Exactly what would leave.
    evidence : str
        What is signed in it, readable; empty where there is none.
    told : str
        What the ledger makes of it: ``figures``, ``no_improvement``, ``code`` or ``spent``; empty for public cases.
    bits : float
        What it would cost [bit].
    left : float
        The least that is left to any of those who would be told [bit].
    before, now : float or None
        The figure this team was told last on these cases, and the one of this result.
    metric : str
    """

    run: str
    challenge: str
    bytes_: str
    evidence: str
    told: str
    bits: float
    left: float
    before: float | None
    now: float | None
    metric: str


@dataclass(frozen=True)
class Told:
    """A challenge's ledger: its accounts, and its newest lines first."""

    challenge: str
    accounts: list[Account]
    lines: list[Entry]
    trouble: str = ""


def beside() -> NodeFolder | None:
    """Return the node's folder, where there is a node and what it needs is installed."""
    if find_spec("httpx") is None or find_spec("fcntl") is None or not (home() / "node/node.toml").exists():
        return None
    from lumbung.node.folder import NodeFolder

    return NodeFolder(home() / "node")


def _gate(node: NodeFolder) -> Gate:
    from lumbung.node.gate import Gate
    from lumbung.node.line import Line

    return Gate(node, Line(node.settings().centre), lambda said: None)  # nothing is sent here


def waiting(node: NodeFolder) -> list[Waiting]:
    """Return what waits for the owner's word, oldest first.

    Raises
    ------
    lumbung.proving.faults.PlatformFault
        A file of the node cannot be read.
    """
    gate = _gate(node)
    return [_shown(node, gate, parcel) for parcel in gate.held.waiting().values()]


def _shown(node: NodeFolder, gate: Gate, parcel: Parcel) -> Waiting:
    from lumbung.node.gate import leaving
    from lumbung.node.ledger import Ledger
    from lumbung.proving.evidence import EvidenceError, reopen_evidence
    from lumbung.proving.telling import scored

    try:
        settled = gate.settled(parcel) if parcel.private else None
        evidence = reopen_evidence(parcel.delivery.envelope.encode()) if parcel.delivery.envelope else None
    except EvidenceError:
        return Waiting(
            parcel.run, parcel.challenge, leaving(parcel).decode(), "", "damaged", 0.0, 0.0, None, None, ""
        )
    leaves = settled.parcel if settled is not None else parcel
    score = scored(evidence, parcel.ranking) if evidence is not None and parcel.ranking is not None else None
    before = None
    if score is not None:
        before, _tries = Ledger(node.ledger(parcel.challenge)).best_of(parcel.asker.team, score.cases)
    return Waiting(
        parcel.run,
        parcel.challenge,
        leaving(leaves).decode(),
        _readable(leaves.delivery.envelope),
        settled.entry.told if settled is not None else "",
        0.0 if settled is None or settled.booked else settled.entry.bits,
        min((account.left for account in settled.accounts), default=0.0) if settled is not None else 0.0,
        _on_its_scale(before, parcel),
        _on_its_scale(score, parcel),
        "" if parcel.ranking is None else parcel.ranking.metric,
    )


def _on_its_scale(score: Scored | None, parcel: Parcel) -> float | None:
    """Return a score as people know it: of geometric means the ledger keeps the logarithm."""
    if score is None:
        return None
    return math.exp(score.score) if parcel.ranking and parcel.ranking.mean == "geometric" else score.score


def _readable(envelope: str) -> str:
    if not envelope:
        return ""
    payload = base64.b64decode(msgspec.json.decode(envelope)["payload"])
    return msgspec.json.format(payload, indent=2).decode()


def told(node: NodeFolder) -> list[Told]:
    """Return what was told of the private cases of each challenge."""
    from lumbung.node.ledger import Ledger
    from lumbung.proving.faults import PlatformFault

    found = []
    for name, rule in node.settings().challenges.items():
        if not rule.private:
            continue
        try:
            ledger = Ledger(node.ledger(name))
        except PlatformFault as error:
            found.append(Told(name, [], [], str(error.fault.params.get("detail", ""))))
            continue
        found.append(Told(name, ledger.accounts(rule.budget), ledger.entries[: -NEWEST - 1 : -1]))
    return found


def give_word(node: NodeFolder, run: str, *, veto: bool) -> bool:
    """Say the owner's word on a held result; whether it was held."""
    return _gate(node).give_word(run, veto=veto)


def hold(node: NodeFolder, names: list[str], *, held: bool) -> None:
    """Have the results of some challenges wait for the owner's word from this moment on, or leave at once again."""
    with node.lock():
        settings = node.settings()
        changed: dict[str, Accepted] = {
            name: msgspec.structs.replace(rule, release="hold" if held else "auto")
            for name, rule in settings.challenges.items()
            if name in names
        }
        node.write_settings(msgspec.structs.replace(settings, challenges={**settings.challenges, **changed}))


def standing_of(node: NodeFolder) -> dict[str, Any]:
    """Return who the node is: name, country, centre, key, and what it saw of the centre's log."""
    from lumbung.node.witness import LogBroken, LogWatch
    from lumbung.proving.keys import KeyUnusable, key_id

    settings = node.settings()
    watch = LogWatch(node)
    try:
        seen = watch.seen().size
        log = "conflict" if watch.conflict.exists() else "whole"
    except LogBroken:
        seen, log = 0, "broken"
    key = ""
    if any(node.keys.glob("*")):
        try:
            key = key_id(node.signing_key().public_key())
        except KeyUnusable:
            key = ""
    return {
        "name": settings.name, "country": settings.country, "centre": settings.centre, "joined": (node.path / "token").exists(),
        "challenges": settings.challenges, "key": key, "seen": seen, "log": log,
    }  # fmt: skip
