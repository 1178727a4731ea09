"""The owner chooses the judges: no job, archive or parcel goes to a node that the challenge's owner did not approve.

Nodes of the owner's own organisation need no approval. Another's is approved for one version of a challenge, by the
owner and nobody else; taken back, what it has under way returns to the queue and what it sends is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lumbung.centre.challenges.models import Challenge
from lumbung.centre.members.access import Role, has_role, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import User
from lumbung.centre.members.services import Refused
from lumbung.centre.runs.models import Node, NodeApproval, Run
from lumbung.centre.runs.queue import take_from, tell_nodes
from lumbung.proving.job import RunState


def judged_by(node: Node, slugs: Sequence[str], holds: Mapping[str, str]) -> list[int]:
    """Return the keys of the challenges of these names that a node may judge, and can with the versions it holds.

    A node that does not say which versions it holds is taken to hold any.
    """
    given = NodeApproval.objects.filter(node=node).values("challenge")
    mine = Challenge.objects.filter(Q(owner=node.organisation_id) | Q(pk__in=given), slug__in=list(slugs))
    if holds:
        mine = mine.filter(digest__in=list(holds.values()))
    return list(mine.values_list("pk", flat=True))


def waits_for_its_version(run: Run) -> bool:
    """Whether a queued run waits since no node at work holds its version of the challenge: its nodes hold another."""
    if run.state != RunState.QUEUED:
        return False
    slug, digest = run.challenge.slug, run.challenge.digest
    nodes = [node for node in judges_of(run.challenge) if slug in node.challenges]
    if run.bound_to_id is not None:
        nodes = [node for node in nodes if node.pk == run.bound_to_id]
    return bool(nodes) and all(node.holds and node.holds.get(slug) != digest for node in nodes)


def may_judge(node: Node, challenge: Challenge) -> bool:
    """Whether a node may judge a challenge."""
    if node.organisation_id == challenge.owner_id:
        return True
    return NodeApproval.objects.filter(node=node, challenge=challenge).exists()


def judges_of(challenge: Challenge) -> QuerySet[Node]:
    """Return the active nodes that may judge a challenge."""
    given = NodeApproval.objects.filter(challenge=challenge).values("node")
    return Node.objects.filter(Q(organisation=challenge.owner_id) | Q(pk__in=given), active=True)


def claimants(challenge: Challenge) -> list[tuple[Node, bool]]:
    """Return the active nodes that say they hold a challenge, each with whether it may judge it."""
    may = set(judges_of(challenge).values_list("pk", flat=True))
    nodes = Node.objects.filter(active=True).select_related("organisation").order_by("country", "name")
    return [(node, node.pk in may) for node in nodes if challenge.slug in node.challenges or node.pk in may]


def approve(user: User, challenge: Challenge, node: Node, *, now: datetime) -> None:
    """Let a node judge a version of one's challenge.

    Raises
    ------
    NotAllowed
        Only the owner says who judges: the centre's staff cannot either.
    Refused
    """
    require(has_role(user, challenge.owner, Role.CHALLENGE_OWNER))
    if not node.active:
        raise Refused(_("This node was retired before."))
    if may_judge(node, challenge):
        raise Refused(_("This node may judge the challenge already."))
    with transaction.atomic():
        NodeApproval.objects.get_or_create(
            challenge=challenge, node=node, defaults={"made_by": user, "made": now}
        )
        append("node.approved", str(challenge), actor=user, now=now, node=node.name, key=node.key_id)
        transaction.on_commit(tell_nodes)


def take_back(user: User, challenge: Challenge, node: Node, *, now: datetime) -> None:
    """Let a node judge one's challenge no more; what it has under way returns to the queue.

    Raises
    ------
    NotAllowed
    Refused
        It was not approved, or is of the owner's own organisation: those are retired.
    """
    require(has_role(user, challenge.owner, Role.CHALLENGE_OWNER))
    with transaction.atomic():
        gone, _rows = NodeApproval.objects.filter(challenge=challenge, node=node).delete()
        if not gone:
            raise Refused(_("This node was not approved for the challenge."))
        take_from(node, now, only=Q(challenge=challenge))
        append("node.approval_taken_back", str(challenge), actor=user, now=now, node=node.name)
