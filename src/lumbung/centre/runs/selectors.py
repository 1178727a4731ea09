"""What may be seen of submissions and runs, and by whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Max, Min, Q, QuerySet

from lumbung.centre.challenges.models import Challenge, Phase, shown_to_all
from lumbung.centre.challenges.selectors import may_manage, visible_challenges
from lumbung.centre.members.access import NotFound, Role, known, may_audit
from lumbung.centre.runs.models import EvidenceRecord, Node, Run, Submission
from lumbung.centre.runs.queue import AT_WORK, NOT_THE_TEAMS, ahead_of
from lumbung.centre.runs.reasons import reason_of
from lumbung.proving.faults import Fault, Owner
from lumbung.proving.job import RunState

if TYPE_CHECKING:
    from lumbung.centre.members.access import Visitor


def visible_submissions(person: Visitor) -> QuerySet[Submission]:
    """Return one's teams' submissions; staff and auditors see all."""
    submissions = Submission.objects.select_related("team", "phase__challenge")
    if not known(person):
        return submissions.none()
    if person.is_staff or person.is_auditor:
        return submissions
    return submissions.filter(team__in=person.teams.all())


def find_submission(person: Visitor, token: str) -> Submission:
    """Return a submission one may see.

    Raises
    ------
    NotFound
        Also where it exists and is another team's: existence is private.
    """
    found = visible_submissions(person).filter(token=token).first()
    if found is None:
        raise NotFound
    return found


def visible_runs(person: Visitor) -> QuerySet[Run]:
    """Return the runs of one's teams, those on challenges one owns, and all for staff and auditors."""
    runs = Run.objects.select_related("submission__team", "submission__phase", "challenge", "node")
    if not known(person):
        return runs.none()
    if person.is_staff or person.is_auditor:
        return runs
    owned = person.memberships.filter(
        accepted=True, organisation__approved=True, role__in=(Role.CHALLENGE_OWNER, Role.ADMINISTRATOR)
    ).values("organisation")
    return runs.filter(Q(submission__team__in=person.teams.all()) | Q(challenge__owner__in=owned))


def find_run(person: Visitor, token: str) -> Run:
    """Return a run one may see.

    Raises
    ------
    NotFound
    """
    run = visible_runs(person).filter(token=token).first()
    if run is None:
        raise NotFound
    return run


def hidden(phase: Phase, now: datetime) -> bool:
    """Whether scores of the phase are under embargo: for everybody, until it closes."""
    return phase.embargo and not (phase.closes is not None and now >= phase.closes)


def run_log(person: Visitor, run: Run) -> str:
    """Return the log of a run, which only its team may read.

    Raises
    ------
    NotFound
    """
    if not known(person) or not person.teams.filter(pk=run.submission.team_id).exists():
        raise NotFound
    return run.log


def evidence_of(person: Visitor, token: str, now: datetime) -> EvidenceRecord:
    """Return the evidence of a scored run: public once its scores are; of a challenge by invitation to its guests.

    Raises
    ------
    NotFound
    """
    record = (
        EvidenceRecord.objects.select_related(
            "run__submission__phase__challenge", "run__submission__team", "run__node"
        )
        .filter(run__token=token)
        .first()
    )
    if record is None or hidden(record.run.submission.phase, now):
        raise NotFound
    challenge = record.run.submission.phase.challenge
    among_guests = challenge.by_invitation and not visible_challenges(person).filter(pk=challenge.pk).exists()
    if (among_guests or not record.complete) and not visible_runs(person).filter(pk=record.run_id).exists():
        raise NotFound
    return record


def may_mend(person: Visitor, run: Run) -> bool:
    """Whether *person* reads what a node says about a fault: who must mend it, and who looks after everything."""
    return may_manage(person, run.challenge) or may_audit(person)


def fallen_of(run: Run) -> datetime | None:
    """Return since when a run's evidence counts no more, its node's key being revoked; None where it counts."""
    record = getattr(run, "evidence", None)
    return record.fallen if record is not None else None


