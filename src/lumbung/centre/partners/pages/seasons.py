"""Seasons: tracks, teams, the table."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lumbung.centre.members.access import is_staff, known, require
from lumbung.centre.members.models import Team
from lumbung.centre.members.selectors import find_own_team
from lumbung.centre.partners import seasons
from lumbung.centre.partners.forms import SeasonForm, TrackForm, challenge_choices
from lumbung.centre.partners.models import Season


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    found = [(each, each.record) for each in Season.objects.all()]
    return render(request, "partners/seasons.html", {"seasons": found, "today": datetime.now(UTC).date()})


@login_required
def new(request: HttpRequest) -> HttpResponse:
    require(is_staff(request.user))
    form = SeasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        made = seasons.open_season(
            request.user,  # type: ignore[arg-type]
            form.title(),
            asked["opens"],
            asked["closes"],
            joint_only=asked["joint_only"],
            now=datetime.now(UTC),
        )
        return redirect("partners:season", made.slug)
    return render(request, "partners/new_season.html", {"form": form}, status=400 if form.errors else 200)


@require_safe
def show(request: HttpRequest, slug: str) -> HttpResponse:
    return _page(request, seasons.find_season(slug))


def _page(request: HttpRequest, season: Season, *, status: int = 200, **forms: object) -> HttpResponse:
    person, now = request.user, datetime.now(UTC)
    track, joint = request.GET.get("track") or None, request.GET.get("joint") == "1"
    entered = set(season.teams.values_list("pk", flat=True))
    own = list(person.teams.all()) if known(person) else []
    record = season.record
    titles = dict(challenge_choices())
    context = {
        "season": season,
        "record": record,
        "tracks": [
            (each, [(slug, titles[slug]) for slug in each.challenges if slug in titles])
            for each in record.tracks
        ],
        "shown": [each for each in record.tracks if track in (None, each.id)],
        "track": track,
        "joint": joint,
        "table": seasons.table_of(season, now, track, joint_only=joint),
        "over": now.date() > season.closes,
        "may_enter": [team for team in own if team.pk not in entered],
        "entered": [team for team in own if team.pk in entered],
        "form": TrackForm() if is_staff(person) else None,
        **forms,
    }
    return render(request, "partners/season.html", context, status=status)


@require_POST
@login_required
def track(request: HttpRequest, slug: str) -> HttpResponse:
    require(is_staff(request.user))
    season = seasons.find_season(slug)
    form = TrackForm(request.POST)
    if not form.is_valid():
        return _page(request, season, form=form, status=400)
    seasons.add_track(
        request.user,  # type: ignore[arg-type]
        season,
        form.title(),
        form.cleaned_data["challenges"],
        now=datetime.now(UTC),
    )
    return redirect("partners:season", slug)


@require_POST
@login_required
def enter(request: HttpRequest, slug: str) -> HttpResponse:
    season, team = seasons.find_season(slug), _team(request)
    seasons.enter(request.user, season, team, now=datetime.now(UTC))  # type: ignore[arg-type]
    messages.success(request, _("Entered. Standings of the season's challenges count from now on."))
    return redirect("partners:season", slug)


@require_POST
@login_required
def leave(request: HttpRequest, slug: str) -> HttpResponse:
    season = seasons.find_season(slug)
    seasons.leave(request.user, season, _team(request), now=datetime.now(UTC))  # type: ignore[arg-type]
    return redirect("partners:season", slug)


def _team(request: HttpRequest) -> Team:
    return find_own_team(request.user, request.POST.get("team", ""))  # type: ignore[arg-type]
