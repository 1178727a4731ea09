"""Preference lists of two sides, in compressed rows: the form in which fifty thousand teams fit a cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Indices = NDArray[np.int32]


class PreferenceError(ValueError):
    """A preference list names someone twice, or someone who does not exist, or a capacity is negative.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> try:
    ...     cooperation.preferences_from_lists({"Ani": ["rice"]}, {"signals": ["Ani"]}, {"signals": 1})
    ... except cooperation.PreferenceError as error:
    ...     print(error)
    ...
    team 'Ani' names the challenge 'rice', which is not in the lists
    """


class Preferences(msgspec.Struct, frozen=True):
    """Two-sided preferences, best first.

    Attributes
    ----------
    teams, challenges
        Names, by index.
    team_starts, team_lists
        Row `i` of the teams' preferences is ``team_lists[team_starts[i]:team_starts[i + 1]]``, indices of challenges;
        shapes (teams + 1,) and (pairs named by teams,).
    challenge_starts, challenge_lists
        The same for the challenges.
    capacities
        How many teams each challenge takes; shape (challenges,).

    Notes
    -----
    A pair counts as acceptable only when both name each other; whom nobody names back is not assigned.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> wishes = cooperation.preferences_from_lists(
    ...     {"Ani": ["rice"], "Bo": ["rice", "signals"]},
    ...     {"rice": ["Bo", "Ani"], "signals": ["Bo"]},
    ...     {"rice": 1, "signals": 1},
    ... )
    >>> wishes
    <Preferences: teams 2, challenges 2, places 2>
    """

    teams: Sequence[str]
    challenges: Sequence[str]
    team_starts: Ints
    team_lists: Indices
    challenge_starts: Ints
    challenge_lists: Indices
    capacities: Indices

    def __repr__(self) -> str:
        return f"<Preferences: teams {len(self.teams)}, challenges {len(self.challenges)}, places {int(self.capacities.sum())}>"


def preferences_from_lists(
    teams: Mapping[str, Sequence[str]], challenges: Mapping[str, Sequence[str]], capacities: Mapping[str, int]
) -> Preferences:
    """Build preferences from named lists, best first.

    Parameters
    ----------
    teams
        For each team, the challenges it would work on.
    challenges
        For each challenge, the teams it would take.
    capacities
        For each challenge, how many teams it takes.

    Raises
    ------
    PreferenceError
        Names the list and what is wrong with it.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> cooperation.preferences_from_lists({"Ani": ["rice"]}, {"rice": ["Ani"]}, {"rice": 1})
    <Preferences: teams 1, challenges 1, places 1>
    """
    team_number = {name: number for number, name in enumerate(teams)}
    challenge_number = {name: number for number, name in enumerate(challenges)}
    lacking = set(challenges) - set(capacities)
    if lacking:
        raise PreferenceError(f"no capacity is given for: {', '.join(sorted(lacking))}")
    if any(capacities[name] < 0 for name in challenges):
        raise PreferenceError("a capacity is negative; a challenge that takes nobody has capacity 0")
    team_starts, team_lists = _rows(teams, challenge_number, "team", "challenge")
    challenge_starts, challenge_lists = _rows(challenges, team_number, "challenge", "team")
    return Preferences(
        tuple(teams),
        tuple(challenges),
        team_starts,
        team_lists,
        challenge_starts,
        challenge_lists,
        np.array([capacities[name] for name in challenges], dtype=np.int32),
    )


def _rows(
    lists: Mapping[str, Sequence[str]], numbers: Mapping[str, int], side: str, other: str
) -> tuple[Ints, Indices]:
    starts, rows = [0], []
    for name, wanted in lists.items():
        if len(set(wanted)) != len(wanted):
            raise PreferenceError(f"{side} {name!r} names a {other} twice")
        for each in wanted:
            if each not in numbers:
                raise PreferenceError(
                    f"{side} {name!r} names the {other} {each!r}, which is not in the lists"
                )
            rows.append(numbers[each])
        starts.append(len(rows))
    return np.array(starts, dtype=np.int64), np.array(rows, dtype=np.int32)


def preferences_from_scores(
    scores_of_teams: NDArray[np.floating],
    scores_of_challenges: NDArray[np.floating],
    capacities: Sequence[int],
) -> Preferences:
    """Build preferences from two score matrices of shape (teams, challenges), higher is better, NaN is unacceptable.

    Ties are broken by index, the lower first, so that the same scores always give the same lists.

    Raises
    ------
    PreferenceError
        When the shapes differ.

    Examples
    --------
    >>> import numpy as np
    >>> from lumbung import cooperation
    >>> of_teams, of_challenges = np.array([[0.9, 0.2], [0.8, np.nan]]), np.array([[0.4, 0.7], [0.6, 0.1]])
    >>> wishes = cooperation.preferences_from_scores(of_teams, of_challenges, [1, 1])
    >>> cooperation.assign(wishes).challenge_of.tolist()  # -1 for none
    [1, 0]
    """
    if scores_of_teams.shape != scores_of_challenges.shape or scores_of_teams.shape[1] != len(capacities):
        raise PreferenceError(
            f"scores of teams {scores_of_teams.shape}, of challenges {scores_of_challenges.shape} and "
            f"{len(capacities)} capacities do not fit together"
        )
    teams = [str(number) for number in range(scores_of_teams.shape[0])]
    challenges = [str(number) for number in range(scores_of_teams.shape[1])]
    team_starts, team_lists = _sorted_rows(scores_of_teams)
    challenge_starts, challenge_lists = _sorted_rows(scores_of_challenges.T)
    return Preferences(
        teams,
        challenges,
        team_starts,
        team_lists,
        challenge_starts,
        challenge_lists,
        np.asarray(capacities, dtype=np.int32),
    )


def _sorted_rows(scores: NDArray[np.floating]) -> tuple[Ints, Indices]:
    rows = [
        np.argsort(-row, kind="stable")[: int(np.count_nonzero(~np.isnan(row)))].astype(np.int32)
        for row in scores
    ]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    lists = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int32)
    return starts, lists
