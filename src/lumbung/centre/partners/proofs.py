"""What organisations have proven: read from standings, which are computed from signed evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

import msgspec

from lumbung.centre.challenges.models import Challenge, Phase, shown_to_all
from lumbung.centre.members.models import Organisation
from lumbung.centre.runs.models import Submission
from lumbung.centre.runs.selectors import hidden
from lumbung.centre.standings.services import standings_of
from lumbung.cooperation.matching.listings import Proof, proofs_from_standing
from lumbung.proving.standing import Standing


class Public(NamedTuple):
    """A challenge's standing that everybody may see: of its newest version, its last phase that has one.

    Rows are keyed by the submission's token: two teams may have handed in the very same file.
    """

    challenge: Challenge
    phase: Phase
    standing: Standing


def public_standings(now: datetime, of: Organisation | None = None) -> dict[str, Public]:
    """Return the standing of each challenge, by its name; nothing under embargo.

    *of* one organisation: of the challenges for which teams of its handed something in.
    """
    found: dict[str, Public] = {}
    judged = Phase.objects.select_related("challenge").filter(
        shown_to_all("challenge__"), evidence_count__gt=0
    )
    if of is not None:
        theirs = Submission.objects.filter(team__organisations=of).order_by().values("phase__challenge__slug")
        judged = judged.filter(challenge__slug__in=theirs)
    ordered = judged.order_by("challenge__slug", "-challenge__version", "-position")
    phases = [phase for phase in ordered if not hidden(phase, now)]
    standings = standings_of(phases, now)
    for phase in phases:
        if phase.challenge.slug not in found:
            standing = standings[phase.pk]
            if standing.rows:
                found[phase.challenge.slug] = Public(phase.challenge, phase, _by_token(standing))
    return found


def _by_token(standing: Standing) -> Standing:
    rows = tuple(msgspec.structs.replace(row, submission_digest=row.name) for row in standing.rows)
    return msgspec.structs.replace(standing, rows=rows)


def proofs_of_all(organisations: Iterable[Organisation], now: datetime) -> tuple[Proof, ...]:
    """Return what each of *organisations* has proven; a joint team's proof is each of its organisations'."""
    standings = public_standings(now)
    return _proofs(standings, _owners(standings, organisations))


def _proofs(standings: dict[str, Public], owners: dict[str, list[str]]) -> tuple[Proof, ...]:
    proofs: list[Proof] = []
    for public in standings.values():
        mine: dict[str, dict[str, str]] = defaultdict(dict)
        for row in public.standing.rows:
            for organisation in owners.get(row.name, ()):
                mine[organisation][row.name] = organisation
        for theirs in mine.values():
            proofs += proofs_from_standing(public.standing, public.challenge.sector, theirs)
    return tuple(proofs)


def _owners(standings: dict[str, Public], among: Iterable[Organisation]) -> dict[str, list[str]]:
    """Return which of some organisations are behind each submission in the standings."""
    tokens = [row.name for public in standings.values() for row in public.standing.rows]
    owners: dict[str, list[str]] = defaultdict(list)
    behind = Submission.objects.filter(
        token__in=tokens,
        team__organisations__in={each.pk for each in among},
        team__organisations__approved=True,
    )
    for token, slug in behind.values_list("token", "team__organisations__slug"):
        owners[token].append(slug)
    return owners


def proven_by(organisation: Organisation, now: datetime) -> list[tuple[Public, Proof]]:
    """Return what one organisation has proven, strongest first."""
    standings = public_standings(now, organisation)
    mine = sorted(
        _proofs(standings, _owners(standings, [organisation])), key=lambda proof: proof.strength, reverse=True
    )
    return [(standings[proof.challenge], proof) for proof in mine]
