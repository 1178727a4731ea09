"""Grants where the node leases work, and who waits there and why.

A node that is a facility with a resource asks for grants of it. What the page shows is the very line by which the
queue leases: whoever's grant does not cover a run is passed over, the others go by fair share, then by time of asking.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, QuerySet

from lumbung.centre.members.models import Organisation
from lumbung.centre.partners.bookings import balance_of, take_turn
from lumbung.centre.partners.models import Booking, Facility, Grant, RunCharge
from lumbung.centre.runs.models import Node, Run
from lumbung.centre.runs.queue import AT_WORK
from lumbung.cooperation.facilities.fair_share import Account, classic_fair_share, fair_tree
from lumbung.cooperation.facilities.grants import Balance
from lumbung.cooperation.facilities.leasing import Request, Waiting, waiting_line
from lumbung.cooperation.facilities.usage import UsageRecord, decayed_hours, usage_from_evidence
from lumbung.proving.evidence import reopen_evidence
from lumbung.proving.job import RunState

HALF_LIFE = timedelta(days=7)
PASSED_OVER = ("no-grant", "grant", "report", "limit")


class Grants:
    """The queue's rationing by grants; see `lumbung.centre.runs.queue.Rationing`."""

    def rations(self, node: Node) -> bool:
        """Whether the node asks for grants."""
        return Facility.objects.filter(node=node).exclude(resource="").exists()

    def order(self, node: Node, queued: QuerySet[Run], now: datetime) -> Sequence[int]:
        """Return the runs whose payer's grant covers them, in fair order."""
        facility = Facility.objects.get(node=node)
        take_turn(facility)
        settle(now)
        line = line_of(facility, queued, now)
        return [each.run.pk for each in line if each.waiting.why not in PASSED_OVER]

    def leased(self, run: Run, node: Node, now: datetime) -> None:
        """Set the run's hours aside."""
        facility = Facility.objects.get(node=node)
        payer = payers([run], facility.resource, now)[0][run.pk]
        RunCharge.objects.update_or_create(
            run=run,
            defaults={
                "node": node, "organisation": Organisation.objects.get(slug=payer), "resource": facility.resource,
                "hours": facility.run_hours, "ended": None,
            },
        )  # fmt: skip


class InLine(NamedTuple):
    """A run that waits, and the reason for its place."""

    run: Run
    payer: str
    waiting: Waiting


def payers(runs: Sequence[Run], resource: str, now: datetime) -> tuple[dict[int, str], dict[str, Balance]]:
    """Return who pays for each run (of a joint team, whose grant has most left), and what each payer has left.

    A run that nobody's grant could pay for is its team's first organisation's, or nobody's.
    """
    granted = set(Grant.objects.filter(resource=resource).values_list("organisation__slug", flat=True))
    balances: dict[str, Balance] = {}
    found: dict[int, str] = {}
    for run in runs:
        own = [each for each in run.submission.team.organisations.all() if each.approved]
        for each in own:
            if each.slug in granted and each.slug not in balances:
                balances[each.slug] = balance_of(each, resource, now)
        best = sorted(
            (each.slug for each in own if each.slug in balances),
            key=lambda name: (-balances[name].left, name),
        )
        found[run.pk] = best[0] if best else min((each.slug for each in own), default="")
    return found, balances


def line_of(facility: Facility, queued: QuerySet[Run], now: datetime) -> list[InLine]:
    """Put the runs that wait for a node in line, each with its reason."""
    runs = list(
        queued.select_related("submission__team", "challenge").prefetch_related(
            "submission__team__organisations"
        )
    )
    who, balances = payers(runs, facility.resource, now)
    running = Counter(
        RunCharge.objects.filter(node=facility.node, run__state__in=AT_WORK, ended=None).values_list(
            "organisation__slug", flat=True
        )
    )
    factors = {row.organisation: row.tree for row in shares(facility.resource, now)}
    requests = [Request(str(run.pk), who[run.pk], facility.run_hours, run.queued) for run in runs]
    line = waiting_line(requests, factors, balances, running, max(facility.units, running.total() + 1))
    by_key = {str(run.pk): run for run in runs}
    return [InLine(by_key[each.request.id], each.request.organisation, each) for each in line]


def waiting_for(facility: Facility, now: datetime) -> list[InLine]:
    """Return who waits for a facility's node and why; nobody where it is no node."""
    if facility.node is None or not facility.resource:
        return []
    node = facility.node
    queued = Run.objects.filter(state=RunState.QUEUED, challenge__slug__in=node.challenges)
    return line_of(facility, queued.exclude(bound_to__isnull=False) | queued.filter(bound_to=node), now)


def settle(now: datetime) -> int:
    """Replace hours set aside by hours used, for runs that are over; returns how many.

    Nobody reports hours: they are read from the evidence the node signed. A run without evidence has used none.
    """
    open_ones = RunCharge.objects.filter(ended=None).exclude(run__state__in=(RunState.QUEUED, *AT_WORK))
    settled = 0
    for charge in open_ones.select_related("run__evidence", "node", "organisation"):
        evidence = getattr(charge.run, "evidence", None)
        charge.hours, charge.ended = 0.0, charge.run.ended or now
        if evidence is not None:
            read = usage_from_evidence(
                reopen_evidence(evidence.envelope.encode()),
                charge.node.name,
                charge.organisation.slug,
                charge.resource,
            )
            charge.hours, charge.evidence = read.hours, evidence.digest
        charge.save(update_fields=["hours", "ended", "evidence"])
        settled += 1
    return settled


class ShareRow(NamedTuple):
    """How one organisation stands: hours that fade, its share, and both of Slurm's factors."""

    organisation: str
    country: str
    hours: float
    share: float
    tree: float
    classic: float


def shares(resource: str, now: datetime) -> list[ShareRow]:
    """Return the fair-share table of a resource, whoever has had least of its share first.

    Countries have equal shares, and so have the organisations of a country: those with a grant, and those that have
    used the resource.
    """
    records = used_of(resource)
    named = {record.organisation for record in records}
    named |= set(Grant.objects.filter(resource=resource).values_list("organisation__slug", flat=True))
    country = dict(Organisation.objects.filter(slug__in=named).values_list("slug", "country"))
    accounts = [Account(f"country {code}", 1) for code in sorted(set(country.values()))]
    accounts += [Account(slug, 1, f"country {code}") for slug, code in sorted(country.items())]
    hours = decayed_hours(records, now, HALF_LIFE, resource)
    tree, classic = fair_tree(accounts, hours), classic_fair_share(accounts, hours)
    rows = [
        ShareRow(slug, country[slug], hours.get(slug, 0.0), classic[slug].shares, tree[slug].factor, classic[slug].factor)
        for slug in country
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.tree, row.organisation))


def used_of(resource: str) -> list[UsageRecord]:
    """Return what was used of a resource: runs as their evidence says, and bookings, which hold units used or not."""
    charges = RunCharge.objects.filter(resource=resource, hours__gt=0)
    records = [
        UsageRecord(node, slug, resource, hours, ended, evidence)
        for node, slug, hours, ended, evidence in charges.values_list(
            "node__name", "organisation__slug", "hours", "ended", "evidence"
        )
        if ended is not None  # what is still set aside counts once its evidence is there
    ]
    booked = Booking.objects.filter(facility__resource=resource).annotate(count=Count("held"))
    for each in booked.select_related("facility", "organisation"):
        hours = (each.end - each.start) / timedelta(hours=1) * each.count
        records.append(
            UsageRecord(
                each.facility.slug, each.organisation.slug, resource, hours, each.end, f"booking {each.token}"
            )
        )
    return records
