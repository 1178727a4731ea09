# expected: challenge judge_result
# says: returns_dictionary; number/0; dict
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        return self.measured(case, solution)
