"""Standings computed from evidence, kept ready, and adoptions."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.bodies import Body
from lumbung.centre.challenges.models import Blob, Phase
from lumbung.centre.members.access import NotFound, Role, has_role, in_team, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Organisation, User
from lumbung.centre.members.notices import tell
from lumbung.centre.members.selectors import people_with
from lumbung.centre.members.services import Refused
from lumbung.centre.runs.models import EvidenceRecord, Node, Run, Submission
from lumbung.centre.standings.models import Adoption, KeptStanding
from lumbung.proving.challenge import Ranking
from lumbung.proving.evidence import Evidence, reopen_evidence
from lumbung.proving.standing import Standing, by_node, compute_standing

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    from lumbung.centre.members.access import Visitor


class Worth(TypedDict):
    """What `fully_scored` adds to a submission."""

    worth: float


INLINE = 400  # with more evidence than this a standing is computed in the background, and a request shows the last one


def standing_of(phase: Phase, now: datetime) -> Standing:
    """Return a phase's standing."""
    return msgspec.json.decode(kept_standing(phase, now).content, type=Standing)


def kept_standing(phase: Phase, now: datetime, *, at_once: bool = False) -> KeptStanding:
    """Return a phase's standing as kept while no new evidence came, else a new one, kept.

    A team is ranked by its best submission on all the nodes that judged it.

    Parameters
    ----------
    phase : Phase
    now : datetime
    at_once : bool
        Compute anew even where it takes long (the housekeeper does).
    """
    kept = KeptStanding.objects.filter(phase=phase).defer("content").first()
    if kept is not None and (_serves(kept, phase) and not (at_once and _behind(kept, phase))):
        return kept
    standing, fallen = _compute(phase), _fallen(phase)
    kept, _made = KeptStanding.objects.update_or_create(
        phase=phase,
        defaults={
            "evidence_count": phase.evidence_count,
            "content": msgspec.json.encode(standing).decode(),
            "board": msgspec.json.encode(
                {
                    **_board(standing, phase.challenge.content.ranking),
                    "fallen": fallen,
                    "progress": _progress(phase, {refusal.name for refusal in standing.refused}),
                }
            ).decode(),
            "computed": now,
        },
    )
    return kept


def _behind(kept: KeptStanding, phase: Phase) -> bool:
    return kept.evidence_count != phase.evidence_count


def _serves(kept: KeptStanding, phase: Phase) -> bool:
    """Whether a request is shown this standing: it is up to date, or takes too long to be made so now."""
    return not _behind(kept, phase) or phase.evidence_count > INLINE


def kept_standings(phases: Sequence[Phase], now: datetime) -> dict[int, KeptStanding]:
    """Return the kept standings of many phases by their keys: one query for those that serve as they are."""
    kept = {one.phase_id: one for one in KeptStanding.objects.filter(phase__in=phases).defer("content")}
    return {
        phase.pk: found
        if (found := kept.get(phase.pk)) is not None and _serves(found, phase)
        else kept_standing(phase, now)
        for phase in phases
    }


def standings_of(phases: Sequence[Phase], now: datetime) -> dict[int, Standing]:
    """Return the standings of many phases by their keys, those that are kept in one query."""
    kept = {one.phase_id: one for one in KeptStanding.objects.filter(phase__in=phases).defer("board")}
    return {
        phase.pk: msgspec.json.decode(found.content, type=Standing)
        if (found := kept.get(phase.pk)) is not None and _serves(found, phase)
        else standing_of(phase, now)
        for phase in phases
    }


def _board(standing: Standing, ranking: Ranking) -> dict[str, Any]:
    """Return the standing as plain data, with submissions by team, name and runs, and nodes by name."""
    nodes = _judges(standing.rows[0].name) if standing.rows else []
    known = _known({row.name for row in standing.rows} | {refusal.name for refusal in standing.refused})
    rows = []
    for row in standing.rows:
        figures = msgspec.to_builtins(row)
        ranks = {name: figures.pop(name) for name in ("rank", "rank_low", "rank_high")}
        parts = by_node(row, ranking) if len(nodes) > 1 else []
        rows.append({**ranks, **figures, **known[row.name], "nodes": parts})
    refused = [{**known[refusal.name], "reason": refusal.reason} for refusal in standing.refused]
    return {
        "paired": standing.paired,
        "nodes": nodes if len(nodes) > 1 else [],
        "rows": rows,
        "refused": refused,
    }


def _fallen(phase: Phase) -> list[dict[str, Any]]:
    """Return the submissions that stood on evidence whose key was revoked, and wait to be judged anew."""
    waiting = Run.objects.filter(
        submission__phase__in=phase.line(), rejudges=None, submission__counts=True
    ).filter(
        Q(evidence__fallen__isnull=False, replaced_by=None)
        | Q(replaces__evidence__fallen__isnull=False, evidence=None)
    )
    found = _known(set(waiting.values_list("submission__token", flat=True)))
    return [
        {name: row[name] for name in ("submission", "name", "team", "team_name")}
        for _token, row in sorted(found.items())
    ]


