# expected: challenge judge_raised
# says: no_such_class; Judge
from failing.guessing import Guessing


class Referee(Guessing):
    """The entry point names Judge."""
