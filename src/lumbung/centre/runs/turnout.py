"""Who takes part in a challenge: what its host asks first, counted from what was handed in."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db.models import Count, Q

from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.members.models import Team
from lumbung.centre.members.reckoning import DayOf
from lumbung.centre.runs.models import Run, Submission
from lumbung.proving.job import RunState

DAYS = 60


@dataclass(frozen=True)
class Turnout:
    """What came of a challenge version so far.

    Attributes
    ----------
    submissions, scored, failed, teams, organisations : int
        ``scored`` and ``failed`` count submissions whose runs ended; failed through the team's own fault.
    countries : list of (str, int)
        Of the organisations of the teams, most teams first; a joint team counts in each.
    phases : list of (Phase, int, int)
        Each with its submissions and teams.
    by_day : list of (date, int)
        Submissions of the last days, the newest last.
    """

    submissions: int
    scored: int
    failed: int
    teams: int
    organisations: int
    countries: list[tuple[str, int]]
    phases: list[tuple[Phase, int, int]]
    by_day: list[tuple[date, int]]


def turnout(challenge: Challenge, today: date) -> Turnout:
    """Count what was handed in for a challenge version, what its owner had judged anew left out."""
    handed_in = Submission.objects.filter(phase__challenge=challenge, stands_for=None).order_by()
    first = today - timedelta(days=DAYS - 1)
    days = dict(
        handed_in.filter(created__gte=datetime(first.year, first.month, first.day, tzinfo=UTC))
        .annotate(day=DayOf("created"))
        .values_list("day")
        .annotate(count=Count("pk"))
    )
    runs = Run.objects.filter(challenge=challenge, rejudges=None, submission__stands_for=None)
    ended = runs.aggregate(
        scored=Count("submission", filter=Q(state=RunState.SCORED), distinct=True),
        failed=Count("submission", filter=Q(state=RunState.FAULTED, fault_owner="submission"), distinct=True),
    )
    pairs = list(
        Team.organisations.through._default_manager.filter(team__in=handed_in.values("team")).values_list(
            "team", "organisation", "organisation__country"
        )
    )
    counted = {
        pk: (submissions, teams)
        for pk, submissions, teams in handed_in.values_list("phase").annotate(
            submissions=Count("pk"), teams=Count("team", distinct=True)
        )
    }
    return Turnout(
        submissions=sum(submissions for submissions, _teams in counted.values()),
        scored=ended["scored"],
        failed=ended["failed"],
        teams=handed_in.values("team").distinct().count(),
        organisations=len({organisation for _team, organisation, _country in pairs}),
        countries=Counter(country for _team, country in {(t, c) for t, _o, c in pairs}).most_common(),
        phases=[(phase, *counted.get(phase.pk, (0, 0))) for phase in challenge.phases.all()],
        by_day=[(day, days.get(day, 0)) for n in range(DAYS) for day in (first + timedelta(days=n),)],
    )
