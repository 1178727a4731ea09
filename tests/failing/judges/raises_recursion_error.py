# expected: challenge judge_raised
# says: number/0; RecursionError
from failing.guessing import Guessing


class Judge(Guessing):
    def play(self, case, solution, options):
        return self.play(case, solution, options)