def describe_run(run: Run, language: str, *, words: bool = False) -> dict[str, Any]:
    """Return a run's life as plain data: where it stands, and why it ended as it did.

    With *words*, also what its node said about it (see `may_mend`).
    """
    fault = run.fault
    finding = Fault(Owner.CHALLENGE, run.finding) if run.finding else None
    told: dict[str, Any] = (
        {"words": run.words, "finding": run.finding or None, "bits": run.bits} if words else {}
    )
    if words and finding is not None:
        told["finding_reason"] = reason_of(finding, language)
    return {
        **told,
        "run": run.token,
        "submission": run.submission.token,
        "name": run.submission.name,
        "team": run.submission.team.slug,
        "challenge": run.challenge.slug,
        "version": run.challenge.version,
        "phase": run.submission.phase.slug,
        "state": run.state,
        "ahead": ahead_of(run),
        "node": run.node.name if run.node else None,
        "finished_cases": run.finished_cases,
        "total_cases": run.total_cases,
        "queued": run.queued,
        "started": run.started,
        "held": run.held,
        "held_until": run.deadline if run.state == RunState.HELD else None,
        "ended": run.ended,
        "rejudges": run.rejudges.token if run.rejudges_id and run.rejudges else None,
        "fault_owner": run.fault_owner or None,
        "fault_code": run.fault_code or None,
        "reason": reason_of(fault, language) if fault else None,
        "fallen": fallen_of(run),
        "replaced_by": run.replaced_by.token if run.replaced_by is not None else None,
    }


SILENT = timedelta(minutes=2)  # an idle node asks at least every twenty seconds


def all_nodes() -> QuerySet[Node]:
    """Return all nodes, those at work first; who judged is public for good."""
    return Node.objects.select_related("organisation").order_by("-active", "country", "name")


def find_node(name: str) -> Node:
    """Return a node, retired ones too: their evidence is still verified with their key.

    Raises
    ------
    NotFound
    """
    node = Node.objects.select_related("organisation").filter(name=name).first()
    if node is None:
        raise NotFound
    return node


def other_judges(run: Run) -> list[Node]:
    """Return the nodes that could judge a run again."""
    others = Node.objects.filter(active=True).exclude(name=run.node.name if run.node else "")
    return [node for node in others if run.challenge.slug in node.challenges]


def queue_state(now: datetime) -> dict[str, Any]:
    """Return how the queue does: runs by state, the oldest waiting, what is stuck, which nodes are silent."""
    waiting = Run.objects.filter(state=RunState.QUEUED)
    by_state = dict(Run.objects.order_by().values_list("state").annotate(count=Count("pk")))
    oldest = waiting.aggregate(oldest=Min("queued"))["oldest"]
    alive = Node.objects.filter(active=True, last_seen__gte=now - SILENT).count()
    return {
        "by_state": {state.value: by_state.get(state.value, 0) for state in RunState},
        "oldest": oldest,
        "oldest_seconds": (now - oldest).total_seconds() if oldest else 0.0,
        "nodes_alive": alive,
        "nodes": Node.objects.filter(active=True).count(),
    }


def stuck_runs(now: datetime) -> QuerySet[Run]:
    """Return runs that wait for more than five minutes, or whose node let its lease go by."""
    late = Q(state=RunState.QUEUED, queued__lt=now - timedelta(minutes=5))
    silent = Q(state__in=AT_WORK, lease_expires__lt=now)
    return Run.objects.filter(late | silent).select_related(
        "submission__team", "submission__phase", "challenge", "node", "bound_to"
    )


def silent_nodes(now: datetime) -> QuerySet[Node]:
    """Return active nodes that have not asked for work lately."""
    return all_nodes().filter(active=True).exclude(last_seen__gte=now - SILENT)


LOOK_BACK = timedelta(days=7)
IN_A_ROW = 3


def failed_runs(now: datetime, challenge: Challenge | None = None) -> QuerySet[Run]:
    """Return the runs of the last days that ended through no fault of their team, newest first."""
    found = Run.objects.filter(
        state=RunState.FAULTED, fault_owner__in=NOT_THE_TEAMS, ended__gte=now - LOOK_BACK
    )
    if challenge is not None:
        found = found.filter(challenge=challenge)
    return found.select_related("submission__team", "submission__phase", "challenge", "node").order_by(
        "-ended"
    )


