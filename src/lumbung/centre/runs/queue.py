"""The queue: fair between teams, leased to nodes, and nothing in it is ever lost.

Every change of a run's state is one conditional update (``WHERE state IN … AND lease = …``), and the states are those
of the one table of transitions (`move`): of two nodes that race, one changes a row and the other changes none. A node that falls silent loses its lease; a run nobody finishes ends as
the platform's fault by its deadline.

Order: start-time fair queueing (P. Goyal, H. M. Vin and H. Cheng, IEEE/ACM Transactions on Networking 5 (1997),
section 2) with every run of the same length: a team's n-th waiting run takes the n-th turn after the present one, so
that no team waits because another queued a hundred.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, Q, QuerySet
from django.urls import reverse

from lumbung.centre.members.audit import append
from lumbung.centre.members.notices import tell
from lumbung.centre.runs.models import Node, Run, new_token
from lumbung.proving.faults import Owner
from lumbung.proving.job import RunState, origins
from lumbung.proving.key_history import CLOCKS_APART

DEADLINE = timedelta(hours=24)
HOLD = timedelta(days=180)
"""How long a judged result may wait for the word of the data's owner."""
PATIENCE = timedelta(days=30)
"""How long a run waits that the owner had judged anew: its node needs a new key, or the new version, first."""
ATTEMPTS = 3

WAITING = (RunState.QUEUED,)
AT_WORK = (RunState.LEASED, RunState.RUNNING)
AT_A_NODE = (*AT_WORK, RunState.HELD)
ANY = Q()
NOT_THE_TEAMS = (Owner.PLATFORM, Owner.CHALLENGE)

_news = threading.Condition()


class LeaseLost(Exception):
    """The lease shown is not, or no longer, the run's."""


def move(runs: QuerySet[Run], to: RunState, **changes: Any) -> int:
    """Move those of *runs* to a state that may go there by the table of transitions; return how many did."""
    return runs.filter(state__in=origins(to)).update(state=to, **changes)


def next_turn(team_id: int) -> int:
    """Return the turn of a team's next run."""
    waiting = Run.objects.filter(state=RunState.QUEUED)
    present = waiting.aggregate(turn=Min("turn"))["turn"] or 0
    # Along the queue's own index from its end, to the team's first: an aggregate would read the whole queue.
    last = (
        waiting.filter(submission__team_id=team_id)
        .order_by("-turn", "-id")
        .values_list("turn", flat=True)
        .first()
    )
    return present if last is None else max(present, last + 1)


def tell_nodes() -> None:
    """Wake requests of nodes that wait for work in this process."""
    with _news:
        _news.notify_all()


def wait_for_news(seconds: float) -> None:
    """Wait until something was queued in this process, or *seconds* passed (other processes queue too)."""
    with _news:
        _news.wait(seconds)


def ahead_of(run: Run) -> int:
    """Return behind how many a queued run stands, among those its nodes would take first."""
    if run.state != RunState.QUEUED:
        return 0
    earlier = Q(turn__lt=run.turn) | Q(turn=run.turn, id__lt=run.pk)
    return Run.objects.filter(earlier, state=RunState.QUEUED).count()


class Rationing(Protocol):
    """Who may be leased by a node that has terms of its own. An app above this one supplies it."""

    def rations(self, node: Node) -> bool:
        """Whether the node has terms at all."""
        ...

    def order(self, node: Node, queued: QuerySet[Run], now: datetime) -> Sequence[int]:
        """Return the keys of the runs that may be leased, first first; the others are passed over."""
        ...

    def leased(self, run: Run, node: Node, now: datetime) -> None:
        """Be told that *run* was leased, in the same transaction."""
        ...


_rationing: list[Rationing] = []


def ration_by(rationing: Rationing) -> None:
    """Ask *rationing* before a run is leased. Where nobody is asked, leases are unlimited."""
    _rationing.append(rationing)


def lease_next(node: Node, challenges: Sequence[int], now: datetime) -> Run | None:
    """Lease the next run that *node* may judge, or return None.

    Parameters
    ----------
    challenges : sequence of int
        Keys of those that it holds and that their owners let it judge. Keys, not a condition over tables: the queue is
        then read along its own index, whatever the database knows of how full the tables are.
    """
    offered = Run.objects.filter(
        Q(bound_to=node) | Q(bound_to=None), state=RunState.QUEUED, challenge__in=list(challenges)
    ).order_by("turn", "id")
    for rationing in _rationing:
        if rationing.rations(node):
            return _lease_by(rationing, node, offered, now)
    return _lease_first(node, list(offered.values_list("pk", flat=True)[:8]), now)


