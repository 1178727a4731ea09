# expected: challenge judge_raised
# says: number/0; Unspeakable
from failing.guessing import Guessing


class Unspeakable(Exception):
    """Its text raises too."""

    def __str__(self):
        raise ValueError("no words")

    __repr__ = __str__


class Judge(Guessing):
    def play(self, case, solution, options):
        raise Unspeakable
