"""The season table follows from standings: shared ranks share points, and totals show their range."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumbung.cooperation.league import POINTS, Member, Season, SeasonError, Team, Track, season_table
from lumbung.proving.standing import Row, Standing
from lumbung.proving.text import Text

TITLE = Text("Season", "Musim", "赛季")
TEAMS = tuple(
    Team(name, name, (Member(f"{name}1", "ID"), Member(f"{name}2", "CN" if name != "d" else "ID")))
    for name in "abcd"
)
TRACKS = (Track("city", TITLE, {"signals": 1}), Track("farm", TITLE, {"rice": 2, "maize": 1}))
SEASON = Season("2026", TITLE, date(2026, 1, 1), date(2026, 12, 31), TRACKS, TEAMS)


def standing(challenge, *ranks):
    rows = tuple(
        Row(name, f"{challenge}:{name}", 0.0, None, None, rank, low, high, None, "", {}, 10)
        for name, rank, low, high in ranks
    )
    return Standing(challenge, "m", "lower", 0.95, True, rows, ())


def owners(*challenges):
    return {f"{challenge}:{name}": name for challenge in challenges for name in "abcd"}


def test_places_points_and_ranges():
    signals = standing("signals", ("ref", 1, 1, 1), ("a", 2, 2, 3), ("b", 2, 2, 3), ("c", 4, 4, 4))
    rows = {row.team.id: row for row in season_table(SEASON, {"signals": signals}, owners("signals"))}
    assert rows["a"].points == rows["b"].points == Fraction(25 + 18, 2)
    assert (rows["a"].least, rows["a"].most) == (18, 25)
    assert rows["c"].points == rows["c"].least == rows["c"].most == 15
    assert rows["d"].points == 0
    assert [rows[name].place for name in "abcd"] == [1, 1, 3, 4]
    assert rows["a"].by_track == {"city": Fraction(43, 2), "farm": 0}


def test_weights_and_tracks():
    rice = standing("rice", ("a", 1, 1, 1), ("b", 2, 2, 2))
    signals = standing("signals", ("b", 1, 1, 1), ("a", 2, 2, 2))
    tables = {"rice": rice, "signals": signals}
    rows = season_table(SEASON, tables, owners("rice", "signals"))
    assert [(row.team.id, row.points) for row in rows[:2]] == [("a", 2 * 25 + 18), ("b", 2 * 18 + 25)]
    city = season_table(SEASON, tables, owners("rice", "signals"), track="city")
    assert city[0].team.id == "b"
    joint = season_table(SEASON, tables, owners("rice", "signals"), joint_only=True)
    assert [row.team.id for row in joint] == ["a", "b", "c"]


def test_only_the_best_submission_of_a_team_takes_a_place():
    rows = (
        Row("x", "1", 0.0, None, None, 1, 1, 1, None, "", {}, 10),
        Row("y", "2", 0.0, None, None, 2, 2, 2, None, "", {}, 10),
        Row("z", "3", 0.0, None, None, 3, 3, 3, None, "", {}, 10),
    )
    table = season_table(
        SEASON, {"rice": Standing("rice", "m", "lower", 0.95, True, rows, ())}, {"1": "a", "2": "a", "3": "b"}
    )
    assert [(row.team.id, row.points) for row in table[:2]] == [("a", 50), ("b", 36)]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_points_given_are_those_of_the_places_filled(ranks):
    """Whoever shares a rank shares points: none are made or lost."""
    counted = sorted(ranks)
    proper = [1 + sum(other < rank for other in counted) for rank in counted]
    found = season_table(
        SEASON,
        {
            "signals": standing(
                "signals", *((name, rank, rank, rank) for name, rank in zip("abcd", proper, strict=False))
            )
        },
        owners("signals"),
    )
    assert sum(row.points for row in found) == sum(POINTS[: len(ranks)])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"closes": date(2025, 1, 1)}, "before it opens"),
        ({"tracks": (TRACKS[0], Track("x", TITLE, {"signals": 1}))}, "two tracks: signals"),
        ({"points": (1, 2)}, "must fall"),
        ({"joint_only": True}, "one country: d"),
    ],
)
def test_seasons_that_do_not_fit_are_refused(change, problem):
    fields = {"id": "x", "title": TITLE, "opens": date(2026, 1, 1), "closes": date(2026, 2, 1), "tracks": TRACKS,
              "teams": TEAMS}  # fmt: skip
    with pytest.raises(SeasonError, match=problem):
        Season(**(fields | change))


def test_standings_must_belong_to_the_season():
    with pytest.raises(SeasonError, match="no track counts: bus"):
        season_table(SEASON, {"bus": standing("bus")}, {})
    with pytest.raises(SeasonError, match="not in season 2026: z"):
        season_table(SEASON, {}, {"1": "z"})
    with pytest.raises(SeasonError, match="it has: city, farm"):
        season_table(SEASON, {}, {}, track="sea")
