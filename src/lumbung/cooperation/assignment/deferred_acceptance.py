"""A stable assignment of teams to challenges: nobody and no challenge would both rather have each other.

Gale, D. and Shapley, L. S. (1962), College admissions and the stability of marriage, Am. Math. Monthly 69:9-15.
When teams propose, every team gets the best challenge it has in any stable assignment, and stating true preferences
is its best strategy (Roth 1982).
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lumbung.cooperation.assignment.preferences import Indices, Preferences

Side = Literal["teams", "challenges"]


class Assignment(msgspec.Struct, frozen=True):
    """Who works on what.

    Attributes
    ----------
    preferences
        What was asked for.
    challenge_of
        Index of the challenge of each team, -1 where it has none; shape (teams,).

    Examples
    --------
    >>> from lumbung import cooperation
    >>> wishes = cooperation.preferences_from_lists(
    ...     {"Ani": ["rice"], "Bo": ["rice", "signals"]},
    ...     {"rice": ["Bo", "Ani"], "signals": ["Bo"]},
    ...     {"rice": 1, "signals": 1},
    ... )
    >>> assignment = cooperation.assign(wishes)
    >>> assignment
    <Assignment: 1 of 2 teams have a challenge>
    >>> assignment.named()
    {'Ani': None, 'Bo': 'rice'}
    """

    preferences: Preferences
    challenge_of: Indices

    def __repr__(self) -> str:
        placed = int((self.challenge_of >= 0).sum())
        return f"<Assignment: {placed} of {self.challenge_of.size} teams have a challenge>"

    def named(self) -> dict[str, str | None]:
        """Return the challenge of each team by name."""
        teams, challenges = self.preferences.teams, self.preferences.challenges
        return {
            teams[team]: challenges[challenge] if challenge >= 0 else None
            for team, challenge in enumerate(self.challenge_of.tolist())
        }

    def members(self) -> dict[str, list[str]]:
        """Return the teams of each challenge by name, in the order in which the challenge prefers them."""
        given = self.preferences
        members: dict[str, list[str]] = {}
        for number, name in enumerate(given.challenges):
            start, stop = given.challenge_starts[number], given.challenge_starts[number + 1]
            wanted = given.challenge_lists[start:stop].tolist()
            members[name] = [given.teams[team] for team in wanted if self.challenge_of[team] == number]
        return members


def assign(preferences: Preferences, optimal_for: Side = "teams") -> Assignment:
    """Return the stable assignment that is best for one side.

    Parameters
    ----------
    preferences
        Lists and capacities of both sides.
    optimal_for
        Which side proposes and so gets its best stable outcome.

    Returns
    -------
    Assignment
        The same for the same preferences, whatever the machine.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> wishes = cooperation.preferences_from_lists(
    ...     {"Ani": ["rice", "signals"], "Bo": ["rice"]},
    ...     {"rice": ["Bo", "Ani"], "signals": ["Ani"]},
    ...     {"rice": 1, "signals": 1},
    ... )
    >>> cooperation.assign(wishes).named()
    {'Ani': 'signals', 'Bo': 'rice'}
    """
    from lumbung.cooperation.assignment.kernels import challenges_propose, teams_propose

    propose: Any = teams_propose if optimal_for == "teams" else challenges_propose
    challenge_of = propose(
        preferences.team_starts,
        preferences.team_lists,
        preferences.challenge_starts,
        preferences.challenge_lists,
        preferences.capacities,
    )
    return Assignment(preferences, challenge_of)
