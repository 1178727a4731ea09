# expected: challenge judge_raised
# says: number/0; StopIteration
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        return next(iter(()))