def _progress(phase: Phase, refused: set[str]) -> list[dict[str, Any]]:
    """Return each submission that was better than all before it, by when it was handed in: how the best became better.

    What the standing refused, having been judged on other cases, is left out.
    """
    ranking = phase.challenge.content.ranking
    sign = 1 if ranking.better == "lower" else -1
    handed_in = Submission.objects.filter(phase__in=phase.line(), counts=True).exclude(token__in=refused)
    scored = fully_scored(handed_in)
    best: float | None = None
    steps: list[dict[str, Any]] = []
    for created, team, worth in scored.order_by("created", "pk").values_list(
        "created", "team__name", "worth"
    ):
        if best is None or sign * worth < sign * best:
            best = worth
            mean = math.exp(worth) if ranking.mean == "geometric" else worth
            steps.append({"time": created, "team_name": team, "mean": mean})
    return steps


def _judges(token: str) -> list[dict[str, str]]:
    """Return the nodes that judged a ranked submission, in the order in which a standing numbers them."""
    records = EvidenceRecord.objects.ranked().filter(run__submission__token=token).select_related("run__node")
    ordered = sorted(records, key=lambda each: reopen_evidence(each.envelope.encode()).cases_digest)
    return [
        {"name": node.name, "country": node.country}
        for each in ordered
        if (node := each.run.node) is not None
    ]


def _known(tokens: set[str]) -> dict[str, dict[str, Any]]:
    """Return team, submission and runs of each submission in a standing."""
    runs: dict[str, list[str]] = {}
    judged_by: dict[str, list[str]] = {}
    scored = Run.objects.filter(
        submission__token__in=tokens, rejudges=None, evidence__complete=True, evidence__fallen=None
    )
    for token, run, node in scored.order_by("node__name", "id").values_list(
        "submission__token", "token", "node__name"
    ):
        runs.setdefault(token, []).append(run)
        judged_by.setdefault(token, []).append(node)
    found = Submission.objects.filter(token__in=tokens).values_list(
        "token", "name", "team__slug", "team__name"
    )
    return {
        token: {
            "submission": token,
            "name": name,
            "team": slug,
            "team_name": team,
            "runs": runs.get(token, []),
            "judged_by": judged_by.get(token, []),
        }
        for token, name, slug, team in found
    }


def refresh_standings(now: datetime) -> int:
    """Compute every standing that new evidence made old; returns how many."""
    behind = Phase.objects.filter(evidence_count__gt=0).exclude(standing__evidence_count=F("evidence_count"))
    old = list(behind.select_related("challenge"))
    for phase in old:
        kept_standing(phase, now, at_once=True)
    return len(old)


def _compute(phase: Phase) -> Standing:
    record = phase.challenge.content
    best = best_of_each_team(phase, record.ranking.better)
    pieces: dict[str, list[Evidence]] = defaultdict(list)
    chosen = EvidenceRecord.objects.ranked().filter(run__submission__in=best)
    for token, envelope in chosen.values_list("run__submission__token", "envelope"):
        pieces[token].append(reopen_evidence(envelope.encode()))
    # The seed is the challenge's own: the same evidence gives the same standing to whoever computes it.
    seed = int(phase.challenge.digest[7:15], 16)
    return compute_standing(pieces, record.ranking, seed=seed, same_question=_same_question(phase))


def fully_scored(submissions: QuerySet[Submission]) -> QuerySet[WithAnnotations[Submission, Worth]]:
    """Return those that all of their nodes have scored, each with what it is worth over its nodes as ``worth``.

    That is on the scale that is averaged: logarithms for geometric means.
    """
    first = Q(runs__rejudges=None, runs__replaced_by=None)
    good = first & Q(runs__evidence__complete=True, runs__evidence__fallen=None)
    return (
        submissions.annotate(
            asked=Count("runs", filter=first),
            got=Count("runs__evidence", filter=good),
            weight=Sum("runs__evidence__groups", filter=first),
            total=Sum(F("runs__evidence__score") * F("runs__evidence__groups"), filter=first),
        )
        .filter(asked=F("got"), got__gt=0, weight__gt=0)
        .annotate(worth=F("total") / F("weight"))
    )


def _same_question(phase: Phase) -> set[str]:
    """Return the digests of the challenges whose rows stand in this phase: the owner says that they ask the same."""
    found = Phase.objects.filter(pk__in=phase.line()).values_list("challenge__digest", flat=True)
    return set(found)


def best_of_each_team(phase: Phase, better: str) -> list[int]:
    """Return each team's best submission, carried rows included, among those that all of its nodes have scored."""
    scored = fully_scored(Submission.objects.filter(phase__in=phase.line(), counts=True))
    sign = 1 if better == "lower" else -1
    best: dict[int, tuple[float, int]] = {}
    for pk, team, worth in scored.values_list("pk", "team_id", "worth"):
        offer = (sign * worth, pk)
        if team not in best or offer < best[team]:
            best[team] = offer
    return [pk for _score, pk in best.values()]


