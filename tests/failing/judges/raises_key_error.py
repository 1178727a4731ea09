# expected: challenge judge_raised
# says: number/0; KeyError
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        raise KeyError("queue")