def disagreements() -> QuerySet[Run]:
    """Return the runs in which a second node found other figures than the first, newest first.

    They settle nothing by themselves: the first evidence stands until somebody looked into it.
    """
    compared = Run.objects.filter(
        rejudges__gt=0,  # few are: an index finds them, and what follows need not look at all evidence
        rejudges__evidence__complete=True,
        rejudges__evidence__fallen=None,
        evidence__complete=True,
        evidence__fallen=None,
    )
    return (
        compared.exclude(evidence__figures_digest=F("rejudges__evidence__figures_digest"))
        .select_related("submission__team", "submission__phase", "challenge", "node", "rejudges__node")
        .order_by("-ended")
    )


def fault_counts(now: datetime) -> list[dict[str, Any]]:
    """Count the faults of the last days by challenge, node, owner and code, most first."""
    rows = (
        Run.objects.filter(state=RunState.FAULTED, ended__gte=now - LOOK_BACK)
        .order_by()
        .values("challenge__slug", "challenge__version", "node__name", "fault_owner", "fault_code")
        .annotate(count=Count("pk"), last=Max("ended"))
        .order_by("-count", "challenge__slug", "node__name", "fault_code")
    )
    return [
        {
            "challenge": row["challenge__slug"],
            "version": row["challenge__version"],
            "node": row["node__name"] or "",
            "owner": row["fault_owner"],
            "code": row["fault_code"],
            "count": row["count"],
            "last": row["last"],
        }
        for row in rows
    ]


def failing_challenges(now: datetime) -> list[dict[str, Any]]:
    """Return the challenges whose newest runs all ended through no fault of a team, with the newest one.

    Up to three in a row are looked at: one is enough where there never was another.
    """
    found = []
    suspects = Challenge.objects.filter(pk__in=failed_runs(now).order_by().values("challenge"))
    for challenge in suspects.select_related("owner").order_by("slug", "version"):
        newest = list(
            Run.objects.filter(challenge=challenge, state__in=(RunState.SCORED, RunState.FAULTED))
            .select_related("submission__team", "node")
            .order_by("-ended")[:IN_A_ROW]
        )
        if newest and all(run.fault_owner in NOT_THE_TEAMS for run in newest):
            failed = failed_runs(now, challenge).count()
            found.append({"challenge": challenge, "count": failed, "newest": newest[0]})
    return found


def at_work() -> list[dict[str, Any]]:
    """Return what is judged or waits now, by open challenge that everybody may see: how many run, at which nodes, and how many wait."""
    found = Run.objects.filter(
        shown_to_all("challenge__"),
        challenge__state=Challenge.State.OPEN,
        state__in=(RunState.QUEUED, *AT_WORK),
    ).order_by("challenge__slug", "node__name")
    counted: dict[str, dict[str, Any]] = {}
    for slug, state, node, count in found.values_list("challenge__slug", "state", "node__name").annotate(
        count=Count("pk")
    ):
        row = counted.setdefault(slug, {"challenge": slug, "running": 0, "waiting": 0, "nodes": []})
        row["waiting" if state == RunState.QUEUED else "running"] += count
        if state != RunState.QUEUED and node and node not in row["nodes"]:
            row["nodes"].append(node)
    return list(counted.values())


def newest_evidence(now: datetime, count: int = 5) -> list[EvidenceRecord]:
    """Return the evidence that came in last, of what everybody may see."""
    # Chosen first from the index of what counts: joined and sorted at once, all of it would be read to find the newest.
    newest = EvidenceRecord.objects.counted().order_by("-received", "-pk").values_list("pk", flat=True)
    shown: list[EvidenceRecord] = []
    for start in range(0, 8 * count, 2 * count):  # most is shown to all: the first stretch does
        keys = list(newest[start : start + 2 * count])
        found = (
            EvidenceRecord.objects.filter(pk__in=keys)
            .select_related("run__submission__team", "run__submission__phase__challenge", "run__node")
            .defer("envelope")
            .order_by("-received", "-pk")
        )
        shown += [record for record in found if _shown_to_all(record.run, now)]
        if len(shown) >= count or len(keys) < 2 * count:
            break
    return shown[:count]


def _shown_to_all(run: Run, now: datetime) -> bool:
    phase = run.submission.phase
    public = phase.challenge.state != Challenge.State.DRAFT and not phase.challenge.by_invitation
    return run.rejudges_id is None and public and not hidden(phase, now)


def signed_results() -> int:
    """Return how many pieces of evidence count."""
    return EvidenceRecord.objects.counted().count()