def adopt(
    user: User, organisation: Organisation, record: EvidenceRecord, *, terms: str, contact: str, now: datetime
) -> Adoption:
    """Put a solution to work: the challenge's owner names evidence, terms and contact; the team then agrees."""
    challenge = record.run.challenge
    require(has_role(user, organisation, Role.CHALLENGE_OWNER))
    if challenge.owner_id != organisation.pk:
        raise Refused(_("A solution is adopted by the organisation that posed the challenge."))
    if not record.complete:
        raise Refused(_("Only a solution with complete evidence can be adopted."))
    with transaction.atomic():
        adoption = Adoption.objects.create(
            submission=record.run.submission, adopter=organisation, evidence=record, terms=terms, contact=contact,
            made_by=user, created=now,
        )  # fmt: skip
        append("adoption.proposed", record.run.submission.token, actor=user, now=now, evidence=record.digest)
        _tell(adoption, record.run.submission.team.members.exclude(pk=user.pk), "proposed", now)
    return adoption


def answer_adoption(user: User, adoption: Adoption, *, agree: bool, now: datetime) -> None:
    """The team agrees to the terms, or declines."""
    if not in_team(user, adoption.submission.team):
        raise NotFound
    if adoption.state != Adoption.State.PROPOSED:
        raise Refused(_("This adoption was answered already."))
    state = Adoption.State.AGREED if agree else Adoption.State.DECLINED
    with transaction.atomic():
        if not Adoption.objects.filter(pk=adoption.pk, state=Adoption.State.PROPOSED).update(state=state):
            raise Refused(_("This adoption was answered already."))
        append(f"adoption.{state}", adoption.submission.token, actor=user, now=now)
        owners = people_with(adoption.adopter, Role.CHALLENGE_OWNER, Role.ADMINISTRATOR)
        _tell(adoption, owners.exclude(pk=user.pk), state, now)
    adoption.state = state


def _tell(adoption: Adoption, people: Iterable[User], kind: str, now: datetime) -> None:
    """Leave a notice beside the letter that goes out."""
    submission = adoption.submission
    said = {"host": adoption.adopter.name, "team": submission.team.name, "name": submission.name}
    tell(people, kind, reverse("portal:adoptions"), now=now, lettered=True, **said)


def attach_deliverable(node: Node, adoption: Adoption, upload: Body, *, now: datetime) -> Adoption:
    """Attach what ``lumbung run`` made on the owner's data; the owner's node sends it, since the data stays there.

    Raises
    ------
    NotFound
        The adoption is another organisation's.
    Refused
        The team has not agreed, or the file is too large or not the one announced.
    """
    if adoption.adopter_id != node.organisation_id:
        raise NotFound
    if adoption.state not in (Adoption.State.AGREED, Adoption.State.DELIVERED):
        raise Refused(_("The team has not agreed to this adoption."))
    blob = blobs.put(upload, limit=settings.UPLOAD_LIMIT, now=now, size=upload.size, digest=upload.digest)
    with transaction.atomic():
        Adoption.objects.filter(pk=adoption.pk).update(deliverable=blob, state=Adoption.State.DELIVERED)
        append("adoption.delivered", adoption.submission.token, actor=node, now=now, deliverable=blob.digest)
    adoption.refresh_from_db()
    return adoption


def deliverable_of(person: Visitor, adoption: Adoption) -> Blob:
    """Return the deliverable, which is the adopter's and the team's to see.

    Raises
    ------
    NotFound
    """
    if adoption.deliverable is None or not may_fetch_deliverable(person, adoption):
        raise NotFound
    return adoption.deliverable


def may_fetch_deliverable(person: Visitor, adoption: Adoption) -> bool:
    """Whether a deliverable, where there is one, is this person's to see."""
    return has_role(person, adoption.adopter, Role.CHALLENGE_OWNER) or in_team(
        person, adoption.submission.team
    )


def adopted_solution(person: Visitor, adoption: Adoption, *, now: datetime) -> Blob:
    """Return what the team handed in, which is the adopter's once the team agreed; who took it is written down.

    Raises
    ------
    NotFound
    """
    if not may_fetch_solution(person, adoption):
        raise NotFound
    append(
        "adoption.solution_fetched", adoption.submission.token, actor=person, now=now, adoption=adoption.pk
    )
    return adoption.submission.blob


def may_fetch_solution(person: Visitor, adoption: Adoption) -> bool:
    """Whether an adopted solution's archive is this person's to take: its team agreed, and they pose its challenge."""
    agreed = adoption.state in (Adoption.State.AGREED, Adoption.State.DELIVERED)
    return agreed and has_role(person, adoption.adopter, Role.CHALLENGE_OWNER)
