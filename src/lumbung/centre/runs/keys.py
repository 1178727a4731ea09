"""The lives of nodes' keys: begun, replaced, run out, revoked from a date; and what then falls.

Everything here enters the log, so that who has the signed list of keys (`key_list`) verifies evidence without asking.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.dispatch import Signal
from django.utils.translation import gettext as _

from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.challenges.selectors import may_manage
from lumbung.centre.members.access import Role, has_role, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.log_heads import inclusion
from lumbung.centre.members.models import AuditEntry, CentreKey, User
from lumbung.centre.members.services import Refused, token_digest
from lumbung.centre.members.signing import centre_key, note_own_key
from lumbung.centre.runs.models import EvidenceRecord, Node, NodeKey, Run
from lumbung.centre.runs.queue import PATIENCE, next_turn, take_from, tell_nodes
from lumbung.proving.job import KeyChange
from lumbung.proving.key_history import KEY_ACTS, KeyList, sign_key_list
from lumbung.proving.keys import is_endorsed, key_id, public_pem, read_public_pem

evidence_fell = Signal()
"""Sent within the transaction, with ``records`` and ``now``: apps above this one take back what rests on that evidence."""

LIST_S = 60
"""For how long a list of keys is given out before it is made anew."""


def read_key(pem: str) -> Ed25519PublicKey:
    """Read a node's public key.

    Raises
    ------
    Refused
    """
    try:
        return read_public_pem(pem)
    except ValueError:
        raise Refused(_("The node's public key is not an Ed25519 key in PEM.")) from None


def key_of(node: Node) -> NodeKey:
    """Return the life of a node's present key."""
    return NodeKey.objects.select_related("node").get(key_id=node.key_id)


def trusted_keys(node: Node) -> list[NodeKey]:
    """Return a node's keys that are not revoked; when what they signed counts is another question."""
    return list(node.keys.select_related("node").filter(revoked_from=None))


def trusted_pems(node: Node) -> list[str]:
    """Return the same as PEM."""
    return [key.public_key for key in trusted_keys(node)]


def begin_key(node: Node, key: Ed25519PublicKey, act: str, now: datetime, **told: str) -> NodeKey:
    """Let a key be a node's from now on; the one before ends now."""
    until = now + timedelta(days=settings.KEY_DAYS)
    NodeKey.objects.filter(Q(until=None) | Q(until__gt=now), node=node).update(until=now)
    pem = public_pem(key).decode()
    made = NodeKey.objects.create(node=node, key_id=key_id(key), public_key=pem, since=now, until=until)
    Node.objects.filter(pk=node.pk).update(public_key=pem, key_id=made.key_id)
    node.public_key, node.key_id = pem, made.key_id
    append(act, node.name, actor=node, now=now, key=made.key_id, until=until.isoformat(), **told)
    return made


def rotate_key(node: Node, change: KeyChange, *, now: datetime) -> NodeKey:
    """Replace a node's key by one that its present key endorses. The same change twice is one.

    A key that ran out may still endorse the next: what it signed since does not count as evidence, and the node shows
    its secret besides.

    Raises
    ------
    Refused
    """
    key = read_key(change.public_key)
    with transaction.atomic():
        Node.objects.select_for_update().get(pk=node.pk)
        before = key_of(node)
        if before.key_id == key_id(key):
            return before
        if before.revoked_from is not None:
            raise Refused(_("This node's key was revoked: it joins anew with an enrolment code."))
        if NodeKey.objects.filter(key_id=key_id(key)).exists():
            raise Refused(_("This key was used before. Make a new one."))
        if not is_endorsed(change.endorsement, read_key(before.public_key), key):
            raise Refused(_("The new key is not signed by the present one."))
        return begin_key(
            node, key, "node.key_rotated", now, before=before.key_id, endorsement=change.endorsement
        )


def may_revoke(user: User, node: Node) -> bool:
    """Whether *user* may say that a node's key is trusted no more."""
    return is_staff(user) or has_role(user, node.organisation, Role.NODE_OPERATOR)


