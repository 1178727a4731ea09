"""A season: challenges grouped into tracks, joint teams from both sides of the border, and a table from standings.

The table is computed from standings alone, and standings from evidence. Solutions that cannot be told apart share a
rank there, so here they share the points of the places they fill; and since ranks are known only within a range, every
total comes with the least and the most it could be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import msgspec

from lumbung.proving.standing import Row, Standing
from lumbung.proving.text import Text

POINTS = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)
"""What the places of one challenge are worth, unless a season says otherwise."""


class SeasonError(ValueError):
    """A season whose tracks, teams or standings do not fit together."""


class Member(msgspec.Struct, frozen=True):
    """An organisation in a team, and its country."""

    organisation: str
    country: str


class Team(msgspec.Struct, frozen=True):
    """A team of one or more organisations."""

    id: str
    name: str
    members: tuple[Member, ...]

    @property
    def joint(self) -> bool:
        """Whether it joins organisations of at least two countries."""
        return len({member.country for member in self.members}) > 1


class Track(msgspec.Struct, frozen=True):
    """A subject: its challenges, and how much each counts."""

    id: str
    title: Text
    challenges: dict[str, int]


class Season(msgspec.Struct, frozen=True):
    """A league's year.

    Attributes
    ----------
    joint_only
        Whether only teams from at least two countries may enter.
    points
        Worth of the places of one challenge, first place first; further places get nothing.
    """

    id: str
    title: Text
    opens: date
    closes: date
    tracks: tuple[Track, ...]
    teams: tuple[Team, ...]
    joint_only: bool = False
    points: tuple[int, ...] = POINTS

    def __post_init__(self) -> None:
        if not self.opens < self.closes:
            raise SeasonError(f"season {self.id} closes on {self.closes}, before it opens on {self.opens}")
        challenges = [name for track in self.tracks for name in track.challenges]
        twice = sorted({name for name in challenges if challenges.count(name) > 1})
        if twice:
            raise SeasonError(f"season {self.id} counts these challenges in two tracks: {', '.join(twice)}")
        if list(self.points) != sorted(self.points, reverse=True):
            raise SeasonError(f"season {self.id}: points {self.points} must fall from place to place")
        lone = sorted(team.id for team in self.teams if not team.joint)
        if self.joint_only and lone:
            raise SeasonError(
                f"season {self.id} is for joint teams; these come from one country: {', '.join(lone)}"
            )


class Result(NamedTuple):
    """What a team reached on one challenge.

    `points` are exact; `least` and `most` are what the ends of the rank range are worth.
    """

    challenge: str
    track: str
    place_low: int
    place_high: int
    points: Fraction
    least: Fraction
    most: Fraction


class TableRow(NamedTuple):
    """One line of the season table. Teams of equal points share a place."""

    place: int
    team: Team
    points: Fraction
    least: Fraction
    most: Fraction
    by_track: dict[str, Fraction]
    results: tuple[Result, ...]


def season_table(
    season: Season,
    standings: Mapping[str, Standing],
    team_of: Mapping[str, str],
    track: str | None = None,
    joint_only: bool = False,
) -> tuple[TableRow, ...]:
    """Compute the table of a season.

    Parameters
    ----------
    season
        Tracks and teams.
    standings
        By challenge; challenges without one yet are worth nothing to anybody.
    team_of
        The team behind each submission digest. Reference solutions and strangers take no place.
    track
        Only this track; all when absent.
    joint_only
        Only teams from at least two countries (places are filled by all teams even so).

    Returns
    -------
    tuple of TableRow
        Best first; every team is listed, also one without points.

    Raises
    ------
    SeasonError
        When the track does not exist, a standing is of a challenge of no track, or a submission's team is not in the
        season.
    """
    tracks = [each for each in season.tracks if track is None or each.id == track]
    if not tracks and track is not None:
        known = ", ".join(each.id for each in season.tracks) or "none"
        raise SeasonError(f"season {season.id} has no track {track!r}; it has: {known}")
    _check(season, standings, team_of)
    results: dict[str, list[Result]] = {team.id: [] for team in season.teams}
    for each in tracks:
        for challenge, weight in each.challenges.items():
            if challenge in standings:
                for team, result in _results(season, each.id, weight, standings[challenge], team_of):
                    results[team].append(result)
    teams = [team for team in season.teams if team.joint or not joint_only]
    rows = [_row(team, results[team.id], tracks) for team in teams]
    rows.sort(key=lambda row: (-row.points, row.team.id))
    return tuple(row._replace(place=1 + sum(other.points > row.points for other in rows)) for row in rows)


def _check(season: Season, standings: Mapping[str, Standing], team_of: Mapping[str, str]) -> None:
    known = {name for track in season.tracks for name in track.challenges}
    strange = sorted(set(standings) - known)
    if strange:
        raise SeasonError(f"standings of challenges that no track counts: {', '.join(strange)}")
    teams = {team.id for team in season.teams}
    strangers = sorted(set(team_of.values()) - teams)
    if strangers:
        raise SeasonError(f"submissions of teams that are not in season {season.id}: {', '.join(strangers)}")


def _results(
    season: Season, track: str, weight: int, standing: Standing, team_of: Mapping[str, str]
) -> list[tuple[str, Result]]:
    """Give points on one challenge; of several submissions of a team the best alone counts and takes a place."""
    best: dict[str, Row] = {}
    for row in standing.rows:
        if row.submission_digest in team_of:
            best.setdefault(team_of[row.submission_digest], row)
    results = []
    for team, row in best.items():
        ahead = sum(other.rank < row.rank for other in best.values())
        level = sum(other.rank == row.rank for other in best.values())
        surely_ahead = sum(other.rank_high < row.rank_low for other in best.values())
        surely_behind = sum(other.rank_low > row.rank_high for other in best.values())
        lowest = len(best) - surely_behind
        shared = sum(
            (_worth(season.points, place) for place in range(ahead + 1, ahead + level + 1)), Fraction(0)
        )
        results.append(
            (
                team,
                Result(
                    standing.challenge,
                    track,
                    surely_ahead + 1,
                    lowest,
                    weight * shared / level,
                    weight * _worth(season.points, lowest),
                    weight * _worth(season.points, surely_ahead + 1),
                ),
            )
        )
    return results


def _worth(points: Sequence[int], place: int) -> Fraction:
    return Fraction(points[place - 1]) if place <= len(points) else Fraction(0)


def _row(team: Team, results: Sequence[Result], tracks: Sequence[Track]) -> TableRow:
    by_track = {
        track.id: sum((each.points for each in results if each.track == track.id), Fraction(0))
        for track in tracks
    }
    return TableRow(
        0,
        team,
        sum((each.points for each in results), Fraction(0)),
        sum((each.least for each in results), Fraction(0)),
        sum((each.most for each in results), Fraction(0)),
        by_track,
        tuple(results),
    )
