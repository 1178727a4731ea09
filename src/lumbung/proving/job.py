"""A job that travels: what a centre asks of a node and what comes back, as plain data.

Centre and node share no tables, only these records. The node asks for work (it may stand behind a firewall), fetches
what the digests name, and answers with signed evidence or a fault. A run is leased for a time: a node that falls
silent loses it, and another may take it; delivering the same result twice changes nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from lumbung.proving.challenge import Country, Identifier
from lumbung.proving.evidence import CaseId, Count, Digest, FaultMark, Isolation

WORDS_LIMIT = 2000
"""The longest `Delivery.words` [characters]."""

Token = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Party = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$")]
Scope = Literal["challenge", "organisation", "team", "person"]
"""Whose account a result is booked to: the challenge's as a whole, and those of who asked."""
Told = Annotated[float, msgspec.Meta(ge=0, le=1e15)]
"""[bit]"""


class RunState(StrEnum):
    """Where a run stands. Every run ends scored, faulted or withdrawn, by its deadline. `TRANSITIONS` says how."""

    QUEUED = "queued"
    LEASED = "leased"
    RUNNING = "running"
    HELD = "held"
    SCORED = "scored"
    FAULTED = "faulted"
    WITHDRAWN = "withdrawn"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self in (RunState.SCORED, RunState.FAULTED, RunState.WITHDRAWN)


TRANSITIONS: dict[RunState, dict[RunState, str]] = {
    RunState.QUEUED: {
        RunState.LEASED: "a node that holds the challenge, and that its owner approved, took it",
        RunState.FAULTED: "no node took it by its deadline",
        RunState.WITHDRAWN: "its team took it back",
    },
    RunState.LEASED: {
        RunState.RUNNING: "the node began, and renews its lease",
        RunState.HELD: "it is judged, and waits for the word of the data's owner",
        RunState.QUEUED: "the node fell silent, failed, or lost its approval, its key or its place: another try",
        RunState.SCORED: "the node delivered figures",
        RunState.FAULTED: "the node delivered a fault, or the tries are used up",
        RunState.WITHDRAWN: "its team took it back",
    },
    RunState.RUNNING: {
        RunState.RUNNING: "the node renewed its lease",
        RunState.HELD: "it is judged, and waits for the word of the data's owner",
        RunState.QUEUED: "the node fell silent, failed, or lost its approval, its key or its place: another try",
        RunState.SCORED: "the node delivered figures",
        RunState.FAULTED: "the node delivered a fault, or the tries are used up",
        RunState.WITHDRAWN: "its team took it back",
    },
    RunState.HELD: {
        RunState.QUEUED: "what was released is a failure of the node's own, or it lost its approval, its key or its place: another try",
        RunState.SCORED: "the owner released it",
        RunState.FAULTED: "the owner vetoed it, released a fault, or gave no word in time",
        RunState.WITHDRAWN: "its team took it back",
    },
    RunState.SCORED: {},
    RunState.FAULTED: {
        RunState.QUEUED: "staff or the challenge's owner asked again for what the platform or the challenge failed",
    },
    RunState.WITHDRAWN: {},
}
"""From where to where a run may go, and why. The centre changes a state by this table and in no other way."""


def origins(state: RunState) -> tuple[RunState, ...]:
    """Return the states from which a run may come to *state*."""
    return tuple(before for before, ways in TRANSITIONS.items() if state in ways)


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node asks for work.

    Attributes
    ----------
    challenges : tuple of str
        Ids it holds cases for.
    wait_s : float
        How long the centre may hold the request open until there is work.
    isolation : Isolation
        What its sandbox obtained; a centre gives nothing to ``none``.
    holds : dict of str to str
        The digest of each challenge as its owner accepted it: another version of the same name is not offered.
    """

    challenges: tuple[Identifier, ...]
    wait_s: Annotated[float, msgspec.Meta(ge=0, le=60)]
    isolation: Isolation
    holds: dict[Identifier, Digest] = {}


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One run for one node.

    Attributes
    ----------
    run : str
    lease : str
        Shown again with every renewal and the result: an outdated lease is refused.
    challenge, challenge_version, challenge_digest, phase
        The node judges only a challenge whose digest it knows.
    challenge_blob, submission_blob : str
        Digest of the archive (tar) to fetch.
    submission_digest : str
        Of the unpacked content: evidence names this one.
    private : bool
        Judge on the node's own cases.
    lease_s : float
        For how long a lease holds without being renewed; counted by the node's own clock, so that no two clocks need
        agree.
    deadline : datetime
        Of the whole run (UTC).
    team, person, organisations : str, str, tuple of str
        Who asks, as names that mean nothing outside this challenge: a node keeps account of what each was told of its
        private cases. What it tells in all does not depend on whether they are true.
    """

    run: Token
    lease: Token
    challenge: Identifier
    challenge_version: int
    challenge_digest: Digest
    challenge_blob: Digest
    phase: Identifier
    private: bool
    submission_digest: Digest
    submission_blob: Digest
    lease_s: Annotated[float, msgspec.Meta(ge=1, le=86_400)]
    deadline: datetime
    team: Party = ""
    person: Party = ""
    organisations: Annotated[tuple[Party, ...], msgspec.Meta(max_length=64)] = ()