def _lease_by(rationing: Rationing, node: Node, offered: QuerySet[Run], now: datetime) -> Run | None:
    """Lease by the node's terms: decided and written in one transaction, so that no grant is spent twice."""
    with transaction.atomic():
        for key in rationing.order(node, offered, now)[:8]:
            run = _lease_first(node, [key], now)
            if run is not None:
                rationing.leased(run, node, now)
                return run
    return None


def _lease_first(node: Node, keys: Sequence[int], now: datetime) -> Run | None:
    for key in keys:
        lease = new_token()
        won = move(
            Run.objects.filter(pk=key),
            RunState.LEASED,
            node=node,
            lease=lease,
            lease_expires=now + lease_time(),
            leased=now,
            attempts=F("attempts") + 1,
        )
        if won:
            return Run.objects.select_related(
                "node", "challenge", "submission__phase", "submission__blob"
            ).get(pk=key)
    return None


def lease_time() -> timedelta:
    """Return for how long a lease holds without being renewed."""
    return timedelta(seconds=settings.LEASE_S)


def renew(node: Node, token: str, lease: str, finished: int, total: int, case: str, now: datetime) -> None:
    """Prolong a lease and note how far the run is.

    Raises
    ------
    LeaseLost
        The run was withdrawn, given to another node, or ended.
    """
    theirs = Run.objects.filter(token=token, node=node, lease=lease)
    changed = move(
        theirs,
        RunState.RUNNING,
        lease_expires=now + lease_time(),
        finished_cases=finished,
        total_cases=total,
        current_case=case,
    )
    if not changed:
        raise LeaseLost
    theirs.filter(started=None).update(started=now)


def hold(node: Node, token: str, lease: str, now: datetime) -> None:
    """Note that a run is judged and waits for its owner: no lease to renew, and a deadline of its own.

    Saying it twice changes nothing.

    Raises
    ------
    LeaseLost
        The run was withdrawn, given to another node, or ended.
    """
    theirs = Run.objects.filter(token=token, node=node, lease=lease)
    with transaction.atomic():
        changed = move(
            theirs, RunState.HELD, held=now, deadline=now + HOLD, lease_expires=None, current_case=""
        )
        if changed:
            append("run.held", token, actor=node, now=now)
        elif not theirs.filter(state=RunState.HELD).exists():
            raise LeaseLost


def end(
    run: Run,
    state: RunState,
    now: datetime,
    *,
    owner: str = "",
    code: str = "",
    log: str = "",
    words: str = "",
    finding: str = "",
    only: Q = ANY,
) -> bool:
    """End a run once, and *only* while that holds of it; return whether this call did it."""
    changed = move(
        Run.objects.filter(only, pk=run.pk),
        state,
        ended=now,
        lease="",
        lease_expires=None,
        fault_owner=owner,
        fault_code=code,
        log=log,
        words=words,
        finding=finding,
        current_case="",
    )
    if changed and owner in NOT_THE_TEAMS:
        # What fails on the platform's side or the challenge's never counts against a team.
        type(run.submission).objects.filter(pk=run.submission_id).update(counts=False)
    if changed and run.rejudges_id is None and state in (RunState.SCORED, RunState.FAULTED):
        _tell_its_team(run, now)
    return bool(changed)


def _tell_its_team(run: Run, now: datetime) -> None:
    """Leave a notice with a team once all runs of its submission are over."""
    submission = run.submission
    states = set(submission.runs.filter(rejudges=None).values_list("state", flat=True))
    if states <= {state for state in RunState if state.over}:
        tell(
            submission.team.members.all(),
            "failed" if RunState.FAULTED in states else "judged",
            reverse("portal:submission", args=[submission.token]),
            now=now,
            name=submission.name,
            team=submission.team.name,
            title=run.challenge.record["title"],
        )


def same_lease(run: Run) -> Q:
    """Return the condition that a run is still its node's, renewed meanwhile or not."""
    return Q(node=run.node_id, lease=run.lease)


