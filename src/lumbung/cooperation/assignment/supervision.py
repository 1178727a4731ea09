"""Teams, challenges and the mentors behind them: students, projects and lecturers.

A mentor offers several challenges, prefers some teams to others, and has time for so many in all; each challenge has
its own limit too. The algorithm is SPA-student of Abraham, D. J., Irving, R. W. and Manlove, D. F. (2007), Two
algorithms for the student-project allocation problem, J. Discrete Algorithms 5:73-90: it gives every team its best
challenge over all stable allocations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from lumbung.cooperation.assignment.preferences import PreferenceError


class Supervision(msgspec.Struct, frozen=True):
    """What everybody wants and can take.

    Attributes
    ----------
    teams
        For each team, challenges, best first.
    mentors
        For each mentor, teams, best first.
    mentor_of
        The mentor of each challenge.
    challenge_capacities, mentor_capacities
        How many teams each takes.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> wishes = cooperation.Supervision(
    ...     {"Ani": ("rice",), "Bo": ("rice",)}, {"Siti": ("Bo", "Ani")}, {"rice": "Siti"}, {"rice": 2}, {"Siti": 1}
    ... )
    >>> cooperation.allocate(wishes)
    {'Ani': None, 'Bo': 'rice'}
    """

    teams: dict[str, tuple[str, ...]]
    mentors: dict[str, tuple[str, ...]]
    mentor_of: dict[str, str]
    challenge_capacities: dict[str, int]
    mentor_capacities: dict[str, int]

    def __post_init__(self) -> None:
        for team, wanted in self.teams.items():
            for challenge in wanted:
                if challenge not in self.mentor_of:
                    raise PreferenceError(
                        f"team {team!r} names the challenge {challenge!r}, which has no mentor"
                    )
        for challenge, mentor in self.mentor_of.items():
            if mentor not in self.mentors or mentor not in self.mentor_capacities:
                raise PreferenceError(
                    f"challenge {challenge!r} has the mentor {mentor!r}, who states no wishes"
                )
            if challenge not in self.challenge_capacities:
                raise PreferenceError(f"no capacity is given for the challenge {challenge!r}")


def allocate(wishes: Supervision) -> dict[str, str | None]:
    """Return the team-optimal stable allocation: the challenge of each team, None where it gets none.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> mentors = {"Siti": ("Bo", "Ani"), "Wei": ("Ani",)}
    >>> wishes = cooperation.Supervision(
    ...     {"Ani": ("rice", "signals"), "Bo": ("rice",)},
    ...     mentors,
    ...     {"rice": "Siti", "signals": "Wei"},
    ...     {"rice": 2, "signals": 1},
    ...     {"Siti": 1, "Wei": 1},
    ... )
    >>> cooperation.allocate(wishes)
    {'Ani': 'signals', 'Bo': 'rice'}
    """
    likes = {
        mentor: {team: place for place, team in enumerate(teams)} for mentor, teams in wishes.mentors.items()
    }
    challenge_of: dict[str, str | None] = dict.fromkeys(wishes.teams)
    holds: dict[str, list[str]] = {challenge: [] for challenge in wishes.mentor_of}
    follows = dict.fromkeys(wishes.teams, 0)
    free = list(reversed(wishes.teams))
    while free:
        team = free.pop()
        if follows[team] >= len(wishes.teams[team]):
            continue
        challenge = wishes.teams[team][follows[team]]
        follows[team] += 1
        mentor = wishes.mentor_of[challenge]
        if team not in likes[mentor]:
            free.append(team)
            continue
        challenge_of[team] = challenge
        holds[challenge].append(team)
        out = _overflow(wishes, likes[mentor], holds, challenge, mentor)
        if out is not None:
            left = challenge_of[out]
            assert left is not None
            holds[left].remove(out)
            challenge_of[out] = None
            free.append(out)
    return challenge_of


def _overflow(
    wishes: Supervision,
    liking: Mapping[str, int],
    holds: Mapping[str, list[str]],
    challenge: str,
    mentor: str,
) -> str | None:
    """Return whom the challenge, or else its mentor, must let go: the least liked of those held."""
    if len(holds[challenge]) > wishes.challenge_capacities[challenge]:
        return max(holds[challenge], key=lambda team: liking[team])
    theirs = [team for each, of in wishes.mentor_of.items() if of == mentor for team in holds[each]]
    if len(theirs) > wishes.mentor_capacities[mentor]:
        return max(theirs, key=lambda team: liking[team])
    return None


def blocking_teams(wishes: Supervision, challenge_of: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Return every blocking pair by the definition of Abraham, Irving and Manlove (2007, section 2).

    A team and a challenge it prefers block when the mentor likes the team and (a) both challenge and mentor have
    room, or (b) the challenge has room, and the mentor, full, holds the team elsewhere or likes it better than some
    team held, or (c) the challenge is full and the mentor likes the team better than some team in that challenge.
    """
    blocking = []
    for team, wanted in wishes.teams.items():
        for challenge in wanted:
            if challenge == challenge_of[team]:
                break
            if _would_take(wishes, challenge_of, team, challenge):
                blocking.append((team, challenge))
    return blocking


def _would_take(
    wishes: Supervision, challenge_of: Mapping[str, str | None], team: str, challenge: str
) -> bool:
    mentor = wishes.mentor_of[challenge]
    order: Sequence[str] = wishes.mentors[mentor]
    if team not in order:
        return False
    in_challenge = [each for each, has in challenge_of.items() if has == challenge]
    with_mentor = [
        each for each, has in challenge_of.items() if has is not None and wishes.mentor_of[has] == mentor
    ]
    if len(in_challenge) >= wishes.challenge_capacities[challenge]:
        return any(order.index(each) > order.index(team) for each in in_challenge)
    if len(with_mentor) < wishes.mentor_capacities[mentor]:
        return True
    return team in with_mentor or any(order.index(each) > order.index(team) for each in with_mentor)