class Renewal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node says that it is alive and how far it is. Private cases are counted, never named."""

    lease: Token
    finished: Count
    total: Count
    case: CaseId | None = None

    def __post_init__(self) -> None:
        if self.finished > self.total:
            raise ValueError(f"{self.finished} cases finished of {self.total}")


class Renewed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The centre's answer: whether the lease holds on; it does not when the run was withdrawn or is another's now."""

    withdrawn: bool = False


class Held(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node says that a run is judged and its result waits for the word of the data's owner."""

    lease: Token


class Delivery(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A node's result.

    Attributes
    ----------
    lease : str
    envelope : str
        The signed evidence (DSSE, JSON text); empty only when the run faulted before any case began.
    fault : FaultMark, optional
        By owner and code alone: parameters could carry private data.
    log : str
        What the team may see of the solution's own output: empty for private cases unless the owner released it.
    pictures : tuple of str
        Digests of blobs uploaded before, under the rule ``pictures``.
    words : str
        What the node has to say about a fault of the challenge's or its own, for who must mend it: always empty for
        private cases. Longer text is cut.
    finding : FaultMark, optional
        What is wrong with the challenge although the run has its score: its pictures could not be drawn.
    bits : float
        What the node booked it at in its ledger, rounded up to a tenth [bit]: 0 for public cases, and for what leaves
        without being booked.
    """

    lease: Token
    envelope: str = ""
    fault: FaultMark | None = None
    log: str = ""
    pictures: tuple[Digest, ...] = ()
    words: str = ""
    finding: FaultMark | None = None
    bits: Told = 0.0


class AccountTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much one of those who ask was told by a node.

    Attributes
    ----------
    scope : {"challenge", "organisation", "team", "person"}
    name : str
        As the centre named it in a job; empty for the challenge as a whole.
    results, figures : int
        How many results ended here, and how many of them with figures.
    bits : float
        Rounded up to a tenth [bit].
    """

    scope: Scope
    name: Party
    results: Count
    figures: Count
    bits: Told


class LedgerTold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node says how much of its private cases was told, and how much may be.

    Nothing in it but the owner's budgets does not follow from what left already.

    Attributes
    ----------
    challenge : str
    begun : datetime, optional
        When the first line was booked: private cases of other content begin a new ledger, and accounts of another one
        are void.
    budget : dict of str to float
        By scope [bit].
    accounts : tuple of AccountTold
        Those that changed since the node said so last.
    """

    challenge: Identifier
    begun: datetime | None
    budget: dict[Scope, Told]
    accounts: Annotated[tuple[AccountTold, ...], msgspec.Meta(max_length=1000)] = ()


class KeyChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A node replaces its key.

    Attributes
    ----------
    public_key : str
        The new one, PEM.
    endorsement : str
        The signature of the present one under it.
    """

    public_key: Annotated[str, msgspec.Meta(max_length=400)]
    endorsement: Annotated[str, msgspec.Meta(max_length=120)]


class KeyTaken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The centre's answer: the new key counts, and until when."""

    key_id: str
    until: datetime | None = None


class NodeCard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a node introduces itself when it joins.

    Attributes
    ----------
    name : str
    country : str
    public_key : str
        PEM; its evidence is verified with it.
    challenges : tuple of str
        Ids it holds cases for.
    version : str
        Of Lumbung.
    isolation : Isolation
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=40)]
    country: Country
    public_key: Annotated[str, msgspec.Meta(max_length=400)]
    challenges: tuple[Identifier, ...]
    version: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-z.+-]{1,20}$")]
    isolation: Isolation
