# expected: platform judge_missing
# says: judge_version
from failing.guessing import Guessing


class Judge(Guessing):
    """Installed in a later version than the challenge was posed for."""

    version = 2
