"""What nodes told of private cases, in bits, as they say themselves: for owners and staff whole, for teams as what is left.

How many bits a score cost says something about the score. So while scores are under embargo a team is shown how many were
told and about how many more may be, reckoned with what one costs by and large; the bits themselves when all is public.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, get_args

from django.db import transaction
from django.db.models import F, QuerySet

from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.members.models import Organisation, Team, User
from lumbung.centre.members.services import Refused
from lumbung.centre.runs.approvals import judged_by, judges_of
from lumbung.centre.runs.askers import alias
from lumbung.centre.runs.models import CountedWith, LedgerAccount, Node, NodeLedger, Submission
from lumbung.centre.runs.selectors import hidden
from lumbung.proving.challenge import EARLIEST, LATEST, Egress
from lumbung.proving.job import LedgerTold, Scope
from lumbung.proving.telling import TYPICAL_BITS


def take_ledger(node: Node, told: LedgerTold, *, now: datetime) -> bool:
    """Keep what a node says of a ledger; returns whether it is kept: not of a challenge that the node may not judge.

    Raises
    ------
    Refused
        A time that is none, or a scope without a budget.
    """
    if told.begun is not None and (told.begun.tzinfo is None or not EARLIEST <= told.begun < LATEST):
        raise Refused(f"begun: {told.begun.isoformat()} is no time with its zone from {EARLIEST.year} on")
    if missing := set(get_args(Scope)) - set(told.budget):
        raise Refused(f"budget: none for {', '.join(sorted(missing))}")
    if not judged_by(node, [told.challenge], {}):
        return False
    with transaction.atomic():
        said = {"begun": told.begun, "budget": told.budget, "told": now}
        NodeLedger.objects.get_or_create(node=node, challenge=told.challenge, defaults=said)
        ledger = NodeLedger.objects.select_for_update().get(node=node, challenge=told.challenge)
        if ledger.begun != told.begun:
            ledger.accounts.all().delete()  # cases of other content: what was told of the old ones is no matter
        NodeLedger.objects.filter(pk=ledger.pk).update(**said)
        LedgerAccount.objects.bulk_create(
            [
                LedgerAccount(
                    ledger=ledger, scope=each.scope, name=each.name, results=each.results, figures=each.figures, bits=each.bits,
                )
                for each in {(each.scope, each.name): each for each in told.accounts}.values()
            ],
            update_conflicts=True,
            unique_fields=["ledger", "scope", "name"],
            update_fields=["results", "figures", "bits"],
        )  # fmt: skip
    return True


@dataclass(frozen=True)
class Share:
    """What one of those who ask may still be told by the node that has least left for them.

    Attributes
    ----------
    scope : {"person", "team", "organisation", "challenge"}
    name : str
        Empty for the challenge, and for the person who asks.
    figures : int
        How many scores were told.
    scores_left : int, optional
        About how many more may be; None where the rule lets more out than scores that improve: what one costs then
        depends on the challenge.
    percent_left : int
    bits, budget : float, optional
        [bit]; None while scores are under embargo.
    """

    scope: str
    name: str
    figures: int
    scores_left: int | None
    percent_left: int
    bits: float | None
    budget: float | None


def shares_of(person: User, team: Team, phase: Phase, now: datetime) -> list[Share]:
    """Return what may still be told to a person, their team, its organisations and in all; nothing before a node said."""
    challenge = phase.challenge
    bodies = {("organisation", str(each.pk)): each.name for each in team.organisations.all()}
    handed_in = CountedWith.objects.filter(submission__team=team, submission__phase__in=phase.line())
    bodies |= {(each.kind, each.key): each.name for each in handed_in}
    asked: list[tuple[str, str, str]] = [
        ("person", "", alias(challenge.slug, "person", person.pk)),
        ("team", team.name, alias(challenge.slug, "team", team.pk)),
        *(("organisation", name, alias(challenge.slug, *body)) for body, name in bodies.items()),
        ("challenge", "", ""),
    ]
    ledgers = [each for each in _ledgers(challenge) if challenge.slug in each.node.challenges]
    egress, veiled = challenge.content.egress, hidden(phase, now)
    found = []
    for scope, name, known_as in asked:
        shares = [
            _share(scope, name, _account(ledger, scope, known_as), egress, veiled) for ledger in ledgers
        ]
        if shares:
            found.append(min(shares, key=lambda share: share.percent_left))
    return found


def _ledgers(challenge: Challenge) -> QuerySet[NodeLedger]:
    return (
        NodeLedger.objects.filter(challenge=challenge.slug, node__in=judges_of(challenge))
        .select_related("node__organisation")
        .order_by("node__country", "node__name")
    )


def _account(ledger: NodeLedger, scope: str, name: str) -> tuple[int, float, float]:
    """Return how many scores an account was told, its bits, and its budget."""
    found = ledger.accounts.filter(scope=scope, name=name).values_list("figures", "bits").first()
    figures, bits = found or (0, 0.0)
    return figures, bits, float(ledger.budget.get(scope, 0.0))


def _share(scope: str, name: str, account: tuple[int, float, float], egress: Egress, veiled: bool) -> Share:
    figures, bits, budget = account
    stepped = egress.rule == "aggregate" and egress.reveal == "improvements"
    left = max(0.0, budget - bits)
    if veiled and left > 0:
        left = max(0.0, budget - figures * TYPICAL_BITS)
    return Share(
        scope, name, figures, int(left // TYPICAL_BITS) if stepped else None,
        round(100 * left / budget) if budget else 0, None if veiled else bits, None if veiled else budget,
    )  # fmt: skip


def told_of(challenge: Challenge, *, names: bool) -> list[dict[str, Any]]:
    """Return what each node told of a challenge's private cases: in all, and to whom, most first.

    Parameters
    ----------
    challenge : Challenge
    names : bool
        Whether people are named; else they are members of their teams.
    """
    ledgers = list(_ledgers(challenge).prefetch_related("accounts"))
    if not ledgers:
        return []
    who = _who(challenge.slug, names=names)
    return [
        {
            **_in_all(ledger),
            "accounts": [
                {
                    "scope": each.scope,
                    "who": who.get((each.scope, each.name), ""),
                    "results": each.results,
                    "figures": each.figures,
                    "bits": each.bits,
                    "budget": float(ledger.budget.get(each.scope, 0.0)),
                }
                for each in sorted(
                    ledger.accounts.all(), key=lambda each: (_ORDER.index(each.scope), -each.bits)
                )
                if each.scope != "challenge"
            ],
        }
        for ledger in ledgers
    ]


_ORDER = ("organisation", "team", "person", "challenge")


def _in_all(ledger: NodeLedger) -> dict[str, Any]:
    whole = next((each for each in ledger.accounts.all() if each.scope == "challenge"), None)
    bits, budget = whole.bits if whole else 0.0, float(ledger.budget.get("challenge", 0.0))
    return {
        "challenge": ledger.challenge,
        "node": ledger.node.name,
        "told": ledger.told,
        "results": whole.results if whole else 0,
        "figures": whole.figures if whole else 0,
        "bits": bits,
        "budget": budget,
        "percent": min(100, round(100 * bits / budget)) if budget else 100,
    }


def _who(slug: str, *, names: bool) -> dict[tuple[str, str], str]:
    """Return who hides behind the names that the nodes of a challenge know."""
    handed_in = Submission.objects.filter(phase__challenge__slug=slug, phase__private=True).order_by()
    found: dict[tuple[str, str], str] = {}
    teams = Team.objects.filter(pk__in=handed_in.values("team"))
    for team in teams:
        found["team", alias(slug, "team", team.pk)] = team.name
    for organisation in Organisation.objects.filter(teams__in=teams).distinct():
        found["organisation", alias(slug, "organisation", organisation.pk)] = organisation.name
    for body in CountedWith.objects.filter(submission__in=handed_in):
        found["organisation", alias(slug, body.kind, body.key)] = body.name
    people = handed_in.values(person=F("handed_in_by"), called=F("team__name")).distinct()
    known = User.objects.in_bulk([row["person"] for row in people]) if names else {}
    for row in people:
        named = str(known[row["person"]]) if names else row["called"]
        found["person", alias(slug, "person", row["person"])] = named
    return found


def ledgers_of_all() -> list[dict[str, Any]]:
    """Return what each active node told of each of its private challenges, those nearest their budget first."""
    ledgers = NodeLedger.objects.filter(node__active=True).select_related("node").prefetch_related("accounts")
    return sorted(
        (_in_all(each) for each in ledgers), key=lambda row: (-row["percent"], row["challenge"], row["node"])
    )


def as_data(shares: Iterable[Share]) -> list[dict[str, Any]]:
    """Return shares as plain data."""
    return [asdict(each) for each in shares]