def revoke_key(
    user: User, node: Node, name: str, *, since: datetime, why: str, now: datetime
) -> list[EvidenceRecord]:
    """Trust a node's key no more, from a date on; returns the evidence that falls with it.

    What the log held before that date stands. The node gets no work until it joined anew with a new key; what it had
    under way is judged anew.

    Parameters
    ----------
    name : str
        The key's id.
    since : datetime
        From when. A key that is revoked already may be revoked from an earlier day, never from a later one.

    Raises
    ------
    NotAllowed
    Refused
    """
    require(may_revoke(user, node))
    if since > now:
        raise Refused(_("A key is revoked from a day that has come. To replace it later, replace it later."))
    with transaction.atomic():
        key = NodeKey.objects.select_for_update().filter(node=node, key_id=name).first()
        if key is None:
            raise Refused(_("The node has no such key."))
        if key.revoked_from is not None and key.revoked_from <= since:
            raise Refused(_("This key is revoked from that day or an earlier one already."))
        NodeKey.objects.filter(pk=key.pk).update(revoked_from=since)
        if node.key_id == name:
            # Who has the key may well have the node's secret too.
            Node.objects.filter(pk=node.pk).update(token_digest=token_digest(secrets.token_urlsafe(32)))
            take_from(node, now)
        fallen = _fell(key, since, now)
        evidence_fell.send(EvidenceRecord, records=fallen, now=now)
        append(
            "node.key_revoked", node.name, actor=user, now=now, key=name, why=why.strip()[:200], fallen=len(fallen),
            **{"from": since.isoformat()},
        )  # fmt: skip
    return fallen


def _fell(key: NodeKey, since: datetime, now: datetime) -> list[EvidenceRecord]:
    found = EvidenceRecord.objects.filter(key_id=key.key_id, received__gte=since, fallen=None)
    fallen = list(
        found.select_related("run__submission__team", "run__submission__phase", "run__challenge__owner")
    )
    EvidenceRecord.objects.filter(pk__in=[record.pk for record in fallen]).update(fallen=now)
    phases = {
        pk for phase in {record.run.submission.phase for record in fallen} for pk in phase.and_its_carriers()
    }
    Phase.objects.filter(pk__in=phases).update(evidence_count=F("evidence_count") + 1)
    return fallen


def fallen_runs(challenge: Challenge) -> QuerySet[Run]:
    """Return the runs of a challenge whose evidence fell and in whose place no other was queued yet."""
    return Run.objects.filter(
        challenge=challenge, evidence__fallen__isnull=False, replaced_by=None, rejudges=None
    ).select_related("submission__team", "submission__phase", "node", "bound_to")


def judge_fallen_anew(user: User, challenge: Challenge, *, now: datetime) -> list[Run]:
    """Queue a run in the place of each whose evidence fell; the fallen evidence is kept and shown as such.

    Raises
    ------
    NotAllowed
    Refused
        There is none.
    """
    require(may_manage(user, challenge))
    with transaction.atomic():
        Challenge.objects.select_for_update().get(pk=challenge.pk)
        made = []
        for run in fallen_runs(challenge):
            again = Run.objects.create(
                submission=run.submission, challenge=challenge, bound_to=run.bound_to,
                turn=next_turn(run.submission.team_id), queued=now, deadline=now + PATIENCE,
            )  # fmt: skip
            Run.objects.filter(pk=run.pk).update(replaced_by=again)
            append("run.judged_anew", again.token, actor=user, now=now, first=run.token)
            made.append(again)
        if not made:
            raise Refused(_("No evidence of this challenge has fallen, or all of it is being judged anew."))
        transaction.on_commit(tell_nodes)
    return made


def key_list(now: datetime) -> bytes:
    """Return the signed list of the league's keys, made at most a minute ago."""
    note_own_key(now)
    last = (
        AuditEntry.objects.filter(act__in=KEY_ACTS)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    )
    key = centre_key()
    name = f"keys-{last}-{key_id(key.public_key())[:16]}"
    kept = cache.get(name)
    if kept is None:
        kept = sign_key_list(_key_list(now), key)
        cache.set(name, kept, LIST_S)
    return bytes(kept)


def _key_list(now: datetime) -> KeyList:
    acts = AuditEntry.objects.filter(act__in=KEY_ACTS).order_by("number")
    pems = [*CentreKey.objects.values_list("public_key", flat=True)]
    pems += NodeKey.objects.order_by("pk").values_list("public_key", flat=True)
    return KeyList(now, tuple(pems), tuple(inclusion(act, centre_key(), now) for act in acts))
