# expected: challenge broken_challenge
# says: judge_version
from failing.guessing import Guessing


class Judge(Guessing):
    """Installed in a later version than the challenge was posed for."""

    version = 2
