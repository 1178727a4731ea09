"""Submissions and their runs, from the file handed in to the end and its reason."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.challenges.models import Challenge, Phase
from lumbung.centre.challenges.selectors import find_challenge, find_phase, may_manage
from lumbung.centre.members.access import NotFound, in_team, is_staff, may_audit, require
from lumbung.centre.members.doors import asked_language
from lumbung.centre.members.models import Team, User
from lumbung.centre.members.selectors import find_own_team, own_teams
from lumbung.centre.members.services import Refused
from lumbung.centre.portal.forms import SubmitForm
from lumbung.centre.portal.pages.challenges import phase_state
from lumbung.centre.runs.approvals import waits_for_its_version
from lumbung.centre.runs.keys import fallen_runs, judge_fallen_anew
from lumbung.centre.runs.ledgers import shares_of, told_of
from lumbung.centre.runs.models import Run, Submission
from lumbung.centre.runs.queue import NOT_THE_TEAMS, reap
from lumbung.centre.runs.selectors import (
    describe_run,
    failing_challenges,
    find_node,
    find_run,
    find_submission,
    hidden,
    may_mend,
    other_judges,
    run_log,
    visible_runs,
    visible_submissions,
)
from lumbung.centre.runs.services import (
    hand_in,
    left_together,
    rejudge,
    run_again,
    terms_of,
    used_today,
    withdraw,
)
from lumbung.centre.runs.weights import WeightsMissing, by_name
from lumbung.centre.standings.results import means_of, result_of
from lumbung.cooperation.matching.names import SECTORS
from lumbung.proving.evidence import reopen_evidence
from lumbung.proving.faults import Owner

PAGE = 25
FAILED_CASE = re.compile(r"\[[^\]]*\] ")
"""How the log of a run begins a case that failed: its name, and why."""


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """My teams' submissions, newest first."""
    asked = request.GET.get("page", "1")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
    found = visible_submissions(request.user).prefetch_related("runs")
    rows = list(found[(page - 1) * PAGE : page * PAGE + 1])
    more = len(rows) > PAGE
    means = means_of(rows[:PAGE], datetime.now(UTC))
    return render(
        request,
        "portal/submissions.html",
        {
            "submissions": [(row, _overall(list(row.runs.all())), means.get(row.pk)) for row in rows[:PAGE]],
            "page": page,
            "older": page + 1 if more else None,
            "newer": page - 1 if page > 1 else None,
        },
    )


def _overall(runs: list[Run]) -> str:
    """One word for several runs: the least finished speaks for all."""
    for state in ("queued", "leased", "running", "faulted", "withdrawn"):
        if any(run.state == state for run in runs):
            return state
    return "scored"


@login_required
def submit(request: HttpRequest, slug: str) -> HttpResponse:
    """Hand a file in."""
    now = datetime.now(UTC)
    challenge = find_challenge(request.user, slug)
    phases = [phase for phase in challenge.phases.all() if phase_state(phase, now) == "open"]
    teams = list(own_teams(request.user))  # type: ignore[arg-type]
    initial = {"phase": request.GET.get("phase", "")}
    form = SubmitForm(
        request.POST or None,
        request.FILES or None,
        teams=teams,
        phases=phases,
        terms=bool(terms_of(challenge)),
        initial=initial,
    )
    context: dict[str, Any] = {"centre": request.build_absolute_uri("/").rstrip("/")}
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        team = find_own_team(request.user, asked["team"])  # type: ignore[arg-type]
        try:
            made = hand_in(
                request.user,  # type: ignore[arg-type]
                team,
                find_phase(challenge, asked["phase"]),
                asked["archive"].chunks(),
                name=asked["name"],
                filename=asked["archive"].name,
                agreed=asked.get("agreed", False),
                now=now,
            )
        except WeightsMissing as missing:
            form.add_error(None, str(missing))
            context["lacking"] = _declared(msgspec.to_builtins(missing.declared), team, challenge)
            context["team"] = team
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("portal:submission", made.token)
    left = [
        (team, phase, max(0, phase.daily_limit - used_today(team, phase, now)))
        for team in teams
        for phase in phases
    ]
    together = {
        (body, phase.pk): (body, phase, count)
        for team in teams
        for phase in phases
        for body, count in left_together(team, phase, now)
    }
    telling = [_telling(request.user, teams, phase, now) for phase in phases if phase.private]  # type: ignore[arg-type]
    context |= {
        "challenge": challenge,
        "form": form,
        "left": left,
        "teams": teams,
        "phases": phases,
        "telling": telling,
        "together": list(together.values()),
    }
    return render(request, "portal/submit.html", context, status=400 if form.errors else 200)


