"""Checking stability from the definition, without knowing how an assignment was made.

A pair *blocks* when the team would rather have the challenge than what it has, and the challenge has room or holds a
team it likes less. This module shares no code with the kernels: it is what an auditor would write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class InvalidAssignment(ValueError):
    """An assignment that is not one: over capacity, or with a pair that one side never named."""


def blocking_pairs(
    teams: Mapping[str, Sequence[str]],
    challenges: Mapping[str, Sequence[str]],
    capacities: Mapping[str, int],
    challenge_of: Mapping[str, str | None],
) -> list[tuple[str, str]]:
    """Return every pair (team, challenge) that blocks; an empty list means stable.

    Parameters
    ----------
    teams, challenges
        Preference lists, best first.
    capacities
        How many teams each challenge takes.
    challenge_of
        The assignment to check.

    Raises
    ------
    InvalidAssignment
        When it exceeds a capacity or joins two of whom one did not name the other.
    """
    holds: dict[str, list[str]] = {challenge: [] for challenge in challenges}
    for team, challenge in challenge_of.items():
        if challenge is None:
            continue
        if challenge not in teams[team] or team not in challenges[challenge]:
            raise InvalidAssignment(f"{team} was given {challenge}, and one of them did not name the other")
        holds[challenge].append(team)
    for challenge, held in holds.items():
        if len(held) > capacities[challenge]:
            raise InvalidAssignment(f"{challenge} holds {len(held)} teams and takes {capacities[challenge]}")
    liking = {
        challenge: {team: place for place, team in enumerate(wanted)}
        for challenge, wanted in challenges.items()
    }
    blocking = []
    for team, wanted in teams.items():
        for challenge in wanted:
            if challenge == challenge_of[team]:
                break
            if team not in liking[challenge]:
                continue
            mine = liking[challenge][team]
            room = len(holds[challenge]) < capacities[challenge]
            if room or any(liking[challenge][other] > mine for other in holds[challenge]):
                blocking.append((team, challenge))
    return blocking
