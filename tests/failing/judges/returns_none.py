# expected: challenge judge_result
# says: returns_none; number/0; None
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        self.measured(case, solution)