def _declared(declared: dict[str, Any], team: Team, challenge: Challenge) -> dict[str, Any]:
    """Return what a submission declares as its pages show it: its program, its environment, each file of weights."""
    environment, named = declared["environment"] or {}, declared["weights"]
    run = declared.get("run") or {}
    return {
        "command": shown_words(run.get("command")),
        "module": shown_words(run.get("module")),
        "environment": environment,
        "published": environment.get("use") in challenge.content.environments,
        "weights": [(name, named[name], kept) for name, kept in by_name(team, named).items()],
    }


def shown_words(said: str | list[str] | None) -> str:
    """Return a program and its arguments as a person would type them."""
    return said or "" if isinstance(said, str | None) else shlex.join(said)


def _telling(person: User, teams: list[Team], phase: Phase, now: datetime) -> dict[str, Any]:
    """What a phase on private cases tells, and what is left of it."""
    shares = [(team, shares_of(person, team, phase, now)) for team in teams]
    return {"phase": phase, "egress": phase.challenge.content.egress, "teams": shares}


@require_safe
@login_required
def of_challenge(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """The runs of a challenge, the newest first, for its owner."""
    challenge = find_challenge(request.user, slug, version)
    require(may_manage(request.user, challenge) or may_audit(request.user))
    # What is read of the challenge is one row, not one for each run.
    runs = visible_runs(request.user).filter(challenge=challenge).select_related(None)
    shown = runs.select_related("submission__team", "submission__phase", "node").defer("log")
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    failing = [row for row in failing_challenges(datetime.now(UTC)) if row["challenge"] == challenge]
    fallen = list(fallen_runs(challenge)[:PAGE])
    context = {
        "challenge": challenge,
        "runs": page,
        "failing": failing,
        "fallen": fallen,
        "manages": may_manage(request.user, challenge),
        "told": told_of(challenge, names=may_audit(request.user)),
        "named": may_audit(request.user),
    }
    return render(request, "portal/runs.html", context)


@require_POST
@login_required
def judge_fallen(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """Have judged anew what rests on evidence that fell."""
    challenge = find_challenge(request.user, slug, version)
    made = judge_fallen_anew(request.user, challenge, now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(
        request,
        ngettext("%(count)d run is in the queue.", "%(count)d runs are in the queue.", len(made))
        % {"count": len(made)},
    )
    return redirect("portal:challenge_runs", slug, version)


def _lives(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    now = datetime.now(UTC)
    runs = list(
        submission.runs.select_related(
            "challenge", "node", "bound_to", "submission__team", "submission__phase", "rejudges"
        ).order_by("pk")
    )
    result = result_of(submission, now)
    return {
        "submission": submission,
        "result": result,
        "percent": round(100 * result.ranking.confidence) if result else 0,
        "lives": [_life(request, run, now) for run in runs],
        "over": all(run.over for run in runs),
        "may_withdraw": any(not run.over for run in runs)
        and (in_team(request.user, submission.team) or is_staff(request.user)),
        "of_team": in_team(request.user, submission.team),
    }


def _life(request: HttpRequest, run: Run, now: datetime) -> dict[str, Any]:
    told = describe_run(run, asked_language(request), words=may_mend(request.user, run))
    evidence = getattr(run, "evidence", None)
    return {
        **told,
        "record": run,
        "first_error": _first_error(request, run),
        "may_ask_again": run.state == "faulted"
        and run.fault_owner in NOT_THE_TEAMS
        and may_manage(request.user, run.challenge),
        "waits_for": run.bound_to.name if run.bound_to else "",
        "waits_for_version": waits_for_its_version(run),
        "has_evidence": evidence is not None and not hidden(run.submission.phase, now),
        "embargo": run.state == "scored" and hidden(run.submission.phase, now),
        "told_bits": run.bits
        if may_mend(request.user, run) or not hidden(run.submission.phase, now)
        else 0.0,
    }


def _first_error(request: HttpRequest, run: Run) -> str:
    """Return what the first failing case said, with its row and column where an answer was misread; the team's only."""
    if run.fault_owner != Owner.SUBMISSION or not in_team(request.user, run.submission.team):
        return ""
    return next((line for line in run.log.splitlines() if FAILED_CASE.match(line)), "")


@require_safe
@login_required
def show(request: HttpRequest, token: str) -> HttpResponse:
    submission = find_submission(request.user, token)
    context = _lives(request, submission)
    if submission.declared is not None:
        context["declared"] = _declared(submission.declared, submission.team, submission.phase.challenge)
    if context["of_team"] and submission.phase.private:
        now = datetime.now(UTC)
        context["telling"] = [_telling(request.user, [submission.team], submission.phase, now)]  # type: ignore[arg-type]
    return render(request, "portal/submission.html", context)


@require_safe
@login_required
def life(request: HttpRequest, token: str) -> HttpResponse:
    """The part of a submission's page that changes; asked for again until all is over."""
    submission = find_submission(request.user, token)
    return render(request, "portal/submission_life.html", _lives(request, submission))


@require_POST
@login_required
def take_back(request: HttpRequest, token: str) -> HttpResponse:
    withdraw(request.user, find_submission(request.user, token), now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Withdrawn. It does not count against your daily limit."))
    return redirect("portal:submission", token)


def _run(request: HttpRequest, token: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    run = find_run(request.user, token)
    if not run.over and (run.deadline < now or (run.lease_expires and run.lease_expires < now)):
        reap(now)
        run = find_run(request.user, token)
    manages = may_manage(request.user, run.challenge)
    life = _life(request, run, now)
    signed = reopen_evidence(run.evidence.envelope.encode()) if life["has_evidence"] else None
    return {
        "run": run,
        "life": life,
        "environment": signed.environment if signed else None,
        "over": run.over,
        "log": _log(request, run) if run.over else None,
        "of_team": in_team(request.user, run.submission.team),
        "again_at": other_judges(run) if manages and run.state == "scored" else [],
        "again": run.rejudged_by.select_related("node").all(),
        "field": run.challenge.sector if run.challenge.sector in SECTORS else "",
    }


def _log(request: HttpRequest, run: Run) -> str | None:
    try:
        return run_log(request.user, run)
    except NotFound:
        return None


@require_safe
@login_required
def run(request: HttpRequest, token: str) -> HttpResponse:
    return render(request, "portal/run.html", _run(request, token))


@require_safe
@login_required
def run_life(request: HttpRequest, token: str) -> HttpResponse:
    return render(request, "portal/run_life.html", _run(request, token))


@require_POST
@login_required
def judge_again(request: HttpRequest, token: str) -> HttpResponse:
    found = find_run(request.user, token)
    again = rejudge(request.user, found, find_node(request.POST.get("node", "")), now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("portal:run", again.token)


@require_POST
@login_required
def ask_again(request: HttpRequest, token: str) -> HttpResponse:
    again = run_again(request.user, find_run(request.user, token), now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("The run is in the queue again."))
    return redirect("portal:run", again.token)