def _untouched(run: Run) -> Q:
    """Return the condition that nobody leased, renewed, held or ended a run since it was read."""
    return Q(state=run.state, lease=run.lease, lease_expires=run.lease_expires, deadline=run.deadline)


def queue_again(run: Run, now: datetime) -> bool:
    """Return a run that ended through no fault of its team to the queue; returns whether this call did it.

    It keeps its name; what ended it stays in the audit log.
    """
    return _to_the_queue(
        Run.objects.filter(pk=run.pk, state=RunState.FAULTED, fault_owner__in=NOT_THE_TEAMS),
        attempts=0, turn=next_turn(run.submission.team_id), queued=now, deadline=now + DEADLINE, leased=None,
        started=None, held=None, ended=None, total_cases=0, fault_owner="", fault_code="", words="", finding="", log="",
        bits=0.0,
    )  # fmt: skip


def give_back(run: Run, now: datetime, *, only: Q = ANY) -> bool:
    """Return a run that a node has to the queue, where it keeps its turn; returns whether this call did it."""
    waited = {"held": None, "deadline": now + DEADLINE} if run.state == RunState.HELD else {}
    return _to_the_queue(Run.objects.filter(only, pk=run.pk, state__in=AT_A_NODE), **waited)


def take_from(node: Node, now: datetime, *, only: Q = ANY) -> None:
    """Return to the queue what a node has, held results too, that may judge it no more: with a fresh deadline and all tries."""
    theirs = Run.objects.filter(only, node=node, state__in=AT_A_NODE)
    _to_the_queue(theirs, held=None, attempts=0, deadline=now + DEADLINE)


def _to_the_queue(runs: QuerySet[Run], **changes: Any) -> bool:
    """Free runs of their node and let the nodes know; returns whether there were any."""
    moved = move(
        runs,
        RunState.QUEUED,
        node=None,
        lease="",
        lease_expires=None,
        finished_cases=0,
        current_case="",
        **changes,
    )
    if moved:
        transaction.on_commit(tell_nodes)
    return bool(moved)


def reap(now: datetime) -> int:
    """Return silent runs to the queue, and end those that nobody finished in time. Returns how many it touched.

    A clock that was ahead for a while leaves leases and deadlines behind that would hold for as long; they are
    shortened to what they would be from now on.
    """
    _shorten(now)
    touched = 0
    for run in Run.objects.filter(state__in=AT_WORK, lease_expires__lt=now).select_related("submission"):
        with transaction.atomic():
            if run.attempts >= ATTEMPTS or run.deadline < now:
                done = end(
                    run, RunState.FAULTED, now, owner=Owner.PLATFORM, code="lost", only=_untouched(run)
                )
            else:
                done = give_back(run, now, only=_untouched(run))
            if done:
                append("run.lease_expired", run.token, actor="centre", now=now, attempts=run.attempts)
                touched += 1
    for state, owner, code in (
        (RunState.QUEUED, Owner.PLATFORM, "no_node"),
        (RunState.HELD, Owner.CHALLENGE, "hold_expired"),
    ):
        for run in Run.objects.filter(state=state, deadline__lt=now).select_related("submission"):
            with transaction.atomic():
                if end(run, RunState.FAULTED, now, owner=owner, code=code, only=_untouched(run)):
                    append(f"run.{code}", run.token, actor="centre", now=now)
                    touched += 1
    if touched:
        tell_nodes()
    return touched


def _shorten(now: datetime) -> None:
    """Hold leases and deadlines to the longest that may be given now."""
    anew = Q(replaces__isnull=False) | Q(submission__stands_for__isnull=False)
    for states, field, longest, which in (
        (AT_WORK, "lease_expires", lease_time(), ANY),
        ((RunState.QUEUED, *AT_WORK), "deadline", DEADLINE, ~anew),
        ((RunState.QUEUED, *AT_WORK), "deadline", PATIENCE, anew),
        ((RunState.HELD,), "deadline", HOLD, ANY),
    ):
        late = Run.objects.filter(which, state__in=states, **{f"{field}__gt": now + longest + CLOCKS_APART})
        found = list(late.values_list("pk", flat=True))
        if found:
            Run.objects.filter(pk__in=found, state__in=states).update(**{field: now + longest})
