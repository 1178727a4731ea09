"""Our assignments beside PyPI's `matching` (hospital-resident and student allocation games), pair for pair."""

import random
import warnings

import pytest
from matching import games

from lumbung.cooperation.assignment.deferred_acceptance import assign
from lumbung.cooperation.assignment.preferences import preferences_from_lists
from lumbung.cooperation.assignment.supervision import Supervision, allocate


def mutual(rng, teams, challenges):
    """Preferences in which everybody named names back, as `matching` demands."""
    names = [f"t{n}" for n in range(teams)]
    wanted = {
        team: rng.sample([f"c{n}" for n in range(challenges)], rng.randint(1, challenges)) for team in names
    }
    back = {f"c{n}": [team for team in names if f"c{n}" in wanted[team]] for n in range(challenges)}
    back = {challenge: rng.sample(liked, len(liked)) for challenge, liked in back.items() if liked}
    return wanted, back


@pytest.mark.parametrize("side", ["teams", "challenges"])
def test_the_same_pairs_as_the_hospital_resident_game(side):
    rng = random.Random(11)
    for _ in range(60):
        teams, challenges = mutual(rng, rng.randint(2, 20), rng.randint(1, 6))
        capacities = {challenge: rng.randint(1, 4) for challenge in challenges}
        game = games.HospitalResident.create_from_dictionaries(teams, challenges, capacities)
        theirs = game.solve(optimal="resident" if side == "teams" else "hospital")
        theirs = {hospital.name: {resident.name for resident in held} for hospital, held in theirs.items()}
        ours = assign(preferences_from_lists(teams, challenges, capacities), side).members()
        assert {challenge: set(members) for challenge, members in ours.items()} == theirs


def test_the_same_pairs_as_the_student_allocation_game():
    rng = random.Random(12)
    for _ in range(40):
        teams, back = mutual(rng, rng.randint(2, 12), rng.randint(1, 5))
        mentors = {challenge: f"m{rng.randrange(3)}" for challenge in back}
        liked = {
            mentor: [t for t in teams if any(mentors[c] == mentor for c in teams[t])]
            for mentor in sorted(set(mentors.values()))
        }
        liked = {mentor: rng.sample(each, len(each)) for mentor, each in liked.items()}
        challenge_rooms = {challenge: rng.randint(1, 3) for challenge in mentors}
        mentor_rooms = {}
        for mentor in liked:
            rooms = [challenge_rooms[c] for c in mentors if mentors[c] == mentor]
            mentor_rooms[mentor] = rng.randint(max(rooms), sum(rooms))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            game = games.StudentAllocation.create_from_dictionaries(
                teams, liked, mentors, challenge_rooms, mentor_rooms
            )
            theirs = game.solve(optimal="student")
        theirs = {student.name: project.name for project, held in theirs.items() for student in held}
        wishes = Supervision(
            {team: tuple(wanted) for team, wanted in teams.items()},
            {mentor: tuple(each) for mentor, each in liked.items()},
            mentors,
            challenge_rooms,
            mentor_rooms,
        )
        ours = {team: has for team, has in allocate(wishes).items() if has is not None}
        assert ours == theirs
