"""Seasons: tracks of challenges, joint teams from both sides of the border, a table computed from standings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from lumbung.centre.members.access import NotFound, in_team, is_staff, require
from lumbung.centre.members.audit import append
from lumbung.centre.members.models import Team, User
from lumbung.centre.members.services import Refused
from lumbung.centre.partners.models import Season, challenge_named, plain, team_record
from lumbung.centre.partners.proofs import public_standings
from lumbung.centre.runs.models import Submission
from lumbung.cooperation.league import TableRow, Track, season_table
from lumbung.proving.text import Text


def find_season(slug: str) -> Season:
    """Return a season.

    Raises
    ------
    NotFound
    """
    found = Season.objects.filter(slug=slug).first()
    if found is None:
        raise NotFound
    return found


def open_season(
    user: User, title: Text, opens: date, closes: date, *, joint_only: bool, now: datetime
) -> Season:
    """Announce a season."""
    require(is_staff(user))
    if not opens < closes:
        raise Refused(_("The end must come after the start."))
    base = slugify(title.en)[:32] or "season"
    taken = set(Season.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | {"new"}
    slug = next(
        each for each in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if each not in taken
    )
    with transaction.atomic():
        season = Season.objects.create(
            slug=slug, title=plain(title), opens=opens, closes=closes, joint_only=joint_only
        )
        append("season.announced", slug, actor=user, now=now)
    return season


def add_track(user: User, season: Season, title: Text, challenges: Sequence[str], *, now: datetime) -> None:
    """Add a track. A challenge counts in one track of a season only."""
    require(is_staff(user))
    if any(challenge_named(slug) is None for slug in challenges):
        raise Refused(_("There is no such challenge."))
    with transaction.atomic():
        fresh = Season.objects.select_for_update().get(pk=season.pk)
        counted = {slug for track in fresh.tracks for slug in track["challenges"]}
        if counted & set(challenges):
            raise Refused(_("One of these challenges counts in another track already."))
        track = Track(f"t{len(fresh.tracks) + 1}", title, dict.fromkeys(challenges, 1))
        season.tracks = [*fresh.tracks, plain(track)]
        season.save(update_fields=["tracks"])
        append("season.track_added", season.slug, actor=user, now=now, challenges=list(challenges))


def enter(user: User, season: Season, team: Team, *, now: datetime) -> None:
    """Enter one's team."""
    require(in_team(user, team))
    if now.date() > season.closes:
        raise Refused(_("The season is over."))
    if season.joint_only and not team_record(team).joint:
        raise Refused(
            _("This season is for joint teams: bring organisations of at least two countries together.")
        )
    with transaction.atomic():
        season.teams.add(team)
        append("season.entered", season.slug, actor=user, now=now, team=team.slug)


def leave(user: User, season: Season, team: Team, *, now: datetime) -> None:
    """Take one's team out."""
    require(in_team(user, team))
    with transaction.atomic():
        season.teams.remove(team)
        append("season.left", season.slug, actor=user, now=now, team=team.slug)


def table_of(
    season: Season, now: datetime, track: str | None = None, *, joint_only: bool = False
) -> tuple[TableRow, ...]:
    """Compute the table of a season from the standings everybody may see.

    Raises
    ------
    NotFound
        There is no such track.
    """
    record = season.record
    if track is not None and track not in {each.id for each in record.tracks}:
        raise NotFound
    counted = {slug for each in record.tracks for slug in each.challenges}
    standings = {slug: found.standing for slug, found in public_standings(now).items() if slug in counted}
    tokens = [row.name for standing in standings.values() for row in standing.rows]
    team_of = dict(
        Submission.objects.filter(token__in=tokens, team__in=season.teams.all()).values_list(
            "token", "team__slug"
        )
    )
    return season_table(record, standings, team_of, track, joint_only)


def enter_together(sender: object, *, joining: Team, into: Team, **_more: object) -> None:
    """Where a team that joins another had entered, the two enter as one."""
    for season in joining.seasons.all():
        season.teams.add(into)
        season.teams.remove(joining)
